//! `/healthz`: the process lives. `/readyz`: it can answer. `/metrics`: Prometheus text.

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
    let (reading, idle) = app.db.reading();
    let gauges = [
        ("mutu_tile_cache_tiles", "Tiles in the cache.", app.tiles.entry_count()),
        ("mutu_tile_cache_bytes", "Weight of the tile cache in bytes.", app.tiles.weighted_size()),
        ("mutu_db_read_connections", "Open read-only connections.", u64::from(reading)),
        ("mutu_db_read_idle", "Idle read-only connections.", idle as u64),
        ("mutu_db_write_connections", "Open writing connections.", u64::from(app.db.write.size())),
    ];
    gauges
        .iter()
        .map(|(name, help, value)| {
            format!("# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}\n")
        })
        .collect()
}
