//! FlatGeobuf, GeoPackage and Shapefile through GDAL. Coordinates are written easting first (the order of every GIS),
//! whatever the reference system's own axes.

use std::fs::File;
use std::path::Path;

use anyhow::Context;
use anyhow::bail;
use gdal::DriverManager;
use gdal::spatial_ref::AxisMappingStrategy;
use gdal::spatial_ref::SpatialRef;
use gdal::vector::Defn;
use gdal::vector::Feature;
use gdal::vector::FieldDefn;
use gdal::vector::Geometry as Shape2d;
use gdal::vector::Layer;
use gdal::vector::LayerOptions;
use gdal::vector::OGRFieldType;
use gdal::vector::OGRwkbGeometryType;

use crate::layer::FieldType;
use crate::layer::Geometry;

use super::Column;
use super::Format;
use super::Row;
use super::Shape;
use super::file::Plan;
use super::file::Written;
use super::headings::unit_label;

/// Bytes of a shapefile's field name and text.
const DBF_NAME: usize = 10;
const DBF_TEXT: usize = 254;

/// Writes the file, and for a shapefile its sidecars and a table of its short names.
pub fn write_blocking(
    format: Format,
    plan: &Plan,
    batches: impl Iterator<Item = Vec<Row>>,
    file: &Path,
) -> anyhow::Result<Written> {
    let (driver, options): (&str, &[&str]) = match format {
        Format::FlatGeobuf => ("FlatGeobuf", &[]),
        Format::GeoPackage => ("GPKG", &["GEOMETRY_NAME=geom"]),
        Format::Shapefile => ("ESRI Shapefile", &["ENCODING=UTF-8"]),
        other => bail!("{other} is not written by GDAL"),
    };
    let short = format == Format::Shapefile;
    let names = if short {
        short_names(&plan.columns)
    } else {
        plan.columns.iter().map(|it| it.name.clone()).collect()
    };
    let mut srs = SpatialRef::from_epsg(plan.crs)?;
    srs.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    let mut dataset = DriverManager::get_driver_by_name(driver)?.create_vector_only(file)?;
    let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let layer = dataset.create_layer(LayerOptions {
        name: if short { &stem } else { &plan.layer },
        srs: Some(&srs),
        ty: geometry_type(plan.geometry, short),
        options: Some(options),
    })?;
    for (name, column) in names.iter().zip(&plan.columns) {
        let field = FieldDefn::new(name, field_type(column.kind))?;
        match column.kind {
            FieldType::Text if short => field.set_width(i32::try_from(DBF_TEXT)?),
            FieldType::Decimal if short => {
                field.set_width(24);
                field.set_precision(8);
            }
            FieldType::Boolean => field.set_width(1),
            _ => {}
        }
        field.add_to_layer(&layer)?;
    }
    let mut written = Written::default();
    let mut cut = 0_u64;
    if format == Format::GeoPackage {
        // One commit: a commit a row would take a hundred times as long.
        let transaction = dataset.start_transaction()?;
        let layer = transaction.layer(0)?;
        let defn = Defn::from_layer(&layer);
        for row in batches.flatten() {
            write(&layer, &defn, plan, &row, None)?;
            written.rows += 1;
        }
        transaction.commit()?;
    } else {
        let layer = dataset.layer(0)?;
        let defn = Defn::from_layer(&layer);
        for row in batches.flatten() {
            cut += write(&layer, &defn, plan, &row, short.then_some(DBF_TEXT))?;
            written.rows += 1;
        }
    }
    dataset.close().context("closing the file")?;
    if short {
        key_table(&file.with_file_name(format!("{stem}_字段.csv")), &names, &plan.columns)?;
        written.notes.push(format!(
            "字段名截为 {DBF_NAME} 字节，对照表见 {stem}_字段.csv / field names are cut to {DBF_NAME} bytes; {stem}_字段.csv has the full ones"
        ));
        if cut > 0 {
            written.notes.push(format!(
                "{cut} 处文本超过 {DBF_TEXT} 字节，已截断 / {cut} texts over {DBF_TEXT} bytes were cut: use gpkg to keep them"
            ));
        }
    }
    Ok(written)
}

