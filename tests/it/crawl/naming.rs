//! A field that a caller may not read is answered like one that there is not, wherever it can be named.

use std::collections::BTreeSet;

use mutu::layer::Geometry;
use mutu::layer::Layer;
use regex::Regex;
use serde_json::Value;

use super::Answer;
use super::ask;
use super::folders;
use super::scene::Caller;
use super::scene::Scene;
use super::scene::opens;
use super::scene::opens_layer;
use super::walk::encode;
use super::walk::tiles;

/// A name that is like none.
const INVENTED: &str = "zqxj_vwkq";

/// Addresses that name a field.
fn naming(layer: &Layer, field: &str) -> Vec<String> {
    let id = &layer.id;
    let filters = [
        format!("{field} IS NULL"),
        format!("{field} > 7"),
        format!("NOT ({field} = 'a')"),
        format!("\"{field}\" = \"{field}\""),
        format!("{field}"),
        format!("CASEI({field}) LIKE 'a%'"),
        format!("{field} BETWEEN 1 AND 2"),
        format!("{field} IN ('a', 'b')"),
        format!("S_INTERSECTS({field}, POINT(121.2 31.3))"),
        format!("1 / {field} > 0 OR id > 0"),
        format!("T_AFTER({field}, DATE('2020-01-01'))"),
    ];
    let mut paths = Vec::new();
    let mut tile = tiles(layer).into_iter().next().filter(|_| layer.geometry != Geometry::None);
    for filter in filters {
        let filter = encode(&filter);
        paths.push(format!("/ogc/collections/{id}/items?filter={filter}"));
        paths.push(format!("/api/v1/layers/{id}/export?format=csv&filter={filter}"));
        if let Some(it) = tile.take() {
            paths.push(format!("{it}?filter={filter}"));
            paths.push(format!("{it}?{field}=1"));
        }
    }
    for query in [
        format!("{field}=1"),
        format!("{field}="),
        format!("{field}=1&{field}=1"),
        format!("{}=1", field.to_uppercase()),
        format!("properties={field}"),
        format!("sortby={field}"),
        format!("sortby=-{field}"),
        format!("resultType=hits&{field}=1"),
        format!("f=html&{field}=1"),
    ] {
        paths.push(format!("/ogc/collections/{id}/items?{query}"));
        paths.push(format!("/api/v1/layers/{id}/export?format=geojson&{query}"));
    }
    paths
}

/// The answer without the name that was asked for, nor what is suggested for it; and what was suggested.
fn nameless(answer: &Answer, name: &str) -> (String, Option<String>) {
    let text = String::from_utf8_lossy(&answer.body);
    let text = text.replace(name, "NAME").replace(&name.to_uppercase(), "NAME");
    // Under a snippet of the filter stands a caret, as far in as the name is long.
    let caret = Regex::new(r" +\^").unwrap();
    let text = caret.replace_all(&text, "^").into_owned();
    let suggestion = Regex::new(
        r"[；;，,]?\s*(?:是否[为是]?\s*)?[^；;/]{0,20}/?\s*did you mean `?([^`?\s]+)`?\??",
    )
    .unwrap();
    let suggested = suggestion.captures(&text).map(|it| it[1].to_owned());
    (text, suggested)
}

/// Names as a document's own words, not as part of others.
fn names(document: &Value, name: &str) -> bool {
    match document {
        Value::String(text) => {
            let word = |it: char| it.is_ascii_alphanumeric() || it == '_';
            text.split(|it| !word(it)).any(|it| it == name)
        }
        Value::Array(items) => items.iter().any(|it| names(it, name)),
        Value::Object(members) => members.iter().any(|(key, it)| key == name || names(it, name)),
        _ => false,
    }
}

async fn document(scene: &Scene, caller: &Caller, path: &str) -> Value {
    let answer = ask(&scene.it, caller, path, false, &[]).await;
    assert_eq!(answer.status, 200, "{} {path}", caller.name);
    serde_json::from_slice(&answer.body).unwrap()
}

