//! Edits over HTTP: beside `/api/v1/parcels/{parcel_code}`, which `parcel` reads.

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::patch;
use axum::routing::post;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::access::Scope;
use crate::app::App;
use crate::error::Error;
use crate::error::Result;
use crate::extract;
use crate::extract::Path;
use crate::extract::Query;
use crate::extract::version_of;
use crate::extract::version_tag;
use crate::parcel::encoded;

use super::Change;
use super::Create;
use super::Merge;
use super::Retire;
use super::Split;
use super::Written;
use super::desk::Desk;

/// Routes of edits.
pub fn router() -> Router<App> {
    Router::new()
        .route("/api/v1/parcels", post(create))
        .route("/api/v1/parcels/merge", post(merge))
        .route("/api/v1/parcels/{parcel_code}", patch(change).delete(retire))
        .route("/api/v1/parcels/{parcel_code}/split", post(split))
}

/// The version that the caller has read. Without it nobody knows what they mean to change; who may not edit at all is
/// told that first.
fn seen(app: &App, scope: &Scope, headers: &HeaderMap) -> Result<i64> {
    Desk::open(app, scope)?;
    let mut given = headers.get_all(header::IF_MATCH).iter();
    let Some(first) = given.next() else { return Err(Error::version_needed()) };
    let tag = first.to_str().ok().filter(|_| given.next().is_none()).and_then(version_of);
    tag.ok_or_else(|| Error::BadInput {
        at: "请求头 / header `If-Match`".to_owned(),
        why: "应为读取宗地时的一个 ETag，如 \"17\" / one `ETag` with which the parcel was answered, such as \"17\"".to_owned(),
    })
}

/// The body, and the same as it was sent.
fn read<T: DeserializeOwned>(sent: &Value) -> Result<T> {
    T::deserialize(sent)
        .map_err(|it| Error::BadInput { at: "请求正文 / body".to_owned(), why: it.to_string() })
}

/// The answer, with the address and the new version where there is one of each.
fn answer(status: StatusCode, one: Option<&Written>, body: impl Serialize) -> Response {
    let mut response = (status, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response();
    let headers = response.headers_mut();
    if let Some(one) = one {
        headers.extend(version_tag(one.version.row_id).map(|it| (header::ETAG, it)));
        let address = format!("/api/v1/parcels/{}", encoded(&one.parcel_code));
        if let (StatusCode::CREATED, Ok(address)) = (status, address.try_into()) {
            headers.insert(header::LOCATION, address);
        }
    }
    response
}

async fn create(
    State(app): State<App>,
    scope: Scope,
    extract::Json(sent): extract::Json<Value>,
) -> Result<Response> {
    let asked: Create = read(&sent)?;
    let written = super::create(&app, &scope, &asked).await?;
    Ok(answer(StatusCode::CREATED, Some(&written), &written))
}

async fn change(
    State(app): State<App>,
    scope: Scope,
    Path(parcel_code): Path<String>,
    headers: HeaderMap,
    extract::Json(sent): extract::Json<Value>,
) -> Result<Response> {
    let asked: Change = read(&sent)?;
    let seen = seen(&app, &scope, &headers)?;
    let written = super::change(&app, &scope, &parcel_code, seen, &sent, &asked).await?;
    Ok(answer(StatusCode::OK, Some(&written), &written))
}

async fn retire(
    State(app): State<App>,
    scope: Scope,
    Path(parcel_code): Path<String>,
    Query(asked): Query<Retire>,
    headers: HeaderMap,
) -> Result<Response> {
    let seen = seen(&app, &scope, &headers)?;
    let written = super::retire(&app, &scope, &parcel_code, seen, &asked).await?;
    Ok(answer(StatusCode::OK, Some(&written), &written))
}

async fn split(
    State(app): State<App>,
    scope: Scope,
    Path(parcel_code): Path<String>,
    headers: HeaderMap,
    extract::Json(sent): extract::Json<Value>,
) -> Result<Response> {
    let asked: Split = read(&sent)?;
    let seen = seen(&app, &scope, &headers)?;
    let done = super::split(&app, &scope, &parcel_code, seen, &sent, &asked).await?;
    Ok(answer(StatusCode::CREATED, None, &done))
}

async fn merge(
    State(app): State<App>,
    scope: Scope,
    extract::Json(sent): extract::Json<Value>,
) -> Result<Response> {
    let asked: Merge = read(&sent)?;
    let done = super::merge(&app, &scope, &sent, &asked).await?;
    Ok(answer(StatusCode::CREATED, done.children.first(), &done))
}
