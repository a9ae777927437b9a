//! FlatGeobuf, GeoPackage, Shapefile and KML through GDAL. Coordinates are written easting first (the order of every GIS),
//! whatever the reference system's own axes.

use std::ffi::CString;
use std::fs::File;
use std::path::Path;

use anyhow::Context;
use anyhow::bail;
use encoding_rs::GBK;
use gdal::DriverManager;
use gdal::vector::Defn;
use gdal::vector::Feature;
use gdal::vector::Geometry as Shape2d;
use gdal::vector::Layer;
use gdal::vector::LayerAccess;
use gdal::vector::LayerOptions;
use gdal::vector::OGRFieldType;
use gdal::vector::OGRwkbGeometryType;

use crate::crs::grid::spatial_ref;
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
        // The number that says GBK within the file, for those who do not look beside it.
        Format::ShapefileGbk => ("ESRI Shapefile", &["ENCODING=LDID/77"]),
        Format::Kml => ("KML", &["NameField=name"]),
        other => bail!("{other} is not written by GDAL"),
    };
    let short = format.is_several();
    let texts = match format {
        Format::Shapefile => Texts::Utf8,
        Format::ShapefileGbk => Texts::Gbk,
        _ => Texts::Whole,
    };
    let names = if short {
        short_names(&plan.columns)
    } else {
        plan.columns.iter().map(|it| it.name.clone()).collect()
    };
    let srs = spatial_ref(plan.crs)?;
    let mut dataset = DriverManager::get_driver_by_name(driver)?.create_vector_only(file)?;
    let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let layer = dataset.create_layer(LayerOptions {
        name: if short { &stem } else { &plan.layer },
        srs: Some(&srs),
        ty: geometry_type(plan.geometry, short),
        options: Some(options),
    })?;
    for (name, column) in names.iter().zip(&plan.columns) {
        add_field(&layer, name, column, short)?;
    }
    let mut written = Written::default();
    let mut lost = Lost::default();
    if format == Format::GeoPackage {
        // One commit: a commit a row would take a hundred times as long.
        let transaction = dataset.start_transaction()?;
        let layer = transaction.layer(0)?;
        let defn = Defn::from_layer(&layer);
        for row in batches.flatten() {
            write(&layer, &defn, plan, &row, texts, &mut lost)?;
            written.rows += 1;
        }
        transaction.commit()?;
    } else {
        let layer = dataset.layer(0)?;
        let defn = Defn::from_layer(&layer);
        for row in batches.flatten() {
            write(&layer, &defn, plan, &row, texts, &mut lost)?;
            written.rows += 1;
        }
    }
    dataset.close().context("closing the file")?;
    if short {
        key_table(&file.with_file_name(format!("{stem}_字段.csv")), &names, &plan.columns)?;
        written.notes.push(format!(
            "字段名截为 {DBF_NAME} 字节，对照表见 {stem}_字段.csv / field names are cut to {DBF_NAME} bytes; {stem}_字段.csv has the full ones"
        ));
    }
    if format == Format::ShapefileGbk {
        std::fs::write(file.with_extension("cpg"), "GBK")?;
    }
    let Lost { cut, unwritten } = lost;
    if cut > 0 {
        written.notes.push(format!(
            "{cut} 处文本超过 {DBF_TEXT} 字节，已截断 / {cut} texts over {DBF_TEXT} bytes were cut: use gpkg to keep them"
        ));
    }
    if unwritten > 0 {
        written.notes.push(format!(
            "{unwritten} 处文本含 GBK 没有的字，已代以“？” / {unwritten} texts have characters that GBK has not, written as `？`: \
             use shp or gpkg to keep them"
        ));
    }
    Ok(written)
}

