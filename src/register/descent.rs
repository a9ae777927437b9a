//! Parcels that come from others: one is split, several are merged. The parents end on the day on which the children begin,
//! and the register notes who came from whom.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde_json::Value;
use serde_json::json;

use crate::access::Scope;
use crate::app::App;
use crate::audit::Action;
use crate::audit::Event;
use crate::db::Writer;
use crate::error::Error;
use crate::error::Result;
use crate::ingest::Outline;
use crate::layer::Text;

use super::Areas;
use super::Descended;
use super::Merge;
use super::PARCELS_MAX;
use super::Split;
use super::Written;
use super::desk;
use super::desk::Desk;
use super::edit::repair;
use super::edit::repaired;
use super::fields;
use super::fields::Settings;
use super::queries;
use super::queries::COLUMNS;
use super::queries::Draft;
use super::queries::Identity;
use super::queries::Stored;
use super::shape;

/// What is of a whole and not of its parts: a child has it only where it is said.
const OF_THE_WHOLE: [&str; 4] =
    ["area_registered_m2", "area_registered_mu", "gfa_m2", "far_reported"];

fn wrong(at: &str, why: impl Into<String>) -> Error {
    Error::BadInput { at: format!("成员 / member `{at}`"), why: why.into() }
}

/// m² by which areas may differ: 1 m², or a thousandth.
fn tolerance(area_m2: Decimal) -> Decimal {
    (area_m2 * Decimal::new(1, 3)).max(Decimal::ONE)
}

/// Ends a parent on that day, and answers what it is then.
async fn end(
    db: &mut Writer,
    stored: &Stored,
    day: NaiveDate,
    at: chrono::DateTime<chrono::Utc>,
    recorded_by: &str,
) -> Result<Stored> {
    if !queries::supersede(db, stored.row_id, at).await? {
        return Err(Error::Busy("somebody else is writing there"));
    }
    let draft = Draft {
        base: Some(stored.row_id),
        identity: Identity::Same,
        set: &[],
        outline: None,
        valid_from: stored.valid_from,
        valid_to: Some(day),
        at,
        recorded_by,
    };
    let row_id = queries::insert(db, draft).await?;
    Ok(queries::get(db, row_id).await?)
}

/// Clears what is of the whole, unless it is set.
fn clear_whole(settings: &mut Settings) {
    for column in OF_THE_WHOLE {
        if !settings.sets(column) {
            settings.set(column, "numeric", crate::cql::Value::Null);
        }
    }
}

