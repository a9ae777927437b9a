//! Local grids of an installation: read from its configuration, checked before anything starts, and known to the whole
//! process from then on. Their parameters are the installation's to obtain: none is shipped.

use std::sync::OnceLock;

use anyhow::Context;
use anyhow::ensure;
use gdal::spatial_ref::AxisMappingStrategy;
use gdal::spatial_ref::CoordTransform;
use gdal::spatial_ref::SpatialRef;
use serde::Deserialize;
use serde::Serialize;

use super::Crs;

/// Codes that PostGIS leaves to its users and nobody else gives out.
const CODES: std::ops::RangeInclusive<u32> = 910_001..=910_099;
/// Reaches of a grid around the district that are tried, metres: the projection has to have an answer at their corners.
const REACHES: [f64; 3] = [1_000_000.0, 300_000.0, 100_000.0];
/// What is gone from the middle of the district to see whether a metre is a metre, degrees; the radius of the earth, metres.
const STEP: f64 = 0.01;
const EARTH: f64 = 6_371_000.0;

/// A local grid as the configuration has it, a `[[crs]]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grid {
    /// 910001 to 910099; clients may say `LOCAL:910001`.
    pub code: u32,
    /// What files call it.
    pub name: String,
    /// Its name in OGC services; `urn:ogc:def:crs:LOCAL::910001` when left out.
    pub uri: Option<String>,
    /// A PROJ string or WKT, projected, in metres.
    pub definition: String,
    #[serde(default)]
    pub axes: Axes,
}

/// Which coordinate comes first under its URI.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Axes {
    /// As EPSG has it for China.
    #[default]
    NorthEast,
    EastNorth,
}

/// A grid that was checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    pub code: u32,
    pub uri: String,
    pub north_first: bool,
    /// The PROJ string or WKT, as it was given.
    pub definition: String,
    pub name: String,
    /// As Esri's programs read it.
    pub esri: String,
    /// The least and the greatest east and north that are projected.
    pub domain: [f64; 4],
    /// A place of the district, longitude and latitude, and its easting and northing.
    pub probe: ([f64; 2], [f64; 2]),
}

static KNOWN: OnceLock<Vec<Known>> = OnceLock::new();

/// The grids of this process.
pub fn known() -> &'static [Known] {
    KNOWN.get().map_or(&[], Vec::as_slice)
}

/// The grid with that code.
pub fn find(code: u32) -> Option<&'static Known> {
    known().iter().find(|it| it.code == code)
}

/// The grid of that URI or short name.
pub fn named(text: &str) -> Option<&'static Known> {
    let short = text.strip_prefix("LOCAL:");
    let is = |it: &&Known| it.uri == text || short.is_some_and(|code| it.code.to_string() == code);
    known().iter().find(is)
}

/// Makes grids known, once, before anything is read or answered.
pub fn register(grids: Vec<Known>) {
    let _ = KNOWN.set(grids);
}

/// A reference system by its number: EPSG's, or a grid's own. Easting or longitude first.
pub fn spatial_ref(code: u32) -> anyhow::Result<SpatialRef> {
    let mut made = match find(code) {
        Some(it) => read(&it.definition, &it.name)?,
        None => SpatialRef::from_epsg(code)?,
    };
    made.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    Ok(made)
}

/// Reads a definition; GDAL's own parser would also read files and addresses.
fn read(definition: &str, name: &str) -> anyhow::Result<SpatialRef> {
    let text = definition.trim();
    let mut made = if text.starts_with('+') {
        SpatialRef::from_proj4(text)?
    } else {
        SpatialRef::from_wkt(text)?
    };
    // A name would make a projected system of what is none.
    if made.is_projected() {
        made.set_attr_value("PROJCS", Some(name))?;
    }
    made.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    Ok(made)
}

/// Checks the grids of a configuration. `district` is west, south, east, north in degrees.
pub fn check(grids: &[Grid], district: [f64; 4]) -> anyhow::Result<Vec<Known>> {
    let _quiet = Quiet::begin();
    let mut found: Vec<Known> = Vec::new();
    for grid in grids {
        let it = one(grid, district).with_context(|| format!("[[crs]] code = {}", grid.code))?;
        let twice = found.iter().any(|other| other.code == it.code || other.uri == it.uri);
        ensure!(
            !twice,
            "[[crs]] code = {}: 编号或 uri 重复 / its code or uri is given twice",
            it.code
        );
        found.push(it);
    }
    Ok(found)
}

