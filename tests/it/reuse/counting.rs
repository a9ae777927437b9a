//! What counts against the targets: partial disposals, ground counted once, leagues, the past.

use mutu::access::Role;
use rust_decimal::Decimal;
use serde_json::Value;
use serde_json::json;

use super::*;

fn dec(it: &Value) -> Decimal {
    it.as_str().unwrap_or_else(|| panic!("{it}")).parse().unwrap()
}

/// Whole numbers and fractions as they are said.
fn mu(text: &str) -> Decimal {
    text.parse().unwrap()
}

#[tokio::test]
async fn a_partial_disposal_leaves_a_remainder_and_counts_when_accepted() {
    let it = district().await;
    let officer = it.token(Role::Officer).await;
    let (_, codes) = list(&it, &officer, "计划", "P1").await;
    let code = &codes[0];
    // Nothing is disposed of before the work has begun.
    assert_eq!(dispose(&it, &officer, code, "1").await.status, 409);
    to_work(&it, &officer, code).await;
    assert_eq!(step(&it, &officer, code, "accept").await.status, 409);
    let over = dispose(&it, &officer, code, "30.000001").await;
    assert_eq!((over.status, &over.body["type"]), (422, &json!("/problems/over-remainder")));
    let part = dispose(&it, &officer, code, "12.5").await;
    assert_eq!(dec(&part.body["case"]["remaining_mu"]), mu("17.5"));
    assert_eq!(dec(&part.body["case"]["counted_mu"]), mu("0"));
    let accepted = step(&it, &officer, code, "accept").await;
    assert_eq!(dec(&accepted.body["event"]["counted_mu"]), mu("12.5"));
    assert_eq!(step(&it, &officer, code, "continue").await.status, 201);
    assert_eq!(step(&it, &officer, code, "remove").await.status, 409);
    assert_eq!(dispose(&it, &officer, code, "17.6").await.status, 422);
    assert_eq!(dispose(&it, &officer, code, "17.5").await.status, 201);
    let rest = step(&it, &officer, code, "accept").await;
    assert_eq!(dec(&rest.body["event"]["counted_mu"]), mu("17.5"));
    assert_eq!(step(&it, &officer, code, "close").await.status, 201);
    let sums = "select sum(counted_mu)::text || ' ' || sum(counted_tce)::text || ' ' || sum(counted_enterprises)::text from mutu.case_event";
    let sums: String = it.value(sums).await;
    let sums: Vec<Decimal> = sums.split(' ').map(mu).collect();
    assert_eq!(sums, [mu("30"), mu("120.5"), mu("2")], "declared figures count once");
    let back = step(&it, &officer, code, "revoke").await;
    assert_eq!(dec(&back.body["event"]["counted_mu"]), mu("-30"));
    assert_eq!(back.body["case"]["state"], "in_progress");
    let none = "select sum(counted_mu) = 0 and sum(counted_tce) = 0 from mutu.case_event";
    assert!(it.value::<bool>(none).await);
}

#[tokio::test]
async fn ground_in_two_lists_or_under_two_outlines_counts_once() {
    let it = district().await;
    let officer = it.token(Role::Officer).await;
    // P6 covers the eastern half of P1 and as much beside it.
    it.sql(
        "insert into mutu.parcel (parcel_id, parcel_code, responsible_unit, area_registered_m2, area_geom_m2, geom, recorded_by)
         select 6, 'P6', '马陆镇', 20000, st_area(g::geography), g, 'test'
         from (select st_multi(st_makeenvelope(121.2025, 31.3, 121.2035, 31.301, 4490))) s (g)",
    )
    .await;
    let (_, one) = list(&it, &officer, "计划", "P1\nP6").await;
    let (_, other) = list(&it, &officer, "另一", "P1").await;
    for code in one.iter().chain(&other) {
        to_work(&it, &officer, code).await;
    }
    // 10 of 30 in the first list; in the second the rest of the same parcel.
    dispose(&it, &officer, &one[0], "10").await;
    let first = step(&it, &officer, &one[0], "accept").await;
    assert_eq!(dec(&first.body["event"]["counted_mu"]), mu("10"));
    dispose(&it, &officer, &other[0], "30").await;
    let second = step(&it, &officer, &other[0], "accept").await;
    assert_eq!(dec(&second.body["event"]["counted_mu"]), mu("20"), "{}", second.body);
    assert_eq!(second.body["event"]["evidence"]["others"], json!([one[0]]));
    // All of P1 has counted: of P6 the half beside it.
    dispose(&it, &officer, &one[1], "30").await;
    let third = step(&it, &officer, &one[1], "accept").await;
    let counted = dec(&third.body["event"]["counted_mu"]);
    assert!((counted - mu("15")).abs() < mu("0.001"), "{}", third.body);
    let total = it.json_as(&officer, "/api/v1/targets?period=2026").await;
    assert_eq!(dec(&total["total"]["counted"]), mu("30") + counted);
}

