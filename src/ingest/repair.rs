//! One geometry to what its layer stores: two dimensions, straight edges, EPSG:4490, the layer's own kind, valid. What was
//! changed is said; a repair that changes the area by more than a hundredth is no repair.

use gdal::cpl::CslStringList;
use gdal::spatial_ref::CoordTransform;
use gdal::vector::Geometry as Raw;
use geo::CoordsIter;
use geo::Geometry as Shape;
use geo::LineString;
use geo::MultiLineString;
use geo::MultiPoint;
use geo::MultiPolygon;
use geo::Point;
use geo::Polygon;
use geozero::ToGeo;
use geozero::wkb::Wkb;

use crate::layer::Geometry as Wanted;
use crate::measure;

use super::quality::place;
use super::read::gdal_error;
use super::simple::certainly_valid;

/// A repair may change the area by this part of it.
const TOLERANCE: f64 = 0.01;

/// A geometry as it is stored.
#[derive(Clone, Debug)]
pub enum Stored {
    Points(MultiPoint<f64>),
    Lines(MultiLineString<f64>),
    Polygons(MultiPolygon<f64>),
}

/// What was made of a geometry.
#[derive(Clone, Debug)]
pub struct Prepared {
    pub stored: Stored,
    /// WKB of what the source said, in EPSG:4490, where it had to be repaired.
    pub original: Option<Vec<u8>>,
    pub repair: Option<Repair>,
    /// Measured on the ellipsoid; 0 for points and lines.
    pub area_m2: f64,
    pub bbox: [f64; 4],
    pub flattened: bool,
    pub linearised: bool,
    /// Parts of another kind that a collection held and that were left out.
    pub left_out: bool,
}

#[derive(Clone, Debug)]
pub struct Repair {
    pub why: String,
    /// Where the fault was, as far as GEOS names a place: longitude, latitude.
    pub at: Option<[f64; 2]>,
    pub before_m2: f64,
    pub after_m2: f64,
}

/// Why a geometry cannot be stored: a rule's name and a sentence in both languages.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    pub rule: &'static str,
    pub why: String,
    /// Longitude and latitude of the fault, where it is known.
    pub at: Option<[f64; 2]>,
}

fn refuse(rule: &'static str, why: impl Into<String>) -> Refusal {
    Refusal { rule, why: why.into(), at: None }
}

/// Makes a geometry, given as ISO's WKB in little endian, what a layer of that kind stores.
pub fn prepare_wkb(
    wkb: Vec<u8>,
    transform: Option<&CoordTransform>,
    wanted: Wanted,
) -> Result<Prepared, Refusal> {
    if transform.is_none() && is_plain(&wkb) {
        return prepare_plain(wkb, None, wanted, [false, false]);
    }
    prepare(Raw::from_wkb(&wkb).map_err(|_| broken())?, transform, wanted)
}

/// Lines and polygons of two dimensions with straight edges: what most files have is what is stored.
fn is_plain(wkb: &[u8]) -> bool {
    let kind = wkb.get(1..5).and_then(|it| it.first_chunk::<4>());
    wkb.first() == Some(&1)
        && kind.is_some_and(|it| [2, 3, 5, 6].contains(&u32::from_le_bytes(*it)))
}

/// Makes a geometry what a layer of that kind stores.
pub fn prepare(
    mut raw: Raw,
    transform: Option<&CoordTransform>,
    wanted: Wanted,
) -> Result<Prepared, Refusal> {
    let kind = raw.geometry_type();
    let flattened =
        gdal::vector::geometry_type_has_z(kind) || gdal::vector::geometry_type_has_m(kind);
    let linearised = has_curves(&raw);
    if linearised {
        raw = linear(&raw).ok_or_else(|| {
            refuse("geometry_type", "曲线无法转为折线 / its curves cannot be made straight")
        })?;
    }
    if flattened {
        raw.flatten_to_2d();
    }
    if raw.is_empty() {
        return Err(refuse("geometry_missing", "几何为空 / the geometry is empty"));
    }
    if let Some(transform) = transform {
        let done = raw.transform_inplace(transform);
        let said = gdal_error::take_failure();
        if done.is_err() || said.is_some() {
            return Err(refuse(
                "coordinates",
                format!(
                    "坐标无法转换，请核对坐标系 / the coordinates cannot be transformed, check the CRS: {}",
                    said.unwrap_or_else(|| "out of range".to_owned())
                ),
            ));
        }
    }
    let wkb = raw.wkb().map_err(|_| broken())?;
    prepare_plain(wkb, Some(raw), wanted, [flattened, linearised])
}

