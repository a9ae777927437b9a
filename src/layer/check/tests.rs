//! Every way in which a layer folder can be wrong is found, with file, key and what would be right.

use indexmap::IndexMap;

use crate::layer::Folder;
use crate::layer::Layers;

const GROUPS: &str = "[group.land]\nzh = \"土地\"\nen = \"Land\"\n";

const FIELD: &str = r#"
[field.code]
title = { zh = "编号", en = "Code" }
type = "text"
tile = true
"#;

const LEGEND: &str = r##"
[[legend]]
label = { zh = "地块", en = "Plot" }
color = "#aabbcc"
"##;

const STYLE: &str = r#"[{"id": "fill", "type": "fill", "paint": {"fill-color": "$legend"}}]"#;

fn head(kind: &str) -> String {
    format!(
        r#"
kind = "{kind}"
group = "land"
role = "overlay"
title = {{ zh = "地块", en = "Plots" }}
about = {{ zh = "地块。", en = "Plots." }}
geometry = "polygon"
draw = "area"
zooms = {{ min = 8, max = 14 }}
key = "code"
"#
    )
}

fn reference() -> String {
    format!("{}{FIELD}{LEGEND}", head("reference"))
}

/// A derived layer with one more field.
fn derived(field: &str) -> String {
    let code = FIELD.replace("[field.code]", "[field.code]\ncolumn = \"parcel.parcel_code\"");
    format!("{}{code}{field}{LEGEND}", head("derived"))
}

fn load(files: &[(&str, &str, &str)]) -> anyhow::Result<Layers> {
    let mut folders: IndexMap<&str, Folder> = IndexMap::new();
    for (id, file, text) in files {
        let empty = || Folder {
            id: (*id).to_owned(),
            shown: format!("layers/{id}"),
            files: std::collections::BTreeMap::new(),
        };
        let folder = folders.entry(*id).or_insert_with(empty);
        folder.files.insert((*file).to_owned(), (*text).to_owned());
    }
    Layers::from_folders(folders.into_values().collect(), GROUPS)
}

/// What is said about one folder with this declaration and style.
fn said(declaration: &str, style: &str) -> String {
    match load(&[("plots", "layer.toml", declaration), ("plots", "style.json", style)]) {
        Ok(_) => String::new(),
        Err(error) => error.to_string(),
    }
}

/// A wrong `layer.toml` is found: the file, the key, and what would be right.
#[track_caller]
fn finds(declaration: &str, parts: &[&str]) {
    let said = said(declaration, STYLE);
    for part in ["layers/plots/layer.toml"].iter().chain(parts) {
        assert!(said.contains(part), "`{part}` is not in: {said}");
    }
}

#[track_caller]
fn finds_in_style(style: &str, parts: &[&str]) {
    let said = said(&reference(), style);
    for part in ["layers/plots/style.json"].iter().chain(parts) {
        assert!(said.contains(part), "`{part}` is not in: {said}");
    }
}

#[test]
fn a_right_folder_is_silent() {
    assert_eq!(said(&reference(), STYLE), "");
    assert_eq!(said(&derived(""), STYLE), "");
}

#[test]
fn an_unknown_key_is_named_with_the_known_ones() {
    let wrong = reference().replace("draw = ", "drow = ");
    finds(&wrong, &["drow", "unknown field", "`draw`"]);
    let wrong = reference().replace("tile = true", "tiles = true");
    finds(&wrong, &["tiles", "unknown field", "`tile`"]);
}

#[test]
fn a_wrong_type_or_word_is_named_with_what_is_expected() {
    finds(&reference().replace("min = 8", "min = \"8\""), &["min = \"8\"", "invalid type", "u8"]);
    finds(&reference().replace("\"text\"", "\"string\""), &["unknown variant `string`", "`text`"]);
    finds(&reference().replace("\"reference\"", "\"referenz\""), &["`referenz`", "`reference`"]);
    finds(&reference().replace("geometry = \"polygon\"\n", ""), &["missing field `geometry`"]);
}

