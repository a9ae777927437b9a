//! Pages of features that the map in memory tells in the record's own words: what everybody may read, in the order of ids, of a
//! layer that is held at the revision which the record is at. All else, and whatever memory is not sure of, is read from the
//! record.

use std::sync::atomic::Ordering;

use super::MATCHED_MAX;
use super::items;
use super::items::Page;
use super::items::Wanted;
use super::items::Way;
use super::kept::Question;
use super::writing::Writing;
use crate::access::Scope;
use crate::app::App;
use crate::crs::Crs;
use crate::error::Result;
use crate::export::Encoding;
use crate::export::Place;
use crate::export::geojson;
use crate::export::held;
use crate::extract::Parameters;
use crate::snapshot::Held;
use crate::snapshot::View;

/// Features of a page that is written where its request is read, in a millisecond or two; a wider one is written as its rows come.
const MOST: i64 = 1000;
/// Parameters of such a page.
const PLAIN: [&str; 5] = ["f", "limit", "bbox", "cursor", "properties"];
/// About what a feature takes.
const FEATURE: usize = 1200;

/// What is asked for, if it is one of those that memory may tell; `scope` is the public's.
pub fn page<'a>(app: &'a App, scope: &'a Scope, question: Question<'_>) -> Option<Page<'a>> {
    let layer = app.layer(scope, question.layer()?).ok()?;
    let given = Parameters::of(question.uri).ok()?.0;
    if !given.iter().all(|it| PLAIN.contains(&it.0.as_str())) {
        return None;
    }
    let asked = (Way::Items, given);
    let sealer = app.db.sealer();
    let page = Page::parse(sealer, question.site, scope, layer, asked, question.accept).ok()?;
    is_plain(&page).then_some(page)
}

/// The page as memory tells it at that revision; `None` where the record is to be asked.
pub fn written(app: &App, page: &Page<'_>, revision: i64) -> Result<Option<Vec<u8>>> {
    if !is_plain(page) {
        return Ok(None);
    }
    let held = app.snapshots.get(&page.selection.layer.id);
    let Some(held) = held.filter(|it| it.snapshot.revision == revision) else { return Ok(None) };
    write(app, page, &held)
}

/// Whether it asks for nothing but a box and a place to begin at.
fn is_plain(page: &Page<'_>) -> bool {
    let it = &page.selection;
    page.is_for_all()
        && page.wanted == Wanted::Results
        && page.writing == Writing::GeoJson
        && it.encoding == Encoding::GeoJson(Crs::Crs84)
        && it.bbox.is_none_or(|it| it.west <= it.east)
        && it.frame.is_none()
        && it.equals.is_empty()
        && it.filter.is_none()
        && it.order.is_empty()
        && it.offset == 0
        && page.limit <= MOST
}

fn write(app: &App, page: &Page<'_>, held: &Held) -> Result<Option<Vec<u8>>> {
    let it = &page.selection;
    let view = View::new(&held.snapshot, it.layer, it.scope);
    let bbox = it.bbox.map(|it| [it.west, it.south, it.east, it.north]);
    let after = it.after.as_ref().map(|it| it.id);
    let limit = usize::try_from(page.limit).unwrap_or_default();
    let Some(found) = view.page(bbox, after, limit) else { return Ok(None) };
    let mut out = Vec::with_capacity((found.rows.len() + 1) * FEATURE);
    out.extend_from_slice(geojson::HEAD);
    if !held::features(it.layer, &it.columns(), &found, &mut out) {
        return Ok(None);
    }
    let matched = i64::try_from(found.matched).ok().filter(|it| *it <= MATCHED_MAX);
    let last = found.rows.last().filter(|_| found.more);
    let last = last.map(|it| Place { id: it.id, keys: Vec::new() });
    let written = i64::try_from(found.rows.len()).unwrap_or_default();
    let tail = items::tail(app.db.sealer(), &page.address, written, matched, last.as_ref())?;
    out.extend_from_slice(&tail);
    app.pages_held.fetch_add(1, Ordering::Relaxed);
    Ok(Some(out))
}
