//! Plans and what may become of land: whether it conforms, which pieces lie together, where a project finds room, what can
//! be given back. Decisions are `judgement`'s; here their facts are read, each under the caller's scope.

use rust_decimal::Decimal;

use crate::access::Scope;
use crate::app::App;
use crate::error::Error;
use crate::error::Result;
use crate::layer::Conformity;
use crate::layer::Kind;
use crate::layer::Layer;
use crate::layer::Layers;
use crate::layer::nearest;

pub mod assembly;
pub mod conformity;
pub mod plans;
pub mod queries;
pub mod reduction;
pub mod routes;
pub mod shape;
pub mod sites;

/// The layer that says what proposals are held against.
pub fn conformity_layer(layers: &Layers) -> Option<(&Layer, &Conformity)> {
    layers.of_kind(Kind::Derived).find_map(|it| Some((it, it.conformity.as_ref()?)))
}

/// The same, for a request: an installation may have no such folder.
fn settings(app: &App) -> Result<(&Layer, &Conformity)> {
    conformity_layer(&app.layers).ok_or_else(|| {
        Error::not_now(
            "没有规划符合性图层，无从核对 / no layer folder has a section `[conformity]`: there is nothing to hold land against",
        )
    })
}

/// The field of a derived layer that shows a column of what a run found, if the scope may read it.
fn field_of<'a>(layer: &'a Layer, scope: &Scope, column: &str) -> Option<&'a str> {
    let (name, _) = layer
        .field
        .iter()
        .find(|(_, it)| it.column.as_deref() == Some(column) && it.bands.is_empty())?;
    layer.field_for(scope, name)?;
    Some(name.as_str())
}

/// Whether what was read of the layer shows in the rows of the caller's units only.
fn in_own_units(layer: &Layer, scope: &Scope, column: &str) -> bool {
    let found = layer.field.values().find(|it| it.column.as_deref() == Some(column));
    found.is_some_and(|it| layer.is_limited(scope, layer.role_of(it)))
}

/// One of the ids that a folder lists, or a refusal that names the most likely one.
fn one_of<'a>(
    at: &str,
    asked: &str,
    mut known: impl Iterator<Item = &'a str> + Clone,
) -> Result<()> {
    if known.clone().any(|it| it == asked) {
        return Ok(());
    }
    let near = nearest(asked, known.clone());
    let near = near.map(|it| format!("；是否 / did you mean `{it}`?")).unwrap_or_default();
    let first = known.next().unwrap_or_default();
    let all = known.fold(first.to_owned(), |list, it| format!("{list}, {it}"));
    Err(Error::parameter(at, format!("应为其一 / one of: {all}{near}")))
}

/// A floor-area ratio that somebody might build.
fn sensible_far(far: Option<Decimal>) -> Result<()> {
    match far {
        Some(it) if it < Decimal::ZERO || it > Decimal::from(50) => {
            Err(Error::parameter("far", "应在 0 与 50 之间 / between 0 and 50"))
        }
        _ => Ok(()),
    }
}
