//! Evaluations that are asked for over HTTP: who may, one at a time, what is refused at once, cancelled, and made once.

use std::time::Duration;

use mutu::access::Role;
use mutu::evaluation::Evaluations;
use mutu::ingest::Imports;
use mutu::job;
use serde_json::Value;
use serde_json::json;
use sqlx::Connection;
use sqlx::PgConnection;
use tokio::task::JoinHandle;

use crate::support::TestApp;

const SCENE: &str = "
    insert into mutu.parcel (parcel_id, parcel_code, responsible_unit, area_registered_m2, area_geom_m2, far_reported, geom, recorded_by)
    select n, 'P' || n, '甲', 20000, 20000, 1.5,
           st_multi(st_makeenvelope(121.2 + n * 0.002, 31.380, 121.2015 + n * 0.002, 31.382, 4490)), 'test'
    from generate_series(1, 5) n;
    insert into mutu.parcel_period (parcel_code, year, period, tax_wan, output_wan, recorded_by)
    select 'P' || n, 2025, '2025', n * 60, 1000, 'test' from generate_series(1, 5) n;
";
const START: &str = "/api/v1/evaluations";

async fn scene() -> (TestApp, String) {
    let it = TestApp::serving().await;
    it.sql(SCENE).await;
    let steward = it.token(Role::Steward).await;
    (it, steward)
}

fn run(it: &TestApp) -> JoinHandle<()> {
    let work = (Imports, Evaluations);
    tokio::spawn(job::runner::run(it.app.clone(), work, std::future::pending()))
}

