//! A run computed once more: parcels from the very rows of facts and of plan polygons that it read, whatever came since, with
//! the rows named that somebody changed behind it.

use mutu::access::Scope;
use mutu::evaluation;
use mutu::evaluation::Options;
use mutu::evaluation::runs;

use crate::support::TestApp;

/// Twelve parcels across the edge of a block and of the construction area; one whose class an officer set.
const SCENE: &str = "
    insert into layer.blocks_104 (code, name, geom, recorded_by)
    values ('104-1', 'block', st_multi(st_makeenvelope(121.200, 31.380, 121.2073, 31.382, 4490)), 'test');
    insert into layer.construction_area (code, name, geom, recorded_by)
    values ('ca-1', 'area', st_multi(st_makeenvelope(121.200, 31.380, 121.2157, 31.3815, 4490)), 'test');
    insert into mutu.parcel (parcel_id, parcel_code, responsible_unit, area_registered_m2, area_geom_m2, far_reported, status,
        block_class_override, geom, recorded_by)
    select n, 'P' || n, '甲', 20000 + n * 100, 42000, case when n % 3 = 0 then 0.6 else 1.5 end,
           case when n = 11 then '闲置' else '在用' end, case when n = 2 then 'scattered' end,
           st_multi(st_makeenvelope(121.198 + n * 0.002, 31.380, 121.2 + n * 0.002, 31.382, 4490)), 'test'
    from generate_series(1, 12) n;
    insert into mutu.enterprise (enterprise_id, uscc, name, recorded_by) select n, 'E' || n, 'F' || n, 'test' from generate_series(1, 6) n;
    insert into mutu.occupancy (parcel_code, uscc, role, share, recorded_by)
    select 'P' || n, 'E' || (n + 1) / 2, '自用', 0.5, 'test' from generate_series(1, 12) n;
    insert into mutu.enterprise_period (uscc, year, period, tax_wan, output_wan, value_added_wan, energy_tce, recorded_by)
    select 'E' || n, y, y::text, n * 90, n * 900, n * 300, 100 + n, 'test'
    from generate_series(1, 6) n, generate_series(2023, 2025) y where n <> 4 or y <> 2025;
    insert into mutu.building (building_id, building_code, parcel_code, floor_area_m2, footprint_m2, area_geom_m2, geom, recorded_by)
    select n, 'B' || n, 'P' || n, 9000 + n, 4000, 4000,
           st_multi(st_makeenvelope(121.1981 + n * 0.002, 31.3801, 121.1985 + n * 0.002, 31.3805, 4490)), 'test'
    from generate_series(1, 4) n;
";

async fn scene() -> TestApp {
    let it = TestApp::new().await;
    it.sql(SCENE).await;
    evaluate(&it).await;
    it
}

async fn evaluate(it: &TestApp) -> i64 {
    let options = Options { year: 2025, ruleset: None };
    let done = evaluation::evaluate(&it.app, &Scope::console(), &options, &mut |_| {}).await;
    done.unwrap().run_id
}

async fn differences(it: &TestApp) -> Vec<String> {
    runs::verify(&it.app, 1).await.unwrap().differences
}

#[tokio::test]
async fn parcels_are_computed_to_the_same_whatever_came_since() {
    let it = scene().await;
    let classes: i64 = it.value("select count(distinct class) from mutu.parcel_class").await;
    assert_eq!(classes, 4, "104, 195, 198 and what an officer set");
    let found = runs::verify(&it.app, 1).await.unwrap();
    assert_eq!((found.parcels, &found.differences[..]), (12, &[][..]));
    assert_eq!(found.unverified, Vec::<String>::new());
    it.sql(
        "update layer.blocks_104 set superseded_at = now();
         update layer.construction_area set superseded_at = now();
         insert into layer.blocks_104 (code, name, geom, recorded_by)
         values ('104-9', 'block', st_multi(st_makeenvelope(121.21, 31.380, 121.23, 31.382, 4490)), 'test');
         insert into layer.construction_area (code, name, geom, recorded_by)
         values ('ca-9', 'area', st_multi(st_makeenvelope(121.19, 31.380, 121.2, 31.381, 4490)), 'test');
         update mutu.parcel set superseded_at = now();
         insert into mutu.parcel (parcel_id, parcel_code, area_geom_m2, block_class_override, geom, recorded_by)
         select parcel_id, parcel_code || 'x', 1000, '104', st_translate(geom, 1, 0), 'test' from mutu.parcel;
         update mutu.occupancy set superseded_at = now();
         update mutu.enterprise_period set superseded_at = now();
         update mutu.building set superseded_at = now();",
    )
    .await;
    let found = runs::verify(&it.app, 1).await.unwrap();
    assert_eq!((found.parcels, &found.differences[..]), (12, &[][..]));
    // Nothing of it is left, and no number of a run was used up.
    for sql in [
        "select count(*) from mutu.evaluation_run where run_id < 0",
        "select count(*) from mutu.parcel_measure where run_id < 0",
    ] {
        assert_eq!(it.value::<i64>(sql).await, 0, "{sql}");
    }
    assert_eq!(evaluate(&it).await, 2);
}