#[test]
fn a_title_has_words_in_both_languages() {
    finds(&reference().replace("en = \"Plots\"", "en = \"\""), &["`title`", "`zh` and `en`"]);
    finds(&reference().replace(", en = \"Plots\"", ""), &["missing field `en`"]);
    finds(&reference().replace("en = \"Code\"", "en = \" \""), &["`field.code`", "`title` needs"]);
}

#[test]
fn an_unknown_key_field_suggests_the_near_one() {
    finds(
        &reference().replace("key = \"code\"", "key = \"cod\""),
        &["`key`", "did you mean `code`?"],
    );
    let wrong = reference().replace("key = \"code\"", "key = \"code\"\nidentify = \"parcel\"");
    finds(&wrong, &["`identify`", "no field `parcel`"]);
}

#[test]
fn names_that_the_service_uses_are_refused() {
    let wrong = reference().replace("field.code", "field.geom").replace("\"code\"", "\"geom\"");
    finds(&wrong, &["`field.geom`", "choose another"]);
    let wrong = reference().replace("field.code", "field.Code").replace("\"code\"", "\"Code\"");
    finds(&wrong, &["`field.Code`", "snake_case"]);
}

#[test]
fn a_bad_folder_name_is_refused() {
    let error =
        load(&[("My Plots", "layer.toml", &reference()), ("My Plots", "style.json", STYLE)]);
    assert!(error.unwrap_err().to_string().contains("snake_case"));
}

#[test]
fn zooms_rise() {
    finds(&reference().replace("min = 8", "min = 18"), &["`zooms`", "may not exceed"]);
}

#[test]
fn an_unknown_group_names_the_known_ones() {
    finds(
        &reference().replace("group = \"land\"", "group = \"lamd\""),
        &["`group`", "no `lamd`", "land"],
    );
}

#[test]
fn a_legend_has_colours_and_classes_that_exist() {
    finds(&reference().replace("#aabbcc", "blue"), &["`legend[0]`", "#rrggbb", "`blue`"]);
    let row = |field: &str, values: &str| {
        format!("{}match = {{ field = \"{field}\", values = {values} }}\n", reference())
    };
    finds(&row("cod", "[\"a\"]"), &["`legend[0]`", "did you mean `code`?"]);
    finds(&row("code", "[1]"), &["`legend[0]`", "1 is no value of `code`", "text"]);
    finds(&row("code", "[\"a\", \"a\"]"), &["`legend[0]`", "\"a\" already"]);
    finds(
        &row("code", "[\"a\"]").replace("tile = true", ""),
        &["`legend[0]`", "set `tile = true`"],
    );
    let listed = row("code", "[\"b\"]").replace("tile = true", "tile = true\nvalues = [\"a\"]");
    finds(&listed, &["`legend[0]`", "not among"]);
    finds(&format!("{}{LEGEND}", reference()), &["`legend[1]`", "`match`"]);
}

#[test]
fn a_theme_has_a_legend_with_classes() {
    let wrong = reference().replace("role = \"overlay\"", "role = \"theme\"");
    finds(&wrong, &["`legend`", "a theme needs"]);
}

#[test]
fn each_kind_says_where_its_rows_come_from() {
    finds(
        &reference().replace("\"reference\"", "\"register\""),
        &["`table`", "`parcel`, `building` or `reuse_case`"],
    );
    let wrong = reference().replace("key = ", "table = \"parcel\"\nkey = ");
    finds(&wrong, &["`table`", "only a register layer"]);
    finds(&reference().replace("\"reference\"", "\"derived\""), &["`field.code`", "`measure.`"]);
    let wrong = reference().replace("tile = true", "column = \"code\"");
    finds(&wrong, &["`field.code`", "leave out `column`"]);
}

const MEASURE: &str = r#"
[field.tax]
title = { zh = "税", en = "Tax" }
type = "decimal"
unit = "wan_per_mu"
column = "measure.tax_wan_per_mu"
"#;

