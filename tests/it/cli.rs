//! What people do wrong at the console: each mistake is a sentence in both languages on stderr and exit code 1 (2 for a
//! command that does not exist), and leaves the database as it was. The real binary.

use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

use sqlx::Connection;
use sqlx::PgConnection;

use crate::support::Ran;
use crate::support::Up;
use crate::support::fresh_database_url;
use crate::support::missing;
use crate::support::mutu;
use crate::support::run;

/// A folder of files and a database of its own.
struct Desk {
    dir: tempfile::TempDir,
    url: String,
}

impl Desk {
    async fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap(), url: fresh_database_url().await }
    }

    fn file(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    fn mutu(&self, args: &[&str]) -> Ran {
        run(mutu().args(args).current_dir(self.dir.path()).env("DATABASE_URL", &self.url))
    }

    fn import(&self, file: &Path, into: &str, more: &[&str]) -> Ran {
        let file = file.display().to_string();
        self.mutu(&[&["import", file.as_str(), "--into", into], more].concat())
    }

    /// The service on this database, with layer folders of the test's own.
    fn serve(&self, layers: &str) -> Up {
        let mut command = mutu();
        command.args(["serve", "--listen", "127.0.0.1:0", "--layers", layers]);
        Up::spawn(command.current_dir(self.dir.path()).env("DATABASE_URL", &self.url))
    }

    /// Rows, batches and revisions: what a refused import may not touch.
    async fn state(&self) -> String {
        self.text(
            "select concat_ws(' ',
                 (select count(*) from mutu.parcel), (select count(*) from mutu.import_batch),
                 (select count(*) from layer.basic_farmland),
                 (select string_agg(layer || revision, ',' order by layer) from mutu.layer_revision))",
        )
        .await
    }

    async fn text(&self, sql: &'static str) -> String {
        let mut db = PgConnection::connect(&self.url).await.unwrap();
        let text: String = sqlx::query_scalar(sql).fetch_one(&mut db).await.unwrap();
        db.close().await.unwrap();
        text
    }
}

/// Squares of 100 m at Jiading, one for each code, with an area in 亩.
fn squares(rows: &[(&str, &str)]) -> String {
    let features: Vec<String> = rows
        .iter()
        .enumerate()
        .map(|(n, (code, area))| {
            let west = 121.25 + n as f64 * 0.002;
            square(west, 31.38, &format!("\"宗地代码\": \"{code}\", \"证载面积(亩)\": {area}"))
        })
        .collect();
    collection(&features)
}

fn square(west: f64, south: f64, properties: &str) -> String {
    let (east, north) = (west + 0.001, south + 0.001);
    format!(
        r#"{{"type": "Feature", "properties": {{{properties}}}, "geometry": {{"type": "Polygon", "coordinates":
        [[[{west},{south}],[{east},{south}],[{east},{north}],[{west},{north}],[{west},{south}]]]}}}}"#
    )
}

