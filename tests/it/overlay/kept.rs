//! What is kept between runs: the same results, and only what changed is measured.

use mutu::evaluation::overlay;
use mutu::layer::Overlay;
use mutu::overlay::Count;
use mutu::overlay::Kept;
use sqlx::PgConnection;

use super::agreement::claimed;
use crate::support::TestApp;
use crate::support::fill;

async fn check(it: &TestApp, db: &mut PgConnection, kept: &mut Kept, spec: &Overlay, after: &str) {
    let projection = it.app.config.projection();
    let warm = overlay::claim(db, &it.app.layers, kept, spec, &projection).await.unwrap();
    let fresh =
        overlay::claim(db, &it.app.layers, &mut Kept::default(), spec, &projection).await.unwrap();
    assert_eq!(warm.classes, fresh.classes, "{after}");
    let (warm, fresh) = (claimed(&warm), claimed(&fresh));
    assert_eq!(warm.parcels, fresh.parcels, "{after}");
    assert_eq!(warm.parts, fresh.parts, "{after}");
}

#[tokio::test]
async fn whatever_was_done_to_rows_the_next_run_sees_it() {
    let it = TestApp::new().await;
    fill(&it.app, 400, 11, "").await;
    let mut db = it.app.db.owner().acquire().await.unwrap();
    let mut spec = it.app.layers.find("block_class").unwrap().overlay.clone().unwrap();
    spec.classes.push(mutu::layer::OverlayClass {
        layer: "control_plan".to_owned(),
        class: None,
        class_field: Some("land_use_code".to_owned()),
        name_field: None,
    });
    let mut kept = Kept::default();
    check(&it, &mut db, &mut kept, &spec, "nothing").await;
    for change in [
        "update mutu.parcel set geom = st_translate(geom, 0.001, 0.0003) where parcel_id % 50 = 0",
        "update mutu.parcel set superseded_at = now() where parcel_id % 70 = 3",
        "update layer.blocks_104 set geom = st_multi(st_buffer(geom, 0.0005)) where id in (select min(id) from layer.blocks_104)",
        "delete from layer.construction_area where id in (select max(id) from layer.construction_area)",
        "insert into mutu.parcel (parcel_id, parcel_code, area_geom_m2, geom, recorded_by)
         select 900001, 'new', 1, geom, 'test' from mutu.parcel where superseded_at is null limit 1",
        "update layer.control_plan set land_use_code = 'another' where id % 7 = 0",
        "delete from layer.blocks_104",
        "delete from mutu.parcel",
    ] {
        it.sql(change).await;
        check(&it, &mut db, &mut kept, &spec, change).await;
    }
    assert_eq!(kept.parcels().len(), 0);
    let layer = it.app.layers.find("control_plan").unwrap();
    let projection = it.app.config.projection();
    let hits = overlay::hits(&mut db, layer, &mut kept, Count::Each, &projection).await.unwrap();
    assert_eq!(hits, []);
}
