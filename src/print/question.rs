//! Which map is wanted, on which paper.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::error::Error;
use crate::error::Result;
use crate::export::Bbox;
use crate::render::Frame;
use crate::render::PX_PER_MM;
use crate::render::Plane;

use super::Paper;
use super::ornament::round_scale;

/// Signs of a title at most.
const TITLE: usize = 60;
/// The N of 1:N.
const SCALES: std::ops::RangeInclusive<f64> = 100.0..=5_000_000.0;

/// What a printed map is to show. Parameters of an address and members of a body are the same.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// `A4` (when left out) to `A0`.
    pub paper: Option<String>,
    /// `landscape` (when left out) or `portrait`.
    pub orientation: Option<String>,
    /// Ids with commas; those that the map opens with when left out.
    pub layers: Option<String>,
    /// One more layer, which colours the parcels.
    pub theme: Option<String>,
    /// West, south, east, north in degrees: all of it is on the map. The district's parcels when nothing is said.
    pub bbox: Option<String>,
    /// The middle: longitude, latitude; with `scale`.
    pub center: Option<String>,
    /// The N of 1:N, true on the ground; the largest round one that shows `bbox` when left out.
    pub scale: Option<f64>,
    /// CQL2 text over the fields of `filter_layer`: only rows for which it is true are drawn and counted.
    pub filter: Option<String>,
    /// The layer that is filtered; `theme` when left out.
    pub filter_layer: Option<String>,
    /// Above the map; the name of the installation when left out.
    pub title: Option<String>,
    /// `zh` (when left out) or `en`: the language of what stands around the map.
    pub lang: Option<String>,
}

impl Question {
    pub fn paper(&self) -> Result<Paper> {
        let landscape = match self.orientation.as_deref() {
            None | Some("landscape") => true,
            Some("portrait") => false,
            Some(_) => return Err(Error::parameter("orientation", "landscape, portrait")),
        };
        Paper::find(self.paper.as_deref().unwrap_or("A4"), landscape)
            .ok_or_else(|| Error::parameter("paper", Paper::names()))
    }

    /// Whether what stands around the map is Chinese.
    pub fn is_zh(&self) -> Result<bool> {
        match self.lang.as_deref() {
            None | Some("zh") => Ok(true),
            Some("en") => Ok(false),
            Some(_) => Err(Error::parameter("lang", "zh, en")),
        }
    }

    pub fn title(&self) -> Result<Option<&str>> {
        let title = self.title.as_deref().map(str::trim).filter(|it| !it.is_empty());
        if title.is_some_and(|it| it.chars().count() > TITLE) {
            return Err(Error::parameter(
                "title",
                format!("至多 {TITLE} 字 / at most {TITLE} signs"),
            ));
        }
        Ok(title)
    }

    /// Ids of the layers, if any are named.
    pub fn ids(&self) -> Option<String> {
        match (&self.layers, &self.theme) {
            (Some(layers), Some(theme)) => Some(format!("{layers},{theme}")),
            (layers, theme) => layers.clone().or_else(|| theme.clone()),
        }
    }

    /// The filter with the layer that it is of.
    pub fn filter(&self) -> Result<Option<(&str, &str)>> {
        let Some(text) = self.filter.as_deref().filter(|it| !it.trim().is_empty()) else {
            return Ok(None);
        };
        let of = self.filter_layer.as_deref().or(self.theme.as_deref()).ok_or_else(|| {
            Error::parameter("filter_layer", "筛选哪个图层 / which layer is filtered")
        })?;
        Ok(Some((of, text)))
    }

