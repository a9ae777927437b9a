//! Lists from selections, their checks, versions and workbook.

use calamine::Data;
use calamine::Reader;
use calamine::Xlsx;
use mutu::access::Role;
use reqwest::Method;
use rust_decimal::Decimal;
use serde_json::json;

use super::*;

#[tokio::test]
async fn a_list_is_made_of_a_filter_a_town_or_a_pasted_column() {
    let it = district().await;
    let officer = it.token(Role::Officer).await;
    let (id, codes) = list(&it, &officer, "计划", "P1\r\nP2\tP9\nP1,P3").await;
    assert_eq!(codes, ["JD2026001", "JD2026002", "JD2026003"]);
    let path = format!("/api/v1/lists/{id}/cases");
    let by_town =
        done(&it, &officer, Method::POST, &path, None, &json!({"town_code": "103"})).await;
    assert_eq!(by_town.body["added"], json!(["JD2026004"]));
    assert_eq!(by_town.body["skipped"][0]["parcel_code"], "P3");
    let filter =
        json!({"layer": "parcels", "filter": "area_mu > 14 AND parcel_code IN ('P4', 'P5')"});
    let by_filter = done(&it, &officer, Method::POST, &path, None, &filter).await;
    assert_eq!(by_filter.body["added"], json!(["JD2026005"]));
    let pasted = json!({"parcel_codes": "P9\nP8"});
    let nothing = done(&it, &officer, Method::POST, &path, None, &pasted).await;
    assert_eq!(nothing.body["not_found"], json!(["P9", "P8"]));
    // Sums are exact, over all pages, and the next page goes on.
    let page = it.json_as(&officer, &format!("{path}?limit=2")).await;
    assert_eq!(page["total"]["area_mu"].as_str().unwrap().parse(), "87.345678".parse::<Decimal>());
    assert_eq!(
        (page["total"]["cases"].as_i64(), page["cases"].as_array().unwrap().len()),
        (Some(5), 2)
    );
    let next = it.json_as(&officer, &format!("{path}?limit=9&after={}", page["next"])).await;
    assert_eq!(next["cases"].as_array().unwrap().len(), 3);
    // A second list goes on with the numbers.
    assert_eq!(list(&it, &officer, "另一", "P1").await.1, ["JD2026006"]);
    for (body, status) in [
        (json!({"layer": "parcels", "filter": "area_mu >"}), 400),
        (json!({"layer": "parcels", "filter": "secret = 1"}), 400),
        (json!({"layer": "roads"}), 400),
        (json!({"layer": "nowhere"}), 404),
        (json!({"layer": "parcels", "town_code": "1"}), 400),
        (json!({"filter": "true"}), 400),
        (json!({}), 400),
    ] {
        let answer = send(&it, &officer, Method::POST, &path, None, &body).await;
        assert_eq!(answer.status, status, "{body}: {}", answer.body);
    }
}

