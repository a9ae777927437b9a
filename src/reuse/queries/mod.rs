//! SQL of lists and cases as they are read: under the reader's role, whose rows are those of its units.

use chrono::DateTime;
use chrono::NaiveDate;
use chrono::Utc;
use rust_decimal::Decimal;
use sqlx::AssertSqlSafe;
use sqlx::FromRow as _;

use crate::access::Scope;
use crate::cql::Value;
use crate::db::Reader;
use crate::db::Statement;
use crate::error::Result;
use crate::layer::Layer;
use crate::layer::Layers;

use super::Case;
use super::CaseEvent;
use super::List;
use super::Totals;
use super::Version;
use super::plan::Place;

pub mod attachment;
pub mod batch;
pub mod candidate;
pub mod check;
pub mod template;
pub mod write;

const LIST: &str = "select l.list_id, l.name, l.kind, l.year, l.responsible_unit, l.state, l.code_prefix, l.selection,
    l.note, l.row_version, l.created_by, l.created_at, l.changed_by, l.changed_at,
    s.case_count, s.area_mu, s.plan_area_mu, s.counted_mu,
    (select count(*) from mutu.reuse_list_version v where v.list_id = l.list_id) as version_count
    from mutu.reuse_list l
    cross join lateral (
        select count(*) as case_count, coalesce(sum(c.area_mu), 0) as area_mu,
               coalesce(sum(c.plan_area_mu), 0) as plan_area_mu, coalesce(sum(c.counted_mu), 0) as counted_mu
        from mutu.reuse_case c
        where c.list_id = l.list_id and c.superseded_at is null and c.state <> 'removed') s";

/// The lists that the reader sees, the newest first, before the one with that number.
pub async fn lists(db: &mut Reader, before: Option<i64>, limit: i64) -> sqlx::Result<Vec<List>> {
    let sql = format!(
        "{LIST} where ($1::bigint is null or l.list_id < $1) order by l.list_id desc limit $2"
    );
    sqlx::query_as(AssertSqlSafe(sql)).bind(before).bind(limit).fetch_all(db).await
}

/// A list, if the reader sees it.
pub async fn list(db: &mut Reader, list_id: i64) -> sqlx::Result<Option<List>> {
    let sql = format!("{LIST} where l.list_id = $1");
    sqlx::query_as(AssertSqlSafe(sql)).bind(list_id).fetch_optional(db).await
}

/// Which cases, of which moment.
#[derive(Clone, Debug, Default)]
pub struct Selection<'a> {
    pub list_id: Option<i64>,
    pub case_code: Option<&'a str>,
    pub case_codes: Option<&'a [String]>,
    pub state: Option<&'a str>,
    pub unit: Option<&'a str>,
    pub path: Option<&'a str>,
    pub as_of: Option<DateTime<Utc>>,
    /// The run whose figures are shown; `None`: the current one.
    pub run_id: Option<i64>,
    pub after: Option<i64>,
    /// Versions that are newer than that one.
    pub newer_than: Option<i64>,
    pub limit: Option<i64>,
}

impl Selection<'_> {
    fn condition(&self, it: &mut Statement) -> String {
        let mut all = vec![match self.as_of {
            None => "c.superseded_at is null".to_owned(),
            Some(moment) => {
                let moment = it.bind(Value::Timestamp(moment), "timestamptz");
                format!(
                    "c.recorded_at <= {moment} and (c.superseded_at is null or c.superseded_at > {moment})"
                )
            }
        }];
        for (column, value) in [("list_id", self.list_id)] {
            if let Some(value) = value {
                let value = it.bind(Decimal::from(value), "bigint");
                all.push(format!("c.{column} = {value}"));
            }
        }
        let texts = [
            ("case_code", self.case_code),
            ("state", self.state),
            ("responsible_unit", self.unit),
            ("path", self.path),
        ];
        for (column, value) in texts {
            if let Some(value) = value {
                let value = it.bind(value.to_owned(), "text");
                all.push(format!("c.{column} = {value}"));
            }
        }
        if let Some(codes) = self.case_codes {
            let codes = codes.iter().map(|it| it.clone().into()).collect();
            let codes = it.bind(Value::TextList(codes), "text[]");
            all.push(format!("c.case_code = any ({codes})"));
        }
        all.join(" and ")
    }
}

const CLASS: &str = "(select k.class from mutu.parcel_class_readable k
    where k.run_id = {run} and k.layer = 'block_class' and k.parcel_id = c.parcel_id)";

