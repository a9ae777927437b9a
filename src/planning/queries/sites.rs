//! SQL of the search for sites: the likeliest land and buildings that are large and near enough.

use rust_decimal::Decimal;
use sqlx::FromRow;

use crate::cql::Value;
use crate::db::Reader;
use crate::db::Statement;
use crate::layer::Layer;

/// What a site has to be near to.
#[derive(Clone, Debug)]
pub enum Near<'a> {
    Point { x: f64, y: f64, within_m: f64 },
    Layer { layer: &'a Layer, within_m: f64 },
}

/// The columns that are read, by layer; `None` comes as null.
#[derive(Clone, Copy, Debug)]
pub struct Columns<'a> {
    pub name: Option<&'a str>,
    pub unit: Option<&'a str>,
    pub status: Option<&'a str>,
    pub sector: Option<&'a str>,
    pub area_mu: Option<&'a str>,
    pub verdict: Option<(&'a Layer, &'a str)>,
    pub energy_tce: Option<(&'a Layer, &'a str)>,
}

#[derive(Clone, Copy, Debug)]
pub struct Filter<'a> {
    pub near: Option<&'a Near<'a>>,
    pub unit: Option<&'a str>,
    pub available: &'a [String],
    pub most: usize,
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Found {
    pub parcel_id: i64,
    pub parcel_code: String,
    pub building_code: Option<String>,
    pub name: Option<String>,
    pub unit: Option<String>,
    pub status: Option<String>,
    pub sector: Option<String>,
    pub verdict: Option<String>,
    pub energy_tce: Option<Decimal>,
    /// 亩 of land, m² of vacant floor.
    pub size: Decimal,
    pub distance_m: Option<f64>,
    pub x: f64,
    pub y: f64,
}

/// Parcels of so many 亩 and more.
pub async fn land(
    db: &mut Reader,
    parcels: &Layer,
    columns: &Columns<'_>,
    filter: &Filter<'_>,
    mu: Decimal,
) -> anyhow::Result<Vec<Found>> {
    let size = columns.area_mu.map_or("null::numeric".to_owned(), |it| format!("p.{it}"));
    let from = format!("from {} p", parcels.relation());
    let what = What { size, building: "null::text".to_owned(), shape: "p.geom", from };
    found(db, &what, columns, filter, mu).await
}

/// Buildings with so much vacant floor and more.
pub async fn buildings(
    db: &mut Reader,
    layer: &Layer,
    parcels: &Layer,
    columns: &Columns<'_>,
    filter: &Filter<'_>,
    floor_m2: Decimal,
) -> anyhow::Result<Vec<Found>> {
    let what = What {
        size: "b.vacant_area_m2".to_owned(),
        building: "b.building_code".to_owned(),
        shape: "b.geom",
        from: format!(
            "from {} b join {} p on p.parcel_code = b.parcel_code",
            layer.relation(),
            parcels.relation()
        ),
    };
    found(db, &what, columns, filter, floor_m2).await
}

/// What is looked for, in SQL.
struct What {
    size: String,
    building: String,
    shape: &'static str,
    from: String,
}

async fn found(
    db: &mut Reader,
    what: &What,
    columns: &Columns<'_>,
    filter: &Filter<'_>,
    least: Decimal,
) -> anyhow::Result<Vec<Found>> {
    let mut it = Statement::default();
    let text = |it: Option<&str>| it.map_or("null::text".to_owned(), |it| format!("p.{it}"));
    let (unit, status) = (text(columns.unit), text(columns.status));
    let of = |alias: &str, it: Option<(&Layer, &str)>, sql_type: &str| match it {
        Some((layer, field)) => (
            format!("{alias}.{field}"),
            format!("left join {} {alias} on {alias}.id = p.id", layer.relation()),
        ),
        None => (format!("null::{sql_type}"), String::new()),
    };
    let (verdict, of_verdict) = of("v", columns.verdict, "text");
    let (energy, of_energy) = of("e", columns.energy_tce, "numeric");
    let least = it.bind(least, "numeric");
    let available: Vec<_> = filter.available.iter().map(|it| it.clone().into()).collect();
    let available = it.bind(Value::TextList(available), "text[]");
    let mut conditions = format!("{size} >= {least}", size = what.size);
    if let Some(asked) = filter.unit {
        let asked = it.bind(asked.to_owned(), "text");
        conditions.push_str(&format!(" and {unit} = {asked}"));
    }
    let distance = match filter.near {
        None => "cross join lateral (select null::double precision as m) near".to_owned(),
        Some(Near::Point { x, y, within_m }) => {
            let (x, y) = (it.bind(Value::Float(*x), "float8"), it.bind(Value::Float(*y), "float8"));
            conditions.push_str(&format!(" and near.m <= {within_m:?}"));
            format!(
                "cross join lateral (select st_distance({shape}::geography,
                     st_setsrid(st_makepoint({x}, {y}), 4490)::geography) as m) near",
                shape = what.shape
            )
        }
        Some(Near::Layer { layer, within_m }) => {
            conditions.push_str(" and near.m is not null");
            // Degrees that are surely longer, up to the latitude of 60.
            let degrees = within_m / 50_000.0 + 0.0001;
            format!(
                "cross join lateral (
                     select min(st_distance({shape}::geography, l.geom::geography)) as m
                     from {relation} l
                     where l.geom && st_expand({shape}, {degrees:?})
                       and st_dwithin({shape}::geography, l.geom::geography, {within_m:?})
                 ) near",
                shape = what.shape,
                relation = layer.relation(),
            )
        }
    };
    it.sql = format!(
        "select p.id as parcel_id, p.parcel_code, {building} as building_code, {name} as name, {unit} as unit,
                {status} as status, {sector} as sector, {verdict} as verdict, {energy} as energy_tce,
                {size} as size, near.m as distance_m,
                st_x(st_pointonsurface({shape})) as x, st_y(st_pointonsurface({shape})) as y
         {from}
         {of_verdict}
         {of_energy}
         {distance}
         where {conditions}
         order by coalesce({status} = any ({available}), false) or coalesce({verdict} = 'low', false) desc,
                  {size}, p.parcel_code, {building}
         limit {most}",
        building = what.building,
        name = text(columns.name),
        sector = text(columns.sector),
        size = what.size,
        shape = what.shape,
        from = what.from,
        most = filter.most,
    );
    let rows = it.query()?.fetch_all(db).await?;
    Ok(rows.iter().map(Found::from_row).collect::<sqlx::Result<_>>()?)
}
