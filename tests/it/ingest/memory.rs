//! What was said of a file is remembered for the next one with the same headers.

use gdal::vector::LayerAccess;
use mutu::access::Scope;
use mutu::ingest;
use mutu::ingest::Options;

use super::folder;
use super::import;
use super::imported;
use super::number;
use super::refused;
use super::text;
use super::write;
use crate::support::TestApp;

#[tokio::test]
async fn a_mapping_is_used_again_for_the_same_headers_and_said_so() {
    let it = TestApp::new().await;
    let dir = folder();
    let toml = "[columns]\nparcel_code = \"ML\"\nyear = { header = \"FY\" }\ntax_wan = { header = \"Paid\", unit = \"元\" }\n";
    let mapping = super::mapping(&write(dir.path(), "m.toml", toml));
    let first = write(dir.path(), "a.csv", "ML,FY,Paid,Note\nA,2023,20000,x\n");
    let stated = Options { mapping: mapping.clone(), ..Options::new(&first, "parcel_years") };
    // A dry run leaves nothing behind.
    import(&it, &Options { dry_run: true, ..stated.clone() }).await.unwrap();
    assert_eq!(number(&it, "select count(*) from mutu.import_mapping").await, 0);
    let report = import(&it, &stated).await.unwrap();
    assert!(report.remembered.is_none());
    let batch_id = report.batch_id.unwrap();

    // Another order of columns, no mapping: read as before, in 元.
    let next = write(dir.path(), "b.csv", "Note,ＦＹ,ML,Paid\ny,2024,A,30000\n");
    let report = imported(&it, &next, "parcel_years").await;
    let remembered = report.remembered.as_ref().unwrap();
    assert_eq!((remembered.batch_id, remembered.file.as_str()), (Some(batch_id), "a.csv"));
    let mut printed = Vec::new();
    report.print(&mut printed).unwrap();
    assert!(String::from_utf8(printed).unwrap().contains("a.csv"));
    let sql = "select string_agg(trim_scale(tax_wan)::text, ' ' order by year) from mutu.parcel_period_current";
    assert_eq!(text(&it, sql).await.unwrap(), "2 3");
    // Every column is told, with what became of it and what it holds.
    let columns: Vec<(&str, Option<&str>)> =
        report.columns.iter().map(|it| (it.header.as_str(), it.field.as_deref())).collect();
    assert_eq!(
        columns,
        [
            ("Note", None),
            ("ＦＹ", Some("year")),
            ("ML", Some("parcel_code")),
            ("Paid", Some("tax_wan"))
        ]
    );
    assert_eq!(report.columns[3].samples, ["30000"]);
    assert_eq!(report.columns[3].unit.as_deref(), Some("元"));

    // Other headers, another target, or unwanted: not used.
    let other = write(dir.path(), "c.csv", "ML,FY,Paid\nA,2025,1\n");
    assert!(refused(&it, &other, "parcel_years").await.contains("parcel_code"));
    let leave = Options { ignore_saved: true, ..Options::new(&next, "parcel_years") };
    assert!(import(&it, &leave).await.is_err());
    // Stated anew it takes the place of the old one.
    let toml = toml.replace("元", "千元");
    let anew = Options {
        mapping: super::mapping(&write(dir.path(), "m.toml", toml)),
        ..Options::new(write(dir.path(), "d.csv", "ML,FY,Paid,Note\nA,2025,7,x\n"), "parcel_years")
    };
    assert!(import(&it, &anew).await.unwrap().remembered.is_none());
    let saved = ingest::saved_mappings(&it.app, &Scope::console()).await.unwrap();
    assert_eq!(saved.len(), 1);
    assert_eq!((saved[0].file.as_str(), saved[0].target.as_str()), ("d.csv", "parcel_years"));
    assert!(ingest::forget_mapping(&it.app, &Scope::console(), saved[0].mapping_id).await.unwrap());
    assert!(
        !ingest::forget_mapping(&it.app, &Scope::console(), saved[0].mapping_id).await.unwrap()
    );
    let last = write(dir.path(), "e.csv", "ML,FY,Paid,Note\nA,2026,7,x\n");
    assert!(refused(&it, &last, "parcel_years").await.contains("parcel_code"));
}

#[tokio::test]
async fn a_coordinate_system_is_remembered_with_the_headers() {
    let it = TestApp::new().await;
    let dir = folder();
    // A grid of metres that says nothing of itself: GeoJSON would, so a shapefile without .prj is what offices send.
    let square = |name: &str, code: &str, east: f64| {
        let driver = gdal::DriverManager::get_driver_by_name("ESRI Shapefile").unwrap();
        let path = dir.path().join(name);
        let mut set = driver.create_vector_only(&path).unwrap();
        let layer = set
            .create_layer(gdal::vector::LayerOptions {
                name: name.trim_end_matches(".shp"),
                ty: gdal_sys::OGRwkbGeometryType::wkbPolygon,
                ..Default::default()
            })
            .unwrap();
        layer.create_defn_fields(&[("ZDDM", gdal_sys::OGRFieldType::OFTString)]).unwrap();
        let defn = gdal::vector::Defn::from_layer(&layer);
        let mut feature = gdal::vector::Feature::new(&defn).unwrap();
        feature.set_field_string(0, code).unwrap();
        let wkt = format!(
            "POLYGON(({east} 3470000,{e2} 3470000,{e2} 3470100,{east} 3470100,{east} 3470000))",
            e2 = east + 100.0
        );
        feature.set_geometry(gdal::vector::Geometry::from_wkt(&wkt).unwrap()).unwrap();
        feature.create(&layer).unwrap();
        set.close().unwrap();
        path
    };
    let first = square("a.shp", "A", 614_000.0);
    assert!(refused(&it, &first, "parcels").await.contains("--source-crs"));
    let stated =
        Options { source_crs: Some("EPSG:4549".to_owned()), ..Options::new(&first, "parcels") };
    import(&it, &stated).await.unwrap();
    let report = imported(&it, &square("b.shp", "B", 614_200.0), "parcels").await;
    assert!(report.remembered.is_some());
    assert!(report.crs.unwrap().name.contains("4549"));
}
