//! `/pmtiles`: finished archives by ranges, for maps that read them from any file server. Served is what lies in the folder
//! of archives under a layer's name and was made by Mutu, to those it was made for; no path comes from the address.

use std::collections::HashMap;
use std::fs::File;
use std::fs::Metadata;
use std::io;
use std::ops::Range;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use anyhow::Context;
use axum::Extension;
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::HeaderValue;
use axum::http::Method;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::get;
use futures_util::stream;
use serde_json::Value;
use sha2::Digest;
use sha2::Sha256;

use crate::access::Role;
use crate::access::Scope;
use crate::app::App;
use crate::error::Error;
use crate::error::Result;
use crate::extract::Path;

use super::Archive;
use super::Plan;
use super::read::read_at;

/// The media type of archives.
pub const PMTILES: &str = "application/vnd.pmtiles";

/// Bytes that are read and sent at a time.
const CHUNK: usize = 256 * 1024;

/// Routes of archives.
pub fn router() -> Router<App> {
    Router::new().route("/pmtiles/{file}", get(serve)).layer(Extension(Known::default()))
}

/// What was read of each archive, as long as it is the same file.
#[derive(Clone, Default)]
struct Known(Arc<Mutex<HashMap<String, Read>>>);

/// A file, and what was read of it.
type Read = (Stamp, Arc<About>);

/// A file as it was when it was read: device, number, bytes, seconds and nanoseconds of its last change.
type Stamp = (u64, u64, u64, i64, i64);

/// What an archive says of itself.
struct About {
    plan: Option<Plan>,
    /// The same for the same bytes, on every node.
    etag: String,
}

fn stamp(it: &Metadata) -> Stamp {
    use std::os::unix::fs::MetadataExt;
    (it.dev(), it.ino(), it.size(), it.mtime(), it.mtime_nsec())
}