/// Adds a field to a new layer, with its title where the format has a place for one, which of ours only FlatGeobuf has: QGIS
/// shows it in tables and forms.
fn add_field(layer: &Layer<'_>, name: &str, column: &Column, short: bool) -> anyhow::Result<()> {
    let (name, title) = (CString::new(name)?, CString::new(column.title.zh.as_str())?);
    let (width, precision) = match column.kind {
        FieldType::Text if short => (i32::try_from(DBF_TEXT)?, 0),
        FieldType::Decimal if short => (24, 8),
        FieldType::Boolean => (1, 0),
        _ => (0, 0),
    };
    // SAFETY: the definition is made here, copied by the layer, and destroyed here; both texts outlive it.
    let failed = unsafe {
        let field = gdal_sys::OGR_Fld_Create(name.as_ptr(), field_type(column.kind));
        gdal_sys::OGR_Fld_SetAlternativeName(field, title.as_ptr());
        gdal_sys::OGR_Fld_SetWidth(field, width);
        gdal_sys::OGR_Fld_SetPrecision(field, precision);
        let result = gdal_sys::OGR_L_CreateField(layer.c_layer(), field, 1);
        gdal_sys::OGR_Fld_Destroy(field);
        result != gdal_sys::OGRErr::OGRERR_NONE
    };
    anyhow::ensure!(!failed, "the field {} cannot be added", column.name);
    Ok(())
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

/// How texts are held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Texts {
    Whole,
    /// In UTF-8, of [`DBF_TEXT`] bytes at most.
    Utf8,
    /// The same in GBK.
    Gbk,
}

/// Texts that could not be written as they are.
#[derive(Debug, Default)]
struct Lost {
    cut: u64,
    /// Those with characters that the encoding has not.
    unwritten: u64,
}

impl Texts {
    fn fit(self, text: &str, lost: &mut Lost) -> String {
        // C strings end at the first zero.
        let text = text.replace('\0', "");
        match self {
            Self::Whole => text,
            Self::Utf8 => {
                let kept = within(&text, DBF_TEXT);
                lost.cut += u64::from(kept.len() < text.len());
                kept.to_owned()
            }
            Self::Gbk => {
                let (mut kept, mut bytes, mut has_all) = (String::new(), 0, true);
                for character in text.chars() {
                    let mut utf8 = [0; 4];
                    let (encoded, _, failed) = GBK.encode(character.encode_utf8(&mut utf8));
                    // What stands for it takes two bytes as well.
                    bytes += if failed { 2 } else { encoded.len() };
                    if bytes > DBF_TEXT {
                        lost.cut += 1;
                        break;
                    }
                    has_all &= !failed;
                    kept.push(if failed { '？' } else { character });
                }
                lost.unwritten += u64::from(!has_all);
                kept
            }
        }
    }
}

fn write(
    layer: &Layer<'_>,
    defn: &Defn,
    plan: &Plan,
    row: &Row,
    texts: Texts,
    lost: &mut Lost,
) -> anyhow::Result<()> {
    let mut feature = Feature::new(defn)?;
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
            FieldType::Text => feature.set_field_string(nth, &texts.fit(value, lost))?,
        }
    }
    if let Shape::Wkb(it) = &row.shape {
        feature.set_geometry(Shape2d::from_wkb(it)?)?;
    }
    feature.create(layer)?;
    Ok(())
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
    fn texts_in_gbk_are_measured_in_gbk_and_what_it_has_not_is_counted() {
        let mut lost = Lost::default();
        let fit = |text: &str, lost: &mut Lost| Texts::Gbk.fit(text, lost);
        assert_eq!(fit("安亭镇A", &mut lost), "安亭镇A");
        assert_eq!((lost.cut, lost.unwritten), (0, 0));
        // 127 characters are 254 bytes here, and 381 in UTF-8.
        assert_eq!(fit(&"亭".repeat(200), &mut lost), "亭".repeat(127));
        assert_eq!(Texts::Utf8.fit(&"亭".repeat(200), &mut lost), "亭".repeat(84));
        assert_eq!((lost.cut, lost.unwritten), (2, 0));
        assert_eq!(fit("𠮷祥🏭厂", &mut lost), "？祥？厂");
        assert_eq!((lost.cut, lost.unwritten), (2, 1));
    }

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
