//! Planning on PostGIS and over HTTP: whether land conforms, in the register and drawn, and who may know.

use mutu::access::Role;
use mutu::access::Scope;
use mutu::evaluation;
use mutu::evaluation::Options;
use serde_json::Value;
use serde_json::json;

use crate::support::TestApp;

mod assemblies;
mod reduction;
mod sites;

/// A row of parcels at Jiading, 0.002 degrees wide each (A to F), on plans that each of them meets differently.
const SCENE: &str = "
    insert into mutu.parcel (parcel_id, parcel_code, area_registered_m2, area_geom_m2, land_use_code, far_reported,
        responsible_unit, holder_uscc, geom, recorded_by)
    select n, chr(64 + n), 20000, 42000, '0601', 1.2, case when n <= 3 then '安亭镇' else '马陆镇' end, 'H' || (n / 2),
           st_multi(st_makeenvelope(121.198 + n * 0.002, 31.380, 121.2 + n * 0.002, 31.382, 4490)), 'test'
    from generate_series(1, 6) n;
";
const PLANS: &str = "
    -- A to E lie inside; F outside.
    insert into layer.growth_boundary (code, approval_no, approved_on, geom, recorded_by)
    values ('KF1', '沪府〔2018〕1号', '2018-01-04',
        st_multi(st_makeenvelope(121.19, 31.37, 121.210, 31.39, 4490)), 'test');
    -- B is half on farmland, under two polygons that overlap.
    insert into layer.basic_farmland (code, geom, recorded_by)
    values ('NT1', st_multi(st_makeenvelope(121.202, 31.380, 121.203, 31.382, 4490)), 'test'),
           ('NT2', st_multi(st_makeenvelope(121.202, 31.380, 121.2025, 31.382, 4490)), 'test');
    insert into layer.eco_redline (code, geom, recorded_by)
    values ('ST1', st_multi(st_makeenvelope(121.3, 31.4, 121.31, 31.41, 4490)), 'test');
    -- Industry with 2.0, but C is planned for housing and E not at all.
    insert into layer.control_plan (code, name, land_use_code, far_limit, geom, recorded_by)
    select 'KG' || n, '单元控规', case when n = 3 then '0701' else '100101' end, 2.0,
           st_multi(st_makeenvelope(121.198 + n * 0.002, 31.380, 121.2 + n * 0.002, 31.382, 4490)), 'test'
    from unnest(array[1, 2, 3, 4, 6]) n;
    insert into layer.industry_layout (code, kind, geom, recorded_by)
    values ('CY1', '产业基地', st_multi(st_makeenvelope(121.19, 31.37, 121.22, 31.39, 4490)), 'test');
";

async fn scene() -> TestApp {
    let it = TestApp::serving().await;
    it.sql(SCENE).await;
    it.sql(PLANS).await;
    it
}

async fn evaluate(it: &TestApp) -> evaluation::Report {
    let options = Options { year: 2025, ruleset: None };
    evaluation::evaluate(&it.app, &Scope::console(), &options, &mut |_| {}).await.unwrap()
}

fn clause<'a>(item: &'a Value, id: &str) -> Vec<&'a Value> {
    item["clauses"].as_array().unwrap().iter().filter(|it| it["clause"] == id).collect()
}

