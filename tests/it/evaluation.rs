//! `evaluate` on PostGIS: shares, measures and verdicts of a scene that can be worked out by hand.

use mutu::access::Role;
use mutu::access::Scope;
use mutu::evaluation;
use mutu::evaluation::Options;
use serde_json::json;

use crate::support::TestApp;

/// A square kilometre, more or less, at Jiading: parcels A to D in a row of 0.002 degrees each. 104 covers A and half of
/// B; the construction area covers A, B and C; nothing covers D.
pub const SCENE: &str = "
    insert into layer.blocks_104 (code, name, geom, recorded_by)
    values ('104-1', 'block', st_multi(st_makeenvelope(121.200, 31.380, 121.203, 31.382, 4490)), 'test');
    insert into layer.construction_area (code, name, geom, recorded_by)
    values ('ca-1', 'area', st_multi(st_makeenvelope(121.200, 31.380, 121.206, 31.382, 4490)), 'test');
    insert into mutu.parcel (parcel_id, parcel_code, area_registered_m2, area_geom_m2, geom, recorded_by)
    select n, chr(64 + n), 20000, 42000,
           st_multi(st_makeenvelope(121.198 + n * 0.002, 31.380, 121.2 + n * 0.002, 31.382, 4490)), 'test'
    from generate_series(1, 4) n;
    insert into mutu.enterprise (enterprise_id, uscc, name, recorded_by)
    values (1, 'E1', 'one', 'test'), (2, 'E2', 'two', 'test'), (3, 'E3', 'three', 'test');
    -- E1 on A alone; E2 on B (3/4) and C (1/4); E3 beside E2 on C, and it reported nothing.
    insert into mutu.occupancy (parcel_code, uscc, land_m2, recorded_by)
    values ('A', 'E1', 20000, 'test'), ('B', 'E2', 15000, 'test'), ('C', 'E2', 5000, 'test'), ('C', 'E3', 1000, 'test');
    insert into mutu.enterprise_period (uscc, year, period, tax_wan, output_wan, recorded_by)
    values ('E1', 2025, '2025', 33, 900, 'test'), ('E2', 2025, '2025', 400, 8000, 'test');
";

async fn measure(it: &TestApp, code: &str, name: &str) -> Option<String> {
    let sql = format!(
        "select trim_scale(m.{name})::text
         from mutu.parcel_measure m join mutu.current_run using (run_id) join mutu.parcel_current p using (parcel_id)
         where p.parcel_code = $1"
    );
    sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
        .bind(code)
        .fetch_one(it.app.db.owner())
        .await
        .unwrap()
}

async fn class(it: &TestApp, code: &str) -> (String, bool, String) {
    sqlx::query_as(
        "select c.class, c.straddle, c.source
         from mutu.parcel_class c join mutu.current_run using (run_id) join mutu.parcel_current p using (parcel_id)
         where p.parcel_code = $1 and c.layer = 'block_class'",
    )
    .bind(code)
    .fetch_one(it.app.db.owner())
    .await
    .unwrap()
}

pub async fn evaluate(it: &TestApp) -> evaluation::Report {
    let options = Options { year: 2025, ruleset: None };
    evaluation::evaluate(&it.app, &Scope::console(), &options, &mut |_| {}).await.unwrap()
}

#[tokio::test]
async fn parcels_are_classed_by_their_shares_which_sum_to_one() {
    let it = TestApp::new().await;
    it.sql(SCENE).await;
    it.sql("update mutu.parcel set block_class_override = 'scattered', override_reason = 'field check' where parcel_code = 'D'").await;
    let report = evaluate(&it).await;
    assert_eq!(report.parcels, 4);
    assert_eq!(class(&it, "A").await, ("104".to_owned(), false, "overlay".to_owned()));
    let (_, straddle, _) = class(&it, "B").await;
    assert!(straddle, "half in 104, half in 195");
    assert_eq!(class(&it, "C").await, ("195".to_owned(), false, "overlay".to_owned()));
    assert_eq!(class(&it, "D").await, ("scattered".to_owned(), false, "officer".to_owned()));
    let sums: Vec<rust_decimal::Decimal> = sqlx::query_scalar(
        "select sum(share) from mutu.overlay_share join mutu.current_run using (run_id) group by layer, parcel_id",
    )
    .fetch_all(it.app.db.owner())
    .await
    .unwrap();
    assert_eq!(sums.len(), 4);
    assert!(sums.iter().all(|it| *it == rust_decimal::Decimal::ONE), "{sums:?}");
}

