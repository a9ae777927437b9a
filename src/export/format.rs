//! The formats by name.

use std::fmt;

use crate::crs::Crs;

use super::Encoding;

/// What a selection can be written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    GeoJson,
    GeoJsonSeq,
    Csv,
    Xlsx,
    FlatGeobuf,
    GeoPackage,
    /// With texts in UTF-8.
    Shapefile,
    /// With texts in GBK, for desktops that read nothing else.
    ShapefileGbk,
    Kml,
}

impl Format {
    pub const ALL: [Self; 9] = [
        Self::GeoJson,
        Self::GeoJsonSeq,
        Self::Csv,
        Self::Xlsx,
        Self::FlatGeobuf,
        Self::GeoPackage,
        Self::Shapefile,
        Self::ShapefileGbk,
        Self::Kml,
    ];

    /// The name in commands and addresses; mostly also the file's extension.
    pub const fn name(self) -> &'static str {
        match self {
            Self::GeoJson => "geojson",
            Self::GeoJsonSeq => "geojsonseq",
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::FlatGeobuf => "fgb",
            Self::GeoPackage => "gpkg",
            Self::Shapefile => "shp",
            Self::ShapefileGbk => "shp-gbk",
            Self::Kml => "kml",
        }
    }

    pub const fn extension(self) -> &'static str {
        match self {
            Self::GeoJsonSeq => "geojsonl",
            Self::ShapefileGbk => "shp",
            other => other.name(),
        }
    }

    /// Whether it is several files, which go into one archive where only one can be sent.
    pub const fn is_several(self) -> bool {
        matches!(self, Self::Shapefile | Self::ShapefileGbk)
    }

    /// Whether it can be sent while its rows come, without a file.
    pub const fn is_streamed(self) -> bool {
        matches!(self, Self::GeoJson | Self::GeoJsonSeq | Self::Csv)
    }

    /// How it holds geometry; `srid` is an EPSG code, of those that are [projected](Self::is_projected) only.
    pub fn encoding(self, srid: Option<u32>) -> Encoding {
        match self {
            Self::GeoJson | Self::GeoJsonSeq => Encoding::GeoJson(Crs::Crs84),
            Self::Csv | Self::Xlsx => Encoding::Without,
            Self::Kml => Encoding::Wkb(4326),
            Self::FlatGeobuf | Self::GeoPackage | Self::Shapefile | Self::ShapefileGbk => {
                Encoding::Wkb(srid.unwrap_or(4490))
            }
        }
    }

    /// What people call it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::GeoJson => "GeoJSON",
            Self::GeoJsonSeq => "GeoJSON，每行一个要素 / newline-delimited GeoJSON",
            Self::Csv => "CSV",
            Self::Xlsx => "Excel",
            Self::FlatGeobuf => "FlatGeobuf",
            Self::GeoPackage => "GeoPackage",
            Self::Shapefile => "Shapefile (UTF-8)",
            Self::ShapefileGbk => "Shapefile (GBK)",
            Self::Kml => "KML",
        }
    }

    /// The format of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }

    /// Whether it can hold another reference system than longitude and latitude.
    pub const fn is_projected(self) -> bool {
        matches!(self, Self::FlatGeobuf | Self::GeoPackage | Self::Shapefile | Self::ShapefileGbk)
    }

    /// As it is sent: several files as one archive.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::GeoJson => "application/geo+json",
            Self::GeoJsonSeq => "application/geo+json-seq",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::FlatGeobuf => "application/flatgeobuf",
            Self::GeoPackage => "application/geopackage+sqlite3",
            Self::Shapefile | Self::ShapefileGbk => "application/zip",
            Self::Kml => "application/vnd.google-earth.kml+xml",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
