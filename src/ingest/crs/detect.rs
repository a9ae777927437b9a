//! What coordinates without a word look like: degrees, Gauss–Krüger on CGCS2000 with or without a zone before the easting,
//! Web Mercator, the installation's own grid. Every reading says where it would put the data, for the district tells more
//! than the digits do.

use gdal::spatial_ref::CoordTransform;
use gdal::spatial_ref::SpatialRef;

use crate::ingest::read::gdal_error;
use crate::layer::Text;

/// Data this near the district may well belong to it: its edge, a neighbour's parcels.
pub const NEAR_KM: f64 = 100.0;

/// One way to read the coordinates of a file.
#[derive(Clone, Debug)]
pub struct Reading {
    /// `EPSG:4528`, `local`.
    pub code: String,
    pub kind: Kind,
    /// Whether the first number is the northing or the latitude.
    pub swapped: bool,
    pub why: Text,
    /// Where it would put the data, longitude and latitude; `None` where it puts it nowhere.
    pub place: Option<[f64; 4]>,
    /// From the district, 0 inside it.
    pub distance_km: Option<f64>,
}

/// What a reading rests on, the surest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Degrees,
    /// The zone stands before the easting.
    Prefixed,
    Mercator,
    Local,
    /// Six digits: any central meridian may be meant.
    Bare,
}

impl Reading {
    pub fn is_near(&self) -> bool {
        self.distance_km.is_some_and(|it| it <= NEAR_KM)
    }

    pub fn is_inside(&self) -> bool {
        self.distance_km.is_some_and(|it| it <= 0.0)
    }
}

/// How far from the district something falls, in words.
pub fn whereabouts(distance_km: Option<f64>) -> Text {
    match distance_km {
        None => Text::new("无处可落", "falls nowhere"),
        Some(it) if it <= 0.0 => Text::new("落在辖区内", "falls in the district"),
        Some(it) => Text::new(
            format!("距辖区约 {it:.0} 公里"),
            format!("falls about {it:.0} km from the district"),
        ),
    }
}

/// Every way to read an extent (west, south, east, north as the file has them), the nearest to the district first.
pub fn readings(extent: [f64; 4], district: [f64; 4], local: Option<&SpatialRef>) -> Vec<Reading> {
    let mut found = Vec::new();
    for swapped in [false, true] {
        let [x0, y0, x1, y1] = extent;
        let turned = if swapped { [y0, x0, y1, x1] } else { extent };
        for (code, kind, why) in codes(turned, district) {
            let Ok(source) = super::from_code(code) else { continue };
            let place = place(&source, extent, swapped);
            let distance_km = place.map(|it| distance_km(it, district));
            let code = format!("EPSG:{code}");
            found.push(Reading { code, kind, swapped, why, place, distance_km });
        }
        if let Some(grid) = local
            && let Some(at) = place(grid, extent, swapped)
            && distance_km(at, district) <= 0.0
        {
            let why = Text::new("配置中的地方坐标系", "the configured local grid");
            found.push(Reading {
                code: "local".to_owned(),
                kind: Kind::Local,
                swapped,
                why,
                place: Some(at),
                distance_km: Some(0.0),
            });
        }
    }
    // Latitude first is thought of only where longitude first is impossible, or would be elsewhere.
    let plain = found.iter().any(|it| it.kind == Kind::Degrees && !it.swapped);
    found.retain(|it| !(it.kind == Kind::Degrees && it.swapped && plain && !it.is_inside()));
    let far = |it: &Reading| it.distance_km.unwrap_or(f64::INFINITY);
    found.sort_by(|a, b| {
        far(a).total_cmp(&far(b)).then(a.swapped.cmp(&b.swapped)).then(a.kind.cmp(&b.kind))
    });
    found
}

