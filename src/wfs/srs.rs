//! Names of reference systems as WFS clients write them. A URN or an http address has the axes of the authority; the short
//! form `EPSG:4549` has the easting or longitude first, as all servers and clients of that form understand it.

use crate::crs::CODES;
use crate::crs::Crs;
use crate::crs::grid;
use crate::export::plot::Plot;

/// The order of the two coordinates of a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Axes {
    /// As EPSG has them: for all Chinese systems north first.
    Authority,
    EastFirst,
}

/// A reference system by a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Srs {
    pub crs: Crs,
    pub axes: Axes,
    /// As it is said again in an answer.
    pub name: String,
}

const URN: &str = "urn:ogc:def:crs:EPSG::";
/// The short forms, in lower case.
const SHORT: [&str; 2] = ["epsg:", "http://www.opengis.net/gml/srs/epsg.xml#"];
/// Longer forms, in lower case; the last part is the code.
const LONG: [&str; 4] = [
    "urn:ogc:def:crs:epsg:",
    "urn:x-ogc:def:crs:epsg:",
    "http://www.opengis.net/def/crs/epsg/",
    "https://www.opengis.net/def/crs/epsg/",
];

impl Srs {
    /// What layers are stored in, and answered in when nothing else is asked for.
    pub fn stored() -> Self {
        Self::urn(Crs::STORED)
    }

    /// The system under its URN.
    pub fn urn(crs: Crs) -> Self {
        let name = match crs {
            Crs::Crs84 => "urn:ogc:def:crs:OGC:1.3:CRS84".to_owned(),
            Crs::Epsg(code) => format!("{URN}{code}"),
            Crs::Local(_) => crs.uri(),
        };
        Self { crs, axes: Axes::Authority, name }
    }

    /// Reads a name in any form.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        match Crs::parse(text) {
            Some(Crs::Crs84) => return Some(Self::urn(Crs::Crs84)),
            Some(crs @ Crs::Local(code)) if text.starts_with("LOCAL:") => {
                let name = format!("LOCAL:{code}");
                return Some(Self { crs, axes: Axes::EastFirst, name });
            }
            Some(crs @ Crs::Local(_)) => return Some(Self::urn(crs)),
            _ => {}
        }
        let lower = text.to_ascii_lowercase();
        if ["crs:84", "crs84"].contains(&lower.as_str()) {
            return Some(Self::urn(Crs::Crs84));
        }
        let code = |it: &str| CODES.into_iter().find(|code| code.to_string() == it);
        if let Some(code) = SHORT.iter().find_map(|it| lower.strip_prefix(it)).and_then(code) {
            let name = format!("EPSG:{code}");
            return Some(Self { crs: Crs::Epsg(code), axes: Axes::EastFirst, name });
        }
        // Between the authority and the code stands the version of its list, or nothing.
        let rest = LONG.iter().find_map(|it| lower.strip_prefix(it))?;
        let (version, last) = rest.split_once([':', '/'])?;
        let plain = version.chars().all(|it| it.is_ascii_digit() || it == '.');
        let crs = Crs::Epsg(code(last).filter(|_| plain)?);
        Some(if lower.starts_with("urn") {
            Self::urn(crs)
        } else {
            Self { name: crs.uri(), ..Self::urn(crs) }
        })
    }

    /// Whether the northing or latitude comes first.
    pub fn is_north_first(&self) -> bool {
        self.axes == Axes::Authority && self.crs.is_north_first()
    }

    /// A position as written under this name, in the axis order of the authority.
    pub fn to_authority(&self, first: f64, second: f64) -> (f64, f64) {
        let turned = self.is_north_first() != self.crs.is_north_first();
        if turned { (second, first) } else { (first, second) }
    }

    /// How positions are written under this name.
    pub fn plot(&self) -> Plot {
        Plot { decimals: self.crs.decimals(), north_first: self.is_north_first(), comma: ' ' }
    }

    /// Every name that is understood, for an error that helps.
    pub fn known() -> String {
        let codes: Vec<String> = CODES.iter().map(ToString::to_string).collect();
        let local = grid::known().iter().map(|it| format!("；{}, LOCAL:{}", it.uri, it.code));
        format!(
            "{URN}N（坐标轴依权威定义 / axes of the authority），EPSG:N（东坐标或经度在前 / easting or longitude first）；N: {}{}",
            codes.join(", "),
            local.collect::<String>()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_decides_on_the_axes() {
        for (name, north_first, again) in [
            ("urn:ogc:def:crs:EPSG::4490", true, "urn:ogc:def:crs:EPSG::4490"),
            ("urn:ogc:def:crs:EPSG:9.9.1:4549", true, "urn:ogc:def:crs:EPSG::4549"),
            ("urn:x-ogc:def:crs:EPSG:4549", false, ""),
            ("urn:x-ogc:def:crs:EPSG::4549", true, "urn:ogc:def:crs:EPSG::4549"),
            (
                "http://www.opengis.net/def/crs/EPSG/0/4549",
                true,
                "http://www.opengis.net/def/crs/EPSG/0/4549",
            ),
            ("EPSG:4549", false, "EPSG:4549"),
            ("epsg:4490", false, "EPSG:4490"),
            ("http://www.opengis.net/gml/srs/epsg.xml#4326", false, "EPSG:4326"),
            ("urn:ogc:def:crs:EPSG::3857", false, "urn:ogc:def:crs:EPSG::3857"),
            ("urn:ogc:def:crs:OGC:1.3:CRS84", false, "urn:ogc:def:crs:OGC:1.3:CRS84"),
        ] {
            match Srs::parse(name) {
                Some(it) => {
                    assert_eq!(it.is_north_first(), north_first, "{name}");
                    assert_eq!(it.name, again);
                }
                None => assert!(again.is_empty(), "{name}"),
            }
        }
        for wrong in
            ["", "4490", "EPSG:2154", "urn:ogc:def:crs:EPSG::'", "urn:ogc:def:crs:EPSG:x:4490"]
        {
            assert_eq!(Srs::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn positions_come_into_the_authoritys_order() {
        let short = Srs::parse("EPSG:4490").unwrap();
        assert_eq!(short.to_authority(121.0, 31.0), (31.0, 121.0));
        assert_eq!(Srs::stored().to_authority(31.0, 121.0), (31.0, 121.0));
        assert_eq!(Srs::parse("EPSG:3857").unwrap().to_authority(1.0, 2.0), (1.0, 2.0));
    }
}
