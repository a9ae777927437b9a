//! The rules of the house that a compiler does not know.

use std::fs;
use std::path::Path;
use std::path::PathBuf;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn files(dir: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, extension, found);
        } else if path.extension().is_some_and(|it| it == extension) {
            found.push(path);
        }
    }
}

fn sources(module: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let single = root().join(format!("src/{module}.rs"));
    if single.exists() {
        found.push(single);
    }
    files(&root().join(format!("src/{module}")), "rs", &mut found);
    found
}

fn modules() -> Vec<String> {
    let lib = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    lib.lines()
        .filter_map(|it| Some(it.strip_prefix("pub mod ")?.strip_suffix(';')?.to_owned()))
        .collect()
}

/// What a file of `module` may not contain, given the modules below it.
fn reaches_down(text: &str, below: &[String]) -> Option<String> {
    if text.contains("use crate::{") {
        return Some("one path per `use`".to_owned());
    }
    below
        .iter()
        .find(|it| text.contains(&format!("crate::{it}::")))
        .map(|it| format!("reaches down to {it}"))
}

#[test]
fn modules_use_only_those_above_them_in_lib_rs() {
    let order = modules();
    assert!(order.len() > 10, "{order:?}");
    for (rank, module) in order.iter().enumerate() {
        let sources = sources(module);
        assert!(!sources.is_empty(), "no source of {module}");
        for path in sources {
            let text = fs::read_to_string(&path).unwrap();
            if let Some(what) = reaches_down(&text, &order[rank + 1..]) {
                panic!("{}: {what}", path.display());
            }
        }
    }
}

#[test]
fn a_violation_of_the_order_is_found() {
    let below = ["http".to_owned()];
    assert!(reaches_down("use crate::http::router;", &below).is_some());
    assert!(reaches_down("use crate::{db, http};", &below).is_some());
    assert!(reaches_down("use crate::db::Db;", &below).is_none());
}

/// Where a library may be named: the rest of the tree stays free of it.
const FENCES: [(&str, &[&str]); 4] = [
    ("axum::", &["http/", "error.rs", "extract.rs", "extract/", "routes.rs", "ogc/", "export/"]),
    ("openidconnect::", &["account/oidc/provider.rs"]),
    ("gdal::", &["ingest/", "export/", "sample/", "crs/"]),
    (
        "sqlx::",
        &[
            "db/",
            "error.rs",
            "queries.rs",
            "queries/",
            "app.rs",
            "catalog/sync.rs",
            "catalog/grants.rs",
            "ingest/",
            "tile/mod.rs",
            "health.rs",
            "evaluation/",
            "export/",
        ],
    ),
];

#[test]
fn libraries_stay_behind_their_fences() {
    for module in modules() {
        for path in sources(&module) {
            let name = path.strip_prefix(root().join("src")).unwrap().display().to_string();
            let text = fs::read_to_string(&path).unwrap();
            for (library, allowed) in FENCES {
                let uses = text
                    .lines()
                    .filter(|it| !it.trim_start().starts_with("//") && !it.contains("FromRow"))
                    .any(|it| {
                        it.contains(&format!("use {library}"))
                            || it.contains(&format!(" {library}")) && !it.contains("//")
                    });
                assert!(
                    !uses || allowed.iter().any(|it| name.contains(it)),
                    "{name} may not use {library}"
                );
            }
        }
    }
}

#[test]
fn contributions_of_single_enterprises_are_read_to_decide_on_sums_and_for_nothing_else() {
    let mut readers = Vec::new();
    for module in modules() {
        for path in sources(&module) {
            if fs::read_to_string(&path).unwrap().contains("read_for_disclosure(") {
                readers.push(path.strip_prefix(root().join("src")).unwrap().display().to_string());
            }
        }
    }
    readers.sort();
    assert_eq!(readers, ["db/mod.rs", "stats/published.rs"]);
}

#[test]
fn files_stay_readable() {
    for module in modules() {
        for path in sources(&module) {
            let lines = fs::read_to_string(&path).unwrap().lines().count();
            assert!(lines <= 500, "{} has {lines} lines: split it by noun", path.display());
        }
    }
}

#[test]
fn the_web_map_names_no_layer() {
    let ids: Vec<String> = fs::read_dir(root().join("layers"))
        .unwrap()
        .map(|it| it.unwrap().path())
        .filter(|it| it.is_dir())
        .map(|it| it.file_name().unwrap().to_string_lossy().into_owned())
        // A path of the API, not a layer: /api/v1/parcels/{parcel_code}.
        .filter(|it| it != "parcels")
        .collect();
    let mut found = Vec::new();
    for extension in ["ts", "tsx"] {
        files(&root().join("web-map/src"), extension, &mut found);
    }
    for path in found {
        let text = fs::read_to_string(&path).unwrap();
        if path.to_string_lossy().contains(".test.") {
            continue;
        }
        for id in &ids {
            for quote in ['\'', '"', '`'] {
                let named = format!("{quote}{id}{quote}");
                assert!(!text.contains(&named), "{} names the layer {id}", path.display());
            }
        }
    }
}

#[test]
fn every_module_says_what_lives_there() {
    for module in modules() {
        for path in sources(&module) {
            let text = fs::read_to_string(&path).unwrap();
            assert!(
                text.starts_with("//!"),
                "{} does not open with what lives there",
                path.display()
            );
        }
    }
}

#[test]
fn the_repository_names_no_machine() {
    let mut found = Vec::new();
    for (dir, extension) in [
        ("src", "rs"),
        ("tests", "rs"),
        ("docs", "md"),
        ("scripts", ""),
        ("layers", "toml"),
        ("web-map/src", "ts"),
    ] {
        files(&root().join(dir), extension, &mut found);
    }
    found.push(root().join("README.md"));
    let forbidden = [["/wo", "rk/"].concat(), ["/ro", "ot/"].concat(), ["/ho", "me/"].concat()];
    for path in found {
        let Ok(text) = fs::read_to_string(&path) else { continue };
        for it in &forbidden {
            assert!(!text.contains(it.as_str()), "{} names {it}", path.display());
        }
    }
}
