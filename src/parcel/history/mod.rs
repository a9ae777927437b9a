//! A parcel's history: its versions with what each changed, and where it came from and went to. What the scope may not read
//! of a version is not compared either, and named.

use chrono::DateTime;
use chrono::NaiveDate;
use chrono::Utc;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use crate::access::Role;
use crate::access::Scope;
use crate::app::App;
use crate::catalog::time::Times;
use crate::error::Error;
use crate::error::Result;
use crate::layer::Layer;
use crate::layer::Text;

use super::LAYER;
use super::Version;

mod queries;

use queries::Written;

/// Versions in one answer.
const MOST: usize = 200;

/// The answer of `/api/v1/parcels/{parcel_code}/history`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct History {
    pub parcel_code: String,
    /// Whether a parcel of that code is in force now.
    pub in_force: bool,
    /// Of every parcel that ever had the code, under whatever code; the latest recorded first.
    pub versions: Vec<Recorded>,
    /// There are older versions than these.
    pub more: bool,
    pub parents: Vec<Relative>,
    pub children: Vec<Relative>,
    /// Members that this session may not read.
    pub withheld: Vec<String>,
}

/// A version as it was recorded.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Recorded {
    pub parcel_id: i64,
    pub parcel_code: String,
    #[serde(flatten)]
    pub version: Version,
    /// An account's name, which is for those who have one.
    pub recorded_by: Option<String>,
    /// The import that wrote it; null for an edit.
    pub batch_id: Option<i64>,
    pub file: Option<String>,
    pub area_geom_m2: Decimal,
    /// Against the version written before it; null for the first one.
    pub changed: Option<Vec<Change>>,
    /// Area in which the outlines of the two differ, m²; null for the first one.
    pub outline_changed_m2: Option<Decimal>,
    /// Fields that this session may not read in this version or in the one before.
    pub withheld: Vec<String>,
}

/// One field of two versions.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Change {
    pub field: String,
    pub title: Text,
    pub before: Option<String>,
    pub after: Option<String>,
}

/// A parcel that another came from.
#[derive(Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct Relative {
    pub parcel_id: i64,
    /// Its latest code.
    pub parcel_code: String,
    #[schemars(with = "Descent")]
    pub kind: String,
    pub happened_on: Option<NaiveDate>,
    /// Whether it is in force now.
    pub in_force: bool,
    pub recorded_at: DateTime<Utc>,
    pub recorded_by: Option<String>,
}

/// How a parcel came from another.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is used")]
#[serde(rename_all = "snake_case")]
enum Descent {
    Split,
    Merge,
    Recode,
}

/// The history of a code, whether a parcel has it now or not.
pub async fn history(app: &App, scope: &Scope, parcel_code: &str) -> Result<History> {
    let layer = app.layer(scope, LAYER)?;
    let db = &mut app.db.read(scope).await?;
    let mut rows = queries::versions(db, scope, layer, parcel_code, MOST + 1).await?;
    if rows.is_empty() {
        return Err(Error::not_found("宗地 parcel", parcel_code));
    }
    let more = rows.len() > MOST;
    let in_force = rows.iter().any(|it| it.is_in_force() && it.parcel_code == parcel_code);
    let mut ids: Vec<i64> = rows.iter().map(|it| it.parcel_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut versions = Vec::with_capacity(rows.len());
    while !rows.is_empty() && versions.len() < MOST {
        let row = rows.remove(0);
        let before = rows.iter().find(|it| it.parcel_id == row.parcel_id);
        versions.push(recorded(layer, scope, row, before));
    }
    let mut withheld = Vec::new();
    let (parents, children) = if scope.may(Role::Viewer) {
        (queries::parents(db, layer, &ids).await?, queries::children(db, layer, &ids).await?)
    } else {
        withheld.extend(["recorded_by", "parents", "children"].map(ToOwned::to_owned));
        (Vec::new(), Vec::new())
    };
    let parcel_code = parcel_code.to_owned();
    Ok(History { parcel_code, in_force, versions, more, parents, children, withheld })
}

fn recorded(layer: &Layer, scope: &Scope, row: Written, before: Option<&Written>) -> Recorded {
    let mut withheld = Vec::new();
    let changed = before.map(|before| {
        let mut changed = Vec::new();
        for (nth, (name, field)) in layer.fields_for(scope).enumerate() {
            let limited = layer.is_limited(scope, layer.role_of(field));
            if limited && !(row.reached && before.reached) {
                withheld.push(name.to_owned());
                continue;
            }
            let value = |it: &Written| it.fields.get(nth).cloned().flatten();
            let (before, after) = (value(before), value(&row));
            if before != after {
                let (field, title) = (name.to_owned(), field.title.clone());
                changed.push(Change { field, title, before, after });
            }
        }
        changed
    });
    Recorded {
        parcel_id: row.parcel_id,
        parcel_code: row.parcel_code,
        version: Version {
            row_id: row.row_id,
            valid_from: row.valid_from,
            valid_to: row.valid_to,
            recorded_at: row.recorded_at,
            superseded_at: row.superseded_at,
        },
        recorded_by: row.recorded_by,
        batch_id: row.batch_id,
        file: row.file,
        area_geom_m2: row.area_geom_m2,
        outline_changed_m2: row.outline_changed_m2.filter(|_| before.is_some()),
        changed,
        withheld,
    }
}

/// What to say of a code that no parcel has: that there was one and what became of it, or that there never was.
pub async fn gone(
    app: &App,
    scope: &Scope,
    layer: &Layer,
    parcel_code: &str,
    times: &Times,
) -> Result<Error> {
    let db = &mut app.db.read(scope).await?;
    let rows = queries::versions(db, scope, layer, parcel_code, MOST).await?;
    let Some(last) = rows.iter().find(|it| it.parcel_code == parcel_code) else {
        return Ok(Error::not_found("宗地 parcel", parcel_code));
    };
    let history = format!("/api/v1/parcels/{}/history", super::encoded(parcel_code));
    if !times.is_now() {
        return Ok(Error::absent(
            format!(
                "所问时间没有宗地 `{parcel_code}`，见其历史 / there was no parcel `{parcel_code}` at that time: see its history"
            ),
            json!({"history": history}),
        ));
    }
    let mut successors = Vec::new();
    if scope.may(Role::Viewer) {
        successors = queries::children(db, layer, &[last.parcel_id]).await?;
        let recoded = rows.iter().find(|it| it.parcel_id == last.parcel_id && it.is_in_force());
        successors.extend(recoded.map(|it| Relative {
            parcel_id: it.parcel_id,
            parcel_code: it.parcel_code.clone(),
            kind: "recode".to_owned(),
            happened_on: it.valid_from,
            in_force: true,
            recorded_at: it.recorded_at,
            recorded_by: it.recorded_by.clone(),
        }));
    }
    let codes: Vec<&str> = successors.iter().map(|it| it.parcel_code.as_str()).collect();
    let mut why = format!("宗地 `{parcel_code}` 已不在册 / parcel `{parcel_code}` is no more");
    if let Some(day) = last.valid_to {
        why.push_str(&format!("，终止于 / since {day}"));
    }
    if !codes.is_empty() {
        why.push_str(&format!("，现为 / now: {}", codes.join(", ")));
    }
    let more = json!({
        "parcel_code": parcel_code,
        "valid_to": last.valid_to,
        "successors": successors,
        "history": history,
    });
    Ok(Error::gone(why, more))
}