/// Splits a parcel into parts that together are what it was.
pub async fn split(
    app: &App,
    scope: &Scope,
    parcel_code: &str,
    seen: i64,
    sent: &Value,
    asked: &Split,
) -> Result<Descended> {
    let desk = Desk::open(app, scope)?;
    desk::note(asked.note.as_deref())?;
    if !(2..=PARCELS_MAX).contains(&asked.parts.len()) {
        return Err(wrong(
            "parts",
            format!("应为 2 至 {PARCELS_MAX} 个 / 2 to {PARCELS_MAX} parts"),
        ));
    }
    let mut outlines = Vec::with_capacity(asked.parts.len());
    for (nth, part) in asked.parts.iter().enumerate() {
        let at = format!("parts[{nth}].geometry");
        outlines.push(shape::outline(&part.geometry, &at, repair(asked.repair)).await?);
    }
    let mut tx = app.db.write.begin().await?;
    let at = queries::lock(&mut tx).await?;
    let (stored, own) = desk.find(&mut tx, parcel_code).await?;
    desk.check(&stored, &own, seen, sent)?;
    let day = desk::day(asked.on, "on", stored.valid_from)?;
    let mut all = Vec::with_capacity(asked.parts.len());
    let mut codes = BTreeSet::new();
    for (nth, part) in asked.parts.iter().enumerate() {
        let member = format!("parts[{nth}].properties");
        let mut settings = fields::parse(desk.layer, &own, &part.properties, &member)?;
        if settings.moves() {
            desk.within(settings.unit())?;
        }
        let code = settings.code().map(ToOwned::to_owned);
        let code =
            code.ok_or_else(|| wrong(&format!("{member}.parcel_code"), "必填 / required"))?;
        if !codes.insert(code.clone()) {
            let why = "与另一部分同码 / another part has this code";
            return Err(wrong(&format!("{member}.parcel_code"), why));
        }
        // A part may go on under the code of the whole.
        desk.check_code(&mut tx, &code, &[stored.parcel_id]).await?;
        clear_whole(&mut settings);
        all.push(settings);
    }
    let cover = check_cover(&mut tx, &stored, &outlines).await?;
    let ended = end(&mut tx, &stored, day, at, scope.recorded_by()).await?;
    let mut children = Vec::with_capacity(all.len());
    for (settings, outline) in all.into_iter().zip(&outlines) {
        let draft = Draft {
            base: Some(stored.row_id),
            identity: Identity::New,
            set: &settings.all,
            outline: Some(outline),
            valid_from: Some(day),
            valid_to: None,
            at,
            recorded_by: scope.recorded_by(),
        };
        let row_id = queries::insert(&mut tx, draft).await?;
        let child = queries::get(&mut tx, row_id).await?;
        let mut written = Written::of(&child, Some(&stored));
        written.notes = settings.notes;
        written.notes.extend(outline.repair.iter().map(repaired));
        children.push(written);
    }
    let ids: Vec<i64> = children.iter().map(|it| it.parcel_id).collect();
    let by = scope.recorded_by();
    queries::insert_lineage(&mut tx, &[stored.parcel_id], &ids, "split", day, at, by).await?;
    let references = queries::references(&mut tx, &[parcel_code]).await?;
    let areas = Areas {
        parents_m2: stored.area_geom_m2,
        children_m2: children.iter().map(|it| it.area_geom_m2).sum(),
        missing_m2: Some(cover.missing_m2),
        outside_m2: Some(cover.outside_m2),
        overlap_m2: cover.overlap_m2,
    };
    let parents = vec![Written::of(&ended, Some(&stored))];
    let event = Event::of(Action::ParcelSplit, parcel_code)
        .changing(Some(json!([parcel_code])), Some(json!(codes)))
        .with(json!({"on": day, "note": asked.note, "areas": areas}));
    let everything: Vec<i64> = ids.iter().copied().chain([stored.parcel_id]).collect();
    desk.record(&mut tx, &everything, &[stored.parcel_id], event).await?;
    tx.commit().await?;
    let notes = vec![Text::new(
        "证载面积、建筑面积与容积率不随图形分割：各部分未给出的为空",
        "registered area, floor area and floor-area ratio are not split with the outline: a part has them only where they were given",
    )];
    Ok(Descended { parents, children, areas, references, notes })
}

/// Refuses parts that are not the whole: that leave some of it out, reach outside, or lie on each other.
async fn check_cover(
    db: &mut Writer,
    stored: &Stored,
    outlines: &[Outline],
) -> Result<queries::Cover> {
    let parts: Vec<String> = outlines.iter().map(|it| it.ewkb.clone()).collect();
    let cover = queries::cover(db, stored.row_id, &parts).await?;
    let most = tolerance(stored.area_geom_m2);
    let faults: Vec<String> = [
        (cover.missing_m2, "未覆盖 / left out"),
        (cover.outside_m2, "超出 / outside"),
        (cover.overlap_m2, "相互重叠 / in more than one part"),
    ]
    .into_iter()
    .filter(|(area_m2, _)| *area_m2 > most)
    .map(|(area_m2, what)| format!("{what} {area_m2} m²"))
    .collect();
    if faults.is_empty() {
        return Ok(cover);
    }
    Err(Error::impossible(
        "split",
        format!(
            "各部分须恰好拼成原宗地（容差 {most} m²），未写入：{list} / the parts must make up the parcel within {most} m², nothing was written: {list}",
            list = faults.join(", ")
        ),
        json!({
            "areas": {
                "parent_m2": stored.area_geom_m2,
                "parts_m2": outlines.iter().map(|it| it.area_m2).collect::<Vec<_>>(),
                "missing_m2": cover.missing_m2,
                "outside_m2": cover.outside_m2,
                "overlap_m2": cover.overlap_m2,
                "tolerance_m2": most,
            },
        }),
    ))
}

