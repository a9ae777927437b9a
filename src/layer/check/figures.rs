//! What layers may say together about the figures of enterprises: one layer must not open what another one keeps.

use super::super::Field;
use super::super::Kind;
use super::super::Layer;
use super::super::Layers;
use super::super::figure::figures;
use super::super::figure::is_openable;
use super::Finding;

/// Cut points nearer than this would tell a figure within a tenth: between 1 and 1.25 the middle is off by 11 %.
pub const APART: f64 = 1.25;

pub(super) fn check(layers: &Layers, layer: &Layer, findings: &mut Vec<Finding>) {
    let mut say = |name: &str, what: String| {
        findings.push(Finding {
            file: format!("layers/{}/layer.toml", layer.id),
            what: format!("`field.{name}`: {what}"),
        });
    };
    for (name, field) in &layer.field {
        let Some(measure) = measure(field) else { continue };
        // What the measure is made of is taken along at start.
        let needed = layers.published_role(measure);
        if field.bands.is_empty() && field.access.max(layer.access) < needed {
            say(
                name,
                format!(
                    "另有字段以更严的权限公布同一数据：设 `access = \"{needed}\"` 或用 `bands` 分档 / the same figure is published elsewhere for `{needed}` only: set `access = \"{needed}\"`, or publish `bands` of it"
                ),
            );
        }
        if let Some(other) = other_sums(layers, layer, name, field, measure) {
            say(
                name,
                format!(
                    "同一数据的 `sums` 只能由一个字段给出 / `sums` of `{measure}` are given by `{other}` already: tables of two layers could be subtracted"
                ),
            );
        }
        // Bands that some readers see who may not read the figure: together they must not close in on it.
        if !field.bands.is_empty() && !is_openable(measure) {
            for (lower, upper, of) in too_close(layers, layer, field, measure) {
                say(
                    name,
                    format!(
                        "界值 {lower} 与 {upper}（{of}）过近，合起来会透露数值：至少相差四分之一，或用同一界值 / the bounds {lower} and {upper} of {of} together tell the figure: at least a quarter apart, or the same"
                    ),
                );
            }
        }
    }
}

fn measure(field: &Field) -> Option<&str> {
    field.column.as_deref()?.strip_prefix("measure.")
}

/// An earlier field that gives the same sums.
fn other_sums(
    layers: &Layers,
    layer: &Layer,
    name: &str,
    field: &Field,
    measure: &str,
) -> Option<String> {
    field.sums?;
    let all = layers
        .of_kind(Kind::Derived)
        .flat_map(|layer| layer.field.iter().map(move |(name, field)| (layer, name, field)));
    let mut earlier = all.take_while(|(other, of, _)| other.id != layer.id || of.as_str() != name);
    let found = earlier.find(|(_, _, it)| it.sums.is_some() && self::measure(it) == Some(measure));
    found.map(|(layer, name, _)| format!("{}.{name}", layer.id))
}

/// Pairs of bounds, one of them this field's, that lie too close; a figure banded in two measures (in all and per mu) has no
/// bounds that could be compared.
fn too_close(
    layers: &Layers,
    layer: &Layer,
    field: &Field,
    measure: &str,
) -> Vec<(f64, f64, String)> {
    let mut found = Vec::new();
    let near = |a: f64, b: f64| {
        let (low, high) = (a.min(b), a.max(b));
        low.to_bits() != high.to_bits() && low.abs() > 0.0 && high / low < APART && high > 0.0
    };
    for pair in field.bands.windows(2) {
        if near(pair[0], pair[1]) {
            found.push((pair[0], pair[1], "`bands`".to_owned()));
        }
    }
    for other in layers.of_kind(Kind::Derived).filter(|it| it.id != layer.id) {
        for (name, it) in other.field.iter().filter(|(_, it)| !it.bands.is_empty()) {
            let Some(also) = self::measure(it) else { continue };
            if also == measure {
                for (a, b) in
                    field.bands.iter().flat_map(|a| it.bands.iter().map(move |b| (*a, *b)))
                {
                    if near(a, b) {
                        found.push((a, b, format!("`{}.{name}`", other.id)));
                    }
                }
            } else if figures(also) == figures(measure)
                && also.contains("_prev") == measure.contains("_prev")
            {
                found.push((
                    field.bands[0],
                    it.bands[0],
                    format!("`{}.{name}` (`{also}`)", other.id),
                ));
            }
        }
    }
    found
}
