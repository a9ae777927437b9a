//! Reading layer folders: those shipped in the binary, then those of `--layers DIR`, which add to them or replace them by
//! id. Everything is checked before the first is used, and all findings are reported at once.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::Context;
use anyhow::bail;
use indexmap::IndexMap;
use rust_embed::RustEmbed;
use serde::Deserialize;
use sha2::Digest;
use sha2::Sha256;

use super::Declaration;
use super::Finding;
use super::Geometry;
use super::Labels;
use super::Layer;
use super::Layers;
use super::Text;
use super::check;
use super::style;

#[derive(RustEmbed)]
#[folder = "layers/"]
struct Shipped;

/// The files of one layer folder, by their path inside it.
#[derive(Clone, Debug)]
pub struct Folder {
    pub id: String,
    /// What an error calls the folder.
    pub shown: String,
    pub files: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Groups {
    group: IndexMap<String, Text>,
}

/// A file of the shipped `layers/` folder, as text.
pub fn shipped_file(path: &str) -> Option<String> {
    let file = Shipped::get(path)?;
    Some(String::from_utf8_lossy(&file.data).into_owned())
}

/// The JSON Schema of `layer.toml`, for editors.
pub fn declaration_schema() -> serde_json::Value {
    schemars::schema_for!(Declaration).to_value()
}

impl Layers {
    /// Reads and checks the shipped folders and those of `dir`.
    ///
    /// Fails with every finding: folder, file, key and what would be right.
    pub fn load(dir: Option<&Path>) -> anyhow::Result<Self> {
        let mut folders = shipped_folders();
        let mut groups = shipped_file("groups.toml").unwrap_or_default();
        if let Some(dir) = dir {
            for folder in folders_in(dir)? {
                folders.insert(folder.id.clone(), folder);
            }
            let own = dir.join("groups.toml");
            if own.exists() {
                groups = fs::read_to_string(&own)
                    .with_context(|| format!("reading {}", own.display()))?;
            }
        }
        Self::from_folders(folders.into_values().collect(), &groups)
    }

