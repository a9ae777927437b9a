//! `/api/v1/layers/{id}/export`.

use axum::Router;
use futures_util::Stream;
use futures_util::TryStreamExt;

use crate::app::App;
use crate::error::Error;
use crate::error::Result;

/// Routes of downloads.
pub fn router() -> Router<App> {
    Router::new()
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
