//! What is said of a geometry that can be stored: repairs, spikes, slivers, holes, parts, and how far it lies from the district.
//! Lengths are metres on a plane that touches the ellipsoid at the vertex: good to a thousandth over a parcel.

use geo::Coord;
use geo::LineString;
use geo::MultiPolygon;
use rust_decimal::prelude::ToPrimitive;

use super::super::repair::Prepared;
use super::super::repair::Stored;
use super::super::report::Issue;
use super::super::target::Target;
use super::super::value::Value;
use super::place;

/// A parcel's registered and measured area may differ by this part.
const AREA_TOLERANCE: f64 = 0.01;
/// Polygons under this area are left-overs of cutting.
const TINY_M2: f64 = 1.0;
/// An outline turns back on itself where its angle is less than this, in degrees, and both edges are longer than
/// `SPIKE_EDGE_M`: surveyed corners are not as sharp.
const SPIKE_DEGREES: f64 = 1.0;
const SPIKE_EDGE_M: f64 = 0.5;
/// 4π·area / perimeter², 1 for a circle: a strip of 1 m by 300 m has 0.0104.
const SLIVER_COMPACTNESS: f64 = 0.01;
/// Degrees beyond the district's box from which a place is another region, some 50 km.
const FAR_DEGREES: f64 = 0.5;
/// Metres of a degree of latitude, near enough for judging shapes.
const DEGREE_M: f64 = 111_000.0;
/// Cadastral parcels are judged more strictly than plans and waters, which may be long, holed and in parts.
const PARCELS: &str = "mutu.parcel";

/// Whether no part of the box is in the district.
pub fn is_outside(bbox: [f64; 4], district: [f64; 4]) -> bool {
    distance_degrees(bbox, district) > 0.0
}

/// How far the boxes are from each other, the larger of both directions; 0 where they meet.
fn distance_degrees(bbox: [f64; 4], [west, south, east, north]: [f64; 4]) -> f64 {
    [west - bbox[2], bbox[0] - east, south - bbox[3], bbox[1] - north]
        .into_iter()
        .fold(0.0, f64::max)
}

/// Everything to say about a geometry that will be stored.
pub fn judge(target: &Target, it: &Prepared, number: u64, district: [f64; 4]) -> Vec<Issue> {
    let mut issues = Vec::new();
    if it.left_out {
        let why = "集合中的其他部分未导入 / parts of another kind were left out";
        issues.push(Issue::warn("geometry_left_out", Some(number), None, None, why));
    }
    if it.linearised {
        let why = "曲线已转为折线 / its curves were made straight";
        issues.push(Issue::warn("geometry_curves", Some(number), None, None, why));
    }
    if let Some(repair) = &it.repair {
        let why = format!(
            "{}；面积 area {:.2} → {:.2} m²",
            repair.why, repair.before_m2, repair.after_m2
        );
        let issue = Issue::warn("geometry_repaired", Some(number), None, None, why);
        issues.push(issue.at(repair.at.map(place::point)));
    }
    let away = distance_degrees(it.bbox, district);
    let at = format!("{:.5}, {:.5}", it.bbox[0], it.bbox[1]);
    if away > FAR_DEGREES {
        let km = away * DEGREE_M / 1000.0;
        let why = format!("{at}：距辖区约 {km:.0} 公里 / about {km:.0} km away");
        issues.push(Issue::warn("far_outside", Some(number), None, None, why));
    } else if away > 0.0 {
        issues.push(Issue::warn("outside_district", Some(number), None, None, at));
    }
    if let Stored::Polygons(polygons) = &it.stored {
        issues.extend(vertices(polygons, number));
        if it.area_m2 < TINY_M2 {
            let why = format!("{:.2} m²", it.area_m2);
            issues.push(Issue::warn("area_tiny", Some(number), None, None, why));
        }
        if target.relation == PARCELS {
            issues.extend(parcel(polygons, it.area_m2, number));
        }
    }
    issues
}

/// Strips, parts and holes of a parcel.
fn parcel(polygons: &MultiPolygon<f64>, area_m2: f64, number: u64) -> Vec<Issue> {
    let mut issues = Vec::new();
    let perimeter_m: f64 = polygons.0.iter().map(|it| length_m(it.exterior())).sum();
    let compactness = 4.0 * std::f64::consts::PI * area_m2 / (perimeter_m * perimeter_m);
    if polygons.0.len() == 1 && compactness < SLIVER_COMPACTNESS {
        let why = format!("面积 area {area_m2:.2} m²，周长 perimeter {perimeter_m:.1} m");
        issues.push(Issue::warn("sliver", Some(number), None, None, why));
    }
    if polygons.0.len() > 1 {
        let why = format!("{count} 块 / {count} parts", count = polygons.0.len());
        issues.push(Issue::warn("several_parts", Some(number), None, None, why));
    }
    let holes: usize = polygons.0.iter().map(|it| it.interiors().len()).sum();
    if holes > 0 {
        let why = format!("{holes} 个孔洞 / {holes} holes");
        issues.push(Issue::warn("holes", Some(number), None, None, why));
    }
    issues
}

