//! Two nodes on one database under commits, aborts, writers side by side and notifications that never come: whatever a node
//! shows was committed, is what SQL had at that revision, and never goes back.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::Instant;

use mutu::access::Role;
use mutu::access::Scope;
use mutu::app::App;
use mutu::catalog::queries::bump;
use mutu::catalog::queries::bump_edit;
use mutu::snapshot::Snapshot;
use rand::Rng;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use reqwest::Method;
use serde_json::Value;
use serde_json::json;
use sqlx::AssertSqlSafe;
use tokio::sync::broadcast::error::TryRecvError;
use tokio::task::JoinHandle;

use super::Row;
use super::Said;
use super::saying;
use super::seen;
use super::told;
use crate::history::edits::edit;
use crate::history::square;
use crate::support::TestApp;

const WATCHED: [&str; 2] = ["parcels", "block_class"];

/// Parcels, of which some are in the current run; and a table in which every writer notes what all rows are at its revision.
const SCENE: &str = "
    insert into mutu.parcel (parcel_id, parcel_code, name, area_geom_m2, geom, recorded_by)
    select n, 'P' || n, 'first', 100, st_multi(st_makeenvelope(121 + n * 0.001, 31, 121.001 + n * 0.001, 31.001, 4490)), 'x'
    from generate_series(1, 300) n;
    select setval('mutu.parcel_id_seq', 300);
    insert into mutu.evaluation_run (year, ruleset, config, layer_revisions, projection, area_basis, recorded_by)
    values (2025, 'x', '{}', '{}', '', 'measured', 'x');
    insert into mutu.current_run (run_id) select run_id from mutu.evaluation_run;
    insert into mutu.parcel_measure (run_id, parcel_id, area_basis, area_mu)
    select run_id, n, 'measured', n / 7.0 from mutu.evaluation_run, generate_series(1, 200) n;
    create table mutu.noted (layer text, revision bigint, id bigint, said text[], shape bytea);
    create index on mutu.noted (layer, revision);
    grant all on mutu.noted to mutu_writer;";

/// One transaction of one writer.
async fn write(app: &App, random: &mut ChaCha8Rng) -> sqlx::Result<()> {
    let layer = app.layers.find("parcels").unwrap();
    let mut tx = app.db.write.begin().await?;
    let mut ids: Vec<i64> =
        (0..random.random_range(1..4)).map(|_| random.random_range(1..=300)).collect();
    ids.sort_unstable();
    ids.dedup();
    // Whoever writes a parcel, in force or not, waits for who does.
    sqlx::query("select from mutu.parcel where parcel_id = any($1) order by row_id for update")
        .bind(&ids)
        .execute(&mut *tx)
        .await?;
    let were: Vec<i64> = sqlx::query_scalar(
        "select parcel_id from mutu.parcel where parcel_id = any($1) and superseded_at is null",
    )
    .bind(&ids)
    .fetch_all(&mut *tx)
    .await?;
    sqlx::query(
        "update mutu.parcel set superseded_at = clock_timestamp() where parcel_id = any($1) and superseded_at is null",
    )
    .bind(&were)
    .execute(&mut *tx)
    .await?;
    // The others are retired, and come back when a later writer names them.
    if random.random_bool(0.8) {
        sqlx::query(
            "insert into mutu.parcel (parcel_id, parcel_code, name, contract_far, area_geom_m2, geom, recorded_by)
             select distinct on (parcel_id) parcel_id, parcel_code, $2, $3, area_geom_m2, st_translate(geom, 0.0001, 0), 'x'
             from mutu.parcel where parcel_id = any($1)
             order by parcel_id, row_id desc",
        )
        .bind(&ids)
        .bind(format!("name {}", random.random::<u16>()))
        .bind(rust_decimal::Decimal::new(random.random::<i64>(), random.random_range(0..19)))
        .execute(&mut *tx)
        .await?;
    }
    let mut changed = ids.clone();
    if random.random_bool(0.3) {
        let new: i64 = sqlx::query_scalar(
            "insert into mutu.parcel (parcel_id, parcel_code, area_geom_m2, geom, recorded_by)
             select id, 'N' || id, 1, st_multi(st_makeenvelope(121.5, 31.2, 121.501, 31.201, 4490)), 'x'
             from nextval('mutu.parcel_id_seq') id
             returning parcel_id",
        )
        .fetch_one(&mut *tx)
        .await?;
        changed.push(new);
    }
    match random.random_range(0..10) {
        0 => drop(bump(&mut tx, &app.layers, layer, None, None).await?),
        1 => drop(bump(&mut tx, &app.layers, layer, Some(&changed), None).await?),
        _ => drop(bump_edit(&mut tx, &app.layers, layer, &changed, &were).await?),
    }
    if random.random_bool(0.2) {
        tx.rollback().await?;
        return Ok(());
    }
    for id in WATCHED {
        let layer = app.layers.find(id).unwrap();
        let sql = format!(
            "insert into mutu.noted
             select r.layer, r.revision, s.* from mutu.layer_revision r, (select id, {} from {} t) s where r.layer = $1",
            saying(layer.fields_for(&Scope::console())),
            layer.relation()
        );
        sqlx::query(AssertSqlSafe(sql)).bind(id).execute(&mut *tx).await?;
        let right: bool = sqlx::query_scalar(AssertSqlSafe(format!(
            "select row_count = (select count(*) from {}) from mutu.layer_revision where layer = $1",
            layer.relation()
        )))
        .bind(id)
        .fetch_one(&mut *tx)
        .await?;
        assert!(right, "the rows of {id} are counted wrong");
    }
    tx.commit().await
}

