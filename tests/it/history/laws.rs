//! Laws that hold whatever is edited in whatever order.

use chrono::Days;
use chrono::NaiveDate;
use chrono::SecondsFormat;
use chrono::Utc;
use futures_util::TryStreamExt;
use mutu::access::Scope;
use mutu::export::Selection;
use mutu::export::queries;
use mutu::register;
use proptest::prelude::*;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::rectangle;
use crate::support::TestApp;

/// What is done to the parcel at a place among those in force, counted round.
#[derive(Clone, Debug)]
enum Edit {
    Create,
    Correct(usize),
    Change(usize),
    Split(usize),
    Merge(usize),
    Retire(usize),
}

fn any_edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        2 => Just(Edit::Create),
        2 => (0..9_usize).prop_map(Edit::Correct),
        2 => (0..9_usize).prop_map(Edit::Change),
        3 => (0..9_usize).prop_map(Edit::Split),
        3 => (0..9_usize).prop_map(Edit::Merge),
        1 => (0..9_usize).prop_map(Edit::Retire),
    ]
}

/// A parcel in force: its edges in 0.0001°, so that they meet exactly.
#[derive(Clone, Debug)]
struct Known {
    code: String,
    seen: i64,
    west: i64,
    east: i64,
}

fn degrees(it: i64) -> f64 {
    121.0 + it as f64 / 10_000.0
}

fn properties(code: &str) -> Map<String, Value> {
    json!({"parcel_code": code, "name": code}).as_object().unwrap().clone()
}

struct Office {
    it: TestApp,
    scope: Scope,
    known: Vec<Known>,
    day: NaiveDate,
    codes: u32,
    /// What was answered, with the question: it is answered so for ever.
    told: Vec<(String, String, Vec<String>)>,
}

impl Office {
    fn code(&mut self) -> String {
        self.codes += 1;
        format!("P{}", self.codes)
    }

    async fn total_m2(&self) -> f64 {
        self.it
            .value("select coalesce(sum(area_geom_m2), 0)::float8 from mutu.parcel_current")
            .await
    }

    async fn edit(&mut self, edit: &Edit) {
        self.day = self.day.checked_add_days(Days::new(1)).unwrap();
        let (day, app, scope) = (Some(self.day), self.it.app.clone(), self.scope.clone());
        let nth = |it: usize, len: usize| it % len.max(1);
        match *edit {
            Edit::Create => {
                let (code, west) = (self.code(), i64::from(self.codes) * 40);
                let east = west + 32;
                let asked = register::Create {
                    properties: properties(&code),
                    geometry: rectangle(degrees(west), degrees(east)),
                    valid_from: day,
                    repair: false,
                    allow_overlap: false,
                    note: None,
                };
                let done = register::create(&app, &scope, &asked).await.unwrap();
                self.known.push(Known { code, seen: done.version.row_id, west, east });
            }
            Edit::Correct(at) | Edit::Change(at) if !self.known.is_empty() => {
                let at = nth(at, self.known.len());
                let name = format!("name of {}", self.day);
                let asked = register::Change {
                    properties: json!({ "name": name }).as_object().unwrap().clone(),
                    valid_from: day.filter(|_| matches!(edit, Edit::Change(_))),
                    ..register::Change::default()
                };
                let Known { code, seen, .. } = self.known[at].clone();
                let done = register::change(&app, &scope, &code, seen, &Value::Null, &asked).await;
                self.known[at].seen = done.unwrap().version.row_id;
            }
            Edit::Split(at) if !self.known.is_empty() => {
                let at = nth(at, self.known.len());
                let whole = self.known[at].clone();
                let middle = i64::midpoint(whole.west, whole.east);
                if middle == whole.west {
                    return;
                }
                let edges = [(whole.west, middle), (middle, whole.east)];
                let codes = [self.code(), self.code()];
                let parts = codes.iter().zip(edges).map(|(code, (west, east))| register::Part {
                    properties: properties(code),
                    geometry: rectangle(degrees(west), degrees(east)),
                });
                let asked =
                    register::Split { on: day, parts: parts.collect(), repair: false, note: None };
                let before = self.total_m2().await;
                let done =
                    register::split(&app, &scope, &whole.code, whole.seen, &Value::Null, &asked)
                        .await;
                let done = done.unwrap();
                assert!((self.total_m2().await - before).abs() < 1.0, "{done:?}");
                self.known.remove(at);
                for ((child, code), (west, east)) in done.children.iter().zip(codes).zip(edges) {
                    self.known.push(Known { code, seen: child.version.row_id, west, east });
                }
            }
            Edit::Merge(at) if !self.known.is_empty() => {
                let first = self.known[nth(at, self.known.len())].clone();
                let Some(second) = self.known.iter().find(|it| it.west == first.east).cloned()
                else {
                    return;
                };
                let code = self.code();
                let parent = |it: &Known| register::Parent {
                    parcel_code: it.code.clone(),
                    etag: format!("\"{}\"", it.seen),
                };
                let asked = register::Merge {
                    parents: vec![parent(&first), parent(&second)],
                    on: day,
                    properties: properties(&code),
                    allow_apart: false,
                    note: None,
                };
                let before = self.total_m2().await;
                let done = register::merge(&app, &scope, &Value::Null, &asked).await.unwrap();
                assert!((self.total_m2().await - before).abs() < 1.0, "{done:?}");
                self.known.retain(|it| it.code != first.code && it.code != second.code);
                let seen = done.children[0].version.row_id;
                self.known.push(Known { code, seen, west: first.west, east: second.east });
            }
            Edit::Retire(at) if !self.known.is_empty() => {
                let gone = self.known.remove(nth(at, self.known.len()));
                let asked = register::Retire { valid_to: day, note: None };
                register::retire(&app, &scope, &gone.code, gone.seen, &asked).await.unwrap();
            }
            _ => {}
        }
    }

