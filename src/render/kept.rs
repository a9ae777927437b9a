//! Pictures for screens as PNG: made once for all who ask at the same moment, and kept beside tiles.

use std::sync::Arc;

use anyhow::Context;
use anyhow::anyhow;

use crate::access::Scope;
use crate::app::App;
use crate::app::Encoding;
use crate::app::TileBytes;
use crate::app::TileKey;
use crate::error::Error;
use crate::error::Result;
use crate::layer::Layer;

use super::Frame;
use super::Subject;
use super::draw;
use super::draw::Look;
use super::fonts;
use super::gather;
use super::output;

/// Where a picture stands among others like it: what it is called, and level, column and row where it is a tile.
#[derive(Clone, Debug)]
pub struct Name {
    /// The service, with what else the picture hangs on.
    pub what: String,
    pub grid: &'static str,
    pub z: u8,
    pub x: u32,
    pub y: u32,
}

/// A picture of layers as they are in memory.
#[derive(Clone, Debug)]
pub struct Shown {
    pub subjects: Vec<Subject>,
    /// CQL2 text, as it was asked.
    filter: Option<String>,
}

impl Shown {
    /// Looks the layers up. Whatever the scope may not read is refused here, before anything that was kept is given out.
    pub fn new(app: &App, scope: &Scope, layers: &[&Layer], filter: Option<&str>) -> Result<Self> {
        let of = match (layers, filter) {
            (_, None) => None,
            ([one], Some(text)) => Some((one.id.as_str(), text)),
            _ => {
                return Err(Error::parameter(
                    "filter",
                    "只能筛选单个图层 / a filter is of one layer: ask for its picture by itself",
                ));
            }
        };
        let subjects = gather(app, scope, layers, of)?;
        Ok(Self { subjects, filter: filter.map(ToOwned::to_owned) })
    }

    /// The layers with their revisions.
    pub fn stamp(&self) -> String {
        let each =
            self.subjects.iter().map(|it| format!("{}-{}", it.layer, it.held.snapshot.revision));
        each.collect::<Vec<_>>().join(".")
    }

    /// Whether the database has not been heard of for a while.
    pub fn is_stale(&self) -> bool {
        self.subjects.iter().any(|it| it.held.is_stale)
    }

    /// The picture as PNG.
    pub async fn png(
        &self,
        app: &App,
        scope: &Scope,
        name: Name,
        frame: Frame,
        look: Look,
    ) -> Result<Arc<TileBytes>> {
        let Name { what, grid, z, x, y } = name;
        let key = TileKey {
            what: format!("{what} {}", self.stamp()).into(),
            revision: 0,
            class: scope.class().into(),
            grid,
            z,
            x,
            y,
            filter: self.filter.as_deref().map(Into::into),
            encoding: Encoding::Identity,
        };
        let made = app.tiles.try_get_with(key, async {
            let fonts = fonts(app).await?;
            let permit = app.drawing.clone().acquire_owned().await.context("drawing a picture")?;
            let (owned, scope, subjects) = (app.clone(), scope.clone(), self.subjects.clone());
            let drawn = tokio::task::spawn_blocking(move || -> Result<Vec<u8>> {
                let _permit = permit;
                let picture = draw::draw(&owned, &scope, &subjects, &frame, &look, &fonts)?;
                Ok(output::png(&picture.document(&frame, &fonts.family), &fonts, 1.0)?)
            });
            let bytes = drawn.await.context("drawing a picture")??;
            Ok::<_, Error>(Arc::new(TileBytes { bytes: bytes.into(), ..TileBytes::default() }))
        });
        made.await.map_err(|it| again(&it))
    }
}

/// What went wrong for one is told to all who waited.
fn again(error: &Error) -> Error {
    match error {
        Error::Busy(what) => Error::Busy(what),
        Error::BadInput { at, why } => Error::BadInput { at: at.clone(), why: why.clone() },
        Error::Told { status, kind, why, more } => {
            Error::Told { status: *status, kind, why: why.clone(), more: more.clone() }
        }
        other => Error::Internal(anyhow!("{other:?}").context("drawing a picture")),
    }
}
