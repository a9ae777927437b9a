//! Orders and choices of properties: pages in any order meet every feature once, as one page of all would.

use serde_json::Value;

use super::ITEMS;
use super::ids;
use super::problem;
use super::walk;
use super::with_grid;

#[tokio::test]
async fn pages_follow_the_order_and_meet_every_feature_once() {
    let it = with_grid(60).await;
    it.sql("update mutu.parcel set village = case when parcel_id % 4 = 0 then null when parcel_id % 4 = 1 then '甲村' else 'b' end,
            area_registered_m2 = case when parcel_id % 7 = 0 then null else round(parcel_id / 5) end").await;
    for order in [
        "town_code",
        "-town_code",
        "village,-area_registered_m2",
        "-village,area_registered_m2,parcel_code",
        "area_registered_m2",
        "-area_registered_m2,-village,town_code",
    ] {
        let whole = it.json(&format!("{ITEMS}?limit=100&sortby={order}")).await;
        assert_eq!(whole["numberReturned"], 60, "{order}");
        let said = |nth: usize, name: &str| whole["features"][nth]["properties"][name].clone();
        let first = order.split(',').next().unwrap();
        let (name, falls) = (first.trim_start_matches('-'), first.starts_with('-'));
        for nth in 1..60 {
            let (one, next) = (said(nth - 1, name), said(nth, name));
            let in_order = match (&one, &next) {
                (_, Value::Null) => true,
                (Value::Null, _) => false,
                (Value::String(one), Value::String(next)) => {
                    if falls {
                        one >= next
                    } else {
                        one <= next
                    }
                }
                (one, next) => {
                    let (one, next) = (one.as_f64().unwrap(), next.as_f64().unwrap());
                    if falls { one >= next } else { one <= next }
                }
            };
            assert!(in_order, "{order}: {one} before {next}");
        }
        for limit in [1, 7, 59] {
            let (found, _) = walk(&it, &format!("{ITEMS}?limit={limit}&sortby={order}")).await;
            assert_eq!(found, ids(&whole), "{order} by {limit}");
        }
    }
}

#[tokio::test]
async fn only_the_properties_asked_for_are_there() {
    let it = with_grid(5).await;
    let page = it.json(&format!("{ITEMS}?properties=name,town_code&sortby=-parcel_code")).await;
    assert_eq!(ids(&page), [5, 4, 3, 2, 1]);
    for feature in page["features"].as_array().unwrap() {
        let names: Vec<&String> = feature["properties"].as_object().unwrap().keys().collect();
        assert_eq!(names, ["name", "town_code"], "{feature}");
        assert!(feature["geometry"].is_object());
    }
    let none = it.json(&format!("{ITEMS}?properties=")).await;
    assert_eq!(none["features"][0]["properties"], serde_json::json!({}));
    let (found, _) = walk(&it, &format!("{ITEMS}?properties=name&limit=2&sortby=town_code")).await;
    assert_eq!(found.len(), 5, "next repeats both");
}

#[tokio::test]
async fn what_cannot_be_sorted_by_is_named_and_nothing_hidden_is() {
    let it = with_grid(3).await;
    for (parameter, wrong) in [
        ("sortby", ""),
        ("sortby", "town_codes"),
        ("sortby", "town_code,town_code"),
        ("sortby", "id"),
        ("sortby", "geom"),
        ("sortby", "town_code desc"),
        ("sortby", "town_code;drop table x"),
        ("sortby", "holder_uscc"),
        ("sortby", "1"),
        ("properties", "names"),
        ("properties", "holder_uscc"),
        ("properties", "geom"),
    ] {
        let told = problem(&it, &format!("{ITEMS}?{parameter}={wrong}")).await;
        assert!(told["at"].as_str().unwrap().contains(parameter), "{told}");
    }
    let near = problem(&it, &format!("{ITEMS}?sortby=-town_codes")).await;
    assert!(near["detail"].as_str().unwrap().contains("`town_code`"), "{near}");
    let sortables = it.json("/ogc/collections/parcels/sortables?f=json").await;
    let names = sortables["properties"].as_object().unwrap();
    assert!(
        names.contains_key("town_code")
            && !names.contains_key("geom")
            && !names.contains_key("holder_uscc")
    );
    for name in names.keys() {
        assert_eq!(it.get(&format!("{ITEMS}?sortby={name}")).await.status(), 200, "{name}");
    }
}
