//! What an archive is asked for, against what there is: layers that the role may read, zooms that they have.

use anyhow::bail;

use crate::access::Means;
use crate::access::Role;
use crate::access::Scope;
use crate::app::App;
use crate::error::Error;
use crate::layer::Geometry;
use crate::layer::Layer;

use super::Wanted;

/// Somebody of that role, for all units.
pub(super) fn scope(role: Role) -> Scope {
    match role {
        Role::Public => Scope::public(),
        role => Scope {
            role,
            account: Some("console".to_owned()),
            means: Means::Console,
            ..Scope::default()
        },
    }
}

pub(super) fn chosen<'a>(
    app: &'a App,
    scope: &Scope,
    wanted: &Wanted,
) -> anyhow::Result<Vec<&'a Layer>> {
    let mut layers: Vec<&Layer> = Vec::new();
    if wanted.layers.is_empty() {
        let all = app.layers.layers.values();
        layers.extend(all.filter(|it| it.geometry != Geometry::None && it.readable(scope)));
    }
    for id in &wanted.layers {
        let layer = match app.layer(scope, id) {
            Ok(it) => it,
            Err(Error::SignIn(_) | Error::Forbidden(_)) => bail!(
                "图层 `{id}` 不对 {role} 开放 / the layer `{id}` is not for {role}: say for whom the archive is with --role",
                role = wanted.role
            ),
            Err(other) => return Err(other.into()),
        };
        if layer.geometry == Geometry::None {
            bail!("图层 `{id}` 没有图形 / the layer `{id}` has no shapes, so it has no tiles");
        }
        if !layers.iter().any(|it| it.id == layer.id) {
            layers.push(layer);
        }
    }
    if layers.is_empty() || layers.len() > 64 {
        bail!("没有可导出的图层，或多于 64 个 / no layer to export, or more than 64");
    }
    Ok(layers)
}

/// The zooms of the archive: within those of the layers, and with something of every layer that was named.
pub(super) fn zooms(layers: &[&Layer], wanted: &Wanted) -> anyhow::Result<(u8, u8)> {
    let least = layers.iter().map(|it| it.zooms.min).min().unwrap_or_default();
    let most = layers.iter().map(|it| it.zooms.max).max().unwrap_or_default();
    let Some((min, max)) = wanted.zooms else { return Ok((least, most)) };
    if min < least || max > most {
        bail!(
            "--zooms {min}-{max} 超出图层的级别 {least}-{most} / --zooms {min}-{max} is beyond the layers', which have tiles at zooms {least}-{most}"
        );
    }
    for layer in layers.iter().filter(|it| wanted.layers.contains(&it.id)) {
        if layer.zooms.max < min || layer.zooms.min > max {
            bail!(
                "图层 `{0}` 只有 {1}-{2} 级瓦片 / the layer `{0}` has tiles at zooms {1}-{2} only, not at {min}-{max}",
                layer.id,
                layer.zooms.min,
                layer.zooms.max
            );
        }
    }
    Ok((min, max))
}
