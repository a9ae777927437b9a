//! Reads the facts of all parcels for a year and the two before: areas, buildings, occupants and their figures.

use std::collections::BTreeMap;
use std::collections::HashMap;

use rust_decimal::Decimal;
use sqlx::AssertSqlSafe;
use sqlx::PgConnection;

use crate::catalog::source::Source;
use crate::judgement::measures::Allocation;
use crate::judgement::measures::Basis;
use crate::judgement::measures::Building;
use crate::judgement::measures::Figures;
use crate::judgement::measures::Guide;
use crate::judgement::measures::Guides;
use crate::judgement::measures::Occupant;
use crate::judgement::measures::ParcelFacts;
use crate::judgement::measures::part_of;

#[derive(sqlx::FromRow)]
struct ParcelRow {
    parcel_id: i64,
    row_id: i64,
    parcel_code: String,
    holder_uscc: Option<String>,
    area_registered_m2: Option<Decimal>,
    area_geom_m2: Decimal,
    gfa_m2: Option<Decimal>,
    far_reported: Option<Decimal>,
    industry_code: Option<String>,
}

#[derive(sqlx::FromRow)]
struct PlaceRow {
    parcel_code: String,
    uscc: String,
    share: Option<Decimal>,
    land_m2: Option<Decimal>,
    floor_m2: Option<Decimal>,
    /// Whether it was so on the last day of the year, of the one before, of two before.
    in_years: Vec<bool>,
}

#[derive(sqlx::FromRow)]
struct FiguresRow {
    key: String,
    year: i64,
    tax_wan: Option<Decimal>,
    output_wan: Option<Decimal>,
    value_added_wan: Option<Decimal>,
    energy_tce: Option<Decimal>,
    employees: Option<Decimal>,
    assessed_value_wan: Option<Decimal>,
}

#[derive(sqlx::FromRow)]
struct BuildingRow {
    parcel_code: String,
    floor_area_m2: Option<Decimal>,
    footprint_m2: Option<Decimal>,
    storey_height_m: Option<Decimal>,
    vacant_area_m2: Option<Decimal>,
}

#[derive(sqlx::FromRow)]
struct GuideRow {
    industry_code: String,
    year: i64,
    tax_wan_per_mu: Option<Decimal>,
    far_min: Option<Decimal>,
}

/// A parcel with all its facts.
#[derive(Debug)]
pub(super) struct Facts {
    pub parcel_id: i64,
    /// The version of the parcel that was read.
    pub row_id: i64,
    pub holder_uscc: Option<String>,
    pub known: ParcelFacts,
}

/// Facts of all parcels of the source, by id. Only figures of whole years count; occupancies are those of each year's last day.
pub(super) async fn load(
    db: &mut PgConnection,
    source: Source,
    year: i64,
    basis: Basis,
) -> sqlx::Result<Vec<Facts>> {
    let parcels: Vec<ParcelRow> = sqlx::query_as(AssertSqlSafe(format!(
        "select parcel_id, row_id, parcel_code, holder_uscc, area_registered_m2, area_geom_m2, gfa_m2, far_reported,
             industry_code
         from {} t
         order by parcel_id",
        source.facts("parcel")
    )))
    .fetch_all(&mut *db)
    .await?;
    let places: Vec<PlaceRow> = sqlx::query_as(AssertSqlSafe(format!(
        "select parcel_code, uscc, share, land_m2, floor_m2, in_years
         from {} t
         cross join lateral (
             select array_agg(
                 coalesce(from_date <= day, true) and coalesce(to_date >= day, true) order by day desc
             ) as in_years
             from (select make_date($1::int - ago, 12, 31) as day from generate_series(0, 2) ago) days
         ) it
         where true = any (in_years)
         order by parcel_code, uscc, role, building_code, from_date",
        source.facts("occupancy")
    )))
    .bind(i32::try_from(year).unwrap_or(i32::MAX))
    .fetch_all(&mut *db)
    .await?;
    let of_enterprises: Vec<FiguresRow> = sqlx::query_as(AssertSqlSafe(format!(
        "select uscc as key, year, tax_wan, output_wan, value_added_wan, energy_tce, employees,
                null::numeric as assessed_value_wan
         from {} t
         where year between $1 - 2 and $1 and period = year::text",
        source.facts("enterprise_period")
    )))
    .bind(year)
    .fetch_all(&mut *db)
    .await?;
    let of_parcels: Vec<FiguresRow> = sqlx::query_as(AssertSqlSafe(format!(
        "select parcel_code as key, year, tax_wan, output_wan, value_added_wan, energy_tce, employees,
                assessed_value_wan
         from {} t
         where year between $1 - 2 and $1 and period = year::text",
        source.facts("parcel_period")
    )))
    .bind(year)
    .fetch_all(&mut *db)
    .await?;
    let buildings: Vec<BuildingRow> = sqlx::query_as(AssertSqlSafe(format!(
        "select parcel_code, floor_area_m2, footprint_m2, storey_height_m, vacant_area_m2
         from {} t
         where parcel_code is not null
         order by building_id",
        source.facts("building")
    )))
    .fetch_all(&mut *db)
    .await?;
    let guides = guides(db, source, year).await?;
    let enterprises = by_key(of_enterprises, year);
    let own = by_key(of_parcels, year);
    let mut occupants = occupants(&places, &enterprises);
    let mut by_parcel: HashMap<String, Vec<Building>> = HashMap::new();
    for it in buildings {
        by_parcel.entry(it.parcel_code).or_default().push(Building {
            floor_area_m2: it.floor_area_m2,
            footprint_m2: it.footprint_m2,
            storey_height_m: it.storey_height_m,
            vacant_area_m2: it.vacant_area_m2,
        });
    }
    let facts = parcels.into_iter().map(|it| Facts {
        parcel_id: it.parcel_id,
        row_id: it.row_id,
        holder_uscc: it.holder_uscc,
        known: ParcelFacts {
            basis,
            area_registered_m2: it.area_registered_m2,
            area_geom_m2: Some(it.area_geom_m2),
            gfa_m2: it.gfa_m2,
            far_reported: it.far_reported,
            buildings: by_parcel.remove(&it.parcel_code).unwrap_or_default(),
            occupants: occupants.remove(&it.parcel_code).unwrap_or_default(),
            own: own.get(&it.parcel_code).cloned().unwrap_or_default(),
            guides: std::array::from_fn(|ago| guides[ago].of(it.industry_code.as_deref())),
        },
    });
    Ok(facts.collect())
}

