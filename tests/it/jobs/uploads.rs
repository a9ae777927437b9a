//! Files as they arrive.

use mutu::access::Scope;
use mutu::ingest;
use serde_json::json;

use super::Desk;
use super::enterprises;

#[tokio::test]
async fn a_file_is_previewed_applied_and_taken_back() {
    let desk = Desk::open().await;
    let import = desk.upload("企业.csv", enterprises(1, 20), "enterprises").await;
    assert_eq!(import["state"], "uploaded");
    assert_eq!(import["files"][0]["name"], "企业.csv");
    let job = desk.over(&import["job"]).await;
    assert_eq!(job["state"], "done", "{job}");
    let batch_id = import["batch_id"].as_i64().unwrap();
    let import = desk.import(batch_id).await;
    assert_eq!(import["state"], "previewed");
    assert_eq!(import["report"]["rows"]["added"], 20, "{import}");
    assert_eq!(desk.enterprises().await, 0);
    let changes = desk.get(&format!("/api/v1/imports/{batch_id}/changes?limit=15")).await;
    assert_eq!(changes["changes"].as_array().unwrap().len(), 15);
    let after = changes["next_after"].as_str().unwrap();
    let rest = desk.get(&format!("/api/v1/imports/{batch_id}/changes?after={after}")).await;
    assert_eq!(rest["changes"].as_array().unwrap().len(), 5);
    assert_eq!(rest["next_after"], json!(null));

    let job = desk.over(&desk.apply(batch_id).await).await;
    assert_eq!(job["state"], "done", "{job}");
    assert_eq!(desk.enterprises().await, 20);
    let import = desk.import(batch_id).await;
    assert_eq!((&import["state"], &import["job"]["kind"]), (&json!("applied"), &json!("apply")));
    let chunks: i64 = desk.it.value("select count(*) from mutu.upload_chunk").await;
    assert_eq!(chunks, 0, "an applied file is not kept");

    let (status, job) = desk.post(&format!("/api/v1/imports/{batch_id}/undo"), &json!({})).await;
    assert_eq!(status, 202, "{job}");
    let job = desk.over(&job).await;
    assert_eq!(job["state"], "done", "{job}");
    assert_eq!(desk.enterprises().await, 0);
    let import = desk.import(batch_id).await;
    assert_eq!(import["state"], "undone");
    assert!(import["undone_by_batch"].is_i64(), "{import}");
    let _ = (ingest::tables(), Scope::console());
}