/// Merges parcels into one that is their union.
pub async fn merge(app: &App, scope: &Scope, sent: &Value, asked: &Merge) -> Result<Descended> {
    let desk = Desk::open(app, scope)?;
    desk::note(asked.note.as_deref())?;
    let names: BTreeSet<&str> = asked.parents.iter().map(|it| it.parcel_code.as_str()).collect();
    if !(2..=PARCELS_MAX).contains(&asked.parents.len()) || names.len() < asked.parents.len() {
        let why =
            format!("应为 2 至 {PARCELS_MAX} 个不同的宗地 / 2 to {PARCELS_MAX} parcels, each once");
        return Err(wrong("parents", why));
    }
    let mut tx = app.db.write.begin().await?;
    let at = queries::lock(&mut tx).await?;
    let mut parents = Vec::with_capacity(asked.parents.len());
    for (nth, parent) in asked.parents.iter().enumerate() {
        let seen = crate::extract::version_of(&parent.etag).ok_or_else(|| {
            wrong(
                &format!("parents[{nth}].etag"),
                "应为读取时的 ETag / the `ETag` that it was read with",
            )
        })?;
        let (stored, own) = desk.find(&mut tx, &parent.parcel_code).await?;
        desk.check(&stored, &own, seen, sent)?;
        parents.push(stored);
    }
    let day = desk::day(asked.on, "on", parents.iter().filter_map(|it| it.valid_from).max())?;
    let ids: Vec<i64> = parents.iter().map(|it| it.parcel_id).collect();
    let rows: Vec<i64> = parents.iter().map(|it| it.row_id).collect();
    let (settings, mut notes) = child_of(&desk, &parents, asked)?;
    let code = settings.code().ok_or_else(|| wrong("properties.parcel_code", "必填 / required"))?;
    desk.check_code(&mut tx, code, &ids).await?;
    let union = queries::union(&mut tx, &rows).await?;
    if union.groups > 1 && !asked.allow_apart {
        return Err(Error::conflict(
            "apart",
            "宗地互不相邻（相距超过约 1 米），未写入；确需合并请加 `allow_apart: true` / the parcels do not touch (they are more than about a metre apart), nothing was written: to merge them all the same, add `allow_apart: true`",
            json!({"groups": union.groups}),
        ));
    }
    let made = tokio::task::spawn_blocking(move || Outline::of_wkb_blocking(&union.wkb)).await;
    let outline = made
        .map_err(anyhow::Error::from)?
        .map_err(|it| Error::impossible("geometry", it.why, json!({"rule": it.rule})))?;
    let parents_m2: Decimal = parents.iter().map(|it| it.area_geom_m2).sum();
    let mut ended = Vec::with_capacity(parents.len());
    for stored in &parents {
        let now = end(&mut tx, stored, day, at, scope.recorded_by()).await?;
        ended.push(Written::of(&now, Some(stored)));
    }
    let draft = Draft {
        base: parents.first().map(|it| it.row_id),
        identity: Identity::New,
        set: &settings.all,
        outline: Some(&outline),
        valid_from: Some(day),
        valid_to: None,
        at,
        recorded_by: scope.recorded_by(),
    };
    let row_id = queries::insert(&mut tx, draft).await?;
    let child = queries::get(&mut tx, row_id).await?;
    let by = scope.recorded_by();
    queries::insert_lineage(&mut tx, &ids, &[child.parcel_id], "merge", day, at, by).await?;
    let names: Vec<&str> = names.into_iter().collect();
    let references = queries::references(&mut tx, &names).await?;
    let areas = Areas {
        parents_m2,
        children_m2: child.area_geom_m2,
        missing_m2: None,
        outside_m2: None,
        overlap_m2: (parents_m2 - child.area_geom_m2).max(Decimal::ZERO),
    };
    if areas.overlap_m2 > tolerance(parents_m2) {
        notes.push(Text::new(
            format!("原宗地相互重叠约 {} 平方米，重叠处只计一次", areas.overlap_m2),
            format!(
                "the parcels lay on each other with about {} m², which counts once",
                areas.overlap_m2
            ),
        ));
    }
    let event = Event::of(Action::ParcelsMerged, code)
        .changing(Some(json!(names)), Some(json!([code])))
        .with(json!({"on": day, "note": asked.note, "areas": areas}));
    let everything: Vec<i64> = ids.iter().copied().chain([child.parcel_id]).collect();
    desk.record(&mut tx, &everything, &ids, event).await?;
    tx.commit().await?;
    let mut written = Written::of(&child, None);
    written.notes = settings.notes;
    Ok(Descended { parents: ended, children: vec![written], areas, references, notes })
}