fn collection(features: &[String]) -> String {
    format!(r#"{{"type": "FeatureCollection", "features": [{}]}}"#, features.join(","))
}

#[tokio::test]
async fn an_import_that_cannot_be_says_why_and_changes_nothing() {
    let desk = Desk::new().await;
    let good = desk.file("good.geojson", squares(&[("A", "15"), ("B", "16")]));
    desk.import(&good, "parcels", &[]).done();
    let before = desk.state().await;

    desk.import(&desk.dir.path().join("none.gpkg"), "parcels", &[])
        .refused(&["文件不存在", "none.gpkg"]);
    let letter = desk.file("letter.txt", "Dear colleagues, please find attached nothing.");
    desk.import(&letter, "parcels", &[]).refused(&["letter.txt"]);
    let broken = desk.file("broken.gpkg", "not sqlite at all");
    desk.import(&broken, "parcels", &[]).refused(&["broken.gpkg"]);
    let truncated = desk.file("cut.geojson", &squares(&[("C", "1")])[..120]);
    desk.import(&truncated, "parcels", &[]).refused(&["cut.geojson"]);
    let empty = desk.file("empty.geojson", collection(&[]));
    desk.import(&empty, "parcels", &[]).refused(&["`empty`", "has no features"]);
    let nothing = desk.file("nothing.csv", "");
    desk.import(&nothing, "enterprises", &[]).refused(&["nothing.csv"]);
    desk.import(desk.dir.path(), "parcels", &[]).refused(&["several data sets"]);
    desk.import(&good, "parcel", &[])
        .refused(&["no layer or table `parcel`", "did you mean `parcels`?"]);
    desk.import(&good, "block_class", &[]).refused(&["mutu evaluate"]);
    desk.import(&good, "enterprises", &[]).refused(&["uscc"]);
    let other = desk.file("other.geojson", squares(&[("A", "25"), ("B", "26")]));
    desk.import(&other, "parcels", &[]).refused(&["A, B", "--replace"]);
    desk.import(&good, "parcels", &["--encoding", "klingon"]).refused(&["klingon", "GB18030"]);
    desk.import(&good, "parcels", &["--source-crs", "EPSG:1"]).refused(&["EPSG:1"]);
    desk.import(&good, "parcels", &["--mapping", "none.toml"]).refused(&["none.toml"]);

    // No reference system beside the shapefile's coordinates in metres.
    let shp = desk.dir.path().join("plane.shp");
    let made = Command::new("ogr2ogr").args(["-t_srs", "EPSG:4549"]).arg(&shp).arg(&good).output();
    if made.is_ok_and(|it| it.status.success()) {
        fs::remove_file(shp.with_extension("prj")).unwrap();
        desk.import(&shp, "parcels", &[]).refused(&["no coordinate system", "--source-crs EPSG:"]);
    } else {
        missing("ogr2ogr (gdal-bin)");
    }
    assert_eq!(desk.state().await, before);
}

#[tokio::test]
async fn an_import_is_looked_at_listed_and_taken_back() {
    let desk = Desk::new().await;
    let first = desk.file("first.geojson", squares(&[("A", "15"), ("B", "16")]));
    desk.import(&first, "parcels", &[]).done();
    let second = desk.file("second.geojson", squares(&[("A", "15"), ("B", "18"), ("C", "1")]));
    let looked = desk.import(&second, "parcels", &["--dry-run"]);
    for said in ["变更 changed 1", "B（第 2 行 / row 2）", "area_registered_mu 16 → 18"] {
        assert!(looked.done().out.contains(said), "{said}: {}", looked.out);
    }
    desk.import(&second, "parcels", &["--replace"]).done();
    let listed = desk.mutu(&["imports", "list"]);
    let lines: Vec<&str> = listed.done().out.lines().collect();
    assert_eq!(lines.len(), 2, "{}", listed.out);
    assert!(lines[0].contains("second.geojson") && lines[0].contains("已应用"), "{}", lines[0]);

    let [newer, older] = [0, 1].map(|nth| lines[nth].split_whitespace().next().unwrap());
    desk.mutu(&["imports", "undo", older]).refused(&["take that back first"]);
    let undone = desk.mutu(&["imports", "undo", newer]);
    assert!(undone.done().out.contains("2 rows ended, 1 are back"), "{}", undone.out);
    desk.mutu(&["imports", "undo", newer]).refused(&["undone already"]);
    let codes = "select string_agg(concat_ws(' ', parcel_code, area_registered_mu), ',' order by parcel_code) from mutu.parcel_current";
    assert_eq!(desk.text(codes).await, "A 15,B 16");
}

#[tokio::test]
async fn a_bad_row_is_named_with_column_and_value() {
    let desk = Desk::new().await;
    let file = desk.file("mixed.geojson", squares(&[("A", "15"), ("B", "\"十五\"")]));
    let ran = desk.import(&file, "parcels", &[]);
    let said = format!("{}{}", ran.done().out, ran.err);
    assert!(
        said.contains("十五") && said.contains("area_registered_m2") && said.contains('2'),
        "{said}"
    );
    let only = desk.file("only.geojson", squares(&[("C", "\"十五\"")]));
    let before = desk.state().await;
    let ran = desk.import(&only, "parcels", &["--report", "report.json"]);
    ran.refused(&["every row was rejected"]);
    assert!(ran.out.contains("十五"), "{ran:?}");
    let report: serde_json::Value =
        serde_json::from_slice(&fs::read(desk.dir.path().join("report.json")).unwrap()).unwrap();
    let issue = &report["issues"][0]["examples"][0];
    assert_eq!(
        (issue["row"].as_u64(), issue["value"].as_str()),
        (Some(1), Some("十五")),
        "{issue}"
    );
    assert_eq!(desk.state().await, before);
    // A dry run reports all the same and keeps nothing.
    let other = desk.file("other.geojson", squares(&[("D", "3")]));
    desk.import(&other, "parcels", &["--dry-run"]).done();
    assert_eq!(desk.state().await, before);
}

#[tokio::test]
async fn codes_that_are_there_are_replaced_and_never_doubled() {
    let desk = Desk::new().await;
    let first = desk.file("first.geojson", squares(&[("A", "15"), ("B", "16")]));
    desk.import(&first, "parcels", &[]).done();
    let second = desk.file("second.geojson", squares(&[("A", "17"), ("B", "16"), ("C", "18")]));
    desk.import(&second, "parcels", &[]).refused(&["--replace"]);
    desk.import(&second, "parcels", &["--replace"]).done();
    let now = desk
        .text(
            "select string_agg(parcel_code || ' ' || trim_scale(area_registered_mu), ', ' order by parcel_code) || ' of ' ||
                 (select count(*) from mutu.parcel) from mutu.parcel_current",
        )
        .await;
    assert_eq!(now, "A 17, B 16, C 18 of 4", "one superseded version of A");
    desk.import(&second, "parcels", &["--replace"]).done();
    let rows = desk.text("select count(*)::text from mutu.parcel").await;
    assert_eq!(rows, "4", "nothing changed, nothing is written");
    let far = desk.file(
        "far.geojson",
        collection(&[square(2.35, 48.85, "\"宗地代码\": \"P\", \"证载面积(亩)\": 1")]),
    );
    let ran = desk.import(&far, "parcels", &[]);
    assert!(ran.done().out.contains("outside the district"), "{ran:?}");
}

#[test]
fn a_command_that_is_none_exits_with_2() {
    for args in [
        &["fly"][..],
        &[],
        &["import"],
        &["import", "x.shp"],
        &["up", "--listen", "nowhere"],
        &["up", "--parcels", "300"],
        &["up", "--demo", "--parcels", "7"],
        &["evaluate", "--year", "soon"],
        &["export"],
    ] {
        let ran = run(mutu().args(args));
        assert_eq!(ran.code, Some(2), "{args:?}: {ran:?}");
        assert!(ran.err.contains("Usage") || ran.err.contains("--help"), "{args:?}: {ran:?}");
    }
    assert_eq!(run(mutu().arg("--version")).code, Some(0));
}

#[tokio::test]
async fn other_commands_say_what_is_wrong() {
    let desk = Desk::new().await;
    desk.mutu(&["evaluate", "--year", "2025"]).refused(&["mutu import"]);
    desk.mutu(&["export", "parcel", "--format", "csv", "--out", "x.csv"])
        .refused(&["did you mean `parcels`?"]);
    let ran = desk.mutu(&["export", "parcels", "--format", "doc", "--out", "x.doc"]);
    assert_ne!(ran.code, Some(0), "{ran:?}");
    desk.mutu(&["export", "parcels", "--format", "csv", "--out", "x.csv", "--filter", "far ="])
        .refused(&["filter"]);
    desk.mutu(&["export", "parcels", "--format", "csv", "--out", "/proc/none/x.csv"])
        .refused(&["/proc/none"]);
    desk.mutu(&["user", "add", "li", "--role", "king"]).code.filter(|it| *it == 2).unwrap();
    desk.mutu(&["token", "create", "nobody"]).code.filter(|it| *it != 0).unwrap();
    desk.mutu(&["user", "list", "--config", "none.toml"]).refused(&["none.toml"]);
    let config = desk.file("mutu.toml", "titel = 1\n");
    desk.mutu(&["user", "list", "--config", config.to_str().unwrap()])
        .refused(&["titel", "mutu.toml"]);
    desk.mutu(&["user", "list", "--layers", "nowhere"]).refused(&["nowhere"]);
}

const FLOOD_ZONES: &str = r##"
kind     = "reference"
group    = "hazard"
role     = "overlay"
title    = { zh = "洪涝风险区", en = "Flood zones" }
about    = { zh = "按重现期划定的洪涝风险区。", en = "Zones by the return period of a flood." }
geometry = "polygon"
draw     = "area"
zooms    = { min = 8, max = 14 }
key      = "code"

[field.code]
title    = { zh = "编号", en = "Code" }
type     = "text"
required = true
tile     = true
popup    = true

[field.years]
title   = { zh = "重现期", en = "Return period" }
type    = "integer"
unit    = "years"
aliases = ["CXQ"]
tile    = true
popup   = true

[[legend]]
label = { zh = "洪涝风险区", en = "Flood zone" }
color = "#4477aa"
"##;

const FLOOD_STYLE: &str = r##"[{"id": "fill", "type": "fill", "paint": {"fill-color": "#4477aa", "fill-opacity": 0.4}}]"##;

#[tokio::test]
async fn a_new_folder_is_a_new_layer_with_no_rust() {
    let desk = Desk::new().await;
    desk.file("own/flood_zones/layer.toml", FLOOD_ZONES);
    desk.file("own/flood_zones/style.json", FLOOD_STYLE);
    desk.file("own/flood_zones/check.geojson", collection(&[]));
    let groups = Path::new(env!("CARGO_MANIFEST_DIR")).join("layers/groups.toml");
    let groups = fs::read_to_string(groups).unwrap();
    desk.file(
        "own/groups.toml",
        format!("{groups}\n[group.hazard]\nzh = \"灾害\"\nen = \"Hazards\"\n"),
    );
    let listed = desk.mutu(&["layers", "check", "--layers", "own"]);
    assert!(
        listed.done().out.contains("flood_zones\tReference\t洪涝风险区 / Flood zones"),
        "{listed:?}"
    );

    let file = desk.file(
        "zones.geojson",
        collection(&[
            square(121.25, 31.38, "\"编号\": \"H1\", \"CXQ\": 20, \"深度\": \"1.5\""),
            square(121.26, 31.38, "\"编号\": \"H2\", \"CXQ\": null, \"深度\": \"0.5\""),
        ]),
    );
    let import =
        |more: &[&str]| desk.import(&file, "flood_zones", &[&["--layers", "own"], more].concat());
    import(&[]).done();
    desk.import(&file, "flood_zones", &[]).refused(&["flood_zones"]);

    let up = desk.serve("own");
    let tree: serde_json::Value = up.json("/api/v1/layers");
    let groups: Vec<&str> =
        tree["groups"].as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap()).collect();
    assert!(groups.contains(&"hazard"), "{groups:?}");
    let entry = entry(&tree);
    assert_eq!(
        (entry["group"].as_str(), entry["data"]["count"].as_i64()),
        (Some("hazard"), Some(2))
    );
    assert_eq!(entry["style"][0]["id"], "flood_zones-fill");
    let items = up.json("/ogc/collections/flood_zones/items?years=20");
    assert_eq!(items["numberMatched"], 1, "{items}");
    assert_eq!(items["features"][0]["properties"]["code"], "H1");
    let tilejson = up.json("/tiles/flood_zones.json");
    assert_eq!(tilejson["vector_layers"][0]["fields"].as_object().unwrap().len(), 2, "{tilejson}");
    // 121.2505 E, 31.3805 N.
    assert_eq!(up.status("/tiles/flood_zones/14/13710/6686"), 200);
    assert_eq!(up.status("/tiles/flood_zones/14/0/0"), 204);
    drop(up);

    // A new field is a new column, which the next import fills.
    let depth = "\n[field.depth_m]\ntitle = { zh = \"深度\", en = \"Depth\" }\ntype = \"decimal\"\nunit = \"m\"\n";
    desk.file("own/flood_zones/layer.toml", format!("{FLOOD_ZONES}{depth}"));
    import(&["--replace"]).done();
    let depths = "select string_agg(depth_m::text, ' ' order by code) from layer.flood_zones where superseded_at is null";
    assert_eq!(desk.text(depths).await, "1.5 0.5");

    // A field that goes is no longer published; what it held stays.
    let without = FLOOD_ZONES.split("[field.years]").next().unwrap();
    let legend = FLOOD_ZONES.split_once("[[legend]]").unwrap().1;
    desk.file("own/flood_zones/layer.toml", format!("{without}{depth}\n[[legend]]{legend}"));
    let up = desk.serve("own");
    let items = up.json("/ogc/collections/flood_zones/items");
    let properties = items["features"][0]["properties"].as_object().unwrap();
    let names: Vec<&str> = properties.keys().map(String::as_str).collect();
    assert_eq!(names, ["code", "depth_m"]);
    drop(up);
    let years =
        "select string_agg(years::text, ' ') from layer.flood_zones where superseded_at is null";
    assert_eq!(desk.text(years).await, "20");

    // Another type is refused with the way out, and nothing has moved.
    let before = desk
        .text("select revision::text from mutu.layer_revision where layer = 'flood_zones'")
        .await;
    desk.file(
        "own/flood_zones/layer.toml",
        format!("{FLOOD_ZONES}{}", depth.replace("\"decimal\"\nunit = \"m\"", "\"date\"")),
    );
    desk.mutu(&["user", "list", "--layers", "own"]).refused(&[
        "flood_zones",
        "field.depth_m",
        "numeric",
        "date",
        "another name",
    ]);
    let after = desk
        .text("select revision::text from mutu.layer_revision where layer = 'flood_zones'")
        .await;
    assert_eq!(after, before);
}