fn one(grid: &Grid, [west, south, east, north]: [f64; 4]) -> anyhow::Result<Known> {
    let (least, most) = (CODES.start(), CODES.end());
    ensure!(CODES.contains(&grid.code), "code: 应为 / should be {least}..{most}");
    let plain = |it: &str| !it.is_empty() && it.chars().count() <= 200;
    ensure!(
        plain(&grid.name)
            && !grid.name.contains(['"', '\\'])
            && !grid.name.contains(char::is_control),
        "name: 应为不含引号的名称 / should be a name without quotes"
    );
    let uri = grid.uri.clone().unwrap_or_else(|| format!("urn:ogc:def:crs:LOCAL::{}", grid.code));
    let schemed = ["http://", "https://", "urn:"].iter().any(|it| uri.starts_with(it));
    let safe = uri.chars().all(|it| it.is_ascii_graphic() && !"<>\"'\\^`{|}&,".contains(it));
    ensure!(
        schemed && safe && plain(&uri) && Crs::parse(&uri).is_none(),
        "uri: 应为自有的 http(s) 或 urn 地址 / should be a URI of your own, http(s) or urn"
    );
    ensure!(grid.definition.len() <= 2048, "definition: 至多 2048 字节 / at most 2048 bytes");
    let srs = read(&grid.definition, &grid.name).context(
        "definition: 不是 PROJ 字符串或 WKT / is neither a PROJ string such as `+proj=tmerc +lon_0=121 … +ellps=GRS80 +units=m` nor WKT",
    )?;
    ensure!(
        srs.is_projected(),
        "definition: 不是投影坐标系 / is not projected: a local grid has eastings and northings"
    );
    ensure!(
        (srs.linear_units() - 1.0).abs() < 1e-12,
        "definition: 单位应为米 / its unit should be the metre (+units=m)"
    );
    let mut stored = SpatialRef::from_epsg(4490)?;
    stored.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    let forth = CoordTransform::new(&stored, &srs)?;
    let back = CoordTransform::new(&srs, &stored)?;
    let moved = |by: &CoordTransform, x: f64, y: f64| {
        let (mut x, mut y) = ([x], [y]);
        let done = by.transform_coords(&mut x, &mut y, &mut []).is_ok();
        (done && x[0].is_finite() && y[0].is_finite()).then_some((x[0], y[0]))
    };
    let middle = (f64::midpoint(west, east), f64::midpoint(south, north));
    let place = moved(&forth, middle.0, middle.1);
    let again = place.and_then(|(x, y)| moved(&back, x, y));
    let near = again.is_some_and(|it| (it.0 - middle.0).hypot(it.1 - middle.1) < 1e-8);
    let Some((x, y)) = place.filter(|_| near) else {
        anyhow::bail!(
            "definition: 不能在辖区（district）内往返换算 / does not lead to the district and back: look at lon_0, and at `district`"
        );
    };
    // On the other side of the earth a projection may be as exact, but upside down.
    let ground = STEP.to_radians() * EARTH;
    let is_true = |got: f64, wanted: f64| (got / wanted - 1.0).abs() < 0.02;
    let upright =
        moved(&forth, middle.0, middle.1 + STEP).is_some_and(|it| is_true(it.1 - y, ground));
    let east = ground * middle.1.to_radians().cos();
    let level = moved(&forth, middle.0 + STEP, middle.1).is_some_and(|it| is_true(it.0 - x, east));
    ensure!(
        upright && level,
        "definition: 在辖区（district）内一米不是一米，或北不在上 / in the district a metre on it is none on the ground, or north is not up: look at lon_0, and at `district`"
    );
    let domain = REACHES.into_iter().map(|it| [x - it, y - it, x + it, y + it]).find(|it| {
        let [west, south, east, north] = *it;
        [(west, south), (west, north), (east, south), (east, north)]
            .into_iter()
            .all(|(x, y)| moved(&back, x, y).is_some())
    });
    let domain = domain.context(
        "definition: 在辖区周围 100 公里内不能换算 / has no answer within 100 km around the district",
    )?;
    let esri = srs.clone();
    esri.morph_to_esri()?;
    Ok(Known {
        code: grid.code,
        uri,
        north_first: grid.axes == Axes::NorthEast,
        definition: grid.definition.trim().to_owned(),
        name: grid.name.clone(),
        esri: named_wkt(&esri.to_wkt()?, &grid.name),
        domain,
        probe: ([middle.0, middle.1], [x, y]),
    })
}

