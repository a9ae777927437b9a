//! A district in which every column of every table and every field of every layer says something that nothing else says,
//! in two responsible units and in none, evaluated for real; and one caller for each way to read it.

use std::collections::HashMap;
use std::path::Path;

use mutu::access::Role;
use mutu::access::Scope;
use mutu::config::Config;
use mutu::config::Limits;
use mutu::evaluation;
use mutu::layer::Layer;
use mutu::layer::Layers;
use mutu::layer::UNIT_FIELD;
use sqlx::AssertSqlSafe;
use sqlx::Row;

use super::fill::Filler;
use super::fill::UNITS;
use super::sentinel::Held;
use super::sentinel::Ledger;
use super::sentinel::Rule;
use super::sentinel::may;
use crate::support::TestApp;

/// Somebody who asks.
#[derive(Clone, Debug)]
pub struct Caller {
    pub name: &'static str,
    /// What the service should make of the token.
    pub scope: Scope,
    pub token: Option<String>,
    /// The same account's session, as the value of a `Cookie`.
    pub cookie: Option<String>,
}

pub struct Scene {
    pub it: TestApp,
    pub ledger: Ledger,
    pub callers: Vec<Caller>,
    pub parcel_codes: Vec<String>,
    pub case_codes: Vec<String>,
}

impl Scene {
    /// Served, with the shipped folders, or some replaced by those of `dir`.
    pub async fn new(dir: Option<&Path>) -> Self {
        let config =
            Config { layers: dir.map(Path::to_owned), limits: unlimited(), ..Config::default() };
        let mut filler = Filler {
            it: TestApp::with(config).await,
            ledger: Ledger::default(),
            columns: HashMap::new(),
            case_codes: Vec::new(),
        };
        let parcel_codes = filler.register().await;
        filler.references().await;
        filler.operation().await;
        let Filler { mut it, mut ledger, case_codes, .. } = filler;
        let options = evaluation::Options { year: 2025, ruleset: None };
        evaluation::evaluate(&it.app, &Scope::console(), &options, &mut |_| {}).await.unwrap();
        read_cells(&it, &mut ledger).await;
        read_past(&it, &mut ledger).await;
        read_measures(&it, &mut ledger).await;
        it.serve();
        let mut callers =
            vec![Caller { name: "public", scope: Scope::public(), token: None, cookie: None }];
        for (name, role, units) in [
            ("viewer", Role::Viewer, None),
            ("officer", Role::Officer, None),
            ("officer of unit 1", Role::Officer, Some(&UNITS[..1])),
            ("officer of unit 2", Role::Officer, Some(&UNITS[1..])),
            ("steward", Role::Steward, None),
            ("admin", Role::Admin, None),
        ] {
            callers.push(caller(&it, name, role, units).await);
        }
        callers.push(viewing_as(&it, "admin as viewer", Role::Admin, Role::Viewer).await);
        Self { it, ledger, callers, parcel_codes, case_codes }
    }

    pub fn caller(&self, name: &str) -> &Caller {
        self.callers.iter().find(|it| it.name == name).unwrap()
    }

    pub fn layers(&self) -> &Layers {
        &self.it.app.layers
    }
}

async fn caller(it: &TestApp, name: &'static str, role: Role, units: Option<&[&str]>) -> Caller {
    let token = it.token_of(role, units).await;
    let signed_in = it
        .client
        .post(it.url("/api/v1/session"))
        .header("origin", it.url(""))
        .json(&serde_json::json!({"token": token}))
        .send()
        .await
        .unwrap();
    assert_eq!(signed_in.status(), 200, "{name} signs in");
    let cookie = signed_in.headers()["set-cookie"].to_str().unwrap();
    let cookie = cookie.split(';').next().unwrap().to_owned();
    let responsible_units = units.map(|units| units.iter().map(|it| (*it).to_owned()).collect());
    let scope =
        Scope { role, account: Some(name.to_owned()), responsible_units, ..Scope::default() };
    Caller { name, scope, token: Some(token), cookie: Some(cookie) }
}

/// Somebody who looks at the map as those see it who may do less: a session only, with no token.
async fn viewing_as(it: &TestApp, name: &'static str, role: Role, shown: Role) -> Caller {
    let own = caller(it, name, role, None).await;
    let answer = it
        .client
        .patch(it.url("/api/v1/session"))
        .header("origin", it.url(""))
        .header("cookie", own.cookie.as_deref().unwrap())
        .json(&serde_json::json!({"view_as": shown}))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200, "{name}");
    Caller { scope: Scope { role: shown, ..own.scope }, token: None, ..own }
}

/// More than a crawl asks for.
fn unlimited() -> Limits {
    let roles = Role::ALL.map(|it| format!("[{it}]\nburst = 1000000\n"));
    toml::from_str(&format!("lookups_per_second = 1000000\n{}", roles.concat())).unwrap()
}

/// The role that a field needs, with what it shows taken along: read off the folders anew.
pub fn needed(layers: &Layers, layer: &Layer, field: &str) -> Role {
    let declared = &layer.field[field];
    let own = layer.access.max(declared.access);
    let source = declared.column.as_deref().and_then(|it| it.split_once('.'));
    let strictest = |of: &Layer, column: &str| {
        let fields = of.field.iter();
        let publishing = fields.filter(|(name, it)| it.column.as_deref().unwrap_or(name) == column);
        publishing.map(|(_, it)| of.access.max(it.access)).max().unwrap_or(of.access)
    };
    let behind = match source {
        Some(("parcel", column)) => strictest(layers.register("parcel").unwrap(), column),
        Some(("class_of", other)) => strictest(layers.find(other).unwrap(), "class.class"),
        _ => Role::Public,
    };
    own.max(behind)
}