/// The rest, of WKB in two dimensions with straight edges in EPSG:4490; GDAL's own geometry where it is there already.
fn prepare_plain(
    wkb: Vec<u8>,
    raw: Option<Raw>,
    wanted: Wanted,
    [flattened, linearised]: [bool; 2],
) -> Result<Prepared, Refusal> {
    let shape: Shape<f64> = Wkb(wkb.as_slice()).to_geo().map_err(|_| broken())?;
    let bbox = bounds(&shape)?;
    let (stored, left_out) = of_kind(shape, wanted)?;
    let mut prepared = Prepared {
        stored,
        original: None,
        repair: None,
        area_m2: 0.0,
        bbox,
        flattened,
        linearised,
        left_out,
    };
    if let Stored::Polygons(polygons) = &prepared.stored {
        prepared.area_m2 = measure::area_m2(polygons);
        if !certainly_valid(polygons) {
            let raw = match raw {
                Some(it) => it,
                None => Raw::from_wkb(&wkb).map_err(|_| broken())?,
            };
            gdal_error::take();
            if !raw.is_valid() {
                // GEOS says why and where, as a warning.
                let why = gdal_error::take_last();
                repair(&raw, wkb, why, &mut prepared)?;
            }
        }
        // A polygon without area would divide by zero wherever a ratio is taken over it.
        if prepared.area_m2 < 0.005 {
            let at = Some([prepared.bbox[0], prepared.bbox[1]]);
            return Err(Refusal {
                at,
                ..refuse("geometry_empty", "面积为零 / the polygon has no area")
            });
        }
    }
    gdal_error::take();
    Ok(prepared)
}

/// The refusal of what no reader understands.
pub fn broken() -> Refusal {
    refuse("geometry_broken", "几何无法读取 / the geometry cannot be read")
}

fn has_curves(raw: &Raw) -> bool {
    // SAFETY: the geometry lives and is not null. Curve types without an arc in them count too: WKB has them as curves.
    unsafe { gdal_sys::OGR_G_HasCurveGeometry(raw.c_geometry(), 0) != 0 }
}

fn linear(raw: &Raw) -> Option<Raw> {
    // SAFETY: the answer is a new geometry whose ownership is taken at once, or null.
    unsafe {
        let made = gdal_sys::OGR_G_GetLinearGeometry(raw.c_geometry(), 0.0, std::ptr::null_mut());
        (!made.is_null()).then(|| {
            let owned = Raw::lazy_feature_geometry();
            owned.set_c_geometry(made);
            let copy = owned.clone();
            gdal_sys::OGR_G_DestroyGeometry(made);
            copy
        })
    }
}

/// The bounding box; coordinates that are not finite degrees are refused.
fn bounds(shape: &Shape<f64>) -> Result<[f64; 4], Refusal> {
    let mut bbox = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
    for it in shape.coords_iter() {
        if !it.x.is_finite() || !it.y.is_finite() {
            return Err(refuse(
                "coordinates",
                "坐标不是有限数值 / a coordinate is not a finite number",
            ));
        }
        bbox = [bbox[0].min(it.x), bbox[1].min(it.y), bbox[2].max(it.x), bbox[3].max(it.y)];
    }
    if bbox[0] > bbox[2] {
        return Err(refuse("geometry_missing", "几何为空 / the geometry is empty"));
    }
    if bbox[0] < -180.0 || bbox[1] < -90.0 || bbox[2] > 180.0 || bbox[3] > 90.0 {
        let turned = bbox[0] >= -90.0 && bbox[2] <= 90.0 && bbox[1] >= -180.0 && bbox[3] <= 180.0;
        let why = if turned {
            "似为纬度在前，经纬度颠倒 / latitude seems to come before longitude"
        } else {
            "不是经纬度，请核对坐标系 / not degrees, check the CRS"
        };
        return Err(refuse(
            "coordinates",
            format!("坐标 / coordinates {}, {}: {why}", bbox[0], bbox[1]),
        ));
    }
    Ok(bbox)
}

