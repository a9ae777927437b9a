//! SQL of assemblies: who may be put together, what keeps apart, and the shape of what came of it.

use std::collections::HashMap;

use anyhow::Context;
use geo::Geometry;
use geo::MultiPolygon;
use geozero::ToGeo;
use geozero::wkb::Wkb;
use rust_decimal::Decimal;
use serde_json::Value;
use sqlx::AssertSqlSafe;
use sqlx::Executor;
use sqlx::FromRow;
use sqlx::Postgres;

use crate::catalog::source::Source;
use crate::cql::sql::Fragment;
use crate::db::Reader;
use crate::db::Statement;
use crate::judgement::assembly::Candidate;
use crate::judgement::conformity::Outcome;
use crate::layer::Layer;

use super::overlap::plane;

/// A candidate as the database has it.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct Row {
    parcel_id: i64,
    parcel_code: String,
    unit: Option<String>,
    holder: Option<String>,
    area_mu: Option<Decimal>,
    outcome: Option<String>,
    shape: Vec<u8>,
}

impl Row {
    pub(super) fn candidate(self) -> anyhow::Result<Candidate> {
        let shape = match geometry(&self.shape)? {
            Geometry::Polygon(it) => it.into(),
            Geometry::MultiPolygon(it) => it,
            // Nothing is left of a shape without area: it touches nobody.
            _ => MultiPolygon(Vec::new()),
        };
        let outcomes = [Outcome::Pass, Outcome::NeedsPlanChange, Outcome::Fail, Outcome::Unknown];
        Ok(Candidate {
            parcel_id: self.parcel_id,
            code: self.parcel_code,
            unit: self.unit,
            holder: self.holder,
            area_mu: self.area_mu,
            outcome: self
                .outcome
                .and_then(|name| outcomes.into_iter().find(|it| it.name() == name)),
            shape,
        })
    }
}

fn geometry(wkb: &[u8]) -> anyhow::Result<Geometry<f64>> {
    Wkb(wkb.to_vec()).to_geo().context("reading a shape")
}

/// The columns that are read of a candidate, by layer; `None` comes as null.
#[derive(Clone, Copy, Debug, Default)]
pub struct Columns<'a> {
    pub unit: Option<&'a str>,
    pub holder: Option<&'a str>,
    pub area_mu: Option<&'a str>,
    /// The layer of conformity with its field of the outcome.
    pub outcome: Option<(&'a Layer, &'a str)>,
}

/// The parcels that the filter chooses from a derived layer, as the layers show them; one more than `most`, so that more
/// can be told from all. The filter's parameters begin at `$2`.
pub async fn chosen(
    db: &mut Reader,
    layer: &Layer,
    parcels: &Layer,
    filter: Fragment,
    columns: Columns<'_>,
    projection: &str,
    most: usize,
) -> anyhow::Result<Vec<Candidate>> {
    let text = |column: Option<&str>, title: &str| {
        column.map_or(format!("null::text as {title}"), |it| format!("p.{it} as {title}"))
    };
    let area = columns.area_mu.map_or("null::numeric".to_owned(), |it| format!("t.{it}"));
    let (outcome, joined) = match columns.outcome {
        Some((layer, field)) => {
            (format!("q.{field}"), format!("left join {} q on q.id = f.id", layer.relation()))
        }
        None => ("null::text".to_owned(), String::new()),
    };
    let mut it = Statement::default();
    it.values.push(projection.to_owned().into());
    it.values.extend(filter.values);
    it.sql = format!(
        "select f.id as parcel_id, p.parcel_code, {unit}, {holder}, f.area_mu, {outcome} as outcome,
                st_asbinary({plane}) as shape
         from (select t.id, {area} as area_mu from {relation} t where {filter}) f
         join {parcels} p on p.id = f.id
         {joined}
         order by p.parcel_code, f.id
         limit {limit}",
        unit = text(columns.unit, "unit"),
        holder = text(columns.holder, "holder"),
        // As every parameter of such a statement, it says its type.
        plane = plane("p.geom").replace("$1", "$1::text"),
        relation = layer.relation(),
        filter = filter.sql,
        parcels = parcels.relation(),
        limit = most + 1,
    );
    let rows = it.query()?.fetch_all(db).await?;
    rows.iter().map(|it| Row::from_row(it)?.candidate()).collect()
}

/// What of a barrier layer lies around the candidates, in the plane.
pub async fn barriers<'e, E>(
    db: E,
    (layer, source): (&Layer, Source),
    projection: &str,
    ids: &[i64],
) -> anyhow::Result<Vec<Geometry<f64>>>
where
    E: Executor<'e, Database = Postgres>,
{
    // A barrier is asked for between parcels that lie within a kilometre of each other, at most.
    let sql = format!(
        "with around as (
             select st_expand(st_setsrid(st_extent(geom)::geometry, 4490), 0.02) as box
             from {} p
             where parcel_id = any ($2)
         )
         select st_asbinary(st_transform(st_segmentize(l.geom, 0.0025), $1))
         from {} l, around
         where l.geom && around.box
         order by l.id",
        source.facts("parcel"),
        source.of_layer(layer)
    );
    let shapes: Vec<Vec<u8>> = sqlx::query_scalar(AssertSqlSafe(sql))
        .bind(projection)
        .bind(ids)
        .fetch_all(db)
        .await
        .with_context(|| format!("reading the barriers of layer `{}`", layer.id))?;
    shapes.iter().map(|it| geometry(it)).collect()
}

/// The members of each piece as one shape, GeoJSON in degrees, with its box.
pub async fn shapes(
    db: &mut Reader,
    parcels: &Layer,
    members: &[(i64, i64)],
) -> sqlx::Result<HashMap<i64, (Value, Vec<f64>)>> {
    let (pieces, ids): (Vec<i64>, Vec<i64>) = members.iter().copied().unzip();
    let sql = format!(
        "select n, st_asgeojson(geom, 7)::jsonb, array[st_xmin(geom), st_ymin(geom), st_xmax(geom), st_ymax(geom)]
         from (
             select it.n, st_multi(st_collectionextract(st_makevalid(st_union(p.geom order by p.id)), 3)) as geom
             from unnest($1::bigint[], $2::bigint[]) as it (n, id)
             join {} p on p.id = it.id
             group by it.n
         ) united",
        parcels.relation()
    );
    let rows: Vec<(i64, Value, Vec<f64>)> =
        sqlx::query_as(AssertSqlSafe(sql)).bind(pieces).bind(ids).fetch_all(db).await?;
    Ok(rows.into_iter().map(|(n, shape, bbox)| (n, (shape, bbox))).collect())
}
