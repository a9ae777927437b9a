//! Reads what is known of all enterprises for a period and the same one a year before: figures, fields, marks, and the land
//! they use.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::HashMap;

use chrono::Datelike;
use chrono::NaiveDate;
use rust_decimal::Decimal;
use sqlx::AssertSqlSafe;
use sqlx::PgConnection;

use crate::catalog::source::Source;
use crate::cql::Value;
use crate::judgement::enterprise;
use crate::judgement::enterprise::EnterpriseFacts;
use crate::judgement::enterprise::EnterpriseMeasures;
use crate::judgement::enterprise::FIGURES;
use crate::judgement::enterprise::land::Land;
use crate::judgement::enterprise::land::Parcel;
use crate::judgement::enterprise::land::Use;
use crate::judgement::enterprise::land::allocate;
use crate::judgement::measures::Basis;
use crate::judgement::measures::Note;
use crate::judgement::score::Member;
use crate::judgement::workflow::period::Length;
use crate::judgement::workflow::period::Period;
use crate::measure;

/// Tables of facts that a run reads.
pub(super) const RELATIONS: [&str; 8] = [
    "parcel",
    "building",
    "occupancy",
    "enterprise",
    "enterprise_period",
    "enterprise_mark",
    "parcel_period",
    "sector_guide",
];

#[derive(sqlx::FromRow)]
struct EnterpriseRow {
    uscc: String,
    industry_code: Option<String>,
    town_code: Option<String>,
    is_scale: Option<bool>,
    is_hightech: Option<bool>,
    is_key: Option<bool>,
    founded: Option<NaiveDate>,
    in_production: Option<NaiveDate>,
}

#[derive(sqlx::FromRow)]
struct ParcelRow {
    parcel_code: String,
    holder_uscc: Option<String>,
    responsible_unit: Option<String>,
    area_registered_m2: Option<Decimal>,
    area_geom_m2: Decimal,
    gfa_m2: Option<Decimal>,
    far_reported: Option<Decimal>,
    contract_finish: Option<NaiveDate>,
}

#[derive(sqlx::FromRow)]
struct UseRow {
    parcel_code: String,
    uscc: String,
    role: Option<String>,
    share: Option<Decimal>,
    land_m2: Option<Decimal>,
    floor_m2: Option<Decimal>,
    /// Whether it was so on the last day of the period, and of the one a year before.
    in_periods: Vec<bool>,
}

#[derive(sqlx::FromRow)]
struct FigureRow {
    uscc: String,
    period: String,
    /// In the order of [`FIGURES`].
    figures: Vec<Option<Decimal>>,
}

/// An enterprise as it is scored.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Enterprise {
    pub uscc: String,
    /// The responsible units of its land; empty text for land of none.
    pub units: Vec<String>,
    pub member: Member,
    pub notes: Vec<Note>,
}

