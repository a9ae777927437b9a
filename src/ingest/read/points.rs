//! Lists with coordinates: a longitude and a latitude, an X and a Y, or a geometry as WKT, in columns of a table.

use anyhow::bail;
use gdal::vector::Geometry;
use gdal::vector::OGRwkbGeometryType;
use indexmap::IndexMap;
use rust_decimal::prelude::ToPrimitive;

use crate::ingest::crs;
use crate::ingest::crs::Stated;
use crate::ingest::header;
use crate::ingest::question::Question;
use crate::ingest::value::Cell;
use crate::ingest::value::Value;
use crate::ingest::value::plain;
use crate::layer::FieldType;
use crate::layer::Geometry as Wanted;

use super::Opened;
use super::Remark;
use super::Request;
use super::Row;
use super::Rows;
use super::Shape;
use super::gdal_error;
use super::shaped;
use super::typical;

const X: [&str; 18] = [
    "经度",
    "lon",
    "lng",
    "long",
    "longitude",
    "x",
    "geox",
    "x坐标",
    "坐标x",
    "东坐标",
    "横坐标",
    "easting",
    "eastings",
    "pointx",
    "coordx",
    "xcoord",
    "中心经度",
    "经度坐标",
];
const Y: [&str; 17] = [
    "纬度",
    "lat",
    "latitude",
    "y",
    "geoy",
    "y坐标",
    "坐标y",
    "北坐标",
    "纵坐标",
    "northing",
    "northings",
    "pointy",
    "coordy",
    "ycoord",
    "中心纬度",
    "纬度坐标",
    "latitute",
];
const WKT: [&str; 7] = ["wkt", "geometry", "geom", "thegeom", "shape", "图形", "geometrywkt"];
const SYSTEM: [&str; 8] = [
    "coordinatereferencesystem",
    "coordinatesystem",
    "systemreference",
    "crs",
    "srid",
    "epsg",
    "坐标系",
    "坐标系统",
];

/// Where a table has its coordinates.
enum Columns {
    Pair(usize, usize),
    Wkt(usize),
}

/// The rows of a list, held: most of them have to be seen before the first can be placed.
struct Listed {
    rows: Vec<Row>,
    columns: Columns,
    names: [String; 2],
    swapped: bool,
    typical: Option<[f64; 4]>,
    /// What the rows say of their system, and the column that says it.
    system: Option<(usize, String)>,
}

/// Gives the rows of a table geometries, where a layer wants them and the table has coordinates.
pub(super) fn placed(mut opened: Opened, request: &Request) -> anyhow::Result<Opened> {
    let Some(wanted) = request.geometry else { return Ok(opened) };
    let names: Vec<String> = opened
        .headers
        .iter()
        .map(|it| {
            let parsed = header::Header::parse(it);
            header::name(parsed.bare.as_deref().unwrap_or(&parsed.whole))
        })
        .collect();
    let find = |known: &[&str]| names.iter().position(|it| known.contains(&it.as_str()));
    let columns = match (find(&WKT), find(&X), find(&Y)) {
        (Some(at), ..) => Columns::Wkt(at),
        (None, Some(x), Some(y)) if wanted == Wanted::Point => Columns::Pair(x, y),
        _ => return Ok(opened),
    };
    gdal_error::listen();
    let mut rows = Vec::new();
    opened.rows.read(&mut |row| {
        rows.push(row);
        Ok(())
    })?;
    let boxes = rows.iter().filter_map(|it| columns.extent(it)).collect();
    let typical = typical(boxes);
    // What is asked for is taken; registers have free text in this column as often as a system.
    let system = find(&SYSTEM)
        .filter(|_| request.source_crs.is_none())
        .and_then(|at| Some((at, most_said(&rows, at)?)));
    let own = system.as_ref().map(|(_, said)| stated(said, typical)).transpose()?.flatten();
    let stated = Stated {
        own: own.map(crs::from_code).transpose()?,
        extent: typical,
        headers: opened.headers.clone(),
        ..Stated::default()
    };
    let crs = crs::choose(&stated, request)?;
    let named = |at: usize| opened.headers[at].clone();
    let names = match columns {
        Columns::Pair(x, y) => [named(x), named(y)],
        Columns::Wkt(at) => [named(at), named(at)],
    };
    let swapped = crs.choice.swapped;
    opened.total = Some(rows.len() as u64);
    opened.crs = Some(crs);
    opened.rows = Box::new(Listed { rows, columns, names, swapped, typical, system });
    Ok(opened)
}

/// The system that most rows state in a column, of those that state one.
fn most_said(rows: &[Row], at: usize) -> Option<String> {
    let mut counts: IndexMap<String, usize> = IndexMap::new();
    let said = rows.iter().filter_map(|it| it.cells.get(at)).map(system_name);
    for said in said.filter(|it| known(it).is_some()) {
        *counts.entry(said).or_default() += 1;
    }
    counts.into_iter().max_by_key(|(_, count)| *count).map(|(said, _)| said)
}

fn system_name(cell: &Cell) -> String {
    plain(&cell.shown()).to_uppercase().replace([' ', '-', '_'], "")
}

/// The codes of a system by its name: of its degrees, and of its plane where the name means one as well.
fn known(said: &str) -> Option<(u32, Option<u32>)> {
    if let Ok(code) = said.strip_prefix("EPSG:").unwrap_or(said).parse::<u32>() {
        return (code >= 2000).then_some((code, Some(code)));
    }
    match said {
        "WGS84" | "WGS1984" => Some((4326, None)),
        "CGCS2000" | "2000国家大地坐标系" | "国家2000" => Some((4490, None)),
        "ETRS89" => Some((4258, None)),
        "OSGB36" | "OSGB" | "BNG" | "BRITISHNATIONALGRID" => Some((4277, Some(27700))),
        _ => None,
    }
}

