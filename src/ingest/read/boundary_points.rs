//! 界址点 TXT, the boundary points of parcels as land offices exchange them: `[属性描述]` says the coordinate system, then
//! `[地块坐标]` has a line for each parcel (`点数,面积,编号,名称,面,图幅号,用途,地类,@`) and one for each point
//! (`J1,ring,X,Y`). X is the northing by convention, and half of the files have it otherwise.

use std::path::Path;

use anyhow::bail;
use encoding_rs::Encoding;
use gdal::vector::Geometry;

use crate::ingest::encoding::Choice;
use crate::ingest::value::Cell;
use crate::ingest::value::plain;

use super::Opened;
use super::Remark;
use super::Request;
use super::Row;
use super::Rows;
use super::Shape;
use super::boundary_crs;
use super::boundary_rings as rings;
use super::text;
use super::typical;

/// What the values of a parcel's line are. The layout names no unit of the area: it is kept as it is, and fills no field
/// that has one.
const HEADERS: [&str; 8] = [
    "点数",
    "面积（单位未注明）",
    "地块编号",
    "地块名称",
    "图形属性",
    "图幅号",
    "用途",
    "地类编码",
];

/// Whether a text is such a file: by its sections, or by a parcel's line that ends with `@`.
pub(super) fn is_one(head: &str) -> bool {
    head.lines().take(60).any(|line| {
        let line = line.trim();
        section(line).is_some_and(|it| it == "属性描述" || it == "地块坐标")
            || is_parcel(line) && line.contains('@')
    })
}

/// The name in a line `[地块坐标]`.
fn section(line: &str) -> Option<String> {
    let line = plain(line);
    let inner = line.strip_prefix(['[', '【']).and_then(|it| it.strip_suffix([']', '】']))?;
    Some(inner.trim().to_owned())
}

/// The parts of a line; full-width commas separate too.
fn parts(line: &str) -> Vec<&str> {
    line.split([',', '，']).map(str::trim).collect()
}

/// Whether a line begins a parcel: it ends with `@`, or its fifth part is the kind of its shape.
fn is_parcel(line: &str) -> bool {
    let parts = parts(line);
    let ended = parts.iter().rev().find(|it| !it.is_empty()).is_some_and(|it| it.ends_with('@'));
    parts.len() >= 4 && (ended || parts.get(4).is_some_and(|it| kind(it).is_some()))
}

/// What a parcel's line says its points make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Point,
    Line,
    Polygon,
}

fn kind(text: &str) -> Option<Kind> {
    match text.trim_end_matches('@').to_lowercase().as_str() {
        "点" | "点状" | "point" => Some(Kind::Point),
        "线" | "线状" | "line" => Some(Kind::Line),
        "面" | "面状" | "多边形" | "polygon" => Some(Kind::Polygon),
        _ => None,
    }
}

/// A parcel as the file has it; its points are the numbers of the file in their order there.
struct Parcel {
    line: u64,
    values: Vec<String>,
    points: Vec<Point>,
    /// The first thing that is wrong with it.
    fault: Option<String>,
}

struct Point {
    line: u64,
    ring: String,
    at: [f64; 2],
}

/// What a file says before its parcels.
pub(super) type Attributes = Vec<(String, String)>;

struct Boundaries {
    parcels: Vec<Parcel>,
    width: usize,
    /// Whether the first number of a point is the northing.
    north_first: bool,
}

pub(super) fn open_blocking(
    path: &Path,
    request: &Request,
    encoding: &'static Encoding,
    how: String,
) -> anyhow::Result<Opened> {
    let shown = super::file_name(path);
    let text = text::whole(path, encoding)?;
    let (attributes, parcels) = parse(&text);
    if parcels.is_empty() {
        bail!("{shown} 的 [地块坐标] 下没有地块 / has no parcel under [地块坐标]");
    }
    let places: Vec<[f64; 4]> = parcels
        .iter()
        .flat_map(|it| &it.points)
        .map(|it| [it.at[0], it.at[1], it.at[0], it.at[1]])
        .collect();
    let orders = || places.iter().filter_map(|it| rings::north_first(*it));
    // A parcel that was typed the other way round does not turn the others.
    let told =
        (orders().count() > 0).then(|| orders().filter(|it| *it).count() * 2 >= orders().count());
    let north_first = request.swap_axes.map_or_else(|| told.unwrap_or(true), |swap| !swap);
    let agree = |it: &[f64; 4]| rings::north_first(*it).is_none_or(|it| Some(it) == told);
    let extent = typical(places.iter().copied().filter(agree).collect());
    let upright = extent.map(|it| if north_first { [it[1], it[0], it[3], it[2]] } else { it });
    let mut crs = boundary_crs::choose(&attributes, upright, request)?;
    crs.choice.swapped = !north_first;
    let by_size = request.swap_axes.is_none() && told.is_some();
    boundary_crs::explain_axes(&mut crs.choice, north_first, by_size);
    let width = parcels.iter().map(|it| it.values.len()).max().unwrap_or_default();
    let width = width.max(HEADERS.len());
    let named = HEADERS.iter().map(|it| (*it).to_owned());
    let headers =
        named.chain((HEADERS.len()..width).map(|it| format!("附加项{}", it + 1))).collect();
    let sample = parcels.iter().flat_map(|it| &it.values).find(|it| !it.is_ascii());
    Ok(Opened {
        format: "界址点 TXT".to_owned(),
        layer_name: None,
        headers,
        total: Some(parcels.len() as u64),
        encoding: Some(Choice {
            name: encoding.name(),
            how,
            sample: sample.cloned().unwrap_or_default(),
        }),
        crs: Some(crs),
        notes: Vec::new(),
        rows: Box::new(Boundaries { parcels, width, north_first }),
    })
}