    /// Checks folders that were already read.
    pub fn from_folders(folders: Vec<Folder>, groups: &str) -> anyhow::Result<Self> {
        let groups: Groups = toml::from_str(groups).context("reading layers/groups.toml")?;
        let mut findings = Vec::new();
        let mut layers = IndexMap::new();
        for folder in folders {
            match read(&folder) {
                Ok(layer) => {
                    layers.insert(layer.id.clone(), layer);
                }
                Err(mut it) => findings.append(&mut it),
            }
        }
        let mut layers = Self { layers, groups: groups.group };
        if findings.is_empty() {
            findings = check::across(&layers);
        }
        if !findings.is_empty() {
            let list: Vec<String> = findings.iter().map(ToString::to_string).collect();
            bail!("图层文件夹有误 / the layer folders need mending:\n  {}", list.join("\n  "));
        }
        layers.inherit();
        Ok(layers)
    }
}

fn shipped_folders() -> BTreeMap<String, Folder> {
    let mut folders = BTreeMap::new();
    for path in Shipped::iter() {
        let Some((id, file)) = path.split_once('/') else { continue };
        let folder = folders.entry(id.to_owned()).or_insert_with(|| Folder {
            id: id.to_owned(),
            shown: format!("layers/{id}"),
            files: BTreeMap::new(),
        });
        folder.files.insert(file.to_owned(), shipped_file(&path).unwrap_or_default());
    }
    folders
}

fn folders_in(dir: &Path) -> anyhow::Result<Vec<Folder>> {
    let mut folders = Vec::new();
    let entries = fs::read_dir(dir)
        .with_context(|| format!("reading the layer folders in {}", dir.display()))?;
    for entry in entries {
        let path = entry?.path();
        if !path.is_dir() {
            continue;
        }
        let id = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut folder = Folder { id, shown: path.display().to_string(), files: BTreeMap::new() };
        read_into(&mut folder, &path, "")?;
        folders.push(folder);
    }
    folders.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(folders)
}

fn read_into(folder: &mut Folder, dir: &Path, prefix: &str) -> anyhow::Result<()> {
    for entry in fs::read_dir(dir).with_context(|| format!("reading {}", dir.display()))? {
        let path = entry?.path();
        let name = format!("{prefix}{}", path.file_name().unwrap_or_default().to_string_lossy());
        if path.is_dir() {
            read_into(folder, &path, &format!("{name}/"))?;
        } else if matches!(
            path.extension().and_then(|it| it.to_str()),
            Some("toml" | "json" | "geojson" | "md")
        ) {
            let text =
                fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
            folder.files.insert(name, text);
        }
    }
    Ok(())
}

/// One folder as a layer, or everything that is wrong with it.
fn read(folder: &Folder) -> Result<Layer, Vec<Finding>> {
    let finding =
        |file: &str, what: String| Finding { file: format!("{}/{file}", folder.shown), what };
    let Some(text) = folder.files.get("layer.toml") else {
        return Err(vec![finding(
            "layer.toml",
            "缺少文件 / is missing; every layer folder has one".to_owned(),
        )]);
    };
    let declaration: Declaration = match toml::from_str(text) {
        Ok(it) => it,
        Err(error) => {
            return Err(vec![finding("layer.toml", error.to_string().trim_end().to_owned())]);
        }
    };
    let mut findings = check::declaration(&folder.id, &declaration);
    let mut style = Vec::new();
    match folder.files.get("style.json").map(|it| serde_json::from_str(it)) {
        None if declaration.geometry == Geometry::None => {}
        None => findings.push(Finding {
            file: "style.json".to_owned(),
            what: "缺少文件 / is missing; a layer has a look".to_owned(),
        }),
        Some(Err(error)) => {
            findings.push(Finding { file: "style.json".to_owned(), what: error.to_string() });
        }
        Some(Ok(value)) => {
            let mut of_style = check::style(&declaration, &value);
            if of_style.is_empty() {
                style =
                    style::resolve(&folder.id, declaration.zooms.min, &declaration.legend, &value);
            }
            findings.append(&mut of_style);
        }
    }
    for it in &mut findings {
        it.file = format!("{}/{}", folder.shown, it.file);
    }
    if !findings.is_empty() {
        return Err(findings);
    }
    let named = |prefix: &str| -> IndexMap<String, String> {
        let files = folder.files.iter().filter_map(|(name, text)| {
            let id = name.strip_prefix(prefix)?.strip_suffix(".toml")?;
            Some((id.to_owned(), text.clone()))
        });
        files.collect()
    };
    let Declaration { geometry, zooms, legend, .. } = &declaration;
    let labels = Labels::take(&folder.id, *geometry, zooms.max, legend, &mut style);
    let digest = Sha256::digest(text.as_bytes())
        .iter()
        .fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    Ok(Layer {
        id: folder.id.clone(),
        style,
        labels,
        rules: named("rules/"),
        schemes: named("schemes/"),
        check: folder.files.get("check.geojson").cloned(),
        digest,
        declaration,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_folders_keep_every_rule() {
        let layers = Layers::load(None).unwrap();
        assert!(layers.layers.len() >= 16, "{:?}", layers.layers.keys());
    }

    #[test]
    fn the_schema_for_editors_is_current() {
        let text = shipped_file("layer.schema.json").unwrap_or_default();
        let committed: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
        assert_eq!(
            committed,
            declaration_schema(),
            "run `mutu layers schema > layers/layer.schema.json`"
        );
    }

    #[test]
    fn every_shipped_folder_names_the_schema_and_has_check_features() {
        for folder in shipped_folders().values() {
            let declaration =
                folder.files.get("layer.toml").map(String::as_str).unwrap_or_default();
            assert!(declaration.starts_with("#:schema ../layer.schema.json\n"), "{}", folder.id);
            if declaration.contains("geometry = \"none\"") {
                continue;
            }
            let check = folder.files.get("check.geojson").map(String::as_str).unwrap_or_default();
            let check: serde_json::Value = serde_json::from_str(check).unwrap();
            let features = check["features"].as_array().map_or(0, Vec::len);
            assert!((5..=20).contains(&features), "{}: {features} features", folder.id);
        }
    }
}
