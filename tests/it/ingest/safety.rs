//! Files that are made to hurt, or merely arrived in pieces: refused with the limit or the missing part named.

use std::fs;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;
use std::time::Instant;

use mutu::ingest::Options;
use zip::CompressionMethod;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::any_layers;
use super::asked;
use super::folder;
use super::group;
use super::import;
use super::imported;
use super::number;
use super::refused;
use super::squares;
use super::text;
use super::write;
use crate::support::TestApp;

/// An archive of these members.
fn archive(path: &Path, members: &[(&str, &[u8])]) -> PathBuf {
    let mut archive = ZipWriter::new(File::create(path).unwrap());
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, bytes) in members {
        archive.start_file(*name, options).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap();
    path.to_owned()
}

fn town(name: &str) -> String {
    squares(&[(name, 121.2, "1")]).replace("宗地代码", "name")
}

/// A shapefile of one square in a folder: the stem of its files.
fn shapefile(dir: &Path, stem: &str) -> PathBuf {
    let source = write(dir, "source.geojson", town(stem));
    let path = dir.join(format!("{stem}.shp"));
    let mut command = Command::new("ogr2ogr");
    command.args(["-q", "-lco", "ENCODING=UTF-8"]).arg(&path).arg(source);
    assert!(command.status().unwrap().success());
    path
}