/// The system that a column names, by whether the coordinates are degrees.
fn stated(said: &str, extent: Option<[f64; 4]>) -> anyhow::Result<Option<u32>> {
    let degrees = extent.is_none_or(|it| it.iter().all(|it| (-180.0..=180.0).contains(it)));
    match known(said) {
        None => Ok(None),
        Some((geographic, _)) if degrees => Ok(Some(geographic)),
        Some((_, Some(projected))) => Ok(Some(projected)),
        Some((_, None)) => {
            let message = format!(
                "列中写明坐标系 {said}，坐标却不是经纬度，请用 --source-crs 指定 / the rows state {said}, and their coordinates are not degrees: give --source-crs"
            );
            bail!(Question { parameter: "source_crs", choices: Vec::new(), message })
        }
    }
}

impl Columns {
    /// Where a row says it is, if it can be read.
    fn extent(&self, row: &Row) -> Option<[f64; 4]> {
        match self {
            Self::Pair(x, y) => {
                let (x, y) = (number(row.cells.get(*x)?).ok()??, number(row.cells.get(*y)?).ok()??);
                (x != 0.0 || y != 0.0).then_some([x, y, x, y])
            }
            Self::Wkt(at) => {
                let it = parse(row.cells.get(*at)?).ok()??.envelope();
                Some([it.MinX, it.MinY, it.MaxX, it.MaxY])
            }
        }
    }
}

fn number(cell: &Cell) -> Result<Option<f64>, String> {
    Ok(match cell.value(FieldType::Decimal)? {
        Some(Value::Decimal(it)) => it.to_f64(),
        _ => None,
    })
}

/// A geometry as WKT; PostGIS's `SRID=4490;` before it is passed over.
fn parse(cell: &Cell) -> Result<Option<Geometry>, String> {
    let Cell::Text(text) = cell else { return Ok(None) };
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let bare =
        text.split_once(';').filter(|(srid, _)| srid.starts_with("SRID")).map_or(text, |it| it.1);
    let made = Geometry::from_wkt(bare);
    gdal_error::take();
    let short: String = text.chars().take(60).collect();
    made.map(Some).map_err(|_| format!("不是 WKT / is no WKT: `{short}`"))
}

impl Rows for Listed {
    fn read(&mut self, sink: &mut dyn FnMut(Row) -> anyhow::Result<()>) -> anyhow::Result<()> {
        for mut row in std::mem::take(&mut self.rows) {
            if row.cells.iter().all(Cell::is_missing) {
                sink(row)?;
                continue;
            }
            row.shape = self.shape(&row).unwrap_or_else(Shape::Broken);
            sink(row)?;
        }
        Ok(())
    }
}

impl Listed {
    fn shape(&self, row: &Row) -> Result<Shape, Remark> {
        let wrong = |rule: &'static str, why: String| Remark { rule, why };
        let cell = |at: usize| row.cells.get(at).unwrap_or(&Cell::Missing);
        if let Some((at, system)) = &self.system
            && let said = system_name(cell(*at))
            && known(&said).is_some_and(|it| known(system) != Some(it))
        {
            let why = format!(
                "该行写明坐标系 {}，与其余各行（{system}）不同 / the row states another coordinate system than the rest ({system})",
                cell(*at).shown()
            );
            return Err(wrong("coordinates", why));
        }
        let (x, y) = match self.columns {
            Columns::Wkt(at) => {
                let made = parse(cell(at)).map_err(|why| wrong("geometry_broken", why))?;
                return Ok(made.map_or(Shape::Null, |it| shaped(&it, self.swapped)));
            }
            Columns::Pair(x, y) => (x, y),
        };
        let [x_name, y_name] = &self.names;
        let coordinate = |at: usize, name: &str| {
            number(cell(at))
                .map_err(|_| {
                    wrong(
                        "coordinates",
                        format!("{name} 不是数字 / is no number: `{}`", cell(at).shown()),
                    )
                })?
                .ok_or_else(|| {
                    wrong("geometry_missing", format!("缺少 {name} / {name} is missing"))
                })
        };
        let (x, y) = (coordinate(x, x_name)?, coordinate(y, y_name)?);
        if x == 0.0 && y == 0.0 {
            let why =
                format!("{x_name}、{y_name} 都是 0，不是位置 / both are 0, which is no place");
            return Err(wrong("geometry_missing", why));
        }
        if self.is_turned(x, y) {
            let why = format!(
                "{x_name}、{y_name} 似颠倒：对调后与其余各行在一处 / {x_name} and {y_name} look swapped: turned they lie among the other rows ({x}, {y})"
            );
            return Err(wrong("coordinates", why));
        }
        let (x, y) = if self.swapped { (y, x) } else { (x, y) };
        let broken = |_| wrong("geometry_broken", format!("{x}, {y}"));
        let mut point = Geometry::empty(OGRwkbGeometryType::wkbPoint).map_err(broken)?;
        point.add_point_2d((x, y));
        Ok(Shape::Geometry(point))
    }

    /// Whether a row lies far from all others, and among them with its numbers turned.
    fn is_turned(&self, x: f64, y: f64) -> bool {
        let Some([west, south, east, north]) = self.typical else { return false };
        // Twice the size of where the others are, and not less than a degree or some kilometres.
        let least = if east.abs() <= 360.0 { 1.0 } else { 50_000.0 };
        let (wide, high) = ((east - west).max(least), (north - south).max(least));
        let among = |x: f64, y: f64| {
            (west - wide..=east + wide).contains(&x) && (south - high..=north + high).contains(&y)
        };
        !among(x, y) && among(y, x)
    }
}