/// Esri's form of a text has no other letters than ASCII's in its names, which leaves none of a Chinese one.
fn named_wkt(text: &str, name: &str) -> String {
    let rest = text.split_once('"').and_then(|(_, it)| it.split_once('"'));
    rest.map_or_else(|| text.to_owned(), |(_, rest)| format!("PROJCS[\"{name}\"{rest}"))
}

/// Keeps what GDAL says of a wrong definition off the console: the error says it. Of this thread, until it is dropped.
struct Quiet;

impl Quiet {
    fn begin() -> Self {
        // SAFETY: the handler is GDAL's own; `drop` takes it off again on the same thread.
        unsafe { gdal_sys::CPLPushErrorHandler(Some(gdal_sys::CPLQuietErrorHandler)) };
        Self
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        // SAFETY: it was put there by `begin`.
        unsafe { gdal_sys::CPLPopErrorHandler() };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DISTRICT: [f64; 4] = [121.0, 31.2, 121.5, 31.5];

    fn grid(definition: &str) -> Grid {
        Grid {
            code: 910_001,
            name: "示例坐标系".to_owned(),
            uri: None,
            definition: definition.to_owned(),
            axes: Axes::default(),
        }
    }

    #[test]
    fn a_grid_of_false_origin_is_known_by_its_numbers() {
        let text = "+proj=tmerc +lat_0=31 +lon_0=121 +k=1 +x_0=-1000 +y_0=2000 +ellps=GRS80 +units=m +no_defs";
        let it = check(&[grid(text)], DISTRICT).unwrap().remove(0);
        assert_eq!(it.uri, "urn:ogc:def:crs:LOCAL::910001");
        assert!(it.north_first && it.esri.contains("示例坐标系"), "{}", it.esri);
        let [x, y] = it.probe.1;
        assert!((22_000.0..24_000.0).contains(&x) && (40_000.0..42_000.0).contains(&y), "{x} {y}");
        assert!((it.domain[0] - (x - 1e6)).abs() < 1e-6);
        let mut srs = SpatialRef::from_proj4(text).unwrap();
        srs.set_attr_value("PROJCS", Some("x")).unwrap();
        let by_wkt = check(&[grid(&srs.to_wkt().unwrap())], DISTRICT).unwrap().remove(0);
        assert!((by_wkt.probe.1[0] - x).abs() < 1e-6 && (by_wkt.probe.1[1] - y).abs() < 1e-6);
    }

    #[test]
    fn what_is_no_grid_is_refused_with_its_place() {
        let right = "+proj=tmerc +lon_0=121 +ellps=GRS80 +units=m";
        for (wrong, place) in [
            ("", "definition"),
            ("上海", "definition"),
            ("EPSG:4549", "definition"),
            ("/etc/passwd", "definition"),
            ("+proj=nonsense", "definition"),
            ("+proj=longlat +ellps=GRS80", "projected"),
            ("+proj=tmerc +lon_0=121 +ellps=GRS80 +units=km", "metre"),
            ("+proj=tmerc +lon_0=-60 +ellps=GRS80 +units=m", "district"),
        ] {
            let told = format!("{:#}", check(&[grid(wrong)], DISTRICT).unwrap_err());
            assert!(told.contains("910001") && told.contains(place), "{wrong}: {told}");
        }
        let others = [
            (Grid { code: 4549, ..grid(right) }, "code"),
            (Grid { name: "a\"b".to_owned(), ..grid(right) }, "name"),
            (Grid { uri: Some("EPSG:4549".to_owned()), ..grid(right) }, "uri"),
            (Grid { uri: Some("urn:ogc:def:crs:EPSG::4549".to_owned()), ..grid(right) }, "uri"),
            (Grid { uri: Some("https://x.example/<a>".to_owned()), ..grid(right) }, "uri"),
        ];
        for (wrong, place) in others {
            let told = format!("{:#}", check(&[wrong], DISTRICT).unwrap_err());
            assert!(told.contains(place), "{told}");
        }
        assert!(check(&[grid(right), grid(right)], DISTRICT).is_err());
        assert!(check(&[grid(right)], DISTRICT).is_ok());
    }
}