fn parse(text: &str) -> (Attributes, Vec<Parcel>) {
    let mut attributes = Attributes::new();
    let mut parcels: Vec<Parcel> = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim_matches(|it: char| it.is_whitespace() || it == '\u{feff}');
        if line.is_empty() || section(line).is_some() {
            continue;
        }
        if is_parcel(line) {
            let mut values: Vec<String> = parts(line)
                .into_iter()
                .map(|it| it.trim_end_matches('@').trim().to_owned())
                .collect();
            while values.last().is_some_and(String::is_empty) {
                values.pop();
            }
            parcels.push(Parcel { line: number, values, points: Vec::new(), fault: None });
            continue;
        }
        let Some(parcel) = parcels.last_mut() else {
            if let Some((name, value)) = line.split_once(['=', '＝', ':', '：']) {
                attributes.push((plain(name), value.trim().to_owned()));
            }
            continue;
        };
        match point(line, number) {
            Ok(it) => parcel.points.push(it),
            Err(why) => {
                parcel.fault.get_or_insert(why);
            }
        }
    }
    (attributes, parcels)
}

fn point(line: &str, number: u64) -> Result<Point, String> {
    let parts = parts(line);
    let [_, ring, x, y, ..] = parts[..] else {
        return Err(format!(
            "第 {number} 行应为「点号,圈号,X,Y」/ line {number} should be point, ring, X, Y: {line}"
        ));
    };
    let coordinate = |text: &str| {
        plain(text).parse::<f64>().ok().filter(|it| it.is_finite()).ok_or_else(|| {
            format!(
                "第 {number} 行坐标不是数字 / a coordinate of line {number} is no number: `{text}`"
            )
        })
    };
    Ok(Point { line: number, ring: plain(ring), at: [coordinate(x)?, coordinate(y)?] })
}

impl Rows for Boundaries {
    fn read(&mut self, sink: &mut dyn FnMut(Row) -> anyhow::Result<()>) -> anyhow::Result<()> {
        for parcel in std::mem::take(&mut self.parcels) {
            let shape = match self.shape(&parcel) {
                Ok(it) => it,
                Err(why) => Shape::Broken(Remark { rule: "geometry_broken", why }),
            };
            let mut cells: Vec<Cell> = parcel
                .values
                .into_iter()
                .map(|it| if it.is_empty() { Cell::Missing } else { Cell::Text(it) })
                .collect();
            cells.resize(self.width, Cell::Missing);
            sink(Row { number: parcel.line, cells, shape })?;
        }
        Ok(())
    }
}

impl Boundaries {
    fn shape(&self, parcel: &Parcel) -> Result<Shape, String> {
        if let Some(why) = &parcel.fault {
            return Err(why.clone());
        }
        let said = parcel.values.get(4).map_or("", String::as_str);
        let kind = match kind(said) {
            Some(it) => it,
            None if said.is_empty() => Kind::Polygon,
            None => {
                return Err(format!(
                    "图形属性应为 点、线、面 / the shape should be 点, 线 or 面: `{said}`"
                ));
            }
        };
        if parcel.points.is_empty() {
            return Ok(Shape::Null);
        }
        let north = |it: &Point| rings::north_first([it.at[0], it.at[1], it.at[0], it.at[1]]);
        if let Some(it) =
            parcel.points.iter().find(|it| north(it).is_some_and(|it| it != self.north_first))
        {
            return Err(format!(
                "第 {line} 行 X、Y 与文件其余部分颠倒 / line {line} has X and Y the other way round than the rest of the file",
                line = it.line
            ));
        }
        let at = |it: &Point| if self.north_first { [it.at[1], it.at[0]] } else { it.at };
        let points: Vec<(&str, [f64; 2])> =
            parcel.points.iter().map(|it| (it.ring.as_str(), at(it))).collect();
        let made = rings::split(&points);
        let geometry = match kind {
            Kind::Point => rings::points(&points),
            Kind::Line => rings::lines(&made),
            Kind::Polygon => {
                if let Some(short) = made.iter().find(|it| it.distinct() < 3) {
                    return Err(format!(
                        "第 {} 圈不足 3 个点 / ring {} has fewer than 3 points",
                        short.name, short.name
                    ));
                }
                rings::polygons(&made)
            }
        };
        let geometry = geometry.map_err(|error| error.to_string())?;
        Ok(Self::counted(parcel, &made, kind, geometry))
    }

    /// Compares the stated number of points, which may or may not count the repeated first one.
    fn counted(parcel: &Parcel, made: &[rings::Ring], kind: Kind, geometry: Geometry) -> Shape {
        let stated = parcel.values.first().and_then(|it| plain(it).parse::<usize>().ok());
        let repeated = made.iter().filter(|it| it.closed).count();
        let found = parcel.points.len();
        match stated {
            Some(stated)
                if stated != found && !(kind == Kind::Polygon && stated + repeated == found) =>
            {
                let why = format!(
                    "写明 {stated} 点，实有 {found} 点 / {stated} points stated, {found} found"
                );
                Shape::Noted(geometry, Remark { rule: "point_count", why })
            }
            _ => Shape::Geometry(geometry),
        }
    }
}
