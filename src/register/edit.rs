//! One parcel: created, changed, retired.

use crate::access::Scope;
use crate::app::App;
use crate::audit::Action;
use crate::error::Error;
use crate::error::Result;
use crate::layer::Text;
use serde_json::Value;

use super::Change;
use super::Create;
use super::Retire;
use super::Written;
use super::desk;
use super::desk::Desk;
use super::fields;
use super::queries;
use super::queries::Draft;
use super::queries::Identity;
use super::shape;
use super::shape::Repair;

/// Whether an outline may be repaired, as the member `repair` says it.
pub fn repair(accepted: bool) -> Repair {
    if accepted { Repair::Accept } else { Repair::Refuse }
}

/// A new parcel.
pub async fn create(app: &App, scope: &Scope, asked: &Create) -> Result<Written> {
    let desk = Desk::open(app, scope)?;
    desk::note(asked.note.as_deref())?;
    let outline = shape::outline(&asked.geometry, "geometry", repair(asked.repair)).await?;
    // What may be written depends on the unit, which is one of the fields.
    let unit =
        asked.properties.get(crate::layer::UNIT_FIELD).and_then(Value::as_str).map(str::trim);
    let own = desk.within(unit)?;
    let settings = fields::parse(desk.layer, &own, &asked.properties, "properties")?;
    desk.within(settings.unit())?;
    let Some(code) = settings.code() else {
        return Err(Error::BadInput {
            at: "成员 / member `properties.parcel_code`".to_owned(),
            why: "必填 / required".to_owned(),
        });
    };
    if let Some(from) = asked.valid_from {
        desk::day(Some(from), "valid_from", None)?;
    }
    let mut tx = app.db.write.begin().await?;
    let at = queries::lock(&mut tx).await?;
    desk.check_code(&mut tx, code, &[]).await?;
    if !asked.allow_overlap {
        desk.check_neighbours(&mut tx, &outline, &[]).await?;
    }
    let draft = Draft {
        base: None,
        identity: Identity::New,
        set: &settings.all,
        outline: Some(&outline),
        valid_from: asked.valid_from,
        valid_to: None,
        at,
        recorded_by: scope.recorded_by(),
    };
    let row_id = queries::insert(&mut tx, draft).await?;
    let stored = queries::get(&mut tx, row_id).await?;
    let event =
        desk::event(Action::ParcelCreated, code, None, Some(&stored), asked.note.as_deref());
    desk.record(&mut tx, &[stored.parcel_id], &[], event).await?;
    tx.commit().await?;
    let mut written = Written::of(&stored, None);
    written.notes = settings.notes;
    written.notes.extend(outline.repair.iter().map(repaired));
    Ok(written)
}

/// What was made of an outline that was not valid.
pub fn repaired(it: &crate::ingest::Repair) -> Text {
    Text::new(
        format!(
            "图形已修复（{}），面积 {:.2} → {:.2} 平方米，原图形留存",
            it.why, it.before_m2, it.after_m2
        ),
        format!(
            "the outline was repaired ({}), {:.2} → {:.2} m²; what was sent is kept",
            it.why, it.before_m2, it.after_m2
        ),
    )
}