const fn geometry_type(geometry: Geometry, short: bool) -> OGRwkbGeometryType::Type {
    match geometry {
        Geometry::Point => OGRwkbGeometryType::wkbMultiPoint,
        // A shapefile's lines and polygons may always have several parts.
        Geometry::Line if short => OGRwkbGeometryType::wkbLineString,
        Geometry::Polygon if short => OGRwkbGeometryType::wkbPolygon,
        Geometry::Line => OGRwkbGeometryType::wkbMultiLineString,
        Geometry::Polygon => OGRwkbGeometryType::wkbMultiPolygon,
        Geometry::None => OGRwkbGeometryType::wkbNone,
    }
}

const fn field_type(kind: FieldType) -> OGRFieldType::Type {
    match kind {
        FieldType::Text => OGRFieldType::OFTString,
        FieldType::Integer => OGRFieldType::OFTInteger64,
        FieldType::Decimal => OGRFieldType::OFTReal,
        FieldType::Boolean => OGRFieldType::OFTInteger,
        FieldType::Date => OGRFieldType::OFTDate,
    }
}

/// Writes one row; says how many texts were cut to `most` bytes.
fn write(
    layer: &Layer<'_>,
    defn: &Defn,
    plan: &Plan,
    row: &Row,
    most: Option<usize>,
) -> anyhow::Result<u64> {
    let mut feature = Feature::new(defn)?;
    let mut cut = 0;
    for (nth, (column, value)) in plan.columns.iter().zip(&row.values).enumerate() {
        let Some(value) = value else {
            feature.set_field_null(nth)?;
            continue;
        };
        match column.kind {
            FieldType::Integer => feature.set_field_integer64(nth, value.parse()?)?,
            FieldType::Decimal => feature.set_field_double(nth, value.parse()?)?,
            FieldType::Boolean => feature.set_field_integer(nth, i32::from(value == "true"))?,
            FieldType::Date => feature.set_field_string(nth, &value.replace('-', "/"))?,
            FieldType::Text => {
                let kept = most.map_or(value.as_str(), |most| within(value, most));
                cut += u64::from(kept.len() < value.len());
                // C strings end at the first zero.
                feature.set_field_string(nth, &kept.replace('\0', ""))?;
            }
        }
    }
    if let Shape::Wkb(it) = &row.shape {
        feature.set_geometry(Shape2d::from_wkb(it)?)?;
    }
    feature.create(layer)?;
    Ok(cut)
}

/// The longest beginning of a text that has at most `most` bytes and no half character.
fn within(text: &str, most: usize) -> &str {
    &text[..text.floor_char_boundary(most)]
}

/// Field names of at most ten bytes, each once.
fn short_names(columns: &[Column]) -> Vec<String> {
    let mut names: Vec<String> = Vec::with_capacity(columns.len());
    for column in columns {
        let mut name = within(&column.name, DBF_NAME).to_owned();
        let mut number = 1;
        while names.contains(&name) {
            number += 1;
            let suffix = format!("_{number}");
            name = format!("{}{suffix}", within(&column.name, DBF_NAME - suffix.len()));
        }
        names.push(name);
    }
    names
}

fn key_table(file: &Path, names: &[String], columns: &[Column]) -> anyhow::Result<()> {
    use std::io::Write;
    let mut out = File::create_new(file)?;
    out.write_all(b"\xEF\xBB\xBF")?;
    let mut table = csv::Writer::from_writer(out);
    table.write_record(["字段", "全名", "名称", "Title", "单位"])?;
    for (name, column) in names.iter().zip(columns) {
        let unit = column.unit.and_then(unit_label).unwrap_or_default();
        table.write_record([name, &column.name, &column.title.zh, &column.title.en, unit])?;
    }
    table.flush()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::layer::Text;

    use super::*;

    #[test]
    fn names_are_cut_at_characters_and_stay_apart() {
        let column = |name: &str| Column {
            name: name.to_owned(),
            title: Text::default(),
            kind: FieldType::Text,
            unit: None,
        };
        let columns =
            ["area_registered_m2", "area_registered_mu", "name", "区块类别认定", "area_registered"];
        assert_eq!(
            short_names(&columns.map(column)),
            ["area_regis", "area_reg_2", "name", "区块类", "area_reg_3"]
        );
    }
}