/// The parts of the wanted kind; whether there were others.
fn of_kind(shape: Shape<f64>, wanted: Wanted) -> Result<(Stored, bool), Refusal> {
    let name = kind_name(&shape);
    let mut parts = Parts::default();
    parts.take(shape);
    let others = |mine: usize| parts.count() > mine;
    let (stored, left_out) = match wanted {
        Wanted::Polygon if !parts.polygons.is_empty() => {
            let left_out = others(parts.polygons.len());
            (Stored::Polygons(MultiPolygon(parts.polygons)), left_out)
        }
        Wanted::Line if !parts.lines.is_empty() => {
            let left_out = others(parts.lines.len());
            (Stored::Lines(MultiLineString(parts.lines)), left_out)
        }
        Wanted::Point if !parts.points.is_empty() => {
            let left_out = others(parts.points.len());
            (Stored::Points(MultiPoint(parts.points)), left_out)
        }
        _ => {
            let needed = match wanted {
                Wanted::Polygon => "面 / polygons",
                Wanted::Line => "线 / lines",
                Wanted::Point => "点 / points",
                Wanted::None => "无图形 / none",
            };
            return Err(refuse(
                "geometry_type",
                format!("几何类型为 {name}，图层需要{needed} / the geometry is a {name}"),
            ));
        }
    };
    Ok((stored, left_out))
}

#[derive(Default)]
struct Parts {
    points: Vec<Point<f64>>,
    lines: Vec<LineString<f64>>,
    polygons: Vec<Polygon<f64>>,
}

impl Parts {
    fn count(&self) -> usize {
        self.points.len() + self.lines.len() + self.polygons.len()
    }

    fn take(&mut self, shape: Shape<f64>) {
        match shape {
            Shape::Point(it) => self.points.push(it),
            Shape::MultiPoint(it) => self.points.extend(it.0),
            Shape::LineString(it) => self.line(it),
            Shape::MultiLineString(it) => it.0.into_iter().for_each(|it| self.line(it)),
            Shape::Polygon(it) => self.polygon(it),
            Shape::MultiPolygon(it) => it.0.into_iter().for_each(|it| self.polygon(it)),
            Shape::GeometryCollection(it) => it.0.into_iter().for_each(|it| self.take(it)),
            Shape::Triangle(it) => self.polygon(it.to_polygon()),
            Shape::Rect(it) => self.polygon(it.to_polygon()),
            Shape::Line(it) => self.line(vec![it.start, it.end].into()),
        }
    }

    fn line(&mut self, it: LineString<f64>) {
        if it.0.len() >= 2 {
            self.lines.push(it);
        }
    }

    fn polygon(&mut self, it: Polygon<f64>) {
        if !it.exterior().0.is_empty() {
            self.polygons.push(it);
        }
    }
}

const fn kind_name(shape: &Shape<f64>) -> &'static str {
    match shape {
        Shape::Point(_) => "Point",
        Shape::MultiPoint(_) => "MultiPoint",
        Shape::LineString(_) | Shape::Line(_) => "LineString",
        Shape::MultiLineString(_) => "MultiLineString",
        Shape::Polygon(_) | Shape::Triangle(_) | Shape::Rect(_) => "Polygon",
        Shape::MultiPolygon(_) => "MultiPolygon",
        Shape::GeometryCollection(_) => "GeometryCollection",
    }
}

