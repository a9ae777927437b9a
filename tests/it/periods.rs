//! Runs of a quarter or a month, on PostGIS and over HTTP: the figures of that very period and of the same one a year before,
//! never others; what they are made of, what they are refused for, and that the map and the years' runs know nothing of them.

use std::time::Duration;

use mutu::access::Role;
use mutu::access::Scope;
use mutu::evaluation;
use mutu::evaluation::Options;
use mutu::evaluation::period;
use mutu::evaluation::runs;
use mutu::job;
use mutu::judgement::workflow::period::Period;
use serde_json::Value;
use serde_json::json;

use crate::support::TestApp;

/// Six enterprises of 10 mu. Of enterprise n the tax is 100 n a year, 7 n in the third quarter of 2025 and 3 n in that of 2024,
/// 2 n in July 2025; other quarters are there with 1000 n so that whoever mixes them is found. E6 moved in on 1 October.
const SCENE: &str = "
    insert into mutu.parcel (parcel_id, parcel_code, responsible_unit, area_registered_m2, area_geom_m2, gfa_m2, geom, recorded_by)
    select n, 'P' || n, '甲', 20000 / 3.0, 20000 / 3.0, 20000,
           st_multi(st_makeenvelope(121.2 + n * 0.002, 31.380, 121.2015 + n * 0.002, 31.382, 4490)), 'test'
    from generate_series(1, 6) n;
    insert into mutu.enterprise (enterprise_id, uscc, name, is_scale, is_hightech, industry_code, in_production, recorded_by)
    select n, 'E' || n, 'Firm ' || n, true, false, '3311', date '2023-08-15', 'test' from generate_series(1, 6) n;
    insert into mutu.occupancy (parcel_code, uscc, role, land_m2, from_date, recorded_by)
    select 'P' || n, 'E' || n, '自用', 20000 / 3.0, case when n = 6 then date '2025-10-01' end, 'test' from generate_series(1, 6) n;
    insert into mutu.enterprise_period (uscc, year, period, tax_wan, revenue_wan, value_added_wan, energy_tce, emission_t, employees, rd_wan, recorded_by)
    select 'E' || n, left(p, 4)::int, p, n * tax, n * tax * 10, n * tax * 3, 100 + n, 5 + n, 40 + n, n, 'test'
    from generate_series(1, 6) n,
         (values ('2025', 100), ('2024', 90), ('2025Q1', 1000), ('2025Q2', 1000), ('2025Q3', 7), ('2025Q4', 1000), ('2024Q3', 3),
                 ('2025-07', 2), ('2025-08', 1000)) of (p, tax);
    insert into mutu.enterprise_mark (uscc, year, kind, reference, happened_on, recorded_by)
    values ('E1', 2025, '重大安全事故', '应急〔2025〕3号', '2025-08-02', 'test'),
           ('E2', 2025, '重大安全事故', '应急〔2025〕9号', '2025-11-02', 'test'),
           ('E3', 2025, '重大安全事故', null, null, 'test');
";

const SCHEME: &str = "jingde-2022";

async fn scene() -> TestApp {
    let it = TestApp::serving().await;
    it.sql(SCENE).await;
    it
}

async fn score(it: &TestApp, of: &str) -> i64 {
    let of = Period::parse(of).unwrap();
    let console = Scope::console();
    period::evaluate(&it.app, &console, of, Some(SCHEME), &mut |_| {}).await.unwrap().run_id
}

async fn refused(it: &TestApp, of: &str, scheme: Option<&str>) -> String {
    let of = Period::parse(of).unwrap();
    let done = period::evaluate(&it.app, &Scope::console(), of, scheme, &mut |_| {}).await;
    done.unwrap_err().to_string()
}

/// What is known of an enterprise in a run.
async fn inputs(it: &TestApp, run_id: i64, uscc: &str) -> Value {
    let sql = "select inputs from mutu.enterprise_result where run_id = $1 and uscc = $2";
    sqlx::query_scalar(sql).bind(run_id).bind(uscc).fetch_one(&it.app.db.write).await.unwrap()
}