/// The first repeated vertex and the first spike, with how many there are.
fn vertices(polygons: &MultiPolygon<f64>, number: u64) -> Vec<Issue> {
    let rings =
        polygons.0.iter().flat_map(|it| std::iter::once(it.exterior()).chain(it.interiors()));
    let (mut repeated, mut spikes) = (Vec::new(), Vec::new());
    for ring in rings {
        let open = &ring.0[..ring.0.len().saturating_sub(1)];
        for (index, it) in open.iter().enumerate() {
            let before = open[(index + open.len() - 1) % open.len()];
            let after = open[(index + 1) % open.len()];
            if *it == after && open.len() > 1 {
                repeated.push(*it);
            } else if is_spike(before, *it, after) {
                spikes.push(*it);
            }
        }
    }
    let found = [
        ("vertex_repeated", "处顶点重复 / repeated vertices", repeated),
        ("spike", "处尖刺 / spikes", spikes),
    ];
    found
        .into_iter()
        .filter_map(|(rule, what, at)| {
            let first = at.first()?;
            let why = format!("{} {what}：{:.7}, {:.7}", at.len(), first.x, first.y);
            let issue = Issue::warn(rule, Some(number), None, None, why);
            Some(issue.at(Some(place::point([first.x, first.y]))))
        })
        .collect()
}

/// From one vertex to another in metres, east and north.
fn step_m(from: Coord<f64>, to: Coord<f64>) -> [f64; 2] {
    let east = (to.x - from.x) * DEGREE_M * from.y.to_radians().cos();
    [east, (to.y - from.y) * DEGREE_M]
}

fn is_spike(before: Coord<f64>, at: Coord<f64>, after: Coord<f64>) -> bool {
    let (a, b) = (step_m(at, before), step_m(at, after));
    let (long_a, long_b) = (a[0].hypot(a[1]), b[0].hypot(b[1]));
    if long_a < SPIKE_EDGE_M || long_b < SPIKE_EDGE_M {
        return false;
    }
    let cosine = (a[0] * b[0] + a[1] * b[1]) / (long_a * long_b);
    cosine > SPIKE_DEGREES.to_radians().cos()
}

fn length_m(ring: &LineString<f64>) -> f64 {
    let steps = ring.0.windows(2).map(|it| step_m(it[0], it[1]));
    steps.map(|[east, north]| east.hypot(north)).sum()
}

/// A registered area that is not the measured one; `column` names the header that a field was read from.
pub fn registered(
    target: &Target,
    values: &[Option<Value>],
    it: &Prepared,
    number: u64,
    column: &dyn Fn(usize) -> String,
) -> Option<Issue> {
    let at = target.fields.get_index_of("area_registered_m2")?;
    let Some(Value::Decimal(registered)) = &values[at] else { return None };
    let registered = registered.to_f64().filter(|it| *it > 0.0)?;
    let differ = (registered - it.area_m2).abs();
    if differ <= AREA_TOLERANCE * registered.max(it.area_m2) {
        return None;
    }
    let why = format!("证载 registered {registered:.2} m²，图上 measured {:.2} m²", it.area_m2);
    let value = Some(format!("{registered:.2}"));
    Some(Issue::warn("area_differs", Some(number), Some(column(at)), value, why))
}

#[cfg(test)]
mod tests {
    use gdal::vector::Geometry as Raw;

    use crate::layer::Geometry as Wanted;
    use crate::layer::Layers;

    use super::super::super::read::gdal_error;
    use super::super::super::repair;
    use super::*;

    const DISTRICT: [f64; 4] = [121.0, 31.2, 121.4, 31.6];

    fn rules(wkt: &str) -> Vec<&'static str> {
        gdal_error::listen();
        let target = Target::find(&Layers::load(None).unwrap(), "parcels").unwrap();
        let it = repair::prepare(Raw::from_wkt(wkt).unwrap(), None, Wanted::Polygon).unwrap();
        let issues = judge(&target, &it, 1, DISTRICT);
        issues.iter().map(|it| it.rule).collect()
    }

    #[test]
    fn a_common_parcel_gives_nothing_to_say() {
        let wkt = "POLYGON((121.2 31.3,121.201 31.3,121.201 31.301,121.2 31.301,121.2 31.3))";
        assert!(rules(wkt).is_empty());
    }

    #[test]
    fn awkward_outlines_are_told() {
        for (wkt, rule) in [
            (
                "POLYGON((121.2 31.3,121.201 31.3,121.201 31.3,121.201 31.301,121.2 31.301,121.2 31.3))",
                "vertex_repeated",
            ),
            (
                "POLYGON((121.2 31.3,121.201 31.3,121.201 31.3005,121.203 31.300505,121.201 31.30051,121.201 31.301,121.2 31.301,121.2 31.3))",
                "spike",
            ),
            (
                "POLYGON((121.2 31.3,121.21 31.3,121.21 31.300005,121.2 31.300005,121.2 31.3))",
                "sliver",
            ),
            (
                "POLYGON((121.2 31.3,121.200005 31.3,121.200005 31.300005,121.2 31.300005,121.2 31.3))",
                "area_tiny",
            ),
            (
                "MULTIPOLYGON(((121.2 31.3,121.201 31.3,121.201 31.301,121.2 31.3)),((121.3 31.3,121.301 31.3,121.301 31.301,121.3 31.3)))",
                "several_parts",
            ),
            (
                "POLYGON((121.2 31.3,121.203 31.3,121.203 31.303,121.2 31.303,121.2 31.3),(121.201 31.301,121.202 31.301,121.202 31.302,121.201 31.301))",
                "holes",
            ),
            ("POLYGON((121.5 31.3,121.501 31.3,121.501 31.301,121.5 31.3))", "outside_district"),
            ("POLYGON((120.2 31.3,120.201 31.3,120.201 31.301,120.2 31.3))", "far_outside"),
        ] {
            assert_eq!(rules(wkt), [rule], "{wkt}");
        }
    }
}
