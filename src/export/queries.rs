//! SQL of selections: rows in batches, one row, counts. Identifiers are those of checked layer folders; every value is
//! bound.

use std::fmt::Write;
use std::time::Duration;

use futures_util::Stream;
use futures_util::stream::try_unfold;
use rust_decimal::Decimal;
use sqlx::AssertSqlSafe;
use sqlx::Row as _;
use sqlx::postgres::PgRow;
use tokio::sync::Semaphore;
use tokio::sync::SemaphorePermit;

use crate::access::Scope;
use crate::app::App;
use crate::app::Asked;
use crate::cql::Expr;
use crate::cql::Value;
use crate::cql::literal::envelope;
use crate::cql::sql::geometry_to_sql;
use crate::cql::sql::to_sql_in;
use crate::crs::Crs;
use crate::db::Reader;
use crate::db::Statement;
use crate::error::Error;
use crate::error::Result;
use crate::layer::Geometry;

use super::Bbox;
use super::Encoding;
use super::Row;
use super::Selection;
use super::Shape;

/// Rows that are in memory at once: a page of so many is read whole before any of it is given.
pub const BATCH: i64 = 1000;

/// What a count may take, which the end of a page waits for.
const CHEAP: Duration = Duration::from_millis(250);

/// Long streams hold a connection while their client reads; this many at most, so that tiles keep theirs.
static LONG_STREAMS: Semaphore = Semaphore::const_new(5);
/// Of these, for people who have not signed in.
static PUBLIC_STREAMS: Semaphore = Semaphore::const_new(3);

/// The condition that a row of `t` touches the area.
pub fn touches(bbox: Bbox, statement: &mut Statement) -> String {
    let parts = bbox.parts().into_iter().map(|edges| {
        let area = envelope(Crs::Crs84, edges, |edge| statement.bind(Value::Float(edge), "float8"));
        format!("st_intersects(t.geom, {area})")
    });
    format!("({})", parts.collect::<Vec<_>>().join(" or "))
}

/// `from … where …` of a selection without its page.
fn chosen(selection: &Selection<'_>) -> Result<Statement> {
    let mut it = Statement::default();
    let mut conditions =
        selection.times.condition(selection.layer, &mut it).unwrap_or("true".to_owned());
    if let Some(bbox) = selection.bbox {
        let _ = write!(conditions, " and {}", touches(bbox, &mut it));
    }
    if let Some(frame) = selection.frame {
        let area = envelope(frame.crs, frame.edges, |edge| it.bind(Value::Float(edge), "float8"));
        let _ = write!(conditions, " and st_intersects(t.geom, {area})");
    }
    for (name, kind, value) in &selection.equals {
        let sql_type = kind.postgres().split(' ').next().unwrap_or("text");
        let value = it.bind(value.clone(), sql_type);
        let _ = write!(conditions, " and t.{name} = {value}");
    }
    if let Some(filter) = &selection.filter {
        let fields = selection.filter_fields();
        let fragment = to_sql_in(selection.filter_crs, filter, &fields, it.values.len() + 1)
            .map_err(|it| Error::parameter("filter", it.to_string()))?;
        let _ = write!(conditions, " and {}", fragment.sql);
        it.values.extend(fragment.values);
    }
    it.sql = format!("from {} t where {conditions}", selection.times.relation(selection.layer));
    Ok(it)
}

/// What is selected of each row: id, the fields as text, the geometry.
fn list(selection: &Selection<'_>) -> String {
    let mut list = String::from("t.id");
    for column in selection.columns() {
        let _ = write!(list, ", t.{}::text", column.name);
    }
    list.push_str(&selection.keys());
    if selection.timed {
        let _ = write!(list, ", {}", time(selection));
    }
    match selection.encoding {
        Encoding::Without => {}
        Encoding::GeoJson(crs) => {
            let _ = write!(list, ", {}", geojson(crs, selection.layer.geometry));
        }
        // One datum (`geometry/crs`): PROJ has no shift between them either.
        Encoding::Wkb(4490 | 4326) => list.push_str(", st_asbinary(t.geom)"),
        Encoding::Wkb(code) => {
            let _ = write!(list, ", st_asbinary(st_transform(t.geom, {code}))");
        }
    }
    list
}