/// Cases in the order in which they came in.
pub async fn cases(
    db: &mut Reader,
    scope: &Scope,
    layers: &Layers,
    selection: &Selection<'_>,
) -> Result<Vec<Case>> {
    let mut it = Statement::default();
    let mut condition = selection.condition(&mut it);
    let known = match selection.as_of {
        None => "true".to_owned(),
        Some(moment) => {
            format!("e.recorded_at <= {}", it.bind(Value::Timestamp(moment), "timestamptz"))
        }
    };
    let run = match selection.run_id {
        Some(run) => it.bind(Decimal::from(run), "bigint"),
        None => "(select run_id from mutu.current_run)".to_owned(),
    };
    // What a parcel yields is for those who answer for the parcel, whoever answers for its case.
    let figure = |name: &str| {
        if !scope.may(layers.measure_role(name)) {
            return format!("null::numeric as {name}");
        }
        format!(
            "(select m.{name} from mutu.parcel_measure m
              where m.run_id = {run} and m.parcel_id = c.parcel_id
                and mutu.reaches(mutu.unit_of(c.parcel_id))) as {name}"
        )
    };
    let tells_class =
        layers.find("block_class").is_some_and(|it| it.open_to(scope, it.role_of_class()));
    if let Some(after) = selection.after {
        let after = it.bind(Decimal::from(after), "bigint");
        condition.push_str(&format!(" and c.reuse_case_id > {after}"));
    }
    if let Some(version) = selection.newer_than {
        let version = it.bind(Decimal::from(version), "bigint");
        condition.push_str(&format!(" and c.row_id > {version}"));
    }
    let limit = selection.limit.map_or("all".to_owned(), |it| it.to_string());
    it.sql = format!(
        "select c.row_id, c.{carried}, c.remaining_mu, c.recorded_at, c.recorded_by,
            (select coalesce(jsonb_object_agg(r.milestone, r.happened_on), '{{}}')
             from (select distinct on (e.milestone) e.milestone, e.happened_on, e.step
                   from mutu.case_event e
                   where e.reuse_case_id = c.reuse_case_id and e.kind = 'milestone' and {known}
                   order by e.milestone, e.event_id desc) r
             where r.step is null) as reached,
            {tax}, {tax_before}, {class} as block_class
         from mutu.reuse_case c
         where {condition}
         order by c.reuse_case_id
         limit {limit}",
        carried = write::CARRIED.join(", c."),
        tax = figure("tax_wan_per_mu"),
        tax_before = figure("tax_wan_per_mu_prev1"),
        class = if tells_class { CLASS.replace("{run}", &run) } else { "null::text".to_owned() },
    );
    let rows = it.query()?.fetch_all(db).await?;
    Ok(rows.iter().map(Case::from_row).collect::<sqlx::Result<_>>()?)
}

/// Sums of a selection, whatever its page; cases that were removed count for nothing.
pub async fn totals(db: &mut Reader, selection: &Selection<'_>) -> Result<Totals> {
    const SUMS: [&str; 11] = [
        "area_mu",
        "plan_area_mu",
        "disposed_mu",
        "remaining_mu",
        "counted_mu",
        "investment_plan_wan",
        "investment_actual_wan",
        "energy_freed_tce",
        "plants_freed",
        "plant_freed_m2",
        "enterprises_cleared",
    ];
    let mut it = Statement::default();
    let condition = selection.condition(&mut it);
    let sums = SUMS.map(|it| format!("coalesce(sum(c.{it}), 0) as {it}")).join(", ");
    it.sql = format!(
        "select count(*) as cases, {sums} from mutu.reuse_case c where {condition} and c.state <> 'removed'"
    );
    Ok(Totals::from_row(&it.query()?.fetch_one(db).await?)?)
}

/// Where the cases of a selection lie, in the order of [`cases`]; not those that were removed.
pub async fn places(db: &mut Reader, selection: &Selection<'_>) -> Result<Vec<Place>> {
    let mut it = Statement::default();
    let condition = selection.condition(&mut it);
    it.sql = format!(
        "select c.case_code, st_asgeojson(st_forcepolygonccw(c.geom), 7, 0)::jsonb as geometry, st_asbinary(c.geom) as wkb,
                st_x(p.geom) as lon, st_y(p.geom) as lat,
                st_xmin(c.geom) as west, st_ymin(c.geom) as south, st_xmax(c.geom) as east, st_ymax(c.geom) as north
         from mutu.reuse_case c
         cross join lateral (select st_pointonsurface(c.geom) as geom) p
         where {condition} and c.state <> 'removed'
         order by c.reuse_case_id"
    );
    let rows = it.query()?.fetch_all(db).await?;
    Ok(rows.iter().map(Place::from_row).collect::<sqlx::Result<_>>()?)
}

/// What happened to a case, the latest first.
pub async fn events(
    db: &mut Reader,
    reuse_case_id: i64,
    before: Option<i64>,
    limit: i64,
) -> sqlx::Result<Vec<CaseEvent>> {
    let sql = format!(
        "select {} from mutu.case_event
         where reuse_case_id = $1 and ($2::bigint is null or event_id < $2)
         order by event_id desc limit $3",
        write::EVENT
    );
    let query = sqlx::query_as(AssertSqlSafe(sql)).bind(reuse_case_id).bind(before).bind(limit);
    query.fetch_all(db).await
}

