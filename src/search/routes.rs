//! `/api/v1/search`.

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::routing::get;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;

use crate::access::Role;
use crate::access::Scope;
use crate::app::App;
use crate::error::Error;
use crate::error::Result;
use crate::extract::Query;
use crate::parcel;

use super::Found;
use super::Hit;
use super::queries;
use super::queries::Texts;

/// Routes of search.
pub fn router() -> Router<App> {
    Router::new().route("/api/v1/search", get(search))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    q: String,
    #[serde(default = "ten")]
    limit: i64,
}

const fn ten() -> i64 {
    10
}

/// The answer of `/api/v1/search`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Results {
    pub results: Vec<Hit>,
}

async fn search(
    State(app): State<App>,
    scope: Scope,
    Query(asked): Query<Asked>,
) -> Result<Json<Results>> {
    let text = asked.q.trim();
    if !(1..=50).contains(&asked.limit) {
        return Err(Error::parameter("limit", "1..50"));
    }
    if text.is_empty() || text.chars().count() > 100 {
        return Err(Error::parameter("q", "1 至 100 个字符 / 1 to 100 characters"));
    }
    if text.contains('\0') {
        return Err(Error::parameter("q", "含有不可见字符 / contains a NUL character"));
    }
    let db = &mut app.db.read(&scope).await?;
    let mut results = Vec::new();
    if let Some(place) = super::place(text) {
        let point = queries::degrees(db, place).await?;
        let label = format!("{:.6}, {:.6}", point[0], point[1]);
        let detail = Some("坐标 / coordinates".to_owned());
        results.push(Hit {
            kind: Found::Coordinate,
            label,
            detail,
            parcel_code: None,
            point,
            bbox: None,
        });
    }
    if let Some(layer) = app.layers.find(parcel::LAYER).filter(|it| it.readable(&scope)) {
        let readable = |name: &str| layer.field_for(&scope, name).is_some();
        let texts = Texts { name: readable("name"), address: readable("address") };
        results.extend(
            queries::parcels(db, layer, texts, text, asked.limit)
                .await?
                .into_iter()
                .map(|it| hit(Found::Parcel, it)),
        );
        // Which enterprise sits where is not public.
        if scope.may(Role::Viewer) {
            let found = queries::enterprises(db, layer, text, asked.limit).await?;
            results.extend(found.into_iter().map(|it| hit(Found::Enterprise, it)));
        }
    }
    if parcel::names_towns(&app, &scope) {
        results.extend(
            queries::towns(db, text, asked.limit).await?.into_iter().map(|it| hit(Found::Town, it)),
        );
    }
    results.truncate(usize::try_from(asked.limit).unwrap_or(10));
    Ok(Json(Results { results }))
}

fn hit(kind: Found, row: queries::Row) -> Hit {
    Hit {
        kind,
        label: row.label,
        detail: row.detail,
        parcel_code: row.parcel_code,
        point: [row.x, row.y],
        bbox: Some([row.west, row.south, row.east, row.north]),
    }
}