/// The first and the last day of a row's version. The first day on which it is no more so stands behind the last.
fn time(selection: &Selection<'_>) -> String {
    let written = |it: &str| {
        format!(
            "coalesce({it}.valid_from::text, '..') || '/'
             || case when {it}.valid_to is null then '..'
                     else greatest({it}.valid_to - 1, {it}.valid_from)::text end"
        )
    };
    match (selection.layer.is_versioned(), selection.times.is_now()) {
        (false, _) => "null::text".to_owned(),
        (true, false) => written("t"),
        (true, true) => format!(
            "(select {} from {} it where it.id = t.id and it.superseded_at is null
              order by it.valid_to desc nulls first, it.row_id desc limit 1)",
            written("it"),
            selection.layer.past()
        ),
    }
}

/// The geometry as GeoJSON in a reference system.
fn geojson(crs: Crs, kind: Geometry) -> String {
    let mut sql = "t.geom".to_owned();
    if kind == Geometry::Polygon {
        sql = format!("st_forcepolygonccw({sql})");
    }
    if !crs.is_degrees() {
        sql = format!("st_transform({sql}, {})", crs.srid());
    }
    if crs.is_north_first() {
        sql = format!("st_flipcoordinates({sql})");
    }
    // Without options, or a `crs` member is written that RFC 7946 abolished.
    format!("st_asgeojson({sql}, {}, 0)", crs.decimals())
}

fn statement(selection: &Selection<'_>) -> Result<Statement> {
    let mut it = chosen(selection)?;
    let mut sql = format!("select {} {}", list(selection), it.sql);
    if let Some(after) = &selection.after {
        let _ = write!(sql, " and {}", selection.comes_after(after, &mut it));
    }
    sql.push_str(&selection.order_by());
    if let Some(limit) = selection.limit {
        let _ = write!(sql, " limit {limit}");
    }
    if selection.offset > 0 {
        let _ = write!(sql, " offset {}", selection.offset);
    }
    it.sql = sql;
    Ok(it)
}

/// What of a row stands behind its values.
#[derive(Clone, Copy)]
struct Rest {
    encoding: Encoding,
    /// Columns that it is sorted by.
    keys: usize,
    timed: bool,
}

impl Rest {
    fn of(selection: &Selection<'_>) -> Self {
        let Selection { encoding, timed, .. } = *selection;
        Self { encoding, keys: selection.order.len(), timed }
    }
}

/// A row from the first `width` columns.
fn row(rest: Rest, it: &PgRow, width: usize) -> sqlx::Result<Row> {
    let last = width - usize::from(rest.encoding != Encoding::Without);
    let end = last - usize::from(rest.timed);
    let text = |nth: usize| it.try_get(nth);
    let values = (1..end - rest.keys).map(text).collect::<sqlx::Result<_>>()?;
    let keys = (end - rest.keys..end).map(text).collect::<sqlx::Result<_>>()?;
    let time = if rest.timed { it.try_get(end)? } else { None };
    let shape = match rest.encoding {
        Encoding::Without => Shape::Without,
        // A layer without shapes has none to give.
        Encoding::GeoJson(_) => {
            Shape::GeoJson(it.try_get::<Option<_>, _>(last)?.unwrap_or("null".to_owned()))
        }
        Encoding::Wkb(_) => it.try_get::<Option<_>, _>(last)?.map_or(Shape::Without, Shape::Wkb),
    };
    Ok(Row { id: it.try_get(0)?, values, keys, time, shape })
}

/// A place among the long streams, and among those of the public.
type Seat = (SemaphorePermit<'static>, Option<SemaphorePermit<'static>>);

/// Where a stream stands between two batches.
enum At {
    Start(Reader, Statement),
    Reading(Reader, Seat),
    End,
}

