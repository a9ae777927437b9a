//! Layer folders that close more than the shipped ones do.

use std::fs;
use std::path::Path;

use mutu::access::Role;

use super::sentinel::Held;
use super::sentinel::Ledger;
use super::sentinel::Rule;

/// A class that only officers know, in every unit.
const CLASS: &str = "秘-99104";

/// A folder of layer folders.
pub fn closed() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    altered(dir.path(), "parcels", |it| {
        let it = raised(it, "name", "officer");
        let it = raised(&it, "address", "viewer");
        let it = raised(&it, "village", "steward");
        let it = raised(&it, "status", "admin");
        let it = raised(&it, "town_code", "viewer");
        let it = raised(&it, "far_reported", "officer");
        raised(&it, "area_registered_m2", "steward")
    });
    altered(dir.path(), "buildings", |it| {
        let it = raised(it, "name", "viewer");
        let it = raised(&it, "floor_area_m2", "officer");
        raised(&it, "vacant_area_m2", "steward")
    });
    altered(dir.path(), "towns", |it| raised(it, "name", "viewer"));
    altered(dir.path(), "eco_redline", |it| raised(&closed_layer(it, "officer"), "approval_no", "steward"));
    altered(dir.path(), "basic_farmland", |it| closed_layer(it, "viewer"));
    altered(dir.path(), "yield_per_mu", |it| {
        it.replace("access = \"officer\"\nsums   = \"viewer\"", "access = \"officer\"\nsums   = \"viewer\"\ntile   = true")
    });
    altered(dir.path(), "block_class", |it| {
        let classed = it.replace("class = \"104\"", &format!("class = \"{CLASS}\""));
        let classed = classed.replace("share.104", &format!("share.{CLASS}"));
        let classed = classed.replace("values = [\"104\",", &format!("values = [\"{CLASS}\","));
        let (fields, _) = classed.split_once("[[legend]]").unwrap();
        let plain = fields.replace("role     = \"theme\"", "role     = \"overlay\"");
        let plain = format!(
            "{plain}[[legend]]\nlabel = {{ zh = \"分类\", en = \"Class\" }}\ncolor = \"#3f82c8\"\n"
        );
        let it = raised(&plain, "block_class", "officer");
        let it = raised(&it, "straddle", "viewer");
        let it = raised(&it, "class_source", "steward");
        raised(&it, "share_104", "admin")
    });
    dir
}

/// What only the folder itself says.
pub fn expect(ledger: &mut Ledger) {
    ledger.note(CLASS, "block_class.block_class", Rule::Must(Role::Officer, Held::Everywhere));
}

/// A copy of a shipped folder with another `layer.toml`.
fn altered(dir: &Path, id: &str, alter: impl Fn(&str) -> String) {
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("layers").join(id), &dir.join(id));
    let file = dir.join(id).join("layer.toml");
    let text = fs::read_to_string(&file).unwrap();
    let other = alter(&text);
    assert_ne!(text, other, "{id}");
    fs::write(file, other).unwrap();
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// The declaration with another role for one field.
fn raised(text: &str, field: &str, role: &str) -> String {
    let head = format!("[field.{field}]\n");
    let (before, after) = text.split_once(&head).unwrap_or_else(|| panic!("no field {field}"));
    let end = after.find("\n[").unwrap_or(after.len());
    let lines = after[..end].lines().filter(|it| !it.starts_with("access"));
    let own: Vec<&str> = lines.collect();
    format!("{before}{head}access = \"{role}\"\n{}{}", own.join("\n"), &after[end..])
}

/// The declaration of a layer with another role.
fn closed_layer(text: &str, role: &str) -> String {
    let text: Vec<&str> = text.lines().filter(|it| !it.starts_with("access")).collect();
    text.join("\n").replacen("draw ", &format!("access = \"{role}\"\ndraw "), 1)
}