/// In which unit a row of the layer lies, for what needs more than a viewer.
fn held(layer: &Layer, unit: Option<String>) -> Held {
    Held::Unit(unit.filter(|_| layer.field.contains_key(UNIT_FIELD)))
}

/// Whether the scope may read the field in some row.
pub fn opens(layers: &Layers, scope: &Scope, layer: &Layer, field: &str) -> bool {
    opens_to(scope, layer, needed(layers, layer, field))
}

/// Whether the scope may read the layer at all.
pub fn opens_layer(scope: &Scope, layer: &Layer) -> bool {
    opens_to(scope, layer, layer.access)
}

fn opens_to(scope: &Scope, layer: &Layer, needed: Role) -> bool {
    let own = scope.responsible_units.iter().flatten().next().cloned();
    may(scope, needed, &held(layer, own))
}

/// Every cell of every layer, as the owner of the database reads it.
async fn read_cells(it: &TestApp, ledger: &mut Ledger) {
    let layers = &it.app.layers;
    for layer in layers.layers.values() {
        let names: Vec<&str> = layer.field.keys().map(String::as_str).collect();
        let list: Vec<String> = names.iter().map(|it| format!("{it}::text")).collect();
        let unit = if names.contains(&UNIT_FIELD) { UNIT_FIELD } else { "null::text" };
        let sql = format!("select {unit} as unit, {} from {}", list.join(", "), layer.relation());
        let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(it.app.db.owner()).await.unwrap();
        assert!(!rows.is_empty(), "`{}` has no rows", layer.id);
        for (nth, name) in names.iter().enumerate() {
            let needed = needed(layers, layer, name);
            let mut noted = false;
            for row in &rows {
                let value: Option<String> = row.get(nth + 1);
                let Some(value) = value else { continue };
                let rule = Rule::Must(needed, held(layer, row.get("unit")));
                noted |= ledger.note(&value, &format!("{}.{name}", layer.id), rule);
            }
            assert!(noted || is_coded(layer, name), "no sentinel in `{}`.`{name}`", layer.id);
        }
    }
}

/// Every cell of versions that are in force no more: who may read them is who might read them then, in the unit of then.
async fn read_past(it: &TestApp, ledger: &mut Ledger) {
    let layers = &it.app.layers;
    for layer in layers.layers.values().filter(|it| it.is_versioned()) {
        let names: Vec<&str> = layer.field.keys().map(String::as_str).collect();
        let list: Vec<String> = names.iter().map(|it| format!("{it}::text")).collect();
        let unit = if names.contains(&UNIT_FIELD) { UNIT_FIELD } else { "null::text" };
        let sql = format!(
            "select {unit} as unit, {} from {} where superseded_at is not null or valid_to is not null",
            list.join(", "),
            layer.past()
        );
        let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(it.app.db.owner()).await.unwrap();
        for row in rows {
            for (nth, name) in names.iter().enumerate() {
                let value: Option<String> = row.get(nth + 1);
                let Some(value) = value else { continue };
                let rule = Rule::May(needed(layers, layer, name), held(layer, row.get("unit")));
                ledger.note(&value, &format!("{}.{name} of the past", layer.id), rule);
            }
        }
    }
}

/// Fields whose few values say nothing by themselves; that they are not named to others is looked at elsewhere.
fn is_coded(layer: &Layer, name: &str) -> bool {
    let field = &layer.field[name];
    let coded = [
        "enterprise_count",
        "enterprises_reported",
        "reasons",
        "reason_text",
        "event_id",
        "list_id",
        "year",
        "happened_at",
    ];
    !field.values.is_empty()
        || !field.bands.is_empty()
        || name == UNIT_FIELD
        || field.kind == mutu::layer::FieldType::Boolean
        || name.starts_with("share_")
        || coded.contains(&name)
}

/// What the run measured, year by year.
async fn read_measures(it: &TestApp, ledger: &mut Ledger) {
    for table in ["parcel_measure", "parcel_year"] {
        let names: Vec<String> = sqlx::query_scalar(
            "select column_name::text from information_schema.columns
             where table_schema = 'mutu' and table_name = $1 and data_type = 'numeric'",
        )
        .bind(table)
        .fetch_all(it.app.db.owner())
        .await
        .unwrap();
        let list: Vec<String> = names.iter().map(|it| format!("m.{it}::text")).collect();
        let sql = format!(
            "select mutu.unit_of(m.parcel_id) as unit, {} from mutu.{table} m",
            list.join(", ")
        );
        let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(it.app.db.owner()).await.unwrap();
        for row in rows {
            for (nth, name) in names.iter().enumerate() {
                let value: Option<String> = row.get(nth + 1);
                let Some(value) = value else { continue };
                let held = Held::Unit(row.get("unit"));
                let needed = it.app.layers.measure_role(name);
                // Of earlier years the dossier shows all that there is.
                let rule = match table {
                    "parcel_year" => Rule::Must(needed.max(Role::Viewer), held),
                    _ => Rule::May(needed, held),
                };
                ledger.note(&value, &format!("mutu.{table}.{name}"), rule);
            }
        }
    }
    let what = "mutu.enterprise_result";
    let score = ledger.value("numeric").unwrap();
    ledger.note(&score.0, what, Rule::Nobody);
    let grade = ledger.value("text").unwrap();
    ledger.note(&grade.0, what, Rule::Nobody);
    it.sql(&format!(
        "insert into mutu.enterprise_result (run_id, uscc, cohort, score, grade)
         select run_id, 'U', 'C', {}, {} from mutu.current_run",
        score.1, grade.1
    ))
    .await;
}
