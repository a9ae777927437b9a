//! Rows put together by class and by the cell of the tile that their middle lies in. Each row is in one cell of one tile of a
//! zoom, and sums are exact, so that the tiles of a zoom tell together what the rows sum up to.

use rust_decimal::Decimal;

use super::Address;
use super::class::Class;
use super::class::Classes;
use super::property::decimal;
use super::square;
use crate::coverage::At;
use crate::coverage::Bounds;
use crate::coverage::EXTENT;
use crate::layer::Geometry;
use crate::layer::Layer;
use crate::layer::Unit;
use crate::mvt::Pen;
use crate::mvt::Value;
use crate::mvt::Writer;
use crate::snapshot::Column;
use crate::snapshot::View;
use crate::snapshot::ViewPart;

/// Decimal places of a ratio, as everywhere.
const RATIO_PLACES: u32 = 6;
/// A row that belongs to another tile.
const ELSEWHERE: u32 = u32::MAX;

/// A sum by group: scaled, exact; `known` where a row had a value.
#[derive(Debug)]
struct Sums {
    places: u32,
    by_group: Vec<i128>,
    known: Vec<bool>,
}

/// The middle of a row's box; the cell that it lies in has the row.
pub fn middle(it: &Bounds) -> At {
    // Halved first, so that nothing overflows; the lowest bit of both is theirs together.
    let half = |a: u32, b: u32| a / 2 + b / 2 + (a & b & 1);
    At { x: half(it.min.x, it.max.x), y: half(it.min.y, it.max.y) }
}

/// Writes the aggregates of those rows of each part, with so many cells to the side of the tile.
pub fn write(
    writer: &mut Writer,
    view: &View<'_>,
    parts: &[ViewPart<'_>],
    rows: &[Vec<u32>],
    address: &Address,
    cells: u32,
) {
    writer.clear();
    let told = view.layer.aggregated(view.scope());
    let classes = Classes::of(view.layer, told.class, parts, rows);
    let groups = groups(&classes, told.class, parts, rows, address, cells);
    let count = (cells * cells) as usize * classes.list.len();
    let mut counts = vec![0_u32; count];
    for group in groups.iter().flatten().filter(|it| **it != ELSEWHERE) {
        counts[*group as usize] += 1;
    }
    let sums = |fields: &[&str]| sums(fields, parts, rows, &groups, count);
    let totals: Vec<Sums> = told.sums.iter().map(|it| sums(&[it])).collect();
    let ratios: Vec<[Sums; 2]> = told
        .ratios
        .iter()
        .map(|(_, it)| [sums(&[&it.over, &it.under]), sums(&[&it.under, &it.over])])
        .collect();
    let units = told.unit.map(|it| units(view.layer, it, parts, rows, &groups, count));
    let land = land(view.layer, &told.sums, &totals, parts, rows, &groups, count);
    let mut keys = Keys { written: Vec::new() };
    let yes = writer.value(Value::Bool(true));
    let class_values: Vec<Option<u32>> =
        classes.list.iter().map(|it| Some(writer.value(it.value()?))).collect();
    let unit_values: Vec<Option<u32>> =
        units.iter().flat_map(|it| &it.0.list).map(|it| Some(writer.value(it.value()?))).collect();
    for cell in 0..cells * cells {
        let first = cell as usize * classes.list.len();
        let here: Vec<usize> =
            (first..first + classes.list.len()).filter(|it| counts[*it] > 0).collect();
        if here.is_empty() {
            continue;
        }
        let strips = square::strips(bounds(cell, cells), &land.of(&here, address, cell, cells));
        for (group, strip) in here.into_iter().zip(strips) {
            if let (Some(name), Some(value)) = (told.class, class_values[group - first]) {
                keys.tag(name, value, writer);
            }
            let mut tell = |name, value: Value<'_>| {
                let value = writer.value(value);
                keys.tag(name, value, writer);
            };
            tell("count", Value::Integer(i64::from(counts[group])));
            for (name, it) in told.sums.iter().zip(&totals).filter(|it| it.1.known[group]) {
                tell(name, decimal(it.by_group[group], it.places));
            }
            for ((name, _), [over, under]) in told.ratios.iter().zip(&ratios) {
                if let Some(it) = ratio(over, under, group) {
                    tell(name, decimal(it.mantissa(), it.scale()));
                }
            }
            if let (Some(name), Some((_, of_group))) = (told.unit, &units)
                && let Some(Some(value)) = unit_values.get(of_group[group] as usize)
            {
                keys.tag(name, *value, writer);
            }
            keys.tag("aggregated", yes, writer);
            draw(strip, view.layer.geometry, &mut writer.geometry);
            writer.feature(None, super::kind(view.layer.geometry));
        }
    }
}

/// Keys of the tile as they are needed.
struct Keys<'a> {
    written: Vec<(&'a str, u32)>,
}

impl<'a> Keys<'a> {
    fn tag(&mut self, name: &'a str, value: u32, writer: &mut Writer) {
        let known = self.written.iter().find(|it| it.0 == name).map(|it| it.1);
        let key = known.unwrap_or_else(|| {
            let key = writer.key(name);
            self.written.push((name, key));
            key
        });
        writer.tag(key, value);
    }
}

