//! A list as it is given out: its cases, its sums and where they lie, all of one moment and under one scope. What is written
//! of it, and how, is for those who print and export.

use chrono::DateTime;
use chrono::Utc;
use serde_json::Value;

use crate::access::Scope;
use crate::app::App;
use crate::catalog::time::Times;
use crate::error::Error;
use crate::error::Result;
use crate::judgement::workflow::State;

use super::Case;
use super::List;
use super::Totals;
use super::freeze;
use super::lists;
use super::queries;
use super::queries::Selection;

/// Which cases of a list, and of which moment.
#[derive(Clone, Debug, Default)]
pub struct Which {
    pub state: Option<String>,
    pub responsible_unit: Option<String>,
    pub path: Option<String>,
    pub version: Option<i64>,
    pub as_of: Option<String>,
}

/// The parameters of an address that say which cases, with more of its own: without `flatten`, which reads no numbers there.
macro_rules! asked {
    ($(#[$about:meta])* $name:ident { $($member:ident: $kind:ty),* $(,)? }) => {
        $(#[$about])*
        #[derive(serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct $name {
            state: Option<String>,
            responsible_unit: Option<String>,
            path: Option<String>,
            version: Option<i64>,
            as_of: Option<String>,
            $($member: $kind),*
        }

        impl $name {
            fn which(&self) -> $crate::reuse::plan::Which {
                $crate::reuse::plan::Which {
                    state: self.state.clone(),
                    responsible_unit: self.responsible_unit.clone(),
                    path: self.path.clone(),
                    version: self.version,
                    as_of: self.as_of.clone(),
                }
            }
        }
    };
}
pub(crate) use asked;

impl Which {
    /// The cases of a list that are asked for, without their page.
    pub(super) async fn selection<'a>(
        &'a self,
        app: &App,
        scope: &Scope,
        list_id: i64,
    ) -> Result<Selection<'a>> {
        if self.version.is_some() && self.as_of.is_some() {
            let why = "不能与 version 同用 / not together with `version`";
            return Err(Error::parameter("as_of", why));
        }
        if self.state.as_deref().is_some_and(|it| State::parse(it).is_none()) {
            return Err(Error::parameter("state", State::ALL.map(State::name).join(", ")));
        }
        let moment = match self.version {
            Some(nth) => freeze::selection(&freeze::version(app, scope, list_id, nth).await?),
            None => Selection {
                list_id: Some(list_id),
                as_of: Times::parse(None, self.as_of.as_deref())?.as_of,
                ..Selection::default()
            },
        };
        Ok(Selection {
            state: self.state.as_deref(),
            unit: self.responsible_unit.as_deref(),
            path: self.path.as_deref(),
            ..moment
        })
    }
}

/// Where a case lies: the outline as it was listed, EPSG:4490, longitude before latitude.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Place {
    pub case_code: String,
    /// GeoJSON.
    pub geometry: Value,
    /// The same as well-known binary.
    pub wkb: Vec<u8>,
    /// A point on it.
    pub lon: f64,
    pub lat: f64,
    pub west: f64,
    pub south: f64,
    pub east: f64,
    pub north: f64,
}

impl Place {
    /// West, south, east, north in degrees.
    pub const fn bbox(&self) -> [f64; 4] {
        [self.west, self.south, self.east, self.north]
    }
}

/// A list with its cases but those that were removed, which are in no sum.
#[derive(Clone, Debug)]
pub struct Plan {
    pub list: List,
    pub cases: Vec<Case>,
    /// One for each case, in the same order.
    pub places: Vec<Place>,
    pub total: Totals,
    /// The frozen version that it is.
    pub version: Option<i64>,
    /// The moment that it is of; null: now.
    pub as_of: Option<DateTime<Utc>>,
    pub gathered_at: DateTime<Utc>,
}

/// The list as the scope may read it.
pub async fn gather(app: &App, scope: &Scope, list_id: i64, which: &Which) -> Result<Plan> {
    let list = lists::find(app, scope, list_id).await?;
    let selection = which.selection(app, scope, list_id).await?;
    let mut db = app.db.read(scope).await?;
    // All as of one moment: rows, their sums, their outlines.
    db.begin().await?;
    let total = queries::totals(&mut db, &selection).await?;
    let mut cases = queries::cases(&mut db, scope, &app.layers, &selection).await?;
    let places = queries::places(&mut db, &selection).await?;
    db.end().await?;
    cases.retain(|it| it.state != State::Removed.name());
    let (version, as_of) = (which.version, selection.as_of);
    Ok(Plan { list, cases, places, total, version, as_of, gathered_at: Utc::now() })
}

/// A case by itself, as a list of one.
pub async fn of_case(app: &App, scope: &Scope, case_code: &str) -> Result<Plan> {
    super::desk::officer(scope)?;
    let case = super::desk::read(app, scope, case_code).await?;
    let list = lists::find(app, scope, case.list_id).await?;
    let selection = Selection { case_code: Some(case_code), ..Selection::default() };
    let mut db = app.db.read(scope).await?;
    let total = queries::totals(&mut db, &selection).await?;
    let places = queries::places(&mut db, &selection).await?;
    Ok(Plan {
        list,
        cases: vec![case],
        places,
        total,
        version: None,
        as_of: None,
        gathered_at: Utc::now(),
    })
}
