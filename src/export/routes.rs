//! `/api/v1/layers/{id}/export`: the selection as a download.

use std::fs::File;
use std::io::Read;

use anyhow::Context;
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::get;
use futures_util::Stream;
use futures_util::StreamExt;
use futures_util::TryStreamExt;
use futures_util::stream;
use percent_encoding::NON_ALPHANUMERIC;
use percent_encoding::utf8_percent_encode;
use serde::Deserialize;

use crate::access::Scope;
use crate::app::App;
use crate::audit;
use crate::catalog;
use crate::db::Reader;
use crate::error::Error;
use crate::error::Result;
use crate::extract::Path;
use crate::extract::Query;
use crate::layer::Layer;

use super::About;
use super::Asked;
use super::Bbox;
use super::Encoding;
use super::Format;
use super::Pen;
use super::Row;
use super::Selection;
use super::exported;
use super::queries;
use super::queries::Counting;
use super::write_file;

/// Routes of downloads.
pub fn router() -> Router<App> {
    Router::new().route("/api/v1/layers/{id}/export", get(export))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExportQuery {
    format: String,
    bbox: Option<String>,
    filter: Option<String>,
    datetime: Option<String>,
    as_of: Option<String>,
}

impl ExportQuery {
    fn asked(&self) -> Asked<'_> {
        Asked {
            filter: self.filter.as_deref(),
            bbox: self.bbox.as_deref(),
            datetime: self.datetime.as_deref(),
            as_of: self.as_of.as_deref(),
        }
    }
}

async fn export(
    State(app): State<App>,
    scope: Scope,
    Path(id): Path<String>,
    Query(query): Query<ExportQuery>,
) -> Result<Response> {
    let layer = app.layer(&scope, &id)?;
    let format = Format::parse(&query.format)
        .filter(|it| matches!(it, Format::Xlsx | Format::GeoJson | Format::Csv))
        .ok_or_else(|| Error::parameter("format", "xlsx, geojson, csv"))?;
    let mut db = app.db.read(&scope).await?;
    let mut selection = Selection::new(layer, &scope);
    selection.at(query.datetime.as_deref(), query.as_of.as_deref())?;
    if let Some(it) = &query.bbox {
        selection.bbox = Some(Bbox::parse(it)?);
    }
    if let Some(it) = &query.filter {
        selection.filter(it)?;
    }
    if format != Format::GeoJson {
        selection.encoding = Encoding::Without;
    }
    let most = app.config.limits.of(scope.role).export_rows;
    let Some(count) = Counting::new(&selection, most)?.run(&mut db).await? else {
        return Err(Error::BadInput {
            at: "参数 / parameters `bbox`, `filter`".to_owned(),
            why: format!(
                "选中超过 {most} 行：请缩小范围或加筛选条件，或在服务器上用 mutu export / more than {most} rows: \
                 narrow the selection, or use `mutu export` on the server"
            ),
        });
    };
    // Before the first byte: what could not be noted is not given out.
    let event = exported(layer, format, query.asked(), count);
    audit::record(&app.db.write, &scope, event).await?;
    selection.limit = Some(most);
    if format == Format::Xlsx {
        return workbook(db, &selection, query).await;
    }
    let mut rows = Box::pin(queries::rows(db, &selection)?);
    // The first rows before the answer begins, so that what fails then is still a problem document.
    let first = rows.try_next().await?;
    let body = text(Pen::new(format, selection.columns()), first, rows);
    Ok(attachment(layer, format, Body::from_stream(logged(body))))
}

/// Head, rows as they come, tail.
fn text(
    mut pen: Pen,
    first: Option<Vec<Row>>,
    rows: impl Stream<Item = Result<Vec<Row>>> + Send,
) -> impl Stream<Item = Result<Vec<u8>>> + Send {
    let (head, tail) = (pen.head(), pen.tail().to_vec());
    let rows = stream::iter(first.map(Ok)).chain(rows).map_ok(move |it| pen.rows(&it));
    let once = |bytes| stream::iter([Ok(bytes)]);
    once(head).chain(rows).chain(once(tail))
}

/// Through a temporary file, which is gone when the answer is.
async fn workbook(
    mut db: Reader,
    selection: &Selection<'_>,
    query: ExportQuery,
) -> Result<Response> {
    let about = About {
        filter: query.filter,
        bbox: query.bbox,
        datetime: query.datetime,
        as_of: query.as_of,
        revision: catalog::queries::revision(&mut db, &selection.layer.id).await?,
        written_at: Some(chrono::Local::now()),
        written_by: selection.scope.recorded_by().to_owned(),
    };
    let file = tempfile::NamedTempFile::new().context("a temporary file")?;
    let path = file.path().to_owned();
    write_file(db, selection, Format::Xlsx, about, &path, &mut |_| {}).await?;
    // Opened anew: the workbook may have replaced the file.
    let opened = File::open(&path).context("reading the workbook")?;
    let length = opened.metadata().context("reading the workbook")?.len();
    let body = stream::try_unfold((opened, file), |(mut opened, file)| async move {
        let read = tokio::task::spawn_blocking(move || {
            let mut chunk = vec![0; 256 * 1024];
            let count = opened.read(&mut chunk)?;
            chunk.truncate(count);
            Ok::<_, std::io::Error>((chunk, opened))
        });
        let (chunk, opened) =
            read.await.context("reading the workbook")?.context("reading the workbook")?;
        Ok((!chunk.is_empty()).then_some((chunk, (opened, file))))
    });
    let mut response = attachment(selection.layer, Format::Xlsx, Body::from_stream(logged(body)));
    response.headers_mut().insert(header::CONTENT_LENGTH, length.into());
    Ok(response)
}

/// A download named after the layer and the day, in Chinese where the client can (RFC 5987).
fn attachment(layer: &Layer, format: Format, body: Body) -> Response {
    let day = chrono::Local::now().format("%Y%m%d");
    let extension = format.extension();
    let name = format!("{}_{day}.{extension}", layer.title.zh);
    let encoded = utf8_percent_encode(&name, NON_ALPHANUMERIC);
    let disposition = format!(
        "attachment; filename=\"{}_{day}.{extension}\"; filename*=UTF-8''{encoded}",
        layer.id
    );
    let headers = [
        (header::CONTENT_TYPE, format.media_type().to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
        (header::VARY, "Authorization, Cookie".to_owned()),
    ];
    (headers, body).into_response()
}

/// A body whose failure half-way is logged: the client only sees that it was cut off, which is the truth.
pub fn logged(
    body: impl Stream<Item = Result<Vec<u8>>> + Send,
) -> impl Stream<Item = Result<Vec<u8>>> + Send {
    body.inspect_err(|error| {
        let cause = match error {
            Error::Internal(cause) => format!("{cause:#}"),
            other => other.to_string(),
        };
        tracing::error!(error = cause, "a streamed answer was cut off");
    })
}
