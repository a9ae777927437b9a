//! `datetime` and `as_of` on features, dossiers and exports.

use mutu::access::Role;
use mutu::access::Scope;
use mutu::ingest::Options;
use mutu::ingest::Replace;
use serde_json::Value;

use super::ITEMS;
use super::names;
use super::told;
use crate::support::TestApp;

async fn asked(it: &TestApp, query: &str) -> Vec<String> {
    names(&it.json(&format!("{ITEMS}?{query}")).await)
}

#[tokio::test]
async fn valid_time_and_recorded_time_are_two_questions() {
    let it = TestApp::serving().await;
    told(&it).await;
    assert_eq!(asked(&it, "").await, ["second", "still"]);
    for (query, expected) in [
        // As is known now.
        ("datetime=2024-04-30", vec!["first", "still", "was"]),
        ("datetime=2024-05-01", vec!["second", "still", "was"]),
        ("datetime=2024-04-30T15:59:59Z", vec!["first", "still", "was"]),
        ("datetime=2024-04-30T16:00:00Z", vec!["second", "still", "was"]),
        ("datetime=2024-07-31", vec!["second", "still", "was"]),
        ("datetime=2024-08-01", vec!["second", "still"]),
        ("datetime=2019-12-31", vec!["still", "was"]),
        // The latest of each within the interval.
        ("datetime=2024-04-01/2024-04-30", vec!["first", "still", "was"]),
        ("datetime=2024-04-01/2024-05-01", vec!["second", "still", "was"]),
        ("datetime=../2019-12-31", vec!["still", "was"]),
        ("datetime=2024-08-01/..", vec!["second", "still"]),
        // As was known then.
        ("as_of=2024-02-29", vec![]),
        ("as_of=2024-03-01", vec!["first", "still", "was"]),
        ("as_of=2024-03-01T08:59:59%2B08:00", vec![]),
        ("as_of=2024-03-01T01:00:00Z", vec!["first", "still", "was"]),
        ("as_of=2024-05-31", vec!["first", "still", "was"]),
        ("as_of=2024-06-01", vec!["second", "still", "was"]),
        ("as_of=2024-08-15", vec!["second", "still", "was"]),
        ("as_of=2024-09-01", vec!["second", "still"]),
        // What was thought in May of May, and what was known of it in June.
        ("datetime=2024-05-15&as_of=2024-05-31", vec!["first", "still", "was"]),
        ("datetime=2024-05-15&as_of=2024-06-01", vec!["second", "still", "was"]),
        ("datetime=2024-04-15&as_of=2024-09-01", vec!["first", "still", "was"]),
    ] {
        assert_eq!(asked(&it, query).await, expected, "{query}");
        let hits = it.json(&format!("{ITEMS}?resultType=hits&{query}")).await;
        assert_eq!(hits["numberMatched"], expected.len(), "{query}");
        let path = format!("/api/v1/layers/parcels/export?format=geojson&{query}");
        assert_eq!(names(&it.json(&path).await), expected, "export {query}");
    }
    for wrong in ["as_of=2999-01-01", "as_of=2024", "as_of=", "as_of=../2024-01-01", "datetime=x"] {
        let answer = it.get(&format!("{ITEMS}?{wrong}")).await;
        assert_eq!(answer.status(), 400, "{wrong}");
        let problem: Value = answer.json().await.unwrap();
        let name = wrong.split('=').next().unwrap();
        assert!(problem["at"].as_str().unwrap().contains(name), "{problem}");
    }
}

