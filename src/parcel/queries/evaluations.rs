//! SQL of what each run made of a parcel.

use chrono::DateTime;
use chrono::Utc;
use rust_decimal::Decimal;
use serde_json::Value;
use sqlx::AssertSqlSafe;

use crate::access::Scope;
use crate::db::Reader;
use crate::layer::Layers;

/// What is shown of each run beside the verdict.
pub const SHOWN: [&str; 4] = ["area_mu", "tax_wan_per_mu", "output_wan_per_mu", "far"];

#[derive(Debug, sqlx::FromRow)]
pub struct RunRow {
    pub run_id: i64,
    pub year: i64,
    pub state: String,
    pub shown: bool,
    pub finished_at: Option<DateTime<Utc>>,
    pub finalised_at: Option<DateTime<Utc>>,
    /// Id and title.
    pub ruleset: Option<Value>,
    pub ruleset_version: Option<i64>,
    pub verdict: Option<String>,
    pub reasons: Option<Vec<String>>,
    pub evidence: Option<Value>,
    pub class: Option<String>,
    /// Who answered for the parcel as the run read it.
    pub unit: Option<String>,
    pub area_mu: Option<Decimal>,
    pub tax_wan_per_mu: Option<Decimal>,
    pub output_wan_per_mu: Option<Decimal>,
    pub far: Option<Decimal>,
}

/// Which layers' findings are asked for.
#[derive(Clone, Copy, Debug)]
pub struct Findings<'a> {
    pub rules: &'a str,
    pub classes: &'a str,
    /// Whether drafts are told, too, beside the one that is shown.
    pub drafts: bool,
}

/// The finished runs that knew the parcel, newest first.
pub async fn runs(
    db: &mut Reader,
    scope: &Scope,
    layers: &Layers,
    parcel_id: i64,
    of: Findings<'_>,
    most: i64,
) -> sqlx::Result<Vec<RunRow>> {
    let sql = format!(
        "select r.run_id, r.year, r.state, c.run_id is not null as shown, r.finished_at, r.finalised_at,
             r.config #> array['rulesets', $2] as ruleset, s.version as ruleset_version,
             p.verdict, p.reasons, p.evidence, k.class, mutu.unit_of_version(m.parcel_row_id) as unit, {measures}
         from mutu.evaluation_run r
         join mutu.parcel_measure m on m.run_id = r.run_id and m.parcel_id = $1
         left join mutu.current_run c on c.run_id = r.run_id
         left join mutu.parcel_result_readable p on p.run_id = r.run_id and p.layer = $2 and p.parcel_id = $1
         left join mutu.parcel_class_readable k on k.run_id = r.run_id and k.layer = $3 and k.parcel_id = $1
         left join mutu.evaluation_rule_set e on e.run_id = r.run_id and e.layer = $2
         left join mutu.rule_set s using (rule_set_id)
         where r.finished_at is not null and ($4 or r.state <> 'draft' or c.run_id is not null)
         order by r.run_id desc
         limit $5",
        measures = super::readable(scope, layers, &SHOWN),
    );
    sqlx::query_as(AssertSqlSafe(sql))
        .bind(parcel_id)
        .bind(of.rules)
        .bind(of.classes)
        .bind(of.drafts)
        .bind(most)
        .fetch_all(db)
        .await
}

#[derive(Debug, sqlx::FromRow)]
pub struct GradeRow {
    pub run_id: i64,
    pub uscc: String,
    pub name: Option<String>,
    pub grade: Option<String>,
}

/// The grades of those who used the parcel on the last day of the run's year, as far as the reader may know them.
pub async fn grades(
    db: &mut Reader,
    parcel_code: &str,
    run_ids: &[i64],
) -> sqlx::Result<Vec<GradeRow>> {
    sqlx::query_as(
        "select distinct g.run_id, g.uscc, e.name, g.grade
         from mutu.evaluation_run r
         join mutu.occupancy_current o on o.parcel_code = $1
             and (o.from_date is null or o.from_date <= make_date(r.year::int, 12, 31))
             and (o.to_date is null or o.to_date >= make_date(r.year::int, 12, 31))
         join mutu.enterprise_result_readable g on g.run_id = r.run_id and g.uscc = o.uscc
         left join mutu.enterprise_current e on e.uscc = g.uscc
         where r.run_id = any ($2)
         order by g.run_id desc, g.uscc",
    )
    .bind(parcel_code)
    .bind(run_ids)
    .fetch_all(db)
    .await
}
