//! Coordinate systems: which one a file is in, and the way to EPSG:4490. EPSG:4326 and 4490 are one datum here and nowhere
//! else decided: they differ by centimetres to decimetres, less than any parcel's survey.

use anyhow::Context;
use anyhow::bail;
use gdal::spatial_ref::AxisMappingStrategy;
use gdal::spatial_ref::CoordTransform;
use gdal::spatial_ref::SpatialRef;
use gdal::vector::Layer;
use gdal::vector::LayerAccess;
use schemars::JsonSchema;
use serde::Serialize;

use super::question::Question;
use super::read::Request;
use super::read::gdal_error;

/// The coordinate system of a file and the way out of it.
pub struct Crs {
    pub choice: Choice,
    /// `None` where the coordinates already are what is stored.
    pub transform: Option<CoordTransform>,
}

/// What the report says of the coordinate system.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "CrsChoice")]
pub struct Choice {
    pub name: String,
    /// `file` or `--source-crs`.
    pub how: &'static str,
    pub reprojected: bool,
}

/// The coordinate system asked for, else the file's own; without either an error that suggests one.
pub fn choose(
    layer: &Layer<'_>,
    driver: &str,
    request: &Request,
    notes: &mut Vec<String>,
) -> anyhow::Result<Crs> {
    let own = layer.spatial_ref().filter(is_defined);
    let extent =
        layer.try_get_extent().ok().flatten().map(|it| [it.MinX, it.MinY, it.MaxX, it.MaxY]);
    let (source, how) = match (&request.source_crs, own) {
        (Some(text), own) => {
            let asked = parse(text, request.local_grid.as_deref())?;
            if let Some(own) = own.filter(|it| shown(it) != shown(&asked) && driver != "GeoJSON") {
                notes.push(format!(
                    "按 --source-crs 读取，未用文件自带的坐标系 / --source-crs is used, not the file's own: {}",
                    shown(&own)
                ));
            }
            (asked, "--source-crs")
        }
        (None, Some(own)) => (own, "file"),
        (None, None) => {
            let hint = extent.and_then(|it| suggestion(it, request.centre));
            let hint = hint.unwrap_or_else(|| "EPSG:4549".to_owned());
            let message = format!(
                "文件没有坐标系，请用 --source-crs 指定，例如 --source-crs {hint} / the file states no coordinate system: give it with --source-crs, such as --source-crs {hint}"
            );
            bail!(Question { parameter: "source_crs", choices: vec![hint], message });
        }
    };
    if let Some(extent) = extent.filter(|_| source.is_geographic())
        && let Some(what) = not_degrees(extent, request.centre)
    {
        notes.push(what);
    }
    let transform = to_stored(&source, notes)
        .with_context(|| format!("无法从 {0} 转换 / cannot transform from {0}", shown(&source)))?;
    Ok(Crs {
        choice: Choice { name: shown(&source), how, reprojected: transform.is_some() },
        transform,
    })
}

/// GDAL gives an "Undefined …" system where a GeoPackage says that there is none.
fn is_defined(it: &SpatialRef) -> bool {
    !it.is_local() && !it.name().is_some_and(|name| name.to_lowercase().starts_with("undefined"))
}

/// `EPSG:4549`, `4549`, a PROJ string, or `local` for the installation's own grid. Nothing else: GDAL's own parser would also
/// read files and addresses.
fn parse(text: &str, local_grid: Option<&str>) -> anyhow::Result<SpatialRef> {
    let text = text.trim();
    let text = match (text, local_grid) {
        ("local", Some(grid)) => grid.trim(),
        ("local", None) => bail!(
            "配置中没有 local_grid / the configuration has no `local_grid`: put the local grid's PROJ string there"
        ),
        (other, _) => other,
    };
    let code = text.strip_prefix("EPSG:").or_else(|| text.strip_prefix("epsg:")).unwrap_or(text);
    let made = match (code.parse::<u32>(), text.starts_with('+')) {
        (Ok(code), _) => SpatialRef::from_epsg(code).ok(),
        (Err(_), true) => SpatialRef::from_proj4(text).ok(),
        (Err(_), false) => None,
    };
    gdal_error::take();
    let mut made = made.with_context(|| {
        format!("不认识坐标系 `{text}` / unknown coordinate system `{text}`: give EPSG:4549 or a PROJ string")
    })?;
    made.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    Ok(made)
}

/// The system as people know it: code and name.
fn shown(it: &SpatialRef) -> String {
    let mut known = it.clone();
    let authority = it.authority().ok().or_else(|| {
        known.auto_identify_epsg().ok()?;
        known.authority().ok()
    });
    gdal_error::take();
    match (authority, it.name()) {
        (Some(code), Some(name)) => format!("{code} {name}"),
        (Some(code), None) => code,
        (None, Some(name)) if name != "unknown" => name,
        (None, _) => it.to_proj4().unwrap_or_else(|_| "?".to_owned()).trim().to_owned(),
    }
}

/// Whether the system stands on the datum of EPSG:4326 or EPSG:4490.
fn is_common_datum(it: &SpatialRef) -> Option<u32> {
    let wkt = it.to_wkt().unwrap_or_default().replace(['_', ' '], "").to_lowercase();
    let datum = wkt.split("datum[").nth(1).or_else(|| wkt.split("ensemble[").nth(1))?;
    let name = datum.trim_start_matches('"').split('"').next().unwrap_or_default();
    if name.contains("wgs1984")
        || name.contains("wgs84")
        || name.contains("worldgeodeticsystem1984")
    {
        Some(4326)
    } else if name.contains("china2000")
        || name.contains("cgcs2000")
        || name.contains("chinageodeticcoordinatesystem2000")
    {
        Some(4490)
    } else {
        None
    }
}