/// The job once it is `wanted`.
async fn until(it: &TestApp, token: &str, job: &Value, wanted: impl Fn(&Value) -> bool) -> Value {
    let path = format!("/api/v1/jobs/{}", job["job_id"].as_str().unwrap());
    for _ in 0..600 {
        let job = it.json_as(token, &path).await;
        if wanted(&job) {
            return job;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{}", it.json_as(token, &path).await);
}

fn is_over(job: &Value) -> bool {
    !["queued", "running"].contains(&job["state"].as_str().unwrap())
}

#[tokio::test]
async fn who_may_start_and_what_is_refused_before_anything_is_queued() {
    let (it, steward) = scene().await;
    let year = json!({"year": 2025});
    assert_eq!(it.post(None, START, &year).await.0, 401);
    for (role, units) in
        [(Role::Viewer, None), (Role::Officer, None), (Role::Steward, Some(&["甲"][..]))]
    {
        let token = it.token_of(role, units).await;
        assert_eq!(it.post(Some(&token), START, &year).await.0, 403, "{role}");
        let options = it.get_as(&token, "/api/v1/evaluations/options").await;
        assert_eq!(options.status(), 403, "{role}");
    }
    for (body, says) in [
        (json!({"year": 2031}), "2025"),
        (json!({"year": 1}), "year"),
        (json!({"year": 2025, "ruleset": "general-2024"}), "general-2025"),
        (json!({"year": 2025, "scheme": "huaian-2023"}), "did you mean `huaian-2024`"),
        (json!({"year": 2025, "rule": "x"}), "rule"),
        (json!({}), "year"),
    ] {
        let (status, answer) = it.post(Some(&steward), START, &body).await;
        assert_eq!(status, 400, "{body}: {answer}");
        assert!(answer.to_string().contains(says), "{body}: {answer}");
    }
    assert_eq!(it.value::<i64>("select count(*) from mutu.job").await, 0);
    let options = it.json_as(&steward, "/api/v1/evaluations/options").await;
    assert_eq!(options["years"], json!([2025]));
    let ids = |name: &str| -> Vec<String> {
        let all = options[name].as_array().unwrap().iter();
        all.map(|it| it["id"].as_str().unwrap().to_owned()).collect()
    };
    assert!(ids("rule_sets").contains(&"general-2025".to_owned()), "{options}");
    assert!(ids("schemes").contains(&"huaian-2024".to_owned()), "{options}");
    let empty = TestApp::serving().await;
    let token = empty.token(Role::Steward).await;
    let (status, why) = empty.post(Some(&token), START, &year).await;
    assert!(status == 409 && why.to_string().contains("no parcels"), "{why}");
}

#[tokio::test]
async fn one_runs_at_a_time_and_makes_a_draft() {
    let (it, steward) = scene().await;
    let asked = json!({"year": 2025, "ruleset": "general-2025", "scheme": "huangyan-2022"});
    let (status, job) = it.post(Some(&steward), START, &asked).await;
    assert_eq!(status, 202, "{job}");
    assert_eq!(
        (&job["kind"], &job["state"], &job["run_id"], &job["batch_id"]),
        (&json!("evaluate"), &json!("queued"), &Value::Null, &Value::Null)
    );
    let (status, other) = it.post(Some(&steward), START, &asked).await;
    assert_eq!((status, &other["job_id"]), (409, &job["job_id"]), "{other}");
    // One that waits is cancelled at once, and makes room.
    let cancel = format!("/api/v1/jobs/{}/cancel", job["job_id"].as_str().unwrap());
    let (status, cancelled) = it.post(Some(&steward), &cancel, &json!({})).await;
    assert_eq!((status, &cancelled["state"]), (200, &json!("cancelled")));
    let (status, job) = it.post(Some(&steward), START, &asked).await;
    assert_eq!(status, 202, "{job}");
    let runner = run(&it);
    let done = until(&it, &steward, &job, is_over).await;
    assert_eq!((&done["state"], &done["run_id"]), (&json!("done"), &json!(1)), "{done}");
    let runs = it.json_as(&steward, START).await;
    assert_eq!(runs["job"]["job_id"], job["job_id"]);
    let made = &runs["evaluations"][0];
    assert_eq!(
        (&made["state"], &made["ruleset"], &made["scheme"], &made["scheme_version"]),
        (&json!("draft"), &json!("general-2025"), &json!("huangyan-2022"), &json!(0))
    );
    assert_eq!(made["recorded_by"], job["recorded_by"], "whoever asked");
    let officer = it.token(Role::Officer).await;
    assert_eq!(it.json_as(&officer, START).await["job"], Value::Null);
    let verdicts: i64 = it.value("select count(*) from mutu.parcel_result").await;
    assert_eq!(verdicts, 5);
    // The next one may begin.
    let (status, next) = it.post(Some(&steward), START, &json!({"year": 2025})).await;
    assert_eq!(status, 202, "{next}");
    let done = until(&it, &steward, &next, is_over).await;
    assert_eq!(done["run_id"], 2, "{done}");
    runner.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_cancelled_leaves_nothing_behind() {
    let (it, steward) = scene().await;
    let options = it.app.db.owner().connect_options().as_ref().clone();
    let mut held = PgConnection::connect_with(&options).await.unwrap();
    sqlx::raw_sql("begin; lock table mutu.current_run in exclusive mode")
        .execute(&mut held)
        .await
        .unwrap();
    let runner = run(&it);
    let (_, job) = it.post(Some(&steward), START, &json!({"year": 2025})).await;
    until(&it, &steward, &job, |it| it["progress"]["stage"] == "waiting").await;
    let cancel = format!("/api/v1/jobs/{}/cancel", job["job_id"].as_str().unwrap());
    assert_eq!(it.post(Some(&steward), &cancel, &json!({})).await.0, 200);
    let over = until(&it, &steward, &job, is_over).await;
    assert_eq!(over["state"], "cancelled", "{over}");
    held.close().await.unwrap();
    // The next one is not in anybody's way.
    let (status, next) = it.post(Some(&steward), START, &json!({"year": 2025})).await;
    assert_eq!(status, 202, "{next}");
    let done = until(&it, &steward, &next, is_over).await;
    assert_eq!(done["state"], "done", "{done}");
    assert_eq!(it.value::<i64>("select count(*) from mutu.evaluation_run").await, 1);
    runner.abort();
}

#[tokio::test]
async fn a_run_whose_job_did_not_end_is_not_made_twice() {
    let (it, steward) = scene().await;
    let runner = run(&it);
    let (_, job) = it.post(Some(&steward), START, &json!({"year": 2025})).await;
    let done = until(&it, &steward, &job, is_over).await;
    assert_eq!(done["run_id"], 1, "{done}");
    // As a node leaves it that dies after the run was committed and before its job was.
    it.sql(
        "update mutu.job set state = 'running', result = null, finished_at = null, worker = gen_random_uuid(),
             lease_until = now() - interval '1 minute'",
    )
    .await;
    let again = until(&it, &steward, &job, is_over).await;
    assert_eq!((&again["state"], &again["run_id"]), (&json!("done"), &json!(1)), "{again}");
    assert_eq!(it.value::<i64>("select count(*) from mutu.evaluation_run").await, 1);
    runner.abort();
}

#[tokio::test]
async fn what_fails_is_told_and_leaves_nothing() {
    let (it, steward) = scene().await;
    let (_, job) = it.post(Some(&steward), START, &json!({"year": 2025})).await;
    // Between the question and its turn somebody takes the parcels away.
    it.sql("update mutu.parcel set superseded_at = now()").await;
    let runner = run(&it);
    let done = until(&it, &steward, &job, is_over).await;
    assert_eq!(done["state"], "failed", "{done}");
    assert!(done["error"]["detail"].as_str().unwrap().contains("no parcels"), "{done}");
    assert_eq!(it.value::<i64>("select count(*) from mutu.evaluation_run").await, 0);
    runner.abort();
}
