//! Agreement with PostGIS for every parcel: to a millionth of its area or 0.01 m².

use std::collections::BTreeMap;
use std::path::Path;

use gdal::Dataset;
use gdal::vector::LayerAccess;
use mutu::config::Config;
use mutu::evaluation::overlay;
use mutu::evaluation::overlay::Claimed;
use mutu::evaluation::overlay::Hit;
use mutu::layer::Overlay;
use mutu::layer::OverlayClass;
use mutu::overlay::Count;
use mutu::overlay::Kept;
use rust_decimal::prelude::ToPrimitive;
use sqlx::PgConnection;

use super::reference;
use super::reference::Areas;
use crate::support::TestApp;
use crate::support::fill;
use crate::support::shared_data;

pub fn claimed(it: &Claimed) -> Areas {
    let mut areas = Areas::default();
    for parcel in &it.parcels {
        areas.parcels.insert(parcel.parcel_id, parcel.area_m2.to_f64().unwrap());
        for (class, area) in &parcel.parts {
            let key = (parcel.parcel_id, it.classes[*class].clone());
            areas.parts.insert(key, area.to_f64().unwrap());
        }
    }
    areas
}

fn hit(hits: &[Hit]) -> Areas {
    let mut areas = Areas::default();
    for it in hits {
        areas.parcels.insert(it.parcel_id, it.of_m2);
        areas
            .parts
            .extend(it.parts.iter().map(|(id, area)| ((it.parcel_id, id.to_string()), *area)));
    }
    areas
}

/// How many parcels and parts there are; panics with all that differ.
fn compare(own: &Areas, reference: &Areas, what: &str) -> (usize, usize) {
    let mut differ = BTreeMap::new();
    for (id, area) in &own.parcels {
        let other = reference.parcels.get(id).copied().unwrap_or_default();
        if (area - other).abs() > 0.01_f64.max(other * 1e-6) {
            differ.insert((*id, "area".to_owned()), (*area, other));
        }
    }
    for key in own.parts.keys().chain(reference.parts.keys()) {
        let of = |it: &Areas| it.parts.get(key).copied().unwrap_or_default();
        let (a, b) = (of(own), of(reference));
        if (a - b).abs() > 0.01_f64.max(reference.parcels[&key.0] * 1e-6) {
            differ.insert(key.clone(), (a, b));
        }
    }
    assert!(differ.is_empty(), "{what}: {} differ (own, PostGIS): {differ:#?}", differ.len());
    (own.parcels.len(), own.parts.len())
}

fn spec(classes: &[(&str, Result<&str, &str>)]) -> Overlay {
    let classes = classes.iter().map(|(layer, class)| OverlayClass {
        layer: (*layer).to_owned(),
        class: class.ok().map(ToOwned::to_owned),
        class_field: class.err().map(ToOwned::to_owned),
        name_field: None,
    });
    Overlay {
        classes: classes.collect(),
        remainder: "none".to_owned(),
        share_at_least: 0.9,
        sliver_m2: 1.0,
        sliver_share: 0.001,
        officer_classes: Vec::new(),
        override_column: None,
    }
}

async fn agree_on_classes(
    it: &TestApp,
    db: &mut PgConnection,
    spec: &Overlay,
    projection: &str,
) -> (usize, usize) {
    let own =
        overlay::claim(db, &it.app.layers, &mut Kept::default(), spec, projection).await.unwrap();
    let reference = reference::classes(db, &it.app.layers, spec, projection).await;
    assert_eq!(own.parcels.len(), reference.parcels.len());
    compare(&claimed(&own), &reference, "classes")
}

async fn agree_on_hits(it: &TestApp, db: &mut PgConnection, layer: &str, projection: &str) {
    let layer = it.app.layers.find(layer).unwrap();
    for (count, whole) in [(Count::Each, false), (Count::Once, true)] {
        let own = overlay::hits(db, layer, &mut Kept::default(), count, projection).await.unwrap();
        let reference = reference::hits(db, layer, whole, projection).await;
        compare(&hit(&own), &reference, &format!("{} {count:?}", layer.id));
    }
}

