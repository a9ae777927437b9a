//! A dossier that can be checked: the sentence, the run and version behind it, the sources of each value, and what was found
//! of the parcel before. The scene is that of `evaluation`.

use mutu::access::Role;
use serde_json::Value;

use crate::evaluation::SCENE;
use crate::evaluation::evaluate;
use crate::support::TestApp;

/// The scene with the file that each row came with.
async fn scene() -> TestApp {
    let it = TestApp::new().await;
    it.sql(SCENE).await;
    it.sql(
        "insert into mutu.import_batch (target, file, recorded_by)
         values ('parcels', '宗地.shp', 'test'), ('enterprise_years', '税收2025.xlsx', 'test');
         update mutu.parcel set batch_id = (select batch_id from mutu.import_batch where target = 'parcels');
         update mutu.enterprise_period
         set batch_id = (select batch_id from mutu.import_batch where target = 'enterprise_years')",
    )
    .await;
    it
}

fn measure<'a>(dossier: &'a Value, name: &str) -> Option<&'a Value> {
    dossier["measures"].as_array()?.iter().find(|it| it["name"] == name)
}

#[tokio::test]
async fn a_verdict_names_its_run_its_version_and_where_each_value_comes_from() {
    let mut it = scene().await;
    let run = evaluate(&it).await.run_id;
    it.serve();
    let officer = it.token(Role::Officer).await;
    let dossier = it.json_as(&officer, "/api/v1/parcels/A").await;
    let verdict = &dossier["verdict"];
    assert_eq!(verdict["run"]["run_id"], run);
    assert_eq!(verdict["run"]["state"], "draft");
    assert_eq!(verdict["ruleset_version"], 1);
    let sentence = verdict["sentence"]["zh"].as_str().unwrap();
    for part in ["2025 年度认定为低效用地", "1.1", "第 1 版", &format!("第 {run} 次评价（草稿")]
    {
        assert!(sentence.contains(part), "{part}: {sentence}");
    }
    let tax = measure(&dossier, "tax_wan_per_mu").unwrap();
    assert_eq!(tax["value"], "1.100000");
    assert_eq!(tax["supplier"]["zh"], "税务部门");
    let file = |of: &Value, table: &str| {
        let origins = of["origins"].as_array().unwrap();
        origins.iter().find(|it| it["facts"] == table).map(|it| it["file"].clone())
    };
    assert_eq!(file(tax, "enterprise_year"), Some("税收2025.xlsx".into()));
    assert_eq!(file(tax, "register"), None, "tax is in no register");
    let area = measure(&dossier, "area_mu").unwrap();
    assert_eq!(file(area, "register"), Some("宗地.shp".into()));
    assert_eq!(tax["origins"][0]["is_newer"], false);
    // C: one of two reported, so the value is missing, and why is said.
    let other = it.json_as(&officer, "/api/v1/parcels/C").await;
    let tax = measure(&other, "tax_wan").unwrap();
    assert!(tax["value"].is_null());
    assert_eq!(tax["note"]["zh"], "2 户中 1 户有数");
    let plan = other["plan"].as_array().unwrap();
    assert!(!plan.is_empty() && plan.iter().all(|it| it["revision"].is_i64()), "{plan:?}");
}

#[tokio::test]
async fn a_row_that_came_after_the_run_is_told() {
    let mut it = scene().await;
    evaluate(&it).await;
    it.sql(
        "update mutu.enterprise_period set superseded_at = now() where uscc = 'E1';
         insert into mutu.enterprise_period (uscc, year, period, tax_wan, recorded_by)
         values ('E1', 2025, '2025', 90, 'test')",
    )
    .await;
    it.serve();
    let officer = it.token(Role::Officer).await;
    let dossier = it.json_as(&officer, "/api/v1/parcels/A").await;
    let tax = measure(&dossier, "tax_wan").unwrap();
    // The run's value stands, and that it is no longer that of the record is said.
    assert_eq!(tax["value"], "33.000000");
    let origins = tax["origins"].as_array().unwrap();
    let year = origins.iter().find(|it| it["facts"] == "enterprise_year").unwrap();
    assert_eq!((&year["is_newer"], &year["file"]), (&true.into(), &Value::Null));
}

