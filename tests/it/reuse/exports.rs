//! Lists as files, opened again: the same rows and sums in every format, and in the office's own workbook.

use std::io::Cursor;
use std::io::Read;

use calamine::Data;
use calamine::Reader as _;
use calamine::Xlsx;
use gdal::vector::LayerAccess as _;
use mutu::access::Role;
use reqwest::multipart::Form;
use reqwest::multipart::Part;
use rust_decimal::Decimal;
use serde_json::Value;

use super::*;

async fn exported(it: &TestApp, token: &str, path: &str) -> Vec<u8> {
    let response = it.get_as(token, path).await;
    let status = response.status();
    let disposition = response.headers().get("content-disposition").cloned();
    let bytes = response.bytes().await.unwrap().to_vec();
    assert_eq!(status, 200, "{path}: {}", String::from_utf8_lossy(&bytes));
    assert!(disposition.unwrap().to_str().unwrap().starts_with("attachment"), "{path}");
    bytes
}

/// A list of three cases with figures, one of them rejected; its path.
async fn filled(it: &TestApp, token: &str) -> String {
    let (id, codes) = list(it, token, "二次开发，\"计划\"", "P1\nP2\nP3\nP4").await;
    for (code, area) in codes.iter().zip(["20.123456", "0.1", "0.2"]) {
        let filled = json!({"plan_area_mu": area, "plan_finish": "2026-12-31", "path": "buyback",
            "person": "=cmd()", "investment_plan_wan": "1000.01", "note": "行一\n行二 <&>"});
        assert_eq!(set(it, token, code, filled).await.status, 200);
    }
    assert_eq!(step(it, token, &codes[3], "reject").await.status, 201);
    format!("/api/v1/lists/{id}")
}

#[tokio::test]
async fn every_format_has_the_rows_and_sums_of_the_screen() {
    let it = district().await;
    let officer = it.token(Role::Officer).await;
    let own = filled(&it, &officer).await;
    let page = it.json_as(&officer, &format!("{own}/cases")).await;
    let wanted: Decimal = page["total"]["plan_area_mu"].as_str().unwrap().parse().unwrap();
    assert_eq!(wanted, "20.423456".parse().unwrap());
    let codes = ["JD2026001", "JD2026002", "JD2026003"];
    // CSV: text by text.
    let text = exported(&it, &officer, &format!("{own}/export?format=csv")).await;
    let mut reader = csv::Reader::from_reader(text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&text));
    let heads = reader.headers().unwrap().clone();
    let place = |name: &str| heads.iter().position(|it| it == name).unwrap();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let of = |name: &str| rows.iter().map(|it| it[place(name)].to_owned()).collect::<Vec<_>>();
    assert_eq!(of("台账编码"), codes);
    assert_eq!(of("计划完成"), ["2026-12-31"; 3]);
    let sum: Decimal = of("计划面积（亩）").iter().map(|it| it.parse::<Decimal>().unwrap()).sum();
    assert_eq!(sum, wanted);
    // GeoJSON: outlines besides.
    let bytes = exported(&it, &officer, &format!("{own}/export?format=geojson")).await;
    let found: Value = serde_json::from_slice(&bytes).unwrap();
    let features = found["features"].as_array().unwrap();
    let sum: f64 =
        features.iter().map(|it| it["properties"]["plan_area_mu"].as_f64().unwrap()).sum();
    assert_eq!((features.len(), (sum * 1e6).round()), (3, 20_423_456.0));
    assert_eq!(features[0]["geometry"]["type"], "MultiPolygon");
    // GeoPackage and shapefile: GDAL reads them.
    let folder = tempfile::tempdir().unwrap();
    for (format, name) in [("gpkg", "it.gpkg"), ("shp", "it.zip")] {
        let bytes = exported(&it, &officer, &format!("{own}/export?format={format}")).await;
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let path = if format == "shp" {
            format!("/vsizip/{}", path.display())
        } else {
            path.display().to_string()
        };
        let dataset = gdal::Dataset::open(path).unwrap();
        let mut layer = dataset.layer(0).unwrap();
        assert_eq!(layer.feature_count(), 3, "{format}");
        let names: Vec<String> = layer.defn().fields().map(|it| it.name()).collect();
        let at = names.iter().position(|it| it.starts_with("plan_area")).unwrap();
        let sum: f64 = layer.features().map(|it| it.field_as_double(at).unwrap().unwrap()).sum();
        assert_eq!((sum * 1e6).round(), 20_423_456.0, "{format}");
        assert!(layer.features().all(|it| it.geometry().is_some()), "{format}");
    }
    for (path, status) in [
        ("?format=kml", 400),
        ("?format=docx", 400),
        ("?format=csv&template=1", 400),
        ("?template=77", 404),
        ("?format=csv&version=9", 404),
        ("?format=csv&state=closed", 200),
        ("?format=shp&state=closed", 200),
    ] {
        let status_is = it.get_as(&officer, &format!("{own}/export{path}")).await.status();
        assert_eq!(status_is, status, "{path}");
    }
}

