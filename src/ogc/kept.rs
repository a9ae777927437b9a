//! Pages that everybody may read are kept for a revision of their layer: clients ask for the same first page, and people look at
//! the same part of the map. What the record tells is written once, what the map in memory tells until it is asked for again.
//! Kept are pages that were asked for by an address and answered with GeoJSON or JSON-FG; what signing in shows is read anew
//! every time.

use axum::body::Body;
use axum::http::HeaderMap;
use axum::http::HeaderValue;
use axum::http::Uri;
use axum::http::header;
use axum::response::Response;
use bytes::Bytes;
use futures_util::Stream;
use futures_util::StreamExt;
use futures_util::stream;

use super::held;
use super::items;
use super::items::Page;
use super::routes;
use crate::access::Scope;
use crate::app::App;
use crate::app::Asked;
use crate::app::Encoding;
use crate::app::KeptPage;
use crate::error::Result;
use crate::export;
use crate::site::Site;
use crate::tile::encoding;

/// A larger page would push out too many others.
const LARGEST: usize = 2 << 20;
/// A page that is compressed where its request is read; a larger one is compressed apart.
const QUICK: usize = 32 << 10;

/// A page as it was asked for, before anything of it is understood: who asks in the same words is told the same.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    pub site: &'a Site,
    /// Below the public address.
    pub path: &'a str,
    pub uri: &'a Uri,
    pub accept: Option<&'a str>,
}

impl Question<'_> {
    /// The layer whose features are asked for.
    pub fn layer(&self) -> Option<&str> {
        self.path.strip_prefix("/ogc/collections/")?.strip_suffix("/items")
    }

    fn at(&self, layer: &str, revision: i64, encoding: Encoding) -> Asked {
        let url = self.site.url();
        // No query is not an empty one, of which a link is made with its question mark.
        let (query, accept) = (self.uri.query().map(|it| format!("?{it}")), self.accept);
        let parts = [
            url.as_str(),
            self.path,
            query.as_deref().unwrap_or_default(),
            accept.unwrap_or("*/*"),
            encoding.name().unwrap_or_default(),
        ];
        Asked::of(layer, revision, parts)
    }
}

/// The page as it was written last, if it is kept, without looking at what is asked for; `None` is for [`tell`].
pub async fn find(app: &App, question: Question<'_>, headers: &HeaderMap) -> Option<Response> {
    let layer = question.layer()?;
    app.layer(&Scope::public(), layer).ok()?;
    let revision = app.db.revision(layer).await?;
    let encoding = preferred(headers);
    let asked = question.at(layer, revision, encoding);
    let page = match app.pages.get(&asked).await {
        Some(page) => page,
        None if encoding == Encoding::Identity => return None,
        None => {
            let plain = question.at(layer, revision, Encoding::Identity);
            let page = compressed(app.pages.get(&plain).await?, encoding).await?;
            app.pages.insert(asked, page.clone()).await;
            page
        }
    };
    Some(response(page))
}

/// The page as the map in memory tells it, kept when it is asked for again: most boxes come once, and would push out what is
/// asked for often. `None` is for [`routes::router`].
pub async fn tell(
    app: &App,
    question: Question<'_>,
    page: &Page<'_>,
    headers: &HeaderMap,
) -> Option<Response> {
    let layer = &page.selection.layer.id;
    let revision = app.db.revision(layer).await?;
    let bytes = held::written(app, page, revision).ok()??.into();
    let encoding = preferred(headers);
    let (media_type, crs) = (page.writing.media_type(), page.crs);
    let mut page = KeptPage { media_type, crs, encoding: Encoding::Identity, bytes };
    if encoding != Encoding::Identity {
        page = compressed(page, encoding).await?;
    }
    let asked = question.at(layer, revision, encoding);
    if app.lately.asked(&asked) {
        app.pages.insert(asked, page.clone()).await;
    }
    Some(response(page))
}

fn preferred(headers: &HeaderMap) -> Encoding {
    let accept = headers.get_all(header::ACCEPT_ENCODING).iter();
    let accept = accept.filter_map(|it| it.to_str().ok()).flat_map(|it| it.split(','));
    encoding::preferred(accept)
}

fn response(page: KeptPage) -> Response {
    let mut response = routes::located(page.crs, routes::answer(page.media_type, page.bytes));
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(it) = page.encoding.name() {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(it));
    }
    response
}

async fn compressed(page: KeptPage, encoding: Encoding) -> Option<KeptPage> {
    if page.bytes.len() < encoding::LEAST {
        return Some(page);
    }
    let bytes = if page.bytes.len() <= QUICK {
        encoding::compress(encoding, &page.bytes)
    } else {
        let whole = page.bytes.clone();
        tokio::task::spawn_blocking(move || encoding::compress(encoding, &whole)).await.ok()?
    };
    Some(KeptPage { bytes: bytes.ok()?, encoding, ..page })
}

/// The page as it is written now, and kept where everybody is told the same.
pub async fn body(app: &App, page: Page<'_>, question: Option<Question<'_>>) -> Result<Body> {
    let layer = &page.selection.layer.id;
    // Asked for before the rows are: what is kept is of this revision or a later one, never of an earlier one.
    let asked = match question.filter(|_| page.is_for_all()) {
        Some(it) => {
            let revision = app.db.revision(layer).await;
            revision.map(|revision| (revision, it.at(layer, revision, Encoding::Identity)))
        }
        None => None,
    };
    let Some((revision, asked)) = asked else {
        return Ok(Body::from_stream(export::download::logged(
            items::stream(app.clone(), page).await?,
        )));
    };
    if let Some(kept) = app.pages.get(&asked).await {
        return Ok(Body::from(kept.bytes));
    }
    let empty = KeptPage {
        media_type: page.writing.media_type(),
        crs: page.crs,
        encoding: Encoding::Identity,
        bytes: Bytes::new(),
    };
    if let Some(bytes) = held::written(app, &page, revision)? {
        let bytes = Bytes::from(bytes);
        if app.lately.asked(&asked) {
            app.pages.insert(asked, KeptPage { bytes: bytes.clone(), ..empty }).await;
        }
        return Ok(Body::from(bytes));
    }
    let written = keep(app.clone(), (asked, empty), items::stream(app.clone(), page).await?);
    Ok(Body::from_stream(export::download::logged(written)))
}

/// Lets the page pass, and keeps it when it came to its end.
fn keep(
    app: App,
    kept: (Asked, KeptPage),
    page: impl Stream<Item = Result<Vec<u8>>> + Send + 'static,
) -> impl Stream<Item = Result<Vec<u8>>> + Send {
    let from = (Box::pin(page), Some((Vec::new(), kept)));
    stream::unfold(from, move |(mut page, mut written)| {
        let app = app.clone();
        async move {
            let Some(next) = page.next().await else {
                if let Some((bytes, (asked, kept))) = written {
                    app.pages.insert(asked, KeptPage { bytes: bytes.into(), ..kept }).await;
                }
                return None;
            };
            match (&next, &mut written) {
                (Ok(part), Some((it, _))) if it.len() + part.len() <= LARGEST => {
                    it.extend_from_slice(part);
                }
                _ => written = None,
            }
            Some((next, (page, written)))
        }
    })
    .fuse()
}