#[tokio::test]
async fn archives_that_lead_out_nest_or_are_cut_are_refused() {
    let dir = folder();
    let it = TestApp::with(any_layers(dir.path())).await;
    let json = town("a");
    let json = json.as_bytes();
    for (member, word) in [
        ("../a.geojson", "leads out"),
        ("/etc/a.geojson", "leads out"),
        ("b/../../a.geojson", "leads out"),
        ("inner.zip", "another archive"),
        ("a.xlsx", "unpack it and import"),
        ("readme.md", "no data set"),
    ] {
        let file = archive(&dir.path().join("a.zip"), &[(member, json)]);
        let why = refused(&it, &file, "any_polygon").await;
        assert!(why.contains(word), "{member}: {why}");
    }
    let mut link = ZipWriter::new(File::create(dir.path().join("link.zip")).unwrap());
    link.add_symlink("a.geojson", "/etc/passwd", SimpleFileOptions::default()).unwrap();
    link.finish().unwrap();
    assert!(refused(&it, &dir.path().join("link.zip"), "any_polygon").await.contains("leads out"));
    let noise: Vec<u8> =
        (0..200_000_u32).flat_map(|it| it.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
    let whole = archive(&dir.path().join("whole.zip"), &[("a.geojson", json), ("b.bin", &noise)]);
    let bytes = fs::read(whole).unwrap();
    for part in [bytes.len() / 2, bytes.len() - 10] {
        let cut = write(dir.path(), "cut.zip", &bytes[..part]);
        assert!(refused(&it, &cut, "any_polygon").await.contains("cut short"));
    }
    let mut hurt = bytes;
    hurt[60] ^= 0xff;
    let hurt = write(dir.path(), "hurt.zip", hurt);
    assert!(refused(&it, &hurt, "any_polygon").await.contains("a.geojson"));
}

#[tokio::test]
async fn bombs_are_refused_before_they_go_off() {
    let dir = folder();
    let it = TestApp::with(any_layers(dir.path())).await;
    let zeros = vec![b' '; 80 << 20];
    let bomb = archive(&dir.path().join("bomb.zip"), &[("a.geojson", &zeros)]);
    assert!(fs::metadata(&bomb).unwrap().len() < 200_000);
    let started = Instant::now();
    let why = refused(&it, &bomb, "any_polygon").await;
    assert!(why.contains("4096 MB") && why.contains("400"), "{why}");
    assert!(started.elapsed() < Duration::from_secs(5));
    // The same as a workbook.
    let sheet = archive(
        &dir.path().join("bomb.xlsx"),
        &[("[Content_Types].xml", b"<Types/>"), ("xl/worksheets/sheet1.xml", &zeros)],
    );
    assert!(refused(&it, &sheet, "enterprises").await.contains("1024 MB"));
    // A statement of size that is not true.
    let mut lie =
        fs::read(archive(&dir.path().join("lie.zip"), &[("a.geojson", &zeros[..1000])])).unwrap();
    let central = lie.windows(4).rposition(|it| it == b"PK\x01\x02").unwrap();
    lie[central + 24..central + 28].copy_from_slice(&10_u32.to_le_bytes());
    let lie = write(dir.path(), "lie.zip", lie);
    assert!(refused(&it, &lie, "any_polygon").await.contains("a.geojson"));
    // One letter in the last cell of a sheet.
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write(0, 0, "信用代码").unwrap();
    sheet.write(1_048_575, 16_383, "x").unwrap();
    let wide = dir.path().join("wide.xlsx");
    book.save(&wide).unwrap();
    assert!(refused(&it, &wide, "enterprises").await.contains("40000000"));
}

#[tokio::test]
async fn several_data_sets_in_an_archive_are_asked_about() {
    let dir = folder();
    let it = TestApp::with(any_layers(dir.path())).await;
    let (a, b) = (town("a"), town("b"));
    let file = archive(
        &dir.path().join("two.zip"),
        &[
            ("a.geojson", a.as_bytes()),
            ("b.geojson", b.as_bytes()),
            ("__MACOSX/._a.geojson", b"x"),
            ("._b.geojson", b"x"),
        ],
    );
    let question = asked(&it, &Options::new(&file, "any_polygon")).await;
    assert_eq!(
        (question.parameter, question.choices),
        ("layer_name", vec!["a.geojson".to_owned(), "b.geojson".to_owned()])
    );
    let options =
        Options { layer_name: Some("b.geojson".to_owned()), ..Options::new(&file, "any_polygon") };
    assert_eq!(import(&it, &options).await.unwrap().rows.written, 1);
    assert_eq!(text(&it, "select name from layer.any_polygon").await.unwrap(), "b");
}

#[tokio::test]
async fn an_archive_with_chinese_names_is_read_in_either_encoding() {
    let dir = folder();
    let it = TestApp::with(any_layers(dir.path())).await;
    let shp = shapefile(dir.path(), "宗地");
    let parts: Vec<Vec<u8>> = ["shp", "shx", "dbf", "prj", "cpg"]
        .iter()
        .map(|it| fs::read(shp.with_extension(it)).unwrap())
        .collect();
    // The writer marks names as UTF-8; Windows does not, and writes GBK: the same archive with other bytes for its names.
    let names = ["shp", "shx", "dbf", "prj", "cpg"].map(|it| format!("QQQQ/QQQQ.{it}"));
    let members: Vec<(&str, &[u8])> =
        names.iter().map(String::as_str).zip(parts.iter().map(Vec::as_slice)).collect();
    let plain = fs::read(archive(&dir.path().join("plain.zip"), &members)).unwrap();
    let gbk = encoding_rs::GBK.encode("宗地").0.into_owned();
    let mut renamed = plain;
    for at in 0..renamed.len() - 4 {
        if &renamed[at..at + 4] == b"QQQQ" {
            renamed[at..at + 4].copy_from_slice(&gbk);
        }
    }
    let file = write(dir.path(), "gbk.zip", renamed);
    let report = imported(&it, &file, "any_polygon").await;
    assert_eq!((report.rows.written, report.layer_name.as_deref()), (1, Some("宗地")));
    let names = ["shp", "shx", "dbf", "prj", "cpg"].map(|it| format!("宗地.{it}"));
    let members: Vec<(&str, &[u8])> =
        names.iter().map(String::as_str).zip(parts.iter().map(Vec::as_slice)).collect();
    let file = archive(&dir.path().join("utf8.zip"), &members);
    assert_eq!(imported(&it, &file, "any_line").await.layer_name.as_deref(), Some("宗地"));
}

#[tokio::test]
async fn a_shapefile_in_pieces_says_which_piece_is_missing() {
    let dir = folder();
    let it = TestApp::with(any_layers(dir.path())).await;
    let shp = shapefile(dir.path(), "a");
    let copy = |parts: &[&str], upper: bool| {
        let to = folder();
        for part in parts {
            let name =
                if upper { format!("A.{}", part.to_uppercase()) } else { format!("a.{part}") };
            fs::copy(shp.with_extension(part), to.path().join(name)).unwrap();
        }
        to
    };
    let whole = copy(&["shp", "shx", "dbf", "prj"], true);
    let upper = whole.path().join("A.SHP");
    let options = Options { dry_run: true, ..Options::new(upper, "any_polygon") };
    assert_eq!(import(&it, &options).await.unwrap().rows.written, 1);
    // A folder stands for what is in it.
    let options = Options { dry_run: true, ..Options::new(whole.path(), "any_line") };
    assert_eq!(import(&it, &options).await.unwrap().layer_name.as_deref(), Some("A"));
    let no_index = copy(&["shp", "dbf", "prj"], false);
    assert!(refused(&it, &no_index.path().join("a.shp"), "any_polygon").await.contains(".shx"));
    let no_table = copy(&["shp", "shx", "prj"], false);
    let file = no_table.path().join("a.shp");
    let options = Options { dry_run: true, ..Options::new(&file, "any_polygon") };
    let report = import(&it, &options).await.unwrap();
    assert!(report.notes.iter().any(|it| it.contains(".dbf")), "{:?}", report.notes);
    // A layer that needs codes says that they are missing.
    assert!(refused(&it, &file, "parcels").await.contains("parcel_code"));
    let no_system = copy(&["shp", "shx", "dbf"], false);
    let options =
        Options { dry_run: true, ..Options::new(no_system.path().join("a.shp"), "any_polygon") };
    assert_eq!(import(&it, &options).await.unwrap().crs.unwrap().how, "detected");
}

#[tokio::test]
async fn a_geodatabase_is_a_folder_and_a_folder_of_several_is_asked_about() {
    let dir = folder();
    let it = TestApp::with(any_layers(dir.path())).await;
    let two = folder();
    write(two.path(), "a.geojson", town("a"));
    write(two.path(), "b.geojson", town("b"));
    let question = asked(&it, &Options::new(two.path(), "any_polygon")).await;
    assert_eq!(question.choices, ["a.geojson", "b.geojson"]);
    let empty = folder();
    assert!(refused(&it, empty.path(), "any_polygon").await.contains("no file"));
    let gdb = folder();
    let path = gdb.path().join("a.gdb");
    fs::create_dir(&path).unwrap();
    write(&path, "a00000001.gdbtable", "no table");
    assert!(refused(&it, &path, "any_polygon").await.contains("a.gdb"));
}

#[tokio::test]
async fn what_is_too_large_is_bounded() {
    let dir = folder();
    let it = TestApp::with(any_layers(dir.path())).await;
    let circle = |vertices: u32| {
        let points: Vec<String> = (0..=vertices)
            .map(|at| {
                let angle = f64::from(at % vertices) / f64::from(vertices) * std::f64::consts::TAU;
                format!("[{:.9},{:.9}]", 121.3 + 0.1 * angle.cos(), 31.3 + 0.1 * angle.sin())
            })
            .collect();
        format!(
            r#"{{"type":"Feature","properties":{{"name":"a"}},"geometry":{{"type":"Polygon","coordinates":[[{}]]}}}}"#,
            points.join(",")
        )
    };
    let file = write(dir.path(), "many.geojson", circle(100_000));
    let started = Instant::now();
    assert_eq!(imported(&it, &file, "any_polygon").await.rows.written, 1);
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
    let file = write(dir.path(), "more.geojson", circle(1_000_100));
    let report = imported(&it, &file, "any_line").await;
    assert!(group(&report, "geometry_too_large").examples[0].message.contains("1000000"));
    let long = format!("信用代码,单位名称\n91512081MA62K0260E,{}\n", "长".repeat(1_000_000));
    let report = imported(&it, &write(dir.path(), "long.csv", long), "enterprises").await;
    assert!(group(&report, "value").examples[0].message.contains("100000"));
    assert_eq!(number(&it, "select count(*) from mutu.enterprise").await, 0);
}