#[tokio::test]
async fn land_is_not_called_198_because_the_blocks_are_not_loaded() {
    let it = TestApp::new().await;
    it.sql(SCENE).await;
    it.sql("delete from layer.blocks_104").await;
    let report = evaluate(&it).await;
    assert_eq!(report.skipped["block_class"], "blocks_104");
    let classed: i64 = sqlx::query_scalar("select count(*) from mutu.parcel_class")
        .fetch_one(it.app.db.owner())
        .await
        .unwrap();
    assert_eq!(classed, 0);
    assert_eq!(report.parcels, 4, "measures and verdicts are there all the same");
}

#[tokio::test]
async fn a_parcel_without_an_area_has_no_class_and_is_counted() {
    let it = TestApp::new().await;
    it.sql(SCENE).await;
    // One without any area, and one of a few square nanometres, which rounds to none.
    it.sql(
        "insert into mutu.parcel (parcel_id, parcel_code, area_geom_m2, geom, recorded_by)
         values (5, 'E', 0, st_multi(st_geomfromtext('POLYGON((121.2 31.38, 121.201 31.38, 121.2 31.38, 121.2 31.38))', 4490)), 'test'),
                (6, 'F', 0, st_multi(st_makeenvelope(121.2, 31.38, 121.2 + 1e-12, 31.38 + 1e-12, 4490)), 'test')",
    )
    .await;
    let report = evaluate(&it).await;
    assert_eq!(report.parcels, 6);
    assert_eq!(report.unclassed["block_class"], 2);
    let classed: usize = report.classes["block_class"].values().map(|it| it.parcels).sum();
    assert_eq!(classed, 4);
}

#[tokio::test]
async fn splitting_a_block_changes_no_share() {
    let whole = TestApp::new().await;
    whole.sql(SCENE).await;
    evaluate(&whole).await;
    let split = TestApp::new().await;
    split.sql(SCENE).await;
    // The same land in two overlapping pieces, and an order of rows that differs.
    split
        .sql(
            "delete from layer.blocks_104;
             insert into layer.blocks_104 (code, name, geom, recorded_by)
             values ('b', 'b', st_multi(st_makeenvelope(121.2015, 31.380, 121.203, 31.382, 4490)), 'test'),
                    ('a', 'a', st_multi(st_makeenvelope(121.200, 31.380, 121.202, 31.382, 4490)), 'test')",
        )
        .await;
    evaluate(&split).await;
    let shares = |it: &TestApp| {
        let db = it.app.db.owner().clone();
        async move {
            sqlx::query_as::<_, (i64, String, rust_decimal::Decimal)>(
                "select parcel_id, class, share from mutu.overlay_share join mutu.current_run using (run_id)
                 where layer = 'block_class' order by 1, 2",
            )
            .fetch_all(&db)
            .await
            .unwrap()
        }
    };
    assert_eq!(shares(&whole).await, shares(&split).await);
}

#[tokio::test]
async fn a_parcel_has_the_name_of_its_block_and_sums_are_had_by_block() {
    let mut it = TestApp::new().await;
    it.sql(SCENE).await;
    // A lies with more than half of it in the west, and nobody has named what lies in the east.
    it.sql(
        "delete from layer.blocks_104;
         insert into layer.blocks_104 (code, name, geom, recorded_by)
         values ('w', 'west', st_multi(st_makeenvelope(121.2, 31.38, 121.2012, 31.382, 4490)), 'test'),
                ('e', null, st_multi(st_makeenvelope(121.2012, 31.38, 121.202, 31.382, 4490)), 'test')",
    )
    .await;
    evaluate(&it).await;
    let named: Vec<(String, String, Option<String>)> = sqlx::query_as(
        "select parcel_code, class, c.name
         from mutu.parcel_class c join mutu.current_run using (run_id) join mutu.parcel_current using (parcel_id)
         where c.layer = 'block_class' order by 1",
    )
    .fetch_all(it.app.db.owner())
    .await
    .unwrap();
    assert_eq!(named[0], ("A".to_owned(), "104".to_owned(), Some("west".to_owned())));
    assert!(named[1..].iter().all(|it| it.2.is_none()), "{named:?}");
    it.serve();
    let token = it.token(Role::Officer).await;
    assert_eq!(it.json_as(&token, "/api/v1/parcels/A").await["block"], "west");
    let question = json!({
        "layer": "yield_per_mu", "group_by": ["block"], "measures": [{"ratio": ["tax_wan", "area_mu"]}, {"sum": "area_mu"}]
    });
    let (status, sums) = it.post(Some(&token), "/api/v1/stats", &question).await;
    assert_eq!(status, 200, "{sums}");
    let west = sums["groups"].as_array().unwrap().iter().find(|it| it["key"]["block"] == "west");
    let west = &west.unwrap_or_else(|| panic!("{sums}"))["measures"];
    assert_eq!(west["sum_area_mu"]["value"], "30", "{west}");
    assert_eq!(west["ratio_tax_wan_to_area_mu"]["value"], "1.1", "{west}");
}

