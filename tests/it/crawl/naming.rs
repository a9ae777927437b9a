//! A field that a caller may not read is answered like one that there is not, wherever it can be named.

use std::collections::BTreeSet;

use futures_util::StreamExt;
use futures_util::stream;
use mutu::layer::Geometry;
use mutu::layer::Layer;
use regex::Regex;
use serde_json::Value;
use serde_json::json;

use super::ask;
use super::asks::Ask;
use super::asks::encode;
use super::asks::tiles;
use super::folders;
use super::scene::Caller;
use super::scene::Scene;
use super::scene::opens;
use super::scene::opens_layer;
use super::step;

/// A name that is like none, as long as a real one: places and snippets in messages are then the same.
fn invented(length: usize) -> String {
    "zqxj_vwkq_".chars().cycle().take(length).collect()
}

/// Addresses that name a field.
fn naming(layer: &Layer, field: &str) -> Vec<String> {
    let id = &layer.id;
    let filters = [
        format!("{field} IS NULL"),
        format!("{field} > 7"),
        format!("NOT ({field} = 'a')"),
        format!("\"{field}\" IS NOT NULL"),
        field.to_owned(),
        format!("CASEI({field}) LIKE 'a%'"),
        format!("{field} BETWEEN 1 AND 2"),
        format!("{field} IN ('a', 'b')"),
        format!("S_INTERSECTS({field}, POINT(121.2 31.3))"),
        format!("1 / {field} > 0 OR id > 0"),
        format!("T_AFTER({field}, DATE('2020-01-01'))"),
    ];
    let items = format!("/ogc/collections/{id}/items");
    let export = format!("/api/v1/layers/{id}/export?format=csv");
    let mut paths: Vec<String> =
        filters.iter().map(|it| format!("{items}?filter={}", encode(it))).collect();
    paths.push(format!("{export}&filter={}", encode(&filters[1])));
    paths.push(format!("{export}&{field}=1"));
    if layer.geometry != Geometry::None {
        let tile = tiles(layer).remove(0);
        paths.push(format!("{tile}?filter={}", encode(&filters[2])));
        paths.push(format!("{tile}?{field}=1"));
    }
    for query in [
        format!("{field}=1"),
        format!("{field}="),
        format!("{field}=1&{field}=1"),
        format!("{}=1", field.to_uppercase()),
        format!("properties={field}"),
        format!("sortby=-{field}"),
        format!("resultType=hits&{field}=1"),
        format!("f=html&{field}=1"),
    ] {
        paths.push(format!("{items}?{query}"));
    }
    paths
}

/// What is suggested for a name.
fn suggested(text: &str) -> Option<String> {
    let suggestion = Regex::new("did you mean `([^`]+)`").unwrap();
    suggestion.captures(text).map(|it| it[1].to_owned())
}

/// The fields that a description reads: in styles, legends and as what a click opens.
fn read_by(document: &Value, found: &mut BTreeSet<String>) {
    match document {
        Value::Array(items) => {
            if let [Value::String(operator), Value::String(name)] = items.as_slice()
                && matches!(operator.as_str(), "get" | "has")
            {
                found.insert(name.clone());
            }
            items.iter().for_each(|it| read_by(it, found));
        }
        Value::Object(members) => {
            for member in ["field", "identify", "filter"] {
                let text = members.get(member).and_then(Value::as_str).unwrap_or_default();
                found.extend(text.split_whitespace().next().map(ToOwned::to_owned));
            }
            members.values().for_each(|it| read_by(it, found));
        }
        _ => {}
    }
}

async fn document(scene: &Scene, caller: &Caller, path: &str) -> Value {
    let answer = ask(&scene.it, caller, path, false, &[]).await;
    assert_eq!(answer.status, 200, "{} {path}", caller.name);
    serde_json::from_slice(&answer.body).unwrap()
}

/// Questions for sums that name a field. One that may be had in sums is no secret as a measure.
fn questions(layer: &Layer, field: &str, in_sums: bool) -> Vec<Value> {
    let mut questions = vec![
        json!({"layer": layer.id, "group_by": [field]}),
        json!({"layer": layer.id, "group_by": [field, field]}),
        json!({"layer": layer.id, "filter": format!("{field} > 7")}),
        json!({"layer": layer.id, "histogram": {"field": field, "bins": 3}}),
        json!({"layer": layer.id, "breaks": {"field": field, "method": "equal", "classes": 3}}),
    ];
    if !in_sums {
        questions.extend([
            json!({"layer": layer.id, "measures": [{"sum": field}]}),
            json!({"layer": layer.id, "measures": [{"ratio": [field, field]}]}),
            json!({"layer": layer.id, "measures": [{"max": field}], "published": true}),
        ]);
    }
    questions
}

/// The field and one that there is not are answered alike.
async fn look(scene: &Scene, caller: &Caller, layer: &Layer, field: &str, wrong: &mut Vec<String>) {
    let like = invented(field.len());
    let asks = |field: &str, in_sums: bool| -> Vec<Ask> {
        let questions = questions(layer, field, in_sums);
        let posted = questions.into_iter().map(|it| Ask::of("/api/v1/stats").posting(it));
        naming(layer, field).into_iter().map(Ask::of).chain(posted).collect()
    };
    let in_sums = layer.field[field].sums.is_some_and(|it| caller.scope.may(it));
    let mut answers = stream::iter(asks(field, in_sums).into_iter().zip(asks(&like, in_sums)))
        .map(async |(named, other)| {
            let real = step(&scene.it, caller, &named, false, false).await;
            let path = format!("{} {}", named.path, named.body.unwrap_or_default());
            (path, real, step(&scene.it, caller, &other, false, false).await)
        })
        .buffer_unordered(4);
    while let Some((path, real, invented)) = answers.next().await {
        let text = String::from_utf8_lossy(&real.body).into_owned();
        let expected = String::from_utf8_lossy(&invented.body).replace(&like, field);
        let expected = expected.replace(&like.to_uppercase(), &field.to_uppercase());
        let suggested = suggested(&text);
        if let Some(name) = &suggested
            && layer.field.contains_key(name)
            && !opens(scene.layers(), &caller.scope, layer, name)
        {
            wrong.push(format!("{} {path}: suggests `{name}`", caller.name));
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
    for caller in ["public", "viewer", "officer of unit 1", "steward"] {
        let caller = scene.caller(caller);
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
                if !api["paths"][format!("/collections/{}/items", layer.id)].is_null() {
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
                let tree = ("/api/v1/layers".to_owned(), entry);
                for (path, it) in shown.iter().chain([&tree]) {
                    let mut named = BTreeSet::new();
                    read_by(it, &mut named);
                    if named.contains(*field) {
                        wrong.push(format!("{} {path}: `{}` reads {field}", caller.name, layer.id));
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
    assert!(looked > 50, "{looked} fields are closed to somebody");
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
        format!("/ogc/collections/{id}/sortables?f=json"),
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
        let (of, expected) = if path.ends_with("schema?f=json") || path.ends_with("ables?f=json") {
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