/// Of each row its cell and class as one number, or [`ELSEWHERE`].
fn groups(
    classes: &Classes,
    field: Option<&str>,
    parts: &[ViewPart<'_>],
    rows: &[Vec<u32>],
    address: &Address,
    cells: u32,
) -> Vec<Vec<u32>> {
    let [columns, lines] = address.edges(cells);
    // Of the web map's tiles a cell is 2^n steps wide: no row has to be divided.
    let shift = |edges: &[u64]| {
        let side = (edges[edges.len() - 1] - edges[0]) / u64::from(cells);
        (address.window().is_some() && side.is_power_of_two()).then(|| side.trailing_zeros())
    };
    let shifts = [shift(&columns), shift(&lines)];
    let find = |edges: &[u64], shift: Option<u32>, it: u32| -> Option<u32> {
        let (it, first, last) = (u64::from(it), edges[0], edges[edges.len() - 1]);
        if it < first || it >= last {
            return None;
        }
        let at = match shift {
            Some(shift) => (it - first) >> shift,
            None => edges.partition_point(|edge| *edge <= it) as u64 - 1,
        };
        u32::try_from(at).ok()
    };
    let count = u32::try_from(classes.list.len()).unwrap_or(u32::MAX);
    let of_part = |(part, rows): (&ViewPart<'_>, &Vec<u32>)| {
        let shapes = part.part.shapes();
        let mut groups: Vec<u32> = Vec::with_capacity(rows.len());
        for row in rows {
            let at = middle(&shapes.bounds(*row as usize));
            let cell = find(&columns, shifts[0], at.x).zip(find(&lines, shifts[1], at.y));
            groups.push(cell.map_or(ELSEWHERE, |(x, y)| (y * cells + x) * count));
        }
        let mut next = groups.iter_mut();
        classes.each(field, part, rows, |class| {
            if let Some(it) = next.next().filter(|it| **it != ELSEWHERE) {
                *it += class;
            }
        });
        groups
    };
    parts.iter().zip(rows).map(of_part).collect()
}

/// The sums of the first field, over rows that have a value of each.
fn sums(
    fields: &[&str],
    parts: &[ViewPart<'_>],
    rows: &[Vec<u32>],
    groups: &[Vec<u32>],
    count: usize,
) -> Sums {
    let scale = |part: &ViewPart<'_>| match part.column(fields[0]).map(|it| it.column) {
        Some(Column::Decimal { places, .. }) => *places,
        Some(Column::Wide { values }) => {
            values.iter().flatten().map(|it| it.normalize().scale()).max().unwrap_or(0)
        }
        _ => 0,
    };
    let places = parts.iter().map(scale).max().unwrap_or(0);
    let mut sums = Sums { places, by_group: vec![0; count], known: vec![false; count] };
    for ((part, rows), groups) in parts.iter().zip(rows).zip(groups) {
        let Some(first) = part.column(fields[0]) else { continue };
        let others: Vec<&Column> =
            fields[1..].iter().filter_map(|it| part.column(it)).map(|it| it.column).collect();
        let is_there = |row: usize| others.iter().all(|it| is_known(it, row));
        let unit = |own: u32| 10_i128.pow(places - own);
        let here = rows.iter().map(|it| *it as usize).zip(groups);
        let here = here.filter(|(row, group)| **group != ELSEWHERE && is_there(*row));
        let mut add = |group: u32, it: i128| {
            let group = group as usize;
            sums.by_group[group] = sums.by_group[group].saturating_add(it);
            sums.known[group] = true;
        };
        match first.column {
            Column::Integer { values, known } => here
                .filter(|it| known.has(it.0))
                .for_each(|(row, group)| add(*group, i128::from(values[row]) * unit(0))),
            Column::Decimal { scaled, places, known } => {
                let unit = unit(*places);
                here.filter(|it| known.has(it.0))
                    .for_each(|(row, group)| add(*group, i128::from(scaled[row]) * unit));
            }
            Column::Wide { values } => here.for_each(|(row, group)| {
                if let Some(mut it) = values[row] {
                    it.rescale(places);
                    add(*group, it.mantissa());
                }
            }),
            _ => {}
        }
    }
    sums
}

fn is_known(column: &Column, row: usize) -> bool {
    match column {
        Column::Text { codes, .. } => codes[row] > 0,
        Column::Integer { known, .. }
        | Column::Decimal { known, .. }
        | Column::Boolean { known, .. }
        | Column::Date { known, .. } => known.has(row),
        Column::Wide { values } => values[row].is_some(),
    }
}

fn ratio(over: &Sums, under: &Sums, group: usize) -> Option<Decimal> {
    if !over.known[group] || !under.known[group] {
        return None;
    }
    let exact = |it: &Sums| Decimal::try_from_i128_with_scale(it.by_group[group], it.places).ok();
    Some(exact(over)?.checked_div(exact(under)?)?.round_dp(RATIO_PLACES))
}

/// Of each group the unit that all of its rows are of; what is no place in the list where they are of several.
fn units(
    layer: &Layer,
    field: &str,
    parts: &[ViewPart<'_>],
    rows: &[Vec<u32>],
    groups: &[Vec<u32>],
    count: usize,
) -> (Classes, Vec<u32>) {
    const NONE: u32 = u32::MAX;
    const SEVERAL: u32 = u32::MAX - 1;
    let units = Classes::of(layer, Some(field), parts, rows);
    let mut of_group = vec![NONE; count];
    for ((part, rows), groups) in parts.iter().zip(rows).zip(groups) {
        let mut groups = groups.iter();
        units.each(Some(field), part, rows, |unit| {
            let Some(group) = groups.next().filter(|it| **it != ELSEWHERE) else { return };
            let known = &mut of_group[*group as usize];
            *known = match *known {
                NONE => unit,
                it if it == unit => it,
                _ => SEVERAL,
            };
        });
    }
    debug_assert!(units.list.last() == Some(&Class::Missing));
    (units, of_group)
}

/// How much land the groups have.
enum Land<'a> {
    /// In the sums, each of so many m².
    Of(&'a Sums, f64),
    /// The boxes of the rows, in steps of the map squared: for layers that know no area.
    Boxes(Vec<f64>),
}

fn land<'a>(
    layer: &Layer,
    fields: &[&str],
    totals: &'a [Sums],
    parts: &[ViewPart<'_>],
    rows: &[Vec<u32>],
    groups: &[Vec<u32>],
    count: usize,
) -> Land<'a> {
    for (name, sums) in fields.iter().zip(totals) {
        let unit = match layer.field.get(*name).and_then(|it| it.unit) {
            // m² × 0.0015 is mu exactly.
            Some(Unit::Mu) => 1.0 / 0.0015,
            Some(Unit::Ha) => 10_000.0,
            Some(Unit::M2) => 1.0,
            _ => continue,
        };
        return Land::Of(sums, unit);
    }
    let mut boxes = vec![0.0; count];
    for ((part, rows), groups) in parts.iter().zip(rows).zip(groups) {
        for (row, group) in rows.iter().zip(groups).filter(|it| *it.1 != ELSEWHERE) {
            let it = part.part.shapes().bounds(*row as usize);
            let side = |a: u32, b: u32| f64::from(b.saturating_sub(a));
            boxes[*group as usize] += side(it.min.x, it.max.x) * side(it.min.y, it.max.y);
        }
    }
    Land::Boxes(boxes)
}

impl Land<'_> {
    /// The land of those groups of a cell in square tile units.
    #[expect(clippy::cast_precision_loss, reason = "what is drawn is rounded to tile units")]
    fn of(&self, groups: &[usize], address: &Address, cell: u32, cells: u32) -> Vec<f64> {
        // The sphere of Web Mercator (EPSG:3857): how many metres a degree is, eastward at the middle of the cell.
        const DEGREE: f64 = 6_378_137.0 * std::f64::consts::PI / 180.0;
        let tile = address.degrees();
        let (wide, high) = (tile.east - tile.west, tile.north - tile.south);
        let extent = f64::from(EXTENT);
        let down = (f64::from(cell / cells) + 0.5) / f64::from(cells);
        let lat = (tile.north - high * down).to_radians();
        let unit_east = wide / extent * DEGREE * lat.cos();
        let unit_south =
            if address.window().is_some() { unit_east } else { high / extent * DEGREE };
        match self {
            Self::Of(sums, m2) => {
                let scale = m2 / 10_f64.powi(sums.places.cast_signed());
                let of = |it: &usize| sums.by_group[*it] as f64 * scale / (unit_east * unit_south);
                groups.iter().map(of).map(|it| it.max(0.0)).collect()
            }
            Self::Boxes(boxes) => {
                let step = 4_294_967_296.0 * wide / 360.0 / extent;
                groups.iter().map(|it| boxes[*it] / (step * step)).collect()
            }
        }
    }
}

/// A cell in tile units.
fn bounds(cell: u32, cells: u32) -> square::Strip {
    let edge = |it: u32| (it * EXTENT.unsigned_abs() / cells).cast_signed();
    let (x, y) = (cell % cells, cell / cells);
    [edge(x), edge(y), edge(x + 1), edge(y + 1)]
}

fn draw([west, north, east, south]: square::Strip, geometry: Geometry, out: &mut Vec<u8>) {
    let mut pen = Pen::default();
    let (x, y) = (i32::midpoint(west, east), i32::midpoint(north, south));
    match geometry {
        Geometry::Point => pen.points(&[(x, y)], out),
        Geometry::Line => pen.line(&[(west, y), (east, y)], out),
        Geometry::Polygon | Geometry::None => {
            pen.ring(&[(west, north), (east, north), (east, south), (west, south)], out);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_middle_lies_between() {
        let of = |a: u32, b: u32| {
            middle(&Bounds { min: At { x: a, y: 0 }, max: At { x: b, y: u32::MAX } })
        };
        assert_eq!(of(3, 5), At { x: 4, y: u32::MAX / 2 });
        assert_eq!(of(u32::MAX, u32::MAX).x, u32::MAX);
        assert_eq!(of(0, 1).x, 0);
    }
}