#[tokio::test]
async fn filters_see_the_version_that_answers_and_pages_have_each_feature_once() {
    let it = TestApp::serving().await;
    told(&it).await;
    let all = "datetime=2020-01-01/..";
    assert_eq!(asked(&it, &format!("{all}&name=second")).await, ["second"]);
    // The older version is not what the feature was at the end of the interval.
    assert!(asked(&it, &format!("{all}&name=first")).await.is_empty());
    assert!(asked(&it, &format!("{all}&filter=name%20=%20'first'")).await.is_empty());
    assert_eq!(asked(&it, "datetime=2024-04-30&bbox=121.21,31.3,121.211,31.301").await, ["first"]);
    let mut path = format!("{ITEMS}?datetime=2024-04-30&as_of=2024-09-01&limit=1");
    let mut found = Vec::new();
    loop {
        let page = it.json(&path).await;
        found.extend(names(&page));
        let next = page["links"].as_array().unwrap().iter().find(|it| it["rel"] == "next").cloned();
        let Some(next) = next else { break };
        let href = next["href"].as_str().unwrap().to_owned();
        assert!(
            href.contains("as_of=2024-09-01") && href.contains("datetime=2024-04-30"),
            "{href}"
        );
        path = href.replace(it.app.config.base_url().as_str(), "");
        // The place fits no other time.
        let other = path.replace("as_of=2024-09-01", "as_of=2024-09-02");
        assert_eq!(it.get(&other).await.status(), 400);
    }
    assert_eq!(found, ["first", "still", "was"]);
}

#[tokio::test]
async fn one_feature_and_one_dossier_answer_of_their_time() {
    let it = TestApp::serving().await;
    told(&it).await;
    let path = format!("{ITEMS}/1?datetime=2024-04-30");
    assert_eq!(it.json(&path).await["properties"]["name"], "first");
    assert_eq!(it.get(&format!("{ITEMS}/3")).await.status(), 404);
    assert_eq!(it.json(&format!("{ITEMS}/3?as_of=2024-08-15")).await["properties"]["name"], "was");
    let now = it.get(&format!("{ITEMS}/1")).await;
    let tag = now.headers()["etag"].to_str().unwrap().to_owned();
    let row: i64 = it.value("select row_id from mutu.parcel_current where parcel_code = 'A'").await;
    assert_eq!(tag, format!("\"{row}\""));
    let dossier = it.get("/api/v1/parcels/A").await;
    assert_eq!(dossier.headers()["etag"], tag.as_str());
    let dossier: Value = dossier.json().await.unwrap();
    assert_eq!(dossier["version"]["valid_from"], "2024-05-01");
    assert_eq!(dossier["not_of_that_time"], serde_json::json!([]));
    let then = it.json("/api/v1/parcels/A?datetime=2024-04-30").await;
    assert_eq!(
        (&then["name"], &then["version"]["valid_to"]),
        (&"first".into(), &"2024-05-01".into())
    );
    assert!(then["not_of_that_time"].as_array().unwrap().contains(&"verdict".into()));
    assert_eq!(it.json("/api/v1/parcels/A?as_of=2024-05-31").await["name"], "first");
    assert_eq!(it.get("/api/v1/parcels/A?as_of=2024-02-01").await.status(), 404);
    assert_eq!(it.get("/api/v1/parcels/A?asof=2024-02-01").await.status(), 400);
    assert_eq!(it.get("/api/v1/parcels/Z?as_of=2024-05-31").await.status(), 404);
}