/// Fields and outline of a parcel: the version in force is corrected, or from a day on followed by another.
///
/// `seen` is the version that the caller has read, `sent` what they sent, for the problem when somebody was faster.
pub async fn change(
    app: &App,
    scope: &Scope,
    parcel_code: &str,
    seen: i64,
    sent: &Value,
    asked: &Change,
) -> Result<Written> {
    let desk = Desk::open(app, scope)?;
    desk::note(asked.note.as_deref())?;
    if asked.properties.is_empty() && asked.geometry.is_none() {
        return Err(Error::BadInput {
            at: "请求正文 / body".to_owned(),
            why: "没有要修改的内容：给出 properties 或 geometry / nothing to change: give `properties` or `geometry`".to_owned(),
        });
    }
    let outline = match &asked.geometry {
        Some(it) => Some(shape::outline(it, "geometry", repair(asked.repair)).await?),
        None => None,
    };
    let mut tx = app.db.write.begin().await?;
    let at = queries::lock(&mut tx).await?;
    let (stored, own) = desk.find(&mut tx, parcel_code).await?;
    desk.check(&stored, &own, seen, sent)?;
    let settings = fields::parse(desk.layer, &own, &asked.properties, "properties")?;
    if settings.moves() {
        // Who gives land to another unit answers for both.
        desk.within(settings.unit())?;
    }
    let from = match asked.valid_from {
        Some(it) => Some(desk::day(Some(it), "valid_from", stored.valid_from)?),
        None => None,
    };
    let code = settings.code().unwrap_or(parcel_code);
    if code != parcel_code {
        desk.check_code(&mut tx, code, &[stored.parcel_id]).await?;
    }
    if let Some(outline) = outline.as_ref().filter(|_| !asked.allow_overlap) {
        desk.check_neighbours(&mut tx, outline, &[stored.parcel_id]).await?;
    }
    if !queries::supersede(&mut tx, stored.row_id, at).await? {
        desk.check(&stored, &own, 0, sent)?;
    }
    let draft = |valid_from, valid_to| Draft {
        base: Some(stored.row_id),
        identity: Identity::Same,
        set: &[],
        outline: None,
        valid_from,
        valid_to,
        at,
        recorded_by: scope.recorded_by(),
    };
    if from.is_some() {
        queries::insert(&mut tx, draft(stored.valid_from, from)).await?;
    }
    let new = Draft {
        set: &settings.all,
        outline: outline.as_ref(),
        ..draft(from.or(stored.valid_from), None)
    };
    let row_id = queries::insert(&mut tx, new).await?;
    let now = queries::get(&mut tx, row_id).await?;
    if desk::changed(Some(&stored), Some(&now)).is_empty() {
        // All of it was so already: no version, no event.
        tx.rollback().await?;
        return Ok(Written::of(&stored, Some(&stored)));
    }
    let mut written = Written::of(&now, Some(&stored));
    if code != parcel_code {
        written.references = queries::references(&mut tx, &[parcel_code]).await?;
    }
    let note = asked.note.as_deref();
    let event = desk::event(Action::ParcelChanged, parcel_code, Some(&stored), Some(&now), note);
    desk.record(&mut tx, &[stored.parcel_id], &[stored.parcel_id], event).await?;
    tx.commit().await?;
    written.notes = settings.notes;
    written.notes.extend(outline.iter().filter_map(|it| it.repair.as_ref()).map(repaired));
    Ok(written)
}

/// Ends a parcel: its version in force gets a last day, and its code is no more.
pub async fn retire(
    app: &App,
    scope: &Scope,
    parcel_code: &str,
    seen: i64,
    asked: &Retire,
) -> Result<Written> {
    let desk = Desk::open(app, scope)?;
    desk::note(asked.note.as_deref())?;
    let mut tx = app.db.write.begin().await?;
    let at = queries::lock(&mut tx).await?;
    let (stored, own) = desk.find(&mut tx, parcel_code).await?;
    let sent = serde_json::json!({"valid_to": asked.valid_to});
    desk.check(&stored, &own, seen, &sent)?;
    let day = desk::day(asked.valid_to, "valid_to", stored.valid_from)?;
    if !queries::supersede(&mut tx, stored.row_id, at).await? {
        desk.check(&stored, &own, 0, &sent)?;
    }
    let draft = Draft {
        base: Some(stored.row_id),
        identity: Identity::Same,
        set: &[],
        outline: None,
        valid_from: stored.valid_from,
        valid_to: Some(day),
        at,
        recorded_by: scope.recorded_by(),
    };
    let row_id = queries::insert(&mut tx, draft).await?;
    let ended = queries::get(&mut tx, row_id).await?;
    let mut written = Written::of(&ended, Some(&stored));
    written.references = queries::references(&mut tx, &[parcel_code]).await?;
    let mut event = desk::event(
        Action::ParcelRetired,
        parcel_code,
        Some(&stored),
        Some(&ended),
        asked.note.as_deref(),
    );
    event.detail["valid_to"] = serde_json::json!(day);
    desk.record(&mut tx, &[stored.parcel_id], &[stored.parcel_id], event).await?;
    tx.commit().await?;
    Ok(written)
}