/// All enterprises, by code. Only figures of those very periods count, whatever the months in them sum to; who uses what is as
/// of each period's last day. Of a part of a year the marks of its year count that were recorded as of its last day, or of no day.
pub(super) async fn load(
    db: &mut PgConnection,
    source: &Source,
    period: Period,
    basis: Basis,
) -> sqlx::Result<Vec<Enterprise>> {
    let periods = [period, period.years_before(1)];
    let days = periods.map(Period::last);
    let spelt = periods.map(Period::name);
    let enterprises: Vec<EnterpriseRow> = sqlx::query_as(AssertSqlSafe(format!(
        "select uscc, industry_code, town_code, is_scale, is_hightech, is_key, founded, in_production
         from {} t order by uscc",
        source.facts("enterprise")
    )))
    .fetch_all(&mut *db)
    .await?;
    let parcels = parcels(db, source).await?;
    let uses: Vec<UseRow> = sqlx::query_as(AssertSqlSafe(format!(
        "select parcel_code, uscc, role, share, land_m2, floor_m2, in_periods
         from {} t
         cross join lateral (
             select array_agg(
                 coalesce(from_date <= day, true) and coalesce(to_date >= day, true) order by day desc
             ) as in_periods
             from unnest($1::date[]) days (day)
         ) it
         where true = any (in_periods)
         order by parcel_code, uscc, role, building_code, from_date, row_id",
        source.facts("occupancy")
    )))
    .bind(&days[..])
    .fetch_all(&mut *db)
    .await?;
    let names: Vec<&str> = FIGURES.iter().map(|it| it.name).collect();
    let figures: Vec<FigureRow> = sqlx::query_as(AssertSqlSafe(format!(
        "select uscc, period, array[{}] as figures from {} t where period = any ($1)",
        names.join(", "),
        source.facts("enterprise_period")
    )))
    .bind(&spelt[..])
    .fetch_all(&mut *db)
    .await?;
    let marks: Vec<(String, String, Option<String>)> = sqlx::query_as(AssertSqlSafe(format!(
        "select uscc, kind, reference from {} t
         where year = $1 and coalesce(happened_on <= $2, true)
         order by uscc, kind, reference, row_id",
        source.facts("enterprise_mark")
    )))
    .bind(i64::from(period.year()))
    // What was found of a whole year may have happened after it.
    .bind((period.length() != Length::Year).then_some(days[0]))
    .fetch_all(&mut *db)
    .await?;
    let mut by_period: [HashMap<String, BTreeMap<&'static str, Decimal>>; 2] = Default::default();
    for it in figures {
        let Some(ago) = spelt.iter().position(|own| *own == it.period) else { continue };
        let known = names.iter().zip(it.figures).filter_map(|(name, it)| Some((*name, it?)));
        by_period[ago].insert(it.uscc, known.collect());
    }
    let mut recorded: HashMap<String, BTreeMap<String, Vec<String>>> = HashMap::new();
    for (uscc, kind, reference) in marks {
        recorded.entry(uscc).or_default().entry(kind).or_default().extend(reference);
    }
    let places = [Places::of(&parcels, &uses, 0, basis), Places::of(&parcels, &uses, 1, basis)];
    let none = BTreeMap::new();
    let all = enterprises.into_iter().map(|row| {
        let measured = |ago: usize| {
            enterprise::measures(&EnterpriseFacts {
                land: places[ago].lands.get(&row.uscc).cloned().unwrap_or_default(),
                part_here: places[ago].parts.get(row.uscc.as_str()).copied(),
                figures: by_period[ago].get(&row.uscc).unwrap_or(&none).clone(),
            })
        };
        let now = measured(0);
        let own = places[0].parcels_of.get(row.uscc.as_str());
        let references = recorded.remove(&row.uscc).unwrap_or_default();
        let member = Member {
            fields: fields(&row, days[0], own.into_iter().flatten().copied(), &references),
            measures: known(&now),
            previous: known(&measured(1)),
            references,
        };
        let units: BTreeSet<String> = own
            .into_iter()
            .flatten()
            .map(|it| it.responsible_unit.clone().unwrap_or_default())
            .collect();
        Enterprise { uscc: row.uscc, units: units.into_iter().collect(), member, notes: now.notes }
    });
    Ok(all.collect())
}

/// Parcels, with the floor of their buildings where the register has none.
async fn parcels(db: &mut PgConnection, source: &Source) -> sqlx::Result<Vec<ParcelRow>> {
    sqlx::query_as(AssertSqlSafe(format!(
        "with floor as (
             select parcel_code, sum(floor_area_m2) as m2 from {} t
             group by parcel_code
             having count(*) = count(floor_area_m2)
         )
         select parcel_code, holder_uscc, responsible_unit, area_registered_m2, area_geom_m2,
             coalesce(gfa_m2, floor.m2) as gfa_m2, far_reported, contract_finish
         from {} p
         left join floor using (parcel_code)
         order by parcel_code",
        source.facts("building"),
        source.facts("parcel")
    )))
    .fetch_all(db)
    .await
}

/// Who was where at the end of a period.
struct Places<'a> {
    lands: BTreeMap<String, Land>,
    /// The part of an enterprise's figures that is here, where it was agreed on and is not all.
    parts: HashMap<&'a str, Decimal>,
    parcels_of: HashMap<&'a str, Vec<&'a ParcelRow>>,
}