async fn serve(
    State(app): State<App>,
    Extension(known): Extension<Known>,
    scope: Scope,
    Path(name): Path<String>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response> {
    let missing = || Error::not_found("瓦片包 archive", &name);
    let id = name.strip_suffix(".pmtiles").filter(|it| is_plain(it)).ok_or_else(missing)?;
    let path = app.config.archives().join(format!("{id}.pmtiles"));
    let opened = tokio::task::spawn_blocking(move || {
        let file = File::open(path)?;
        let about = file.metadata()?;
        Ok::<_, io::Error>((file, about))
    });
    let (file, metadata) = match opened.await.context("opening an archive")? {
        Ok(it) => it,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(missing()),
        Err(error) => {
            return Err(anyhow::Error::from(error).context(format!("archive {name}")).into());
        }
    };
    if !metadata.is_file() {
        return Err(missing());
    }
    let file = Arc::new(file);
    let about = known.about(id, &file, &metadata).await?;
    let plan = about.plan.as_ref().ok_or_else(missing)?;
    if !plan.is_open_to(&scope, &app.layers) {
        return Err(if scope.account.is_none() {
            Error::SignIn("此瓦片包不公开 / this archive is not public")
        } else {
            Error::Forbidden(name)
        });
    }
    let access = if plan.role == Role::Public { "public" } else { "private" };
    let common = [
        (header::ETAG, about.etag.clone()),
        (header::ACCEPT_RANGES, "bytes".to_owned()),
        // Asked again each time: pieces of two versions do not fit together.
        (header::CACHE_CONTROL, format!("{access}, no-cache")),
        (header::VARY, "Authorization, Cookie".to_owned()),
    ];
    let text = |name| headers.get(name).and_then(|it: &HeaderValue| it.to_str().ok());
    if text(header::IF_NONE_MATCH)
        .is_some_and(|it| it.split(',').any(|it| [about.etag.as_str(), "*"].contains(&it.trim())))
    {
        return Ok((StatusCode::NOT_MODIFIED, common).into_response());
    }
    let length = metadata.len();
    let is_current = text(header::IF_RANGE).is_none_or(|it| it.trim() == about.etag);
    let asked = text(header::RANGE).filter(|_| is_current && method == Method::GET);
    let (status, range) = match asked.map_or(Asked::Whole, |it| Asked::parse(it, length)) {
        Asked::Whole => (StatusCode::OK, 0..length),
        Asked::Part(range) => (StatusCode::PARTIAL_CONTENT, range),
        Asked::Beyond => {
            let beyond = Error::Told {
                status: StatusCode::RANGE_NOT_SATISFIABLE,
                kind: "range",
                why: format!(
                    "范围超出文件的 {length} 字节 / the range is beyond the archive's {length} bytes"
                ),
                more: Value::Null,
            };
            let range = [(header::CONTENT_RANGE, format!("bytes */{length}"))];
            return Ok((range, common, beyond).into_response());
        }
    };
    let size = range.end - range.start;
    let mut response = (status, common, body(file, range.clone())).into_response();
    let answered = response.headers_mut();
    answered.insert(header::CONTENT_TYPE, HeaderValue::from_static(PMTILES));
    answered.insert(header::CONTENT_LENGTH, HeaderValue::from(size));
    if status == StatusCode::PARTIAL_CONTENT {
        let text = format!("bytes {}-{}/{length}", range.start, range.end - 1);
        answered.insert(header::CONTENT_RANGE, HeaderValue::try_from(text).context("a range")?);
    }
    Ok(response)
}

/// A layer's name, as folders of layers have it, and so a file's that leads nowhere else.
fn is_plain(id: &str) -> bool {
    let plain = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'_';
    (1..=63).contains(&id.len()) && id.bytes().all(plain)
}

impl Known {
    async fn about(&self, id: &str, file: &Arc<File>, metadata: &Metadata) -> Result<Arc<About>> {
        let stamp = stamp(metadata);
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned();
        if let Some((then, about)) = known
            && then == stamp
        {
            return Ok(about);
        }
        let about = Arc::new(read(id, file, metadata.len()).await?);
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(id.to_owned(), (stamp, Arc::clone(&about)));
        Ok(about)
    }
}

/// Reads what is needed of an archive. Its beginning tells its tiles from others: the digests of all rows are in it.
async fn read(id: &str, file: &Arc<File>, length: u64) -> Result<About> {
    let plan = match Archive::of_file(Arc::clone(file)).await {
        Ok(archive) => archive.plan,
        Err(error) => {
            tracing::warn!(
                id,
                error = format!("{error:#}"),
                "瓦片包无法读取 / an archive cannot be read"
            );
            None
        }
    };
    if plan.is_none() {
        tracing::warn!(
            id,
            "瓦片包不是亩图导出的，不提供 / an archive that Mutu did not make is not served"
        );
    }
    let file = Arc::clone(file);
    let head = tokio::task::spawn_blocking(move || read_at(&file, 0, CHUNK)).await;
    let head = head.context("reading an archive")?.context("reading an archive")?;
    let mut digest = Sha256::new();
    digest.update(length.to_be_bytes());
    digest.update(&head);
    if let Some(plan) = &plan {
        digest.update(serde_json::to_vec(plan).context("a plan as JSON")?);
    }
    let etag = digest.finalize().iter().take(16).map(|it| format!("{it:02x}")).collect::<String>();
    Ok(About { plan, etag: format!("\"{etag}\"") })
}

/// What a `Range` asks for.
#[derive(Debug, PartialEq, Eq)]
enum Asked {
    /// Nothing, or something that RFC 9110 §14.2 lets a server pass over: other units, several ranges, nonsense.
    Whole,
    Part(Range<u64>),
    Beyond,
}

impl Asked {
    fn parse(text: &str, length: u64) -> Self {
        let Some((first, last)) = text.strip_prefix("bytes=").and_then(|it| it.split_once('-'))
        else {
            return Self::Whole;
        };
        let number = |it: &str| match it.trim() {
            "" => Some(None),
            // A number that does not fit is beyond everything.
            it if it.bytes().all(|it| it.is_ascii_digit()) => {
                Some(Some(it.parse::<u64>().unwrap_or(u64::MAX)))
            }
            _ => None,
        };
        let (Some(first), Some(last)) = (number(first), number(last)) else { return Self::Whole };
        let range = match (first, last) {
            (None, None) => return Self::Whole,
            (Some(first), Some(last)) if last < first => return Self::Whole,
            (Some(first), last) => {
                first..last.map_or(length, |it| it.saturating_add(1).min(length))
            }
            (None, Some(last)) => length.saturating_sub(last)..length,
        };
        if range.start >= length || range.is_empty() { Self::Beyond } else { Self::Part(range) }
    }
}

fn body(file: Arc<File>, range: Range<u64>) -> Body {
    let chunks = stream::unfold(range, move |mut left| {
        let file = Arc::clone(&file);
        async move {
            if left.is_empty() {
                return None;
            }
            let size = usize::try_from(left.end - left.start).map_or(CHUNK, |it| it.min(CHUNK));
            let start = left.start;
            let read = tokio::task::spawn_blocking(move || read_at(&file, start, size)).await;
            let read = read.map_err(io::Error::other).flatten().and_then(|it| {
                let whole = it.len() == size;
                // Somebody cut it short: an answer of the promised length cannot be made any more.
                if whole { Ok(it) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
            });
            left.start += size as u64;
            Some((read, left))
        }
    });
    Body::from_stream(chunks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_read_as_the_standard_has_it() {
        let part = |range| Asked::Part(range);
        for (text, wanted) in [
            ("bytes=0-9", part(0..10)),
            ("bytes=0-0", part(0..1)),
            ("bytes=90-", part(90..100)),
            ("bytes=90-999999999999999999999999", part(90..100)),
            ("bytes=-10", part(90..100)),
            ("bytes=-1000", part(0..100)),
            ("bytes=100-", Asked::Beyond),
            ("bytes=-0", Asked::Beyond),
            ("bytes=999999999999999999999999-", Asked::Beyond),
            ("bytes=5-4", Asked::Whole),
            ("bytes=-", Asked::Whole),
            ("bytes=0-1,4-5", Asked::Whole),
            ("bytes=a-b", Asked::Whole),
            ("bytes=+1-2", Asked::Whole),
            ("lines=0-1", Asked::Whole),
            ("", Asked::Whole),
        ] {
            assert_eq!(Asked::parse(text, 100), wanted, "{text}");
        }
        assert_eq!(Asked::parse("bytes=0-", 0), Asked::Beyond);
    }

    #[test]
    fn a_name_leads_to_no_other_folder() {
        assert!(is_plain("block_class") && is_plain("blocks_104"));
        for wrong in ["", "..", "../x", "a/b", "a.b", "A", "%2e", "a\0", &"a".repeat(64)] {
            assert!(!is_plain(wrong), "{wrong}");
        }
    }
}
