//! A district in which every column of every table and every field of every layer says something that nothing else says,
//! in two responsible units and in none, evaluated for real; and one caller for each way to read it.

use std::collections::HashMap;
use std::path::Path;

use mutu::access::Role;
use mutu::access::Scope;
use mutu::catalog;
use mutu::config::Config;
use mutu::evaluation;
use mutu::layer::Geometry;
use mutu::layer::Kind;
use mutu::layer::Layer;
use mutu::layer::Layers;
use mutu::layer::UNIT_FIELD;
use sqlx::AssertSqlSafe;
use sqlx::Row;

use super::sentinel::Held;
use super::sentinel::Ledger;
use super::sentinel::Rule;
use super::sentinel::may;
use crate::support::TestApp;

/// The two units, as offices call them.
pub const UNITS: [&str; 2] = ["马陆镇", "安亭镇"];
/// Where the parcels of the first unit, the second and of none begin: degrees east.
const WEST: [f64; 3] = [121.20, 121.40, 121.60];
const SOUTH: f64 = 31.30;

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
}

impl Scene {
    /// Served, with the shipped folders, or some replaced by those of `dir`.
    pub async fn new(dir: Option<&Path>) -> Self {
        let config = Config { layers: dir.map(Path::to_owned), ..Config::default() };
        let mut filler = Filler {
            it: TestApp::with(config).await,
            ledger: Ledger::default(),
            columns: HashMap::new(),
        };
        let parcel_codes = filler.register().await;
        filler.references().await;
        filler.operation().await;
        let Filler { mut it, mut ledger, .. } = filler;
        let options = evaluation::Options { year: 2025, ruleset: None };
        evaluation::evaluate(&it.app, &Scope::console(), &options, &mut |_| {}).await.unwrap();
        read_cells(&it, &mut ledger).await;
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
        Self { it, ledger, callers, parcel_codes }
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

struct Filler {
    it: TestApp,
    ledger: Ledger,
    columns: HashMap<String, Vec<(String, String)>>,
}

impl Filler {
    /// A row with a sentinel in every column that is not `fixed`; what the row holds by column.
    async fn row(
        &mut self,
        table: &str,
        fixed: &[(&str, String)],
        rule: impl Fn(&str) -> Rule,
    ) -> Vec<(String, String)> {
        let columns = self.columns(table).await;
        let (mut names, mut values, mut held) = (Vec::new(), Vec::new(), Vec::new());
        for (column, sql_type) in columns {
            if column == "batch_id" {
                values.push("1".to_owned());
                names.push(column);
            } else if let Some((_, sql)) = fixed.iter().find(|(it, _)| *it == column) {
                let text = sql.trim_matches('\'').to_owned();
                self.ledger.note(&text, &format!("{table}.{column}"), rule(&column));
                values.push(sql.clone());
                held.push((column.clone(), text));
                names.push(column);
            } else if column != "valid_to"
                && let Some((text, sql)) = self.ledger.value(&sql_type)
            {
                assert!(self.ledger.note(&text, &format!("{table}.{column}"), rule(&column)));
                values.push(sql);
                held.push((column.clone(), text));
                names.push(column);
            }
        }
        let sql =
            format!("insert into {table} ({}) values ({})", names.join(", "), values.join(", "));
        self.it.sql(&sql).await;
        held
    }

    /// The columns of a table that a row is written with, and their types.
    async fn columns(&mut self, table: &str) -> Vec<(String, String)> {
        if let Some(known) = self.columns.get(table) {
            return known.clone();
        }
        let (schema, name) = table.split_once('.').unwrap();
        let columns: Vec<(String, String)> = sqlx::query_as(
            "select column_name::text, data_type::text
             from information_schema.columns
             where table_schema = $1 and table_name = $2
               and is_generated = 'NEVER' and is_identity = 'NO'
             order by ordinal_position",
        )
        .bind(schema)
        .bind(name)
        .fetch_all(self.it.app.db.owner())
        .await
        .unwrap();
        assert!(!columns.is_empty(), "no table {table}");
        self.columns.insert(table.to_owned(), columns.clone());
        columns
    }

    fn quoted_text(&mut self) -> String {
        format!("'{}'", self.ledger.text())
    }

    /// Parcels, buildings, enterprises and their figures. Of each unit: a parcel with one occupant, one with two, one with
    /// figures of its own; of none: one with an occupant. And what nobody reads any more.
    async fn register(&mut self) -> Vec<String> {
        let viewer = || Rule::Must(Role::Viewer, Held::Everywhere);
        let batch = |column: &str| match column {
            "file" => Rule::Must(Role::Public, Held::Everywhere),
            _ => Rule::May(Role::Steward, Held::Everywhere),
        };
        self.row("mutu.import_batch", &[], batch).await;
        self.row("mutu.import_issue", &[("severity", "'error'".into())], batch).await;
        let mut codes = Vec::new();
        for (parcel_id, (place, west)) in (1..).zip([
            (0, 0.0),
            (0, 0.004),
            (0, 0.008),
            (1, 0.0),
            (1, 0.004),
            (1, 0.008),
            (2, 0.0),
        ]) {
            let code = self.quoted_text();
            let west = WEST[place] + west;
            let fixed = parcel(parcel_id, &code, place, west);
            let of_parcel = |column: &str| match column {
                "recorded_by" => viewer(),
                _ => Rule::Nobody,
            };
            self.row("mutu.parcel", &fixed, of_parcel).await;
            let figures = [
                ("parcel_code", code.clone()),
                ("period", "'2025'".to_owned()),
                ("year", "2025".to_owned()),
            ];
            // The third is one that reports by itself.
            let occupants = [1, 2, 0]
                [usize::from(west > WEST[place] + 0.002) + usize::from(west > WEST[place] + 0.006)];
            if occupants == 0 {
                self.row("mutu.parcel_period", &figures, |_| Rule::Nobody).await;
            }
            for nth in 0..occupants {
                self.enterprise(&code, parcel_id * 10 + nth).await;
            }
            for nth in 0..2 {
                let fixed = [
                    ("building_id", format!("{parcel_id}{nth}")),
                    ("building_code", self.quoted_text()),
                    ("parcel_code", code.clone()),
                    ("area_geom_m2", format!("{}.37", 7_390_000 + parcel_id * 10 + nth)),
                    ("geom", square(west + 0.0006 * nth as f64, 0.0005)),
                ];
                self.row("mutu.building", &fixed, |_| Rule::Nobody).await;
            }
            codes.push(code.trim_matches('\'').to_owned());
        }
        // Versions that were corrected, and a parcel that is no more.
        let code = format!("'{}'", codes[0]);
        let mut fixed = parcel(1, &code, 0, WEST[0]);
        fixed.push(("superseded_at", "now()".to_owned()));
        fixed.retain(|(name, _)| *name != "parcel_code");
        self.row("mutu.parcel", &fixed, |_| Rule::Nobody).await;
        let mut fixed = parcel(90, "''", 0, WEST[0]);
        fixed.retain(|(name, _)| *name != "parcel_code");
        fixed.push(("valid_to", "date '2020-01-01'".to_owned()));
        self.row("mutu.parcel", &fixed, |_| Rule::Nobody).await;
        codes
    }

    async fn enterprise(&mut self, parcel_code: &str, enterprise_id: i64) {
        let must = Rule::Must(Role::Viewer, Held::Everywhere);
        let known = Rule::May(Role::Viewer, Held::Everywhere);
        let fixed = [("enterprise_id", enterprise_id.to_string())];
        let of_enterprise = |column: &str| match column {
            "uscc" | "name" | "industry_code" => must.clone(),
            "founded" | "in_production" | "town_code" => known.clone(),
            _ => Rule::Nobody,
        };
        let held = self.row("mutu.enterprise", &fixed, of_enterprise).await;
        let uscc = &held.iter().find(|(it, _)| it == "uscc").unwrap().1;
        let uscc = format!("'{uscc}'");
        let fixed = [
            ("parcel_code", parcel_code.to_owned()),
            ("uscc", uscc.clone()),
            ("to_date", format!("date '2973-03-07' + {enterprise_id}")),
        ];
        let of_occupancy = |column: &str| match column {
            "role" | "floor_m2" | "land_m2" => must.clone(),
            "from_date" => known.clone(),
            _ => Rule::Nobody,
        };
        self.row("mutu.occupancy", &fixed, of_occupancy).await;
        for year in [2025, 2024, 2023] {
            let fixed = [
                ("uscc", uscc.clone()),
                ("year", year.to_string()),
                ("period", format!("'{year}'")),
            ];
            self.row("mutu.enterprise_period", &fixed, |_| Rule::Nobody).await;
        }
        let fixed = [
            ("uscc", uscc),
            ("year", "2025".to_owned()),
            ("period", "'2025'".to_owned()),
            ("superseded_at", "now()".to_owned()),
        ];
        self.row("mutu.enterprise_period", &fixed, |_| Rule::Nobody).await;
    }

    /// Two rows of every reference layer in force, one that is not, and the name of a file.
    async fn references(&mut self) {
        let layers = self.it.app.layers.clone();
        for layer in layers.of_kind(Kind::Reference) {
            // Rows of no unit only where rows have units.
            let units = if layer.field.contains_key(UNIT_FIELD) { 3 } else { 2 };
            for (place, west) in WEST.into_iter().enumerate().take(units) {
                let unit = UNITS.get(place).map_or("null".to_owned(), |it| format!("'{it}'"));
                let shape = match layer.geometry {
                    Geometry::Point => format!(
                        "st_multi(st_setsrid(st_makepoint({}, {SOUTH}), 4490))",
                        west + 0.001
                    ),
                    Geometry::Line => format!(
                        "st_multi(st_setsrid(st_makeline(st_makepoint({0}, {SOUTH}), st_makepoint({0} + 0.01, {SOUTH} + 0.001)), 4490))",
                        west
                    ),
                    Geometry::Polygon | Geometry::None => square(west - 0.001, 0.014),
                };
                for superseded in [false, true] {
                    let mut fixed = vec![
                        ("id", (place + 1).to_string()),
                        ("geom", shape.clone()),
                        (UNIT_FIELD, unit.clone()),
                    ];
                    if superseded {
                        fixed.push(("superseded_at", "now()".to_owned()));
                    }
                    self.row(&format!("layer.{}", layer.id), &fixed, |_| Rule::Nobody).await;
                }
            }
        }
        // Parcels lie in towns.
        self.it
            .sql("update mutu.parcel p set town_code = t.code from layer.towns t where t.superseded_at is null and st_intersects(t.geom, p.geom)")
            .await;
        let mut db = self.it.app.db.owner().acquire().await.unwrap();
        for layer in layers.layers.values().filter(|it| it.kind != Kind::Derived) {
            let file = self.ledger.text();
            let all = if layer.access > Role::Viewer { Held::Unit(None) } else { Held::Everywhere };
            let rule = match layer.geometry {
                Geometry::None => Rule::May(layer.access, all),
                _ => Rule::Must(layer.access, all),
            };
            self.ledger.note(&file, &format!("mutu.layer_revision.file of {}", layer.id), rule);
            catalog::queries::bump(&mut db, &layers, layer, None, Some(&file)).await.unwrap();
        }
    }

    /// Lists, accounts, tokens, audit, jobs, targets.
    async fn operation(&mut self) {
        let admin = |_: &str| Rule::May(Role::Admin, Held::Everywhere);
        let one = || "1".to_owned();
        for (nth, (unit, state)) in
            (1..).zip([(UNITS[0], "draft"), (UNITS[1], "draft"), (UNITS[1], "frozen")])
        {
            let rule = |column: &str| match (state, column) {
                ("frozen", _) => Rule::May(Role::Viewer, Held::Everywhere),
                _ => Rule::May(Role::Officer, Held::Unit(Some(unit.to_owned()))),
            };
            let fixed = [
                ("kind", "'renewal'".to_owned()),
                ("year", "2025".to_owned()),
                (UNIT_FIELD, format!("'{unit}'")),
                ("state", format!("'{state}'")),
            ];
            self.row("mutu.reuse_list", &fixed, rule).await;
            let fixed = [
                ("list_id", nth.to_string()),
                ("parcel_id", "7".to_owned()),
                ("state", "'found'".to_owned()),
            ];
            self.row("mutu.reuse_case", &fixed, rule).await;
            self.row("mutu.case_event", &[("case_id", nth.to_string())], rule).await;
        }
        let account = |column: &str| match column {
            "password_hash" => Rule::Nobody,
            _ => Rule::May(Role::Admin, Held::Everywhere),
        };
        let fixed = [("role", "'viewer'".to_owned()), ("failed_sign_ins", "0".to_owned())];
        self.row("mutu.account", &fixed, account).await;
        self.row("mutu.password_history", &[("account_id", one())], |_| Rule::Nobody).await;
        let fixed = [
            ("account_id", one()),
            ("role", "'viewer'".to_owned()),
            ("token_hash", "'\\x73'".to_owned()),
        ];
        self.row("mutu.api_token", &fixed, admin).await;
        self.row("mutu.audit_event", &[], |_| Rule::Nobody).await;
        let fixed = [("job_id", "gen_random_uuid()".to_owned()), ("state", "'done'".to_owned())];
        self.row("mutu.job", &fixed, |_| Rule::May(Role::Steward, Held::Everywhere)).await;
        self.row("mutu.target", &[], |_| Rule::May(Role::Viewer, Held::Everywhere)).await;
    }
}

fn parcel(parcel_id: i64, code: &str, place: usize, west: f64) -> Vec<(&'static str, String)> {
    let unit = UNITS.get(place).map_or("null".to_owned(), |it| format!("'{it}'"));
    vec![
        ("parcel_id", parcel_id.to_string()),
        ("parcel_code", code.to_owned()),
        (UNIT_FIELD, unit),
        // Of the codes that there are; what a run makes of it is looked at elsewhere.
        ("block_class_override", "null".to_owned()),
        ("area_geom_m2", format!("{}.37", 7_300_000 + parcel_id)),
        ("geom", square(west, 0.002)),
    ]
}

fn square(west: f64, side: f64) -> String {
    format!("st_multi(st_makeenvelope({west}, {SOUTH}, {}, {}, 4490))", west + side, SOUTH + side)
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

/// Fields whose few values say nothing by themselves; that they are not named to others is looked at elsewhere.
fn is_coded(layer: &Layer, name: &str) -> bool {
    let field = &layer.field[name];
    let coded = [
        "enterprise_count",
        "enterprises_reported",
        "reasons",
        "reason_text",
        "event_id",
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
