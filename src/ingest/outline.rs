//! A parcel's outline that a person sends, made what is stored by the same rules as one in a file.

use std::fmt::Write;

use gdal::vector::Geometry as Raw;
use geo::MultiPolygon;
use rust_decimal::Decimal;

use crate::layer::Geometry as Wanted;

use super::copy;
use super::read::gdal_error;
use super::repair;
use super::repair::Refusal;
use super::repair::Repair;
use super::repair::Stored;

/// The type in WKB.
const MULTI_POLYGON: u32 = 6;

/// An outline as it is stored: EPSG:4490, longitude before latitude.
#[derive(Clone, Debug)]
pub struct Outline {
    pub polygons: MultiPolygon<f64>,
    /// EWKB in hexadecimal.
    pub ewkb: String,
    /// What was sent, where it had to be repaired.
    pub original: Option<String>,
    pub repair: Option<Repair>,
    /// On the ellipsoid, to the square centimetre.
    pub area_m2: Decimal,
}

impl Outline {
    /// Checks and measures polygons in degrees; what is not valid is repaired as an import repairs it, and says so.
    /// GDAL works here: call it where blocking is allowed.
    pub fn of_polygons_blocking(polygons: MultiPolygon<f64>) -> Result<Self, Refusal> {
        // GDAL takes no SRID in WKB: a flag of the type, and four bytes behind it.
        let ewkb = copy::ewkb(&Stored::Polygons(polygons));
        let mut wkb = vec![1];
        wkb.extend_from_slice(&MULTI_POLYGON.to_le_bytes());
        wkb.extend_from_slice(ewkb.get(9..).unwrap_or_default());
        Self::of_wkb_blocking(&wkb)
    }

    /// The same of WKB.
    pub fn of_wkb_blocking(wkb: &[u8]) -> Result<Self, Refusal> {
        gdal_error::listen();
        gdal_error::take();
        let raw = Raw::from_wkb(wkb).map_err(|_| repair::broken())?;
        let prepared = repair::prepare(raw, None, Wanted::Polygon)?;
        let ewkb = copy::ewkb(&prepared.stored);
        let Stored::Polygons(polygons) = prepared.stored else { return Err(repair::broken()) };
        let area_m2 = format!("{:.2}", prepared.area_m2).parse().map_err(|_| repair::broken())?;
        Ok(Self {
            polygons,
            ewkb: hex(&ewkb),
            original: prepared.original.as_deref().and_then(copy::with_srid).map(|it| hex(&it)),
            repair: prepared.repair,
            area_m2,
        })
    }
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for it in bytes {
        // Writing to a string does not fail.
        let _ = write!(text, "{it:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use geo::wkt;

    use super::*;

    #[test]
    fn an_outline_is_measured_and_written_for_the_database() {
        let square =
            wkt!(MULTIPOLYGON(((121.2 31.3,121.201 31.3,121.201 31.301,121.2 31.301,121.2 31.3))));
        let it = Outline::of_polygons_blocking(square.clone()).unwrap();
        assert!(it.repair.is_none() && it.original.is_none());
        assert!(it.area_m2 > Decimal::from(10_000) && it.area_m2.scale() <= 2, "{}", it.area_m2);
        assert!(it.ewkb.starts_with("01060000208a110000"), "{}", it.ewkb);
        assert_eq!(it.polygons, square);
    }

    #[test]
    fn a_bow_tie_is_refused_with_its_place() {
        let tie = wkt!(MULTIPOLYGON(((121. 31.,121.01 31.01,121.01 31.,121. 31.01,121. 31.))));
        let why = Outline::of_polygons_blocking(tie).unwrap_err().why;
        assert!(why.contains("near point 121.005 31.00"), "{why}");
    }
}