impl<'a> Places<'a> {
    fn of(parcels: &'a [ParcelRow], uses: &'a [UseRow], ago: usize, basis: Basis) -> Self {
        let then: Vec<&UseRow> =
            uses.iter().filter(|it| it.in_periods.get(ago) == Some(&true)).collect();
        let mut by_parcel: HashMap<&str, Vec<Use>> = HashMap::new();
        let mut shares: HashMap<&str, Option<Decimal>> = HashMap::new();
        let mut users: HashMap<&str, BTreeSet<&str>> = HashMap::new();
        for it in then {
            by_parcel.entry(&it.parcel_code).or_default().push(Use {
                uscc: it.uscc.clone(),
                role: it.role.clone(),
                land_m2: it.land_m2,
                floor_m2: it.floor_m2,
            });
            let sum = shares.entry(&it.uscc).or_insert(Some(Decimal::ZERO));
            *sum = sum.zip(it.share).and_then(|(sum, it)| sum.checked_add(it));
            users.entry(&it.parcel_code).or_default().insert(&it.uscc);
        }
        let parts = shares.into_iter().filter_map(|(uscc, it)| Some((uscc, it?)));
        let parts = parts.filter(|(_, it)| *it < Decimal::ONE).collect();
        let mut parcels_of: HashMap<&str, Vec<&ParcelRow>> = HashMap::new();
        for it in parcels {
            let users = users.get(it.parcel_code.as_str()).into_iter().flatten().copied();
            let all: BTreeSet<&str> = users.chain(it.holder_uscc.as_deref()).collect();
            for uscc in all {
                parcels_of.entry(uscc).or_default().push(it);
            }
        }
        let known: Vec<Parcel> = parcels
            .iter()
            .map(|it| it.known(basis, by_parcel.remove(it.parcel_code.as_str())))
            .collect();
        Self { lands: allocate(&known), parts, parcels_of }
    }
}

impl ParcelRow {
    fn known(&self, basis: Basis, uses: Option<Vec<Use>>) -> Parcel {
        let positive = |it: Option<Decimal>| it.filter(|it| *it > Decimal::ZERO);
        let (registered, measured) =
            (positive(self.area_registered_m2), positive(Some(self.area_geom_m2)));
        let area_m2 = match basis {
            Basis::Registered => registered.or(measured),
            Basis::Measured => measured.or(registered),
        };
        let counted =
            positive(self.gfa_m2).zip(area_m2).and_then(|(gfa, it)| measure::ratio(gfa, it));
        Parcel {
            parcel_code: self.parcel_code.clone(),
            area_m2,
            floor_ratio: positive(counted).or(positive(self.far_reported)),
            holder_uscc: self.holder_uscc.clone(),
            uses: uses.unwrap_or_default(),
        }
    }
}

fn known(it: &EnterpriseMeasures) -> BTreeMap<String, Decimal> {
    it.values
        .iter()
        .filter_map(|(name, it)| Some(((*name).to_owned(), (*it)?.normalize())))
        .collect()
}

fn fields<'a>(
    row: &EnterpriseRow,
    day: NaiveDate,
    parcels: impl Iterator<Item = &'a ParcelRow>,
    references: &BTreeMap<String, Vec<String>>,
) -> BTreeMap<String, Value<'static>> {
    let date = |it: Option<NaiveDate>| it.map_or(Value::Null, Value::Date);
    let years = row.in_production.map(|from| Decimal::from(whole_years(from, day)));
    let past = parcels.filter_map(|it| it.contract_finish).min().map(|it| it < day);
    let kinds = references.keys().map(|it| it.clone().into()).collect();
    let all = [
        ("industry_code", row.industry_code.clone().into()),
        ("town_code", row.town_code.clone().into()),
        ("is_scale", row.is_scale.into()),
        ("is_hightech", row.is_hightech.into()),
        ("is_key", row.is_key.into()),
        ("founded", date(row.founded)),
        ("in_production", date(row.in_production)),
        ("years_in_production", years.into()),
        ("past_contract_finish", past.into()),
        // Nothing recorded is an empty list: it is not unknown.
        ("marks", Value::TextList(kinds)),
    ];
    all.into_iter().map(|(name, it)| (name.to_owned(), it)).collect()
}

/// Whole years from one day to the other, 0 when it is later.
fn whole_years(from: NaiveDate, to: NaiveDate) -> i32 {
    let early = (to.month(), to.day()) < (from.month(), from.day());
    (to.year() - from.year() - i32::from(early)).max(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_are_whole_ones() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let to = day("2025-12-31");
        for (from, years) in [
            ("2023-12-31", 2),
            ("2024-01-01", 1),
            ("2025-06-30", 0),
            ("2026-02-01", 0),
            ("2000-01-01", 25),
        ] {
            assert_eq!(whole_years(day(from), to), years, "{from}");
        }
    }
}