/// A planned milestone that was not reached.
#[derive(Debug, sqlx::FromRow)]
pub struct DueRow {
    pub case_code: String,
    pub list_id: i64,
    pub parcel_code: String,
    pub name: Option<String>,
    pub responsible_unit: Option<String>,
    pub person: Option<String>,
    pub path: String,
    pub milestone: String,
    pub quarter: String,
    pub total: i64,
}

/// Milestones of open cases that are planned for the quarter or one before it and were not reached, the earliest first.
pub async fn due(db: &mut Reader, quarter: &str, limit: i64) -> sqlx::Result<Vec<DueRow>> {
    // Quarters are written so that texts of them are in their order.
    sqlx::query_as(
        "select c.case_code, c.list_id, c.parcel_code, coalesce(c.enterprise_name, c.name) as name, c.responsible_unit,
                c.person, c.path, node.key as milestone, node.value as quarter, count(*) over () as total
         from mutu.reuse_case c
         cross join jsonb_each_text(c.nodes) node
         where c.superseded_at is null and c.path is not null and not c.held
           and c.state in ('verified', 'listed', 'in_progress')
           and node.value ~ '^[0-9]{4}Q[1-4]$' and node.value collate \"C\" <= $1
           and not exists (
               select from (select distinct on (e.milestone) e.step
                            from mutu.case_event e
                            where e.reuse_case_id = c.reuse_case_id and e.kind = 'milestone' and e.milestone = node.key
                            order by e.milestone, e.event_id desc) last
               where last.step is null)
         order by node.value collate \"C\", c.case_code, node.key
         limit $2",
    )
    .bind(quarter)
    .bind(limit)
    .fetch_all(db)
    .await
}

/// The frozen versions of a list, the first first.
pub async fn versions(db: &mut Reader, list_id: i64) -> sqlx::Result<Vec<Version>> {
    sqlx::query_as(
        "select list_id, version, frozen_at, run_id, note, frozen_by
         from mutu.reuse_list_version
         where list_id = $1
         order by version",
    )
    .bind(list_id)
    .fetch_all(db)
    .await
}

/// The codes that a filter finds in a layer, one more than `most` where there are more.
pub async fn codes(
    db: &mut Reader,
    layer: &Layer,
    filter: Option<crate::cql::sql::Fragment>,
    most: usize,
) -> Result<Vec<String>> {
    debug_assert!(layer.field.contains_key("parcel_code"));
    let mut it = Statement::default();
    let mut condition = "true".to_owned();
    if let Some(filter) = filter {
        condition = filter.sql;
        it.values.extend(filter.values);
    }
    it.sql = format!(
        "select distinct t.parcel_code from {} t
         where t.parcel_code is not null and {condition} order by 1 limit {}",
        layer.relation(),
        most + 1
    );
    let rows = it.query()?.fetch_all(db).await?;
    Ok(rows.iter().map(|it| sqlx::Row::try_get(it, 0)).collect::<sqlx::Result<_>>()?)
}

/// The codes of a town's parcels in force.
pub async fn codes_of_town(
    db: &mut Reader,
    layer: &Layer,
    town: &str,
) -> sqlx::Result<Vec<String>> {
    let sql = format!(
        "select parcel_code from {} t where town_code = $1 order by 1 limit {}",
        layer.relation(),
        super::CASES_MAX + 1
    );
    sqlx::query_scalar(AssertSqlSafe(sql)).bind(town).fetch_all(db).await
}

/// A target as it was known at a moment.
#[derive(Debug, sqlx::FromRow)]
pub struct TargetRow {
    pub unit: String,
    pub period: String,
    pub quantity: Decimal,
}

/// The targets of a year and kind.
pub async fn targets(
    db: &mut Reader,
    year: i64,
    kind: &str,
    known_at: DateTime<Utc>,
    day: NaiveDate,
) -> sqlx::Result<Vec<TargetRow>> {
    sqlx::query_as(
        "select unit, period, quantity from mutu.target_version
         where year = $1 and kind = $2
           and recorded_at <= $3 and (superseded_at is null or superseded_at > $3)
           and (valid_from is null or valid_from <= $4) and (valid_to is null or valid_to > $4)",
    )
    .bind(year)
    .bind(kind)
    .bind(known_at)
    .bind(day)
    .fetch_all(db)
    .await
}

/// What a unit has counted.
#[derive(Debug, sqlx::FromRow)]
pub struct CountedRow {
    pub unit: Option<String>,
    pub mu: Decimal,
    pub plants: Decimal,
    pub plant_m2: Decimal,
    pub enterprises: Decimal,
    /// Null where the reader does not answer for the unit.
    pub tce: Option<Decimal>,
}

/// What every unit has counted between two days, as it was known at a moment.
pub async fn counted(
    db: &mut Reader,
    known_at: DateTime<Utc>,
    first: NaiveDate,
    last: NaiveDate,
) -> sqlx::Result<Vec<CountedRow>> {
    sqlx::query_as(
        "select unit, mu, plants, plant_m2, enterprises, tce from mutu.counted_by_unit($1, $2, $3)",
    )
    .bind(known_at)
    .bind(first)
    .bind(last)
    .fetch_all(db)
    .await
}