/// What sectors were expected to yield in the year and the two before.
async fn guides(db: &mut PgConnection, source: Source, year: i64) -> sqlx::Result<[Guides; 3]> {
    let rows: Vec<GuideRow> = sqlx::query_as(AssertSqlSafe(format!(
        "select industry_code, year, tax_wan_per_mu, far_min
         from {} t
         where year between $1 - 2 and $1
         order by industry_code, row_id",
        source.facts("sector_guide")
    )))
    .bind(year)
    .fetch_all(db)
    .await?;
    let mut guides: [Guides; 3] = Default::default();
    for it in rows {
        let Some(ago) = usize::try_from(year - it.year).ok().filter(|it| *it < 3) else { continue };
        let guide = Guide { tax_wan_per_mu: it.tax_wan_per_mu, far_min: it.far_min };
        guides[ago].insert(&it.industry_code, guide);
    }
    Ok(guides)
}

fn by_key(rows: Vec<FiguresRow>, year: i64) -> HashMap<String, [Figures; 3]> {
    let mut by_key: HashMap<String, [Figures; 3]> = HashMap::new();
    for it in rows {
        let Some(ago) = usize::try_from(year - it.year).ok().filter(|it| *it < 3) else { continue };
        by_key.entry(it.key).or_default()[ago] = Figures {
            tax_wan: it.tax_wan,
            output_wan: it.output_wan,
            value_added_wan: it.value_added_wan,
            energy_tce: it.energy_tce,
            employees: it.employees,
            assessed_value_wan: it.assessed_value_wan,
        };
    }
    by_key
}

/// Every parcel's occupants, each with its part there and its figures.
fn occupants(
    places: &[PlaceRow],
    figures: &HashMap<String, [Figures; 3]>,
) -> HashMap<String, Vec<Occupant>> {
    let mut by_enterprise: BTreeMap<&str, Vec<&PlaceRow>> = BTreeMap::new();
    for it in places {
        by_enterprise.entry(&it.uscc).or_default().push(it);
    }
    let mut occupants: HashMap<String, Vec<Occupant>> = HashMap::new();
    for (uscc, places) in by_enterprise {
        let of_year: [Vec<Allocation<'_>>; 3] = std::array::from_fn(|ago| {
            let then = places.iter().filter(|it| it.in_years.get(ago) == Some(&true));
            then.map(|it| it.allocation()).collect()
        });
        let mut codes: Vec<&str> = places.iter().map(|it| it.parcel_code.as_str()).collect();
        codes.sort_unstable();
        codes.dedup();
        for code in codes {
            let parts = std::array::from_fn(|ago| {
                let here = of_year[ago].iter().any(|it| it.parcel_code == code);
                here.then(|| part_of(code, &of_year[ago]))
            });
            occupants.entry(code.to_owned()).or_default().push(Occupant {
                uscc: uscc.to_owned(),
                parts,
                years: figures.get(uscc).cloned().unwrap_or_default(),
            });
        }
    }
    occupants
}

impl PlaceRow {
    fn allocation(&self) -> Allocation<'_> {
        Allocation {
            parcel_code: &self.parcel_code,
            share: self.share,
            land_m2: self.land_m2,
            floor_m2: self.floor_m2,
        }
    }
}
