//! The reference systems that an answer may be in, with the axis order of their authority. Stored coordinates are always
//! CGCS2000 degrees, longitude before latitude; EPSG:4326 and EPSG:4490 count as one datum. What system a file is in is
//! `ingest`'s question, and the projecting itself PostGIS's and PROJ's. An installation's own grids are in `grid`.

pub mod grid;

/// A reference system that coordinates are asked for or given in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crs {
    /// Longitude, latitude.
    Crs84,
    /// By its EPSG code; one of [`CODES`].
    Epsg(u32),
    /// A grid of the installation, by its code; one of [`grid::known`].
    Local(u32),
}

/// CGCS2000 and WGS 84 in degrees; CGCS2000 Gauss–Krüger in zones of three degrees around 114° to 123° E, without (4547 to
/// 4550) and with the zone's number before the easting (4526 to 4529); Web Mercator.
pub const CODES: [u32; 11] = [4490, 4326, 4547, 4548, 4549, 4550, 4526, 4527, 4528, 4529, 3857];

/// Longitude and latitude of WGS 84; CGCS2000 counts as the same datum.
pub const CRS84: &str = "http://www.opengis.net/def/crs/OGC/1.3/CRS84";
const EPSG: &str = "http://www.opengis.net/def/crs/EPSG/0/";
/// The edge of the Web Mercator square, metres.
const MERCATOR: f64 = 20_037_508.342_789_244;

impl Crs {
    /// What is stored, in the axis order of its authority.
    pub const STORED: Self = Self::Epsg(4490);

    /// All of them, longitude and latitude first, the installation's own last.
    pub fn all() -> impl Iterator<Item = Self> {
        let local = grid::known().iter().map(|it| Self::Local(it.code));
        std::iter::once(Self::Crs84).chain(CODES.map(Self::Epsg)).chain(local)
    }

    /// By its number, EPSG's or of a grid.
    pub fn of_code(code: u32) -> Option<Self> {
        match grid::find(code) {
            Some(it) => Some(Self::Local(it.code)),
            None => CODES.contains(&code).then_some(Self::Epsg(code)),
        }
    }

    /// The grid, where it is one. Only those that are known are ever made.
    fn grid(self) -> Option<&'static grid::Known> {
        match self {
            Self::Local(code) => grid::find(code),
            _ => None,
        }
    }

    /// Reads a URI, a URN, or the short forms `EPSG:4549` and `LOCAL:910001`.
    pub fn parse(text: &str) -> Option<Self> {
        if [CRS84, "urn:ogc:def:crs:OGC:1.3:CRS84", "urn:ogc:def:crs:OGC::CRS84", "OGC:CRS84"]
            .contains(&text)
        {
            return Some(Self::Crs84);
        }
        if let Some(it) = grid::named(text) {
            return Some(Self::Local(it.code));
        }
        let prefixes =
            [EPSG, "https://www.opengis.net/def/crs/EPSG/0/", "urn:ogc:def:crs:EPSG::", "EPSG:"];
        let code = prefixes.iter().find_map(|it| text.strip_prefix(it))?;
        let code = CODES.into_iter().find(|it| it.to_string() == code)?;
        Some(Self::Epsg(code))
    }

    /// Its name in OGC APIs.
    pub fn uri(self) -> String {
        match self {
            Self::Crs84 => CRS84.to_owned(),
            Self::Epsg(code) => format!("{EPSG}{code}"),
            Self::Local(code) => self.grid().map_or(format!("LOCAL:{code}"), |it| it.uri.clone()),
        }
    }

    /// The number PostGIS knows it by. Degrees of either datum are the stored ones, so that nothing is shifted.
    pub const fn srid(self) -> u32 {
        match self {
            Self::Crs84 | Self::Epsg(4326) => 4490,
            Self::Epsg(code) | Self::Local(code) => code,
        }
    }

    /// Whether coordinates are degrees, else metres.
    pub const fn is_degrees(self) -> bool {
        self.srid() == 4490
    }

    /// Whether the first coordinate is the latitude or the northing: so it is in all that EPSG defines for China.
    pub fn is_north_first(self) -> bool {
        match self.grid() {
            Some(it) => it.north_first,
            None => !matches!(self, Self::Crs84 | Self::Epsg(3857)),
        }
    }

    /// Decimals that are worth writing: a centimetre in degrees, a millimetre in metres.
    pub const fn decimals(self) -> u8 {
        if self.is_degrees() { 7 } else { 3 }
    }

    /// The least and the greatest east and north that the system is meant for. A projection has no answer far beyond:
    /// what is asked for there is asked for up to here.
    pub fn domain(self) -> [f64; 4] {
        if let Some(it) = self.grid() {
            return it.domain;
        }
        match self.srid() {
            4490 => [-180.0, -90.0, 180.0, 90.0],
            3857 => [-MERCATOR, -MERCATOR, MERCATOR, MERCATOR],
            code => {
                // Zone 38 is around 114° E.
                let zone = (4526..=4529).contains(&code).then(|| f64::from(code - 4526 + 38));
                let middle = zone.map_or(0.0, |it| it * 1e6) + 500_000.0;
                [middle - 1e6, 0.0, middle + 1e6, 9_500_000.0]
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_system_reads_its_own_name() {
        for it in Crs::all() {
            assert_eq!(Crs::parse(&it.uri()), Some(it));
        }
        assert_eq!(Crs::parse("EPSG:4549"), Some(Crs::Epsg(4549)));
        assert_eq!(Crs::parse("urn:ogc:def:crs:EPSG::4490"), Some(Crs::STORED));
        for wrong in ["", "4549", "EPSG:04549", "EPSG:2154", "epsg:4549", "CRS84", "EPSG:4549 "] {
            assert_eq!(Crs::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn axes_are_those_of_the_authority() {
        assert!(!Crs::Crs84.is_north_first() && !Crs::Epsg(3857).is_north_first());
        assert!(Crs::Epsg(4326).is_north_first() && Crs::STORED.is_north_first());
        assert!(Crs::Epsg(4549).is_north_first() && Crs::Epsg(4528).is_north_first());
    }

    #[test]
    fn the_domain_has_the_zones_own_easting() {
        let [west, ..] = Crs::Epsg(4528).domain();
        assert!((west - 39_500_000.0).abs() < 1.0, "{west}");
        let [.., east, _] = Crs::Epsg(4549).domain();
        assert!((east - 1_500_000.0).abs() < 1.0, "{east}");
    }
}
