//! A real city: the parcels of Cambridge, Massachusetts, with their faults (`docs/real-data.md`).

use mutu::config::Config;
use mutu::ingest::Options;

use super::folder;
use super::group;
use super::import;
use super::number;
use super::write;
use crate::support::TestApp;
use crate::support::shared_data;

#[tokio::test]
async fn the_parcels_of_cambridge_are_repaired_rejected_and_counted() {
    let Some(data) = shared_data() else { return };
    let config = Config { district: [-71.17, 42.34, -71.05, 42.42], ..Config::default() };
    let it = TestApp::with(config).await;
    let dir = folder();
    let mapping = write(dir.path(), "m.toml", "[columns]\nparcel_code = \"ML\"\n");
    let file = data.join("parcels_cambridge_ma/parcels_fy2014.shp.zip");
    let options = Options { mapping: Some(mapping), ..Options::new(&file, "parcels") };
    let report = import(&it, &options).await.unwrap();
    let rows = &report.rows;
    assert_eq!(rows.read, 13_116);
    assert_eq!(rows.written + rows.rejected, rows.read);
    assert_eq!(group(&report, "geometry_missing").count, 1);
    // Of the 37 invalid ones one has no ML and is rejected for that, three would change their area by more than a hundredth.
    let repaired = group(&report, "geometry_repaired").count;
    assert_eq!((repaired, group(&report, "geometry_unrepairable").count), (33, 3));
    assert_eq!(number(&it, "select count(*) from mutu.parcel where not st_isvalid(geom)").await, 0);
    let kept = "select count(*) from mutu.parcel where repaired and geom_original is not null and not st_isvalid(geom_original)";
    assert_eq!(number(&it, kept).await, i64::try_from(rows.repaired).unwrap());
    // PostGIS takes edges as geodesics, Mutu as straight in longitude and latitude: a millimetre on an edge of 200 m.
    let differ = "select count(*) from mutu.parcel
         where abs(area_geom_m2 - st_area(geom::geography)::numeric) > 0.02 + 0.001 * st_perimeter(geom::geography)";
    assert_eq!(number(&it, differ).await, 0);
    assert!(!report.issues.iter().any(|it| it.rule == "outside_district"));
}
