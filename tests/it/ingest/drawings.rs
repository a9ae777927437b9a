//! DXF drawings: outlines with their codes inside them as text.

use std::path::PathBuf;

use mutu::ingest::Options;

use super::any_layers;
use super::asked;
use super::folder;
use super::group;
use super::import;
use super::imported;
use super::mapping;
use super::number;
use super::refused;
use super::text;
use super::write;
use crate::support::TestApp;

/// A drawing in the making: pairs of group code and value.
struct Dxf(String);

impl Dxf {
    fn new(page: &str) -> Self {
        let mut it = Self(String::new());
        for (code, value) in [
            (0, "SECTION"),
            (2, "HEADER"),
            (9, "$ACADVER"),
            (1, "AC1015"),
            (9, "$DWGCODEPAGE"),
            (3, page),
            (0, "ENDSEC"),
            (0, "SECTION"),
            (2, "ENTITIES"),
        ] {
            it.pair(code, value);
        }
        it
    }

    fn pair(&mut self, code: u32, value: impl std::fmt::Display) {
        self.0.push_str(&format!("{code}\n{value}\n"));
    }

    fn line(&mut self, handle: &str, layer: &str, points: &[(f64, f64)], closed: bool) {
        for (code, value) in
            [(0, "LWPOLYLINE"), (5, handle), (100, "AcDbEntity"), (8, layer), (100, "AcDbPolyline")]
        {
            self.pair(code, value);
        }
        self.pair(90, points.len());
        self.pair(70, u8::from(closed));
        for (x, y) in points {
            self.pair(10, x);
            self.pair(20, y);
        }
    }

    fn square(&mut self, handle: &str, layer: &str, west: f64, side: f64) {
        let (x, y) = (40_620_000.0 + west, 3_474_000.0);
        self.line(
            handle,
            layer,
            &[(x, y), (x + side, y), (x + side, y + side), (x, y + side)],
            true,
        );
    }

    fn text(&mut self, handle: &str, layer: &str, at: (f64, f64), text: &str) {
        for (code, value) in
            [(0, "TEXT"), (5, handle), (100, "AcDbEntity"), (8, layer), (100, "AcDbText")]
        {
            self.pair(code, value);
        }
        for (code, value) in
            [(10, 40_620_000.0 + at.0), (20, 3_474_000.0 + at.1), (30, 0.0), (40, 2.5)]
        {
            self.pair(code, value);
        }
        self.pair(1, text);
    }

    fn bytes(mut self) -> Vec<u8> {
        self.pair(0, "ENDSEC");
        self.pair(0, "EOF");
        encoding_rs::GBK.encode(&self.0).0.into_owned()
    }
}

fn drawing(dir: &std::path::Path, page: &str) -> PathBuf {
    let mut dxf = Dxf::new(page);
    dxf.square("A1", "地块", 0.0, 100.0);
    dxf.square("A2", "地块", 200.0, 100.0);
    let (x, y) = (40_620_400.0, 3_474_000.0);
    // Closed by a click that was off by some millimetres, and not closed at all.
    dxf.line("A3", "地块", &[(x, y), (x + 50.0, y), (x + 50.0, y + 50.0), (x, y + 0.004)], false);
    dxf.line("A4", "地块", &[(x + 100.0, y), (x + 150.0, y), (x + 150.0, y + 50.0)], false);
    dxf.text("B1", "宗地号", (50.0, 50.0), "嘉定-001");
    dxf.text("B2", "名称", (50.0, 60.0), "某厂");
    dxf.text("B3", "宗地号", (250.0, 50.0), "嘉定-002");
    dxf.text("B4", "宗地号", (440.0, 20.0), "嘉定-003");
    dxf.text("B5", "宗地号", (900.0, 20.0), "图外");
    write(dir, "宗地图.dxf", dxf.bytes())
}

