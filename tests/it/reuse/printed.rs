//! Lists on paper, read back: every figure and every sum is the API's.

use std::collections::BTreeSet;

use mutu::access::Role;
use rust_decimal::Decimal;

use crate::print::Sheet;

use super::*;

/// What stands on the pages, word by word.
fn words(text: &str) -> BTreeSet<&str> {
    text.split_whitespace().collect()
}

/// A figure of the API as it is printed: all its digits.
fn printed(it: &serde_json::Value) -> String {
    it.as_str().unwrap().parse::<Decimal>().unwrap().normalize().to_string()
}

fn pages(sheet: &Sheet) -> usize {
    let info = sheet.info("pdfinfo");
    let line = info.lines().find(|it| it.starts_with("Pages:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// So many parcels of 安亭镇 in a row, each of another area.
async fn many(it: &TestApp, count: i64) {
    it.sql(&format!(
        "insert into mutu.parcel (parcel_id, parcel_code, name, town_code, responsible_unit, area_registered_m2, area_geom_m2, geom, recorded_by)
         select 1000 + n, 'M' || n, '地块' || n, '103', '安亭镇', 10000 + n * 7, st_area(g::geography), g, 'test'
         from generate_series(1, {count}) n,
              lateral (select st_multi(st_makeenvelope(121.21 + n % 20 * 0.002, 31.31 + n / 20 * 0.002,
                                                       121.211 + n % 20 * 0.002, 31.311 + n / 20 * 0.002, 4490))) s (g)"
    ))
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_work_plan_goes_over_pages_and_sums_to_the_cent() {
    let it = district().await;
    many(&it, 90).await;
    it.tell("parcels", None).await;
    it.settle().await;
    let officer = it.token(Role::Officer).await;
    let codes: Vec<String> = (1..=90).map(|it| format!("M{it}")).collect();
    let (id, cases) = list(&it, &officer, "安亭镇清单", &codes.join("\n")).await;
    let filled = json!({"path": "buyback", "plan_area_mu": "10.123456", "person": "王承办",
        "plan_finish": "2027-06-30", "nodes": {"signing": "2027Q1"}, "investment_plan_wan": "1234.05",
        "problem": "抵押未解除", "basis": "嘉府〔2026〕1号"});
    assert_eq!(set(&it, &officer, &cases[0], filled).await.status, 200);
    assert_eq!(step(&it, &officer, &cases[89], "reject").await.status, 201);
    let own = format!("/api/v1/lists/{id}");
    let page = it.json_as(&officer, &format!("{own}/cases?limit=1000")).await;
    for (paper, size) in [("A3", "1190.55 x 841.89"), ("A4", "841.89 x 595.276")] {
        let path = format!("{own}/list.pdf?paper={paper}&maps=none");
        let sheet = Sheet::of(it.get_as(&officer, &path).await).await;
        let text = sheet.text();
        let words = words(&text);
        let count = pages(&sheet);
        assert!(count > 3, "{paper}: {count}");
        assert!(sheet.info("pdfinfo").contains(size), "{}", sheet.info("pdfinfo"));
        // Headings stand on every page of the table, the sums once, on the last.
        assert_eq!(text.matches("台账编码").count(), count - 1, "{paper}");
        assert_eq!(text.matches("合计 89 宗").count(), 1, "{paper}");
        assert!(text.contains(&format!("第 {count} 页 共 {count} 页")), "{paper}");
        let mut sum = Decimal::ZERO;
        for case in page["cases"].as_array().unwrap() {
            let code = case["case_code"].as_str().unwrap();
            let area = printed(&case["area_mu"]);
            if case["state"] == "removed" {
                assert!(!words.contains(code), "{code}");
                continue;
            }
            assert!(words.contains(code) && words.contains(area.as_str()), "{paper} {code} {area}");
            sum += area.parse::<Decimal>().unwrap();
        }
        assert_eq!(sum, page["total"]["area_mu"].as_str().unwrap().parse::<Decimal>().unwrap());
        for member in ["area_mu", "plan_area_mu", "remaining_mu", "investment_plan_wan"] {
            let figure = printed(&page["total"][member]);
            // On the overview and under the table.
            assert!(
                text.split_whitespace().filter(|it| *it == figure).count() >= 2,
                "{member} {figure}"
            );
        }
        for said in [
            "安亭镇清单",
            "二次开发工作计划表",
            "王承办",
            "签约2027Q1",
            "抵押未解除",
            "审图号",
            "内部资料",
            "数据日期",
        ] {
            assert!(text.replace('\n', "").contains(said), "{paper}: {said}");
        }
    }
    // A frozen version prints what it was.
    let freeze = format!("{own}/freeze");
    done(&it, &officer, Method::POST, &freeze, None, &json!({})).await;
    set(&it, &officer, &cases[0], json!({"plan_area_mu": "3"})).await;
    let path = format!("{own}/list.pdf?version=1&maps=none");
    let text = Sheet::of(it.get_as(&officer, &path).await).await.text();
    assert!(text.contains("固化版本 1") && text.contains("10.123456"), "{text}");
    let exported = "select count(*) from mutu.audit_event where action = 'export'";
    assert_eq!(it.value::<i64>(exported).await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wall_map_numbers_the_parcels_and_says_what_each_is() {
    let it = district().await;
    it.tell("parcels", None).await;
    it.settle().await;
    let officer = it.token(Role::Officer).await;
    let (id, cases) = list(&it, &officer, "挂图", "P1\nP2\nP3").await;
    set(
        &it,
        &officer,
        &cases[1],
        json!({"path": "reduction", "plan_area_mu": "7.5", "person": "李四"}),
    )
    .await;
    let own = format!("/api/v1/lists/{id}");
    let sheet = Sheet::of(it.get_as(&officer, &format!("{own}/wall.pdf")).await).await;
    let info = sheet.info("pdfinfo");
    assert!(info.contains("3370.39 x 2383.94"), "{info}");
    assert!(
        sheet.info("pdffonts").lines().skip(2).all(|it| it.contains(" yes ")),
        "{}",
        sheet.info("pdffonts")
    );
    let text = sheet.text();
    for said in [
        "图例",
        "审图号",
        "1:",
        "数据日期",
        "北 N",
        "减量化",
        "未定",
        "7.5",
        "李四",
        "合计 3 宗 · 占地 57.345678 亩",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    // Each number stands on the map and in the table.
    for (nth, code) in cases.iter().enumerate() {
        let number = (nth + 1).to_string();
        assert!(text.contains(code.as_str()), "{code}");
        let found = text.lines().filter(|it| it.split_whitespace().any(|it| it == number)).count();
        assert!(found >= 2, "{number}: {text}");
    }
    let small =
        Sheet::of(it.get_as(&officer, &format!("{own}/wall.pdf?paper=A4&lang=en")).await).await;
    assert!(
        small.text().contains("Legend") && small.text().contains("3 parcels"),
        "{}",
        small.text()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn each_parcel_and_each_enterprise_has_a_page() {
    let it = district().await;
    it.sql(
        "insert into mutu.enterprise (enterprise_id, uscc, name, recorded_by)
         values (1, '91310114MA1GT00011', '甲机械有限公司', 'test'), (2, '91310114MA1GT00022', '乙电子有限公司', 'test');
         insert into mutu.occupancy (parcel_code, uscc, role, land_m2, recorded_by)
         values ('P1', '91310114MA1GT00011', 'holder', 6000, 'test'), ('P1', '91310114MA1GT00022', 'tenant', 800, 'test')",
    )
    .await;
    it.tell("parcels", None).await;
    it.settle().await;
    let officer = it.token(Role::Officer).await;
    let malu = it.token_of(Role::Officer, Some(&["马陆镇"])).await;
    let (id, cases) = list(&it, &officer, "一地一策", "P1\nP2\nP3").await;
    let filled = json!({"path": "buyback", "plan_area_mu": "20", "person": "王承办", "leader": "赵分管",
        "nodes": {"signing": "2027Q1"}, "problem": "职工安置", "investment_plan_wan": "980.5"});
    assert_eq!(set(&it, &officer, &cases[0], filled).await.status, 200);
    let own = format!("/api/v1/lists/{id}");
    let sheet = Sheet::of(it.get_as(&officer, &format!("{own}/sheets.pdf")).await).await;
    assert_eq!(pages(&sheet), 3);
    let text = sheet.text();
    for said in [
        "一地一策",
        "P1",
        "P2",
        "P3",
        "回购升级",
        "2027Q1",
        "赵分管",
        "职工安置",
        "980.5 万元",
        "20 亩",
        "30 亩",
        "尚未评价",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    let path = format!("/api/v1/cases/{}/sheet.pdf?kind=enterprise", cases[0]);
    let sheet = Sheet::of(it.get_as(&malu, &path).await).await;
    assert_eq!(pages(&sheet), 2);
    let text = sheet.text();
    for said in
        ["一企一策", "甲机械有限公司", "91310114MA1GT00022", "乙电子有限公司", "6000 平方米"]
    {
        assert!(text.contains(said), "{said}: {text}");
    }
    // A unit prints its own rows; nobody else's case is there.
    let of_unit = Sheet::of(it.get_as(&malu, &format!("{own}/sheets.pdf")).await).await;
    assert_eq!(pages(&of_unit), 2);
    assert!(!of_unit.text().contains("P3"));
    let other = format!("/api/v1/cases/{}/sheet.pdf", cases[2]);
    assert_eq!(it.get_as(&malu, &other).await.status(), 404);
    // A parcel that was retired leaves its case, which is printed still.
    it.sql("update mutu.parcel set valid_to = '2026-01-01' where parcel_code = 'P2'").await;
    let path = format!("/api/v1/cases/{}/sheet.pdf", cases[1]);
    let text = Sheet::of(it.get_as(&officer, &path).await).await.text();
    assert!(text.contains("地块已不在册"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_printed_is_refused() {
    let it = district().await;
    it.settle().await;
    let officer = it.token(Role::Officer).await;
    let viewer = it.token(Role::Viewer).await;
    let (id, cases) = list(&it, &officer, "计划", "P1").await;
    let empty = list(&it, &officer, "空", "P9").await.0;
    for path in ["list.pdf", "wall.pdf", "sheets.pdf"] {
        let path = format!("/api/v1/lists/{id}/{path}");
        assert_eq!(it.get(&path).await.status(), 401, "{path}");
        assert_eq!(it.get_as(&viewer, &path).await.status(), 403, "{path}");
        assert_eq!(it.get_as(&officer, &format!("{path}?lang=fr")).await.status(), 400, "{path}");
        assert_eq!(
            it.get_as(&officer, &format!("{path}?state=gone")).await.status(),
            400,
            "{path}"
        );
        assert_eq!(
            it.get_as(&officer, &format!("{path}?nonsense=1")).await.status(),
            400,
            "{path}"
        );
        assert_eq!(
            it.get_as(&officer, &format!("{path}?version=7")).await.status(),
            if path.contains("sheets") { 400 } else { 404 }
        );
    }
    for (path, status) in [
        (format!("/api/v1/lists/{id}/list.pdf?paper=A0"), 400),
        (format!("/api/v1/lists/{id}/list.pdf?maps=all"), 400),
        (format!("/api/v1/lists/{id}/wall.pdf?paper=B5"), 400),
        (format!("/api/v1/lists/{id}/sheets.pdf?kind=town"), 400),
        (format!("/api/v1/lists/{empty}/sheets.pdf"), 400),
        (format!("/api/v1/lists/{empty}/list.pdf"), 200),
        (format!("/api/v1/lists/{empty}/wall.pdf?paper=A4"), 200),
        ("/api/v1/lists/99/list.pdf".to_owned(), 404),
        ("/api/v1/cases/ZZ1/sheet.pdf".to_owned(), 404),
        (format!("/api/v1/cases/{}/sheet.pdf?version=1", cases[0]), 400),
    ] {
        assert_eq!(it.get_as(&officer, &path).await.status(), status, "{path}");
    }
}