#[tokio::test]
async fn acceptances_at_the_same_moment_see_each_other() {
    let it = district().await;
    let officer = it.token(Role::Officer).await;
    let mut codes = Vec::new();
    for name in ["a", "b", "c", "d"] {
        let (_, one) = list(&it, &officer, name, "P1").await;
        to_work(&it, &officer, &one[0]).await;
        assert_eq!(dispose(&it, &officer, &one[0], "30").await.status, 201);
        codes.extend(one);
    }
    let all = codes.iter().map(|it_is| step(&it, &officer, it_is, "accept"));
    let counted: Vec<Decimal> = futures_util::future::join_all(all)
        .await
        .iter()
        .map(|it| dec(&it.body["event"]["counted_mu"]))
        .collect();
    assert_eq!(counted.iter().sum::<Decimal>(), mu("30"), "{counted:?}");
}

#[tokio::test]
async fn the_league_reconciles_and_answers_of_the_past() {
    let it = district().await;
    let officer = it.token(Role::Officer).await;
    let malu = it.token_of(Role::Officer, Some(&["马陆镇"])).await;
    it.sql(
        "insert into mutu.target (unit, year, period, kind, quantity, recorded_at, recorded_by)
         select unit, 2025, period, kind, quantity, '2025-01-01', 'test'
         from (values ('马陆镇', '2025', 'mu', 60), ('安亭镇', '2025', 'mu', 10), ('南翔镇', '2025', 'mu', 5),
                      ('马陆镇', '2025Q1', 'mu', 10), ('马陆镇', '2025Q2', 'mu', 20), ('马陆镇', '2025Q3', 'mu', 20),
                      ('马陆镇', '2025Q4', 'mu', 10), ('安亭镇', '2025', 'tce', 100), ('马陆镇', '2025', 'tce', 100))
              v (unit, period, kind, quantity)",
    )
    .await;
    let (_, codes) = list(&it, &officer, "计划", "P1\nP3").await;
    for (code, area, on) in
        [(&codes[0], "30", "2025-03-31"), (&codes[1], "12.345678", "2025-06-30")]
    {
        to_work(&it, &officer, code).await;
        assert_eq!(dispose(&it, &officer, code, area).await.status, 201);
        let accept = json!({"kind": "transition", "step": "accept", "on": on});
        assert_eq!(note(&it, &officer, code, accept).await.status, 201);
    }
    let league = it.json_as(&officer, "/api/v1/targets?period=2025").await;
    let rows: Vec<(&str, Decimal, &Value, &str)> = league["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| {
            (
                it["unit"].as_str().unwrap(),
                dec(&it["counted"]),
                &it["rank"],
                it["light"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        rows,
        [
            ("安亭镇", mu("12.345678"), &json!(1), "green"),
            ("马陆镇", mu("30"), &json!(2), "red"),
            ("南翔镇", mu("0"), &json!(3), "red"),
        ]
    );
    assert_eq!(dec(&league["total"]["counted"]), mu("42.345678"));
    assert_eq!(
        (dec(&league["total"]["target"]), dec(&league["total"]["gap"])),
        (mu("75"), mu("32.654322"))
    );
    // By quarters, each with what was counted on its days; together they are the year.
    let mut year = Decimal::ZERO;
    for quarter in ["2025Q1", "2025Q2", "2025Q3", "2025Q4"] {
        let it = it.json_as(&officer, &format!("/api/v1/targets?period={quarter}")).await;
        year += dec(&it["total"]["counted"]);
    }
    assert_eq!(year, mu("42.345678"));
    let first = it.json_as(&officer, "/api/v1/targets?period=2025Q1").await;
    assert_eq!(
        (first["rows"][0]["unit"].as_str(), dec(&first["rows"][0]["rate"])),
        (Some("马陆镇"), mu("3"))
    );
    // What was known then: events are of today, whatever day they tell of.
    let then = it.json_as(&officer, "/api/v1/targets?period=2025&as_of=2025-06-30").await;
    assert_eq!(dec(&then["total"]["counted"]), mu("0"));
    assert_eq!(dec(&then["total"]["target"]), mu("75"));
    it.sql("alter table mutu.case_event disable trigger append_only;
        update mutu.case_event set recorded_at = '2025-04-02 09:00+08' where case_code = 'JD2026001';
        alter table mutu.case_event enable trigger append_only").await;
    let then = it.json_as(&officer, "/api/v1/targets?period=2025&as_of=2025-06-30").await;
    assert_eq!(dec(&then["total"]["counted"]), mu("30"));
    let malus =
        &then["rows"].as_array().unwrap().iter().find(|it| it["unit"] == "马陆镇").unwrap().clone();
    assert_eq!((dec(&malus["phased_target"]), malus["light"].as_str()), (mu("30"), Some("green")));
    let before = it.json_as(&officer, "/api/v1/targets?period=2025&as_of=2025-03-31").await;
    assert_eq!(dec(&before["total"]["counted"]), mu("0"));
    // Every officer sees the league; energy is told of the own units.
    assert_eq!(it.json_as(&malu, "/api/v1/targets?period=2025").await["rows"], league["rows"]);
    let energy = it.json_as(&malu, "/api/v1/targets?period=2025&kind=tce").await;
    assert_eq!(energy["rows"].as_array().unwrap().len(), 1);
    assert_eq!(dec(&energy["total"]["counted"]), mu("120.5"));
    let energy = it.json_as(&officer, "/api/v1/targets?period=2025&kind=tce").await;
    assert_eq!(dec(&energy["total"]["counted"]), mu("241"));
    let viewer = it.token(Role::Viewer).await;
    assert_eq!(it.get_as(&viewer, "/api/v1/targets").await.status(), 403);
}

#[tokio::test]
async fn a_list_answers_as_of_any_moment() {
    let it = district().await;
    let officer = it.token(Role::Officer).await;
    let (id, codes) = list(&it, &officer, "计划", "P1").await;
    to_work(&it, &officer, &codes[0]).await;
    dispose(&it, &officer, &codes[0], "5").await;
    let moments: Vec<String> = sqlx::query_scalar(
        "select to_char(recorded_at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') from mutu.reuse_case order by row_id",
    )
    .fetch_all(&it.app.db.write)
    .await
    .unwrap();
    let mut seen = Vec::new();
    for moment in &moments {
        let page = it.json_as(&officer, &format!("/api/v1/lists/{id}/cases?as_of={moment}")).await;
        let case = &page["cases"][0];
        let reached = case["reached"].as_object().unwrap().len();
        seen.push(format!(
            "{} {} {reached}",
            case["state"].as_str().unwrap(),
            dec(&case["disposed_mu"]).normalize()
        ));
    }
    assert_eq!(
        seen,
        [
            "candidate 0 0",
            "candidate 0 0",
            "verified 0 0",
            "listed 0 0",
            "in_progress 0 0",
            "in_progress 0 1",
            "in_progress 5 1",
        ]
    );
    let early = it.json_as(&officer, &format!("/api/v1/lists/{id}/cases?as_of=2020-01-01")).await;
    assert_eq!(early["cases"], json!([]));
    // The layer has the same past.
    let items = format!("/ogc/collections/reuse_cases/items?as_of={}", moments[2]);
    let found = it.json_as(&officer, &items).await;
    assert_eq!(found["features"][0]["properties"]["state"], "verified");
}