fn number(it: &Value) -> f64 {
    it.as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_parcel_is_held_against_every_plan() {
    let it = scene().await;
    for (code, outcome) in [
        ("A", "pass"),
        ("B", "fail"),
        ("C", "needs_plan_change"),
        ("D", "pass"),
        ("E", "unknown"),
        ("F", "fail"),
    ] {
        let found = it.json(&format!("/api/v1/parcels/{code}/conformity?far=1.5")).await;
        assert_eq!(found["items"][0]["outcome"], outcome, "{code}: {found:#}");
    }
    let found =
        it.json("/api/v1/parcels/A/conformity?far=2.01&use=industrial&path=self_renewal").await;
    let item = &found["items"][0];
    assert_eq!(item["outcome"], "needs_plan_change");
    assert_eq!(clause(item, "far")[0]["outcome"], "needs_plan_change");
    assert_eq!(clause(item, "far")[0]["limit"], "2.0");
    assert_eq!(item["proposed"]["present"], false);
    // Which plans, of which revision.
    let plans = found["plans"].as_array().unwrap();
    assert_eq!(plans.len(), 5);
    assert!(plans.iter().all(|it| it["revision"].is_i64() && it["state"] == "read"), "{plans:#?}");
    let boundary = clause(item, "boundary")[0];
    assert_eq!(boundary["hits"][0]["approval_no"], "沪府〔2018〕1号");
    assert_eq!(boundary["hits"][0]["approved_on"], "2018-01-04");
}

#[tokio::test]
async fn overlapping_polygons_of_a_plan_count_once() {
    let it = scene().await;
    let found = it.json("/api/v1/parcels/B/conformity?far=1").await;
    let farmland = clause(&found["items"][0], "protected")[0];
    let area = number(&found["items"][0]["area_m2"]);
    assert!((number(&farmland["area_m2"]) - area / 2.0).abs() < 1.0, "{farmland:#}");
    assert_eq!(farmland["hits"].as_array().unwrap().len(), 2);
    let mu = number(&farmland["area_mu"]);
    assert!((mu - number(&farmland["area_m2"]) * 0.0015).abs() < 1e-9);
    // As PostGIS measures it on the ellipsoid.
    let measured: f64 =
        it.value("select st_area(geom::geography) from mutu.parcel where parcel_code = 'B'").await;
    assert!((area / measured - 1.0).abs() < 1e-6, "{area} against {measured}");
}

#[tokio::test]
async fn reduction_is_the_way_that_stays_open_outside() {
    let it = scene().await;
    let found = it.json("/api/v1/parcels/F/conformity?far=1&path=reduction").await;
    assert_eq!(found["items"][0]["outcome"], "pass");
    let boundary = clause(&found["items"][0], "boundary")[0];
    assert_eq!(boundary["outcome"], "not_applicable");
    assert!(number(&boundary["area_m2"]) > 40_000.0, "what lies outside is told all the same");
}

#[tokio::test]
async fn a_plan_that_was_never_imported_is_never_a_pass() {
    let it = scene().await;
    for layer in
        ["basic_farmland", "eco_redline", "growth_boundary", "control_plan", "industry_layout"]
    {
        it.sql(&format!(
            "create table kept as select * from layer.{layer}; delete from layer.{layer}"
        ))
        .await;
        let found = it.json("/api/v1/parcels/A/conformity?far=1").await;
        assert_eq!(found["items"][0]["outcome"], "unknown", "{layer}");
        assert_eq!(found["items"][0]["complete"], false);
        let plan = found["plans"].as_array().unwrap().iter().find(|it| it["layer"] == layer);
        assert_eq!(plan.unwrap()["state"], "missing");
        it.sql(&format!(
            "insert into layer.{layer} overriding system value select * from kept; drop table kept"
        ))
        .await;
    }
    assert_eq!(it.json("/api/v1/parcels/A/conformity?far=1").await["items"][0]["outcome"], "pass");
}

#[tokio::test]
async fn a_list_and_a_drawn_shape_are_checked() {
    let it = scene().await;
    let asked = json!({"parcel_codes": ["B", "A", "no such", "A"], "far": 1.5});
    let (status, found) = it.post(None, "/api/v1/conformity", &asked).await;
    assert_eq!(status, 200, "{found}");
    let codes: Vec<&Value> =
        found["items"].as_array().unwrap().iter().map(|it| &it["parcel_code"]).collect();
    assert_eq!(codes, ["A", "B"]);
    assert_eq!(found["not_found"], json!(["no such"]));
    let square = |west: f64, east: f64| {
        json!({"type": "Polygon", "coordinates":
            [[[west, 31.3805], [east, 31.3805], [east, 31.3815], [west, 31.3815], [west, 31.3805]]]})
    };
    let asked = json!({"shape": square(121.2005, 121.2015), "use": "industrial", "far": "2", "path": "market"});
    let (status, found) = it.post(None, "/api/v1/conformity", &asked).await;
    assert_eq!((status, &found["items"][0]["outcome"]), (200, &json!("pass")), "{found}");
    let asked = json!({"shape": square(121.2005, 121.2025), "use": "industrial", "far": "2"});
    let (_, found) = it.post(None, "/api/v1/conformity", &asked).await;
    assert_eq!(found["items"][0]["outcome"], "fail", "a quarter on farmland");
    // Without a ratio that part stays open.
    let asked = json!({"shape": square(121.2005, 121.2015), "use": "industrial"});
    let (_, found) = it.post(None, "/api/v1/conformity", &asked).await;
    assert_eq!(found["items"][0]["outcome"], "unknown");
}

#[tokio::test]
async fn what_is_wrong_is_said_with_its_place() {
    let it = scene().await;
    let shape =
        |coordinates: Value| json!({"shape": {"type": "Polygon", "coordinates": coordinates}});
    let crossing = json!([[
        [121.2, 31.38],
        [121.201, 31.381],
        [121.201, 31.38],
        [121.2, 31.381],
        [121.2, 31.38]
    ]]);
    let huge =
        json!([[[121.2, 31.38], [124.2, 31.38], [124.2, 33.0], [121.2, 33.0], [121.2, 31.38]]]);
    let many: Vec<Value> = vec![json!([121, 31]); 5_001];
    for (body, at, words) in [
        (shape(crossing), "shape.coordinates[0][0]", "crosses itself"),
        (shape(huge), "shape.coordinates[0][1]", "too large"),
        (shape(json!([many])), "shape.coordinates[0][5000]", "5000"),
        (json!({"parcel_codes": ["A"], "path": "reducton"}), "path", "reduction"),
        (json!({"parcel_codes": ["A"], "use": "casino"}), "use", "industrial"),
        (json!({"parcel_codes": ["A"], "far": -1}), "far", "50"),
        (json!({"parcel_codes": []}), "parcel_codes", "1..1000"),
        (json!({}), "parcel_codes", "shape"),
        (json!({"parcel_codes": ["A"], "ratio": 1}), "body", "ratio"),
    ] {
        let (status, said) = it.post(None, "/api/v1/conformity", &body).await;
        assert_eq!(status, 400, "{said}");
        assert!(said["at"].as_str().unwrap().contains(at), "{at}: {said}");
        assert!(said["detail"].as_str().unwrap().contains(words), "{words}: {said}");
    }
    assert_eq!(it.get("/api/v1/parcels/nothing/conformity").await.status(), 404);
    assert_eq!(it.get("/api/v1/parcels/A/conformity?usage=1").await.status(), 400);
    assert_eq!(it.get("/api/v1/parcels/A/conformity?far=much").await.status(), 400);
}

#[tokio::test]
async fn a_run_stores_how_present_uses_conform() {
    let it = scene().await;
    it.sql("update mutu.parcel set far_reported = null where parcel_code = 'D'").await;
    let report = evaluate(&it).await;
    let counts: Vec<(&str, usize)> = report.conformity["conformity"]
        .iter()
        .map(|(name, it)| (name.as_str(), it.parcels))
        .collect();
    assert_eq!(counts, [("fail", 2), ("needs_plan_change", 1), ("pass", 1), ("unknown", 2)]);
    let rows: Vec<(String, String, Option<String>, Option<String>)> = sqlx::query_as(
        "select parcel_code, outcome, broken, undecided from layer.conformity order by parcel_code",
    )
    .fetch_all(it.app.db.owner())
    .await
    .unwrap();
    let row = |code: &str| rows.iter().find(|it| it.0 == code).unwrap();
    assert_eq!(row("B").2.as_deref(), Some("protected"));
    assert_eq!(row("C").2.as_deref(), Some("use"));
    assert_eq!((row("D").1.as_str(), row("D").3.as_deref()), ("unknown", Some("far")));
    assert_eq!(row("E").3.as_deref(), Some("use,far"));
    // What is stored is what is answered.
    it.settle().await;
    for (code, outcome, ..) in &rows {
        let found = it.json(&format!("/api/v1/parcels/{code}/conformity")).await;
        assert_eq!(found["items"][0]["outcome"], outcome.as_str(), "{code}");
    }
    let shown =
        it.json("/ogc/collections/conformity/items?f=json&filter=outcome%3D%27fail%27").await;
    assert_eq!(shown["numberMatched"], 2, "{shown}");
    let protected: String = it
        .value("select round(protected_mu, 4)::text from layer.conformity where parcel_code = 'B'")
        .await;
    assert!(protected.parse::<f64>().unwrap() > 30.0, "{protected}");
}

#[tokio::test]
async fn what_the_caller_may_not_read_is_unknown_to_the_answer() {
    let dir = tempfile::tempdir().unwrap();
    let closed = |layer: &str, what: &dyn Fn(String) -> String| {
        let from = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("layers").join(layer);
        let to = dir.path().join(layer);
        std::fs::create_dir(&to).unwrap();
        for file in ["layer.toml", "style.json"] {
            let text = std::fs::read_to_string(from.join(file)).unwrap();
            std::fs::write(to.join(file), if file == "layer.toml" { what(text) } else { text })
                .unwrap();
        }
    };
    closed("eco_redline", &|it| {
        it.replace("visible  = false", "visible  = false\naccess   = \"viewer\"")
    });
    closed("parcels", &|it| {
        it.replace("[field.far_reported]", "[field.far_reported]\naccess  = \"officer\"")
    });
    let config = mutu::config::Config { layers: Some(dir.path().to_owned()), ..Default::default() };
    let mut it = TestApp::with(config).await;
    it.serve();
    it.sql(SCENE).await;
    it.sql(PLANS).await;
    evaluate(&it).await;
    let of = |found: Value| found["items"][0].clone();
    let public = of(it.json("/api/v1/parcels/A/conformity").await);
    assert_eq!(public["outcome"], "unknown");
    assert_eq!(public["withheld"], json!(["far"]));
    assert_eq!(public["proposed"]["far"], Value::Null);
    let found = it.json("/api/v1/parcels/A/conformity?far=1").await;
    assert_eq!(found["items"][0]["outcome"], "unknown", "the redline is not told");
    assert_eq!(found["plans"][1]["state"], "withheld");
    assert_eq!(found["plans"][1]["revision"], Value::Null);
    let viewer = it.token(Role::Viewer).await;
    let known = of(it.json_as(&viewer, "/api/v1/parcels/A/conformity?far=1").await);
    assert_eq!(known["outcome"], "pass");
    let officer = it.token_of(Role::Officer, Some(&["安亭镇"])).await;
    let own = of(it.json_as(&officer, "/api/v1/parcels/A/conformity").await);
    assert_eq!((&own["outcome"], &own["proposed"]["far"]), (&json!("pass"), &json!("1.200000")));
    let other = of(it.json_as(&officer, "/api/v1/parcels/D/conformity").await);
    assert_eq!((&other["outcome"], &other["withheld"]), (&json!("unknown"), &json!(["far"])));
    // Nor do the tiles and features of what a run found.
    let layer = it.app.layers.find("conformity").unwrap();
    assert_eq!(layer.role_of(&layer.field["outcome"]), Role::Officer);
    assert_eq!(it.app.layers.find("assembly").unwrap().access, Role::Officer);
}
