//! Coordinate systems: which one a file is in, and the way to EPSG:4490. EPSG:4326 and 4490 are one datum here and nowhere
//! else decided: they differ by centimetres to decimetres, less than any parcel's survey.

use anyhow::Context;
use anyhow::bail;
use gdal::spatial_ref::AxisMappingStrategy;
use gdal::spatial_ref::CoordTransform;
use gdal::spatial_ref::SpatialRef;
use schemars::JsonSchema;
use serde::Serialize;

use crate::crs::grid;
use crate::layer::Text;

use super::read::gdal_error;

mod decide;
pub mod detect;
mod offset;

pub use decide::Stated;
pub use decide::choose;

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
    /// `file`, `--source-crs`, or `detected` by the coordinates.
    pub how: &'static str,
    pub reprojected: bool,
    pub confidence: Confidence,
    /// What the choice rests on.
    pub reasons: Vec<Text>,
    /// How else the coordinates could be read, the nearest to the district first.
    pub candidates: Vec<Candidate>,
    /// Whether the file has its axes the other way round, and they were turned.
    pub swapped: bool,
    /// What a person should look at before the data is relied on.
    pub warnings: Vec<Text>,
}

/// How sure the choice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "CrsConfidence")]
pub enum Confidence {
    /// Stated or unambiguous, and in or near the district.
    Certain,
    /// Nothing speaks against it.
    Likely,
    /// It was asked for, and the coordinates speak against it.
    Guess,
}

/// A system that the coordinates could be in.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "CrsCandidate")]
pub struct Candidate {
    pub code: String,
    pub swapped: bool,
    pub why: Text,
    /// How far from the district it would put the data, 0 inside; none where it puts it nowhere.
    pub distance_km: Option<f64>,
}

/// The system of an EPSG code, coordinates east before north.
///
/// # Errors
/// PROJ does not know the code.
pub fn from_code(code: u32) -> anyhow::Result<SpatialRef> {
    let made = SpatialRef::from_epsg(code);
    gdal_error::take();
    let mut made = made.with_context(|| format!("EPSG:{code}"))?;
    made.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    Ok(made)
}

/// GDAL gives an "Undefined …" system where a GeoPackage says that there is none.
pub fn is_defined(it: &SpatialRef) -> bool {
    !it.is_local() && !it.name().is_some_and(|name| name.to_lowercase().starts_with("undefined"))
}

/// `EPSG:4549`, `4549`, a PROJ string, a name of a configured grid, or `local` for the installation's own one. Nothing else: GDAL's own parser would also
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
    let grid = grid::named(text).map(|it| it.code.to_string());
    let code = text.strip_prefix("EPSG:").or_else(|| text.strip_prefix("epsg:")).unwrap_or(text);
    let code = grid.as_deref().unwrap_or(code);
    let made = match (code.parse::<u32>(), text.starts_with('+')) {
        (Ok(code), _) => grid::spatial_ref(code).ok(),
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

/// The way to what is stored; none where the coordinates already are.
fn to_stored(
    source: &SpatialRef,
    warnings: &mut Vec<Text>,
) -> anyhow::Result<Option<CoordTransform>> {
    let mut source = source.clone();
    source.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    let datum = is_common_datum(&source);
    if datum.is_some() && source.is_geographic() {
        return Ok(None);
    }
    if datum.is_none() {
        warnings.push(Text::new(
            "坐标系基准不是 CGCS2000 或 WGS84，按 PROJ 的参数转换，精度请核对",
            "the datum is neither CGCS2000 nor WGS84: transformed with PROJ's parameters, check the accuracy",
        ));
    }
    let mut target = SpatialRef::from_epsg(datum.unwrap_or(4490))?;
    target.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    let transform = CoordTransform::new(&source, &target)?;
    gdal_error::take();
    Ok(Some(transform))
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let mut warnings = Vec::new();
        assert!(to_stored(&SpatialRef::from_epsg(4326).unwrap(), &mut warnings).unwrap().is_none());
        assert!(to_stored(&SpatialRef::from_epsg(4490).unwrap(), &mut warnings).unwrap().is_none());
        assert!(warnings.is_empty());
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