#[tokio::test]
async fn an_officer_sees_and_touches_the_own_units_rows() {
    let it = district().await;
    let district = it.token(Role::Officer).await;
    let malu = it.token_of(Role::Officer, Some(&["马陆镇"])).await;
    let nanxiang = it.token_of(Role::Officer, Some(&["南翔镇"])).await;
    let viewer = it.token(Role::Viewer).await;
    let (id, codes) = list(&it, &district, "计划", "P1 \nP3\nP5").await;
    let path = format!("/api/v1/lists/{id}/cases");
    let page = it.json_as(&malu, &path).await;
    assert_eq!(page["cases"].as_array().unwrap().len(), 1);
    assert_eq!(page["cases"][0]["case_code"], codes[0].as_str());
    assert_eq!(page["total"]["area_mu"].as_str().unwrap().parse(), "30".parse::<Decimal>());
    assert_eq!(it.get_as(&nanxiang, &path).await.status(), 404);
    assert_eq!(it.get_as(&viewer, &path).await.status(), 403);
    assert_eq!(it.get(&path).await.status(), 401);
    for (code, status) in [(&codes[0], 200), (&codes[1], 404), (&codes[2], 404)] {
        let path = format!("/api/v1/cases/{code}");
        assert_eq!(it.get_as(&malu, &path).await.status(), status);
        assert_eq!(it.get_as(&malu, &format!("{path}/events")).await.status(), status);
        let body = json!({"properties": {"person": "x"}});
        let answer = send(&it, &malu, Method::PATCH, &path, Some("\"1\""), &body).await;
        assert_eq!(answer.status, if status == 200 { 200 } else { 404 }, "{}", answer.body);
        let body = json!({"kind": "comment", "text": "看过"});
        let answer = send(&it, &malu, Method::POST, &format!("{path}/events"), None, &body).await;
        assert_eq!(answer.status, if status == 200 { 201 } else { 404 });
    }
    // What is the district's, a unit neither makes, nor changes, nor freezes.
    let new = json!({"name": "全区", "kind": "renewal", "year": 2026});
    assert_eq!(send(&it, &malu, Method::POST, "/api/v1/lists", None, &new).await.status, 403);
    let own = format!("/api/v1/lists/{id}");
    let body = json!({"name": "我的"});
    assert_eq!(send(&it, &malu, Method::PATCH, &own, Some("\"1\""), &body).await.status, 403);
    let freeze = format!("{own}/freeze");
    assert_eq!(send(&it, &malu, Method::POST, &freeze, None, &json!({})).await.status, 403);
    // Nor takes it others' parcels, nor gives its own away, nor lists by itself.
    let added =
        done(&it, &malu, Method::POST, &path, None, &json!({"parcel_codes": "P2,P4"})).await;
    assert_eq!(added.body["added"].as_array().unwrap().len(), 1);
    assert_eq!(added.body["skipped"][0]["parcel_code"], "P4");
    assert_eq!(set(&it, &malu, &codes[0], json!({"responsible_unit": "安亭镇"})).await.status, 403);
    assert_eq!(step(&it, &malu, &codes[0], "verify").await.status, 201);
    assert_eq!(step(&it, &malu, &codes[0], "list").await.status, 403);
    // The layer shows the same rows.
    let items = "/ogc/collections/reuse_cases/items";
    for (token, count) in [(&malu, 2), (&district, 4), (&nanxiang, 0)] {
        let found = it.json_as(token, items).await;
        assert_eq!(found["features"].as_array().unwrap().len(), count);
    }
    assert_eq!(it.get_as(&viewer, items).await.status(), 403);
    let before = "select count(*) from mutu.audit_event where action in ('list_created', 'cases_added', 'case_changed', 'case_moved')";
    assert!(it.value::<i64>(before).await >= 6);
}

#[tokio::test]
async fn checks_name_what_is_wrong_and_what_will_stop() {
    let it = district().await;
    let officer = it.token(Role::Officer).await;
    let (id, codes) = list(&it, &officer, "计划", "P1\nP4").await;
    list(&it, &officer, "另一", "P1").await;
    let filled =
        json!({"path": "buyback", "plan_area_mu": "31", "nodes": {"assessment": "2020Q1"}});
    assert_eq!(set(&it, &officer, &codes[0], filled).await.status, 200);
    assert_eq!(set(&it, &officer, &codes[1], json!({"path": "buyback"})).await.status, 200);
    let rules = async || {
        let found = it.json_as(&officer, &format!("/api/v1/lists/{id}/checks")).await;
        let all = found["findings"].as_array().unwrap().iter().map(|it| {
            format!("{} {}", it["parcel_code"].as_str().unwrap(), it["rule"].as_str().unwrap())
        });
        all.collect::<Vec<_>>()
    };
    assert_eq!(
        rules().await,
        [
            "P1 area_over_parcel",
            "P1 in_two_lists",
            "P1 missing_member",
            "P1 missing_node",
            "P1 overdue",
            "P4 missing_member",
            "P4 missing_node",
            "P4 red_line",
        ]
    );
    // What takes buildings away is not stopped; without a boundary nobody knows.
    assert_eq!(set(&it, &officer, &codes[1], json!({"path": "reduction"})).await.status, 200);
    it.sql("update layer.growth_boundary set superseded_at = now(); update mutu.parcel set valid_to = '2026-01-01' where parcel_code = 'P4'").await;
    let rules = rules().await;
    assert!(rules.contains(&"P1 conformity_unknown".to_owned()), "{rules:?}");
    assert!(!rules.iter().any(|it| it == "P4 red_line"), "{rules:?}");
    assert!(rules.contains(&"P4 parcel_gone".to_owned()), "{rules:?}");
}

