//! What a picture is of: layers that the scope may read, each as it is in memory at one revision, some with a filter.

use std::sync::Arc;

use crate::access::Scope;
use crate::app::App;
use crate::catalog;
use crate::cql;
use crate::error::Error;
use crate::error::Result;
use crate::font::Fonts;
use crate::layer::Geometry;
use crate::layer::Layer;
use crate::snapshot::Held;
use crate::snapshot::View;

/// Layers of one picture at most.
const LAYERS: usize = 40;

/// A layer of a picture.
#[derive(Clone, Debug)]
pub struct Subject {
    pub layer: String,
    pub held: Held,
    /// Only rows for which it is true; checked against what the scope may read.
    pub filter: Option<cql::Expr>,
}

/// The layers of `a,b,c`, each with shapes and for the scope; those that the map opens with where nothing is named.
pub fn named<'a>(app: &'a App, scope: &Scope, ids: Option<&str>) -> Result<Vec<&'a Layer>> {
    let mut layers: Vec<&Layer> = match ids {
        None => app.layers.layers.values().filter(|it| it.visible && it.readable(scope)).collect(),
        Some(ids) => {
            let ids: Vec<&str> = ids.split(',').map(str::trim).collect();
            if ids.len() > LAYERS {
                let why =
                    format!("至多 {LAYERS} 个图层 / at most {LAYERS} layers, not {}", ids.len());
                return Err(Error::parameter("layers", why));
            }
            let found: Result<Vec<&Layer>> = ids.iter().map(|it| app.layer(scope, it)).collect();
            found?
        }
    };
    if let Some(it) = layers.iter().find(|it| ids.is_some() && it.geometry == Geometry::None) {
        let why = format!("`{}` 是表，没有图形 / is a table and has no shapes", it.id);
        return Err(Error::parameter("layers", why));
    }
    layers.retain(|it| it.geometry != Geometry::None);
    let mut seen = Vec::new();
    layers.retain(|it| {
        !seen.contains(&it.id) && {
            seen.push(it.id.clone());
            true
        }
    });
    Ok(layers)
}

/// The layers as they are in memory. `filter` is CQL2 text over one of them.
pub fn gather(
    app: &App,
    scope: &Scope,
    layers: &[&Layer],
    filter: Option<(&str, &str)>,
) -> Result<Vec<Subject>> {
    if let Some((id, _)) = filter
        && !layers.iter().any(|it| it.id == id)
    {
        let why = format!("图层 `{id}` 不在图中 / the layer `{id}` is not in the picture");
        return Err(Error::parameter("filter_layer", why));
    }
    let mut subjects = Vec::with_capacity(layers.len());
    for layer in layers {
        let held = app.snapshots.get(&layer.id).ok_or(Error::Busy(
            "图层尚未载入内存（或超出 [snapshot] memory_mb），无法绘图 / a layer is not in memory yet, or is beyond `[snapshot] memory_mb`: it cannot be drawn",
        ))?;
        let text = filter.filter(|it| it.0 == layer.id).map(|it| it.1);
        let mut expr = None;
        if let Some(text) = text {
            let (it, _) = catalog::filter::both(layer, scope, text, 1)?;
            if !View::new(&held.snapshot, layer, scope).decides(&it) {
                return Err(Error::parameter(
                    "filter",
                    "绘图的筛选条件不支持空间判断 / a picture's filter cannot have spatial predicates, nor numbers of too many digits",
                ));
            }
            expr = Some(it);
        }
        subjects.push(Subject { layer: layer.id.clone(), held, filter: expr });
    }
    Ok(subjects)
}

impl Subject {
    /// What the scope sees of it.
    pub fn view<'a>(&'a self, app: &'a App, scope: &'a Scope) -> Result<View<'a>> {
        Ok(View::new(&self.held.snapshot, app.layer(scope, &self.layer)?, scope))
    }
}

/// What pictures are written in, read when it is first needed.
pub async fn fonts(app: &App) -> Result<Arc<Fonts>> {
    if let Some(it) = app.fonts.get() {
        return it.as_ref().map(Arc::clone).map_err(Error::no_font);
    }
    let owned = app.clone();
    let read = tokio::task::spawn_blocking(move || {
        let file = owned.config.font.as_deref();
        owned.fonts.get_or_init(|| Fonts::load(file).map(Arc::new).map_err(|it| format!("{it:#}")));
    });
    read.await.map_err(|it| anyhow::anyhow!("reading the fonts: {it}"))?;
    match app.fonts.get() {
        Some(Ok(it)) => Ok(Arc::clone(it)),
        Some(Err(why)) => Err(Error::no_font(why)),
        None => Err(anyhow::anyhow!("the fonts were just read").into()),
    }
}