/// No two readers' names are alike where one of them may not know the field.
async fn look(scene: &Scene, caller: &Caller, layer: &Layer, field: &str, wrong: &mut Vec<String>) {
    let invented = naming(layer, INVENTED);
    for (path, other) in naming(layer, field).into_iter().zip(invented) {
        let (real, invented) = futures_util::future::join(
            ask(&scene.it, caller, &path, false, &[]),
            ask(&scene.it, caller, &other, false, &[]),
        )
        .await;
        let (text, suggested) = nameless(&real, field);
        let (expected, _) = nameless(&invented, INVENTED);
        if let Some(name) = &suggested {
            let of_layer = layer.field.contains_key(name);
            if of_layer && !opens(scene.layers(), &caller.scope, layer, name) {
                wrong.push(format!("{} {path}: suggests `{name}`", caller.name));
            }
        }
        // A suggestion is made of the word that was asked for and of names that may be read.
        let alike = suggested.is_some() || text == expected;
        if real.status != invented.status || !alike || real.status != 400 {
            wrong.push(format!(
                "{} {path}: {} {text}\n  instead of {} {expected}",
                caller.name, real.status, invented.status
            ));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn an_unreadable_field_is_answered_like_an_invented_one() {
    let dir = folders::closed();
    let scene = Scene::new(Some(dir.path())).await;
    let mut wrong = Vec::new();
    let mut looked = 0;
    for caller in &scene.callers {
        let tree = document(&scene, caller, "/api/v1/layers").await;
        let api = document(&scene, caller, "/ogc/api?f=json").await;
        for layer in scene.layers().layers.values() {
            let entry = tree["layers"].as_array().unwrap().iter().find(|it| it["id"] == layer.id);
            if !opens_layer(&caller.scope, layer) {
                let told: Vec<&Value> = entry
                    .iter()
                    .flat_map(|it| {
                        ["count", "updated_at", "file", "bounds"].map(|of| &it["data"][of])
                    })
                    .filter(|it| !it.is_null())
                    .collect();
                if !told.is_empty() || entry.is_some_and(|it| it["style"] != Value::Array(vec![])) {
                    wrong.push(format!("{}: the tree tells of `{}`", caller.name, layer.id));
                }
                if names(&api, &format!("{}.items", layer.id)) {
                    wrong.push(format!("{}: /ogc/api tells of `{}`", caller.name, layer.id));
                }
            }
            let closed: Vec<&String> = layer
                .field
                .keys()
                .filter(|it| !opens(scene.layers(), &caller.scope, layer, it))
                .collect();
            let shown = documents(&scene, caller, layer).await;
            for field in &closed {
                looked += 1;
                let Some(entry) = entry else { continue };
                let mut entry = entry.clone();
                let of_field = entry["fields"].as_array().unwrap().iter();
                let of_field =
                    of_field.filter(|it| it["name"] == ***field).cloned().collect::<Vec<_>>();
                if of_field.len() != 1 || of_field[0]["readable"] != false {
                    wrong.push(format!("{}: {of_field:?}", caller.name));
                }
                entry.as_object_mut().unwrap().remove("fields");
                if names(&entry, field) {
                    wrong.push(format!(
                        "{}: the tree's `{}` names {field}: {entry}",
                        caller.name, layer.id
                    ));
                }
                for (path, it) in &shown {
                    if names(it, field) {
                        wrong.push(format!("{} {path}: names {field}", caller.name));
                    }
                }
            }
            if !opens_layer(&caller.scope, layer) {
                continue;
            }
            listed(&scene, caller, layer, &shown, &mut wrong);
            let of_items =
                api["paths"][format!("/collections/{}/items", layer.id)]["get"]["parameters"]
                    .as_array();
            for it in of_items.unwrap() {
                if closed.iter().any(|name| it["name"] == ***name) {
                    wrong.push(format!("{}: /ogc/api names {}", caller.name, it["name"]));
                }
            }
            for field in closed {
                look(&scene, caller, layer, field, &mut wrong).await;
            }
        }
    }
    assert!(looked > 80, "{looked} fields are closed to somebody");
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(40)].join("\n")
    );
}

/// What describes a layer to somebody who may read it.
async fn documents(scene: &Scene, caller: &Caller, layer: &Layer) -> Vec<(String, Value)> {
    if !opens_layer(&caller.scope, layer) {
        return Vec::new();
    }
    let id = &layer.id;
    let mut paths = vec![
        format!("/ogc/collections/{id}?f=json"),
        format!("/ogc/collections/{id}/schema?f=json"),
        format!("/ogc/collections/{id}/queryables?f=json"),
    ];
    if layer.geometry != Geometry::None {
        paths.extend([format!("/tiles/{id}.json"), format!("/styles/{id}.json")]);
    }
    let mut found = Vec::new();
    for path in paths {
        let it = document(scene, caller, &path).await;
        found.push((path, it));
    }
    found
}

/// The fields that documents list are just those that may be read.
fn listed(
    scene: &Scene,
    caller: &Caller,
    layer: &Layer,
    shown: &[(String, Value)],
    wrong: &mut Vec<String>,
) {
    let open: BTreeSet<&str> = layer
        .field
        .keys()
        .map(String::as_str)
        .filter(|it| opens(scene.layers(), &caller.scope, layer, it))
        .collect();
    for (path, document) in shown {
        let (of, expected) =
            if path.ends_with("schema?f=json") || path.ends_with("queryables?f=json") {
                (&document["properties"], open.clone())
            } else if path.starts_with("/tiles/") {
                let drawn = open.iter().copied().filter(|it| layer.field[*it].tile);
                (&document["vector_layers"][0]["fields"], drawn.collect())
            } else {
                continue;
            };
        let found: BTreeSet<&str> = of.as_object().unwrap().keys().map(String::as_str).collect();
        let found: BTreeSet<&str> =
            found.into_iter().filter(|it| !["id", "geom"].contains(it)).collect();
        if found != expected {
            wrong.push(format!("{} {path}: {found:?} instead of {expected:?}", caller.name));
        }
    }
}