#[tokio::test]
async fn no_measure_is_told_to_whom_its_figure_is_not() {
    let mut it = scene().await;
    evaluate(&it).await;
    it.serve();
    let viewer = it.token(Role::Viewer).await;
    let dossier = it.json_as(&viewer, "/api/v1/parcels/A").await;
    assert!(measure(&dossier, "tax_wan").is_none() && measure(&dossier, "far").is_some());
    assert!(!dossier.to_string().contains("33.0000"), "{dossier}");
    let sentence = dossier["verdict"]["sentence"]["zh"].as_str().unwrap();
    assert!(!sentence.contains("1.1") && sentence.contains("低效"), "{sentence}");
    let names: Vec<&str> =
        dossier["withheld"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert_eq!(names.iter().filter(|it| **it == "tax_wan").count(), 1, "{names:?}");
    let public = it.json("/api/v1/parcels/A").await;
    assert_eq!(public["measures"], serde_json::json!([]));
    assert!(public["withheld"].as_array().unwrap().contains(&"measures".into()));
}

#[tokio::test]
async fn what_was_found_is_told_run_by_run_to_whom_it_may_be() {
    let mut it = scene().await;
    let first = evaluate(&it).await.run_id;
    it.sql("update mutu.enterprise_period set tax_wan = 900 where uscc = 'E1'").await;
    let second = evaluate(&it).await.run_id;
    it.serve();
    let path = "/api/v1/parcels/A/evaluations";
    let officer = it.token(Role::Officer).await;
    let found = it.json_as(&officer, path).await;
    let runs = found["evaluations"].as_array().unwrap();
    assert_eq!(runs.iter().map(|it| &it["run_id"]).collect::<Vec<_>>(), [second, first]);
    assert_eq!((&runs[0]["verdict"], &runs[1]["verdict"]), (&"ok".into(), &"low".into()));
    assert_eq!(
        (&runs[0]["tax_wan_per_mu"], &runs[1]["tax_wan_per_mu"]),
        (&"30.000000".into(), &"1.100000".into())
    );
    assert_eq!((&runs[0]["shown"], &runs[1]["shown"]), (&true.into(), &false.into()));
    assert_eq!(runs[1]["block_class"], "104");
    assert!(!runs[1]["reasons"].as_array().unwrap().is_empty());
    assert_eq!(found["withheld"], serde_json::json!([]));

    let viewer = it.token(Role::Viewer).await;
    let found = it.json_as(&viewer, path).await;
    let runs = found["evaluations"].as_array().unwrap();
    assert_eq!(runs.len(), 1, "of drafts only the one that the map shows: {found}");
    assert!(runs[0]["tax_wan_per_mu"].is_null());
    assert!(found["withheld"].as_array().unwrap().contains(&"tax_wan_per_mu".into()));

    let public = it.json(path).await;
    assert_eq!(public["evaluations"], serde_json::json!([]));
    assert_eq!(public["withheld"], serde_json::json!(["evaluations"]));
    assert_eq!(it.get("/api/v1/parcels/NONE/evaluations").await.status(), 404);
    assert_eq!(it.get("/api/v1/parcels/A/evaluations?run=1").await.status(), 400);
}

#[tokio::test]
async fn an_officer_of_another_unit_reads_a_viewers_history() {
    let mut it = scene().await;
    it.sql("update mutu.parcel set responsible_unit = '安亭镇'").await;
    evaluate(&it).await;
    it.serve();
    let path = "/api/v1/parcels/A/evaluations";
    let own = it.token_of(Role::Officer, Some(&["安亭镇"])).await;
    assert_eq!(it.json_as(&own, path).await["evaluations"][0]["tax_wan_per_mu"], "1.100000");
    let other = it.token_of(Role::Officer, Some(&["马陆镇"])).await;
    let found = it.json_as(&other, path).await;
    assert!(found["evaluations"][0]["tax_wan_per_mu"].is_null(), "{found}");
    assert_eq!(found["evaluations"][0]["verdict"], "low");
}