#[tokio::test]
async fn a_frozen_version_stays_as_it_was_and_is_compared() {
    let it = district().await;
    let officer = it.token(Role::Officer).await;
    let (id, codes) = list(&it, &officer, "计划", "P1\nP2").await;
    set(&it, &officer, &codes[0], json!({"plan_area_mu": "20.5"})).await;
    let own = format!("/api/v1/lists/{id}");
    let freeze = format!("{own}/freeze");
    let first = done(&it, &officer, Method::POST, &freeze, None, &json!({"note": "报审"})).await;
    assert_eq!(
        (first.body["version"].as_i64(), first.body["total"]["plan_area_mu"].as_str()),
        (Some(1), Some("20.5"))
    );
    set(&it, &officer, &codes[0], json!({"plan_area_mu": "12", "person": "甲"})).await;
    done(
        &it,
        &officer,
        Method::POST,
        &format!("{own}/cases"),
        None,
        &json!({"parcel_codes": "P3"}),
    )
    .await;
    step(&it, &officer, &codes[1], "reject").await;
    let was = it.json_as(&officer, &format!("{own}/cases?version=1")).await;
    assert_eq!(was["total"], first.body["total"]);
    assert_eq!(was["cases"][0]["plan_area_mu"], "20.5");
    assert_eq!(was["cases"][1]["state"], "candidate");
    let found = it.json_as(&officer, &format!("{own}/compare?from=1")).await;
    assert_eq!((&found["added"], &found["gone"]), (&json!(["JD2026003"]), &json!([])));
    let changed: Vec<String> = found["changed"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| {
            format!("{} {} {}→{}", it["case_code"], it["member"], it["from"], it["to"])
                .replace('"', "")
        })
        .collect();
    assert_eq!(
        changed,
        [
            "JD2026001 person null→甲",
            "JD2026001 plan_area_mu 20.5→12",
            "JD2026002 state candidate→removed"
        ]
    );
    done(&it, &officer, Method::POST, &freeze, None, &json!({})).await;
    let versions = it.json_as(&officer, &format!("{own}/versions")).await;
    assert_eq!(versions["versions"].as_array().unwrap().len(), 2);
    assert_eq!(versions["versions"][0]["total"], first.body["total"]);
    assert_eq!(it.get_as(&officer, &format!("{own}/compare?from=1&to=3")).await.status(), 404);
}

#[tokio::test]
async fn the_workbook_sums_to_what_the_api_says() {
    let it = district().await;
    let officer = it.token(Role::Officer).await;
    let (id, codes) = list(&it, &officer, "二次开发计划", "P1\nP2\nP3\nP4").await;
    for (code, area) in codes.iter().zip(["20.123456", "0.1", "0.2"]) {
        set(
            &it,
            &officer,
            code,
            json!({"plan_area_mu": area, "plan_finish": "2026-12-31", "path": "buyback"}),
        )
        .await;
    }
    step(&it, &officer, &codes[3], "reject").await;
    let total = it.json_as(&officer, &format!("/api/v1/lists/{id}/cases")).await["total"].clone();
    let response = it.get_as(&officer, &format!("/api/v1/lists/{id}/export")).await;
    assert_eq!(response.status(), 200);
    assert!(response.headers()["content-disposition"].to_str().unwrap().starts_with("attachment"));
    let bytes = response.bytes().await.unwrap();
    let mut book = Xlsx::new(std::io::Cursor::new(bytes)).unwrap();
    let sheet = book.worksheet_range("清单").unwrap();
    let formulas = book.worksheet_formula("清单").unwrap();
    let heads: Vec<String> = sheet.rows().next().unwrap().iter().map(ToString::to_string).collect();
    // Headings, three rows, sums: what was rejected is in neither.
    assert_eq!(sheet.height(), 5);
    for (heading, member) in [
        ("占地面积（亩）", "area_mu"),
        ("计划面积（亩）", "plan_area_mu"),
        ("剩余面积（亩）", "remaining_mu"),
    ] {
        let column = heads.iter().position(|it| it == heading).unwrap();
        let said: f64 = total[member].as_str().unwrap().parse().unwrap();
        let cells = (1..4).map(|row| match sheet.get((row, column)) {
            Some(Data::Float(it)) => Decimal::try_from(*it).unwrap(),
            Some(Data::Int(it)) => Decimal::from(*it),
            other => panic!("{heading} {row}: {other:?}"),
        });
        let summed: Decimal = cells.sum();
        assert_eq!(summed.to_string().parse::<f64>().unwrap(), said, "{heading}");
        let cached = match sheet.get((4, column)) {
            Some(Data::Float(it)) => *it,
            Some(Data::Int(it)) => *it as f64,
            Some(Data::String(it)) => it.parse().unwrap(),
            other => panic!("{heading}: {other:?}"),
        };
        assert_eq!(cached, said, "{heading}");
        let formula = formulas.rows().flatten().find(|it| it.contains("SUM("));
        assert!(formula.is_some_and(|it| it.ends_with("2:H4)")), "{formula:?}");
    }
    assert_eq!(total["area_mu"].as_str().unwrap().parse(), "57.345678".parse::<Decimal>());
    let exported = "select count(*) from mutu.audit_event where action = 'export'";
    assert_eq!(it.value::<i64>(exported).await, 1);
}