    /// What is shown on so many millimetres of paper; `whole` is the district, where nothing else is said.
    pub fn frame(&self, width: f64, height: f64, whole: [f64; 4]) -> Result<Frame> {
        if let Some(scale) = self.scale
            && !SCALES.contains(&scale)
        {
            let why = format!("{}..{}", SCALES.start(), SCALES.end());
            return Err(Error::parameter("scale", why));
        }
        let (px_width, px_height) = (width * PX_PER_MM, height * PX_PER_MM);
        if let Some(text) = &self.center {
            let centre = degrees(text)?;
            let scale = self.scale.ok_or_else(|| {
                Error::parameter("scale", "与 center 一起给出 / is given together with `center`")
            })?;
            return Ok(Frame::at_scale(
                Plane::around(centre[0]),
                centre,
                scale,
                px_width,
                px_height,
            ));
        }
        let [west, south, east, north] = match &self.bbox {
            Some(text) => {
                let it = Bbox::parse(text)?;
                [it.west, it.south, it.east, it.north]
            }
            None => whole,
        };
        if west >= east || south >= north {
            return Err(Error::parameter("bbox", "范围没有面积 / it has no area"));
        }
        let middle = [f64::midpoint(west, east), f64::midpoint(south, north)];
        let plane = Plane::around(middle[0]);
        // A box of degrees is no box on the plane: its corners and the middles of its sides are to be seen.
        let mut reach = [0.0_f64, 0.0];
        let (x0, y0) = plane.from_degrees(middle[0], middle[1]);
        for lon in [west, middle[0], east] {
            for lat in [south, middle[1], north] {
                let (x, y) = plane.from_degrees(lon, lat);
                reach = [reach[0].max((x - x0).abs()), reach[1].max((y - y0).abs())];
            }
        }
        let least = (reach[0] * 2000.0 / width).max(reach[1] * 2000.0 / height);
        let scale = self.scale.unwrap_or_else(|| round_scale(least).max(*SCALES.start()));
        if !SCALES.contains(&scale) {
            return Err(Error::parameter("bbox", "范围过大 / it is too large for a sheet"));
        }
        Ok(Frame::at_scale(plane, middle, scale, px_width, px_height))
    }
}

/// Longitude and latitude with a comma.
fn degrees(text: &str) -> Result<[f64; 2]> {
    let numbers: Option<Vec<f64>> = text.split(',').map(|it| it.trim().parse().ok()).collect();
    match numbers.as_deref() {
        Some([lon, lat]) if lon.abs() <= 180.0 && lat.abs() <= 84.0 => Ok([*lon, *lat]),
        _ => Err(Error::parameter("center", "经度,纬度 / longitude,latitude in degrees")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: [f64; 4] = [121.2, 31.3, 121.3, 31.4];

    #[test]
    fn a_box_is_shown_whole_at_a_round_scale() {
        let it =
            Question { bbox: Some("121.20,31.30,121.22,31.31".to_owned()), ..Question::default() };
        let frame = it.frame(229.0, 160.0, WHOLE).unwrap();
        assert!((frame.scale() - 10_000.0).abs() < 1.0, "{}", frame.scale());
        for (lon, lat) in [(121.20, 31.30), (121.22, 31.31)] {
            let (x, y) = frame.place(crate::coverage::At::from_degrees(lon, lat));
            assert!((0.0..=frame.width).contains(&x) && (0.0..=frame.height).contains(&y));
        }
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        let of = |center: Option<&str>, bbox: Option<&str>, scale: Option<f64>| {
            let owned = |it: Option<&str>| it.map(ToOwned::to_owned);
            Question { center: owned(center), bbox: owned(bbox), scale, ..Question::default() }
                .frame(100.0, 100.0, WHOLE)
                .is_err()
        };
        assert!(!of(None, None, None) && !of(Some("121.2,31.3"), None, Some(500.0)));
        assert!(of(Some("121.2,31.3"), None, None));
        for scale in [f64::NAN, 0.0, -5.0, f64::INFINITY, 1e9] {
            assert!(of(Some("121.2,31.3"), None, Some(scale)), "{scale}");
        }
        for wrong in ["121.2", "31.3,121.2", "NaN,NaN", "a,b", ""] {
            assert!(of(Some(wrong), None, Some(500.0)), "{wrong}");
        }
        assert!(of(None, Some("121,31,121,32"), None) && of(None, Some("-170,-80,170,80"), None));
    }

    #[test]
    fn words_have_few_values() {
        let long = Question { title: Some("图".repeat(61)), ..Question::default() };
        assert!(long.title().is_err());
        assert!(Question { lang: Some("fr".to_owned()), ..Question::default() }.is_zh().is_err());
        let it = Question { paper: Some("A9".to_owned()), ..Question::default() };
        assert!(it.paper().is_err());
        let it = Question { filter: Some("a = 1".to_owned()), ..Question::default() };
        assert!(it.filter().is_err());
    }
}
