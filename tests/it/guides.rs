//! Guides of sectors, from an office's table to measures and verdicts: each parcel by the longest code, each year by its own
//! guide, and a run that read them computes to the same when they are published anew.

use mutu::access::Scope;
use mutu::evaluation;
use mutu::evaluation::Options;
use mutu::evaluation::runs;

use crate::support::TestApp;

/// Four parcels of 10 mu that pay 60 a year: a manufacturer of metal, one of medicine, one of power, one of no known sector.
const SCENE: &str = "
    insert into mutu.parcel (parcel_id, parcel_code, area_registered_m2, area_geom_m2, far_reported, industry_code, geom, recorded_by)
    select n, 'P' || n, 20000 / 3.0, 20000 / 3.0, 1.5, code,
           st_multi(st_makeenvelope(121.2 + n * 0.002, 31.380, 121.2015 + n * 0.002, 31.382, 4490)), 'test'
    from (values (1, 'C3311'), (2, 'C2710'), (3, 'D4411'), (4, null)) of (n, code);
    insert into mutu.parcel_period (parcel_code, year, period, tax_wan, output_wan, recorded_by)
    select 'P' || n, y, y::text, 60, 1000, 'test' from generate_series(1, 4) n, generate_series(2023, 2025) y;
    insert into mutu.building (building_id, building_code, parcel_code, floor_area_m2, footprint_m2, vacant_area_m2, area_geom_m2, geom, recorded_by)
    select n, 'B' || n, 'P' || ((n + 1) / 2), 4000, 2000, case when n = 3 then null else 500 * n end, 2000,
           st_multi(st_makeenvelope(121.2021 + n * 0.001, 31.3801, 121.2025 + n * 0.001, 31.3805, 4490)), 'test'
    from generate_series(1, 4) n;
";

const GUIDES: &str = "行业代码,年份,亩均税收低效指导值,容积率下限,依据文号
C,2025,5,1.0,省办〔2025〕1号
C33,2025,8,,省办〔2025〕1号
C,2024,7,1.0,省办〔2024〕1号
C33,2023,4,,省办〔2023〕1号
";

async fn import(it: &TestApp, text: &str, replace: mutu::ingest::Replace) {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("guides.csv");
    std::fs::write(&file, text).unwrap();
    let options =
        mutu::ingest::Options { replace, ..mutu::ingest::Options::new(file, "sector_guides") };
    let report =
        mutu::ingest::import(&it.app, &Scope::console(), &options, &mut |_, _| {}).await.unwrap();
    assert!(!report.failed(), "{report:?}");
}

async fn evaluate(it: &TestApp) -> i64 {
    let options = Options { year: 2025, ruleset: Some("taizhou-2025".to_owned()) };
    let done = evaluation::evaluate(&it.app, &Scope::console(), &options, &mut |_| {}).await;
    done.unwrap().run_id
}

async fn row(it: &TestApp, run_id: i64, code: &str) -> String {
    let sql = "select concat_ws(' ', coalesce(m.sector_tax_guide_wan_per_mu::float::text, '-'), coalesce(m.sector_far_min::float::text, '-'),
                coalesce(m.years_tax_below_guide::float::text, '-'), coalesce(m.vacancy::float::text, '-'), r.verdict)
         from mutu.parcel_measure m
         join mutu.parcel p using (parcel_id)
         join mutu.parcel_result r using (run_id, parcel_id)
         where m.run_id = $1 and p.parcel_code = $2";
    sqlx::query_scalar(sql).bind(run_id).bind(code).fetch_one(it.app.db.owner()).await.unwrap()
}

#[tokio::test]
async fn guides_of_sectors_are_imported_measured_and_applied() {
    let it = TestApp::new().await;
    it.sql(SCENE).await;
    // Without any guide nothing is held against one.
    let before = evaluate(&it).await;
    assert_eq!(row(&it, before, "P1").await, "- - - 0.1875 ok");
    import(&it, GUIDES, mutu::ingest::Replace::Refuse).await;
    let run_id = evaluate(&it).await;
    // 6 a mu: below 8 in 2025 and, by the guide of all manufacturing, 7 in 2024; not below 4 in 2023.
    assert_eq!(row(&it, run_id, "P1").await, "8 1 2 0.1875 low");
    // Not below 5; of one of its buildings nobody knows the vacancy.
    assert_eq!(row(&it, run_id, "P2").await, "5 1 0 - ok");
    assert_eq!(row(&it, run_id, "P3").await, "- - - - ok");
    assert_eq!(row(&it, run_id, "P4").await, "- - - - ok");
    let evidence: String = it
        .value("select evidence::text from mutu.parcel_result where run_id = 2 and parcel_id = 1")
        .await;
    assert!(
        evidence.contains("sector_tax_guide_wan_per_mu")
            && evidence.contains("tax_below_sector_guide"),
        "{evidence}"
    );
    // A new version of the table is for the next run; this one read the old one, and the first none.
    import(&it, "行业代码,年份,亩均税收低效指导值\nC33,2025,6\n", mutu::ingest::Replace::Changed)
        .await;
    let next = evaluate(&it).await;
    assert_eq!(row(&it, next, "P1").await, "6 1 0 0.1875 ok", "6 is not below 6");
    for run in [before, run_id, next] {
        let found = runs::verify(&it.app, run).await.unwrap();
        assert_eq!((found.differences, found.unverified), (vec![], vec![]), "run {run}");
    }
    // A run from before there were such measures is not held against them.
    it.sql(
        "update mutu.evaluation_run set config = config - 'measures' where run_id = 2;
         update mutu.parcel_measure
         set vacancy = null, sector_far_min = null, sector_tax_guide_wan_per_mu = null, years_tax_below_guide = null
         where run_id = 2",
    )
    .await;
    assert_eq!(runs::verify(&it.app, 2).await.unwrap().differences, Vec::<String>::new());
    it.sql("update mutu.parcel_measure set sector_far_min = 9 where run_id = 3 and parcel_id = 1")
        .await;
    let found = runs::verify(&it.app, 3).await.unwrap().differences;
    assert!(found.len() == 1 && found[0].contains("P1 sector_far_min 9"), "{found:?}");
}
