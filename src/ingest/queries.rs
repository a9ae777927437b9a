//! SQL of an import: rows arrive by COPY as `incoming` (see `arrival`), are compared with what is there and become new versions.
//! Everything runs in the one transaction of `write`; names come from checked folders.

use chrono::DateTime;
use chrono::Utc;
use sqlx::AssertSqlSafe;
use sqlx::PgConnection;

use super::report::Findings;
use super::report::Issue;
use super::target::Target;

/// Keeps other writers of the same target, named by its id, out until the end of the transaction. Returns the moment at which what follows
/// is recorded: `now()` is from before the wait, and could lie before what others recorded in the meantime.
pub async fn lock(db: &mut PgConnection, target: &str) -> sqlx::Result<DateTime<Utc>> {
    sqlx::query("select pg_advisory_xact_lock(hashtext('mutu.import.' || $1))")
        .bind(target)
        .execute(&mut *db)
        .await?;
    sqlx::query_scalar("select clock_timestamp()").fetch_one(db).await
}

/// Makes the temporary table `incoming`.
pub async fn create_incoming(db: &mut PgConnection, target: &Target) -> sqlx::Result<()> {
    let fields: String = target
        .fields
        .iter()
        .map(|(name, it)| format!("{name} {}, ", Target::postgres(it)))
        .collect();
    let geometry = target.geometry.map_or_else(String::new, |it| {
        format!(
            "geom geometry({}, 4490) not null, geom_original geometry(geometry, 4490),
             repaired boolean not null, area_geom_m2 numeric(18, 2) not null, ",
            it.postgis()
        )
    });
    let sql = format!(
        "create temporary table incoming (row_no bigint not null, {fields}{geometry}extra jsonb) on commit drop"
    );
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(db).await?;
    Ok(())
}

/// Statistics for the joins that follow: of the columns that they join by. Shapes would take as long to sample as to copy.
pub async fn analyze_incoming(db: &mut PgConnection, target: &Target) -> sqlx::Result<()> {
    let columns: Vec<&str> =
        std::iter::once("row_no").chain(target.key.iter().map(String::as_str)).collect();
    let sql = format!("analyze incoming ({})", columns.join(", "));
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(db).await?;
    Ok(())
}

/// The key of a row as a join needs it: a missing part equals a missing part.
fn key(target: &Target, alias: &str) -> Vec<String> {
    target
        .key
        .iter()
        .map(|name| {
            let certain = name == "period" || target.fields.get(name).is_some_and(|it| it.required);
            if certain {
                format!("{alias}.{name}")
            } else {
                format!("coalesce({alias}.{name}::text, '')")
            }
        })
        .collect()
}

pub(super) fn key_text(target: &Target, alias: &str) -> String {
    format!("concat_ws(' ', {})", key(target, alias).join(", "))
}

fn same_key(target: &Target) -> String {
    let pairs = key(target, "i").into_iter().zip(key(target, "c"));
    pairs.map(|(i, c)| format!("{i} = {c}")).collect::<Vec<_>>().join(" and ")
}

/// A point of an incoming row's geometry as EWKB; null where there are none.
fn place(target: &Target) -> &'static str {
    if target.geometry.is_some() { "st_asewkb(st_pointonsurface(i.geom))" } else { "null::bytea" }
}

/// What tells one state of the target from any other: every write adds a row or ends one.
pub async fn state(db: &mut PgConnection, target: &Target) -> sqlx::Result<String> {
    let sql = format!(
        "select concat_ws('/', max(row_id), count(superseded_at), max(superseded_at)) from {}",
        target.relation
    );
    sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(db).await
}

/// How many current rows would not stay as they are, and the keys of the first few. `match_rows` has run.
pub async fn conflicting(
    db: &mut PgConnection,
    target: &Target,
) -> sqlx::Result<(i64, Vec<String>)> {
    let sql = if target.keyed {
        format!(
            "select count(*), coalesce((array_agg({text} order by i.row_no))[1:5], '{{}}')
             from matched m
             join incoming i using (row_no)
             where not m.same",
            text = key_text(target, "i"),
        )
    } else {
        format!(
            "select count(*), '{{}}'::text[] from {} c
             where c.superseded_at is null and c.valid_to is null
                 and not exists (select from matched m where m.row_id = c.row_id)",
            target.relation
        )
    };
    sqlx::query_as(AssertSqlSafe(sql)).fetch_one(db).await
}

