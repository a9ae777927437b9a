//! Every layer folder, found by walking `layers/`: it parses, its check features go through import (or evaluation) and come
//! out in tiles, its fields and style can be shown. And the promise that a new folder needs no Rust.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

use mutu::access::Scope;
use mutu::evaluation;
use mutu::ingest;
use mutu::judgement::measures::MEASURES;
use mutu::layer::Geometry;
use mutu::layer::Kind;
use mutu::layer::Layer;
use mutu::layer::Layers;
use mutu::layer::map_style;
use mutu::tile;
use mutu::tile::Address;
use serde_json::Value;

use crate::support::TestApp;

type Outcome = Result<(), String>;

fn ensure(so: bool, what: impl FnOnce() -> String) -> Outcome {
    if so { Ok(()) } else { Err(what()) }
}

fn folders() -> Vec<PathBuf> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("layers");
    let mut found: Vec<PathBuf> =
        fs::read_dir(dir).unwrap().map(|it| it.unwrap().path()).filter(|it| it.is_dir()).collect();
    found.sort();
    found
}

async fn import(it: &TestApp, file: &Path, into: &str) -> Result<ingest::Report, String> {
    let options = ingest::Options::new(file, into);
    let report = ingest::import(&it.app, &Scope::console(), &options, &mut |_, _| {}).await;
    let report = report.map_err(|error| format!("{}: {error:#}", file.display()))?;
    ensure(report.rows.rejected == 0, || format!("rejected rows: {:?}", report.issues))?;
    Ok(report)
}

/// The features of a check file.
fn features(folder: &Path) -> Vec<Value> {
    let text = fs::read_to_string(folder.join("check.geojson")).unwrap();
    let collection: Value = serde_json::from_str(&text).unwrap();
    collection["features"].as_array().unwrap().clone()
}