#[tokio::test]
async fn a_quarter_is_scored_by_its_own_figures_and_those_of_the_quarter_a_year_before() {
    let it = scene().await;
    let run_id = score(&it, "2025Q3").await;
    let two = inputs(&it, run_id, "E2").await;
    assert_eq!(two["measures"]["tax_wan"], "14");
    assert_eq!(two["measures"]["tax_wan_per_mu"], "1.4");
    assert_eq!(
        two["previous"]["tax_wan_per_mu"], "0.6",
        "the third quarter of 2024, not the second of 2025"
    );
    assert_eq!(two["fields"]["years_in_production"], "2", "on 30 September: {two}");
    // Land is that of the last day of the quarter.
    let six = inputs(&it, run_id, "E6").await;
    assert_eq!(
        (&six["measures"]["tax_wan"], &six["measures"]["land_mu"]),
        (&json!("42"), &Value::Null)
    );
    // A mark of November says nothing of September; one without a day is of the whole year.
    for (uscc, holds) in [("E1", true), ("E2", false), ("E3", true)] {
        let marks = inputs(&it, run_id, uscc).await["fields"]["marks"].to_string();
        assert_eq!(marks.contains("重大安全事故"), holds, "{uscc}: {marks}");
    }
    let run_id = score(&it, "2025-07").await;
    let two = inputs(&it, run_id, "E2").await;
    assert_eq!(
        (&two["measures"]["tax_wan"], &two["previous"]),
        (&json!("4"), &json!({"land_mu": "10"}))
    );
    // The year is what was reported of the year: four quarters are not summed.
    let year = Options { year: 2025, ruleset: None };
    let console = Scope::console();
    let done = evaluation::evaluate_by(&it.app, &console, &year, Some(SCHEME), &mut |_| {}).await;
    let run_id = done.unwrap().run_id;
    let two = inputs(&it, run_id, "E2").await;
    assert_eq!(
        (&two["measures"]["tax_wan"], &two["previous"]["tax_wan"]),
        (&json!("200"), &json!("180"))
    );
    assert!(two["fields"]["marks"].to_string().contains("重大安全事故"), "November is of the year");
    assert_eq!(inputs(&it, run_id, "E6").await["measures"]["land_mu"], "10");
}

#[tokio::test]
async fn figures_of_other_periods_change_nothing_and_a_run_is_computed_to_the_same() {
    let it = scene().await;
    let first = score(&it, "2025Q3").await;
    it.sql(
        "update mutu.enterprise_period set tax_wan = tax_wan * 77, energy_tce = null
         where period not in ('2025Q3', '2024Q3');
         delete from mutu.enterprise_period where period in ('2025', '2025Q2', '2025-07')",
    )
    .await;
    let second = score(&it, "2025Q3").await;
    let differing: i64 = it
        .value(
            "select count(*) from mutu.enterprise_result a
             full join mutu.enterprise_result b on a.uscc = b.uscc and b.run_id = 2
             where a.run_id = 1
               and row(a.score, a.rank, a.grade, a.items, a.inputs) is distinct from row(b.score, b.rank, b.grade, b.items, b.inputs)",
        )
        .await;
    assert_eq!((first, second, differing), (1, 2, 0));
    let found = runs::verify(&it.app, second).await.unwrap();
    assert_eq!((found.enterprises, found.parcels), (6, 0));
    assert_eq!((found.differences, found.unverified), (vec![], vec![]));
    it.sql("update mutu.enterprise_period set tax_wan = 1 where period = '2024Q3' and uscc = 'E4'")
        .await;
    let found = runs::verify(&it.app, second).await.unwrap().differences;
    assert!(found.len() == 1 && found[0].contains("E4"), "{found:?}");
}

#[tokio::test]
async fn what_cannot_be_scored_is_refused_with_its_reason_and_nothing_is_stored() {
    let it = scene().await;
    for (of, scheme, says) in [
        (
            "2023Q3",
            Some(SCHEME),
            "of a quarter there are some of 2025Q4, 2025Q3, 2025Q2, 2025Q1, 2024Q3",
        ),
        ("2025-09", Some(SCHEME), "of a month there are some of 2025-08, 2025-07"),
        ("2025Q3", Some("huaian-2024"), "scores figures of a year, and 2025Q3 is a quarter"),
        ("2025Q3", Some("jingde-2023"), "did you mean `jingde-2022`?"),
        ("2025Q3", None, "name a scheme"),
    ] {
        let why = refused(&it, of, scheme).await;
        assert!(why.contains(says), "{of} {scheme:?}: {why}");
    }
    // A year of which there are only quarters has no figures.
    it.sql("delete from mutu.enterprise_period where period = '2025'").await;
    let year = Options { year: 2025, ruleset: None };
    let done = evaluation::evaluate(&it.app, &Scope::console(), &year, &mut |_| {}).await;
    assert!(done.unwrap_err().to_string().contains("2025 has no figures; there are some of 2024"));
    assert_eq!(it.value::<i64>("select count(*) from mutu.evaluation_run").await, 0);
    let steward = it.token(Role::Steward).await;
    for (asked, at) in [
        (json!({"period": "2025Q5", "scheme": SCHEME}), "period"),
        (json!({"period": "2025-7", "scheme": SCHEME}), "period"),
        (json!({"year": 2024, "period": "2025Q3", "scheme": SCHEME}), "period"),
        (json!({"period": "1949Q3", "scheme": SCHEME}), "period"),
        (json!({"period": "2023Q3", "scheme": SCHEME}), "period"),
        (json!({"period": "2025Q3"}), "scheme"),
        (json!({"period": "2025Q3", "scheme": "huangyan-2022"}), "scheme"),
        (json!({"period": "2025Q3", "scheme": SCHEME, "ruleset": "general-2025"}), "ruleset"),
        (json!({"scheme": SCHEME}), "year"),
        (json!({"year": 99_999_999_999_i64}), "year"),
    ] {
        let (status, problem) = it.post(Some(&steward), "/api/v1/evaluations", &asked).await;
        let place = problem["at"].as_str().unwrap_or_default();
        assert!(status == 400 && place.contains(&format!("`{at}`")), "{asked}: {problem}");
    }
}

