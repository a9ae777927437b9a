//! SQL of what follows a final run.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use crate::db::Reader;
use crate::db::Writer;

use super::Hit;
use super::OfLayer;
use super::OpenCase;

/// A run that is being compared.
#[derive(Debug, sqlx::FromRow)]
pub struct Compared {
    pub year: i64,
    /// A run of a later year is final already.
    pub is_overtaken: bool,
}

/// Notes with which final run each of its layers is compared: of the same rule set, of the same year or an earlier one, the
/// last of them.
pub async fn compare(db: &mut Writer, run_id: i64) -> sqlx::Result<Compared> {
    sqlx::query(
        "insert into mutu.run_sequel (run_id, layer, against_run_id)
         select own.run_id, own.layer, (
             select old.run_id
             from mutu.evaluation_run old
             join mutu.evaluation_rule_set was using (run_id)
             join mutu.rule_set before using (rule_set_id)
             where old.state = 'final' and old.run_id <> own.run_id and old.year <= run.year
               and was.layer = own.layer and before.id = rules.id
             order by old.year desc, old.finalised_at desc, old.run_id desc
             limit 1)
         from mutu.evaluation_rule_set own
         join mutu.evaluation_run run using (run_id)
         join mutu.rule_set rules using (rule_set_id)
         where own.run_id = $1",
    )
    .bind(run_id)
    .execute(&mut *db)
    .await?;
    sqlx::query_as(
        "select year, exists (
             select from mutu.evaluation_run later where later.state = 'final' and later.period = later.year::text
               and later.year > run.year) as is_overtaken
         from mutu.evaluation_run run where run_id = $1",
    )
    .bind(run_id)
    .fetch_one(db)
    .await
}

/// Those of the parcels that the run found of a class, by the overlay or an officer.
pub async fn classed(
    db: &mut Writer,
    run_id: i64,
    layer: &str,
    class: &str,
    parcels: &[i64],
) -> sqlx::Result<BTreeSet<i64>> {
    let ids: Vec<i64> = sqlx::query_scalar(
        "select parcel_id from mutu.parcel_class
         where run_id = $1 and layer = $2 and class = $3 and parcel_id = any ($4)",
    )
    .bind(run_id)
    .bind(layer)
    .bind(class)
    .bind(parcels)
    .fetch_all(db)
    .await?;
    Ok(ids.into_iter().collect())
}

/// What each layer's verdicts were in the run before and are now, of parcels that one of both found low. `$1`: the run.
const DIFFERENCES: &str = "
    select layer, parcel_id, now.verdict, coalesce(now.is_low, false) as is_low, before.layer is not null as was_low,
           case when now.is_low then now.reasons else before.reasons end as reasons, coalesce(now.run_id, before.run_id) as of_run
    from (
        select r.run_id, r.layer, r.parcel_id, r.verdict, r.verdict = 'low' as is_low, r.reasons
        from mutu.parcel_result r
        join mutu.run_sequel s on s.run_id = r.run_id and s.layer = r.layer
        where r.run_id = $1
    ) now
    full join (
        select r.run_id, r.layer, r.parcel_id, r.reasons
        from mutu.run_sequel s
        join mutu.parcel_result r on r.run_id = s.against_run_id and r.layer = s.layer
        where s.run_id = $1 and r.verdict = 'low'
    ) before using (layer, parcel_id)
    where coalesce(now.is_low, false) <> (before.layer is not null)";

/// A parcel that is newly low.
#[derive(Debug, sqlx::FromRow)]
pub struct Entered {
    pub layer: String,
    pub parcel_id: i64,
}

/// Parcels that are newly low, by layer.
pub async fn entered(db: &mut Writer, run_id: i64) -> sqlx::Result<Vec<Entered>> {
    let sql = format!(
        "select layer, parcel_id from ({DIFFERENCES}) it where is_low order by layer, parcel_id"
    );
    sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(run_id).fetch_all(db).await
}

/// Stores the hits of a run with the cases that these lists have of them. Code and unit are those of now, or of the last
/// version of a parcel that is no more.
pub async fn store(db: &mut Writer, run_id: i64, lists: &[i64]) -> sqlx::Result<()> {
    let sql = format!(
        "insert into mutu.run_hit
             (run_id, layer, parcel_id, change, parcel_code, name, responsible_unit, area_mu, verdict, reasons, reuse_case_id)
         select $1, it.layer, it.parcel_id, case when it.is_low then 'entered' else 'gone' end, p.parcel_code, p.name,
                p.responsible_unit, m.area_mu, it.verdict, it.reasons, c.reuse_case_id
         from ({DIFFERENCES}) it
         cross join lateral (
             select parcel_code, name, responsible_unit from mutu.parcel v
             where v.parcel_id = it.parcel_id
             order by (v.superseded_at is null and v.valid_to is null) desc, v.row_id desc
             limit 1
         ) p
         left join mutu.parcel_measure m on m.run_id = it.of_run and m.parcel_id = it.parcel_id
         left join mutu.reuse_case c on c.list_id = any ($2) and c.parcel_id = it.parcel_id and c.superseded_at is null
             and exists (select from mutu.reuse_list l where l.list_id = c.list_id and l.selection ->> 'layer' = it.layer)
         order by it.layer, p.responsible_unit, p.parcel_code, it.parcel_id"
    );
    sqlx::query(sqlx::AssertSqlSafe(sql)).bind(run_id).bind(lists).execute(db).await?;
    Ok(())
}

