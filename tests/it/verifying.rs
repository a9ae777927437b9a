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

/// Plans that the parcels meet differently: the growth boundary ends in P9, protected land lies on P6 under two polygons that
/// overlap, P4 and P5 are under two plots, and a road runs between P3 and P4. Seven of the parcels are idle.
const PLANS: &str = "
    insert into layer.growth_boundary (code, geom, recorded_by)
    values ('KF1', st_multi(st_makeenvelope(121.19, 31.37, 121.2161, 31.39, 4490)), 'test');
    insert into layer.basic_farmland (code, geom, recorded_by)
    values ('NT1', st_multi(st_makeenvelope(121.2105, 31.3805, 121.2112, 31.3815, 4490)), 'test'),
           ('NT2', st_multi(st_makeenvelope(121.2109, 31.3805, 121.2114, 31.3815, 4490)), 'test');
    insert into layer.eco_redline (code, geom, recorded_by)
    values ('ST1', st_multi(st_makeenvelope(121.3, 31.4, 121.31, 31.41, 4490)), 'test');
    insert into layer.control_plan (code, name, land_use_code, far_limit, geom, recorded_by)
    values ('KG1', '控规', '100101', 2.0, st_multi(st_makeenvelope(121.19, 31.37, 121.2081, 31.39, 4490)), 'test'),
           ('KG2', '控规', '0701', 1.2, st_multi(st_makeenvelope(121.2060, 31.37, 121.2300, 31.39, 4490)), 'test');
    insert into layer.industry_layout (code, kind, geom, recorded_by)
    values ('CY1', '产业基地', st_multi(st_makeenvelope(121.19, 31.37, 121.2123, 31.39, 4490)), 'test');
    insert into layer.roads (name, geom, recorded_by)
    values ('R1', st_setsrid(st_multi(st_makeline(st_makepoint(121.206, 31.37), st_makepoint(121.206, 31.39))), 4490), 'test');
    update mutu.parcel set status = '闲置', land_use_code = '0601' where parcel_id in (2, 3, 4, 5, 6, 11, 12);
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
        found.unverified.len() == 2
            && found.unverified[0].contains("block_class")
            && found.unverified[1].contains("assemblies"),
        "{found:?}"
    );
    it.sql("update mutu.parcel_result set verdict = 'ok' where parcel_id = 11").await;
    let found = runs::verify(&it.app, 1).await.unwrap().differences;
    assert!(found.len() == 1 && found[0].contains("P11"), "{found:?}");
}

/// The scene with plans, evaluated.
async fn planned() -> TestApp {
    let it = TestApp::new().await;
    it.sql(SCENE).await;
    it.sql(PLANS).await;
    evaluate(&it).await;
    it
}

#[tokio::test]
async fn conformity_and_assemblies_are_computed_to_the_same_whatever_came_since() {
    let it = planned().await;
    let outcomes: i64 =
        it.value("select count(distinct outcome) from mutu.parcel_conformity").await;
    assert!(outcomes >= 3, "{outcomes} kinds of outcomes");
    let pieces: Vec<String> =
        sqlx::query_scalar("select array_to_string(members, ' ') from mutu.assembly order by rank")
            .fetch_all(it.app.db.owner())
            .await
            .unwrap();
    assert_eq!(pieces, ["P4 P5 P6", "P1 P2 P3", "P11 P12"], "the road keeps P3 and P4 apart");
    it.sql(
        "update layer.growth_boundary set superseded_at = now();
         update layer.basic_farmland set superseded_at = now();
         update layer.control_plan set superseded_at = now();
         update layer.industry_layout set superseded_at = now();
         update layer.roads set superseded_at = now();
         insert into layer.control_plan (code, name, land_use_code, far_limit, geom, recorded_by)
         values ('KG9', '控规', '0701', 0.1, st_multi(st_makeenvelope(121.19, 31.37, 121.23, 31.39, 4490)), 'test');
         insert into layer.eco_redline (code, geom, recorded_by)
         values ('ST9', st_multi(st_makeenvelope(121.19, 31.37, 121.23, 31.39, 4490)), 'test');
         insert into layer.water (name, geom, recorded_by)
         values ('W9', st_multi(st_makeenvelope(121.2019, 31.37, 121.2021, 31.39, 4490)), 'test');
         update mutu.parcel set superseded_at = now();
         insert into mutu.parcel (parcel_id, parcel_code, area_geom_m2, land_use_code, geom, recorded_by)
         select parcel_id, parcel_code || 'x', 1000, '0701', st_translate(geom, 1, 0), 'test' from mutu.parcel;",
    )
    .await;
    let found = runs::verify(&it.app, 1).await.unwrap();
    assert_eq!((found.parcels, found.differences, found.unverified), (12, vec![], vec![]));
    for sql in [
        "select count(*) from mutu.parcel_conformity where run_id < 0",
        "select count(*) from mutu.assembly where run_id < 0",
    ] {
        assert_eq!(it.value::<i64>(sql).await, 0, "{sql}");
    }
}

