//! What a client is told of tiles before it asks for one: `TileJSON` 3.0.0.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::Grid;
use super::draw::Budget;
use super::draw::CELLS;
use crate::access::Scope;
use crate::catalog::queries::State;
use crate::layer::Layer;

/// A document of one layer or several; `district` is where they lie, should nothing have been loaded.
pub fn document(
    layers: &[(&Layer, State)],
    scope: &Scope,
    grid: Grid,
    template: &str,
    district: &[f64],
) -> Value {
    let all =
        |of: fn(&Layer) -> String| layers.iter().map(|it| of(it.0)).collect::<Vec<_>>().join("、");
    let revisions: Vec<String> = layers.iter().map(|it| it.1.revision.to_string()).collect();
    let zooms = || layers.iter().map(|it| it.0.zooms);
    json!({
        "tilejson": "3.0.0",
        "name": all(|it| it.title.zh.clone()),
        "description": all(|it| it.about.zh.clone()),
        "version": format!("1.0.{}", revisions.join(".")),
        "scheme": "xyz",
        "tiles": [template],
        "minzoom": zooms().filter_map(|it| level(grid, it.min)).min(),
        "maxzoom": zooms().filter_map(|it| level(grid, it.max)).max(),
        "bounds": bounds(layers).unwrap_or_else(|| district.to_vec()),
        "vector_layers": layers.iter().flat_map(|(layer, _)| vector_layers(layer, scope, grid)).collect::<Vec<_>>(),
        "degradation": {
            "bytes": Budget::DEFAULT.0,
            "encoding": "gzip",
            "header": "X-Tile-Degraded",
            "layers": layers.iter().map(|(layer, _)| (layer.id.clone(), degradation(layer, scope))).collect::<Map<_, _>>(),
        },
    })
}

/// The level of the grid for a zoom of layers, or the nearest that there is.
pub fn level(grid: Grid, zoom: u8) -> Option<u8> {
    let (least, most) = grid.levels();
    grid.level(zoom).or(Some(if zoom < grid.zoom(least) { least } else { most }))
}

/// The box around all of them.
fn bounds(layers: &[(&Layer, State)]) -> Option<Vec<f64>> {
    let mut boxes = layers.iter().filter_map(|it| it.1.extent.clone()).filter(|it| it.len() == 4);
    let first = boxes.next()?;
    Some(
        boxes.fold(first, |a, b| {
            vec![a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])]
        }),
    )
}

/// A layer of the tiles with the fields that the scope may read, and that of its names, if it has one.
fn vector_layers(layer: &Layer, scope: &Scope, grid: Grid) -> Vec<Value> {
    let each = described(layer, scope).into_iter();
    let each = each.map(|(id, description, min_zoom, fields)| {
        json!({
            "id": id,
            "description": description,
            "minzoom": level(grid, min_zoom),
            "maxzoom": level(grid, layer.zooms.max),
            "fields": fields,
        })
    });
    each.collect()
}

/// Of the layers that a layer is in tiles: id, description, least zoom, fields by name with their titles.
pub(super) fn described<'a>(
    layer: &'a Layer,
    scope: &Scope,
) -> Vec<(&'a str, String, u8, Map<String, Value>)> {
    let fields = |is_told: &dyn Fn(&str) -> bool| -> Map<String, Value> {
        let told = layer.tile_fields(scope).filter(|it| is_told(it.0));
        told.map(|(name, it)| (name.to_owned(), json!(format!("{} {}", it.title.zh, it.title.en))))
            .collect()
    };
    let title = format!("{} {}", layer.title.zh, layer.title.en);
    let labels = layer.labels.as_ref().map(|it| {
        let fields = fields(&|name| it.fields.iter().any(|it| it == name));
        let title = format!("{title}：注记点 label points");
        (it.source_layer.as_str(), title, it.min_zoom.max(layer.zooms.min), fields)
    });
    let rows = (layer.id.as_str(), title, layer.zooms.min, fields(&|_| true));
    std::iter::once(rows).chain(labels).collect()
}

/// What a tile tells that would be too large otherwise, step by step.
fn degradation(layer: &Layer, scope: &Scope) -> Value {
    let kept: Vec<&str> =
        layer.tile_fields(scope).map(|it| it.0).filter(|it| layer.is_needed(it)).collect();
    let told = layer.aggregated(scope);
    let title = |name: &str| {
        layer
            .field
            .get(name)
            .map(|it| format!("{} {}", it.title.zh, it.title.en))
            .unwrap_or_default()
    };
    let mut fields = Map::new();
    fields.extend(told.class.map(|it| (it.to_owned(), json!(title(it)))));
    fields.insert("count".to_owned(), json!("要素数 Features"));
    fields.extend(
        told.sums.iter().map(|it| ((*it).to_owned(), json!(format!("{} 合计 sum", title(it))))),
    );
    fields.extend(told.ratios.iter().map(|(name, it)| {
        let said =
            format!("{} 合计之比 / sum of {} over sum of {}", title(name), it.over, it.under);
        ((*name).to_owned(), json!(said))
    }));
    fields.extend(told.unit.map(|it| (it.to_owned(), json!(title(it)))));
    fields.insert("aggregated".to_owned(), json!("汇总 Put together of several"));
    json!([
        {"step": "attributes", "fields": kept},
        {"step": "aggregates", "cells": CELLS, "fields": fields},
    ])
}