#[tokio::test]
async fn a_quarter_is_asked_for_as_a_job_and_never_comes_onto_the_map() {
    let it = scene().await;
    let year = Options { year: 2025, ruleset: None };
    let done = evaluation::evaluate(&it.app, &Scope::console(), &year, &mut |_| {}).await;
    let of_year = done.unwrap().run_id;
    let steward = it.token(Role::Steward).await;
    let options = it.json_as(&steward, "/api/v1/evaluations/options").await;
    let periods: Vec<&str> = options["periods"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["period"].as_str().unwrap())
        .collect();
    assert_eq!(periods, ["2025Q4", "2025Q3", "2025Q2", "2025Q1", "2024Q3", "2025-08", "2025-07"]);
    let of = |id: &str| {
        options["schemes"].as_array().unwrap().iter().find(|it| it["id"] == id).unwrap()["periods"]
            .clone()
    };
    assert_eq!(
        (of(SCHEME), of("huaian-2024")),
        (json!(["year", "quarter", "month"]), json!(["year"]))
    );
    let runner = tokio::spawn(job::runner::run(
        it.app.clone(),
        evaluation::Evaluations,
        std::future::pending(),
    ));
    let asked = json!({"period": "2025Q3", "scheme": SCHEME});
    let (status, job) = it.post(Some(&steward), "/api/v1/evaluations", &asked).await;
    assert_eq!(status, 202, "{job}");
    let path = format!("/api/v1/jobs/{}", job["job_id"].as_str().unwrap());
    let mut job = Value::Null;
    for _ in 0..600 {
        job = it.json_as(&steward, &path).await;
        if !["queued", "running"].contains(&job["state"].as_str().unwrap()) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(job["state"], "done", "{job}");
    runner.abort();
    let run_id = job["run_id"].as_i64().unwrap();
    let run = it.json_as(&steward, &format!("/api/v1/evaluations/{run_id}")).await;
    assert_eq!((&run["year"], &run["period"]), (&json!(2025), &json!("2025Q3")));
    assert_eq!((&run["shown"], &run["may"]["show"]), (&json!(false), &json!(false)), "{run}");
    let one = it.json_as(&steward, &format!("/api/v1/evaluations/{of_year}")).await;
    assert_eq!((&one["period"], &one["shown"]), (&json!("2025"), &json!(true)));
    for table in
        ["parcel_measure", "parcel_result", "parcel_class", "parcel_year", "parcel_conformity"]
    {
        let sql = format!("select count(*) from mutu.{table} where run_id = {run_id}");
        let count: i64 =
            sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&it.app.db.write).await.unwrap();
        assert_eq!(count, 0, "{table}");
    }
    // Nobody can put it onto the map, and when it is final the year's run stays there.
    let shown = json!({"run_id": run_id, "reason": "试"});
    let request =
        it.client.put(it.url("/api/v1/evaluations/shown")).bearer_auth(&steward).json(&shown);
    assert_eq!(request.send().await.unwrap().status(), 409);
    let forced = sqlx::query("update mutu.current_run set run_id = $1")
        .bind(run_id)
        .execute(it.app.db.owner())
        .await;
    assert!(forced.unwrap_err().to_string().contains("part of a year"));
    it.sql(&format!(
        "update mutu.evaluation_run set state = 'published', objections_until = '2026-01-01' where run_id = {run_id}"
    ))
    .await;
    let final_one = it
        .post(Some(&steward), &format!("/api/v1/evaluations/{run_id}/finalise"), &json!({}))
        .await;
    assert_eq!(
        (final_one.0, &final_one.1["sequel"]["entered"]),
        (200, &json!(0)),
        "{}",
        final_one.1
    );
    assert_eq!(it.value::<i64>("select run_id from mutu.current_run").await, of_year);
    let next = evaluation::evaluate(&it.app, &Scope::console(), &year, &mut |_| {}).await.unwrap();
    assert_eq!(
        it.value::<i64>("select run_id from mutu.current_run").await,
        next.run_id,
        "no year is final"
    );
    // What compares runs passes it over; its rules cannot be tried, as there are none.
    let changes =
        it.get_as(&steward, &format!("/api/v1/evaluations/{}/changes", next.run_id)).await;
    assert_eq!(changes.status(), 200);
    let changes: Value = changes.json().await.unwrap();
    assert_eq!(changes["against"], of_year, "{changes}");
    let tried =
        it.post(Some(&steward), "/api/v1/scenarios/preview", &json!({"run_id": run_id})).await;
    assert!((400..500).contains(&tried.0), "{tried:?}");
    let hits = it.json_as(&steward, &format!("/api/v1/evaluations/{run_id}/hits")).await;
    assert_eq!((&hits["layers"], &hits["hits"]), (&json!([]), &json!([])));
}