#[tokio::test]
async fn conformity_or_an_assembly_that_somebody_changed_is_named() {
    let it = planned().await;
    for (sql, table, says) in [
        (
            "update mutu.parcel_conformity set outcome = 'pass' where parcel_id = 6",
            "parcel_conformity",
            "P6 outcome \"pass\" → \"fail\"",
        ),
        (
            "update mutu.parcel_conformity set protected_m2 = 0 where parcel_id = 6",
            "parcel_conformity",
            "P6 protected_m2 0",
        ),
        (
            "update mutu.parcel_conformity set evidence = '[]' where parcel_id = 1",
            "parcel_conformity",
            "P1 evidence [] →",
        ),
        (
            "delete from mutu.parcel_conformity where parcel_id = 9",
            "parcel_conformity",
            "P9 (computed, not stored)",
        ),
        ("update mutu.assembly set area_mu = 600 where rank = 1", "assembly", " area_mu 600"),
        (
            "update mutu.assembly set geom = st_multi(st_translate(geom, 0.001, 0)) where rank = 1",
            "assembly",
            " geom ",
        ),
        ("update mutu.assembly set rank = 4 - rank", "assembly", "of assembly 2 rows"),
        (
            "delete from mutu.assembly_member where parcel_id = 3",
            "assembly_member",
            "P3 (computed, not stored)",
        ),
    ] {
        assert_eq!(differences(&it).await, Vec::<String>::new(), "before {sql}");
        // What hangs on a row of the table goes with it, and is put back by the same copy.
        it.sql("create table kept_members as table mutu.assembly_member").await;
        it.sql(sql).await;
        let found = differences(&it).await;
        assert!(
            found.len() == 1 && found[0].contains(table) && found[0].contains(says),
            "{says}: {found:?}"
        );
        restore_planned(&it, table).await;
    }
    // A plan that is changed behind the record is found by what it made of the parcels.
    it.sql("update layer.control_plan set far_limit = 0.1, land_use_code = '100101'").await;
    let found = differences(&it).await;
    assert!(found.iter().any(|it| it.contains("of parcel_conformity")), "{found:?}");
    // From the day it is published the database keeps both.
    it.sql("update mutu.evaluation_run set state = 'published' where run_id = 1").await;
    for sql in [
        "update mutu.parcel_conformity set outcome = 'pass' where run_id = 1",
        "delete from mutu.assembly where run_id = 1",
        "update mutu.assembly_member set assembly_id = assembly_id where run_id = 1",
    ] {
        let refused = sqlx::raw_sql(sql).execute(it.app.db.owner()).await;
        assert!(refused.unwrap_err().to_string().contains("is published"), "{sql}");
    }
}

/// Puts a table back to what the run stored, by what a second run stores.
async fn restore_planned(it: &TestApp, table: &str) {
    let second = evaluate(it).await;
    let columns: String = sqlx::query_scalar(
        "select string_agg(column_name::text, ', ') from information_schema.columns
         where table_schema = 'mutu' and table_name = $1 and column_name <> 'run_id' and is_generated = 'NEVER'",
    )
    .bind(table)
    .fetch_one(it.app.db.owner())
    .await
    .unwrap();
    it.sql(&format!(
        "delete from mutu.{table} where run_id = 1;
         insert into mutu.{table} (run_id, {columns}) select 1, {columns} from mutu.{table} where run_id = {second};
         insert into mutu.assembly_member select * from kept_members where run_id = 1 on conflict do nothing;
         drop table kept_members;"
    ))
    .await;
}

#[tokio::test]
async fn a_run_that_noted_no_plans_says_that_they_are_not_computed() {
    let it = planned().await;
    it.sql("update mutu.evaluation_run set config = config - 'planning'").await;
    it.sql("update mutu.parcel_conformity set outcome = 'pass'").await;
    let found = runs::verify(&it.app, 1).await.unwrap();
    assert_eq!(found.differences, Vec::<String>::new());
    assert!(
        found.unverified.len() == 1 && found.unverified[0].contains("conformity and assemblies"),
        "{found:?}"
    );
    let it = planned().await;
    it.sql("delete from mutu.run_fact where relation = 'layer.roads'").await;
    let found = runs::verify(&it.app, 1).await.unwrap();
    assert_eq!((found.differences, found.unverified.len()), (vec![], 1));
}
