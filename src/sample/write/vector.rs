//! Rows with geometry into files that GDAL writes.

use std::fs;
use std::path::Path;

use anyhow::Context;
use anyhow::Result;
use gdal::DriverManager;
use gdal::spatial_ref::AxisMappingStrategy;
use gdal::spatial_ref::CoordTransform;
use gdal::spatial_ref::SpatialRef;
use gdal::vector::Feature;
use gdal::vector::FieldDefn;
use gdal::vector::LayerAccess;
use gdal::vector::LayerOptions;
use gdal::vector::OGRFieldType;
use gdal::vector::OGRwkbGeometryType;

use crate::sample::header::Column;
use crate::sample::header::File;
use crate::sample::header::Shape;
use crate::sample::header::Type;
use crate::sample::plane::Vertex;
use crate::sample::row::Geometry;
use crate::sample::row::Row;
use crate::sample::row::Value;

/// A kind of file, and how it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    GeoPackage,
    /// Large, and quickly: no index, no waiting for the disk.
    BulkGeoPackage,
    GeoJson,
    /// As an old desktop leaves it: GBK without a code page file, on the plane of EPSG:4549.
    Shapefile,
}

impl Format {
    pub fn ending(self) -> &'static str {
        match self {
            Self::GeoPackage | Self::BulkGeoPackage => "gpkg",
            Self::GeoJson => "geojson",
            Self::Shapefile => "shp",
        }
    }

    pub fn crs(self) -> u32 {
        match self {
            Self::GeoPackage | Self::BulkGeoPackage => 4490,
            Self::GeoJson => 4326,
            Self::Shapefile => 4549,
        }
    }

    fn driver(self) -> &'static str {
        match self {
            Self::GeoPackage | Self::BulkGeoPackage => "GPKG",
            Self::GeoJson => "GeoJSON",
            Self::Shapefile => "ESRI Shapefile",
        }
    }

    fn options(self) -> &'static [&'static str] {
        match self {
            Self::GeoPackage => &["GEOMETRY_NAME=geom"],
            Self::BulkGeoPackage => &["GEOMETRY_NAME=geom", "SPATIAL_INDEX=NO"],
            Self::GeoJson => &["COORDINATE_PRECISION=7"],
            Self::Shapefile => &["ENCODING=GBK"],
        }
    }
}

/// A reference system whose axes are east before north, whatever its authority says.
fn crs(code: u32) -> Result<SpatialRef> {
    let mut crs = SpatialRef::from_epsg(code)?;
    crs.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    Ok(crs)
}

/// Writes all rows into a new file and says how many there were.
pub fn write(
    path: &Path,
    file: &File,
    format: Format,
    rows: impl Iterator<Item = Row>,
) -> Result<u64> {
    put(path, file, format, rows).with_context(|| format!("writing {}", path.display()))
}

fn put(path: &Path, file: &File, format: Format, rows: impl Iterator<Item = Row>) -> Result<u64> {
    if path.exists() {
        fs::remove_file(path)?;
    }
    if format == Format::BulkGeoPackage {
        gdal::config::set_thread_local_config_option("OGR_SQLITE_SYNCHRONOUS", "OFF")?;
    }
    let mut dataset =
        DriverManager::get_driver_by_name(format.driver())?.create_vector_only(path)?;
    let target = crs(format.crs())?;
    let transform = (format == Format::Shapefile)
        .then(|| CoordTransform::new(&crs(4490)?, &target).map_err(anyhow::Error::from));
    let transform = transform.transpose()?;
    let options = LayerOptions {
        name: file.name,
        srs: Some(&target),
        ty: match file.shape {
            Shape::Line => OGRwkbGeometryType::wkbLineString,
            Shape::Polygon | Shape::None => OGRwkbGeometryType::wkbMultiPolygon,
        },
        options: Some(format.options()),
    };
    define(&dataset.create_layer(options)?, file.columns)?;
    let count = if format.driver() == "GPKG" {
        // One transaction: a commit for each row would take a hundred times as long.
        let transaction = dataset.start_transaction()?;
        let count = fill(&mut transaction.layer(0)?, rows, transform.as_ref())?;
        transaction.commit()?;
        count
    } else {
        fill(&mut dataset.layer(0)?, rows, transform.as_ref())?
    };
    dataset.close()?;
    if format == Format::Shapefile {
        fs::remove_file(path.with_extension("cpg"))?;
    }
    Ok(count)
}

fn define(layer: &impl LayerAccess, columns: &[Column]) -> Result<()> {
    for column in columns {
        let (kind, places) = match column.kind {
            Type::Text => (OGRFieldType::OFTString, 0),
            Type::Integer => (OGRFieldType::OFTInteger, 0),
            Type::Decimal(places) => (OGRFieldType::OFTReal, places),
            Type::Date => (OGRFieldType::OFTDate, 0),
        };
        let field = FieldDefn::new(column.header, kind)?;
        if kind == OGRFieldType::OFTReal {
            // Only a DBF cares: it writes digits, and would write them all.
            field.set_width(18);
            field.set_precision(i32::try_from(places)?);
        }
        field.add_to_layer(layer)?;
    }
    Ok(())
}

fn fill(
    layer: &mut impl LayerAccess,
    rows: impl Iterator<Item = Row>,
    transform: Option<&CoordTransform>,
) -> Result<u64> {
    let mut count = 0;
    let mut wkb = Vec::new();
    for row in rows {
        let mut feature = Feature::new(layer.defn())?;
        for (index, value) in row.values.iter().enumerate() {
            match value {
                Value::Null => {}
                Value::Text(it) => feature.set_field_string(index, it)?,
                Value::Integer(it) => feature.set_field_integer64(index, *it)?,
                Value::Decimal(it) => feature.set_field_double(index, *it)?,
                Value::Date(it) => {
                    feature.set_field_string(index, &it.format("%Y/%m/%d").to_string())?;
                }
            }
        }
        if let Some(geometry) = &row.geometry {
            encode(geometry, &mut wkb);
            let mut geometry = gdal::vector::Geometry::from_wkb(&wkb)?;
            if let Some(transform) = transform {
                geometry.transform_inplace(transform)?;
            }
            feature.set_geometry(geometry)?;
        }
        feature.create(layer)?;
        count += 1;
    }
    Ok(count)
}

/// Little-endian WKB in degrees.
fn encode(geometry: &Geometry, out: &mut Vec<u8>) {
    out.clear();
    let head = |out: &mut Vec<u8>, kind: u32, count: usize| {
        out.push(1);
        out.extend(kind.to_le_bytes());
        out.extend(u32::try_from(count).unwrap_or(0).to_le_bytes());
    };
    let point = |out: &mut Vec<u8>, vertex: &Vertex| {
        for degrees in vertex.degrees() {
            out.extend(degrees.to_le_bytes());
        }
    };
    match geometry {
        Geometry::Line(line) => {
            head(out, 2, line.len());
            for it in line {
                point(out, it);
            }
        }
        Geometry::Polygons(polygons) => {
            head(out, 6, polygons.len());
            for rings in polygons {
                head(out, 3, rings.len());
                for ring in rings {
                    let closed = ring.len() + usize::from(!ring.is_empty());
                    out.extend(u32::try_from(closed).unwrap_or(0).to_le_bytes());
                    for it in ring.iter().chain(ring.first()) {
                        point(out, it);
                    }
                }
            }
        }
    }
}
