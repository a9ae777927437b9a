//! Fills every column of every table, and every field of every reference layer, with values that nothing else has.

use std::collections::HashMap;

use mutu::access::Role;
use mutu::catalog;
use mutu::layer::Geometry;
use mutu::layer::Kind;
use mutu::layer::UNIT_FIELD;

use super::sentinel::Held;
use super::sentinel::Ledger;
use super::sentinel::Rule;
use crate::support::TestApp;

/// The job that there is.
pub const JOB_ID: &str = "5ec7e700-0000-4000-8000-000000000001";
/// The two units, as offices call them.
pub const UNITS: [&str; 2] = ["马陆镇", "安亭镇"];
/// Where the parcels of the first unit, the second and of none begin: degrees east.
const WEST: [f64; 3] = [121.20, 121.40, 121.60];
const SOUTH: f64 = 31.30;

/// What is being filled, and what it says.
pub struct Filler {
    pub it: TestApp,
    pub ledger: Ledger,
    pub columns: HashMap<String, Vec<(String, String)>>,
    /// Of the first unit one, of the second two.
    pub case_codes: Vec<String>,
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
    pub async fn register(&mut self) -> Vec<String> {
        let viewer = || Rule::Must(Role::Viewer, Held::Everywhere);
        let batch = |column: &str| match column {
            "file" => Rule::Must(Role::Public, Held::Everywhere),
            _ => Rule::May(Role::Steward, Held::Everywhere),
        };
        let fixed = [("state", "'applied'".to_owned()), ("undoes", "null".to_owned())];
        self.row("mutu.import_batch", &fixed, batch).await;
        self.row("mutu.import_issue", &[("severity", "'error'".into())], batch).await;
        let mapping = |_: &str| Rule::May(Role::Steward, Held::Everywhere);
        let headers = [("headers", format!("array[{}]", self.quoted_text()))];
        self.row("mutu.import_mapping", &headers, mapping).await;
        // When a version was so is told with it; who recorded it, to those with an account.
        let access = self.it.app.layers.find("parcels").unwrap().access;
        let buildings = self.it.app.layers.find("buildings").unwrap().access;
        let unit_of = |place: usize| UNITS.get(place).map(|it| (*it).to_owned());
        let of_version =
            |place: usize, needed: Role| Rule::May(access.max(needed), Held::Unit(unit_of(place)));
        let of_past = |column: &str| match column {
            "valid_from" => of_version(0, Role::Public),
            "recorded_by" => of_version(0, Role::Viewer),
            _ => Rule::Nobody,
        };
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
                "valid_from" => of_version(place, Role::Public),
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
                let of_building = |column: &str| match column {
                    "valid_from" => Rule::May(buildings, Held::Unit(unit_of(place))),
                    _ => Rule::Nobody,
                };
                self.row("mutu.building", &fixed, of_building).await;
            }
            codes.push(code.trim_matches('\'').to_owned());
        }
        // Versions that were corrected, and a parcel that is no more.
        let code = format!("'{}'", codes[0]);
        let mut fixed = parcel(1, &code, 0, WEST[0]);
        fixed.push(("superseded_at", "now()".to_owned()));
        fixed.retain(|(name, _)| *name != "parcel_code");
        self.row("mutu.parcel", &fixed, of_past).await;
        let mut fixed = parcel(90, "''", 0, WEST[0]);
        fixed.retain(|(name, _)| *name != "parcel_code");
        fixed.push(("valid_to", "date '2020-01-01'".to_owned()));
        self.row("mutu.parcel", &fixed, of_past).await;
        codes
    }

    async fn enterprise(&mut self, parcel_code: &str, enterprise_id: i64) {
        let must = Rule::Must(Role::Viewer, Held::Everywhere);
        let known = Rule::May(Role::Viewer, Held::Everywhere);
        let fixed = [
            ("enterprise_id", enterprise_id.to_string()),
            // Without it nobody knows whom it is ranked with.
            ("is_scale", "true".to_owned()),
        ];
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
            ("share", "null".to_owned()),
            // All users of a parcel together have less than it.
            ("land_m2", format!("{}.37", 2_310_000 + enterprise_id)),
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
        let marked = [("uscc", uscc.clone()), ("year", "2025".to_owned())];
        self.row("mutu.enterprise_mark", &marked, |_| Rule::Nobody).await;
        let guided = [("year", "2025".to_owned())];
        self.row("mutu.sector_guide", &guided, |_| Rule::Nobody).await;
        let fixed = [
            ("uscc", uscc),
            ("year", "2025".to_owned()),
            ("period", "'2025'".to_owned()),
            ("superseded_at", "now()".to_owned()),
        ];
        self.row("mutu.enterprise_period", &fixed, |_| Rule::Nobody).await;
    }

    /// Two rows of every reference layer in force, one that is not, and the name of a file.
    pub async fn references(&mut self) {
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
                    // From when on a row is so is told with it.
                    let own = UNITS.get(place).filter(|_| units == 3).map(|it| (*it).to_owned());
                    let of_row = |column: &str| match column {
                        "valid_from" if !superseded => {
                            Rule::May(layer.access, Held::Unit(own.clone()))
                        }
                        _ => Rule::Nobody,
                    };
                    self.row(&format!("layer.{}", layer.id), &fixed, of_row).await;
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

    /// What a run put together: a piece of each unit, and one of several.
    pub async fn assemblies(&mut self) {
        for (place, west) in (0..).zip(WEST) {
            let unit = UNITS.get(place).map_or("null".to_owned(), |it| format!("'{it}'"));
            let run = "(select run_id from mutu.current_run)".to_owned();
            let fixed = [
                ("run_id", run.clone()),
                ("layer", "'assembly'".to_owned()),
                ("assembly_id", (place + 1).to_string()),
                (UNIT_FIELD, unit),
                ("geom", square(west, 0.002)),
            ];
            self.row("mutu.assembly", &fixed, |_| Rule::Nobody).await;
            let fixed = [
                ("run_id", run),
                ("layer", "'assembly'".to_owned()),
                ("assembly_id", (place + 1).to_string()),
                ("parcel_id", (place * 3 + 1).to_string()),
            ];
            self.row("mutu.assembly_member", &fixed, |_| Rule::Nobody).await;
        }
        let layers = self.it.app.layers.clone();
        let layer = layers.find("assembly").unwrap();
        let mut db = self.it.app.db.owner().acquire().await.unwrap();
        catalog::queries::bump(&mut db, &layers, layer, None, None).await.unwrap();
    }

    /// What a run newly found, and what the units were told of it.
    pub async fn sequel(&mut self) {
        for (nth, unit) in (1..).zip(UNITS) {
            let own = Rule::May(Role::Officer, Held::Unit(Some(unit.to_owned())));
            let fixed = [
                ("run_id", "2".to_owned()),
                ("layer", "'low_efficiency'".to_owned()),
                ("parcel_id", nth.to_string()),
                ("change", "'entered'".to_owned()),
                ("verdict", "'low'".to_owned()),
                (UNIT_FIELD, format!("'{unit}'")),
            ];
            self.row("mutu.run_hit", &fixed, |_| own.clone()).await;
            let mut words = || {
                let text = self.ledger.text();
                self.ledger.note(&text, "mutu.notice, in words", own.clone());
                format!("'{{\"zh\": \"{text}\", \"en\": \"{text}\"}}'")
            };
            let fixed = [
                ("kind", "'run_final'".to_owned()),
                ("title", words()),
                ("text", words()),
                (UNIT_FIELD, format!("'{unit}'")),
            ];
            self.row("mutu.notice", &fixed, |_| own.clone()).await;
            let fixed = [("notice_id", nth.to_string())];
            self.row("mutu.notice_read", &fixed, |_| Rule::Nobody).await;
        }
        let fixed = [
            ("run_id", "2".to_owned()),
            ("layer", "'low_efficiency'".to_owned()),
            ("against_run_id", "1".to_owned()),
        ];
        self.row("mutu.run_sequel", &fixed, |_| Rule::Nobody).await;
    }

    /// Lists, accounts, tokens, audit, jobs, targets.
    pub async fn operation(&mut self) {
        let admin = |_: &str| Rule::May(Role::Admin, Held::Everywhere);
        let one = || "1".to_owned();
        for (nth, (unit, state)) in
            (1..).zip([(UNITS[0], "draft"), (UNITS[1], "draft"), (UNITS[1], "closed")])
        {
            let own = Rule::May(Role::Officer, Held::Unit(Some(unit.to_owned())));
            let rule = |column: &str| match column {
                // What a unit has counted is told to all officers, but for energy.
                "counted_mu" | "counted_plants" | "counted_plant_m2" | "counted_enterprises" => {
                    Rule::May(Role::Officer, Held::Everywhere)
                }
                _ => own.clone(),
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
                ("reuse_case_id", nth.to_string()),
                ("parcel_id", "7".to_owned()),
                (UNIT_FIELD, format!("'{unit}'")),
                ("state", "'listed'".to_owned()),
                ("area_mu", format!("88888{nth}0.5")),
                ("disposed_mu", format!("77777{nth}1.5")),
                ("counted_mu", format!("66666{nth}2.5")),
                ("nodes", "'{}'".to_owned()),
                ("geom", square(WEST[usize::from(unit == UNITS[1])], 0.002)),
            ];
            let held = self.row("mutu.reuse_case", &fixed, rule).await;
            self.case_codes
                .extend(held.into_iter().filter(|(it, _)| it == "case_code").map(|(_, code)| code));
            let fixed = [
                ("reuse_case_id", nth.to_string()),
                ("list_id", nth.to_string()),
                (UNIT_FIELD, format!("'{unit}'")),
                ("kind", "'comment'".to_owned()),
                ("milestone", "null".to_owned()),
                ("happened_on", "date '2025-03-04'".to_owned()),
            ];
            self.row("mutu.case_event", &fixed, rule).await;
            let fixed = [
                ("list_id", nth.to_string()),
                ("version", "1".to_owned()),
                ("frozen_at", "now()".to_owned()),
            ];
            self.row("mutu.reuse_list_version", &fixed, rule).await;
            let fixed = [
                ("reuse_case_id", nth.to_string()),
                ("kind", "'jpg'".to_owned()),
                ("sha256", "'\\x73'".to_owned()),
                ("withdrawn_by", "null".to_owned()),
                ("withdrawn_at", "null".to_owned()),
                ("withdrawn_reason", "null".to_owned()),
            ];
            self.row("mutu.attachment", &fixed, rule).await;
            let fixed = [("attachment_id", nth.to_string()), ("content", "'%PDF-1.7'".to_owned())];
            self.row("mutu.attachment_content", &fixed, |_| Rule::Nobody).await;
            let fixed = [
                (UNIT_FIELD, format!("'{unit}'")),
                ("content", "'PK'".to_owned()),
                ("sha256", "'\\x73'".to_owned()),
                ("withdrawn_by", "null".to_owned()),
                ("withdrawn_at", "null".to_owned()),
                ("placeholders", {
                    let text = self.ledger.text();
                    self.ledger.note(&text, "mutu.list_template.placeholders", own.clone());
                    format!("'[{{\"sheet\": \"{text}\", \"cell\": \"A1\", \"text\": \"\"}}]'")
                }),
            ];
            self.row("mutu.list_template", &fixed, rule).await;
            let fixed = [
                ("kind", "'monthly'".to_owned()),
                ("period", "'2025-03'".to_owned()),
                ("as_of", "now()".to_owned()),
                ("format", "'docx'".to_owned()),
                ("responsible_units", format!("array['{unit}']")),
                ("content", "'%PDF-1.7'".to_owned()),
                ("sha256", "'\\x73'".to_owned()),
            ];
            self.row("mutu.report", &fixed, rule).await;
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
        let job = |_: &str| Rule::May(Role::Steward, Held::Everywhere);
        let fixed = [
            ("job_id", format!("'{JOB_ID}'")),
            ("state", "'done'".to_owned()),
            ("kind", "'preview'".to_owned()),
            ("progress", "'{}'".to_owned()),
            ("error", "null".to_owned()),
            ("cancel_requested", "false".to_owned()),
        ];
        self.row("mutu.job", &fixed, job).await;
        self.row("mutu.upload", &[], job).await;
        let fixed =
            [("upload_id", one()), ("nth", "0".to_owned()), ("content", "'\\x73'".to_owned())];
        self.row("mutu.upload_chunk", &fixed, |_| Rule::Nobody).await;
        let fixed = [("kind", "'added'".to_owned()), ("fields", "'[]'".to_owned())];
        self.row("mutu.import_change", &fixed, job).await;
        let text = "title = { zh = \"\", en = \"\" }\nlegal_basis = \"\"\nvalid_from = 2025-01-01\n[[rule]]\nid = \"a\"\ntitle = { zh = \"\", en = \"\" }\nwhen = \"far < 1\"\neffect = \"low\"\nbasis = \"\"\nsentence = { zh = \"\", en = \"\" }";
        let fixed = [
            ("layer", "'low_efficiency'".to_owned()),
            ("ruleset", "'general-2025'".to_owned()),
            ("base_text", format!("'{text}'")),
            ("changes", "'{}'".to_owned()),
            ("target", "null".to_owned()),
            ("withdrawn_at", "null".to_owned()),
            ("withdrawn_by", "null".to_owned()),
        ];
        let officer = |_: &str| Rule::May(Role::Officer, Held::Everywhere);
        self.row("mutu.scenario", &fixed, officer).await;
        let fixed = [
            ("layer", "'low_efficiency'".to_owned()),
            ("id", "'other'".to_owned()),
            ("version", one()),
            ("text", format!("'{text}'")),
            ("valid_from", "'2025-01-01'".to_owned()),
            ("origin", "'file'".to_owned()),
            ("scenario_id", "null".to_owned()),
        ];
        let viewer = |_: &str| Rule::May(Role::Viewer, Held::Everywhere);
        self.row("mutu.rule_set", &fixed, viewer).await;
        let fixed = [
            ("id", "'other'".to_owned()),
            ("version", one()),
            ("valid_from", "'2025-01-01'".to_owned()),
            ("valid_to", "null".to_owned()),
        ];
        self.row("mutu.scheme", &fixed, viewer).await;
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