/// What the child of a merge has: what was given; else what its parents agree in; of the registered area their sum, if
/// every one has one.
fn child_of(desk: &Desk<'_>, parents: &[Stored], asked: &Merge) -> Result<(Settings, Vec<Text>)> {
    let first = &parents[0];
    let agreed = |column: &str| parents.iter().all(|it| it.facts[column] == first.facts[column]);
    let unit = first.responsible_unit.as_deref().filter(|_| agreed("responsible_unit"));
    let own = desk.within(first.responsible_unit.as_deref())?;
    let mut settings = fields::parse(desk.layer, &own, &asked.properties, "properties")?;
    if !settings.moves() && !agreed("responsible_unit") {
        let why = "原宗地的责任单位不同，请指定 / the parcels are of different units: say which answers for the new one";
        return Err(wrong("properties.responsible_unit", why));
    }
    desk.within(if settings.moves() { settings.unit() } else { unit })?;
    let mut notes = Vec::new();
    if !settings.sets("area_registered_m2") {
        let known: Option<Decimal> = parents.iter().map(|it| it.area_registered_m2).sum();
        notes.push(match known {
            Some(sum) => Text::new(
                format!("证载面积取各宗地之和 {sum} 平方米"),
                format!("the registered area is the sum of the parcels', {sum} m²"),
            ),
            None => Text::new(
                "有宗地缺证载面积，合并后为空，不作推算",
                "a parcel has no registered area, so the new one has none: it is not guessed",
            ),
        });
        settings.set("area_registered_m2", "numeric", known.into());
        settings.set("area_registered_mu", "numeric", crate::cql::Value::Null);
    }
    clear_whole(&mut settings);
    let differing: Vec<&str> =
        COLUMNS.into_iter().filter(|it| !settings.sets(it) && !agreed(it)).collect();
    for column in &differing {
        let field = desk
            .layer
            .field
            .iter()
            .find(|(name, it)| it.column.as_deref().unwrap_or(name) == *column);
        let sql_type = field.map_or("text", |(_, it)| it.kind.postgres());
        settings.set(column, sql_type.split(' ').next().unwrap_or("text"), crate::cql::Value::Null);
    }
    if !differing.is_empty() {
        let list = differing.join(", ");
        notes.push(Text::new(
            format!("原宗地取值不同、未指定，留空：{list}"),
            format!(
                "the parcels do not agree in these, which were not given and are empty: {list}"
            ),
        ));
    }
    Ok((settings, notes))
}