#[tokio::test]
async fn outlines_are_parcels_and_the_texts_inside_name_them() {
    let it = TestApp::new().await;
    for page in ["ANSI_936", "ANSI_1252"] {
        let dir = folder();
        let file = drawing(dir.path(), page);
        let report = imported(&it, &file, "parcels").await;
        assert_eq!(report.encoding.as_ref().unwrap().name, "gb18030", "{page}");
        assert_eq!(report.layer_name.as_deref(), Some("地块"));
        assert_eq!((report.rows.read, report.rows.written, report.rows.rejected), (4, 3, 1));
        let open = &group(&report, "geometry_open").examples[0];
        assert!(open.message.contains("A4") && open.message.contains("地块"), "{open:?}");
        let crs = report.crs.unwrap();
        assert!(crs.name.starts_with("EPSG:4528") && crs.how == "detected");
        let sql = "select string_agg(parcel_code || ' ' || coalesce(extra->>'名称', '-') || ' ' || round(area_geom_m2, -2), ';' order by parcel_code)
             from mutu.parcel_current";
        let all = "嘉定-001 某厂 10000;嘉定-002 - 10000;嘉定-003 - 1300";
        let found = text(&it, sql).await.unwrap();
        assert!(found.starts_with(&all[..all.len() - 4]), "{found}");
        sqlx::query("delete from mutu.parcel").execute(&it.app.db.write).await.unwrap();
    }
}

#[tokio::test]
async fn several_layers_are_asked_about_and_a_ring_inside_is_no_hole() {
    let it = TestApp::new().await;
    let dir = folder();
    let mut dxf = Dxf::new("ANSI_936");
    dxf.square("A1", "宗地", 0.0, 100.0);
    dxf.square("A2", "宗地", 10.0, 20.0);
    dxf.square("B1", "图框", -10.0, 500.0);
    dxf.text("C1", "宗地号", (80.0, 80.0), "甲");
    dxf.text("C2", "宗地号", (15.0, 5.0), "乙");
    dxf.text("C3", "宗地号", (85.0, 80.0), "丙");
    let file = write(dir.path(), "a.dxf", dxf.bytes());
    let question = asked(&it, &Options::new(&file, "parcels")).await;
    assert_eq!(
        (question.parameter, question.choices),
        ("layer_name", vec!["宗地".to_owned(), "图框".to_owned()])
    );
    let m =
        write(dir.path(), "m.toml", "[columns]\nparcel_code = \"EntityHandle\"\nname = \"Text\"\n");
    let options = Options {
        layer_name: Some("宗地".to_owned()),
        mapping: mapping(&m),
        ..Options::new(&file, "parcels")
    };
    let report = import(&it, &options).await.unwrap();
    // Two texts name the first; the one in both outlines names neither.
    assert_eq!((report.rows.written, report.rows.rejected), (1, 1));
    assert!(group(&report, "value").examples[0].message.contains("甲 | 丙"), "{:?}", report.issues);
    assert_eq!(
        number(&it, "select round(area_geom_m2)::bigint from mutu.parcel_current").await,
        400
    );
}

#[tokio::test]
async fn a_drawing_without_anything_to_import_says_what_it_has() {
    let dir = folder();
    let it = TestApp::with(any_layers(dir.path())).await;
    let mut dxf = Dxf::new("ANSI_936");
    dxf.text("B1", "注记", (50.0, 50.0), "只有文字");
    let file = write(dir.path(), "a.dxf", dxf.bytes());
    assert!(refused(&it, &file, "any_polygon").await.contains("注记"));
    let broken = write(dir.path(), "b.dxf", "  0\nSECTION\n  2\nHEADER\n");
    assert!(refused(&it, &broken, "any_polygon").await.len() > 20);
    let nonsense = write(dir.path(), "c.dxf", "not a drawing");
    assert!(refused(&it, &nonsense, "any_polygon").await.contains("c.dxf"));
    let parquet = write(dir.path(), "d.parquet", "PAR1");
    assert!(refused(&it, &parquet, "any_polygon").await.contains("arquet"));
}