/// The EPSG codes that coordinates (east before north) look like.
fn codes([x0, y0, x1, y1]: [f64; 4], district: [f64; 4]) -> Vec<(u32, Kind, Text)> {
    let all =
        |low: f64, values: [f64; 2], high: f64| values.iter().all(|it| (low..=high).contains(it));
    let mut found = Vec::new();
    if all(-180.0, [x0, x1], 180.0) && all(-90.0, [y0, y1], 90.0) {
        let why = Text::new("数值为经纬度", "the numbers are degrees");
        found.push((4490, Kind::Degrees, why));
        return found;
    }
    if all(1.8e6, [y0, y1], 6.0e6) {
        if let Some(zone) = zone(x0).filter(|it| zone(x1) == Some(*it))
            && let Some((code, degrees)) = zone_code(zone, true)
        {
            let why = Text::new(
                format!("东坐标前有带号 {zone}（{degrees}° 带）"),
                format!("the easting begins with zone {zone} ({degrees}° zones)"),
            );
            found.push((code, Kind::Prefixed, why));
        }
        if all(1e5, [x0, x1], 9e5) {
            found.extend(bare(district));
        }
    }
    if all(8.0e6, [x0, x1], 1.51e7) && all(3e5, [y0, y1], 7.2e6) {
        let why = Text::new("数值似 Web 墨卡托", "the numbers look like Web Mercator");
        found.push((3857, Kind::Mercator, why));
    }
    found
}

/// Gauss–Krüger without a zone: the meridians around the district.
fn bare([west, _, east, _]: [f64; 4]) -> Vec<(u32, Kind, Text)> {
    let lon = f64::midpoint(west, east);
    let three = (lon / 3.0).floor() * 3.0;
    let six = ((lon + 3.0) / 6.0).round() * 6.0 - 3.0;
    let meridians =
        [three - 3.0, three, three + 3.0].map(|it| (it, 3)).into_iter().chain([(six, 6)]);
    meridians
        .filter(|(meridian, _)| (75.0..=135.0).contains(meridian))
        .map(|(meridian, degrees)| {
            let step = f64::from(degrees);
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "at most 20 zones"
            )]
            let nth = ((meridian - 75.0) / step).round() as u32;
            let code = if degrees == 3 { 4534 + nth } else { 4502 + nth };
            let why = Text::new(
                format!("六位东坐标，中央经线 {meridian}°（{degrees}° 带）"),
                format!("six-digit easting, central meridian {meridian}° ({degrees}° zones)"),
            );
            (code, Kind::Bare, why)
        })
        .collect()
}

/// The zone before an easting of eight digits.
pub fn zone(easting: f64) -> Option<u32> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "1 to 99")]
    let zone = (1e6..1e8).contains(&easting).then(|| (easting / 1e6).floor() as u32)?;
    // A zone is some hundred kilometres wide around its 500,000.
    let within = easting - f64::from(zone) * 1e6;
    (1e5..=9e5).contains(&within).then_some(zone)
}

/// The EPSG code of a Gauss–Krüger zone on CGCS2000, and how wide its zones are: 25 to 45 are of 3°, 13 to 23 of 6°.
pub const fn zone_code(zone: u32, prefixed: bool) -> Option<(u32, u32)> {
    match zone {
        25..=45 if prefixed => Some((4513 + zone - 25, 3)),
        25..=45 => Some((4534 + zone - 25, 3)),
        13..=23 if prefixed => Some((4491 + zone - 13, 6)),
        13..=23 => Some((4502 + zone - 13, 6)),
        _ => None,
    }
}

/// Where a system puts an extent, as longitude and latitude.
pub fn place(source: &SpatialRef, extent: [f64; 4], swapped: bool) -> Option<[f64; 4]> {
    let [x0, y0, x1, y1] =
        if swapped { [extent[1], extent[0], extent[3], extent[2]] } else { extent };
    let mut x = [x0, x1, x0, x1, f64::midpoint(x0, x1)];
    let mut y = [y0, y0, y1, y1, f64::midpoint(y0, y1)];
    if !source.is_geographic() {
        let target = super::from_code(4326).ok()?;
        let done = CoordTransform::new(source, &target)
            .and_then(|it| it.transform_coords(&mut x, &mut y, &mut []));
        gdal_error::take();
        done.ok()?;
    }
    let mut at = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
    for (x, y) in x.into_iter().zip(y) {
        if !(-180.0..=180.0).contains(&x) || !(-90.0..=90.0).contains(&y) {
            return None;
        }
        at = [at[0].min(x), at[1].min(y), at[2].max(x), at[3].max(y)];
    }
    Some(at)
}

