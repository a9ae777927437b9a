//! `/api/v1/cases/{case_code}/attachments`, and how a file arrives in a form.

use axum::extract::FromRequest;
use axum::extract::Multipart;
use axum::extract::Request;
use axum::extract::State;
use axum::extract::multipart::Field;
use axum::extract::multipart::MultipartError;
use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use percent_encoding::NON_ALPHANUMERIC;
use percent_encoding::utf8_percent_encode;
use serde::Deserialize;
use serde_json::json;
use tokio::time::timeout;

use crate::access::Scope;
use crate::app::App;
use crate::audit;
use crate::audit::Action;
use crate::config::Timeouts;
use crate::error::Error;
use crate::error::Result;
use crate::extract::Path;
use crate::extract::Query;
use crate::ingest::batch::upload;

use super::super::desk;
use super::super::routes::Nothing;
use super::super::routes::answer;
use super::Given;
use super::Kind;

/// Bytes of a part that is no file.
const MOST_TEXT: usize = 16 * 1024;

fn refused(most: usize) -> impl Fn(MultipartError) -> Error {
    move |error| match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Error::TooLarge { most },
        _ => Error::BadInput { at: "请求正文 / body".to_owned(), why: error.body_text() },
    }
}

/// The content of a part, refused as soon as it is too large or stands still.
async fn take(app: &App, mut part: Field<'_>, most: usize) -> Result<Vec<u8>> {
    let stall = Timeouts::seconds(app.config.timeouts.stall);
    let refused = refused(most);
    let mut content = Vec::new();
    loop {
        let piece = timeout(stall, part.chunk())
            .await
            .map_err(|_| Error::Busy("the upload stood still; send it again"))?;
        let Some(piece) = piece.map_err(&refused)? else { return Ok(content) };
        if content.len() + piece.len() > most {
            return Err(Error::TooLarge { most });
        }
        content.extend_from_slice(&piece);
    }
}

/// The one file of a form, of at most that size, and the note beside it. Its name is made readable and safe.
pub(in super::super) async fn received(app: &App, request: Request, most: usize) -> Result<Given> {
    let mut parts = Multipart::from_request(request, app)
        .await
        .map_err(|it| Error::BadInput { at: "Content-Type".to_owned(), why: it.body_text() })?;
    let (mut file, mut note) = (None, None);
    while let Some(part) = parts.next_field().await.map_err(refused(most))? {
        match part.name() {
            Some("file") if file.is_none() => {
                let head = part.headers().get(header::CONTENT_DISPOSITION);
                let name = head.and_then(|it| upload::of_disposition(it.as_bytes()));
                let name = name.ok_or_else(|| Error::BadInput {
                    at: "file".to_owned(),
                    why: "缺少文件名 / the part has no `filename`".to_owned(),
                })?;
                file = Some((upload::readable(&name), take(app, part, most).await?));
            }
            Some("note") if note.is_none() => {
                let text = take(app, part, MOST_TEXT).await?;
                let text = String::from_utf8(text)
                    .map_err(|_| Error::parameter("note", "不是 UTF-8 / is no UTF-8"))?;
                note = Some(text.trim().to_owned()).filter(|it| !it.is_empty());
            }
            other => {
                let at = other.unwrap_or_default().to_owned();
                let why = "应为一个 file，另可有一个 note / one `file`, and perhaps one `note`";
                return Err(Error::BadInput { at, why: why.to_owned() });
            }
        }
    }
    let Some((name, content)) = file else {
        let why = "没有文件 / there is no file".to_owned();
        return Err(Error::BadInput { at: "file".to_owned(), why });
    };
    if content.is_empty() {
        return Err(Error::BadInput {
            at: name, why: "文件是空的 / the file is empty".to_owned()
        });
    }
    Ok(Given { name, content, note })
}

pub(in super::super) async fn all(
    State(app): State<App>,
    scope: Scope,
    Path(case_code): Path<String>,
    Query(Nothing {}): Query<Nothing>,
) -> Result<Response> {
    Ok(answer(super::all(&app, &scope, &case_code).await?))
}

pub(in super::super) async fn add(
    State(app): State<App>,
    scope: Scope,
    Path(case_code): Path<String>,
    request: Request,
) -> Result<Response> {
    desk::officer(&scope)?;
    // Before the file is taken in: who may not give it here need not send it.
    let case = desk::read(&app, &scope, &case_code).await?;
    desk::within(&scope, case.responsible_unit.as_deref())?;
    let given = received(&app, request, app.config.attachments.file_bytes()).await?;
    let added = super::add(&app, &scope, &case_code, &given).await?;
    let address =
        format!("/api/v1/cases/{}/attachments/{}", encoded(&case_code), added.attachment_id);
    let mut response = (StatusCode::CREATED, answer(added)).into_response();
    if let Ok(address) = address.try_into() {
        response.headers_mut().insert(header::LOCATION, address);
    }
    Ok(response)
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

/// A file is saved and never shown: whatever stands in it, no page of ours is where it runs.
pub(in super::super) async fn download(
    State(app): State<App>,
    scope: Scope,
    Path((case_code, attachment_id)): Path<(String, i64)>,
    Query(Nothing {}): Query<Nothing>,
) -> Result<Response> {
    let (found, content) = super::find(&app, &scope, &case_code, attachment_id).await?;
    let event = audit::Event::of(Action::Export, &case_code)
        .with(json!({"attachment_id": attachment_id, "name": found.name, "sha256": found.sha256}));
    audit::record(&app.db.write, &scope, event).await?;
    let kind = Kind::parse(&found.kind).map_or("bin", Kind::name);
    let mut response = content.into_response();
    let headers = response.headers_mut();
    let disposition = format!(
        "attachment; filename=\"attachment-{attachment_id}.{kind}\"; filename*=UTF-8''{}",
        encoded(&found.name)
    );
    for (name, value) in [
        (header::CONTENT_TYPE, found.media_type),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox".to_owned()),
    ] {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(name, value);
        }
    }
    Ok(response)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct Why {
    #[serde(default)]
    reason: String,
}

pub(in super::super) async fn withdraw(
    State(app): State<App>,
    scope: Scope,
    Path((case_code, attachment_id)): Path<(String, i64)>,
    Query(Why { reason }): Query<Why>,
) -> Result<Response> {
    Ok(answer(super::withdraw(&app, &scope, &case_code, attachment_id, &reason).await?))
}