#[tokio::test]
async fn every_folder_keeps_its_promises() {
    let mut failures = Vec::new();
    let shared = TestApp::new().await;
    for folder in folders() {
        let id = folder.file_name().unwrap().to_str().unwrap();
        let outcome = match shared.app.layers.find(id) {
            // A table that the service writes itself; `access` tests it.
            Some(layer) if layer.geometry == Geometry::None => Ok(()),
            // Parcels of its own, which the others' are not to be judged with.
            Some(layer) if layer.kind == Kind::Derived => {
                let own = TestApp::new().await;
                let outcome = one_folder(&own, layer, &folder).await;
                own.app.close().await.unwrap();
                outcome
            }
            Some(layer) => one_folder(&shared, layer, &folder).await,
            None => Err("is not loaded".to_owned()),
        };
        if let Err(what) = outcome {
            failures.push(format!("layers/{id}: {what}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

async fn one_folder(it: &TestApp, layer: &Layer, folder: &Path) -> Outcome {
    let count = features(folder).len();
    ensure((5..=20).contains(&count), || format!("check.geojson has {count} features"))?;
    if layer.kind == Kind::Derived {
        derived(it, layer, folder).await?;
    } else if layer.field.values().all(|it| it.computed) {
        written_here(it, layer, folder).await?;
    } else {
        let report = import(it, &folder.join("check.geojson"), &layer.id).await?;
        let bow_tie = layer.geometry != Geometry::Polygon || report.rows.repaired > 0;
        ensure(bow_tie, || "no polygon had to be repaired".to_owned())?;
        ensure(report.extra.is_empty(), || format!("headers no field takes: {:?}", report.extra))?;
    }
    let relation = layer.relation();
    let sql = format!(
        "select n, array[st_xmin(b), st_ymin(b), st_xmax(b), st_ymax(b)]
         from (select count(*), st_extent(geom) from {relation} t) as it (n, b)"
    );
    let (rows, extent): (i64, Vec<f64>) = sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .fetch_one(it.app.db.owner())
        .await
        .map_err(|it| it.to_string())?;
    // The rows of an assembly are what is expected to lie together.
    let expected = if layer.assembly.is_some() { pieces(folder).len() } else { count };
    ensure(usize::try_from(rows) == Ok(expected), || {
        format!("{rows} rows of {expected} expected")
    })?;
    drawn(it, layer, &extent).await?;
    shown(layer)
}

/// A register that the service writes itself takes no import; its features go into its table.
async fn written_here(it: &TestApp, layer: &Layer, folder: &Path) -> Outcome {
    let options = ingest::Options::new(folder.join("check.geojson"), &layer.id);
    let refused = ingest::import(&it.app, &Scope::console(), &options, &mut |_, _| {}).await;
    ensure(refused.is_err(), || "was imported into".to_owned())?;
    it.sql("insert into mutu.reuse_list (name, kind, year, code_prefix, created_by) values ('a', 'renewal', 2026, 'QX', 'x')")
        .await;
    let text = fs::read_to_string(folder.join("check.geojson")).unwrap();
    sqlx::query(
        "insert into mutu.reuse_case
             (reuse_case_id, list_id, case_code, year, parcel_id, parcel_code, responsible_unit, state, held, path, area_mu,
              disposed_mu, counted_mu, area_geom_m2, geom, recorded_by)
         select n, 1, p ->> 'case_code', 2026, n, p ->> 'parcel_code', p ->> 'responsible_unit', p ->> 'state',
                (p ->> 'held')::boolean, p ->> 'path', (p ->> 'area_mu')::numeric, (p ->> 'disposed_mu')::numeric,
                (p ->> 'counted_mu')::numeric, st_area(g::geography), g, 'x'
         from jsonb_array_elements($1::text::jsonb -> 'features') with ordinality as f (it, n),
              lateral (select it -> 'properties', st_setsrid(st_multi(st_geomfromgeojson(it -> 'geometry')), 4490)) v (p, g)",
    )
    .bind(text)
    .execute(it.app.db.owner())
    .await
    .map_err(|it| it.to_string())?;
    Ok(())
}

/// A tile at the layer's last zoom is not empty, and names the layer.
async fn drawn(it: &TestApp, layer: &Layer, extent: &[f64]) -> Outcome {
    let z = layer.zooms.max;
    let side = f64::from(1_u32 << z);
    let column = |lon: f64| ((lon + 180.0) / 360.0 * side) as u32;
    let row = |lat: f64| {
        let lat = lat.to_radians();
        ((1.0 - (lat.tan() + 1.0 / lat.cos()).ln() / std::f64::consts::PI) / 2.0 * side) as u32
    };
    for x in column(extent[0])..=column(extent[2]) {
        for y in row(extent[3])..=row(extent[1]) {
            let address = Address::new(z, x, y).map_err(|it| it.to_string())?;
            let request = tile::Request { layer, address, revision: 0, filter: None };
            let tile = request.tile(&it.app, &Scope::console()).await;
            let bytes = tile.map_err(|it| format!("tile {z}/{x}/{y}: {it:?}"))?;
            if bytes.windows(layer.id.len()).any(|it| it == layer.id.as_bytes()) {
                return Ok(());
            }
        }
    }
    Err("no tile has anything".to_owned())
}

/// What people see of it has words in both languages, and its style is whole.
fn shown(layer: &Layer) -> Outcome {
    for (name, field) in layer.field.iter().filter(|(_, it)| it.popup) {
        ensure(!field.title.zh.is_empty() && !field.title.en.is_empty(), || {
            format!("field {name} has no title in one language")
        })?;
        ensure(!field.title.zh.is_ascii(), || {
            format!("field {name}: {} is not Chinese", field.title.zh)
        })?;
    }
    ensure(layer.field.values().any(|it| it.popup), || "nothing is shown in a popup".to_owned())?;
    ensure(!layer.style.is_empty(), || "no style".to_owned())?;
    let style = serde_json::to_string(&layer.style).unwrap();
    ensure(!style.contains("$legend"), || "the style still says $legend".to_owned())?;
    for drawn in &layer.style {
        let id = drawn["id"].as_str().unwrap_or_default();
        ensure(id.starts_with(&layer.id), || format!("style layer `{id}` has no prefix"))?;
    }
    Ok(())
}

/// The codes of the check features that are expected to lie together.
fn pieces(folder: &Path) -> BTreeSet<String> {
    let mut pieces: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for feature in features(folder) {
        let properties = &feature["properties"];
        if let Some(piece) = properties["期望连片"].as_str() {
            let code = properties["宗地代码"].as_str().unwrap().to_owned();
            pieces.entry(piece.to_owned()).or_default().push(code);
        }
    }
    pieces.into_values().map(|codes| codes.join(",")).collect()
}

/// The layers that must be there before a derived one can be worked out.
fn stages(layer: &Layer) -> BTreeSet<&str> {
    let classes = layer.overlay.iter().flat_map(|it| &it.classes).map(|it| it.layer.as_str());
    let plans = layer.conformity.iter().flat_map(|it| it.layers());
    let barriers = layer.assembly.iter().flat_map(|it| &it.barriers).map(String::as_str);
    classes.chain(plans).chain(barriers).collect()
}

/// The check features of a derived layer are parcels, and say what must come out.
async fn derived(it: &TestApp, layer: &Layer, folder: &Path) -> Outcome {
    for stage in stages(layer) {
        import(it, &folder.with_file_name(stage).join("check.geojson"), stage).await?;
    }
    import(it, &folder.join("check.geojson"), "parcels").await?;
    let features = features(folder);
    let dir = tempfile::tempdir().unwrap();
    let figures = dir.path().join("figures.csv");
    if let Some(text) = yearly(&features) {
        fs::write(&figures, text).unwrap();
        import(it, &figures, "parcel_years").await?;
    }
    let options = evaluation::Options { year: 2025, ruleset: None };
    evaluation::evaluate(&it.app, &Scope::console(), &options, &mut |_| {})
        .await
        .map_err(|error| format!("{error:#}"))?;
    if layer.assembly.is_some() {
        let sql = format!("select members from {} t order by rank", layer.relation());
        let found: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
            .fetch_all(it.app.db.owner())
            .await
            .map_err(|error| error.to_string())?;
        let found: BTreeSet<String> = found.into_iter().collect();
        return ensure(found == pieces(folder), || format!("together are {found:?}"));
    }
    let mut wrong = Vec::new();
    for feature in &features {
        let properties = &feature["properties"];
        let code = properties["宗地代码"].as_str().unwrap();
        let sql = format!(
            "select to_jsonb(t) - 'geom' from {} t where parcel_code = $1",
            layer.relation()
        );
        let row: Value = sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
            .bind(code)
            .fetch_one(it.app.db.owner())
            .await
            .map_err(|error| format!("{code}: {error}"))?;
        for (expected, field) in [
            ("期望分类", "block_class"),
            ("期望跨界", "straddle"),
            ("期望档位", "yield_band"),
            ("期望判定", "verdict"),
            ("期望符合性", "outcome"),
            ("期望条款", "broken"),
            ("期望待核实", "undecided"),
        ] {
            let Some(expected) = properties.get(expected) else { continue };
            if row.get(field) != Some(expected) {
                wrong.push(format!("{code}: {field} is {:?}, expected {expected}", row.get(field)));
            }
        }
        if let Some(expected) = properties.get("期望规则") {
            let rules = |it: &Value| -> BTreeSet<String> {
                it.as_str()
                    .unwrap_or_default()
                    .split(',')
                    .filter(|it| !it.is_empty())
                    .map(ToOwned::to_owned)
                    .collect()
            };
            if rules(&row["reasons"]) != rules(expected) {
                wrong.push(format!("{code}: reasons {}, expected {expected}", row["reasons"]));
            }
        }
    }
    ensure(wrong.is_empty(), || wrong.join("\n  "))
}

/// The yearly figures of parcels that have any, as a file for `parcel_years`.
fn yearly(features: &[Value]) -> Option<String> {
    let years = [(2025, "税收(万元)"), (2024, "上年税收(万元)"), (2023, "前年税收(万元)")];
    let mut text = "宗地代码,年份,税收(万元),产值(万元)\n".to_owned();
    let mut any = false;
    for feature in features {
        let properties = &feature["properties"];
        for (year, name) in years {
            let Some(tax) = properties.get(name) else { continue };
            let output = properties.get("产值(万元)").filter(|_| year == 2025);
            let shown = |it: Option<&Value>| {
                it.filter(|it| !it.is_null()).map(Value::to_string).unwrap_or_default()
            };
            let code = properties["宗地代码"].as_str().unwrap();
            any = true;
            text.push_str(&format!("{code},{year},{},{}\n", shown(Some(tax)), shown(output)));
        }
    }
    any.then_some(text)
}

#[test]
fn every_rule_set_and_scheme_can_be_read() {
    let layers = Layers::load(None).unwrap();
    evaluation::check_rules(&layers).unwrap();
    let count = |it: fn(&Layer) -> usize| -> usize { layers.layers.values().map(it).sum() };
    let (rules, schemes) = (count(|it| it.rules.len()), count(|it| it.schemes.len()));
    let on_disk = |sub: &str| -> usize {
        let dirs = folders().into_iter().map(|it| it.join(sub));
        dirs.filter_map(|it| fs::read_dir(it).ok()).map(Iterator::count).sum()
    };
    assert_eq!((rules, schemes), (on_disk("rules"), on_disk("schemes")), "all are loaded");
}

/// A folder that publishes one measure to everybody is accepted exactly when the measure is open.
#[test]
fn only_open_measures_can_be_public() {
    let mut wrong = BTreeMap::new();
    for measure in MEASURES {
        let toml = format!(
            r##"
            kind = "derived"
            group = "land"
            role = "overlay"
            title = {{ zh = "试", en = "Try" }}
            about = {{ zh = "试", en = "Try" }}
            geometry = "polygon"
            draw = "area"
            zooms = {{ min = 9, max = 16 }}
            key = "parcel_code"
            [field.parcel_code]
            title = {{ zh = "宗地代码", en = "Parcel code" }}
            type = "text"
            column = "parcel.parcel_code"
            tile = true
            popup = true
            [field.figure]
            title = {{ zh = "数", en = "Figure" }}
            type = "decimal"
            column = "measure.{}"
            [[legend]]
            label = {{ zh = "试", en = "Try" }}
            color = "#112233"
            "##,
            measure.name
        );
        let style = r##"[{"id": "fill", "type": "fill", "paint": {"fill-color": "#112233"}}]"##;
        let folder = mutu::layer::Folder {
            id: "probe".to_owned(),
            shown: "probe".to_owned(),
            files: [("layer.toml", toml.as_str()), ("style.json", style)]
                .map(|(name, text)| (name.to_owned(), text.to_owned()))
                .into(),
        };
        let groups = "[group.land]\nzh = \"地\"\nen = \"Land\"\n";
        let loaded = Layers::from_folders(vec![folder], groups);
        if loaded.is_ok() == measure.confidential {
            wrong.insert(measure.name, loaded.err().map(|it| format!("{it:#}")));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The whole style of all layers, which the web map's tests hold to MapLibre's own specification.
#[test]
fn the_committed_style_is_current() {
    let layers = Layers::load(None).unwrap();
    let mut drawn: Vec<&Layer> =
        layers.layers.values().filter(|it| it.geometry != Geometry::None).collect();
    drawn.sort_by_key(|it| it.stacking());
    let site = "https://land.example";
    let sprite = format!("{site}/sprites/mutu");
    let style = map_style("one-map", &drawn, &Scope::console(), &sprite, |it| {
        format!("{site}/tiles/{}/{{z}}/{{x}}/{{y}}?v=1", it.id)
    });
    let text = serde_json::to_string_pretty(&style).unwrap() + "\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/style.json");
    if std::env::var_os("MUTU_BLESS").is_some() {
        fs::write(&path, &text).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == text,
        "docs/style.json is old: MUTU_BLESS=1 cargo test --test it committed_style"
    );
}