/// What a file fills: the rest of a row keeps its value when the row is replaced.
pub struct Filled {
    /// Names of the fields.
    pub fields: Vec<String>,
    pub extra: bool,
}

/// Pairs incoming rows with the current version they replace or repeat, in the temporary table `matched`.
pub async fn match_rows(
    db: &mut PgConnection,
    target: &Target,
    filled: &Filled,
) -> sqlx::Result<()> {
    let side = |alias: &str| {
        let mut list: Vec<String> =
            filled.fields.iter().map(|it| format!("{alias}.{it}")).collect();
        if target.geometry.is_some() {
            list.push(format!("st_asbinary({alias}.geom)"));
        }
        if filled.extra {
            list.push(format!("{alias}.extra"));
        }
        list.join(", ")
    };
    let sql = if target.keyed {
        format!(
            "create temporary table matched on commit drop as
             select i.row_no, c.row_id, row({}) is not distinct from row({}) as same
             from incoming i
             join {} c on {}
             where c.superseded_at is null and c.valid_to is null",
            side("i"),
            side("c"),
            target.relation,
            same_key(target),
        )
    } else {
        // Without a key only a row that is the same all through is the same row; doubles pair up one to one.
        format!(
            "create temporary table matched on commit drop as
             with i as (
                 select i.row_no, md5(row({})::text) as content from incoming i
             ), c as (
                 select c.row_id, md5(row({})::text) as content from {} c
                 where c.superseded_at is null and c.valid_to is null
             ), ni as (
                 select *, row_number() over (partition by content order by row_no) as nth from i
             ), nc as (
                 select *, row_number() over (partition by content order by row_id) as nth from c
             )
             select ni.row_no, nc.row_id, true as same
             from ni
             join nc using (content, nth)",
            side("i"),
            side("c"),
            target.relation,
        )
    };
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *db).await?;
    sqlx::raw_sql("analyze matched").execute(db).await?;
    Ok(())
}

/// Matched rows: those that stay as they are, those that change.
pub async fn count_matched(db: &mut PgConnection) -> sqlx::Result<(i64, i64)> {
    sqlx::query_as(
        "select count(*) filter (where same), count(*) filter (where not same) from matched",
    )
    .fetch_one(db)
    .await
}

/// Current rows of the target, of which each is matched once at most.
pub async fn count_current(db: &mut PgConnection, target: &Target) -> sqlx::Result<i64> {
    let sql = format!(
        "select count(*) from {} where superseded_at is null and valid_to is null",
        target.relation
    );
    sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(db).await
}

/// Ends the versions that are replaced; in a layer without keys also the rows that the file does not have.
pub async fn supersede(
    db: &mut PgConnection,
    target: &Target,
    at: DateTime<Utc>,
) -> sqlx::Result<u64> {
    let which = if target.keyed {
        "c.row_id in (select row_id from matched where not same)"
    } else {
        "c.superseded_at is null and c.valid_to is null
             and not exists (select from matched m where m.row_id = c.row_id)"
    };
    let sql = format!("update {} c set superseded_at = $1 where {which}", target.relation);
    Ok(sqlx::query(AssertSqlSafe(sql)).bind(at).execute(db).await?.rows_affected())
}