fn to_stored(
    source: &SpatialRef,
    notes: &mut Vec<String>,
) -> anyhow::Result<Option<CoordTransform>> {
    let mut source = source.clone();
    source.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    let datum = is_common_datum(&source);
    if datum.is_some() && source.is_geographic() {
        return Ok(None);
    }
    if datum.is_none() {
        notes.push(
            "坐标系基准不是 CGCS2000 或 WGS84，按 PROJ 的参数转换，精度请核对 / the datum is neither CGCS2000 nor WGS84: transformed with PROJ's parameters, check the accuracy"
                .to_owned(),
        );
    }
    let mut target = SpatialRef::from_epsg(datum.unwrap_or(4490))?;
    target.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    let transform = CoordTransform::new(&source, &target)?;
    gdal_error::take();
    Ok(Some(transform))
}

/// What is odd about a geographic layer's coordinates.
fn not_degrees([west, south, east, north]: [f64; 4], centre: [f64; 2]) -> Option<String> {
    if west >= -180.0 && east <= 180.0 && south >= -90.0 && north <= 90.0 {
        return None;
    }
    let hint = suggestion([west, south, east, north], centre)?;
    Some(format!(
        "坐标不是经纬度，请核对坐标系，可能是 --source-crs {hint} / the coordinates are not degrees: perhaps --source-crs {hint}"
    ))
}

/// The system that coordinates look like: degrees, or CGCS2000 3-degree Gauss–Krüger with or without a zone prefix.
pub fn suggestion([west, south, east, north]: [f64; 4], [lon, lat]: [f64; 2]) -> Option<String> {
    let within = |low: f64, x: f64, high: f64| (low..=high).contains(&x);
    let all =
        |low: f64, values: [f64; 2], high: f64| values.iter().all(|it| within(low, *it, high));
    if all(-180.0, [west, east], 180.0) && all(-90.0, [south, north], 90.0) {
        return Some("EPSG:4490".to_owned());
    }
    let zone = |x: f64| (x / 1e6).floor();
    let northing = |values: [f64; 2]| all(1.8e6, values, 6.0e6);
    // Surveyors write north first: then the axes of the file are swapped.
    let (eastings, swapped) = if northing([south, north]) && !northing([west, east]) {
        ([west, east], "")
    } else if northing([west, east]) {
        ([south, north], "（坐标轴似颠倒 / the axes look swapped）")
    } else {
        return None;
    };
    let code = if all(25e6, eastings, 46e6) && (zone(eastings[0]) - zone(eastings[1])).abs() < 0.5 {
        // Zone 40 is EPSG:4528.
        4513.0 + zone(eastings[0]) - 25.0
    } else if all(1e5, eastings, 9e5) && within(-90.0, lat, 90.0) {
        // Central meridian 120° is EPSG:4549.
        4534.0 + ((lon / 3.0).round() * 3.0 - 75.0) / 3.0
    } else {
        return None;
    };
    within(4513.0, code, 4554.0).then(|| format!("EPSG:{code}{swapped}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const JIADING: [f64; 2] = [121.25, 31.38];

    #[test]
    fn coordinates_suggest_their_system() {
        for (extent, want) in [
            ([121.1, 31.2, 121.4, 31.5], "EPSG:4490"),
            ([605_000.0, 3_455_000.0, 636_000.0, 3_487_000.0], "EPSG:4549"),
            ([40_605_000.0, 3_455_000.0, 40_636_000.0, 3_487_000.0], "EPSG:4528"),
            ([41_330_000.0, 3_455_000.0, 41_390_000.0, 3_487_000.0], "EPSG:4529"),
        ] {
            assert_eq!(suggestion(extent, JIADING).as_deref(), Some(want));
        }
        let swapped = suggestion([3_455_000.0, 605_000.0, 3_487_000.0, 636_000.0], JIADING);
        assert!(swapped.unwrap().contains("swapped"));
        assert_eq!(suggestion([0.0, 0.0, 5e8, 5e8], JIADING), None);
    }

    #[test]
    fn wgs84_and_cgcs2000_are_one_datum_and_xian_is_another() {
        for (code, want) in [
            (4326, Some(4326)),
            (32651, Some(4326)),
            (4490, Some(4490)),
            (4549, Some(4490)),
            (4610, None),
        ] {
            assert_eq!(is_common_datum(&SpatialRef::from_epsg(code).unwrap()), want, "{code}");
        }
        let mut notes = Vec::new();
        assert!(to_stored(&SpatialRef::from_epsg(4326).unwrap(), &mut notes).unwrap().is_none());
        assert!(to_stored(&SpatialRef::from_epsg(4490).unwrap(), &mut notes).unwrap().is_none());
        assert!(notes.is_empty());
    }

    #[test]
    fn eastings_become_degrees_in_the_right_order() {
        let source = parse("EPSG:4549", None).unwrap();
        let transform = to_stored(&source, &mut Vec::new()).unwrap().unwrap();
        let (mut x, mut y) = ([620_000.0], [3_472_000.0]);
        transform.transform_coords(&mut x, &mut y, &mut []).unwrap();
        assert!((121.2..121.3).contains(&x[0]) && (31.3..31.4).contains(&y[0]), "{x:?} {y:?}");
    }

    #[test]
    fn only_codes_and_proj_strings_are_read() {
        assert!(parse("4528", None).is_ok());
        assert!(parse("+proj=tmerc +lon_0=121.46 +ellps=GRS80", None).is_ok());
        for text in ["EPSG:99999999", "somefile.prj", "http://example.org/crs", "上海2000", "local"]
        {
            assert!(parse(text, None).is_err(), "{text}");
        }
    }
}
