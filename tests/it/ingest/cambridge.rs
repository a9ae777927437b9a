//! A real city: the parcels, zoning and tax roll of Cambridge, Massachusetts, with their faults, by the files of
//! `examples/cambridge` (`docs/real-data.md`).

use std::path::Path;
use std::path::PathBuf;

use mutu::access::Scope;
use mutu::config::Config;
use mutu::evaluation;
use mutu::ingest::Options;

use super::group;
use super::import;
use super::number;
use super::text;
use crate::support::TestApp;
use crate::support::shared_data;

fn example(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/cambridge").join(file)
}

#[tokio::test]
async fn cambridge_is_imported_evaluated_and_reconciles() {
    let Some(data) = shared_data() else { return };
    let data = data.join("parcels_cambridge_ma");
    let it = TestApp::with(Config::read(Some(&example("mutu.toml"))).unwrap()).await;

    let zoning = Options::new(data.join("CDD_ZoningDistricts.geojson"), "zoning");
    let zoning = import(&it, &zoning).await.unwrap();
    assert_eq!((zoning.rows.read, zoning.rows.written), (261, 261));

    let options = Options {
        mapping: super::mapping(&example("parcels.toml")),
        ..Options::new(data.join("parcels_fy2014.shp.zip"), "parcels")
    };
    let report = import(&it, &options).await.unwrap();
    let rows = &report.rows;
    assert_eq!((rows.read, rows.written, rows.rejected), (13_116, 13_029, 87));
    for (rule, count) in [
        ("required", 63),
        ("duplicate", 20),
        // Of the 37 invalid ones one has no ML and is rejected for that.
        ("geometry_unrepairable", 3),
        ("geometry_repaired", 33),
        ("geometry_missing", 1),
    ] {
        assert_eq!(group(&report, rule).count, count, "{rule}");
    }
    assert!(!report.issues.iter().any(|it| it.rule == "outside_district"));
    assert_eq!(number(&it, "select count(*) from mutu.parcel where not st_isvalid(geom)").await, 0);
    let kept = "select count(*) from mutu.parcel where repaired and not st_isvalid(geom_original)";
    assert_eq!(number(&it, kept).await, i64::try_from(rows.repaired).unwrap());
    // PostGIS takes edges as geodesics, Mutu as straight in longitude and latitude: a millimetre on an edge of 200 m.
    let differ = "select count(*) from mutu.parcel
         where abs(area_geom_m2 - st_area(geom::geography)::numeric) > 0.02 + 0.001 * st_perimeter(geom::geography)";
    assert_eq!(number(&it, differ).await, 0);

    let options = Options {
        mapping: super::mapping(&example("tax-roll.toml")),
        ..Options::new(data.join("TaxFY14.csv"), "parcel_years")
    };
    let report = import(&it, &options).await.unwrap();
    let rows = &report.rows;
    assert_eq!((rows.read, rows.merged, rows.rejected, rows.written), (27_528, 14_506, 1, 13_021));
    assert_eq!(group(&report, "no_parcel").count, 47);
    // Not a dollar is lost: the roll's own total is $38,333,078,801.
    let sum = "select sum(assessed_value_wan)::text from mutu.parcel_period_current";
    assert_eq!(text(&it, sum).await.unwrap(), "3833307.8801");
    let most = "select max((extra->>'rows')::bigint) from mutu.parcel_period_current";
    assert_eq!(number(&it, most).await, 438);

    let options = evaluation::Options { year: 2014, ruleset: None };
    let run =
        evaluation::evaluate(&it.app, &Scope::console(), &options, &mut |_| {}).await.unwrap();
    assert_eq!(run.parcels, 13_029);
    let shares = "select count(*) from (
             select from mutu.overlay_share where layer = 'zone_class' group by parcel_id having sum(share) <> 1
         ) wrong";
    assert_eq!(number(&it, shares).await, 0);
    let verdicts: usize = run.verdicts["low_efficiency"].values().map(|it| it.parcels).sum();
    assert_eq!(verdicts, 13_029);
}
