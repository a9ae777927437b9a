//! What is kept of pages and counts: told again while nothing changed, never after a change, and never of what needs signing in.

use mutu::access::Role;

use super::ITEMS;
use super::with_grid;

const UNTOLD: &str = "update mutu.parcel set name = 'changed' where parcel_id = 1";

fn first_name(page: &serde_json::Value) -> &str {
    page["features"][0]["properties"]["name"].as_str().unwrap_or_default()
}

#[tokio::test]
async fn a_public_page_is_written_once_for_a_revision() {
    let it = with_grid(40).await;
    let path = format!("{ITEMS}?limit=3");
    let before = it.get(&path).await.bytes().await.unwrap();
    // A change that announces no revision, which Mutu never makes, shows what is read and what is kept.
    it.sql(UNTOLD).await;
    assert_eq!(it.get(&path).await.bytes().await.unwrap(), before);
    let other = it.json(&format!("{ITEMS}?limit=4")).await;
    assert_eq!(first_name(&other), "changed", "another question is another page");
    it.tell("parcels", Some(&[1])).await;
    let after = it.json(&path).await;
    assert_eq!(first_name(&after), "changed");
    let metrics = it.get("/metrics").await.text().await.unwrap();
    let kept = metrics.lines().find_map(|it| it.strip_prefix("mutu_page_cache_pages ")).unwrap();
    assert!(kept.parse::<u64>().unwrap() >= 2, "{metrics}");
}

#[tokio::test]
async fn what_somebody_signed_in_for_is_read_anew() {
    let it = with_grid(40).await;
    let path = format!("{ITEMS}?limit=3");
    let everybody = it.json(&path).await;
    let token = it.token(Role::Viewer).await;
    let viewer = it.json_as(&token, &path).await;
    let has = |page: &serde_json::Value| page["features"][0]["properties"].get("tenure").is_some();
    let more = viewer["features"][0]["properties"].as_object().unwrap().len();
    assert!(more > everybody["features"][0]["properties"].as_object().unwrap().len());
    assert_eq!(has(&viewer), has(&it.json_as(&token, &path).await));
    it.sql(UNTOLD).await;
    assert_eq!(first_name(&it.json_as(&token, &path).await), "changed");
    // The page that everybody has stays everybody's.
    let again = it.json(&path).await;
    assert_eq!(again["features"], everybody["features"]);
}

#[tokio::test]
async fn a_count_is_of_the_revision_that_it_is_told_at() {
    let it = with_grid(40).await;
    let matched = async |path: &str| it.json(path).await["numberMatched"].clone();
    let paths = [
        format!("{ITEMS}?limit=3"),
        format!("{ITEMS}?limit=3&filter=parcel_code%20IS%20NOT%20NULL"),
        format!("{ITEMS}?limit=3&bbox=121,31,122,32"),
    ];
    for path in &paths {
        assert_eq!(matched(path).await, 40, "{path}");
    }
    it.sql("update mutu.parcel set superseded_at = now() where parcel_id = 7").await;
    it.tell("parcels", Some(&[7])).await;
    for path in &paths {
        assert_eq!(matched(path).await, 39, "{path}");
    }
}

#[tokio::test]
async fn a_page_of_another_day_is_not_kept() {
    let it = with_grid(40).await;
    let path = format!("{ITEMS}?limit=3&datetime=2999-01-01T00:00:00Z");
    let before = it.json(&path).await;
    it.sql(UNTOLD).await;
    assert_ne!(first_name(&it.json(&path).await), first_name(&before));
}