async fn noted(app: &App, layer: &str, revision: i64) -> BTreeMap<i64, Said> {
    let rows: Vec<Row> =
        sqlx::query_as("select id, said, shape from mutu.noted where layer = $1 and revision = $2")
            .bind(layer)
            .bind(revision)
            .fetch_all(&app.db.write)
            .await
            .unwrap();
    told(rows)
}

/// Every state that a node shows, until it is told that the last one is there.
fn watch(app: App, layer: &'static str, done: Arc<AtomicBool>) -> JoinHandle<Vec<Arc<Snapshot>>> {
    tokio::spawn(async move {
        let mut shown: Vec<Arc<Snapshot>> = Vec::new();
        loop {
            let last = done.load(Ordering::Relaxed);
            if let Some(held) = app.snapshots.get(layer) {
                let before = shown.last().map(|it| it.revision);
                assert!(before.is_none_or(|it| it <= held.snapshot.revision), "{layer} went back");
                if before != Some(held.snapshot.revision) {
                    shown.push(held.snapshot);
                }
            }
            if last {
                return shown;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_only_ever_show_what_was_committed() {
    let mut here = TestApp::new().await;
    here.sql(SCENE).await;
    for layer in WATCHED {
        here.tell(layer, None).await;
    }
    let there = here.another_node().await;
    // This node hears nothing: what it listens with is closed.
    there.app.db.jobs.close().await;
    here.serve();
    here.settle().await;
    there.settle().await;
    let done = Arc::new(AtomicBool::new(false));
    let watching: Vec<_> = [&here, &there]
        .into_iter()
        .flat_map(|it| WATCHED.map(|layer| watch(it.app.clone(), layer, Arc::clone(&done))))
        .collect();
    let mut events = here.app.snapshots.changes();
    let writers = (0..3).map(|seed| {
        let app = here.app.clone();
        tokio::spawn(async move {
            let mut random = ChaCha8Rng::seed_from_u64(seed);
            for _ in 0..60 {
                write(&app, &mut random).await.unwrap();
                let pause = random.random_range(0..30);
                tokio::time::sleep(Duration::from_millis(pause)).await;
            }
        })
    });
    for it in writers.collect::<Vec<_>>() {
        it.await.unwrap();
    }
    let begun = Instant::now();
    here.settle().await;
    there.settle().await;
    assert!(begun.elapsed() < Duration::from_secs(5));
    done.store(true, Ordering::Relaxed);
    let mut compared = [0, 0];
    for (at, watching) in watching.into_iter().enumerate() {
        let shown = watching.await.unwrap();
        let layer = here.app.layers.find(WATCHED[at % 2]).unwrap();
        for snapshot in &shown[1..] {
            let expected = noted(&here.app, &layer.id, snapshot.revision).await;
            assert!(!expected.is_empty(), "{} {} was never committed", layer.id, snapshot.revision);
            let found = seen(snapshot, layer, &Scope::console());
            assert!(
                found == expected,
                "{} {} is not what was committed",
                layer.id,
                snapshot.revision
            );
            compared[at / 2] += 1;
        }
    }
    // The node that hears shows nearly every commit by itself; the one that does not looks each second.
    assert!(compared[0] > 20 && compared[1] > 2, "{compared:?}");
    let mut last = 0;
    loop {
        match events.try_recv() {
            Ok(it) if it.layer == "parcels" => {
                assert!(it.revision > last);
                last = it.revision;
            }
            Ok(_) | Err(TryRecvError::Lagged(_)) => {}
            Err(_) => break,
        }
    }
    assert_eq!(last, here.app.snapshots.get("parcels").unwrap().snapshot.revision);
    let figures = here.app.snapshots.figures();
    let parcels = figures.iter().find(|it| it.layer == "parcels").unwrap();
    assert!(parcels.patches > 10 && parcels.rebuilds > 1, "{parcels:?}");
}

#[tokio::test]
async fn edits_of_every_kind_show_at_once_where_they_are() {
    let it = TestApp::serving().await;
    let steward = it.token(Role::Steward).await;
    it.settle().await;
    let mut changes = it.app.snapshots.changes();
    let layer = it.app.layers.find("parcels").unwrap();
    let count =
        "select string_agg(layer || ' ' || row_count, ',' order by layer) from mutu.layer_revision
        where layer in ('parcels', 'low_efficiency')";
    let mut show = async |rows: usize, west: f64, east: f64, what: &str| {
        it.settle().await;
        assert_eq!(it.app.snapshots.get("parcels").unwrap().snapshot.len(), rows, "{what}");
        let expected = super::equal::by_sql(&it, layer, &Scope::console()).await;
        assert_eq!(
            seen(&it.app.snapshots.get("parcels").unwrap().snapshot, layer, &Scope::console()),
            expected,
            "{what}"
        );
        assert_eq!(
            it.value::<String>(count).await,
            format!("low_efficiency 0,parcels {rows}"),
            "{what}"
        );
        let change = loop {
            let it = changes.recv().await.unwrap();
            if it.layer == "parcels" {
                break it;
            }
        };
        let [w, s, e, n] = change.bounds.unwrap();
        let near = |a: f64, b: f64| (a - b).abs() < 1e-6;
        assert!(near(w, west) && near(e, east) && near(s, 31.3) && n < 31.31, "{what}: {change:?}");
    };
    let send = async |method: Method, path: &str, tag: Option<&str>, body: Value| {
        let answer = edit(&it, &steward, method, path, tag, &body).await;
        assert!(answer.status < 300, "{path}: {}", answer.body);
        answer
    };
    let all = "/api/v1/parcels";
    let new = |code: &str, west: f64| json!({"properties": {"parcel_code": code}, "geometry": square(west, 0.001)});
    send(Method::POST, all, None, new("A", 121.2)).await;
    show(1, 121.2, 121.201, "a new one").await;
    let made = send(Method::POST, all, None, new("B", 121.201)).await;
    show(2, 121.201, 121.202, "another").await;
    let moved = json!({"geometry": square(121.21, 0.001)});
    let made = send(Method::PATCH, "/api/v1/parcels/B", Some(&made.tag), moved).await;
    show(2, 121.201, 121.211, "moved: as it was and as it is").await;
    let back = json!({"geometry": square(121.201, 0.001)});
    let made = send(Method::PATCH, "/api/v1/parcels/B", Some(&made.tag), back).await;
    show(2, 121.201, 121.211, "moved back").await;
    send(Method::DELETE, "/api/v1/parcels/B", Some(&made.tag), Value::Null).await;
    show(1, 121.201, 121.202, "retired").await;
}
