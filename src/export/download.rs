//! A selection as the body of an answer: while its rows come where the format lets it, else through a file in a temporary
//! folder, which is gone when the answer is.

use std::fs;
use std::fs::File;
use std::io;
use std::io::Read;
use std::path::Path;

use anyhow::Context;
use axum::body::Body;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use futures_util::Stream;
use futures_util::StreamExt;
use futures_util::TryStreamExt;
use futures_util::stream;
use percent_encoding::NON_ALPHANUMERIC;
use percent_encoding::utf8_percent_encode;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::db::Reader;
use crate::error::Error;
use crate::error::Result;
use crate::layer::Layer;

use super::About;
use super::Format;
use super::Pen;
use super::Row;
use super::Selection;
use super::Written;
use super::file::write_rows;
use super::queries;

/// Bytes that are read from a file at once.
const CHUNK: usize = 256 * 1024;

/// The selection in one of the formats that are [streamed](Format::is_streamed).
pub async fn streamed(db: Reader, selection: &Selection<'_>, format: Format) -> Result<Response> {
    let mut rows = Box::pin(queries::rows(db, selection)?);
    // The first rows before the answer begins, so that what fails then is still a problem document.
    let first = rows.try_next().await?;
    let body = text(Pen::new(format, selection.columns()), first, rows);
    Ok(attachment(selection.layer, format, Body::from_stream(logged(body))))
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

/// Rows of the selection that were read before, in any format.
pub async fn whole(
    rows: Vec<Row>,
    selection: &Selection<'_>,
    format: Format,
    about: About,
) -> Result<Response> {
    let rows = stream::iter([Ok(rows)]);
    if !format.is_streamed() {
        return through_file(rows, selection, format, about).await;
    }
    let body = text(Pen::new(format, selection.columns()), None, rows);
    Ok(attachment(selection.layer, format, Body::from_stream(body)))
}

/// The selection in any other format: several files as one archive, with what the format could not hold beside them.
pub async fn through_file(
    rows: impl Stream<Item = Result<Vec<Row>>> + Send,
    selection: &Selection<'_>,
    format: Format,
    about: About,
) -> Result<Response> {
    let folder = tempfile::tempdir().context("a temporary folder")?;
    let name = format!("{}.{}", selection.layer.id, format.extension());
    let path = folder.path().join(name);
    let written = write_rows(rows, selection, format, about, &path, &mut |_| {}).await?;
    let packed = tokio::task::spawn_blocking(move || {
        let file = if format.is_several() {
            if !written.notes.is_empty() {
                fs::write(folder.path().join("说明.txt"), written.notes.join("\r\n"))?;
            }
            archive(folder.path())?
        } else {
            File::open(&path)?
        };
        let length = file.metadata()?.len();
        Ok::<_, anyhow::Error>((file, length, folder))
    });
    let (file, length, folder) =
        packed.await.context("packing a download")?.context("packing a download")?;
    let body = stream::try_unfold((file, folder), |(mut file, folder)| async move {
        let read = tokio::task::spawn_blocking(move || {
            let mut chunk = vec![0; CHUNK];
            let count = file.read(&mut chunk)?;
            chunk.truncate(count);
            Ok::<_, io::Error>((chunk, file))
        });
        let (chunk, file) =
            read.await.context("reading a download")?.context("reading a download")?;
        Ok((!chunk.is_empty()).then_some((chunk, (file, folder))))
    });
    let mut response = attachment(selection.layer, format, Body::from_stream(logged(body)));
    response.headers_mut().insert(header::CONTENT_LENGTH, length.into());
    Ok(response)
}

/// A file that was written into a folder, in memory: several files are one archive, with what the format could not hold.
pub fn whole_blocking(
    folder: &tempfile::TempDir,
    path: &Path,
    format: Format,
    written: &Written,
) -> anyhow::Result<Vec<u8>> {
    if !format.is_several() {
        return Ok(fs::read(path)?);
    }
    if !written.notes.is_empty() {
        fs::write(folder.path().join("说明.txt"), written.notes.join("\r\n"))?;
    }
    let mut bytes = Vec::new();
    archive(folder.path())?.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The files of a folder in a file that has no name any more, read from its beginning.
fn archive(folder: &Path) -> anyhow::Result<File> {
    let mut names: Vec<_> = fs::read_dir(folder)?
        .map(|it| Ok(it?.file_name().to_string_lossy().into_owned()))
        .collect::<io::Result<_>>()?;
    names.sort_unstable();
    let mut out = ZipWriter::new(tempfile::tempfile_in(folder)?);
    // A shapefile that holds more than 4 GiB is none.
    for name in names {
        out.start_file(name.as_str(), SimpleFileOptions::default())?;
        io::copy(&mut File::open(folder.join(&name))?, &mut out)?;
    }
    let mut file = out.finish()?;
    io::Seek::rewind(&mut file)?;
    Ok(file)
}

/// A download named after the layer and the day, in Chinese where the client can (RFC 5987).
fn attachment(layer: &Layer, format: Format, body: Body) -> Response {
    let day = chrono::Local::now().format("%Y%m%d");
    let extension = if format.is_several() { "zip" } else { format.extension() };
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
