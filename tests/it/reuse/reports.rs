//! Reports as jobs: asked for, made, opened again and compared with the league.

use std::io::Read;
use std::time::Duration;

use mutu::access::Role;
use mutu::report::Reports;
use quick_xml::events::Event;
use rust_decimal::Decimal;
use serde_json::Value;

use super::*;

/// The cells of every table of a document, row by row, and everything that it says.
fn read(bytes: &[u8]) -> (Vec<Vec<String>>, String) {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut part = String::new();
    archive.by_name("word/document.xml").unwrap().read_to_string(&mut part).unwrap();
    let mut reader = quick_xml::Reader::from_str(&part);
    let (mut rows, mut text, mut all) = (Vec::<Vec<String>>::new(), String::new(), String::new());
    loop {
        match reader.read_event().unwrap() {
            Event::Start(it) if it.local_name().as_ref() == "tr" => rows.push(Vec::new()),
            Event::Start(it) if it.local_name().as_ref() == "p" => text.clear(),
            Event::Text(it) => text += &it.xml10_content(),
            Event::End(it) if it.local_name().as_ref() == "tc" => {
                rows.last_mut().unwrap().push(text.clone());
            }
            Event::End(it) if it.local_name().as_ref() == "p" => all += &format!("{text}\n"),
            Event::Eof => return (rows, all),
            _ => {}
        }
    }
}

/// The picture of a document with its place in the text.
fn picture(bytes: &[u8]) -> Option<(Vec<u8>, String)> {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let (mut png, mut text) = (Vec::new(), String::new());
    archive.by_name("word/document.xml").unwrap().read_to_string(&mut text).unwrap();
    archive.by_name("word/media/image1.png").ok()?.read_to_end(&mut png).unwrap();
    let said = text.split("<w:drawing>").nth(1)?.split("</w:drawing>").next()?;
    Some((png, said.to_owned()))
}

async fn ask(it: &TestApp, token: &str, body: Value) -> Answer {
    send(it, token, Method::POST, "/api/v1/reports", None, &body).await
}

