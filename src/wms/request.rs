//! The parameters of `GetMap` and `GetFeatureInfo`.

use crate::access::Scope;
use crate::app::App;
use crate::crs::Crs;
use crate::extract::Given;
use crate::layer::Layer;
use crate::render::Frame;
use crate::render::Plane;
use crate::render::named;
use crate::render::svg::is_color;

use super::MAX_LAYERS;
use super::MAX_SIDE;
use super::PNG;
use super::fault::Fault;
use super::fault::Result;

/// A picture that is asked for.
#[derive(Clone, Debug)]
pub struct Map<'a> {
    pub layers: Vec<&'a Layer>,
    pub frame: Frame,
    pub transparent: bool,
    /// Behind the picture, where it is not transparent.
    pub ground: String,
    /// CQL2 text, of one layer.
    pub filter: Option<String>,
}

/// Names of reference systems in WMS: `EPSG:4490`, `CRS:84`.
pub fn crs(text: &str) -> Option<Crs> {
    match text.trim().to_ascii_uppercase().as_str() {
        "CRS:84" | "OGC:CRS84" => Some(Crs::Crs84),
        // What was in use before EPSG had a number for it.
        "EPSG:900913" => Some(Crs::Epsg(3857)),
        short => Crs::parse(short).filter(|it| !matches!(it, Crs::Local(_))),
    }
}

/// Names of all reference systems that pictures are drawn in, as the capabilities list them: not an installation's own grids.
pub fn names() -> impl Iterator<Item = String> {
    Crs::all().filter_map(|it| match it {
        Crs::Crs84 => Some("CRS:84".to_owned()),
        Crs::Epsg(code) => Some(format!("EPSG:{code}")),
        Crs::Local(_) => None,
    })
}

/// The layers of a list, the first lowest.
pub fn layers<'a>(
    app: &'a App,
    scope: &Scope,
    given: &Given,
    parameter: &str,
) -> Result<Vec<&'a Layer>> {
    let list = given.find(&[parameter])?.ok_or_else(|| Fault::missing(parameter))?;
    if list.split(',').count() > MAX_LAYERS {
        let why = format!("至多 {MAX_LAYERS} 个图层 / at most {MAX_LAYERS} layers");
        return Err(Fault::invalid("InvalidParameterValue", parameter, why));
    }
    Ok(named(app, scope, Some(list))?)
}

impl<'a> Map<'a> {
    /// Reads the parameters that `GetMap` has.
    pub fn parse(app: &'a App, scope: &Scope, given: &Given) -> Result<Self> {
        let old = match given.find(&["version"])? {
            None | Some("1.3.0" | "1.3") => false,
            Some("1.1.1" | "1.1.0" | "1.0.0") => true,
            Some(_) => {
                return Err(Fault::invalid(
                    "InvalidParameterValue",
                    "version",
                    "应为 1.3.0（或 1.1.1） / 1.3.0 is expected, or 1.1.1",
                ));
            }
        };
        let layers = layers(app, scope, given, "layers")?;
        for it in given.find(&["styles"])?.unwrap_or_default().split(',') {
            if !["", "default"].contains(&it.trim()) {
                return Err(Fault::invalid("StyleNotDefined", "styles", "只有 / only: default"));
            }
        }
        let format = given.find(&["format"])?.unwrap_or(PNG);
        if !format.to_ascii_lowercase().replace(' ', "").starts_with(PNG) {
            return Err(Fault::invalid("InvalidFormat", "format", format!("只有 / only: {PNG}")));
        }
        let name = given.find(&["crs", "srs"])?.ok_or_else(|| Fault::missing("crs"))?;
        let crs = crs(name).ok_or_else(|| {
            let known: Vec<String> = names().collect();
            Fault::invalid("InvalidCRS", "crs", known.join(", "))
        })?;
        let side = |name: &str| -> Result<f64> {
            let it = given.whole(&[name])?.ok_or_else(|| Fault::missing(name))?;
            if !(1..=MAX_SIDE).contains(&it) {
                let why = format!("1..{MAX_SIDE}");
                return Err(Fault::invalid("InvalidParameterValue", name, why));
            }
            #[expect(clippy::cast_precision_loss, reason = "at most 4096")]
            Ok(it as f64)
        };
        let (width, height) = (side("width")?, side("height")?);
        let bbox = given.find(&["bbox"])?.ok_or_else(|| Fault::missing("bbox"))?;
        let numbers: Option<Vec<f64>> = bbox
            .split(',')
            .map(|it| it.trim().parse().ok().filter(|it: &f64| it.is_finite()))
            .collect();
        let Some([a, b, c, d]) = numbers.as_deref() else {
            return Err(Fault::invalid(
                "InvalidParameterValue",
                "bbox",
                "应为 4 个数字，逗号分隔 / four numbers with commas",
            ));
        };
        // 1.3.0 has the axes as the authority has them, 1.1.1 the easting first.
        let turned = !old && crs.is_north_first();
        let [west, south, east, north] = if turned { [*b, *a, *d, *c] } else { [*a, *b, *c, *d] };
        if west >= east || south >= north {
            return Err(Fault::invalid(
                "InvalidParameterValue",
                "bbox",
                "最小值应小于最大值；1.3.0 中按参考系的坐标轴次序 / the least must be below the greatest; in 1.3.0 axes are in the order of the reference system",
            ));
        }
        let [least_x, least_y, most_x, most_y] = crs.domain();
        if east < least_x || west > most_x || north < least_y || south > most_y {
            return Err(Fault::invalid(
                "InvalidParameterValue",
                "bbox",
                "范围超出该参考系 / it lies beyond the reference system; look at the order of its axes",
            ));
        }
        let flag = given.find(&["transparent"])?.unwrap_or("false");
        let ground = given.find(&["bgcolor"])?.unwrap_or("0xFFFFFF").to_ascii_lowercase();
        let ground = format!("#{}", ground.trim_start_matches("0x").trim_start_matches('#'));
        if !is_color(&ground) {
            return Err(Fault::invalid("InvalidParameterValue", "bgcolor", "0xRRGGBB"));
        }
        Ok(Self {
            layers,
            frame: Frame { plane: Plane::of(crs), area: [west, south, east, north], width, height },
            transparent: flag.eq_ignore_ascii_case("true"),
            ground,
            filter: given.find(&["filter", "cql_filter"])?.map(ToOwned::to_owned),
        })
    }
}

/// The pixel of `GetFeatureInfo`, its middle.
pub fn pixel(given: &Given, frame: &Frame) -> Result<(f64, f64)> {
    let one = |names: &[&str], most: f64| -> Result<f64> {
        let it = given.whole(names)?.ok_or_else(|| Fault::missing(names[0]))?;
        #[expect(clippy::cast_precision_loss, reason = "a pixel of a picture, or too much")]
        let it = it as f64;
        if it >= most {
            return Err(Fault::invalid("InvalidPoint", names[0], format!("0..{}", most - 1.0)));
        }
        Ok(it + 0.5)
    };
    Ok((one(&["i", "x"], frame.width)?, one(&["j", "y"], frame.height)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn systems_are_named_as_wms_names_them() {
        assert_eq!(crs("epsg:4490"), Some(Crs::STORED));
        assert_eq!(crs("CRS:84"), Some(Crs::Crs84));
        assert_eq!(crs("EPSG:900913"), Some(Crs::Epsg(3857)));
        for wrong in ["EPSG:2154", "4490", "AUTO2:42001", ""] {
            assert_eq!(crs(wrong), None, "{wrong}");
        }
        assert!(names().all(|it| crs(&it).is_some()));
    }
}