/// The selection's rows in the order of their ids, in batches of at most [`BATCH`], all as of one moment.
///
/// A page that is one batch gives its connection back before a client reads. A longer one reads through a cursor, so
/// that each step is short, however slow the client, and nothing runs on when it goes away.
pub fn rows(
    db: Reader,
    selection: &Selection<'_>,
) -> Result<impl Stream<Item = Result<Vec<Row>>> + Send + use<>> {
    let rest = Rest::of(selection);
    let short = selection.limit.is_some_and(|it| it <= BATCH);
    Ok(try_unfold(At::Start(db, statement(selection)?), move |at| async move {
        let (found, reading) = match at {
            At::Start(mut db, statement) if short => {
                (statement.query()?.fetch_all(&mut db).await?, None)
            }
            At::Start(mut db, statement) => {
                let seat = begin(&mut db, statement).await?;
                (fetch(&mut db).await?, Some((db, seat)))
            }
            At::Reading(mut db, seat) => (fetch(&mut db).await?, Some((db, seat))),
            At::End => return Ok(None),
        };
        let full = i64::try_from(found.len()).is_ok_and(|it| it == BATCH);
        let next = match reading {
            Some((db, seat)) if full => At::Reading(db, seat),
            Some((mut db, _)) => {
                db.end().await?;
                At::End
            }
            None => At::End,
        };
        if found.is_empty() {
            return Ok(None);
        }
        let batch = found.iter().map(|it| row(rest, it, it.len())).collect::<sqlx::Result<_>>()?;
        Ok(Some((batch, next)))
    }))
}

async fn begin(db: &mut Reader, mut statement: Statement) -> Result<Seat> {
    let is_public = db.is_public();
    let seat = async {
        let public = if is_public { Some(PUBLIC_STREAMS.acquire().await.ok()?) } else { None };
        Some((LONG_STREAMS.acquire().await.ok()?, public))
    };
    let Ok(Some(seat)) = tokio::time::timeout(Duration::from_secs(5), seat).await else {
        return Err(Error::Busy("too many large downloads at once"));
    };
    db.begin().await?;
    statement.sql = format!("declare chosen no scroll cursor for {}", statement.sql);
    statement.query()?.execute(db).await?;
    Ok(seat)
}

async fn fetch(db: &mut Reader) -> sqlx::Result<Vec<PgRow>> {
    let sql = format!("fetch {BATCH} from chosen");
    sqlx::query(AssertSqlSafe(sql)).persistent(false).fetch_all(db).await
}

/// How PostgreSQL would read the selection, line by line: a page must not depend on reading the whole table.
pub async fn explain(db: &mut Reader, selection: &Selection<'_>) -> Result<Vec<String>> {
    let mut it = statement(selection)?;
    it.sql = format!("explain {}", it.sql);
    let lines = it.query()?.fetch_all(db).await?;
    Ok(lines.iter().map(|it| it.try_get(0)).collect::<sqlx::Result<_>>()?)
}

/// The feature with that id, if the layer has it, and the number of its version, of layers that keep versions.
pub async fn find(
    db: &mut Reader,
    selection: &Selection<'_>,
    id: i64,
) -> Result<Option<(Row, Option<i64>)>> {
    let mut it = chosen(selection)?;
    let id = it.bind(Decimal::from(id), "bigint");
    // In one statement: the number of a version that came in between would be of other values.
    let version = match (selection.layer.is_versioned(), selection.times.is_now()) {
        (false, _) => "null::bigint".to_owned(),
        (true, false) => "t.row_id".to_owned(),
        (true, true) => format!(
            "(select it.row_id from {} it
              where it.id = t.id and it.superseded_at is null
              order by it.valid_to desc nulls first, it.row_id desc limit 1)",
            selection.layer.past()
        ),
    };
    it.sql = format!("select {}, {version} {} and t.id = {id}", list(selection), it.sql);
    let Some(found) = it.query()?.fetch_optional(db).await? else { return Ok(None) };
    let width = found.len() - 1;
    Ok(Some((row(Rest::of(selection), &found, width)?, found.try_get(width)?)))
}

/// How many rows the selection has, whatever its page.
pub async fn count(db: &mut Reader, selection: &Selection<'_>) -> Result<i64> {
    let mut it = chosen(selection)?;
    it.sql = format!("select count(*) {}", it.sql);
    Ok(it.query()?.fetch_one(db).await?.try_get(0)?)
}

