//! What every edit goes through: who may write, which version was meant, which day, and what the record gets in the end.

use chrono::NaiveDate;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::access::Role;
use crate::access::Scope;
use crate::app::App;
use crate::audit;
use crate::audit::Action;
use crate::audit::Event;
use crate::catalog;
use crate::catalog::time::Times;
use crate::catalog::time::today;
use crate::db::Writer;
use crate::error::Error;
use crate::error::Result;
use crate::ingest::Outline;
use crate::layer::Layer;
use crate::parcel::LAYER;
use crate::parcel::Version;
use crate::parcel::history;

use super::NOTE_MAX;
use super::Overlap;
use super::Written;
use super::queries;
use super::queries::Stored;

/// Who edits, in which layer.
#[derive(Clone, Copy)]
pub struct Desk<'a> {
    pub app: &'a App,
    pub scope: &'a Scope,
    pub layer: &'a Layer,
}

impl<'a> Desk<'a> {
    /// The desk of somebody who may edit parcels somewhere.
    pub fn open(app: &'a App, scope: &'a Scope) -> Result<Self> {
        if scope.account.is_none() {
            return Err(Error::SignIn("修改宗地需要账户 / editing parcels needs an account"));
        }
        let layer = app.layer(scope, LAYER)?;
        if !scope.may(Role::Officer) {
            return Err(NOT_YOURS);
        }
        Ok(Self { app, scope, layer })
    }

    /// The scope before a parcel of that unit, which must be one that the account answers for.
    pub fn within(&self, unit: Option<&str>) -> Result<Scope> {
        let own = self.scope.in_unit(unit);
        if own.may(Role::Officer) { Ok(own) } else { Err(NOT_YOURS) }
    }

    /// The version in force of a parcel, which the account may edit.
    pub async fn find(&self, db: &mut Writer, parcel_code: &str) -> Result<(Stored, Scope)> {
        let Some(stored) = queries::find(db, parcel_code).await? else {
            let times = Times::default();
            let gone = history::gone(self.app, self.scope, self.layer, parcel_code, &times);
            return Err(gone.await?);
        };
        let own = self.scope.in_unit(stored.responsible_unit.as_deref());
        if !self.layer.readable(&own) {
            return Err(Error::not_found("宗地 parcel", parcel_code));
        }
        self.within(stored.responsible_unit.as_deref())?;
        Ok((stored, own))
    }

    /// Refuses to write over a version that the caller has not seen: the problem has both.
    pub fn check(&self, stored: &Stored, own: &Scope, seen: i64, sent: &Value) -> Result<()> {
        if stored.row_id == seen {
            return Ok(());
        }
        let code = &stored.parcel_code;
        Err(Error::overtaken(
            format!(
                "宗地 `{code}` 在您读取之后已被修改，未写入；`theirs` 为现在的版本 / parcel `{code}` was changed after you read it, nothing was written: `theirs` is what it is now"
            ),
            json!({
                "parcel_code": code,
                "yours": sent,
                "theirs": {
                    "etag": format!("\"{}\"", stored.row_id),
                    "recorded_at": stored.recorded_at,
                    "recorded_by": stored.recorded_by,
                    "valid_from": stored.valid_from,
                    "properties": self.readable(own, &stored.facts),
                    "geometry": stored.geometry,
                },
            }),
        ))
    }

    /// The published fields of a row that the scope may read.
    fn readable(&self, own: &Scope, facts: &Value) -> Map<String, Value> {
        let fields = self.layer.fields_for(own);
        fields
            .map(|(name, it)| {
                (name.to_owned(), facts[it.column.as_deref().unwrap_or(name)].clone())
            })
            .collect()
    }

    /// Refuses a code that another parcel has.
    pub async fn check_code(&self, db: &mut Writer, code: &str, but: &[i64]) -> Result<()> {
        if queries::is_taken(db, code, but).await? {
            return Err(Error::conflict(
                "code-in-use",
                format!(
                    "代码 `{code}` 已被在册宗地使用 / another parcel in force has the code `{code}`"
                ),
                json!({"parcel_code": code}),
            ));
        }
        Ok(())
    }

    /// Refuses an outline that lies on neighbours.
    pub async fn check_neighbours(
        &self,
        db: &mut Writer,
        outline: &Outline,
        but: &[i64],
    ) -> Result<()> {
        let mut overlaps = queries::overlaps(db, outline, but).await?;
        if overlaps.is_empty() {
            return Ok(());
        }
        for it in &mut overlaps {
            if !self.layer.readable(&self.scope.in_unit(it.responsible_unit.as_deref())) {
                it.parcel_code = None;
            }
        }
        let shown = |it: &Overlap| {
            let code = it.parcel_code.as_deref().unwrap_or("—");
            format!("{code} ({} m²)", it.area_m2)
        };
        let list: Vec<String> = overlaps.iter().map(shown).collect();
        Err(Error::conflict(
            "overlap",
            format!(
                "与相邻宗地重叠，未写入：{list}；确属如此请加 `allow_overlap: true` / it lies on other parcels, nothing was written: {list}; if it does so, add `allow_overlap: true`",
                list = list.join(", ")
            ),
            json!({"overlaps": overlaps}),
        ))
    }

