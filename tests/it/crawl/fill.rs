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

mod parcels;
mod references;

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

fn square(west: f64, side: f64) -> String {
    format!("st_multi(st_makeenvelope({west}, {SOUTH}, {}, {}, 4490))", west + side, SOUTH + side)
}