/// How many rows the selection has, whatever its page, and the box around them: easting or longitude first, in `crs`.
pub async fn extent(
    db: &mut Reader,
    selection: &Selection<'_>,
    crs: Crs,
) -> Result<(i64, Option<[f64; 4]>)> {
    let mut it = chosen(selection)?;
    let geom = if crs.is_degrees() {
        "t.geom".to_owned()
    } else {
        format!("st_transform(t.geom, {})", crs.srid())
    };
    it.sql = format!(
        "select n, st_xmin(box), st_ymin(box), st_xmax(box), st_ymax(box)
         from (select count(*) as n, st_extent({geom}) as box {}) found",
        it.sql
    );
    let found = it.query()?.fetch_one(db).await?;
    let side = |nth| found.try_get::<Option<f64>, _>(nth);
    let sides = [side(1)?, side(2)?, side(3)?, side(4)?];
    let bounds = match sides {
        [Some(west), Some(south), Some(east), Some(north)] => Some([west, south, east, north]),
        _ => None,
    };
    Ok((found.try_get(0)?, bounds))
}

/// A geometry of another system, whose vertices are in its axis order, as GeoJSON in degrees; `parameter` is who gave it.
pub async fn in_degrees(
    db: &mut Reader,
    parameter: &str,
    crs: Crs,
    shape: &Expr,
) -> Result<String> {
    let fragment =
        geometry_to_sql(crs, shape).map_err(|it| Error::parameter(parameter, it.sentence()))?;
    let sql = format!("select st_asgeojson({}, 15, 0)", fragment.sql);
    let it = Statement { sql, values: fragment.values };
    Ok(it.query()?.fetch_one(db).await?.try_get(0)?)
}

/// How many rows the selection's own page has.
pub async fn count_page(db: &mut Reader, selection: &Selection<'_>) -> Result<i64> {
    let mut it = statement(selection)?;
    it.sql = format!("select count(*) from ({}) page", it.sql);
    Ok(it.query()?.fetch_one(db).await?.try_get(0)?)
}

/// A count that stops at `most`, ready to be asked for when the rows have been read.
#[derive(Debug)]
pub struct Counting {
    statement: Statement,
    most: i64,
    layer: String,
    class: String,
}

impl Counting {
    /// Counts a selection, whatever its page.
    pub fn new(selection: &Selection<'_>, most: i64) -> Result<Self> {
        let mut statement = chosen(selection)?;
        statement.sql =
            format!("select count(*) from (select 1 {} limit {}) counted", statement.sql, most + 1);
        let (layer, class) = (selection.layer.id.clone(), selection.scope.class());
        Ok(Self { statement, most, layer, class })
    }

    /// How many, if they are at most `most`.
    pub async fn run(self, db: &mut Reader) -> Result<Option<i64>> {
        let found: i64 = self.statement.query()?.fetch_one(db).await?.try_get(0)?;
        Ok((found <= self.most).then_some(found))
    }

    /// The same, if a quarter of a second is enough to know and a connection is to be had; no page is cut off for want of it.
    /// It is counted once for a revision of the layer: whoever pages through asks for it with every page.
    pub async fn run_if_cheap(self, app: &App, scope: &Scope) -> Result<Option<i64>> {
        // Before the counting: what is counted is of this revision or a later one.
        let asked = app.db.revision(&self.layer).await.map(|revision| {
            let values = format!("{:?} {}", self.statement.values, self.most);
            let asked = [self.class.as_str(), self.statement.sql.as_str(), values.as_str()];
            Asked::of(&self.layer, revision, asked)
        });
        if let Some(asked) = &asked
            && let Some(known) = app.counts.get(asked).await
        {
            return Ok(known);
        }
        let Ok(mut db) = app.db.read(scope).await else { return Ok(None) };
        db.begin_within(CHEAP).await?;
        let counted = self.statement.query()?.fetch_one(&mut db).await;
        let found = match counted {
            Err(sqlx::Error::Database(it)) if it.code().as_deref() == Some("57014") => None,
            other => Some(other?.try_get::<i64, _>(0)?),
        };
        db.end().await?;
        let found = found.filter(|it| *it <= self.most);
        if let Some(asked) = asked {
            app.counts.insert(asked, found).await;
        }
        Ok(found)
    }
}
