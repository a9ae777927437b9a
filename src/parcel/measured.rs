//! Every measure that a run took of a parcel, with who supplies it, why it is missing, and the files and days that it comes
//! from. What the scope may not read is left out and named with the other withheld members.

use chrono::DateTime;
use chrono::Utc;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;

use crate::app::App;
use crate::db::Reader;
use crate::error::Result;
use crate::judgement::measures;
use crate::judgement::measures::MEASURES;
use crate::layer::Text;

use super::Mask;
use super::queries::measured as queries;
use super::queries::measured::OriginRow;

/// One measure of the parcel, as the run took it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "MeasuredValue")]
pub struct Measured {
    /// Of the catalogue that `/api/v1/layers` tells.
    pub name: String,
    /// Null: not known.
    pub value: Option<Decimal>,
    /// Why it is missing, or what it was taken from.
    pub note: Option<Text>,
    /// Who supplies it.
    pub supplier: Text,
    pub origins: Vec<Origin>,
}

/// Rows of one table and year that came with one file.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "ValueOrigin")]
pub struct Origin {
    pub facts: Facts,
    pub year: Option<i64>,
    /// Null of rows that somebody typed in.
    pub file: Option<String>,
    /// When the last of them was recorded.
    pub recorded_at: DateTime<Utc>,
    /// Some were recorded after the run had begun: it read what was there before.
    pub is_newer: bool,
}

/// A table of facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "FactTable")]
pub enum Facts {
    Register,
    Building,
    Occupancy,
    EnterpriseYear,
    ParcelYear,
}

/// The years that a measure looks at, counted back from that of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Years {
    Back(i64),
    All,
}

/// All measures of the parcel that the scope may read.
pub(super) async fn measured(
    app: &App,
    db: &mut Reader,
    mask: &mut Mask<'_>,
    run: (i64, i64),
    parcel_id: i64,
) -> Result<Vec<Measured>> {
    let (run_id, year) = run;
    let found = queries::values(db, mask.scope, &app.layers, run_id, parcel_id).await?;
    let Some(values) = found else { return Ok(Vec::new()) };
    let notes = queries::notes(db, run_id, parcel_id).await?;
    let notes: Vec<Note> = notes.and_then(|it| serde_json::from_value(it).ok()).unwrap_or_default();
    let rows = queries::origins(db, run_id, parcel_id).await?;
    let mut told = Vec::with_capacity(values.len());
    for (measure, value) in MEASURES.iter().zip(values) {
        let name = measure.name;
        if !mask.tells_measure(&app.layers, name) {
            mask.withhold(name);
            continue;
        }
        told.push(Measured {
            name: name.to_owned(),
            value,
            note: notes.iter().find(|it| it.measure == name).map(|it| it.text.clone()),
            supplier: measures::supplier(name).unwrap_or_else(measures::register_keeper),
            origins: origins(name, year, &rows),
        });
    }
    Ok(told)
}

/// As the run wrote it.
#[derive(Deserialize)]
struct Note {
    measure: String,
    text: Text,
}

fn origins(measure: &str, year: i64, rows: &[OriginRow]) -> Vec<Origin> {
    let (facts, years) = rests_on(measure);
    let is_asked = |it: &OriginRow| match (it.year, years) {
        (Some(of), Years::Back(back)) => of == year - back,
        _ => true,
    };
    let of = rows.iter().filter(|it| is_asked(it)).filter_map(|it| {
        let table: Facts = serde_json::from_value(it.facts.clone().into()).ok()?;
        facts.contains(&table).then(|| Origin {
            facts: table,
            year: it.year,
            file: it.file.clone(),
            recorded_at: it.recorded_at,
            is_newer: it.is_newer,
        })
    });
    of.collect()
}

/// The tables that a measure is computed from, beside the area that it is divided by.
fn rests_on(measure: &str) -> (&'static [Facts], Years) {
    let begins = |words: &[&str]| words.iter().any(|it| measure.starts_with(it));
    let years = match measure.rsplit_once("_prev").and_then(|it| it.1.parse().ok()) {
        Some(back) => Years::Back(back),
        None if begins(&["years_"]) => Years::All,
        None => Years::Back(0),
    };
    let facts: &'static [Facts] = if begins(&["area"]) {
        &[Facts::Register]
    } else if begins(&["far", "coverage", "gfa", "building", "vacan", "footprint", "floor"]) {
        &[Facts::Building, Facts::Register]
    } else if begins(&["enterprise_count"]) {
        &[Facts::Occupancy]
    } else if begins(&["assessed"]) {
        &[Facts::ParcelYear]
    } else if begins(&["sector"]) {
        // A guide of the sector: no fact of the parcel.
        &[]
    } else if measures::supplier(measure) == Some(measures::register_keeper()) {
        &[Facts::Register]
    } else {
        &[Facts::EnterpriseYear, Facts::ParcelYear, Facts::Occupancy]
    };
    (facts, years)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(facts: &str, year: Option<i64>) -> OriginRow {
        OriginRow {
            facts: facts.to_owned(),
            year,
            file: Some(format!("{facts}.xlsx")),
            recorded_at: DateTime::UNIX_EPOCH,
            is_newer: false,
        }
    }

    #[test]
    fn a_value_names_the_files_of_its_own_year() {
        let rows = [
            row("register", None),
            row("building", None),
            row("enterprise_year", Some(2025)),
            row("enterprise_year", Some(2024)),
            row("enterprise_year", Some(2023)),
        ];
        let years = |measure| -> Vec<Option<i64>> {
            origins(measure, 2025, &rows).iter().map(|it| it.year).collect()
        };
        assert_eq!(years("tax_wan_per_mu"), [Some(2025)]);
        assert_eq!(years("tax_wan_per_mu_prev2"), [Some(2023)]);
        assert_eq!(years("years_without_tax").len(), 3);
        let far = origins("far", 2025, &rows);
        assert_eq!(
            far.iter().map(|it| it.facts).collect::<Vec<_>>(),
            [Facts::Register, Facts::Building]
        );
        assert_eq!(origins("area_mu", 2025, &rows)[0].facts, Facts::Register);
        assert!(origins("sector_far_min", 2025, &rows).is_empty());
    }
}