fn entry(tree: &serde_json::Value) -> &serde_json::Value {
    tree["layers"].as_array().unwrap().iter().find(|it| it["id"] == "flood_zones").unwrap()
}

#[tokio::test]
async fn a_broken_folder_names_file_and_key() {
    let desk = Desk::new().await;
    let check = |toml: &str, style: &str, words: &[&str]| {
        desk.file("own/flood_zones/layer.toml", toml.replace("\"hazard\"", "\"land\""));
        desk.file("own/flood_zones/style.json", style);
        let ran = desk.mutu(&["layers", "check", "--layers", "own"]);
        ran.refused(&[&["flood_zones"], words].concat());
    };
    check(&FLOOD_ZONES.replace("zooms ", "zoms "), FLOOD_STYLE, &["layer.toml", "zoms"]);
    check(&FLOOD_ZONES.replace(", en = \"Code\"", ""), FLOOD_STYLE, &["layer.toml", "en", "title"]);
    check(
        &FLOOD_ZONES.replace("\"integer\"", "\"int\""),
        FLOOD_STYLE,
        &["layer.toml", "int", "integer"],
    );
    check(
        &FLOOD_ZONES.replace("key      = \"code\"", "key = \"cod\""),
        FLOOD_STYLE,
        &["key", "did you mean `code`?"],
    );
    check(FLOOD_ZONES, "[{", &["style.json"]);
    check(
        &FLOOD_ZONES.replace("group    = \"hazard\"", "group = \"lnd\""),
        FLOOD_STYLE,
        &["group", "lnd", "land"],
    );
    // A rule that names what is not there stops the start, not the first evaluation.
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("layers/low_efficiency");
    for name in ["layer.toml", "style.json", "rules/general-2025.toml"] {
        let text = fs::read_to_string(shipped.join(name)).unwrap();
        desk.file(&format!("rules/low_efficiency/{name}"), text.replace("far < :", "farr < :"));
    }
    for command in [&["layers", "check"][..], &["user", "list"]] {
        desk.mutu(&[command, &["--layers", "rules"]].concat())
            .refused(&["low_efficiency/rules/general-2025.toml", "did you mean `far`?"]);
    }
}

