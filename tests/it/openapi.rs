//! The committed OpenAPI document, from which the web map's types are made, is the one that is served.

use crate::support::TestApp;

#[tokio::test]
async fn the_committed_document_is_current() {
    let served = TestApp::serving().await.json("/api/v1/openapi.json").await;
    let text = serde_json::to_string_pretty(&served).unwrap() + "\n";
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/openapi.json");
    if std::env::var_os("MUTU_BLESS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == text,
        "docs/openapi.json is old: MUTU_BLESS=1 cargo test openapi, then npm run generate"
    );
}
