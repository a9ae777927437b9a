//! What is kept for one reader is never given to another who may read something else.

use mutu::access::Role;
use mutu::layer::Geometry;
use mutu::layer::Layer;

use super::Answer;
use super::ask;
use super::asks::tiles;
use super::decode;
use super::folders;
use super::scene::Caller;
use super::scene::Scene;
use super::scene::needed;
use super::scene::opens;
use super::scene::opens_layer;

/// Addresses whose answers are kept somewhere, or could be.
fn kept(scene: &Scene) -> Vec<String> {
    let mut paths = vec!["/api/v1/layers".to_owned(), "/styles/one-map.json".to_owned()];
    let layers = scene.layers();
    let closed =
        |layer: &&Layer| layer.field.keys().any(|it| needed(layers, layer, it) > Role::Public);
    // The audit is kept in no cache, and another after every refusal.
    for layer in layers.layers.values().filter(closed).filter(|it| it.geometry != Geometry::None) {
        paths.push(format!("/ogc/collections/{}/items?f=json", layer.id));
        paths.push(format!("/tiles/{}.json", layer.id));
        let tiles = tiles(layer);
        paths.push(format!("{}?filter=id%20%3E%200", tiles[0]));
        paths.push(tiles[1].clone());
    }
    paths
}

/// The part that does not change from one moment to the next.
fn lasting(answer: &Answer) -> (u16, String) {
    let text = decode::text(answer.header("content-type"), &answer.body);
    let time = regex::Regex::new(r#""timeStamp":"[^"]+""#).unwrap();
    (answer.status, time.replace(&text, "").into_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn no_cache_gives_one_reader_what_another_may_read() {
    let dir = folders::closed();
    let scene = Scene::new(Some(dir.path())).await;
    let paths = kept(&scene);
    let mut wrong = Vec::new();
    let mut compared = 0;
    for path in &paths {
        // From the least to the most and back: what one left in memory must not reach the next.
        let mut answers: Vec<(&Caller, Answer)> = Vec::new();
        for caller in scene.callers.iter().rev() {
            answers.push((caller, ask(&scene.it, caller, path, false, &[]).await));
        }
        for (caller, before) in &answers {
            let again = ask(&scene.it, caller, path, caller.token.is_some(), &[]).await;
            if lasting(&again) != lasting(before) {
                wrong.push(format!("{} {path}: another answer after others asked", caller.name));
            }
            let cache = before.header("cache-control");
            if caller.scope.account.is_some()
                && !cache.contains("private")
                && !cache.contains("no-store")
            {
                wrong.push(format!("{} {path}: {cache}", caller.name));
            }
        }
        for (one, theirs) in answers.iter().filter(|it| !it.1.header("etag").is_empty()) {
            for (other, own) in &answers {
                let differs = lasting(theirs) != lasting(own);
                if !differs || other.name == one.name {
                    continue;
                }
                compared += 1;
                let etag = theirs.header("etag");
                // As proxies send them on: several, some without the mark of weakness.
                let known = format!("\"a\", {etag}, {}", etag.replace("W/", ""));
                let headers = [("if-none-match", known.as_str())];
                let answer = ask(&scene.it, other, path, false, &headers).await;
                if lasting(&answer) != lasting(own) {
                    wrong.push(format!(
                        "{} {path}: {} by the ETag of {}",
                        other.name, answer.status, one.name
                    ));
                }
                if theirs.header("etag") == own.header("etag") {
                    wrong.push(format!("{path}: {} and {} share {etag}", one.name, other.name));
                }
            }
        }
    }
    assert!(compared > 50, "{compared} answers differ");
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(40)].join("\n")
    );
}

/// A tile carries, of each feature, just the fields that the caller may read there.
#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_tile_carries_what_its_reader_may_read_whoever_asked_before() {
    let dir = folders::closed();
    let scene = Scene::new(Some(dir.path())).await;
    let backwards = scene.callers.iter().rev();
    for caller in scene.callers.iter().chain(backwards) {
        for layer in scene.layers().layers.values().filter(|it| it.geometry != Geometry::None) {
            if !opens_layer(&caller.scope, layer) {
                continue;
            }
            for path in tiles(layer) {
                let answer = ask(&scene.it, caller, &path, false, &[]).await;
                for drawn in decode::tile(&answer.body) {
                    for (name, _) in drawn.properties {
                        assert!(
                            layer.field[&name].tile
                                && opens(scene.layers(), &caller.scope, layer, &name),
                            "{} {path}: `{name}`",
                            caller.name
                        );
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn the_next_request_sees_the_new_role() {
    let dir = folders::closed();
    let scene = Scene::new(Some(dir.path())).await;
    let it = &scene.it;
    let caller = scene.caller("officer of unit 1");
    let account = it.json_as(caller.token.as_deref().unwrap(), "/api/v1/session").await;
    let account = account["account"].as_str().unwrap().to_owned();
    let layer = scene.layers().find("yield_per_mu").unwrap();
    let tile = tiles(layer).remove(0);
    let template = async |by_cookie| {
        let tree = ask(it, caller, "/api/v1/layers", by_cookie, &[]).await;
        let tree: serde_json::Value = serde_json::from_slice(&tree.body).unwrap();
        let entry = tree["layers"].as_array().unwrap().iter().find(|it| it["id"] == "yield_per_mu");
        entry.unwrap()["tiles"].as_str().unwrap().rsplit_once("?v=").unwrap().1.to_owned()
    };
    let mut templates = std::collections::BTreeSet::new();
    for (change, taxes, units_of_two) in [
        ("role = 'officer'", true, false),
        ("role = 'viewer'", false, false),
        ("role = 'steward', responsible_units = null", true, true),
        ("role = 'officer', responsible_units = array['安亭镇']", false, true),
        ("role = 'officer', responsible_units = array['马陆镇']", true, false),
    ] {
        it.sql(&format!("update mutu.account set {change} where name = '{account}'")).await;
        for by_cookie in [false, true] {
            let stamp = template(by_cookie).await;
            for (nth, expected) in [taxes, units_of_two].into_iter().enumerate() {
                let path = format!("{}?v={stamp}", tiles(layer)[nth]);
                let answer = ask(it, caller, &path, by_cookie, &[]).await;
                let drawn = decode::tile(&answer.body);
                let has = drawn.iter().flat_map(|it| &it.properties).any(|(it, _)| it == "tax_wan");
                assert_eq!(has, expected, "{change}: {path}");
                assert!(answer.header("cache-control").contains("immutable"), "{path}");
            }
            templates.insert(stamp);
        }
    }
    // A browser keeps a tile for a year by its address, so the address is another for another reader.
    assert_eq!(templates.len(), 4, "{templates:?}");
    it.sql(&format!("update mutu.account set disabled_at = now() where name = '{account}'")).await;
    assert_eq!(ask(it, caller, &tile, false, &[]).await.status, 401);
    let as_session = ask(it, caller, &tile, true, &[]).await;
    assert!(!decode::text(super::decode::MVT, &as_session.body).contains("tax_wan"));
}