#[tokio::test]
async fn the_past_is_masked_by_the_unit_of_its_time() {
    let it = TestApp::serving().await;
    told(&it).await;
    let own = it.token_of(Role::Officer, Some(&["安亭镇"])).await;
    let tax = async |token: &str, query: &str| {
        let page = it.json_as(token, &format!("{ITEMS}/1?{query}")).await;
        let dossier = it.json_as(token, &format!("/api/v1/parcels/A?{query}")).await;
        let shown = page["properties"]["contract_tax_wan_per_mu"].as_f64();
        let told = dossier["contract_tax_wan_per_mu"].as_str().map(|it| it.parse::<f64>().unwrap());
        assert_eq!(shown, told, "{query}");
        shown
    };
    // It was theirs until May.
    assert_eq!(tax(&own, "datetime=2024-04-30").await, Some(11.0));
    assert_eq!(tax(&own, "datetime=2024-05-01").await, None);
    assert_eq!(tax(&own, "as_of=2024-05-31").await, Some(11.0));
    let viewer = it.token(Role::Viewer).await;
    let page = it.json_as(&viewer, &format!("{ITEMS}/1?datetime=2024-04-30")).await;
    assert!(page["properties"].get("contract_tax_wan_per_mu").is_none());
    let filtered = format!("{ITEMS}?datetime=2024-04-30&filter=contract_tax_wan_per_mu%20%3E%200");
    assert_eq!(it.get_as(&viewer, &filtered).await.status(), 400);
    let page = it.json_as(&own, &filtered).await;
    assert_eq!(names(&page), ["first"], "other units' figures are unknown in the past, too");
    // The connection itself reads no more.
    let mut db = it.app.db.read(&Scope::public()).await.unwrap();
    let denied = sqlx::query("select contract_tax_wan_per_mu from layer.parcels_past")
        .fetch_all(&mut db)
        .await;
    assert!(denied.unwrap_err().to_string().contains("permission denied"));
}

#[tokio::test]
async fn judgement_is_of_the_present() {
    let it = TestApp::serving().await;
    told(&it).await;
    let today = mutu::catalog::time::today();
    for id in ["low_efficiency", "block_class"] {
        let items = format!("/ogc/collections/{id}/items");
        for refused in ["as_of=2024-05-01", "datetime=2024-05-01", "datetime=../2024-05-01"] {
            let answer = it.get(&format!("{items}?{refused}")).await;
            assert!([400, 401].contains(&answer.status().as_u16()), "{id} {refused}");
        }
    }
    it.json(&format!("/ogc/collections/block_class/items?datetime=2024-05-01/{today}")).await;
}

#[tokio::test]
async fn a_reference_layer_and_an_import_have_a_past_too() {
    let it = TestApp::serving().await;
    let dir = tempfile::tempdir().unwrap();
    let square = |name: &str| {
        format!(
            r#"{{"type":"FeatureCollection","features":[{{"type":"Feature","properties":{{"code":"114","name":"{name}"}},"geometry":{{"type":"Polygon","coordinates":[[[121.2,31.3],[121.3,31.3],[121.3,31.4],[121.2,31.4],[121.2,31.3]]]}}}}]}}"#
        )
    };
    let mut moments = Vec::new();
    for name in ["旧名", "新名"] {
        let file = dir.path().join("towns.geojson");
        std::fs::write(&file, square(name)).unwrap();
        let options = Options { replace: Replace::Changed, ..Options::new(&file, "towns") };
        let report =
            mutu::ingest::import(&it.app, &Scope::console(), &options, &mut |_, _| {}).await;
        assert_eq!(report.unwrap().rows.written, 1);
        moments.push(chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Micros, true));
    }
    let items = "/ogc/collections/towns/items";
    assert_eq!(names(&it.json(items).await), ["新名"]);
    assert_eq!(names(&it.json(&format!("{items}?as_of={}", moments[0])).await), ["旧名"]);
    assert_eq!(names(&it.json(&format!("{items}?as_of={}", moments[1])).await), ["新名"]);
    assert_eq!(names(&it.json(&format!("{items}?datetime=1990-01-01")).await), ["新名"]);
}