/// Mends an invalid polygon with GEOS, keeping the polygons of what comes out.
fn repair(
    raw: &Raw,
    wkb: Vec<u8>,
    why: Option<String>,
    prepared: &mut Prepared,
) -> Result<(), Refusal> {
    let why = why.unwrap_or_else(|| "invalid".to_owned());
    let at = place::in_words(&why);
    let hopeless = |what: &str| Refusal {
        at: at.or(Some([prepared.bbox[0], prepared.bbox[1]])),
        ..refuse("geometry_unrepairable", format!("{what}（{why}）"))
    };
    let nothing = || hopeless("无法修复 / cannot be repaired");
    // An open ring is closed before anything else is judged.
    let closed = raw.clone();
    // SAFETY: the geometry lives and is not null.
    unsafe { gdal_sys::OGR_G_CloseRings(closed.c_geometry()) };
    let mended = closed.make_valid(&CslStringList::new()).map_err(|_| nothing())?;
    gdal_error::take();
    let bytes = mended.wkb().map_err(|_| nothing())?;
    let shape: Shape<f64> = Wkb(bytes.as_slice()).to_geo().map_err(|_| nothing())?;
    let mut parts = Parts::default();
    parts.take(shape);
    if parts.polygons.is_empty() {
        return Err(hopeless("修复后不是面 / nothing polygonal is left after repair"));
    }
    let polygons = MultiPolygon(parts.polygons);
    let (before_m2, after_m2) = (prepared.area_m2, measure::area_m2(&polygons));
    if (after_m2 - before_m2).abs() > TOLERANCE * before_m2.max(after_m2) {
        return Err(hopeless(&format!(
            "修复会使面积由 {before_m2:.2} 变为 {after_m2:.2} 平方米，超过 1% / repair would change the area from {before_m2:.2} to {after_m2:.2} m², more than 1 %"
        )));
    }
    prepared.stored = Stored::Polygons(polygons);
    prepared.area_m2 = after_m2;
    prepared.original = Some(wkb);
    prepared.repair = Some(Repair { why, at, before_m2, after_m2 });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn polygon(wkt: &str) -> Result<Prepared, Refusal> {
        gdal_error::listen();
        prepare(Raw::from_wkt(wkt).unwrap(), None, Wanted::Polygon)
    }

    #[test]
    fn a_valid_polygon_stays_as_it_is() {
        let it = polygon("POLYGON((121 31,121.01 31,121.01 31.01,121 31))").unwrap();
        assert!(it.repair.is_none() && it.original.is_none() && it.area_m2 > 1e5);
    }

    #[test]
    fn a_spike_is_cut_off_and_the_original_kept() {
        let it = polygon(
            "POLYGON((121 31,121.01 31,121.01 31.01,121.02 31.02,121.01 31.01,121 31.01,121 31))",
        )
        .unwrap();
        let repair = it.repair.unwrap();
        assert!((repair.before_m2 - repair.after_m2).abs() < 1.0, "{repair:?}");
        assert!(it.original.is_some());
    }

    #[test]
    fn a_bow_tie_says_two_things_and_is_refused() {
        let it = polygon("POLYGON((121 31,121.01 31.01,121.01 31,121 31.01,121 31))").unwrap_err();
        assert_eq!(it.rule, "geometry_unrepairable");
        assert!(it.why.contains("Self-intersection"), "{}", it.why);
    }

    #[test]
    fn what_has_no_area_is_refused() {
        for wkt in ["POLYGON((121 31,121.01 31,121 31))", "POLYGON((121 31,121 31,121 31,121 31))"]
        {
            assert!(polygon(wkt).is_err(), "{wkt}");
        }
        assert_eq!(polygon("POLYGON EMPTY").unwrap_err().rule, "geometry_missing");
    }

    #[test]
    fn the_wrong_kind_is_refused_and_a_collection_gives_its_polygons() {
        assert_eq!(polygon("POINT(121 31)").unwrap_err().rule, "geometry_type");
        let it = polygon(
            "GEOMETRYCOLLECTION(POINT(121 31),POLYGON((121 31,121.01 31,121.01 31.01,121 31)))",
        )
        .unwrap();
        assert!(it.left_out);
        assert!(matches!(it.stored, Stored::Polygons(polygons) if polygons.0.len() == 1));
    }

    #[test]
    fn heights_are_dropped_and_curves_made_straight() {
        let it = polygon("POLYGON Z((121 31 4,121.01 31 4,121.01 31.01 4,121 31 4))").unwrap();
        assert!(it.flattened);
        let curve =
            "CURVEPOLYGON(CIRCULARSTRING(121 31,121.01 31.01,121.02 31,121.01 30.99,121 31))";
        let it = polygon(curve).unwrap();
        assert!(it.linearised && it.area_m2 > 1e6, "{}", it.area_m2);
    }

    #[test]
    fn coordinates_that_are_not_degrees_are_refused() {
        for wkt in [
            "POLYGON((620000 3470000,620100 3470000,620100 3470100,620000 3470000))",
            "POLYGON((121 31,nan 31,121.01 31.01,121 31))",
        ] {
            if let Ok(raw) = Raw::from_wkt(wkt) {
                assert!(prepare(raw, None, Wanted::Polygon).is_err(), "{wkt}");
            }
        }
    }
}