/// The gap between two boxes of longitude and latitude, on a sphere that is round enough to tell 10 km from 300.
pub fn distance_km(a: [f64; 4], b: [f64; 4]) -> f64 {
    let gap = |a: [f64; 2], b: [f64; 2]| (b[0] - a[1]).max(a[0] - b[1]).max(0.0);
    let lat = f64::midpoint(b[1], b[3]).to_radians();
    let x = gap([a[0], a[2]], [b[0], b[2]]) * 111.32 * lat.cos();
    let y = gap([a[1], a[3]], [b[1], b[3]]) * 111.32;
    x.hypot(y)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHANGHAI: [f64; 4] = [120.8, 30.6, 122.3, 31.9];

    #[test]
    fn coordinates_suggest_their_system() {
        for (extent, want, swapped) in [
            ([121.1, 31.2, 121.4, 31.5], "EPSG:4490", false),
            ([31.2, 121.1, 31.5, 121.4], "EPSG:4490", true),
            ([605_000.0, 3_455_000.0, 636_000.0, 3_487_000.0], "EPSG:4549", false),
            ([3_455_000.0, 605_000.0, 3_487_000.0, 636_000.0], "EPSG:4549", true),
            ([40_605_000.0, 3_455_000.0, 40_636_000.0, 3_487_000.0], "EPSG:4528", false),
            ([3_455_000.0, 40_605_000.0, 3_487_000.0, 40_636_000.0], "EPSG:4528", true),
            ([21_320_000.0, 3_455_000.0, 21_350_000.0, 3_487_000.0], "EPSG:4499", false),
            ([13_480_000.0, 3_660_000.0, 13_510_000.0, 3_690_000.0], "EPSG:3857", false),
        ] {
            let found = readings(extent, SHANGHAI, None);
            let first = &found[0];
            assert_eq!((first.code.as_str(), first.swapped), (want, swapped), "{extent:?}");
            assert!(first.is_inside(), "{first:?}");
        }
        assert!(readings([0.0, 0.0, 5e8, 5e8], SHANGHAI, None).is_empty());
    }

    #[test]
    fn six_digits_are_read_with_several_meridians_and_only_the_district_tells() {
        let found = readings([605_000.0, 3_455_000.0, 636_000.0, 3_487_000.0], SHANGHAI, None);
        let codes: Vec<&str> = found.iter().map(|it| it.code.as_str()).collect();
        assert_eq!(codes, ["EPSG:4549", "EPSG:4550", "EPSG:4510", "EPSG:4548"]);
        assert!(found[1].distance_km.unwrap() > 100.0);
    }

    #[test]
    fn a_local_grid_is_thought_of_where_it_falls_in_the_district() {
        let grid = super::super::parse("+proj=tmerc +lat_0=31.2 +lon_0=121.46 +ellps=GRS80", None);
        let grid = grid.unwrap();
        let found = readings([-20_000.0, 10_000.0, -10_000.0, 20_000.0], SHANGHAI, Some(&grid));
        assert_eq!(found[0].code, "local");
        assert!(readings([-20_000.0, 10_000.0, -10_000.0, 20_000.0], SHANGHAI, None).is_empty());
    }

    #[test]
    fn zones_have_their_codes() {
        for (zone, prefixed, want) in
            [(40, true, 4528), (40, false, 4549), (21, true, 4499), (21, false, 4510)]
        {
            assert_eq!(zone_code(zone, prefixed).unwrap().0, want);
        }
        assert_eq!(zone_code(24, true), None);
        assert_eq!(zone(40_620_000.0), Some(40));
        assert_eq!(zone(13_490_000.0), Some(13));
        assert_eq!(zone(620_000.0), None);
        assert_eq!(zone(40_020_000.0), None);
    }

    #[test]
    fn distances_are_about_right() {
        assert!(distance_km([121.0, 31.0, 121.1, 31.1], SHANGHAI) < 1e-9);
        let hangzhou = distance_km([120.1, 30.2, 120.2, 30.3], SHANGHAI);
        assert!((60.0..70.0).contains(&hangzhou), "{hangzhou}");
    }
}