#[tokio::test]
async fn on_a_generated_district() {
    let it = TestApp::new().await;
    fill(&it.app, 600, 7, "").await;
    let projection = it.app.config.projection();
    let mut db = it.app.db.owner().acquire().await.unwrap();
    let shipped = it.app.layers.find("block_class").unwrap().overlay.clone().unwrap();
    let (parcels, parts) = agree_on_classes(&it, &mut db, &shipped, &projection).await;
    assert!(parcels >= 600 && parts > 200, "{parcels} {parts}");
    // The same class again after others, overlapping layers, and classes by a field.
    let mixed = spec(&[
        ("control_plan", Err("land_use_code")),
        ("blocks_104", Ok("104")),
        ("basic_farmland", Ok("farmland")),
        ("growth_boundary", Ok("104")),
    ]);
    agree_on_classes(&it, &mut db, &mixed, &projection).await;
    for layer in ["control_plan", "basic_farmland", "eco_redline", "blocks_104"] {
        agree_on_hits(&it, &mut db, layer, &projection).await;
    }
}

/// Degrees around Jiading: about 100 m each step of 0.001.
const NASTY: [&str; 15] = [
    "MULTIPOLYGON(((60 0, 70 0, 70 10, 60 10, 60 0)),((70 10, 60 10, 60 0, 70 0, 70 10)),((80 0, 90 0, 85 9, 80 0)))",
    "POLYGON((0 0, 10 0, 10 10, 0 10, 0 0))",
    "POLYGON((0 0, 10 0, 10 10, 0 10, 0 0),(2 2, 2 8, 8 8, 8 2, 2 2),(0.5 0.5, 1 0.5, 1 1, 0.5 0.5))",
    // The hole touches the shell at a corner, and the other hole.
    "POLYGON((20 0, 30 0, 30 10, 20 10, 20 0),(20 0, 24 2, 22 4, 20 0),(22 4, 26 4, 26 8, 22 4))",
    "MULTIPOLYGON(((0 20, 5 20, 5 25, 0 25, 0 20)),((5 25, 10 25, 10 30, 5 30, 5 25)),((20 20, 21 20, 20 21, 20 20)))",
    // A bow tie, a star that overlaps itself, a hole outside, parts that overlap, nested shells.
    "POLYGON((20 20, 30 30, 30 20, 20 30, 20 20))",
    "POLYGON((45 0, 48 10, 40 4, 50 4, 42 10, 45 0))",
    "POLYGON((40 20, 45 20, 45 25, 40 25, 40 20),(47 20, 49 20, 49 22, 47 22, 47 20))",
    "MULTIPOLYGON(((0 40, 6 40, 6 46, 0 46, 0 40)),((3 43, 9 43, 9 49, 3 49, 3 43)))",
    "MULTIPOLYGON(((20 40, 30 40, 30 50, 20 50, 20 40)),((22 42, 28 42, 28 48, 22 48, 22 42)))",
    // A spike, repeated places, no area, a needle.
    "POLYGON((40 40, 50 40, 50 45, 58 45, 50 45, 50 50, 40 50, 40 40))",
    "POLYGON((0 60, 0 60, 10 60, 10 60, 10 70, 0 70, 0 70, 0 60))",
    "POLYGON((20 60, 30 60, 25 60, 20 60))",
    "POLYGON((0 65, 200 65.001, 200 65.002, 0 65.001, 0 65))",
    // Long edges, over everything.
    "POLYGON((-300 -200, 400 -250, 350 300, -280 250, -300 -200),(12 12, 18 12, 18 18, 12 18, 12 12))",
];

#[tokio::test]
async fn on_nasty_shapes() {
    let it = TestApp::new().await;
    let mut id = 0;
    for wkt in NASTY {
        // As parcels at three sizes and places; as polygons, shifted, so that they overlap each other and the parcels.
        for (scale, dx, dy) in [(0.001, 0.0, 0.0), (0.0001, 0.01, 0.003), (0.01, -0.05, 0.02)] {
            id += 1;
            let insert = format!(
                "insert into mutu.parcel (parcel_id, parcel_code, area_geom_m2, geom, recorded_by)
                 values ({id}, '{id}', 0, st_multi(st_translate(st_scale(st_geomfromtext('{wkt}', 4490), {scale}, {scale}), 121.2 + {dx}, 31.3 + {dy})), 'test');"
            );
            it.sql(&insert).await;
        }
        for (nth, layer) in ["blocks_104", "construction_area", "eco_redline"].iter().enumerate() {
            let shift = 0.0017 * (1.0 + [0.0, 1.3, -0.7][nth]);
            let insert = format!(
                "insert into layer.{layer} (code, name, geom, recorded_by)
                 values ('{id}', '{id}', st_multi(st_translate(st_scale(st_geomfromtext('{wkt}', 4490), 0.001, 0.001), 121.2 + {shift}, 31.3 + {shift})), 'test');"
            );
            it.sql(&insert).await;
        }
    }
    let mut db = it.app.db.owner().acquire().await.unwrap();
    for centre in [[121.25, 31.38], [117.0, 30.0], [121.0, 34.0]] {
        let projection = Config { projection_centre: centre, ..Config::default() }.projection();
        let both = spec(&[
            ("blocks_104", Ok("104")),
            ("construction_area", Ok("195")),
            ("eco_redline", Ok("red")),
        ]);
        agree_on_classes(&it, &mut db, &both, &projection).await;
        for layer in ["blocks_104", "construction_area", "eco_redline"] {
            agree_on_hits(&it, &mut db, layer, &projection).await;
        }
    }
}