#[tokio::test]
async fn figures_are_split_by_land_and_a_missing_one_is_not_zero() {
    let it = TestApp::new().await;
    it.sql(SCENE).await;
    evaluate(&it).await;
    assert_eq!(measure(&it, "A", "area_mu").await.unwrap(), "30");
    assert_eq!(measure(&it, "A", "tax_wan_per_mu").await.unwrap(), "1.1");
    assert_eq!(measure(&it, "B", "tax_wan").await.unwrap(), "300");
    assert_eq!(measure(&it, "B", "tax_wan_per_mu").await.unwrap(), "10");
    // E3 reported nothing, so C's tax is not known; it is not E2's quarter.
    assert_eq!(measure(&it, "C", "tax_wan").await, None);
    assert_eq!(measure(&it, "D", "tax_wan").await, None);
}

#[tokio::test]
async fn verdicts_come_with_evidence_and_unknown_is_neither_low_nor_ok() {
    let mut it = TestApp::new().await;
    it.sql(SCENE).await;
    evaluate(&it).await;
    it.serve();
    let token = it.token(Role::Officer).await;
    let low = it.json_as(&token, "/api/v1/parcels/A").await;
    assert_eq!(low["verdict"]["value"], "low", "1.1 万元/亩: {low}");
    let evidence = low["verdict"]["evidence"].as_array().unwrap();
    let hit = evidence.iter().find(|it| it["result"] == "true" && it["effect"] == "low").unwrap();
    assert!(hit["when"].as_str().unwrap().contains("tax_wan_per_mu"), "{hit}");
    assert_eq!(hit["inputs"]["tax_wan_per_mu"], "1.1");
    assert_eq!(low["block_class"], "104");
    assert_eq!(low["years"][0]["tax_wan"], "33.000000");
    let unknown = it.json_as(&token, "/api/v1/parcels/D").await;
    assert_eq!(unknown["verdict"]["value"], "unknown", "{}", unknown["verdict"]);
}

#[tokio::test]
async fn no_public_answer_has_tax() {
    let mut it = TestApp::new().await;
    it.sql(SCENE).await;
    evaluate(&it).await;
    it.serve();
    let dossier = it.json("/api/v1/parcels/A").await;
    assert_eq!(dossier["verdict"], serde_json::Value::Null);
    assert_eq!(dossier["years"], serde_json::json!([]));
    let withheld = dossier["withheld"].as_array().unwrap();
    assert!(
        withheld.contains(&serde_json::json!("years"))
            && withheld.contains(&serde_json::json!("holder_uscc"))
    );
    assert!(!dossier.to_string().contains("33.000000"));
    let found = it.json("/api/v1/search?q=one").await;
    assert_eq!(found["results"], serde_json::json!([]), "who sits where is not public");
    assert_eq!(it.get("/tiles/low_efficiency/14/13707/6680").await.status(), 401);
}

