//! What a page of features is written as: beside the forms that every resource has, JSON-FG and the files of downloads.

use crate::crs::Crs;
use crate::error::Error;
use crate::error::Result;
use crate::export::Encoding;
use crate::export::Format;

use super::Form;
use super::liking;
use super::link;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writing {
    GeoJson,
    JsonFg,
    Html,
    /// One page as a file.
    File(Format),
}

/// The names that `f` may have for features.
pub fn names() -> impl Iterator<Item = &'static str> {
    let files = Format::ALL.into_iter().filter(|it| *it != Format::GeoJson).map(Format::name);
    ["json", "jsonfg", "html"].into_iter().chain(files)
}

impl Writing {
    /// `f` where it is given, else what `Accept` likes best.
    pub fn negotiate(f: Option<&str>, accept: Option<&str>) -> Result<Self> {
        let file = f.and_then(Format::parse).filter(|it| *it != Format::GeoJson);
        if let Some(it) = file {
            return Ok(Self::File(it));
        }
        if f == Some("jsonfg") {
            return Ok(Self::JsonFg);
        }
        let form = Form::negotiate(f, accept).map_err(|_| {
            let names: Vec<&str> = names().collect();
            Error::parameter("f", format!("应为其中之一 / one of: {}", names.join(", ")))
        })?;
        let accept = accept.unwrap_or_default();
        let liked = |it: &str| liking(accept, it);
        let others = [link::GEOJSON, link::JSON, link::HTML].map(liked);
        if f.is_none() && others.into_iter().all(|it| liked(link::JSON_FG) > it) {
            return Ok(Self::JsonFg);
        }
        Ok(if form == Form::Html { Self::Html } else { Self::GeoJson })
    }

    /// What documents beside the features are written as.
    pub fn form(self) -> Form {
        if self == Self::Html { Form::Html } else { Form::Json }
    }

    pub fn media_type(self) -> &'static str {
        match self {
            Self::GeoJson => link::GEOJSON,
            Self::JsonFg => link::JSON_FG,
            Self::Html => link::HTML,
            Self::File(it) => it.media_type(),
        }
    }

    /// How coordinates are read for it. Files have the easting first, as every GIS expects of them; a format that holds
    /// degrees only refuses any other system.
    pub fn encoding(self, crs: Crs) -> Result<Encoding> {
        match (self, crs) {
            (Self::File(Format::GeoJsonSeq) | Self::GeoJson | Self::JsonFg | Self::Html, _) => {
                Ok(Encoding::GeoJson(crs))
            }
            (Self::File(it), Crs::Crs84) => Ok(it.encoding(None)),
            (Self::File(it), Crs::Epsg(code) | Crs::Local(code)) if it.is_projected() => {
                Ok(it.encoding(Some(code)))
            }
            (Self::File(it), Crs::Epsg(_) | Crs::Local(_)) => Err(Error::parameter(
                "crs",
                format!(
                    "{it} 只有经纬度：请用 fgb、gpkg 或 shp / {it} holds degrees only: use fgb, gpkg or shp"
                ),
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_have_more_forms_than_documents() {
        let of = |f, accept| Writing::negotiate(f, accept).unwrap();
        assert_eq!(of(None, None), Writing::GeoJson);
        assert_eq!(of(None, Some("application/vnd.ogc.fg+json")), Writing::JsonFg);
        let both = "application/vnd.ogc.fg+json;q=0.8, application/geo+json";
        assert_eq!(of(None, Some(both)), Writing::GeoJson);
        assert_eq!(of(Some("geojson"), Some("text/html")), Writing::GeoJson);
        assert_eq!(of(Some("fgb"), None), Writing::File(Format::FlatGeobuf));
        assert_eq!(of(None, Some("text/html,*/*;q=0.8")), Writing::Html);
        let told = Writing::negotiate(Some("xml"), None).unwrap_err().to_string();
        assert!(told.contains("jsonfg") && told.contains("gpkg"), "{told}");
    }

    #[test]
    fn a_format_of_degrees_refuses_metres() {
        assert!(Writing::File(Format::Kml).encoding(Crs::Epsg(4549)).is_err());
        let fgb = Writing::File(Format::FlatGeobuf);
        assert_eq!(fgb.encoding(Crs::Epsg(4549)).unwrap(), Encoding::Wkb(4549));
        assert_eq!(fgb.encoding(Crs::Crs84).unwrap(), Encoding::Wkb(4490));
    }
}
