//! The audit: what is written down, and who reads it.

use mutu::access::Role;
use mutu::access::Scope;
use mutu::ingest;
use serde_json::Value;

use crate::support::TestApp;

const LAYER: &str = "/ogc/collections/audit_entries/items?f=json";

async fn events(it: &TestApp, token: &str, action: &str) -> Vec<Value> {
    let page = it.json_as(token, &format!("{LAYER}&action={action}")).await;
    page["features"].as_array().unwrap().iter().map(|it| it["properties"].clone()).collect()
}

#[tokio::test]
async fn an_import_an_evaluation_and_an_export_are_written_down() {
    let it = TestApp::serving().await;
    let admin = it.token(Role::Admin).await;
    let viewer = it.token(Role::Viewer).await;
    let file = std::path::Path::new("layers/parcels/check.geojson");
    let mut options = ingest::Options::new(file, "parcels");
    options.dry_run = true;
    ingest::import(&it.app, &Scope::console(), &options, &mut |_, _| {}).await.unwrap();
    assert_eq!(events(&it, &admin, "import").await.len(), 0, "a dry run changes nothing");
    options.dry_run = false;
    let report =
        ingest::import(&it.app, &Scope::console(), &options, &mut |_, _| {}).await.unwrap();
    let imports = events(&it, &admin, "import").await;
    assert_eq!(imports.len(), 1);
    assert_eq!(
        (&imports[0]["account"], &imports[0]["subject"]),
        (&"console".into(), &"parcels".into())
    );
    let detail: Value = serde_json::from_str(imports[0]["detail"].as_str().unwrap()).unwrap();
    assert_eq!(detail["rows"]["written"], report.rows.written);
    assert_eq!(detail["file"], "check.geojson");

    let export = "/api/v1/layers/parcels/export?format=csv&filter=id%20%3E%200";
    assert_eq!(it.get_as(&viewer, export).await.status(), 200);
    let exports = events(&it, &admin, "export").await;
    assert_eq!(exports.len(), 1);
    assert_eq!(exports[0]["client"], "127.0.0.1");
    let detail: Value = serde_json::from_str(exports[0]["detail"].as_str().unwrap()).unwrap();
    assert_eq!((&detail["format"], &detail["filter"]), (&"csv".into(), &"id > 0".into()));
    assert_eq!(detail["rows"], report.rows.written);
    let happened = exports[0]["happened_at"].as_str().unwrap();
    assert!(chrono::DateTime::parse_from_rfc3339(happened).is_ok(), "{happened}");
}

#[tokio::test]
async fn the_audit_is_a_layer_for_administrators_only() {
    let it = TestApp::serving().await;
    let admin = it.token(Role::Admin).await;
    it.sql(
        "insert into mutu.audit_event (account, action, subject, detail)
         values ('甲', 'export', 'parcels', '{\"rows\": 7}')",
    )
    .await;
    let page = it.json_as(&admin, &format!("{LAYER}&filter=account%3D'%E7%94%B2'")).await;
    assert_eq!(page["numberMatched"], 1);
    assert!(page["features"][0]["geometry"].is_null());
    let csv = it.get_as(&admin, "/api/v1/layers/audit_entries/export?format=csv").await;
    assert!(csv.text().await.unwrap().contains("甲"));
    assert_eq!(it.get_as(&admin, "/tiles/audit_entries/0/0/0").await.status(), 404);
    assert_eq!(it.get_as(&admin, "/ogc/collections/audit_entries?f=html").await.status(), 200);
    assert_eq!(it.get_as(&admin, &LAYER.replace("json", "html")).await.status(), 200);
    for role in [Role::Viewer, Role::Officer, Role::Steward] {
        let token = it.token(role).await;
        assert_eq!(it.get_as(&token, LAYER).await.status(), 403, "{role}");
        let tree = it.json_as(&token, "/api/v1/layers").await;
        assert!(!tree.to_string().contains("audit_entries"), "{role}");
    }
    assert_eq!(it.get(LAYER).await.status(), 401);
    let options = ingest::Options::new("layers/parcels/check.geojson", "audit_entries");
    let refused = ingest::import(&it.app, &Scope::console(), &options, &mut |_, _| {}).await;
    assert!(format!("{:#}", refused.unwrap_err()).contains("nothing is imported into it"));
}