#[tokio::test]
async fn a_template_is_written_findings_are_files_and_what_was_stated_is_remembered() {
    let desk = Desk::new().await;
    desk.mutu(&["template", "occupancies"]).done();
    assert!(desk.dir.path().join("occupancies.xlsx").exists());
    desk.mutu(&["template", "occupancy"]).refused(&["`occupancies`"]);
    let file = desk.file("a.csv", "ML,FY,Paid\nA,2024,x\nB,2024,30000\n");
    let mapping = "[columns]\nparcel_code = \"ML\"\nyear = \"FY\"\ntax_wan = { header = \"Paid\", unit = \"元\" }\n";
    let mapping = desk.file("m.toml", mapping).display().to_string();
    let stated = ["--mapping", mapping.as_str(), "--issues", "found.xlsx"];
    desk.import(&file, "parcel_years", &[&stated[..], &["--dry-run"]].concat()).done();
    let book = desk.dir.path().join("found.xlsx");
    let mut book: calamine::Xlsx<_> = calamine::open_workbook(book).unwrap();
    let sheet = calamine::Reader::worksheet_range(&mut book, "问题").unwrap();
    assert!(sheet.rows().any(|it| it.iter().any(|cell| *cell == "Paid")));
    let wrong = desk.import(&file, "parcel_years", &["--issues", "found.txt"]);
    wrong.refused(&[".geojson"]);
    assert_eq!(desk.mutu(&["mapping", "list"]).out, "");
    desk.import(&file, "parcel_years", &stated).done();
    let listed = desk.mutu(&["mapping", "list"]).out;
    assert!(listed.contains("a.csv") && listed.contains("tax_wan"), "{listed}");
    let next = desk.file("b.csv", "ML,FY,Paid\nC,2024,20000\n");
    let ran = desk.import(&next, "parcel_years", &[]);
    assert!(ran.out.contains("--no-saved-mapping"), "{ran:?}");
    let number = listed.split('\t').next().unwrap();
    desk.mutu(&["mapping", "forget", number]).done();
    desk.mutu(&["mapping", "forget", number]).refused(&["no mapping"]);
}