/// The polygons of a file, as a layer's rows or as parcels, not repaired.
async fn load(db: &mut PgConnection, path: &Path, insert: &'static str, code: Option<&str>) -> i64 {
    let data = Dataset::open(path).unwrap();
    let mut layer = data.layer(0).unwrap();
    let rows: Vec<(Vec<u8>, String)> = layer
        .features()
        .filter_map(|it| {
            let geometry = it.geometry().filter(|it| it.geometry_type() != 1 && !it.is_empty())?;
            let index = code.map(|name| it.field_index(name).unwrap());
            let code = index.and_then(|index| it.field_as_string(index).unwrap());
            Some((geometry.wkb().unwrap(), code.unwrap_or_default()))
        })
        .collect();
    let mut id = 0;
    for (wkb, code) in rows {
        id += 1;
        sqlx::query(insert).bind(id).bind(wkb).bind(code).execute(&mut *db).await.unwrap();
    }
    id
}

const PARCEL: &str =
    "insert into mutu.parcel (parcel_id, parcel_code, area_geom_m2, geom, recorded_by)
     select $1, $1::text, 0, st_multi(st_force2d(st_geomfromwkb($2, 4490))), 'test' || left($3, 0)";
const PLAN: &str = "insert into layer.control_plan (code, land_use_code, geom, recorded_by)
     select $1::text, $3, st_multi(st_force2d(st_geomfromwkb($2, 4490))), 'test'";
const BLOCK: &str = "insert into layer.blocks_104 (code, name, geom, recorded_by)
     select $1::text, $3, st_multi(st_force2d(st_geomfromwkb($2, 4490))), 'test'";

#[tokio::test]
async fn on_the_parcels_and_zones_of_cambridge() {
    let Some(data) = shared_data() else { return };
    let data = data.join("parcels_cambridge_ma");
    let it = TestApp::new().await;
    let mut db = it.app.db.owner().acquire().await.unwrap();
    let zip = Path::new("/vsizip/")
        .join(data.strip_prefix("/").unwrap_or(&data).join("parcels_fy2014.shp.zip"));
    let zip = if data.is_absolute() {
        Path::new("/vsizip//").join(zip.strip_prefix("/vsizip").unwrap())
    } else {
        zip
    };
    let parcels = load(&mut db, &zip, PARCEL, None).await;
    let zones =
        load(&mut db, &data.join("CDD_ZoningDistricts.geojson"), PLAN, Some("ZONE_TYPE")).await;
    assert_eq!((parcels, zones), (13_115, 261));
    let projection =
        Config { projection_centre: [-71.11, 42.375], ..Config::default() }.projection();
    let by_zone = spec(&[("control_plan", Err("land_use_code"))]);
    let (parcels, parts) = agree_on_classes(&it, &mut db, &by_zone, &projection).await;
    assert!(parcels > 13_000 && parts > 13_000, "{parcels} {parts}");
    agree_on_hits(&it, &mut db, "control_plan", &projection).await;
}

#[tokio::test]
async fn on_outlines_of_the_delta_that_overlap() {
    let Some(data) = shared_data() else { return };
    let data = data.join("boundaries");
    let it = TestApp::new().await;
    let mut db = it.app.db.owner().acquire().await.unwrap();
    load(&mut db, &data.join("shanghai_sectors_osm.geojson"), PARCEL, None).await;
    load(&mut db, &data.join("shanghai_districts_echarts_4.9.geojson"), BLOCK, None).await;
    load(
        &mut db,
        &data.join("yangtze_delta_counties_tianditu.geojson"),
        PLAN,
        Some("district_name"),
    )
    .await;
    let spec = spec(&[("blocks_104", Ok("block")), ("control_plan", Err("land_use_code"))]);
    let projection = it.app.config.projection();
    let (parcels, parts) = agree_on_classes(&it, &mut db, &spec, &projection).await;
    assert!(parcels == 127 && parts >= 127, "{parcels} {parts}");
    for layer in ["control_plan", "blocks_104"] {
        agree_on_hits(&it, &mut db, layer, &projection).await;
    }
}