#[tokio::test]
async fn the_first_rows_that_differ_are_named_with_what_they_should_be() {
    let it = scene().await;
    for (sql, table, says) in [
        (
            "update mutu.parcel_result set verdict = 'ok' where parcel_id = 11",
            "parcel_result",
            "P11 verdict \"ok\" → \"low\"",
        ),
        (
            "update mutu.parcel_measure set tax_wan = 1 where parcel_id = 3",
            "parcel_measure",
            "P3 tax_wan 1",
        ),
        (
            "update mutu.parcel_class set class = '195' where parcel_id = 1",
            "parcel_class",
            "P1 class \"195\" → \"104\"",
        ),
        (
            "delete from mutu.parcel_class where parcel_id = 5",
            "parcel_class",
            "P5 (computed, not stored)",
        ),
        (
            "update mutu.overlay_share set area_m2 = area_m2 + 0.01 where parcel_id = 6 and class = '195'",
            "overlay_share",
            "P6 area_m2",
        ),
        (
            "insert into mutu.parcel_year (run_id, parcel_id, year, complete) values (1, 12, 1999, false)",
            "parcel_year",
            "P12 (stored, not computed)",
        ),
    ] {
        let before = differences(&it).await;
        assert_eq!(before, Vec::<String>::new(), "before {sql}");
        it.sql(sql).await;
        let found = differences(&it).await;
        assert!(
            found.len() == 1 && found[0].contains(table) && found[0].contains(says),
            "{says}: {found:?}"
        );
        restore(&it, table).await;
    }
    // Many are counted, and five of them named.
    it.sql("update mutu.parcel_result set evidence = '[]'").await;
    let found = differences(&it).await;
    assert!(found[0].contains("of parcel_result 12 rows") && !found[0].contains("P6"), "{found:?}");
}

/// Puts a table back to what the run stored, by what a second run stores.
async fn restore(it: &TestApp, table: &str) {
    let second = evaluate(it).await;
    it.sql(&format!("delete from mutu.{table} where run_id = 1")).await;
    let columns: String = sqlx::query_scalar(
        "select string_agg(column_name::text, ', ') from information_schema.columns
         where table_schema = 'mutu' and table_name = $1 and column_name <> 'run_id'",
    )
    .bind(table)
    .fetch_one(it.app.db.owner())
    .await
    .unwrap();
    it.sql(&format!(
        "insert into mutu.{table} (run_id, {columns}) select 1, {columns} from mutu.{table} where run_id = {second}"
    ))
    .await;
}

#[tokio::test]
async fn a_polygon_or_a_fact_changed_behind_the_record_is_found() {
    let it = scene().await;
    it.sql(
        "update layer.blocks_104 set geom = st_multi(st_makeenvelope(121.200, 31.380, 121.2090, 31.382, 4490))",
    )
    .await;
    let found = differences(&it).await;
    assert!(found.iter().any(|it| it.contains("overlay_share") && it.contains("P4")), "{found:?}");
    let it = scene().await;
    it.sql("update mutu.enterprise_period set tax_wan = 0 where uscc = 'E6' and year = 2025").await;
    let found = differences(&it).await;
    assert!(
        found.iter().any(|it| it.contains("parcel_measure") && it.contains("P11")),
        "{found:?}"
    );
    assert!(found.iter().any(|it| it.contains("parcel_result")), "{found:?}");
}

#[tokio::test]
async fn a_run_that_noted_no_polygons_says_that_its_classes_are_not_computed() {
    let it = scene().await;
    it.sql("delete from mutu.run_fact where relation like 'layer.%'").await;
    let found = runs::verify(&it.app, 1).await.unwrap();
    assert_eq!(found.differences, Vec::<String>::new());
    assert!(
        found.unverified.len() == 1 && found.unverified[0].contains("block_class"),
        "{found:?}"
    );
    it.sql("update mutu.parcel_result set verdict = 'ok' where parcel_id = 11").await;
    let found = runs::verify(&it.app, 1).await.unwrap().differences;
    assert!(found.len() == 1 && found[0].contains("P11"), "{found:?}");
}
