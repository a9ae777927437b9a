//! `/healthz`: the process lives. `/readyz`: it can answer. `/metrics`: Prometheus text.

use std::sync::atomic::Ordering;

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::routing::get;
use serde_json::Value;
use serde_json::json;

use crate::access::Scope;
use crate::app::App;
use crate::error::Error;
use crate::error::Result;
use crate::snapshot::Figures;
use crate::snapshot::Keeper;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/healthz", get(alive))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
}

async fn alive() -> Json<Value> {
    Json(json!({"status": "ok", "version": env!("CARGO_PKG_VERSION")}))
}

async fn ready(State(app): State<App>) -> Result<Json<Value>> {
    // Not as the public: however many of it come, the service is ready.
    let answered = app.db.read(&Scope::console()).await;
    answered.map_err(|_| Error::Busy("the database does not answer"))?;
    Ok(Json(json!({"status": "ready"})))
}

async fn metrics(State(app): State<App>) -> String {
    app.tiles.run_pending_tasks().await;
    app.pages.run_pending_tasks().await;
    let (reading, idle) = app.db.reading();
    let gauges = [
        ("mutu_tile_cache_tiles", "Tiles in the cache.", app.tiles.entry_count()),
        ("mutu_tile_cache_bytes", "Weight of the tile cache in bytes.", app.tiles.weighted_size()),
        ("mutu_page_cache_pages", "Pages of features in the cache.", app.pages.entry_count()),
        ("mutu_page_cache_bytes", "Weight of the page cache in bytes.", app.pages.weighted_size()),
        ("mutu_db_read_connections", "Open read-only connections.", u64::from(reading)),
        ("mutu_db_read_idle", "Idle read-only connections.", idle as u64),
        ("mutu_db_write_connections", "Open writing connections.", u64::from(app.db.write.size())),
    ];
    let mut text: String = gauges
        .iter()
        .map(|(name, help, value)| {
            format!("# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}\n")
        })
        .collect();
    let name = "mutu_pages_from_memory_total";
    let told = app.pages_held.load(Ordering::Relaxed);
    text.push_str(&format!(
        "# HELP {name} Pages of features that the map in memory told, without the database.\n# TYPE {name} counter\n{name} {told}\n"
    ));
    text.push_str(&snapshots(&app.snapshots));
    text
}

/// A family of metrics: its name, what it is, of which type, and a layer's value.
type Family = (&'static str, &'static str, &'static str, fn(&Figures) -> String);

const SNAPSHOTS: [Family; 7] = [
    ("mutu_snapshot_bytes", "gauge", "Memory of a layer's snapshot.", |it| it.bytes.to_string()),
    ("mutu_snapshot_rows", "gauge", "Rows of a layer's snapshot.", |it| it.rows.to_string()),
    ("mutu_snapshot_revision", "gauge", "Revision of the layer that is held.", |it| {
        it.revision.to_string()
    }),
    (
        "mutu_snapshot_beyond_budget",
        "gauge",
        "1: the layer does not fit into the budget of memory and is served from the database.",
        |it| u8::from(it.is_beyond).to_string(),
    ),
    (
        "mutu_snapshot_build_seconds",
        "gauge",
        "How long the last full reading of the layer took.",
        |it| format!("{:.6}", it.build_seconds),
    ),
    ("mutu_snapshot_patches_total", "counter", "Changes that were laid over the layer.", |it| {
        it.patches.to_string()
    }),
    ("mutu_snapshot_rebuilds_total", "counter", "Full readings of the layer.", |it| {
        it.rebuilds.to_string()
    }),
];

fn snapshots(keeper: &Keeper) -> String {
    let figures = keeper.figures();
    let stale = u8::from(keeper.is_stale());
    let name = "mutu_snapshot_stale";
    let mut text = format!(
        "# HELP {name} 1: the database has not been heard for a while, changes may be missing.\n# TYPE {name} gauge\n{name} {stale}\n"
    );
    for (name, kind, help, value) in SNAPSHOTS {
        text.push_str(&format!("# HELP {name} {help}\n# TYPE {name} {kind}\n"));
        for it in &figures {
            text.push_str(&format!("{name}{{layer=\"{}\"}} {}\n", it.layer, value(it)));
        }
    }
    text
}
