//! Who is let in, and with how much: callers are told apart before any handler runs, asked to wait when they ask too
//! often, and neither a body nor an answer may go on for ever. Files of the web map come from memory and are not counted.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::body::HttpBody;
use axum::extract::FromRequestParts;
use axum::extract::MatchedPath;
use axum::extract::Request;
use axum::extract::State;
use axum::http::Method;
use axum::http::header;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;
use http_body_util::Limited;

use crate::access::Role;
use crate::access::Scope;
use crate::account::Caller;
use crate::app::App;
use crate::config::Timeouts;
use crate::error::Error;
use crate::error::Result;
use crate::extract::BodyLimit;
use crate::extract::Known;
use crate::extract::has_credentials;
use crate::extract::is_read;
use crate::site::Site;

use super::bucket::Buckets;
use super::bucket::Counted;
use super::refusals::Asked;
use super::refusals::Refusals;

/// Bytes of an upload that are no file: heads of parts, options.
const AROUND: usize = 2 * 1024 * 1024;

/// What admission goes by.
#[derive(Clone)]
pub(super) struct Admission {
    app: App,
    buckets: Arc<Buckets>,
    refusals: Refusals,
}

impl Admission {
    pub(super) fn new(app: &App, buckets: Arc<Buckets>) -> Self {
        Self { app: app.clone(), buckets, refusals: Refusals::new() }
    }

    /// How long the answer may take to begin.
    fn patience(&self, path: &str, is_upload: bool) -> Duration {
        let timeouts = &self.app.config.timeouts;
        if is_upload {
            return Timeouts::seconds(timeouts.upload);
        }
        let is_download = path.ends_with("/export") && path.starts_with("/api/v1/")
            || path.starts_with("/print/")
            || path.starts_with("/api/v1/")
                && path.rsplit_once('.').is_some_and(|it| it.1 == "pdf");
        Timeouts::seconds(if is_download { timeouts.download } else { timeouts.answer })
    }
}

pub(super) async fn admit(
    State(it): State<Admission>,
    request: Request,
    next: Next,
) -> Result<Response> {
    let (mut parts, body) = request.into_parts();
    let Ok(site) = Site::from_request_parts(&mut parts, &it.app).await;
    let may_change = !parts.method.is_safe() && !is_read(parts.uri.path());
    let asked = Asked {
        method: parts.method.clone(),
        route: parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str).to_owned(),
        path: parts.uri.path().to_owned(),
        client: site.client,
    };
    let mut scope = Scope::public();
    let answered = answer(&it, &site, parts, body, next, &mut scope).await;
    if may_change {
        it.app.db.changed();
    }
    let status = match &answered {
        Ok(response) => response.status(),
        Err(error) => error.kind().0,
    };
    it.refusals.note(&it.app, &scope, &asked, status).await;
    answered
}

/// The answer, and the scope it was asked under.
async fn answer(
    it: &Admission,
    site: &Site,
    mut parts: Parts,
    body: Body,
    next: Next,
    scope: &mut Scope,
) -> Result<Response> {
    if has_credentials(&parts.headers) {
        it.buckets.take_lookup(site.client)?;
    }
    let caller = match Caller::from_request_parts(&mut parts, &it.app).await {
        Ok(caller) => Some(caller),
        // Guessing costs as much as asking.
        Err(refused @ (Error::SignIn(_) | Error::Credentials(_))) => {
            it.buckets.take(&Scope::public(), site.client)?;
            return Err(refused);
        }
        // What may not be changed in this way may be somebody signing in, which is the handler's to say.
        Err(Error::NotAllowed(_)) => None,
        Err(other) => return Err(other),
    };
    if let Some(caller) = &caller {
        *scope = caller.scope.clone();
    }
    if parts.extensions.remove::<Counted>().is_none() {
        it.buckets.take(scope, site.client)?;
    }
    let limits = &it.app.config.limits;
    let upload = upload_bytes(&it.app, scope, &parts);
    let is_upload = upload.is_some();
    let most = upload.unwrap_or(limits.of(scope.role).body_bytes);
    let length = parts.headers.get(header::CONTENT_LENGTH).and_then(|it| it.to_str().ok());
    let length = length.and_then(|it| it.parse::<u64>().ok()).unwrap_or(0);
    // What stands around the files of an upload is not theirs to answer for.
    let bound = if is_upload { most.saturating_add(AROUND) } else { most };
    if length > bound as u64 {
        return Err(Error::TooLarge { most });
    }
    let body = if body.is_end_stream() { body } else { Body::new(Limited::new(body, bound)) };
    let patience = it.patience(parts.uri.path(), is_upload);
    if let Some(caller) = caller {
        parts.extensions.insert(Known(caller));
    }
    parts.extensions.insert(BodyLimit(most));
    in_time(patience, next.run(Request::from_parts(parts, body))).await
}

/// The largest body of what takes files, for whom it takes them.
fn upload_bytes(app: &App, scope: &Scope, parts: &Parts) -> Option<usize> {
    if parts.method != Method::POST {
        return None;
    }
    let path = parts.uri.path();
    if path == "/api/v1/imports" {
        return scope.may(Role::Steward).then(|| app.config.limits.upload_bytes());
    }
    let is_file = path == "/api/v1/list-templates"
        || path.starts_with("/api/v1/cases/") && path.ends_with("/attachments");
    (is_file && scope.may(Role::Officer)).then(|| app.config.attachments.file_bytes())
}

/// The answer, if it begins in time.
pub(super) async fn in_time<T>(patience: Duration, answer: impl Future<Output = T>) -> Result<T> {
    tokio::time::timeout(patience, answer)
        .await
        .map_err(|_| Error::Busy("the answer took too long; ask for a smaller area"))
}