    /// What is answered of that day as it was known at that moment.
    async fn ask(&self, day: &str, moment: &str) -> Vec<String> {
        let layer = self.it.app.layers.find("parcels").unwrap();
        let mut selection = Selection::new(layer, &self.scope);
        selection.at(Some(day), Some(moment)).unwrap();
        let db = self.it.app.db.read(&self.scope).await.unwrap();
        let rows: Vec<Vec<_>> = queries::rows(db, &selection).unwrap().try_collect().await.unwrap();
        rows.iter()
            .flatten()
            .map(|it| format!("{} {:?} {:?}", it.id, it.values, it.shape))
            .collect()
    }

    async fn check(&mut self) {
        let doubles = "select count(*) from mutu.parcel a join mutu.parcel b using (parcel_id)
            where a.row_id < b.row_id
                and tstzrange(a.recorded_at, a.superseded_at) && tstzrange(b.recorded_at, b.superseded_at)
                and daterange(a.valid_from, a.valid_to) && daterange(b.valid_from, b.valid_to)";
        assert_eq!(self.it.value::<i64>(doubles).await, 0, "a parcel has one version at a time");
        let live: i64 = self.it.value("select count(*) from mutu.parcel_current").await;
        assert_eq!(live, i64::try_from(self.known.len()).unwrap());
        for (day, moment, answer) in &self.told {
            assert_eq!(&self.ask(day, moment).await, answer, "{day} as of {moment}");
        }
        let moment = Utc::now().to_rfc3339_opts(SecondsFormat::Micros, true);
        for day in [self.day, self.day - Days::new(3)] {
            let day = day.to_string();
            let answer = self.ask(&day, &moment).await;
            self.told.push((day, moment.clone(), answer));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4, max_shrink_iters: 0, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_edited_the_past_stays(edits in prop::collection::vec(any_edit(), 10..18)) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let mut office = Office {
                it: TestApp::new().await,
                scope: Scope::console(),
                known: Vec::new(),
                day: NaiveDate::from_ymd_opt(2024, 1, 1).unwrap(),
                codes: 0,
                told: Vec::new(),
            };
            for edit in [Edit::Create, Edit::Create].iter().chain(&edits) {
                office.edit(edit).await;
                office.check().await;
            }
        });
    }
}
