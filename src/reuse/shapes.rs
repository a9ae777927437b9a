//! A list in the formats of tables and maps: the rows, columns and figures of the workbook, with the outlines as they were
//! listed. How each format is written is the export's business.

use anyhow::Context;

use crate::export;
use crate::export::About;
use crate::export::Column;
use crate::export::FilePlan;
use crate::export::Format;
use crate::export::Row;
use crate::export::Shape;
use crate::layer::FieldType;
use crate::layer::Geometry;
use crate::layer::Text;

use super::columns::COLUMNS;
use super::columns::Cell;
use super::plan::Plan;

/// What a column holds, whatever its rows have.
fn kind(name: &str, has_sum: bool) -> FieldType {
    match name {
        "year" => FieldType::Integer,
        "plan_start" | "plan_finish" | "started_on" | "finished_on" => FieldType::Date,
        _ if has_sum || name.starts_with("tax_") => FieldType::Decimal,
        _ => FieldType::Text,
    }
}

fn columns() -> Vec<Column> {
    let column = |(name, title, _, sum): &(&str, &str, _, Option<_>)| Column {
        name: (*name).to_owned(),
        // Titles name their units.
        title: Text::new(*title, *name),
        kind: kind(name, sum.is_some()),
        unit: None,
    };
    COLUMNS.iter().map(column).collect()
}

/// Empty where it is missing: a missing figure is not zero.
fn value(cell: Cell) -> Option<String> {
    match cell {
        Cell::Text(it) => Some(it).filter(|it| !it.is_empty()),
        Cell::Number(it) => it.map(|it| it.normalize().to_string()),
        Cell::Date(it) => it.map(|it| it.to_string()),
    }
}

/// The file; several files are one archive.
pub fn file_blocking(plan: &Plan, format: Format, by: String) -> anyhow::Result<Vec<u8>> {
    let rows = plan.cases.iter().zip(&plan.places).map(|(case, place)| Row {
        id: case.reuse_case_id,
        values: COLUMNS.iter().map(|it| value((it.2)(case))).collect(),
        keys: Vec::new(),
        time: None,
        shape: match format {
            Format::Csv => Shape::Without,
            Format::GeoJson => Shape::GeoJson(place.geometry.to_string()),
            _ => Shape::Wkb(place.wkb.clone()),
        },
    });
    let about = About {
        written_at: Some(chrono::Local::now()),
        written_by: by,
        as_of: plan.as_of.map(|it| it.to_rfc3339()),
        ..About::default()
    };
    let shaped = FilePlan {
        layer: format!("list_{}", plan.list.list_id),
        title: Text::new(plan.list.name.clone(), plan.list.name.clone()),
        geometry: Geometry::Polygon,
        columns: columns(),
        crs: 4490,
        about,
    };
    let folder = tempfile::tempdir().context("a temporary folder")?;
    let path = folder.path().join(format!("{}.{}", shaped.layer, format.extension()));
    let written = export::write_rows_blocking(format, &shaped, rows.collect(), &path)?;
    export::download::whole_blocking(&folder, &path, format, &written)
}
