//! What breaks off: nodes that stop or die, connections that are ended, jobs that are cancelled. Nothing is written twice, and
//! nothing by halves.

use std::time::Duration;

use mutu::config::Config;
use mutu::ingest::Imports;
use mutu::job;
use mutu::job::queries;
use serde_json::Value;
use serde_json::json;
use sqlx::Connection;
use sqlx::PgConnection;
use tokio::sync::oneshot;
use uuid::Uuid;

use super::Desk;
use super::enterprises;

/// Holds the register's enterprises so that nobody can write them; ends when it is dropped.
async fn held(desk: &Desk) -> PgConnection {
    let options = desk.it.app.db.owner().connect_options().as_ref().clone();
    let mut db = PgConnection::connect_with(&options).await.unwrap();
    let sql = "set idle_in_transaction_session_timeout = 0; begin; lock table mutu.enterprise in exclusive mode";
    sqlx::raw_sql(sql).execute(&mut db).await.unwrap();
    db
}

/// Imports that wait for the lock.
async fn blocked(desk: &Desk) -> i64 {
    sqlx::query_scalar("select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and application_name <> 'mutu map'")
        .fetch_one(desk.it.app.db.owner())
        .await
        .unwrap()
}

async fn until_blocked(desk: &Desk, wanted: i64) {
    for _ in 0..200 {
        if blocked(desk).await == wanted {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{} wait for a lock instead of {wanted}", blocked(desk).await);
}

async fn applied(desk: &Desk) -> i64 {
    desk.it.value("select count(*) from mutu.import_batch where state = 'applied'").await
}

async fn cancel(desk: &Desk, job: &Value) -> (u16, Value) {
    let id = job["job_id"].as_str().unwrap();
    desk.post(&format!("/api/v1/jobs/{id}/cancel"), &json!({})).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_stops_gives_its_job_to_another() {
    let mut desk = Desk::idle(Config::default()).await;
    let (stop, stopped) = oneshot::channel::<()>();
    let first = tokio::spawn(job::runner::run(desk.it.app.clone(), Imports, async {
        let _ = stopped.await;
    }));
    let batch_id = desk.previewed("a.csv", enterprises(1, 20), "enterprises").await;
    let lock = held(&desk).await;
    let job = desk.apply(batch_id).await;
    until_blocked(&desk, 1).await;
    stop.send(()).unwrap();
    first.await.unwrap();
    let now = desk.get(&format!("/api/v1/jobs/{}", job["job_id"].as_str().unwrap())).await;
    assert_eq!(now["state"], "queued", "{now}");
    let attempts: i64 =
        desk.it.value("select max(attempts) from mutu.job where kind = 'apply'").await;
    assert_eq!(attempts, 0, "it was no attempt");
    until_blocked(&desk, 0).await;
    drop(lock);
    let second = desk.it.another_node().await;
    desk.it = second;
    desk.run();
    let job = desk.over(&job).await;
    assert_eq!(job["state"], "done", "{job}");
    assert_eq!((desk.enterprises().await, applied(&desk).await), (20, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_whose_node_died_is_taken_up_and_written_once() {
    let mut desk = Desk::open().await;
    let batch_id = desk.previewed("a.csv", enterprises(1, 20), "enterprises").await;
    let lock = held(&desk).await;
    let job = desk.apply(batch_id).await;
    until_blocked(&desk, 1).await;
    // The statement of a node that is gone ends by itself, before the lock it waits for is free.
    desk.crash().await;
    until_blocked(&desk, 0).await;
    drop(lock);
    desk.run();
    // Nobody takes it before its lease is over.
    tokio::time::sleep(Duration::from_millis(1500)).await;
    let path = format!("/api/v1/jobs/{}", job["job_id"].as_str().unwrap());
    assert_eq!(desk.get(&path).await["state"], "running");
    desk.it
        .sql("update mutu.job set lease_until = now() - interval '1 s' where state = 'running'")
        .await;
    let job = desk.over(&job).await;
    assert_eq!(job["state"], "done", "{job}");
    let attempts: i64 =
        desk.it.value("select max(attempts) from mutu.job where kind = 'apply'").await;
    assert_eq!((attempts, desk.enterprises().await, applied(&desk).await), (2, 20, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_lost_its_job_writes_nothing() {
    let mut desk = Desk::open().await;
    let batch_id = desk.previewed("a.csv", enterprises(1, 20), "enterprises").await;
    let lock = held(&desk).await;
    let job = desk.apply(batch_id).await;
    until_blocked(&desk, 1).await;
    // A second node believes that the first is dead, and it is not.
    let sql = "update mutu.job set lease_until = now() - interval '1 s' where state = 'running'";
    desk.it.sql(sql).await;
    desk.run();
    tokio::time::sleep(Duration::from_secs(3)).await;
    drop(lock);
    let job = desk.over(&job).await;
    assert_eq!(job["state"], "done", "{job}");
    assert_eq!((desk.enterprises().await, applied(&desk).await), (20, 1));
}

#[tokio::test]
async fn a_worker_ends_a_job_only_while_it_has_it() {
    let desk = Desk::idle(Config::default()).await;
    desk.upload("a.csv", enterprises(1, 2), "enterprises").await;
    let db = &desk.it.app.db.jobs;
    let (first, second) = (Uuid::new_v4(), Uuid::new_v4());
    let lease = Duration::from_secs(60);
    let job_id = queries::claim(db, first, lease).await.unwrap().unwrap().job_id;
    assert!(queries::claim(db, second, lease).await.unwrap().is_none(), "it is the first's");
    desk.it.sql("update mutu.job set lease_until = now() - interval '1 s'").await;
    assert_eq!(queries::claim(db, second, lease).await.unwrap().unwrap().job_id, job_id);
    let mut tx = db.begin().await.unwrap();
    assert!(!queries::finish_within(&mut tx, job_id, first, &json!({})).await.unwrap());
    assert!(queries::finish_within(&mut tx, job_id, second, &json!({})).await.unwrap());
    // Whoever wants to cancel it now waits for the end of what is being committed, and comes too late.
    let app = desk.it.app.clone();
    let cancelled = tokio::spawn(async move { queries::cancel(&app.db.jobs, job_id).await });
    tokio::time::sleep(Duration::from_millis(300)).await;
    tx.commit().await.unwrap();
    assert_eq!(cancelled.await.unwrap().unwrap().unwrap().state, job::State::Done);
}

#[tokio::test]
async fn a_job_that_breaks_off_again_and_again_is_given_up() {
    let desk = Desk::idle(Config::default()).await;
    let import = desk.upload("a.csv", enterprises(1, 2), "enterprises").await;
    let db = &desk.it.app.db.jobs;
    for nth in 1..=job::ATTEMPTS {
        assert_eq!(queries::give_up(db).await.unwrap(), 0, "before attempt {nth}");
        queries::claim(db, Uuid::new_v4(), Duration::ZERO).await.unwrap().unwrap();
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(queries::give_up(db).await.unwrap(), 1);
    let job = desk.over(&import["job"]).await;
    assert_eq!(job["state"], "failed");
    let detail = job["error"]["detail"].as_str().unwrap();
    assert!(detail.contains("nothing was written"), "{detail}");
    // It can be asked for again.
    let path = format!("/api/v1/imports/{}/preview", import["batch_id"]);
    let (status, job) = desk.post(&path, &json!({"into": "enterprises"})).await;
    assert_eq!(status, 202, "{job}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_run_twenty_jobs_once_each() {
    let mut config = Config::default();
    config.jobs.workers = 2;
    let mut desk = Desk::idle(config).await;
    let mut batches = Vec::new();
    for nth in 0..20 {
        let csv = enterprises(nth * 10, 10);
        batches.push(desk.upload(&format!("{nth}.csv"), csv, "enterprises").await);
    }
    desk.run();
    let other = desk.it.another_node().await;
    let runner = tokio::spawn(job::runner::run(other.app.clone(), Imports, std::future::pending()));
    for it in &batches {
        let job = desk.over(&it["job"]).await;
        assert_eq!(job["state"], "done", "{job}");
    }
    let attempts: i64 = desk.it.value("select sum(attempts)::bigint from mutu.job").await;
    assert_eq!(attempts, 20);
    // All are applied at once, and one only saw the register as it is when it comes to it.
    let mut jobs = Vec::new();
    for it in &batches {
        jobs.push(desk.apply(it["batch_id"].as_i64().unwrap()).await);
    }
    let mut done = 0;
    for it in &jobs {
        let job = desk.over(it).await;
        if job["state"] == "done" {
            done += 1;
        } else {
            let detail = job["error"]["detail"].as_str().unwrap();
            assert!(detail.contains("preview it again"), "{job}");
        }
    }
    assert_eq!((done, applied(&desk).await, desk.enterprises().await), (1, 1, 10));
    runner.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_cancelled_while_it_waits_reads_or_writes() {
    let desk = Desk::open().await;
    let batch_id = desk.previewed("a.csv", enterprises(1, 20), "enterprises").await;
    // Writing: in the middle of a statement.
    let lock = held(&desk).await;
    let job = desk.apply(batch_id).await;
    until_blocked(&desk, 1).await;
    desk.at_stage(&job, "writing").await;
    let (status, body) = cancel(&desk, &job).await;
    assert_eq!((status, &body["cancel_requested"]), (200, &json!(true)), "{body}");
    assert_eq!(desk.over(&job).await["state"], "cancelled");
    until_blocked(&desk, 0).await;
    drop(lock);
    assert_eq!((desk.enterprises().await, applied(&desk).await), (0, 0));
    assert_eq!(desk.import(batch_id).await["state"], "previewed");
    let (status, body) = cancel(&desk, &job).await;
    assert_eq!(status, 200, "once more is no mistake: {body}");

    // Waiting: another import has the target, and the job says so.
    let options = desk.it.app.db.owner().connect_options().as_ref().clone();
    let mut db = PgConnection::connect_with(&options).await.unwrap();
    let sql = "select pg_advisory_lock(hashtext('mutu.import.enterprises'))";
    sqlx::raw_sql(sql).execute(&mut db).await.unwrap();
    let job = desk.apply(batch_id).await;
    desk.at_stage(&job, "waiting").await;
    cancel(&desk, &job).await;
    assert_eq!(desk.over(&job).await["state"], "cancelled");
    db.close().await.unwrap();

    // Reading.
    let import = desk.upload("b.csv", enterprises(1, 60_000), "enterprises").await;
    desk.at_stage(&import["job"], "reading").await;
    cancel(&desk, &import["job"]).await;
    let job = desk.over(&import["job"]).await;
    assert_eq!(job["state"], "cancelled", "{job}");
    assert_eq!(desk.import(import["batch_id"].as_i64().unwrap()).await["state"], "uploaded");

    // And what was cancelled can be asked for again.
    let job = desk.over(&desk.apply(batch_id).await).await;
    assert_eq!(job["state"], "done", "{job}");
    assert_eq!(cancel(&desk, &job).await.0, 409);
    assert_eq!((desk.enterprises().await, applied(&desk).await), (20, 1));
    let left = std::fs::read_dir(std::env::temp_dir()).unwrap().flatten();
    let mine = left.filter(|it| it.path().join("files/b.csv").exists()).count();
    assert_eq!(mine, 0, "a folder was left behind");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_loses_the_database_says_so_and_can_be_asked_for_again() {
    let desk = Desk::open().await;
    let batch_id = desk.previewed("a.csv", enterprises(1, 20), "enterprises").await;
    let lock = held(&desk).await;
    let job = desk.apply(batch_id).await;
    until_blocked(&desk, 1).await;
    desk.it
        .sql("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'")
        .await;
    let job = desk.over(&job).await;
    assert_eq!(job["state"], "failed", "{job}");
    let detail = job["error"]["detail"].as_str().unwrap();
    assert!(detail.contains("nothing was written"), "{detail}");
    drop(lock);
    assert_eq!((desk.enterprises().await, applied(&desk).await), (0, 0));
    let job = desk.over(&desk.apply(batch_id).await).await;
    assert_eq!(job["state"], "done", "{job}");
    assert_eq!((desk.enterprises().await, applied(&desk).await), (20, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_may_write_for_longer_than_a_request() {
    let mut config = Config::default();
    config.timeouts.write = 1;
    let mut desk = Desk::idle(config).await;
    desk.run();
    let batch_id = desk.previewed("a.csv", enterprises(1, 20), "enterprises").await;
    let lock = held(&desk).await;
    let job = desk.apply(batch_id).await;
    until_blocked(&desk, 1).await;
    tokio::time::sleep(Duration::from_secs(4)).await;
    drop(lock);
    let job = desk.over(&job).await;
    assert_eq!(job["state"], "done", "{job}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changed_since_the_preview_is_previewed_again() {
    let desk = Desk::open().await;
    let first = desk.previewed("a.csv", enterprises(1, 5), "enterprises").await;
    let second = desk.previewed("b.csv", enterprises(6, 5), "enterprises").await;
    assert_eq!(desk.over(&desk.apply(first).await).await["state"], "done");
    let job = desk.over(&desk.apply(second).await).await;
    assert_eq!(job["state"], "failed");
    assert!(job["error"]["detail"].as_str().unwrap().contains("preview it again"), "{job}");
    assert_eq!(desk.enterprises().await, 5);
    let path = format!("/api/v1/imports/{second}/preview");
    let (status, job) = desk.post(&path, &json!({"into": "enterprises"})).await;
    assert_eq!(status, 202, "{job}");
    assert_eq!(desk.over(&job).await["state"], "done");
    assert_eq!(desk.over(&desk.apply(second).await).await["state"], "done");
    assert_eq!(desk.enterprises().await, 10);
    // Applied once is applied.
    let (status, body) = desk.post(&format!("/api/v1/imports/{second}/apply"), &json!({})).await;
    assert_eq!(status, 409, "{body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_later_data_stands_on_is_not_undone() {
    let desk = Desk::open().await;
    let first = desk.previewed("a.csv", enterprises(1, 5), "enterprises").await;
    assert_eq!(desk.over(&desk.apply(first).await).await["state"], "done");
    let changed = enterprises(1, 5).replace("企业", "公司");
    let changed = changed.replacen("公司名称", "企业名称", 1);
    let import = desk.upload("b.csv", changed, "enterprises").await;
    desk.over(&import["job"]).await;
    let second = import["batch_id"].as_i64().unwrap();
    let path = format!("/api/v1/imports/{second}/preview");
    let (_, job) = desk.post(&path, &json!({"into": "enterprises", "replace": true})).await;
    assert_eq!(desk.over(&job).await["state"], "done");
    let job = desk.over(&desk.apply(second).await).await;
    assert_eq!(job["state"], "done", "{job}");
    let (status, body) = desk.post(&format!("/api/v1/imports/{first}/undo"), &json!({})).await;
    assert_eq!(status, 409, "{body}");
    assert!(!body["dependents"].as_array().unwrap().is_empty(), "{body}");
    let (status, job) = desk.post(&format!("/api/v1/imports/{second}/undo"), &json!({})).await;
    assert_eq!(status, 202, "{job}");
    assert_eq!(desk.over(&job).await["state"], "done");
    let name: String =
        desk.it.value("select name from mutu.enterprise_current order by uscc limit 1").await;
    assert!(name.starts_with("企业"), "{name}");
}
