//! Pages that everybody may read are written once for a revision of their layer: clients ask for the same first page, and people
//! look at the same part of the map. What signing in shows is read anew every time.

use axum::body::Body;
use bytes::Bytes;
use futures_util::Stream;
use futures_util::StreamExt;
use futures_util::stream;

use super::items;
use super::items::Page;
use crate::app::App;
use crate::app::Asked;
use crate::error::Result;
use crate::export;

/// A larger page would push out too many others.
const LARGEST: usize = 2 << 20;

/// The page as it was written last, else as it is written now.
pub async fn body(app: &App, page: Page<'_>) -> Result<Body> {
    let layer = &page.selection.layer.id;
    // Asked for before the rows are: what is kept is of this revision or a later one, never of an earlier one.
    let revision = match page.kept_under(0) {
        Some(_) => app.db.revision(layer).await,
        None => None,
    };
    let Some(asked) = revision.and_then(|it| page.kept_under(it)) else {
        return Ok(Body::from_stream(export::download::logged(
            items::stream(app.clone(), page).await?,
        )));
    };
    if let Some(page) = app.pages.get(&asked).await {
        return Ok(Body::from(page));
    }
    let written = keep(app.clone(), asked, items::stream(app.clone(), page).await?);
    Ok(Body::from_stream(export::download::logged(written)))
}

/// Lets the page pass, and keeps it when it came to its end.
fn keep(
    app: App,
    asked: Asked,
    page: impl Stream<Item = Result<Vec<u8>>> + Send + 'static,
) -> impl Stream<Item = Result<Vec<u8>>> + Send {
    let from = (Box::pin(page), Some(Vec::new()));
    stream::unfold(from, move |(mut page, mut written)| {
        let app = app.clone();
        async move {
            let Some(next) = page.next().await else {
                if let Some(it) = written {
                    app.pages.insert(asked, Bytes::from(it)).await;
                }
                return None;
            };
            match (&next, &mut written) {
                (Ok(part), Some(it)) if it.len() + part.len() <= LARGEST => {
                    it.extend_from_slice(part);
                }
                _ => written = None,
            }
            Some((next, (page, written)))
        }
    })
    .fuse()
}