/// Writes the rows that are new or changed. Returns how many, and their stable numbers where there are not too many to name.
pub async fn insert(
    db: &mut PgConnection,
    target: &Target,
    filled: &Filled,
    batch_id: i64,
    recorded_by: &str,
    at: DateTime<Utc>,
) -> sqlx::Result<(i64, Option<Vec<i64>>)> {
    let mut columns: Vec<String> = Vec::new();
    let mut values: Vec<String> = Vec::new();
    for name in target.fields.keys() {
        columns.push(name.clone());
        // A field that the file does not have keeps what an officer wrote there.
        values.push(if filled.fields.contains(name) {
            format!("i.{name}")
        } else {
            format!("c.{name}")
        });
    }
    columns.push("extra".to_owned());
    values.push(if filled.extra { "i.extra" } else { "coalesce(i.extra, c.extra)" }.to_owned());
    columns.push("valid_from".to_owned());
    values.push("c.valid_from".to_owned());
    let mut order = "i.row_no";
    if target.geometry.is_some() {
        for name in ["geom", "geom_original", "repaired"] {
            columns.push(name.to_owned());
            values.push(format!("i.{name}"));
        }
        if target.measured {
            columns.push("area_geom_m2".to_owned());
            values.push("i.area_geom_m2".to_owned());
        }
        // PostGIS sorts along a Hilbert curve: neighbours lie on the same pages, and tiles read fewer.
        order = "i.geom";
    }
    let mut returning = "null::bigint".to_owned();
    if let Some(identity) = &target.identity {
        columns.push(identity.column.clone());
        values.push(format!("coalesce(c.{}, nextval('{}'))", identity.column, identity.sequence));
        returning.clone_from(&identity.column);
    }
    let sql = format!(
        "with written as (
             insert into {relation} ({columns}, batch_id, recorded_by, recorded_at)
             select {values}, $1, $2, $3
             from incoming i
             left join matched m using (row_no)
             left join {relation} c on c.row_id = m.row_id
             where m.same is not true
             order by {order}
             returning {returning} as id
         )
         select count(*), case when count(*) <= 5000 and count(id) > 0 then array_agg(id) end from written",
        relation = target.relation,
        columns = columns.join(", "),
        values = values.join(", "),
    );
    sqlx::query_as(AssertSqlSafe(sql)).bind(batch_id).bind(recorded_by).bind(at).fetch_one(db).await
}

/// Takes the indexes of a target without rows away until [`resume_indexes`]; whether it did.
pub async fn suspend_indexes(db: &mut PgConnection, target: &Target) -> sqlx::Result<bool> {
    sqlx::query_scalar("select mutu.suspend_indexes($1::regclass)")
        .bind(&target.relation)
        .fetch_one(db)
        .await
}

/// Builds the indexes again, from all rows.
pub async fn resume_indexes(db: &mut PgConnection, target: &Target) -> sqlx::Result<()> {
    sqlx::query("select mutu.resume_indexes($1::regclass)")
        .bind(&target.relation)
        .execute(db)
        .await?;
    Ok(())
}

/// Incoming rows whose code is in no current row of another table: how many, and the first ones.
pub async fn unknown_codes(
    db: &mut PgConnection,
    target: &Target,
    column: &str,
    relation: &str,
    their_column: &str,
) -> sqlx::Result<(i64, Vec<(i64, String, Option<Vec<u8>>)>)> {
    let from = format!(
        "from incoming i
         where i.{column} is not null and not exists (
             select from {relation} c
             where c.{their_column} = i.{column} and c.superseded_at is null and c.valid_to is null)"
    );
    let count: i64 = sqlx::query_scalar(AssertSqlSafe(format!("select count(*) {from}")))
        .fetch_one(&mut *db)
        .await?;
    let first = sqlx::query_as(AssertSqlSafe(format!(
        "select i.row_no, i.{column}, {} {from} order by i.row_no limit $1",
        place(target)
    )))
    .bind(Findings::most())
    .fetch_all(db)
    .await?;
    Ok((count, first))
}

/// Statistics of the target, once it holds many new rows.
pub async fn analyze(db: &mut PgConnection, target: &Target) -> sqlx::Result<()> {
    sqlx::query("select mutu.refresh_key_statistics($1::regclass)")
        .bind(&target.relation)
        .execute(db)
        .await?;
    Ok(())
}