/// An office's own workbook: a title over merged cells, headings, one row of cases, sums, a note below with a formula.
fn workbook(rows: &[&[(&str, &str)]]) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name("计划表").unwrap();
    let title = rust_xlsxwriter::Format::new().set_bold().set_font_size(18);
    let date = rust_xlsxwriter::Format::new().set_num_format("yyyy\"年\"m\"月\"d\"日\"");
    let red =
        rust_xlsxwriter::Format::new().set_background_color(0x00FF_0000).set_num_format("0.00");
    sheet.merge_range(0, 0, 0, 5, "{{list.year}} 年 {{list.name}}", &title).unwrap();
    for (nth, row) in rows.iter().enumerate() {
        for (cell, text) in *row {
            let column = u16::from(cell.as_bytes()[0] - b'A');
            let at = 2 + u32::try_from(nth).unwrap();
            match (*cell, *text) {
                (_, formula) if formula.starts_with('=') => {
                    sheet
                        .write_formula(at, column, rust_xlsxwriter::Formula::new(formula))
                        .unwrap();
                }
                ("D", text) => _ = sheet.write_string_with_format(at, column, text, &date).unwrap(),
                ("C", text) => _ = sheet.write_string_with_format(at, column, text, &red).unwrap(),
                (_, text) => _ = sheet.write_string(at, column, text).unwrap(),
            }
        }
    }
    book.save_to_buffer().unwrap()
}

async fn kept(it: &TestApp, token: &str, name: &str, content: Vec<u8>) -> (u16, Value) {
    let form = Form::new().part("file", Part::bytes(content).file_name(name.to_owned()));
    let asked = it.client.post(it.url("/api/v1/list-templates")).bearer_auth(token);
    let response = asked.multipart(form).send().await.unwrap();
    let status = response.status().as_u16();
    (status, response.json().await.unwrap())
}

const GOOD: &[&[(&str, &str)]] = &[
    &[("A", "序号"), ("B", "编码"), ("C", "面积"), ("D", "完成"), ("E", "翻倍"), ("F", "责任人")],
    &[
        ("A", "{{row.number}}"),
        ("B", "{{row.case_code}}（{{row.parcel_code}}）"),
        ("C", "{{row.plan_area_mu}}"),
        ("D", "{{row.plan_finish}}"),
        ("E", "=C4*2"),
        ("F", "{{row.person}}"),
    ],
    &[
        ("A", "合计"),
        ("B", "{{list.count}} 宗"),
        ("C", "{{total.plan_area_mu}}"),
        ("E", "=SUM(E4:E4)"),
    ],
    &[("A", "另计"), ("B", "{{total.area_mu}}"), ("C", "=C5+1"), ("F", "截至 {{list.moment}}")],
];

#[tokio::test]
async fn the_offices_workbook_is_filled_and_keeps_its_looks() {
    let it = district().await;
    let officer = it.token(Role::Officer).await;
    let own = filled(&it, &officer).await;
    let (status, made) = kept(&it, &officer, "区经委 月报.xlsx", workbook(GOOD)).await;
    assert_eq!(status, 201, "{made}");
    assert_eq!(made["placeholders"].as_array().unwrap().len(), 10, "{made}");
    let id = made["template_id"].as_i64().unwrap();
    let bytes = exported(&it, &officer, &format!("{own}/export?template={id}")).await;
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes.clone())).unwrap();
    let mut part = String::new();
    archive.by_name("xl/worksheets/sheet1.xml").unwrap().read_to_string(&mut part).unwrap();
    assert!(part.contains("<f>SUM(C4:C6)</f>") && part.contains("<f>SUM(E4:E6)</f>"), "{part}");
    assert!(part.contains("<f>C6*2</f>") && part.contains("<f>C7+1</f>"), "{part}");
    assert!(part.contains("<mergeCell ref=\"A1:F1\"/>"), "{part}");
    // Every copy of a cell has its style.
    let style = |cell: &str| {
        let (_, rest) = part.split_once(&format!("<c r=\"{cell}\" s=\"")).unwrap();
        rest.split_once('"').unwrap().0.to_owned()
    };
    assert!(style("C4") == style("C5") && style("C5") == style("C6") && style("C4") != style("D4"));
    let mut book = Xlsx::new(Cursor::new(bytes)).unwrap();
    let sheet = book.worksheet_range("计划表").unwrap();
    let cell =
        |row: u32, column: u32| sheet.get_value((row, column)).cloned().unwrap_or(Data::Empty);
    assert_eq!(cell(0, 0), Data::String("2026 年 二次开发，\"计划\"".to_owned()));
    let number = |it: Data| match it {
        Data::Float(it) => Decimal::try_from(it).unwrap(),
        Data::Int(it) => it.into(),
        other => panic!("{other:?}"),
    };
    let areas: Decimal = (3..6).map(|row| number(cell(row, 2))).sum();
    assert_eq!(areas, "20.423456".parse().unwrap());
    assert_eq!(number(cell(6, 2)), areas, "the stored sum is the API's");
    assert_eq!(
        number(cell(7, 1)),
        "57.345678".parse().unwrap(),
        "a sum without a column is a figure"
    );
    assert_eq!(cell(4, 1), Data::String("JD2026002（P2）".to_owned()));
    assert_eq!(cell(6, 1), Data::String("3 宗".to_owned()));
    // A date where the style shows dates; a text that looks like a formula stays a text.
    assert!(
        matches!(cell(3, 3), Data::DateTime(it) if it.as_f64() == 46_387.0),
        "{:?}",
        cell(3, 3)
    );
    assert_eq!(cell(3, 5), Data::String("=cmd()".to_owned()));
    assert_eq!(number(cell(5, 0)), Decimal::from(3));
    // Without a case the row stays, empty, and the sum is nothing.
    let bytes = exported(&it, &officer, &format!("{own}/export?template={id}&state=closed")).await;
    let mut book = Xlsx::new(Cursor::new(bytes)).unwrap();
    let sheet = book.worksheet_range("计划表").unwrap();
    assert_eq!(number(sheet.get_value((4, 2)).cloned().unwrap()), Decimal::ZERO);
    // Another unit's officer uses it too, and fills it with the own rows.
    let malu = it.token_of(Role::Officer, Some(&["马陆镇"])).await;
    let bytes = exported(&it, &malu, &format!("{own}/export?template={id}")).await;
    let mut book = Xlsx::new(Cursor::new(bytes)).unwrap();
    let sheet = book.worksheet_range("计划表").unwrap();
    assert_eq!(number(sheet.get_value((5, 2)).cloned().unwrap()), "20.223456".parse().unwrap());
}