/// A unit's hits.
#[derive(Debug, sqlx::FromRow)]
pub struct OfUnit {
    pub responsible_unit: Option<String>,
    pub entered: i64,
    pub gone: i64,
    pub opened: i64,
}

/// How many hits each unit has.
pub async fn by_unit(db: &mut Writer, run_id: i64) -> sqlx::Result<Vec<OfUnit>> {
    sqlx::query_as(
        "select responsible_unit, count(*) filter (where change = 'entered') as entered,
                count(*) filter (where change = 'gone') as gone, count(reuse_case_id) as opened
         from mutu.run_hit where run_id = $1
         group by responsible_unit order by responsible_unit nulls last",
    )
    .bind(run_id)
    .fetch_all(db)
    .await
}

/// What was compared in each layer, and how many hits of it the reader sees.
pub async fn layers(db: &mut Reader, run_id: i64) -> sqlx::Result<Vec<OfLayer>> {
    sqlx::query_as(
        "select s.layer, rules.id as ruleset, s.against_run_id as against, old.year as against_year,
                count(*) filter (where h.change = 'entered') as entered, count(*) filter (where h.change = 'gone') as gone,
                count(h.reuse_case_id) as opened
         from mutu.run_sequel s
         join mutu.evaluation_rule_set own on own.run_id = s.run_id and own.layer = s.layer
         join mutu.rule_set rules using (rule_set_id)
         left join mutu.evaluation_run old on old.run_id = s.against_run_id
         left join mutu.run_hit h on h.run_id = s.run_id and h.layer = s.layer
         where s.run_id = $1
         group by s.layer, rules.id, s.against_run_id, old.year
         order by s.layer",
    )
    .bind(run_id)
    .fetch_all(db)
    .await
}

/// Which hits are read.
#[derive(Debug)]
pub struct Selected<'a> {
    pub run_id: i64,
    pub change: Option<&'static str>,
    pub layer: Option<&'a str>,
    pub after: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct Row {
    hit_id: i64,
    layer: String,
    change: String,
    parcel_id: i64,
    parcel_code: String,
    name: Option<String>,
    responsible_unit: Option<String>,
    area_mu: Option<Decimal>,
    verdict: Option<String>,
    reasons: Vec<String>,
    opened: bool,
    case_code: Option<String>,
    state: Option<String>,
    list_id: Option<i64>,
}

/// Hits in their order, each with the open case that the reader sees.
pub async fn hits(db: &mut Reader, selected: &Selected<'_>, limit: i64) -> sqlx::Result<Vec<Hit>> {
    let rows: Vec<Row> = sqlx::query_as(
        "select h.hit_id, h.layer, h.change, h.parcel_id, h.parcel_code, h.name, h.responsible_unit, h.area_mu, h.verdict,
                h.reasons, h.reuse_case_id is not null as opened, c.case_code, c.state, c.list_id
         from mutu.run_hit h
         left join lateral (
             select c.case_code, c.state, c.list_id from mutu.reuse_case c
             where c.parcel_id = h.parcel_id and c.superseded_at is null and c.state not in ('closed', 'removed')
             order by (c.reuse_case_id = h.reuse_case_id) desc nulls last, c.reuse_case_id desc
             limit 1
         ) c on true
         where h.run_id = $1 and ($2::text is null or h.change = $2) and ($3::text is null or h.layer = $3)
           and ($4::bigint is null or h.hit_id > $4)
         order by h.hit_id limit $5",
    )
    .bind(selected.run_id)
    .bind(selected.change)
    .bind(selected.layer)
    .bind(selected.after)
    .bind(limit)
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(Row::hit).collect())
}

impl Row {
    fn hit(self) -> Hit {
        let case = self.case_code.zip(self.state).zip(self.list_id);
        Hit {
            hit_id: self.hit_id,
            layer: self.layer,
            change: self.change,
            parcel_id: self.parcel_id,
            parcel_code: self.parcel_code,
            name: self.name,
            responsible_unit: self.responsible_unit,
            area_mu: self.area_mu,
            verdict: self.verdict,
            reasons: self.reasons,
            opened: self.opened,
            case: case.map(|((case_code, state), list_id)| OpenCase { case_code, state, list_id }),
        }
    }
}