/// Begins a batch, or takes the one that was made when its file arrived. `None`: that one is gone, or applied already.
pub async fn begin_batch(
    db: &mut PgConnection,
    target: &str,
    file: &str,
    recorded_by: &str,
    batch_id: Option<i64>,
) -> sqlx::Result<Option<i64>> {
    let Some(batch_id) = batch_id else {
        let made = sqlx::query_scalar(
            "insert into mutu.import_batch (target, file, recorded_by, state) values ($1, $2, $3, 'uploaded')
             returning batch_id",
        );
        return made.bind(target).bind(file).bind(recorded_by).fetch_one(db).await.map(Some);
    };
    sqlx::query_scalar(
        "update mutu.import_batch set target = $2
         where batch_id = $1 and state in ('uploaded', 'previewed')
         returning batch_id",
    )
    .bind(batch_id)
    .bind(target)
    .fetch_optional(db)
    .await
}

/// Completes a batch with its report: applied, or only looked at.
pub async fn finish_batch(
    db: &mut PgConnection,
    batch_id: i64,
    report: &super::report::Report,
    at: DateTime<Utc>,
) -> sqlx::Result<()> {
    let count = |it: u64| i64::try_from(it).unwrap_or(i64::MAX);
    sqlx::query(
        "update mutu.import_batch
         set source_crs = $2, encoding = $3, mapping = $4, rows_read = $5, rows_written = $6,
             rows_repaired = $7, rows_rejected = $8, report = $9,
             state = case when $10 then 'previewed' else 'applied' end,
             applied_at = case when $10 then null else $11 end
         where batch_id = $1",
    )
    .bind(batch_id)
    .bind(report.crs.as_ref().map(|it| it.name.clone()))
    .bind(report.encoding.as_ref().map(|it| it.name))
    .bind(sqlx::types::Json(&report.mapping))
    .bind(count(report.rows.read))
    .bind(count(report.rows.written))
    .bind(count(report.rows.repaired))
    .bind(count(report.rows.rejected))
    .bind(sqlx::types::Json(report))
    .bind(report.dry_run || report.failed())
    .bind(at)
    .execute(db)
    .await?;
    Ok(())
}

/// Findings of one statement: their geometries make it long.
const ISSUES_AT_ONCE: usize = 5_000;

/// Stores findings of a batch.
pub async fn insert_issues(
    db: &mut PgConnection,
    batch_id: i64,
    issues: &[&Issue],
) -> sqlx::Result<()> {
    // An earlier preview's.
    sqlx::query("delete from mutu.import_issue where batch_id = $1")
        .bind(batch_id)
        .execute(&mut *db)
        .await?;
    let plain = |it: &str| it.replace('\0', "");
    let text = |it: &Option<String>| it.as_deref().map(plain);
    for issues in issues.chunks(ISSUES_AT_ONCE) {
        let row = |it: &Issue| it.row.and_then(|it| i64::try_from(it).ok());
        sqlx::query(
            "insert into mutu.import_issue (batch_id, severity, rule, source_row, field, value, message, mend, geom)
             select $1, severity, rule, source_row, field, value, message, mend, st_geomfromewkb(place)
             from unnest($2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bytea[])
                 as it (severity, rule, source_row, field, value, message, mend, place)",
        )
        .bind(batch_id)
        .bind(issues.iter().map(|it| it.severity.name().to_owned()).collect::<Vec<_>>())
        .bind(issues.iter().map(|it| it.rule.to_owned()).collect::<Vec<_>>())
        .bind(issues.iter().map(|it| row(it)).collect::<Vec<_>>())
        .bind(issues.iter().map(|it| text(&it.field)).collect::<Vec<_>>())
        .bind(issues.iter().map(|it| text(&it.value)).collect::<Vec<_>>())
        .bind(issues.iter().map(|it| plain(&it.message)).collect::<Vec<_>>())
        .bind(issues.iter().map(|it| text(&it.mend)).collect::<Vec<_>>())
        .bind(issues.iter().map(|it| it.place.clone()).collect::<Vec<_>>())
        .execute(&mut *db)
        .await?;
    }
    Ok(())
}