/// A report when it is over.
async fn made(it: &TestApp, token: &str, body: Value) -> Value {
    let asked = ask(it, token, body.clone()).await;
    assert_eq!(asked.status, 202, "{body}: {}", asked.body);
    let path = format!("/api/v1/reports/{}", asked.body["report_id"]);
    for _ in 0..600 {
        let report = it.json_as(token, &path).await;
        if !["queued", "running"].contains(&report["state"].as_str().unwrap()) {
            assert_eq!(report["state"], "done", "{report}");
            return report;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the report {body} is not made");
}

async fn file(it: &TestApp, token: &str, report: &Value) -> Vec<u8> {
    let path = format!("/api/v1/reports/{}/file", report["report_id"]);
    let response = it.get_as(token, &path).await;
    assert_eq!(response.status(), 200);
    let bytes = response.bytes().await.unwrap().to_vec();
    assert_eq!(report["bytes"].as_u64(), Some(bytes.len() as u64));
    bytes
}

fn dec(it: &str) -> Decimal {
    it.parse().unwrap_or_else(|_| panic!("{it}"))
}

/// Work that was accepted in two units, and targets for both.
async fn worked() -> (TestApp, String) {
    let it = district().await;
    let app = it.app.clone();
    tokio::spawn(async move { mutu::job::runner::run(app, Reports, std::future::pending()).await });
    let officer = it.token(Role::Officer).await;
    let year = chrono::Local::now().format("%Y");
    it.sql(&format!(
        "insert into mutu.target (unit, year, period, kind, quantity, recorded_by, recorded_at)
         values ('马陆镇', {year}, '{year}', 'mu', 100, 'test', '2020-01-01'),
                ('安亭镇', {year}, '{year}', 'mu', 10, 'test', '2020-01-01')"
    ))
    .await;
    let (_, codes) = list(&it, &officer, "计划", "P1\nP3\nP2").await;
    // Cases come in the order of their parcels: P1 and P2 of 马陆镇, P3 of 安亭镇.
    for (code, area) in [(&codes[0], "12.5"), (&codes[2], "12.345678")] {
        to_work(&it, &officer, code).await;
        assert_eq!(dispose(&it, &officer, code, area).await.status, 201);
        assert_eq!(step(&it, &officer, code, "accept").await.status, 201);
    }
    to_work(&it, &officer, &codes[1]).await;
    // Its planned end has passed, and it is not done.
    set(&it, &officer, &codes[1], json!({"plan_finish": "2020-01-31"})).await;
    (it, officer)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_has_the_figures_of_the_league_and_adds_up() {
    let (it, officer) = worked().await;
    let year = chrono::Local::now().format("%Y").to_string();
    let league = it.json_as(&officer, &format!("/api/v1/targets?period={year}")).await;
    for kind in ["weekly", "monthly", "quarterly", "half_year"] {
        let report = made(&it, &officer, json!({"kind": kind, "format": "docx"})).await;
        let bytes = file(&it, &officer, &report).await;
        let (rows, text) = read(&bytes);
        assert!(text.contains(report["title"].as_str().unwrap()), "{text}");
        let of_year = format!("{year} 年累计盘活土地（亩）");
        assert!(text.contains(&of_year), "{kind}: {text}");
        // Of the tables of land the year's is the last; each row is the league's.
        let last = |unit: &str| {
            let found = rows.iter().filter(|it| it.len() == 8 && it[1] == unit);
            let mut found: Vec<_> = found.collect();
            if kind == "quarterly" || kind == "half_year" {
                // Four more counters follow, each with as many periods.
                let periods = if kind == "quarterly" { 2 } else { 3 };
                let energy = found.len();
                found.truncate(periods.min(energy));
            }
            (*found.last().unwrap()).clone()
        };
        let mut sum = Decimal::ZERO;
        for row in league["rows"].as_array().unwrap() {
            let cells = last(row["unit"].as_str().unwrap());
            assert_eq!(dec(&cells[2]), dec(row["target"].as_str().unwrap()), "{kind} {cells:?}");
            assert_eq!(dec(&cells[4]), dec(row["counted"].as_str().unwrap()), "{kind} {cells:?}");
            assert_eq!(dec(&cells[6]), dec(row["gap"].as_str().unwrap()), "{kind} {cells:?}");
            assert_eq!(cells[0], row["rank"].to_string());
            let word = match row["light"].as_str().unwrap() {
                "green" => "绿",
                "amber" => "黄",
                "red" => "红",
                _ => "无",
            };
            assert_eq!(cells[7], word);
            sum += dec(&cells[4]);
        }
        assert_eq!(sum, dec("24.845678"));
        assert_eq!(dec(&last("合计")[4]), sum, "{kind}");
        assert!(
            text.contains("逾期未完成（1 宗）") && text.contains("2020-01-31"),
            "{kind}: {text}"
        );
        // What moved: three came in, two were accepted.
        let moved = rows.iter().rfind(|it| it.len() == 9 && it[0] == "合计").unwrap();
        assert_eq!(
            (moved[1].as_str(), moved[4].as_str(), moved[7].as_str()),
            ("3", "2", "24.845678")
        );
        // All but the weekly brief have a map, as a picture that says in words what it shows.
        let picture = picture(&bytes);
        assert_eq!(picture.is_some(), kind != "weekly", "{kind}");
        if let Some((png, said)) = picture {
            assert_eq!(&png[..4], b"\x89PNG");
            // 170 mm at 200 dots to the inch, rounded up.
            assert_eq!(u32::from_be_bytes(png[16..20].try_into().unwrap()), 1340);
            assert!(said.contains("descr=\"台账分布图：整治中 1、验收 2 宗\""), "{said}");
        }
    }
    // The same as PDF says the same.
    let report = made(&it, &officer, json!({"kind": "quarterly", "format": "pdf"})).await;
    let response =
        it.get_as(&officer, &format!("/api/v1/reports/{}/file", report["report_id"])).await;
    assert!(response.headers()["content-disposition"].to_str().unwrap().starts_with("attachment"));
    let text = crate::print::Sheet::of(response).await.text();
    for said in [
        "季度通报",
        "24.845678",
        "马陆镇",
        "安亭镇",
        "合计",
        "内部资料",
        // The map: legend with counts and land, north, scale, dates, approval.
        "台账分布图",
        "图例 · 台账状态",
        "1 宗 · ",
        "2 宗 · ",
        "3 宗 · 57.345678 亩",
        "北 N",
        "1:",
        "台账数据日期",
        "审图号",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    let all = it.json_as(&officer, "/api/v1/reports").await;
    assert_eq!(all["reports"].as_array().unwrap().len(), 5);
    assert_eq!(
        it.value::<i64>("select count(*) from mutu.audit_event where action = 'report_asked'")
            .await,
        5
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_of_a_past_day_knows_nothing_later() {
    let (it, officer) = worked().await;
    let body =
        json!({"kind": "monthly", "period": "2024-05", "as_of": "2024-06-30", "format": "docx"});
    let report = made(&it, &officer, body).await;
    let (rows, text) = read(&file(&it, &officer, &report).await);
    assert!(text.contains("2024 年 5 月") && text.contains("本期没有变动"), "{text}");
    assert!(!rows.iter().flatten().any(|it| it.contains("12.5")), "{rows:?}");
    assert!(text.contains("逾期未完成（0 宗）") && text.contains("清单中没有地块"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_is_told_its_own_and_nobody_reads_anothers_report() {
    let (it, officer) = worked().await;
    let malu = it.token_of(Role::Officer, Some(&["马陆镇"])).await;
    let anting = it.token_of(Role::Officer, Some(&["安亭镇"])).await;
    let viewer = it.token(Role::Viewer).await;
    let report = made(&it, &malu, json!({"kind": "half_year", "format": "docx"})).await;
    let (rows, text) = read(&file(&it, &malu, &report).await);
    // The land of all units, as in the league; what moved, what is late and energy of the own.
    assert!(rows.iter().any(|it| it.get(1).is_some_and(|it| it == "安亭镇")), "{rows:?}");
    let moved = rows.iter().rfind(|it| it.len() == 9 && it[0] == "合计").unwrap();
    assert_eq!((moved[1].as_str(), moved[7].as_str()), ("2", "12.5"));
    assert!(text.contains("能耗只列您负责的单位"), "{text}");
    let own = format!("/api/v1/reports/{}", report["report_id"]);
    let whole = made(&it, &officer, json!({"kind": "weekly", "format": "docx"})).await;
    let all = format!("/api/v1/reports/{}", whole["report_id"]);
    for (token, path, status) in
        [(&officer, &own, 200), (&anting, &own, 404), (&malu, &all, 404), (&viewer, &own, 403)]
    {
        for rest in ["", "/file"] {
            assert_eq!(
                it.get_as(token, &format!("{path}{rest}")).await.status(),
                status,
                "{path}{rest}"
            );
        }
    }
    assert_eq!(it.get("/api/v1/reports").await.status(), 401);
    assert_eq!(it.json_as(&anting, "/api/v1/reports").await["reports"], json!([]));
    assert_eq!(it.json_as(&malu, "/api/v1/reports").await["reports"].as_array().unwrap().len(), 1);
    for body in [
        json!({"kind": "daily", "format": "docx"}),
        json!({"kind": "weekly", "format": "odt"}),
        json!({"kind": "weekly", "period": "2026-05", "format": "docx"}),
        json!({"kind": "monthly", "period": "2999-05", "format": "docx"}),
        json!({"kind": "monthly", "as_of": "2999-05-01", "format": "docx"}),
        json!({"kind": "monthly", "as_of": "2024-05-01", "period": "2024-06", "format": "docx"}),
        json!({"kind": "monthly", "period": "2024-05\u{0}", "format": "docx"}),
        json!({"format": "docx"}),
    ] {
        let answer = ask(&it, &officer, body.clone()).await;
        assert_eq!(answer.status, 400, "{body}: {}", answer.body);
    }
    assert_eq!(ask(&it, &viewer, json!({"kind": "weekly", "format": "docx"})).await.status, 403);
}
