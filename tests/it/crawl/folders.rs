//! Layer folders that close more than the shipped ones do.

use std::fs;
use std::path::Path;

use mutu::access::Role;

use super::sentinel::Held;
use super::sentinel::Ledger;
use super::sentinel::Rule;

/// A class that only officers know, in every unit.
const CLASS: &str = "秘-99104";

/// A rule that only officers know, in the rows of their units.
const RULE: &str = "秘-99105";

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
    added(dir.path(), "watch", WATCH);
    added(dir.path(), "plots", PLOTS);
    altered(dir.path(), "towns", |it| raised(it, "name", "viewer"));
    altered(dir.path(), "eco_redline", |it| {
        raised(&closed_layer(it, "officer"), "approval_no", "steward")
    });
    altered(dir.path(), "basic_farmland", |it| closed_layer(it, "viewer"));
    altered(dir.path(), "yield_per_mu", |it| {
        it.replace(
            "access = \"officer\"\nsums   = \"viewer\"",
            "access = \"officer\"\nsums   = \"viewer\"\ntile   = true",
        )
    });
    altered(dir.path(), "low_efficiency", |it| {
        let it = raised(it, "reason_text", "officer");
        raised(&it, "reasons", "officer")
    });
    let rules = dir.path().join("low_efficiency/rules/general-2025.toml");
    let text = fs::read_to_string(&rules).unwrap();
    fs::write(&rules, text.replace("\"tax_below_half_of_contract\"", &format!("\"{RULE}\"")))
        .unwrap();
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
    ledger.note(RULE, "low_efficiency.reasons", Rule::Must(Role::Officer, Held::Everywhere));
    ledger.note(CLASS, "block_class.block_class", Rule::Must(Role::Officer, Held::Everywhere));
}

/// Folders in which the parcels are an officer's draft.
pub fn drafted() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    altered(dir.path(), "parcels", |it| closed_layer(it, "officer"));
    dir
}

/// Figures of an officer's, row by row, that tiles carry.
const WATCH: &str = r##"
kind     = "reference"
group    = "plan"
role     = "overlay"
title    = { zh = "监测", en = "Watched land" }
about    = { zh = "各责任单位的监测点。", en = "What units watch." }
geometry = "polygon"
draw     = "area"
zooms    = { min = 8, max = 14 }
access   = "viewer"
visible  = true
key      = "code"

[field.code]
title = { zh = "编号", en = "Code" }
type  = "text"
tile  = true

[field.responsible_unit]
title = { zh = "责任单位", en = "Responsible unit" }
type  = "text"
tile  = true

[field.level]
title  = { zh = "水平", en = "Level" }
type   = "decimal"
access = "officer"
tile   = true
popup  = true

[field.remark]
title  = { zh = "备注", en = "Remark" }
type   = "text"
access = "officer"

[[legend]]
label = { zh = "监测", en = "Watched" }
color = "#3f82c8"
"##;

/// Rows of an officer's, classed by a unit.
const PLOTS: &str = r##"
kind     = "reference"
group    = "plan"
role     = "overlay"
title    = { zh = "拟收储", en = "Plots" }
about    = { zh = "各责任单位的内部草稿。", en = "Drafts of units." }
geometry = "polygon"
draw     = "area"
zooms    = { min = 8, max = 14 }
access   = "officer"
visible  = true
key      = "code"

[field.code]
title = { zh = "编号", en = "Code" }
type  = "text"
tile  = true

[field.responsible_unit]
title = { zh = "责任单位", en = "Responsible unit" }
type  = "text"
tile  = true

[field.amount]
title = { zh = "金额", en = "Amount" }
type  = "decimal"
unit  = "wan"
tile  = true

[[legend]]
label = { zh = "马陆镇", en = "Malu" }
color = "#3f82c8"
match = { field = "responsible_unit", values = ["马陆镇"] }

[[legend]]
label = { zh = "安亭镇", en = "Anting" }
color = "#c62f2f"
match = { field = "responsible_unit", values = ["安亭镇"] }

[[legend]]
label = { zh = "其他", en = "Other" }
color = "#d3d7da"
match = { field = "responsible_unit", values = [] }
"##;

/// A folder of its own.
fn added(dir: &Path, id: &str, declaration: &str) {
    let style = r##"[{"id": "fill", "type": "fill", "paint": {"fill-color": "$legend"}}]"##;
    fs::create_dir(dir.join(id)).unwrap();
    fs::write(dir.join(id).join("layer.toml"), declaration).unwrap();
    fs::write(dir.join(id).join("style.json"), style).unwrap();
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