#[tokio::test]
async fn two_runs_at_once_both_succeed() {
    let it = TestApp::new().await;
    it.sql(SCENE).await;
    let (first, second) = tokio::join!(evaluate(&it), evaluate(&it));
    let current: i64 = sqlx::query_scalar("select run_id from mutu.current_run")
        .fetch_one(it.app.db.owner())
        .await
        .unwrap();
    assert_eq!(current, first.run_id.max(second.run_id));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_an_import_overtakes_begins_again() {
    let it = TestApp::new().await;
    it.sql(SCENE).await;
    let mut overtaken = 0;
    let db = it.app.db.write.clone();
    let options = Options { year: 2025, ruleset: None };
    let report = evaluation::evaluate(&it.app, &Scope::console(), &options, &mut |step| {
        if step == mutu::job::Stage::Storing && overtaken == 0 {
            overtaken += 1;
            let change = sqlx::raw_sql(
                "update mutu.parcel set area_registered_m2 = 40000 where parcel_code = 'A';
                 update mutu.layer_revision set revision = revision + 1",
            );
            tokio::task::block_in_place(|| {
                tokio::runtime::Handle::current().block_on(change.execute(&db)).unwrap();
            });
        }
    })
    .await
    .unwrap();
    assert_eq!((overtaken, report.parcels), (1, 4));
    assert_eq!(measure(&it, "A", "area_mu").await.unwrap(), "60");
}

#[tokio::test]
async fn a_firm_that_has_left_is_neither_counted_nor_shown() {
    let mut it = TestApp::new().await;
    it.sql(SCENE).await;
    it.sql(
        "insert into mutu.occupancy (parcel_code, uscc, land_m2, from_date, to_date, recorded_by)
         values ('A', 'E3', 500, '2020-01-01', '2024-12-31', 'test'), ('A', 'E2', 500, '2026-01-01', null, 'test')",
    )
    .await;
    evaluate(&it).await;
    it.serve();
    let token = it.token(Role::Viewer).await;
    let dossier = it.json_as(&token, "/api/v1/parcels/A").await;
    let firms = dossier["enterprises"].as_array().unwrap();
    assert_eq!(firms.iter().map(|it| &it["uscc"]).collect::<Vec<_>>(), ["E1"]);
    assert_eq!(measure(&it, "A", "enterprise_count").await.unwrap(), "1");
    // Stored with the places of measures, told as the whole number that every description of the layer says it is.
    for (path, written) in [
        ("/ogc/collections/yield_per_mu/items?parcel_code=A", "\"enterprise_count\":1,"),
        (
            "/arcgis/yield_per_mu/FeatureServer/0/query?f=json&where=parcel_code='A'&outFields=*",
            "\"enterprise_count\":1,",
        ),
        (
            "/wfs?service=WFS&version=2.0.0&request=GetFeature&typeNames=mutu:yield_per_mu&cql_filter=parcel_code='A'",
            "<mutu:enterprise_count>1</mutu:enterprise_count>",
        ),
    ] {
        let text = it.get_as(&token, path).await.text().await.unwrap();
        assert!(text.contains(written), "{path}: {text}");
    }
}

/// Everything but moments, which have any digits.
fn without_moments(it: serde_json::Value) -> serde_json::Value {
    use serde_json::Value;
    match it {
        Value::String(text) if chrono::DateTime::parse_from_rfc3339(&text).is_ok() => Value::Null,
        Value::Array(list) => list.into_iter().map(without_moments).collect(),
        Value::Object(map) => {
            map.into_iter().map(|(name, it)| (name, without_moments(it))).collect()
        }
        other => other,
    }
}

#[tokio::test]
async fn what_a_folder_keeps_for_officers_no_viewer_reads_by_another_way() {
    let own = tempfile::tempdir().unwrap();
    for (id, from, to) in [
        ("buildings", "group ", "access = \"officer\"\ngroup "),
        ("parcels", "[field.status]\n", "[field.status]\naccess = \"officer\"\n"),
        ("parcels", "[field.address]\n", "[field.address]\naccess = \"officer\"\n"),
        ("parcels", "[field.gfa_m2]\n", "[field.gfa_m2]\naccess = \"officer\"\n"),
    ] {
        let folder = own.path().join(id);
        if !folder.exists() {
            std::fs::create_dir(&folder).unwrap();
            for file in ["layer.toml", "style.json", "check.geojson"] {
                let shipped = std::path::Path::new("layers").join(id).join(file);
                std::fs::copy(shipped, folder.join(file)).unwrap();
            }
        }
        let text = std::fs::read_to_string(folder.join("layer.toml")).unwrap();
        assert!(text.contains(from), "{id}: {from}");
        std::fs::write(folder.join("layer.toml"), text.replacen(from, to, 1)).unwrap();
    }
    let layers = Some(own.path().to_owned());
    let mut it = TestApp::with(mutu::config::Config { layers, ..Default::default() }).await;
    it.sql(SCENE).await;
    it.sql(
        "update mutu.parcel set status = '闲置', address = '隐路 7 号', gfa_m2 = 777 where parcel_code = 'A';
         insert into mutu.building (building_id, building_code, parcel_code, floor_area_m2, area_geom_m2, geom, recorded_by)
         select 1, 'A-1', 'A', 778, 100, geom, 'test' from mutu.parcel where parcel_code = 'A'",
    )
    .await;
    evaluate(&it).await;
    it.serve();
    let (viewer, officer) = (it.token(Role::Viewer).await, it.token(Role::Officer).await);
    let idle = |dossier: &serde_json::Value| {
        let evidence = dossier["verdict"]["evidence"].as_array().unwrap();
        evidence.iter().find(|it| it["rule"] == "idle").unwrap().clone()
    };
    let dossier = it.json_as(&officer, "/api/v1/parcels/A").await;
    assert_eq!(dossier["withheld"], serde_json::json!([]));
    assert_eq!(
        (&dossier["buildings"]["count"], dossier["gfa_m2"].as_str()),
        (&1.into(), Some("777.000000"))
    );
    assert_eq!(idle(&dossier)["inputs"]["status"], "闲置");
    assert_eq!(dossier["years"][0]["tax_wan"], "33.000000");
    let dossier = it.json_as(&viewer, "/api/v1/parcels/A").await;
    let withheld = dossier["withheld"].as_array().unwrap();
    for name in ["status", "address", "gfa_m2", "buildings", "tax_wan", "tax_wan_per_mu"] {
        assert!(withheld.contains(&name.into()), "{name}: {withheld:?}");
    }
    assert_eq!(dossier["buildings"]["count"], 0);
    let year = &dossier["years"][0];
    assert_eq!(
        (&year["tax_wan"], &year["tax_wan_per_mu"]),
        (&serde_json::Value::Null, &serde_json::Value::Null)
    );
    assert!(year["output_wan"].is_null() && year["complete"].is_boolean(), "{year}");
    assert_eq!(
        (&idle(&dossier)["result"], &idle(&dossier)["inputs"]),
        (&"true".into(), &serde_json::json!({}))
    );
    let told = without_moments(dossier).to_string();
    assert!(!told.contains("777") && !told.contains("“闲置”"), "{told}");
    assert!(
        !told.contains("33.000000") && !told.contains("1.1"),
        "tax in figures or words: {told}"
    );
    let search = "/api/v1/search?q=%E9%9A%90%E8%B7%AF";
    assert_eq!(it.json_as(&officer, search).await["results"][0]["parcel_code"], "A");
    assert_eq!(it.json_as(&viewer, search).await["results"], serde_json::json!([]));
}

#[tokio::test]
async fn a_run_needs_parcels_a_year_with_figures_and_a_known_rule_set() {
    let it = TestApp::new().await;
    let run = |year: i64, ruleset: Option<&str>| {
        let options = Options { year, ruleset: ruleset.map(ToOwned::to_owned) };
        let app = it.app.clone();
        async move {
            let error = evaluation::evaluate(&app, &Scope::console(), &options, &mut |_| {})
                .await
                .unwrap_err();
            format!("{error:#}")
        }
    };
    assert!(run(2025, None).await.contains("mutu import"));
    it.sql(SCENE).await;
    it.sql(
        "insert into mutu.enterprise_period (uscc, year, period, tax_wan, recorded_by)
         values ('E1', 2026, '2026Q1', 9, 'test')",
    )
    .await;
    assert!(run(2019, None).await.contains("2025"), "names the years that have figures");
    assert!(run(2026, None).await.contains("2025"), "a quarter is no year");
    assert!(run(2025, Some("nonsense")).await.contains("nonsense"));
    let runs: i64 = sqlx::query_scalar("select count(*) from mutu.evaluation_run")
        .fetch_one(it.app.db.owner())
        .await
        .unwrap();
    assert_eq!(runs, 0, "a failed run leaves nothing");
}

#[tokio::test]
async fn a_firm_that_left_and_came_back_counts_in_the_years_it_was_there() {
    let it = TestApp::new().await;
    it.sql(SCENE).await;
    it.sql(
        "delete from mutu.occupancy where uscc = 'E1';
         insert into mutu.occupancy (parcel_code, uscc, share, from_date, to_date, recorded_by) values
             ('A', 'E1', 1, '2020-01-01', '2023-12-31', 'test'),
             ('D', 'E1', 1, '2024-01-01', '2024-12-31', 'test'),
             ('A', 'E1', 0.7, '2025-01-01', null, 'test'),
             ('D', 'E1', 0.3, '2025-01-01', null, 'test');
         insert into mutu.enterprise_period (uscc, year, period, tax_wan, recorded_by)
         values ('E1', 2024, '2024', 60, 'test'), ('E1', 2023, '2023', 90, 'test');",
    )
    .await;
    evaluate(&it).await;
    let of = async |code: &str, name: &str| measure(&it, code, name).await.unwrap_or_default();
    // 20,000 m² are 30 亩: 33 shared out by agreement, 60 wholly on D, 90 wholly on A.
    assert_eq!((of("A", "tax_wan").await, of("D", "tax_wan").await), ("23.1".into(), "9.9".into()));
    assert_eq!(of("A", "tax_wan_per_mu_prev1").await, "");
    assert_eq!(of("D", "tax_wan_per_mu_prev1").await, "2");
    assert_eq!(of("A", "tax_wan_per_mu_prev2").await, "3");
    assert_eq!(of("D", "tax_wan_per_mu_prev2").await, "");
}
