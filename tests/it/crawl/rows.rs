//! Rows of other units: their figures are unknown, and where a whole layer is an officer's, they are not there.

use serde_json::Value;

use super::Answer;
use super::ask;
use super::asks::encode;
use super::asks::tiles;
use super::decode;
use super::folders;
use super::scene::Scene;

const ONE: &str = "officer of unit 1";
const TWO: &str = "officer of unit 2";

async fn get(scene: &Scene, caller: &str, path: &str) -> Answer {
    ask(&scene.it, scene.caller(caller), path, false, &[]).await
}

async fn json(scene: &Scene, caller: &str, path: &str) -> Value {
    let answer = get(scene, caller, path).await;
    assert_eq!(answer.status, 200, "{caller} {path}");
    serde_json::from_slice(&answer.body).unwrap()
}

/// The ids that a filter finds, in pages, counted, exported and drawn.
async fn found(scene: &Scene, caller: &str, layer: &str, filter: &str) -> Vec<i64> {
    let encoded = encode(filter);
    let path = format!("/ogc/collections/{layer}/items?f=json&filter={encoded}");
    let page = json(scene, caller, &path).await;
    let features = page["features"].as_array().unwrap();
    let ids: Vec<i64> = features.iter().map(|it| it["id"].as_i64().unwrap()).collect();
    assert_eq!(page["numberMatched"], ids.len(), "{caller} {filter}");
    let hits = json(scene, caller, &format!("{path}&resultType=hits")).await;
    assert_eq!(hits["numberMatched"], ids.len(), "{caller} {filter}");
    let path = format!("/api/v1/layers/{layer}/export?format=geojson&filter={encoded}");
    let file = json(scene, caller, &path).await;
    assert_eq!(file["features"].as_array().unwrap().len(), ids.len(), "{caller} {filter}");
    // One by one: each page says whether there is another.
    let mut paged = Vec::new();
    let mut next = Some(format!("/ogc/collections/{layer}/items?f=json&limit=1&filter={encoded}"));
    while let Some(path) = next {
        let page = json(scene, caller, &path).await;
        paged.extend(
            page["features"].as_array().unwrap().iter().map(|it| it["id"].as_i64().unwrap()),
        );
        if let Some(matched) = page["numberMatched"].as_i64() {
            assert_eq!(matched, i64::try_from(ids.len()).unwrap(), "{caller} {filter}");
        }
        let link = page["links"].as_array().unwrap().iter().find(|it| it["rel"] == "next");
        next = link.map(|it| it["href"].as_str().unwrap().replace(&scene.it.url(""), ""));
    }
    assert_eq!(paged, ids, "{caller} {filter}");
    let mut drawn: Vec<i64> = Vec::new();
    for tile in tiles(scene.layers().find(layer).unwrap()) {
        let answer = get(scene, caller, &format!("{tile}?filter={encoded}")).await;
        drawn.extend(decode::tile(&answer.body).iter().map(|it| i64::try_from(it.id).unwrap()));
    }
    drawn.sort_unstable();
    drawn.dedup();
    assert_eq!(drawn, ids, "{caller} {filter}");
    ids
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn figures_of_other_units_are_unknown() {
    let dir = folders::closed();
    let scene = Scene::new(Some(dir.path())).await;
    // Row 1 is of the first unit, 2 of the second, 3 of none.
    for (filter, of_one, of_two, of_all) in [
        ("level > 0", vec![1], vec![2], vec![1, 2, 3]),
        ("NOT (level > 0)", vec![], vec![], vec![]),
        ("level > 0 OR NOT (level > 0)", vec![1], vec![2], vec![1, 2, 3]),
        // It tells nothing: whether there is a figure is not said either.
        ("level IS NULL", vec![2, 3], vec![1, 3], vec![]),
        ("level IS NOT NULL", vec![1], vec![2], vec![1, 2, 3]),
        ("level = level", vec![1], vec![2], vec![1, 2, 3]),
        ("level BETWEEN 0 AND 99999999", vec![1], vec![2], vec![1, 2, 3]),
        ("CASEI(remark) LIKE '秘%'", vec![1], vec![2], vec![1, 2, 3]),
        ("remark IN ('x') OR remark NOT IN ('x')", vec![1], vec![2], vec![1, 2, 3]),
    ] {
        assert_eq!(found(&scene, ONE, "watch", filter).await, of_one, "{filter}");
        assert_eq!(found(&scene, TWO, "watch", filter).await, of_two, "{filter}");
        assert_eq!(found(&scene, "officer", "watch", filter).await, of_all, "{filter}");
        for caller in ["viewer", "public"] {
            let path = format!("/ogc/collections/watch/items?filter={}", encode(filter));
            let refused = get(&scene, caller, &path).await.status;
            assert_eq!(refused, if caller == "public" { 401 } else { 400 }, "{filter}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn rows_of_other_units_are_not_there() {
    let dir = folders::closed();
    let scene = Scene::new(Some(dir.path())).await;
    for (caller, own) in [(ONE, vec![1]), (TWO, vec![2]), ("officer", vec![1, 2, 3])] {
        for (filter, all) in [
            ("id > 0", true),
            ("amount > 0", true),
            ("NOT (amount > 0)", false),
            ("amount IS NULL", false),
            ("S_INTERSECTS(geom, POLYGON((121 31, 122 31, 122 32, 121 32, 121 31)))", true),
            ("NOT S_INTERSECTS(geom, POINT(0 0))", true),
            ("responsible_unit IS NULL OR responsible_unit IS NOT NULL", true),
        ] {
            let expected = if all { own.clone() } else { vec![] };
            assert_eq!(found(&scene, caller, "plots", filter).await, expected, "{caller} {filter}");
        }
        for id in 1..=4 {
            let answer =
                get(&scene, caller, &format!("/ogc/collections/plots/items/{id}?f=json")).await;
            let expected = if own.contains(&id) { 200 } else { 404 };
            assert_eq!(answer.status, expected, "{caller} plots/{id}");
        }
        // What is known of all rows is for those who see all of them.
        let sees_all = own.len() == 3;
        let collection = json(&scene, caller, "/ogc/collections/plots?f=json").await;
        assert_eq!(collection["extent"].is_object(), sees_all, "{caller}");
        let list = json(&scene, caller, "/ogc/collections?f=json").await;
        let listed = list["collections"].as_array().unwrap().iter().find(|it| it["id"] == "plots");
        assert_eq!(listed.unwrap()["extent"].is_object(), sees_all, "{caller}");
        let tiles = json(&scene, caller, "/tiles/plots.json").await;
        let district = serde_json::json!(scene.it.app.config.district);
        assert_eq!(tiles["bounds"] != district, sees_all, "{caller}");
        let tree = json(&scene, caller, "/api/v1/layers").await;
        let entry =
            tree["layers"].as_array().unwrap().iter().find(|it| it["id"] == "plots").unwrap();
        for member in ["count", "bounds", "file"] {
            assert_eq!(!entry["data"][member].is_null(), sees_all, "{caller} {member}");
        }
        let counted: i64 =
            entry["legend"].as_array().unwrap().iter().filter_map(|it| it["count"].as_i64()).sum();
        assert_eq!(counted, i64::try_from(own.len()).unwrap(), "{caller}");
        let html = get(&scene, caller, "/ogc/collections/plots?f=html").await;
        assert_eq!(html.text().contains("Extent"), sees_all, "{caller}");
    }
}

/// A condition that fails on some values must not be tried on rows that are not shown: whether it failed would tell them.
#[tokio::test]
async fn no_condition_is_tried_on_rows_that_are_not_shown() {
    let dir = folders::closed();
    let scene = Scene::new(Some(dir.path())).await;
    let hidden: String =
        sqlx::query_scalar("select amount::text from layer.plots_in_force where id = 2")
            .fetch_one(scene.it.app.db.owner())
            .await
            .unwrap();
    let sql = format!("select id from layer.plots_in_force t where 1 / (t.amount - {hidden}) <> 0");
    let asked = async |caller: &str| {
        let mut db = scene.it.app.db.read(&scene.caller(caller).scope).await.unwrap();
        sqlx::query_scalar::<_, i64>(sqlx::AssertSqlSafe(sql.clone())).fetch_all(&mut db).await
    };
    assert_eq!(asked(ONE).await.unwrap(), [1]);
    assert!(asked(TWO).await.unwrap_err().to_string().contains("division by zero"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn parcels_of_other_units_are_neither_found_nor_opened() {
    let dir = folders::drafted();
    let scene = Scene::new(Some(dir.path())).await;
    let (own, other) = (&scene.parcel_codes[0], &scene.parcel_codes[3]);
    let opened = get(&scene, ONE, &format!("/api/v1/parcels/{}", encode(own))).await;
    assert_eq!(opened.status, 200);
    let closed = get(&scene, ONE, &format!("/api/v1/parcels/{}", encode(other))).await;
    let missing = get(&scene, ONE, &format!("/api/v1/parcels/{}", encode("秘-1"))).await;
    assert_eq!((closed.status, missing.status), (404, 404));
    let text = |it: &Answer, code: &str| String::from_utf8_lossy(&it.body).replace(code, "CODE");
    assert_eq!(text(&closed, other), text(&missing, "秘-1"));
    for (caller, refused) in [("public", 401), ("viewer", 403)] {
        let path = format!("/api/v1/parcels/{}", encode(other));
        assert_eq!(get(&scene, caller, &path).await.status, refused);
    }
    let enterprises: Vec<String> = sqlx::query_scalar(
        "select e.name from mutu.enterprise_current e
         join mutu.occupancy_current o using (uscc)
         where o.parcel_code = any ($1) order by o.parcel_code",
    )
    .bind([own.clone(), other.clone()])
    .fetch_all(scene.it.app.db.owner())
    .await
    .unwrap();
    for (text, expected) in [(own, 1), (other, 0), (&enterprises[0], 1), (&enterprises[1], 0)] {
        let path = format!("/api/v1/search?q={}", encode(text));
        let found = json(&scene, ONE, &path).await;
        assert_eq!(found["results"].as_array().unwrap().len(), expected, "{text}: {found}");
        for caller in ["public", "viewer"] {
            let found = json(&scene, caller, &path).await;
            assert_eq!(found["results"], serde_json::json!([]), "{caller} {text}");
        }
    }
    super::crawl(&scene, &["public", "viewer", ONE], false).await;
}