#[test]
fn a_field_is_no_wider_open_than_its_input() {
    finds(&derived(MEASURE), &["`field.tax`", "access = \"officer\"", "`bands`"]);
    finds(&derived(&format!("{MEASURE}access = \"viewer\"\n")), &["access = \"officer\""]);
    assert_eq!(said(&derived(&format!("{MEASURE}access = \"officer\"\n")), STYLE), "");
    assert_eq!(said(&derived(&MEASURE.replace("tax_wan_per_mu", "far")), STYLE), "");
    let banded = MEASURE.replace("\"decimal\"", "\"integer\"") + "bands = [1, 5]\n";
    assert_eq!(said(&derived(&banded), STYLE), "");
    finds(&derived(&MEASURE.replace("measure.tax_wan_per_mu", "result.verdict")), &["`field.tax`"]);
    finds(
        &derived(&MEASURE.replace("measure.tax", "parcel.contract_tax")),
        &["`field.tax`", "officer"],
    );
}

#[test]
fn a_field_is_no_wider_open_than_its_layer() {
    let wrong = reference()
        .replace("key = ", "access = \"officer\"\nkey = ")
        .replace("tile = true", "tile = true\naccess = \"viewer\"");
    finds(&wrong, &["`field.code`", "wider than its layer"]);
}

#[test]
fn bands_are_few_and_rise() {
    let banded = |bands: &str| {
        derived(&format!("{}bands = {bands}\n", MEASURE.replace("\"decimal\"", "\"integer\"")))
    };
    finds(&banded("[5, 1]"), &["`field.tax`", "four rising"]);
    finds(&banded("[1, 2, 3, 4, 5]"), &["`field.tax`", "four rising"]);
    finds(&derived(&format!("{MEASURE}bands = [1]\n")), &["`field.tax`", "make an integer"]);
}

const OVERLAY: &str = r#"
[overlay]
classes = [{ layer = "zones", class = "in" }]
remainder = "out"
share_at_least = 0.9
sliver_m2 = 1.0
sliver_share = 0.001

[field.share]
title = { zh = "占比", en = "Share" }
type = "decimal"
column = "share.in"
"#;

#[test]
fn an_overlay_names_layers_and_classes_that_exist() {
    let with = |overlay: &str| {
        let plots = derived(overlay);
        let zones = reference();
        load(&[
            ("plots", "layer.toml", &plots),
            ("plots", "style.json", STYLE),
            ("zones", "layer.toml", &zones),
            ("zones", "style.json", STYLE),
        ])
        .map_or_else(|it| it.to_string(), |_| String::new())
    };
    assert_eq!(with(OVERLAY), "");
    let said = with(&OVERLAY.replace("\"zones\"", "\"zone\""));
    assert!(said.contains("`overlay.classes`") && said.contains("did you mean `zones`?"), "{said}");
    let said = with(&OVERLAY.replace("layer = \"zones\"", "layer = \"plots\""));
    assert!(said.contains("is not a reference layer of polygons"), "{said}");
    let said = with(&OVERLAY.replace("share.in", "share.inn"));
    assert!(said.contains("no class `inn`") && said.contains("in, out"), "{said}");
    let said = with(&OVERLAY.replace("class = \"in\"", "class_field = \"cod\""));
    assert!(said.contains("no field `cod`"), "{said}");
    let said = with(&OVERLAY.replace("share.in", "class_of.zones"));
    assert!(said.contains("did you mean") || said.contains("`[overlay]`"), "{said}");
}

