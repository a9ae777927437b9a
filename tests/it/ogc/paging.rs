//! Pages: every feature once, whatever happens between two of them.

use mutu::access::Role;

use super::ITEMS;
use super::ids;
use super::link;
use super::local;
use super::problem;
use super::walk;
use super::with_grid;

#[tokio::test]
async fn a_page_has_a_hundred_features_or_as_many_as_asked_for() {
    let it = with_grid(130).await;
    let page = it.json(ITEMS).await;
    assert_eq!(page["numberReturned"], 100);
    assert_eq!(page["numberMatched"], 130);
    assert!(chrono::DateTime::parse_from_rfc3339(page["timeStamp"].as_str().unwrap()).is_ok());
    assert_eq!(it.json(&format!("{ITEMS}?limit=7")).await["numberReturned"], 7);
    for more in ["10000", "10001", "99999999999999999999999"] {
        let page = it.json(&format!("{ITEMS}?limit={more}")).await;
        assert_eq!(page["numberReturned"], 130, "{more} means the most there may be");
        assert!(link(&page, "next").is_none());
    }
    for wrong in ["0", "-1", "abc", "", "1.5", "%2B5", "10%20"] {
        let problem = problem(&it, &format!("{ITEMS}?limit={wrong}")).await;
        assert!(problem["at"].as_str().unwrap().contains("`limit`"), "{problem}");
    }
}

#[tokio::test]
async fn following_next_meets_every_feature_once() {
    let it = with_grid(130).await;
    let all: Vec<i64> = (1..=130).collect();
    for limit in [1, 13, 65, 129, 130] {
        let (found, pages) = walk(&it, &format!("{ITEMS}?limit={limit}")).await;
        assert_eq!(found, all, "limit {limit}");
        assert_eq!(pages, 130_usize.div_ceil(limit), "no empty page at the end");
    }
    let (found, _) =
        walk(&it, &format!("{ITEMS}?bbox=121.2,31.3,121.2205,31.3105&town_code=118&limit=3")).await;
    let whole = it
        .json(&format!("{ITEMS}?bbox=121.2,31.3,121.2205,31.3105&town_code=118&limit=1000"))
        .await;
    assert!(found.len() > 20 && found == ids(&whole), "next repeats bbox and filters: {found:?}");
}

#[tokio::test]
async fn rows_that_come_and_go_between_pages_shift_nothing() {
    let it = with_grid(40).await;
    let first = it.json(&format!("{ITEMS}?limit=20")).await;
    it.sql("update mutu.parcel set superseded_at = now() where parcel_id in (3, 25)").await;
    it.sql(
        "insert into mutu.parcel (parcel_id, parcel_code, area_geom_m2, geom, recorded_by)
         select 1000, 'new', 1, geom, 'test' from mutu.parcel where parcel_id = 1",
    )
    .await;
    it.tell("parcels", Some(&[3, 25, 1000])).await;
    let (rest, _) = walk(&it, local(&it, link(&first, "next").unwrap())).await;
    let mut expected: Vec<i64> = (21..=40).filter(|it| *it != 25).collect();
    expected.push(1000);
    assert_eq!(rest, expected);
}

#[tokio::test]
async fn a_long_page_is_streamed_whole() {
    let it = with_grid(3_500).await;
    let page = it.json(&format!("{ITEMS}?limit=3200")).await;
    assert_eq!(ids(&page), (1..=3_200).collect::<Vec<i64>>());
    assert_eq!(page["numberMatched"], 3_500);
    let (found, pages) = walk(&it, &format!("{ITEMS}?limit=1000")).await;
    assert_eq!((found.len(), pages), (3_500, 4));
}

#[tokio::test]
async fn a_cursor_that_was_altered_or_is_foreign_is_refused() {
    let it = with_grid(30).await;
    let page = it.json(&format!("{ITEMS}?limit=5&town_code=118")).await;
    let next = link(&page, "next").unwrap();
    let cursor = next.split("cursor=").nth(1).unwrap();
    let token = it.token(Role::Viewer).await;
    for path in [
        format!("{ITEMS}?limit=5&cursor={cursor}"),
        format!("{ITEMS}?limit=5&town_code=114&cursor={cursor}"),
        format!("{ITEMS}?limit=5&town_code=118&bbox=0,0,1,1&cursor={cursor}"),
        format!("/ogc/collections/buildings/items?limit=5&cursor={cursor}")
            .replace("buildings", "towns"),
        format!("{ITEMS}?limit=5&town_code=118&cursor={}", cursor.to_lowercase()),
        format!("{ITEMS}?limit=5&town_code=118&cursor="),
        format!("{ITEMS}?limit=5&town_code=118&offset=3&cursor={cursor}"),
    ] {
        problem(&it, &path).await;
    }
    let foreign = it.client.get(next).bearer_auth(token).send().await.unwrap();
    assert_eq!(foreign.status(), 400, "another class of reader");
    let resized = next.replace("limit=5", "limit=9");
    assert_eq!(ids(&it.json(local(&it, &resized)).await).len(), 9);
}

#[tokio::test]
async fn hits_count_without_features() {
    let it = with_grid(130).await;
    let hits = it.json(&format!("{ITEMS}?resultType=hits&town_code=114")).await;
    assert_eq!(hits["numberMatched"], 43);
    assert_eq!(hits["numberReturned"], 0);
    assert_eq!(hits["features"], serde_json::json!([]));
    problem(&it, &format!("{ITEMS}?resultType=some")).await;
}

#[tokio::test]
async fn offset_serves_clients_that_cannot_follow_links() {
    let it = with_grid(30).await;
    assert_eq!(ids(&it.json(&format!("{ITEMS}?offset=28&limit=5")).await), [29, 30]);
    let page = it.json(&format!("{ITEMS}?offset=10&limit=5")).await;
    assert_eq!(page["numberMatched"], 30);
    let next = link(&page, "next").unwrap();
    assert!(!next.contains("offset"));
    assert_eq!(ids(&it.json(local(&it, next)).await)[0], 16);
    for wrong in ["-1", "x", "9999999999"] {
        problem(&it, &format!("{ITEMS}?offset={wrong}")).await;
    }
}
