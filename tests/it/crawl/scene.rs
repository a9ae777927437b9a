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
        let options = evaluation::Options { year: 2025, ruleset: None };
        // A draft by min-max, whose scores tell of others, and one that is published.
        for scheme in ["jingde-2022", "huangyan-2022"] {
            let console = Scope::console();
            evaluation::evaluate_by(&filler.it.app, &console, &options, Some(scheme), &mut |_| {})
                .await
                .unwrap();
        }
        filler.assemblies().await;
        filler.sequel().await;
        let Filler { mut it, mut ledger, case_codes, .. } = filler;
        read_results(&it, &mut ledger).await;
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
        // Nothing, or all of the parcel.
        "broken",
        "undecided",
        "protected_mu",
        "outside_mu",
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
}

/// Code, unit, inputs, score, items, and whether the score tells of others.
type ResultRow =
    (String, Option<String>, serde_json::Value, Option<String>, serde_json::Value, bool);

/// What the runs made of enterprises, and what is said against it.
async fn read_results(it: &TestApp, ledger: &mut Ledger) {
    let all = || Held::Unit(None);
    let what = "mutu.enterprise_result";
    // One of no land, in the draft and in what is published.
    for run_id in [1, 2] {
        let mut sql = format!(
            "insert into mutu.enterprise_result (run_id, uscc, cohort, relative, inputs, score, grade, items, evidence) values ({run_id}, 'U', 'C', true, '{{\"measures\": {{}}, \"fields\": {{}}, \"previous\": {{}}, \"references\": {{}}, \"notes\": []}}'"
        );
        let mut hold = |column: &str, kind: &str, rule: Rule| {
            let (text, literal) = ledger.value(kind).unwrap();
            ledger.note(&text, &format!("{what}.{column}"), rule);
            sql.push_str(&format!(", {literal}"));
        };
        hold("score", "numeric", Rule::Must(Role::Officer, all()));
        let graded = if run_id == 1 {
            Rule::Must(Role::Officer, all())
        } else {
            Rule::Must(Role::Viewer, Held::Everywhere)
        };
        hold("grade", "text", graded);
        sql.push_str(", '[]', '[]')");
        it.sql(&sql).await;
    }
    let rows: Vec<ResultRow> =
        sqlx::query_as(
            "select uscc, units[1], inputs, score::text, items, relative from mutu.enterprise_result where uscc <> 'U'",
        )
        .fetch_all(it.app.db.owner())
        .await
        .unwrap();
    assert!(rows.iter().any(|it| it.5 && it.3.is_some()), "nobody was scored");
    for (uscc, unit, inputs, score, items, relative) in rows {
        let unit = unit.filter(|it| !it.is_empty());
        let own = || Rule::May(Role::Officer, Held::Unit(unit.clone()));
        for (name, value) in inputs["measures"].as_object().unwrap() {
            ledger.note(value.as_str().unwrap(), &format!("{what}.inputs.{name}"), own());
        }
        for value in inputs["previous"].as_object().unwrap().values() {
            ledger.note(value.as_str().unwrap(), &format!("{what}.previous"), own());
        }
        for (kind, documents) in inputs["references"].as_object().unwrap() {
            let documents = documents.as_array().unwrap().iter().filter_map(|it| it.as_str());
            for text in documents.chain([kind.as_str()]) {
                ledger.note(text, &format!("{what}.references"), own());
            }
        }
        // Told where it is not the sum of what was paid and of the reductions.
        let reported: Option<String> = sqlx::query_scalar(
            "select tax_wan::text from mutu.enterprise_period_current where uscc = $1 and period = '2025'",
        )
        .bind(&uscc)
        .fetch_one(it.app.db.owner())
        .await
        .unwrap();
        ledger.note(&reported.unwrap(), &format!("{what}.notes"), own());
        let scored = || if relative { Rule::May(Role::Officer, all()) } else { own() };
        if let Some(it) = score {
            ledger.note(&it, &format!("{what}.score of {uscc}"), scored());
        }
        for item in items.as_array().unwrap() {
            for name in ["score", "least", "most"] {
                if let Some(it) = item[name].as_str() {
                    ledger.note(it, &format!("{what}.items.{name}"), scored());
                }
            }
        }
    }
    it.sql("update mutu.evaluation_run set state = 'published', objections_until = '2100-01-01' where run_id = 2")
        .await;
    for unit in UNITS {
        let mut texts = [(); 3].map(|()| ledger.text());
        for text in &mut texts {
            let rule = Rule::Must(Role::Officer, Held::Unit(Some(unit.to_owned())));
            ledger.note(text, "mutu.objection", rule);
        }
        let [reason, evidence, by] = texts;
        it.sql(&format!(
            "insert into mutu.objection (run_id, uscc, units, reason, evidence, recorded_by)
             values (2, 'U', array['{unit}'], '{reason}', '{evidence}', '{by}')"
        ))
        .await;
    }
}