#[tokio::test]
async fn what_is_wrong_with_a_template_is_named_by_its_cell() {
    let it = district().await;
    let officer = it.token(Role::Officer).await;
    let malu = it.token_of(Role::Officer, Some(&["马陆镇"])).await;
    let viewer = it.token(Role::Viewer).await;
    let wrong: &[&[(&str, &str)]] = &[
        &[("A", "{{row.aera_mu}}"), ("B", "{{total.person}}"), ("C", "{{list.name")],
        &[("A", "{{row.number}}")],
        &[("B", "{{row.name}}"), ("C", "{{row.name}}")],
    ];
    let (status, refused) = kept(&it, &officer, "a.xlsx", workbook(wrong)).await;
    assert_eq!(status, 422, "{refused}");
    let cells: Vec<&str> = refused["faults"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["cell"].as_str().unwrap())
        .collect();
    assert_eq!(cells, ["A3", "B3", "C3", "B5", "C5"], "{refused}");
    assert_eq!(refused["faults"][0]["sheet"], "计划表");
    for (name, content, status) in [
        ("a.docx", workbook(GOOD), 415),
        ("a.xlsx", b"PK\x03\x04".to_vec(), 415),
        ("a.xlsx", b"%PDF-1.7".to_vec(), 415),
    ] {
        assert_eq!(kept(&it, &officer, name, content).await.0, status, "{name}");
    }
    assert_eq!(kept(&it, &viewer, "a.xlsx", workbook(GOOD)).await.0, 403);
    // A workbook that is broken inside, or has nothing to fill.
    let broken = {
        use std::io::Write;
        let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, text) in [
            ("[Content_Types].xml", "<a/>"),
            ("xl/workbook.xml", "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>"),
            ("xl/_rels/workbook.xml.rels", "<a/>"),
        ] {
            out.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
            out.write_all(text.as_bytes()).unwrap();
        }
        out.finish().unwrap().into_inner()
    };
    assert_eq!(kept(&it, &officer, "a.xlsx", broken).await.0, 422);
    // A unit's template is the unit's.
    let (status, of_unit) = kept(&it, &malu, "马陆.xlsx", workbook(GOOD)).await;
    assert_eq!((status, &of_unit["responsible_unit"]), (201, &json!("马陆镇")), "{of_unit}");
    let (_, of_all) = kept(&it, &officer, "全区.xlsx", workbook(GOOD)).await;
    let anting = it.token_of(Role::Officer, Some(&["安亭镇"])).await;
    for (token, count) in [(&malu, 2), (&anting, 1), (&officer, 2)] {
        let all = it.json_as(token, "/api/v1/list-templates").await;
        assert_eq!(all["templates"].as_array().unwrap().len(), count);
    }
    let withdraw = async |token: &str, id: &Value| {
        let path = it.url(&format!("/api/v1/list-templates/{id}"));
        it.client.delete(path).bearer_auth(token).send().await.unwrap().status().as_u16()
    };
    assert_eq!(withdraw(&anting, &of_unit["template_id"]).await, 404);
    assert_eq!(withdraw(&malu, &of_all["template_id"]).await, 403);
    assert_eq!(withdraw(&officer, &of_unit["template_id"]).await, 204);
    assert_eq!(withdraw(&officer, &of_unit["template_id"]).await, 404);
    let kept = "select count(*) from mutu.list_template";
    assert_eq!(it.value::<i64>(kept).await, 2);
    let names = it.json_as(&officer, "/api/v1/list-templates/placeholders").await;
    assert!(
        names["row"].as_array().unwrap().len() > 30 && names["total"].as_array().unwrap().len() > 8
    );
}