#[tokio::test]
async fn history_says_what_each_version_changed() {
    let it = TestApp::serving().await;
    told(&it).await;
    let viewer = it.token(Role::Viewer).await;
    let history = it.json_as(&viewer, "/api/v1/parcels/A/history").await;
    let versions = history["versions"].as_array().unwrap();
    assert_eq!(versions.len(), 3);
    assert_eq!(history["in_force"], true);
    let of = |nth: usize| -> Vec<(&str, &str, &str)> {
        let changed = versions[nth]["changed"].as_array().unwrap().iter();
        let text = |it: &'_ Value, name: &str| -> &'static str {
            Box::leak(it[name].as_str().unwrap_or("-").to_owned().into_boxed_str())
        };
        changed.map(|it| (text(it, "field"), text(it, "before"), text(it, "after"))).collect()
    };
    assert_eq!(of(0), [("name", "first", "second"), ("responsible_unit", "安亭镇", "马陆镇")]);
    assert_eq!(of(1), []);
    assert_eq!(versions[1]["valid_to"], "2024-05-01");
    assert!(versions[2]["changed"].is_null());
    assert_eq!(versions[0]["recorded_by"], "surveyor");
    assert_eq!(versions[0]["outline_changed_m2"], "0");
    let own = it.token_of(Role::Officer, Some(&["安亭镇"])).await;
    let history = it.json_as(&own, "/api/v1/parcels/A/history").await;
    // The last version is another unit's: its promised tax is not compared with theirs.
    assert_eq!(history["versions"][0]["withheld"], serde_json::json!(["contract_tax_wan_per_mu"]));
    let public = it.json("/api/v1/parcels/A/history").await;
    assert!(public["versions"][0]["recorded_by"].is_null());
    assert!(public["withheld"].as_array().unwrap().contains(&"recorded_by".into()));
    assert_eq!(it.get("/api/v1/parcels/none/history").await.status(), 404);
}

#[tokio::test]
async fn a_code_that_is_gone_says_where_it_went() {
    let it = TestApp::serving().await;
    told(&it).await;
    it.sql("insert into mutu.parcel_lineage (parent_parcel_id, child_parcel_id, kind, happened_on) values (3, 2, 'merge', '2024-08-01')").await;
    let viewer = it.token(Role::Viewer).await;
    let answer = it.get_as(&viewer, "/api/v1/parcels/C").await;
    assert_eq!(answer.status(), 410);
    let problem: Value = answer.json().await.unwrap();
    assert_eq!(problem["type"], "/problems/gone");
    assert_eq!(problem["valid_to"], "2024-08-01");
    assert_eq!(problem["successors"][0]["parcel_code"], "B");
    let history = it.json_as(&viewer, problem["history"].as_str().unwrap()).await;
    assert_eq!(
        (&history["in_force"], &history["children"][0]["kind"]),
        (&false.into(), &"merge".into())
    );
    let child = it.json_as(&viewer, "/api/v1/parcels/B/history").await;
    assert_eq!(child["parents"][0]["parcel_code"], "C");
    // Descent is for those who have an account.
    let problem: Value = it.get("/api/v1/parcels/C").await.json().await.unwrap();
    assert_eq!(problem["successors"], serde_json::json!([]));
}

/// The present is read as it always was: from the view of what is in force, never searching among versions.
#[tokio::test]
async fn the_present_does_not_search_the_past() {
    let it = TestApp::serving().await;
    told(&it).await;
    let layer = it.app.layers.find("parcels").unwrap();
    let scope = Scope::public();
    let mut db = it.app.db.read(&scope).await.unwrap();
    let mut selection = mutu::export::Selection::new(layer, &scope);
    selection.limit = Some(101);
    let plan = mutu::export::queries::explain(&mut db, &selection).await.unwrap().join("\n");
    assert!(!plan.contains("later"), "{plan}");
    it.sql(
        "insert into mutu.parcel (parcel_id, parcel_code, area_geom_m2, geom, recorded_by, superseded_at)
         select n, 'N' || n, 1, st_multi(st_makeenvelope(121 + n * 0.0001, 31, 121.0001 + n * 0.0001, 31.0001, 4490)), 'x',
             case when n % 2 = 0 then now() end
         from generate_series(10, 20000) n; analyze mutu.parcel",
    )
    .await;
    selection.at(None, Some("2024-06-01")).unwrap();
    selection.bbox = Some(mutu::export::Bbox::parse("121.3,31,121.301,31.1").unwrap());
    let plan = mutu::export::queries::explain(&mut db, &selection).await.unwrap().join("\n");
    assert!(plan.contains("parcel_geom_superseded") && plan.contains("parcel_geom"), "{plan}");
}