#[test]
fn a_style_is_layers_that_maplibre_draws() {
    finds_in_style("{}", &["(file)", "list of MapLibre layers"]);
    finds_in_style("[", &["EOF"]);
    finds_in_style("[1]", &["`[0]`", "is an object"]);
    finds_in_style(r#"[{"type": "fill"}]"#, &["`[0]`", "needs an `id`"]);
    finds_in_style(r#"[{"id": "a", "type": "raster"}]"#, &["`a`", "fill, line, circle or symbol"]);
    finds_in_style(r#"[{"id": "a", "type": "fill", "source": "x"}]"#, &["`a`", "leave it out"]);
    let twice = r#"[{"id": "a", "type": "fill"}, {"id": "a", "type": "line"}]"#;
    finds_in_style(twice, &["`a`", "another layer has this `id`"]);
    finds_in_style(r#"[{"id": "a", "type": "fill", "minZoom": 3}]"#, &["minZoom", "`minzoom`"]);
}

#[test]
fn a_misspelt_paint_property_suggests_the_right_one() {
    let layer = |paint: &str| format!(r#"[{{"id": "a", "type": "fill", "paint": {{{paint}}}}}]"#);
    finds_in_style(
        &layer(r#""fill-colour": 1"#),
        &["a.paint.fill-colour", "did you mean `fill-color`?"],
    );
    finds_in_style(&layer(r#""line-width": 1"#), &["no paint property of a fill layer"]);
    finds_in_style(&layer(r#""fill-pattern": "hatch""#), &["the legend's `pattern`"]);
    finds_in_style(&layer(r##""fill-color": "#12345""##), &["#rrggbb", "`#12345`"]);
    finds_in_style(&layer(r#""fill-color": "$legende""#), &["`$legend`"]);
}

#[test]
fn a_style_reads_only_fields_that_are_in_the_tiles() {
    let style = r#"[{"id": "a", "type": "fill", "filter": ["==", ["get", "kode"], "x"]}]"#;
    finds_in_style(style, &["a.filter", "did you mean `code`?"]);
    let said = said(&reference().replace("tile = true", ""), &style.replace("kode", "code"));
    assert!(said.contains("set `tile = true`"), "{said}");
}

#[test]
fn a_missing_file_is_named() {
    let error = load(&[("plots", "layer.toml", &reference())]).unwrap_err().to_string();
    assert!(error.contains("layers/plots/style.json") && error.contains("is missing"), "{error}");
    let error = load(&[("plots", "style.json", STYLE)]).unwrap_err().to_string();
    assert!(error.contains("layers/plots/layer.toml") && error.contains("is missing"), "{error}");
}

#[test]
fn all_findings_come_at_once() {
    let wrong = reference().replace("#aabbcc", "blue").replace("min = 8", "min = 18");
    finds(&wrong, &["`zooms`", "`legend[0]`"]);
}

#[test]
fn sums_are_for_those_who_may_not_read_single_figures() {
    let tax = MEASURE.replace("tax_wan_per_mu", "tax_wan") + "access = \"officer\"\n";
    assert_eq!(said(&derived(&format!("{tax}sums = \"viewer\"\n")), STYLE), "");
    finds(&derived(&format!("{tax}sums = \"officer\"\n")), &["`field.tax`", "lower role"]);
    let ratio = MEASURE.to_owned() + "access = \"officer\"\nsums = \"viewer\"\n";
    finds(&derived(&ratio), &["`field.tax`", "not for ratios"]);
    let land = MEASURE.replace("tax_wan_per_mu", "area_mu") + "sums = \"viewer\"\n";
    finds(&derived(&land), &["`field.tax`", "enterprise's figure"]);
    let twice = format!("{tax}sums = \"viewer\"\n");
    let twice = derived(&format!("{twice}{}", twice.replace("field.tax", "field.other")));
    finds(&twice, &["`field.other`", "`plots.tax`"]);
}

#[test]
fn groups_are_of_codes_that_tell_no_figure() {
    let field = |column: &str, kind: &str| {
        let field = MEASURE.replace("measure.tax_wan_per_mu", column).replace("decimal", kind);
        derived(&format!("{}dimension = true\n", field.replace("unit = \"wan_per_mu\"\n", "")))
    };
    assert_eq!(said(&field("parcel.town_code", "text"), STYLE), "");
    finds(&field("parcel.gfa_m2", "decimal"), &["`field.tax`", "codes"]);
    finds(&field("result.verdict", "text"), &["`field.tax`", "would tell them"]);
}

#[test]
fn bands_do_not_close_in_on_a_figure() {
    let banded = |bands: &str| {
        derived(&format!("{}bands = {bands}\n", MEASURE.replace("\"decimal\"", "\"integer\"")))
    };
    finds(&banded("[5, 5.5]"), &["`field.tax`", "a quarter apart"]);
    assert_eq!(said(&banded("[4, 5]"), STYLE), "");
}

#[test]
fn the_strictest_field_of_a_figure_decides_for_all() {
    let both = format!(
        "{MEASURE}access = \"officer\"\n{}access = \"steward\"\n",
        MEASURE.replace("field.tax", "field.all").replace("tax_wan_per_mu", "tax_wan")
    );
    finds(&derived(&both), &["`field.tax`", "access = \"steward\""]);
}