    /// Moves the layer's revision on and notes in the audit what was done, in the same transaction. `ids` are the parcels
    /// that changed, `were` those of them that were in force before.
    pub async fn record(
        &self,
        db: &mut Writer,
        ids: &[i64],
        were: &[i64],
        event: Event<'_>,
    ) -> Result<()> {
        catalog::queries::bump_edit(db, &self.app.layers, self.layer, ids, were).await?;
        audit::record(db, self.scope, event).await?;
        Ok(())
    }
}

const NOT_YOURS: Error = Error::NotAllowed(
    "修改宗地需要其责任单位的承办人，或数据管理员 / editing a parcel needs an officer of its responsible unit, or a steward",
);

/// The day of a change: not in the future, of which nobody knows, and later than the version that it ends.
pub fn day(given: Option<NaiveDate>, member: &str, after: Option<NaiveDate>) -> Result<NaiveDate> {
    let today = today();
    let day = given.unwrap_or(today);
    let wrong =
        |why: String| Err(Error::BadInput { at: format!("成员 / member `{member}`"), why });
    if day > today {
        return wrong(format!("不能晚于今天（{today}） / may not be later than today, {today}"));
    }
    match after {
        Some(after) if day <= after => wrong(format!(
            "应晚于现版本的起始日 {after}；要更正该版本请不给日期 / later than {after}, on which the version in force begins; to correct that version leave the day out"
        )),
        _ => Ok(day),
    }
}

/// A note for the audit.
pub fn note(given: Option<&str>) -> Result<()> {
    if given.is_some_and(|it| it.chars().count() > NOTE_MAX || it.contains('\0')) {
        return Err(Error::BadInput {
            at: "成员 / member `note`".to_owned(),
            why: format!("至多 {NOTE_MAX} 个字符 / at most {NOTE_MAX} characters"),
        });
    }
    Ok(())
}

/// An event of the audit with what was changed into what.
pub fn event<'a>(
    action: Action,
    code: &'a str,
    before: Option<&Stored>,
    after: Option<&Stored>,
    note: Option<&str>,
) -> Event<'a> {
    let changed = changed(before, after);
    let pick = |it: &Stored| -> Value {
        let facts = changed.iter().filter(|it| *it != "geometry");
        facts.map(|name| (name.clone(), it.facts[name].clone())).collect::<Map<_, _>>().into()
    };
    let shape = changed.iter().any(|it| it == "geometry");
    Event::of(action, code)
        .changing(before.map(pick), after.map(pick))
        .with(json!({"note": note, "geometry_changed": shape}))
}

/// The columns in which two versions differ, besides those that every version has of its own.
pub fn changed(before: Option<&Stored>, after: Option<&Stored>) -> Vec<String> {
    const OWN: [&str; 9] = [
        "parcel_id",
        "row_id",
        "recorded_at",
        "superseded_at",
        "recorded_by",
        "batch_id",
        "valid_from",
        "valid_to",
        "repaired",
    ];
    let (before_facts, after_facts) = (before.map(|it| &it.facts), after.map(|it| &it.facts));
    let names = after_facts.or(before_facts).and_then(Value::as_object);
    let value = |it: Option<&Value>, name: &str| it.map_or(Value::Null, |it| it[name].clone());
    let mut changed: Vec<String> = names
        .into_iter()
        .flat_map(Map::keys)
        .filter(|it| !OWN.contains(&it.as_str()))
        .filter(|it| value(before_facts, it) != value(after_facts, it))
        .cloned()
        .collect();
    if before.map(|it| &it.geometry) != after.map(|it| &it.geometry) {
        changed.push("geometry".to_owned());
    }
    changed
}

impl Written {
    /// What is answered of a version that was written in place of another.
    pub fn of(stored: &Stored, before: Option<&Stored>) -> Self {
        Self {
            parcel_code: stored.parcel_code.clone(),
            parcel_id: stored.parcel_id,
            version: Version {
                row_id: stored.row_id,
                valid_from: stored.valid_from,
                valid_to: stored.valid_to,
                recorded_at: stored.recorded_at,
                superseded_at: stored.superseded_at,
            },
            area_geom_m2: stored.area_geom_m2,
            changed: changed(before, Some(stored)),
            references: Vec::new(),
            notes: Vec::new(),
        }
    }
}
