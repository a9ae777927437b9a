//! Sheets of paper over HTTP: their scale measured on the page, their fonts, what they say and to whom.

use std::path::Path;
use std::process::Command;
use std::time::Duration;
use std::time::Instant;

use gdal::spatial_ref::AxisMappingStrategy;
use gdal::spatial_ref::CoordTransform;
use gdal::spatial_ref::SpatialRef;
use mutu::access::Role;
use mutu::config::Config;
use mutu::crs::CODES;
use mutu::crs::Crs;
use mutu::layer::Text;
use mutu::render::Plane;
use serde_json::json;

use crate::ogc::grid;
use crate::ogc::with_grid;
use crate::support::TestApp;

async fn settled(count: i64) -> TestApp {
    let it = with_grid(count).await;
    it.settle().await;
    it
}

/// A PDF in a folder of its own, for the programs that read it.
pub struct Sheet {
    folder: tempfile::TempDir,
}

impl Sheet {
    pub async fn of(response: reqwest::Response) -> Self {
        let (status, kind) = (response.status(), response.headers().get("content-type").cloned());
        let bytes = response.bytes().await.unwrap();
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&bytes));
        assert_eq!(kind.unwrap(), "application/pdf");
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("it.pdf"), bytes).unwrap();
        Self { folder }
    }

    fn path(&self) -> std::path::PathBuf {
        self.folder.path().join("it.pdf")
    }

    /// What a program of poppler's says of it; poppler is among the packages of the tests.
    fn read(&self, program: &str, arguments: &[&str]) -> String {
        let path = self.path();
        let output = Command::new(program).args(arguments).arg(&path).arg("-").output();
        let output = output.unwrap_or_else(|it| panic!("{program}, of scripts/setup test: {it}"));
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    pub fn text(&self) -> String {
        self.read("pdftotext", &["-raw"])
    }

    pub fn info(&self, program: &str) -> String {
        let output = Command::new(program).arg(self.path()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// The page in grey, at so many dots to the inch.
    fn page(&self, dpi: u32) -> Grey {
        let target = self.folder.path().join("page");
        let ran = Command::new("pdftoppm")
            .args(["-gray", "-singlefile", "-r", &dpi.to_string()])
            .arg(self.path())
            .arg(&target)
            .status()
            .unwrap();
        assert!(ran.success());
        Grey::read(&target.with_extension("pgm"))
    }
}

struct Grey {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

impl Grey {
    /// Binary PGM of eight bits.
    fn read(path: &Path) -> Self {
        let bytes = std::fs::read(path).unwrap();
        let mut at = 0;
        let mut words = Vec::new();
        while words.len() < 4 {
            let end = at + bytes[at..].iter().position(u8::is_ascii_whitespace).unwrap();
            words.push(String::from_utf8(bytes[at..end].to_vec()).unwrap());
            at = end + 1;
        }
        assert_eq!((words[0].as_str(), words[3].as_str()), ("P5", "255"));
        let (width, height) = (words[1].parse().unwrap(), words[2].parse().unwrap());
        Self { width, height, pixels: bytes[at..].to_vec() }
    }

    /// The longest run of black dots in the rows and columns of a part of the page.
    fn longest_black(&self, columns: [usize; 2], rows: [usize; 2]) -> usize {
        let mut longest = 0;
        for y in rows[0]..rows[1] {
            let mut run = 0;
            for x in columns[0]..columns[1] {
                run = if self.pixels[y * self.width + x] < 25 { run + 1 } else { 0 };
                longest = longest.max(run);
            }
        }
        longest
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scale_bar_is_as_long_on_paper_as_it_says() {
    let it = settled(300).await;
    for (paper, orientation, scale, metres) in [
        ("A4", "landscape", 10_000, 200.0),
        ("A4", "portrait", 5_000, 100.0),
        ("A3", "landscape", 2_500, 100.0),
    ] {
        let path = format!(
            "/print/map.pdf?paper={paper}&orientation={orientation}&layers=towns,parcels&center=121.21,31.31&scale={scale}&title=%E4%BD%8E%E6%95%88%E5%B7%A5%E4%B8%9A%E7%94%A8%E5%9C%B0%E5%88%86%E5%B8%83%E5%9B%BE"
        );
        let sheet = Sheet::of(it.get(&path).await).await;
        let page = sheet.page(300);
        // The column at the right, within its frame; the lower half, where the bar stands.
        let columns = [page.width * 3 / 4 - 60, page.width - page.width / 25];
        let rows = [page.height / 2, page.height - page.height / 12];
        let bar = page.longest_black(columns, rows) as f64 / 300.0 * 25.4;
        let wanted = metres * 1000.0 / f64::from(scale);
        assert!((bar - wanted).abs() < 0.3, "{paper} 1:{scale}: {bar} mm, not {wanted}");
        let text = sheet.text();
        assert!(text.contains("低效工业用地分布图"), "{text}");
        assert!(text.contains(&format!("{metres} m")), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sheet_says_what_a_map_has_to_say_in_fonts_of_its_own() {
    let it = settled(100).await;
    let path = "/print/map.pdf?layers=towns,parcels&bbox=121.2,31.3,121.25,31.308";
    let sheet = Sheet::of(it.get(path).await).await;
    let text = sheet.text();
    for said in [
        "规划一张图",
        "图例",
        "1:",
        "北",
        "审图号：未配置",
        "数据日期：20",
        "中央经线 120°",
        "制图：公众",
        "第 1 页 共 1 页",
        "100 个",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    // Chinese and Latin, each put in and cut down to the signs that are used.
    let fonts = sheet.info("pdffonts");
    let fonts: Vec<&str> = fonts.lines().skip(2).collect();
    assert!(!fonts.is_empty());
    for font in &fonts {
        let words: Vec<&str> = font.split_whitespace().rev().collect();
        // From the end: object, generation, to Unicode, subset, embedded.
        assert_eq!((words[2], words[3], words[4]), ("yes", "yes", "yes"), "{font}");
    }
    let size = std::fs::metadata(sheet.path()).unwrap().len();
    assert!(size < 500_000, "{size} bytes");
    let english = Sheet::of(it.get(&format!("{path}&lang=en&paper=A3")).await).await.text();
    for said in ["One map of industrial land", "Legend", "not reviewed", "Made by public"] {
        assert!(english.contains(said), "{said}: {english}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn paper_is_as_large_as_its_name_says_up_to_a0() {
    let it = settled(2_000).await;
    let begun = Instant::now();
    for (paper, orientation, size) in
        [("A4", "portrait", "595.28 x 841.89"), ("A0", "landscape", "3370.39 x 2383.94")]
    {
        let path = format!(
            "/print/map.pdf?paper={paper}&orientation={orientation}&bbox=121.2,31.3,121.25,31.46&layers=parcels,towns"
        );
        let sheet = Sheet::of(it.get(&path).await).await;
        let info = sheet.info("pdfinfo");
        let line = info.lines().find(|it| it.starts_with("Page size")).unwrap();
        let numbers: Vec<f64> = line.split_whitespace().filter_map(|it| it.parse().ok()).collect();
        let wanted: Vec<f64> = size.split(" x ").map(|it| it.parse().unwrap()).collect();
        assert!(
            (numbers[0] - wanted[0]).abs() < 0.5 && (numbers[1] - wanted[1]).abs() < 0.5,
            "{line}"
        );
        assert!(info.contains("Pages:           1"), "{info}");
    }
    assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_draws_and_counts_its_rows_only() {
    let it = settled(90).await;
    let text = async |extra: &str| {
        let path = format!("/print/map.pdf?layers=parcels&bbox=121.2,31.3,121.25,31.308{extra}");
        Sheet::of(it.get(&path).await).await.text()
    };
    assert!(text("").await.contains("90 个"));
    let some = text("&filter=town_code%3D%27114%27&filter_layer=parcels").await;
    assert!(some.contains("30 个") && some.contains("已筛选"), "{some}");
    // The same as a body, which is not bound by the length of an address.
    let body = json!({"layers": "parcels", "bbox": "121.2,31.3,121.25,31.308", "filter": "town_code='114'", "theme": "parcels"});
    let posted = it.client.post(it.url("/print/map.pdf")).json(&body).send().await.unwrap();
    assert!(Sheet::of(posted).await.text().contains("30 个"));
}

#[tokio::test]
async fn what_may_not_be_read_is_not_printed() {
    let it = settled(10).await;
    let base = "/print/map.pdf?layers=parcels&bbox=121.2,31.3,121.25,31.308";
    let closed = format!("{base}&filter_layer=parcels&filter=contract_start%20IS%20NOT%20NULL");
    assert_eq!(it.get(&closed).await.status(), 400, "a field that the public may not name");
    assert_eq!(it.get("/print/map.pdf?layers=reuse_cases").await.status(), 401);
    let officer = it.token(Role::Officer).await;
    let sheet = Sheet::of(it.get_as(&officer, &closed).await).await;
    let text = sheet.text();
    assert!(text.contains("内部资料") && text.contains("officer"), "{text}");
    let open = Sheet::of(it.get(base).await).await.text();
    assert!(!open.contains("内部资料"), "{open}");
    let noted: i64 = it
        .value("select count(*) from mutu.audit_event where action = 'export' and subject = 'map'")
        .await;
    assert_eq!(noted, 2);
}

#[tokio::test]
async fn a_wrong_question_is_told_what_would_be_right() {
    let it = settled(1).await;
    for (wrong, named) in [
        ("paper=A9", "paper"),
        ("orientation=up", "orientation"),
        ("layers=nothing", ""),
        ("layers=audit_entries", ""),
        ("center=121,31", "scale"),
        ("center=x&scale=5000", "center"),
        ("bbox=1,2,3", "bbox"),
        ("bbox=121,31,121,31", "bbox"),
        ("bbox=-180,-80,180,80", "bbox"),
        ("center=121,31&scale=-1", "scale"),
        ("center=121,31&scale=NaN", "scale"),
        ("lang=fr", "lang"),
        ("filter=town_code%3D1", "filter_layer"),
        ("filter=((&filter_layer=parcels", "filter"),
        ("filter=S_INTERSECTS(geom,POINT(121%2031))&filter_layer=parcels", "filter"),
        ("filter=town_code%3D%27114%27&filter_layer=nowhere", "filter_layer"),
        ("papier=A4", ""),
    ] {
        let path = if wrong.starts_with("layers") {
            format!("/print/map.pdf?{wrong}")
        } else {
            format!("/print/map.pdf?layers=parcels&{wrong}")
        };
        let response = it.get(&path).await;
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        assert!((400..405).contains(&status), "{wrong}: {status} {text}");
        assert!(text.contains(&format!("`{named}`")) || named.is_empty(), "{wrong}: {text}");
    }
    // What looks like markup is text.
    let path = "/print/map.pdf?layers=parcels&bbox=121.2,31.3,121.25,31.308&title=%3C%2Ftext%3E%3Cimage%20href%3D%22file:///etc/passwd%22/%3E%26amp;";
    let text = Sheet::of(it.get(path).await).await.text();
    assert!(text.contains("</text><image href=\"file:///etc/passwd\"/>&amp;"), "{text}");
    assert!(!text.contains("root:"));
}

#[tokio::test]
async fn an_installation_says_its_number_and_its_font() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("absent.ttf");
    let mut it = TestApp::with(Config { font: Some(file), ..Config::default() }).await;
    it.serve();
    grid(&it, 1).await;
    it.settle().await;
    let path = "/print/map.pdf?layers=parcels&bbox=121.2,31.3,121.25,31.308";
    let response = it.get(path).await;
    assert_eq!(response.status(), 503);
    let problem: serde_json::Value = response.json().await.unwrap();
    assert_eq!(problem["type"], "/problems/no-font");
    assert!(problem["detail"].as_str().unwrap().contains("absent.ttf"), "{problem}");

    let number = "沪S(2026)001号".to_owned();
    let title = Text::new("嘉定区一张图", "Jiading");
    let mut it =
        TestApp::with(Config { approval_number: Some(number), title, ..Config::default() }).await;
    it.serve();
    grid(&it, 1).await;
    it.settle().await;
    let text = Sheet::of(it.get(path).await).await.text();
    assert!(text.contains("审图号：沪S(2026)001号") && text.contains("嘉定区一张图"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dossier_fits_a_page_and_withholds_what_the_page_withholds() {
    let it = settled(30).await;
    let public = Sheet::of(it.get("/d/P00007.pdf").await).await;
    let text = public.text();
    for said in [
        "P00007",
        "工业地块7",
        "701.75 m²",
        "量算面积",
        "缺失",
        "评价结论无权限查看",
        "审图号：未配置",
        "1:",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    assert!(public.info("pdfinfo").contains("A4"), "{}", public.info("pdfinfo"));
    let officer = it.token(Role::Officer).await;
    let text = Sheet::of(it.get_as(&officer, "/d/P00007.pdf").await).await.text();
    assert!(text.contains("尚未评价") && text.contains("内部资料"), "{text}");
    let english = Sheet::of(it.get("/d/P00007.pdf?lang=en").await).await.text();
    assert!(english.contains("Parcel dossier") && english.contains("missing"), "{english}");
    assert_eq!(it.get("/d/NOWHERE.pdf").await.status(), 404);
    assert_eq!(it.get("/d/P00007.pdf?x=1").await.status(), 400);
    // Without the ending it is the page of the web map.
    let page = it.get("/d/P00007").await;
    assert_eq!(page.status(), 200);
    assert!(page.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
}

#[test]
fn zones_are_those_of_proj() {
    let system = |code: u32| {
        let mut it = SpatialRef::from_epsg(code).unwrap();
        it.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
        it
    };
    for code in CODES.into_iter().filter(|it| (4500..4600).contains(it) && *it != 4490) {
        let plane = Plane::of(Crs::Epsg(code));
        let Plane::Zone(zone) = plane else { panic!("{code}") };
        let turn = CoordTransform::new(&system(4490), &system(code)).unwrap();
        for (east, lat) in [(0.0, 31.38), (1.4, 31.1), (-1.5, 22.5), (2.9, 53.0), (-4.0, 3.0)] {
            let lon = zone.meridian + east;
            let (x, y) = plane.from_degrees(lon, lat);
            let (mut wanted_x, mut wanted_y) = ([lon], [lat]);
            turn.transform_coords(&mut wanted_x, &mut wanted_y, &mut []).unwrap();
            let off = (x - wanted_x[0]).hypot(y - wanted_y[0]);
            assert!(off < 1e-4, "{code} {lon} {lat}: {off} m");
            let (back, back_lat) = plane.to_degrees(x, y);
            assert!((back - lon).abs() < 1e-9 && (back_lat - lat).abs() < 1e-9, "{code}");
        }
    }
}
