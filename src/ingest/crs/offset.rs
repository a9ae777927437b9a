//! GCJ-02 and BD-09, the shifted coordinates of Chinese web maps. Nothing in a file says so, and the shift of some 500 m is
//! larger than a parcel: what hints at it is said, and nothing is shifted on a suspicion.

use crate::layer::Text;

/// Headers that the makers of shifted data leave behind, with the maker.
const HINTS: [(&str, &str); 13] = [
    ("gcj", "GCJ-02"),
    ("gcj02", "GCJ-02"),
    ("gcj_lng", "GCJ-02"),
    ("gcj02_lng", "GCJ-02"),
    ("bd09", "BD-09"),
    ("bd_lng", "BD-09"),
    ("bd09_lng", "BD-09"),
    ("amap", "高德 Amap"),
    ("amap_id", "高德 Amap"),
    ("childrennum", "DataV（高德 Amap）"),
    ("subfeatureindex", "DataV（高德 Amap）"),
    ("childnum", "ECharts"),
    ("cp", "ECharts"),
];

/// What to say of geographic coordinates in China whose file states no datum.
pub fn warning(place: [f64; 4], headers: &[String]) -> Option<Text> {
    if !in_china(place) {
        return None;
    }
    let named = headers.iter().find_map(|header| {
        let header = header.trim().to_lowercase();
        let (_, maker) = HINTS.iter().find(|(hint, _)| *hint == header)?;
        Some((header, *maker))
    });
    let [east, north] =
        gcj02_offset_m([f64::midpoint(place[0], place[2]), f64::midpoint(place[1], place[3])]);
    let far = east.hypot(north);
    Some(match named {
        Some((header, maker)) => Text::new(
            format!(
                "列「{header}」说明数据很可能出自 {maker}，坐标多为加密坐标（GCJ-02 或 BD-09），在此处偏移约 {far:.0} 米；请先纠偏，或换用有坐标系说明的来源"
            ),
            format!(
                "column `{header}` points to {maker}, whose coordinates are mostly shifted (GCJ-02 or BD-09), here by about {far:.0} m: undo the shift first, or take a source that states its datum"
            ),
        ),
        None => Text::new(
            format!(
                "文件未说明坐标基准；若出自高德、腾讯、百度等网络地图，坐标可能为 GCJ-02 或 BD-09，在此处偏移约 {far:.0} 米，请与已有数据比对"
            ),
            format!(
                "the file states no datum; coordinates from Amap, Tencent or Baidu may be GCJ-02 or BD-09, shifted here by about {far:.0} m: compare with data you trust"
            ),
        ),
    })
}

fn in_china([west, south, east, north]: [f64; 4]) -> bool {
    west >= 72.0 && east <= 138.0 && south >= 3.0 && north <= 54.5
}

/// How far GCJ-02 moves a place (longitude and latitude), as metres east and north. The published approximation of the
/// transformation, good to some metres: enough to say how much is at stake, and not to undo it.
pub fn gcj02_offset_m([lon, lat]: [f64; 2]) -> [f64; 2] {
    use std::f64::consts::PI;
    /// Krassowsky's ellipsoid, as the approximation has it.
    const A: f64 = 6_378_245.0;
    const E2: f64 = 0.006_693_421_622_965_943;
    let (x, y) = (lon - 105.0, lat - 35.0);
    let waves = (20.0 * (6.0 * x * PI).sin() + 20.0 * (2.0 * x * PI).sin()) * 2.0 / 3.0;
    let north = -100.0
        + 2.0 * x
        + 3.0 * y
        + 0.2 * y * y
        + 0.1 * x * y
        + 0.2 * x.abs().sqrt()
        + waves
        + (20.0 * (y * PI).sin() + 40.0 * (y / 3.0 * PI).sin()) * 2.0 / 3.0
        + (160.0 * (y / 12.0 * PI).sin() + 320.0 * (y * PI / 30.0).sin()) * 2.0 / 3.0;
    let east = 300.0
        + x
        + 2.0 * y
        + 0.1 * x * x
        + 0.1 * x * y
        + 0.1 * x.abs().sqrt()
        + waves
        + (20.0 * (x * PI).sin() + 40.0 * (x / 3.0 * PI).sin()) * 2.0 / 3.0
        + (150.0 * (x / 12.0 * PI).sin() + 300.0 * (x / 30.0 * PI).sin()) * 2.0 / 3.0;
    // The approximation yields degrees on its ellipsoid; metres are what a person can judge, and metres on the ground now
    // are these degrees on CGCS2000, within a part in ten thousand.
    let sin = lat.to_radians().sin();
    let magic = 1.0 - E2 * sin * sin;
    let north_degrees = north * 180.0 / ((A * (1.0 - E2)) / (magic * magic.sqrt()) * PI);
    let east_degrees = east * 180.0 / (A / magic.sqrt() * lat.to_radians().cos() * PI);
    [east_degrees * 111_320.0 * lat.to_radians().cos(), north_degrees * 110_940.0]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shift_in_shanghai_is_half_a_kilometre_to_the_south_east() {
        let [east, north] = gcj02_offset_m([121.25, 31.38]);
        assert!((400.0..550.0).contains(&east), "{east}");
        assert!((-280.0..-150.0).contains(&north), "{north}");
    }

    #[test]
    fn what_the_headers_betray_is_named() {
        let place = [121.2, 31.3, 121.3, 31.4];
        let headers = ["name".to_owned(), "childNum".to_owned()];
        assert!(warning(place, &headers).unwrap().en.contains("ECharts"));
        assert!(warning(place, &[]).unwrap().en.contains("states no datum"));
        assert!(warning([24.9, 60.1, 25.0, 60.2], &headers).is_none());
    }
}
