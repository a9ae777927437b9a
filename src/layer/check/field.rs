//! What a field may say.

use crate::access::Role;

use super::super::Declaration;
use super::super::Field;
use super::super::FieldType;
use super::super::Kind;
use super::super::UNIT_FIELD;
use super::super::figure::figures;
use super::super::figure::is_openable;
use super::super::figure::is_physical;
use super::Findings;
use super::is_plain_name;

/// Names that every feature has anyway, so no field may take them.
const RESERVED: [&str; 13] = [
    "id",
    "geom",
    "geom_original",
    "repaired",
    "extra",
    "row_id",
    "batch_id",
    "recorded_at",
    "recorded_by",
    "superseded_at",
    "valid_from",
    "valid_to",
    "reached",
];

/// The parcel's columns that say what a firm promised to pay.
const CONFIDENTIAL_COLUMNS: [&str; 1] = ["contract_tax_wan_per_mu"];

/// Where a derived field may come from.
const SOURCES: &str = "`parcel.`, `measure.`, `result.`, `class.`, `class_of.`, `name_of.`, `share.`, `conformity.`, `assembly.`";

pub(super) fn check(layer: &Declaration, name: &str, field: &Field, found: &mut Findings) {
    let key = format!("field.{name}");
    let mut say = |what: &str| found.say(&key, what);
    if !is_plain_name(name) {
        say(
            "字段名只用小写字母、数字与下划线，至多 40 个字符 / a field name is snake_case: a-z, 0-9 and _, at most 40 characters",
        );
    }
    if RESERVED.contains(&name) {
        say("此名由系统占用，请另取 / this name is taken by the service; choose another");
    }
    if field.title.zh.trim().is_empty() || field.title.en.trim().is_empty() {
        say("`title` 要有 `zh` 与 `en` / `title` needs `zh` and `en`");
    }
    let number = matches!(field.kind, FieldType::Decimal | FieldType::Integer);
    if field.unit.is_some() && !number {
        say("只有数字才有 `unit` / only a number has a `unit`");
    }
    if !field.values.is_empty() && field.kind != FieldType::Text {
        say("只有 text 字段可列 `values` / only a text field lists `values`");
    }
    if layer.kind == Kind::Derived
        && (!field.aliases.is_empty() || field.required || field.computed)
    {
        say(
            "派生字段不由导入写入，不写 `aliases`、`required`、`computed` / nothing is imported into a derived field: leave out `aliases`, `required` and `computed`",
        );
    }
    if field.required && field.computed {
        say(
            "`computed` 字段不由导入写入，不能 `required` / no import writes a computed field, so it cannot be `required`",
        );
    }
    bands(field, &mut say);
    column(layer, field, &mut say);
    access(layer, name, field, &mut say);
    sums(layer, field, &mut say);
}

fn bands(field: &Field, say: &mut impl FnMut(&str)) {
    if field.bands.is_empty() {
        return;
    }
    if field.bands.len() > 4 || field.bands.windows(2).any(|it| it[0] >= it[1]) {
        say(
            "`bands` 至多四个递增的界值，公开专题至多五档 / `bands` are at most four rising bounds, so that a public theme has at most five classes",
        );
    }
    if field.column.is_none() || field.kind != FieldType::Integer {
        say("`bands` 要有 `column`，类型为 integer / `bands` need a `column` and make an integer");
    }
}

fn column(layer: &Declaration, field: &Field, say: &mut impl FnMut(&str)) {
    let Some(column) = &field.column else {
        if layer.kind == Kind::Derived {
            say(&format!(
                "派生字段须写 `column`，以下列之一开头 / a derived field needs a `column` that begins with {SOURCES}"
            ));
        }
        return;
    };
    let right = match (layer.kind, column.split_once('.')) {
        (Kind::Register, None) => is_plain_name(column),
        (Kind::Derived, Some(("share", class))) => {
            !class.is_empty()
                && class.chars().all(|it| it.is_alphanumeric() || it == '_' || it == '-')
        }
        // Rows that are no parcels have nothing of a parcel's.
        (Kind::Derived, Some((source, it))) if layer.assembly.is_some() => {
            source == "assembly" && is_plain_name(it)
        }
        (Kind::Derived, Some(("conformity", it))) => {
            layer.conformity.is_some() && is_plain_name(it)
        }
        (
            Kind::Derived,
            Some(("parcel" | "measure" | "result" | "class" | "class_of" | "name_of", it)),
        ) => is_plain_name(it),
        _ => false,
    };
    if !right {
        say(match layer.kind {
            Kind::Register => {
                "`column` 为台账表的列名 / `column` is the name of a column of the register's table"
            }
            Kind::Reference => {
                "参考图层的列即字段名，不写 `column` / a reference layer's column is the field itself; leave out `column`"
            }
            Kind::Derived => {
                "`column` 应以 parcel、measure、result、class、class_of、name_of 或 share 加点开头，连片图层只用 assembly，`conformity` 须有该节 / `column` is `parcel.`, `measure.`, `result.`, `class.`, `class_of.`, `name_of.` or `share.` and a name; with `[assembly]` only `assembly.`, with `[conformity]` also `conformity.`"
            }
        });
    }
    let share = column.strip_prefix("share.");
    if let (Some(class), Some(overlay)) = (share, &layer.overlay) {
        let known = overlay.classes.iter().filter_map(|it| it.class.as_deref());
        let known: Vec<&str> = known.chain([overlay.remainder.as_str()]).collect();
        // With `class_field` the classes are in the data.
        let closed = overlay.classes.iter().all(|it| it.class_field.is_none());
        if closed && !known.contains(&class) {
            say(&format!(
                "叠加没有这一类 / the overlay has no class `{class}`; 现有 / there are {}",
                known.join(", ")
            ));
        }
    } else if share.is_some() && layer.kind == Kind::Derived {
        say(
            "`share.` 只用于有 `[overlay]` 的图层 / `share.` needs an `[overlay]` in the same layer",
        );
    }
}

/// A field is read by those who may read the layer and the field; its input may ask for more.
fn access(layer: &Declaration, name: &str, field: &Field, say: &mut impl FnMut(&str)) {
    if field.access < layer.access && field.access != Role::Public {
        say("字段权限不能宽于图层 / a field cannot be opened wider than its layer");
    }
    let source = field.column.as_deref().unwrap_or(name);
    // What a parcel is searched, opened and joined by.
    if layer.table.as_deref() == Some("parcel")
        && name == "parcel_code"
        && field.access > layer.access
    {
        say(
            "宗地代码须与图层同样公开 / who may read the parcels must be able to read their codes: close the layer instead",
        );
    }
    let promised = |column: &str| {
        if CONFIDENTIAL_COLUMNS.contains(&column) { Role::Officer } else { Role::Public }
    };
    let needed = match (layer.kind, source.split_once('.')) {
        (Kind::Register, _) => promised(source),
        (Kind::Derived, Some(("parcel", column))) => promised(column),
        (Kind::Derived, Some(("measure", measure))) if !is_openable(measure) => Role::Officer,
        // A verdict derives from those measures, and is a draft until it is published.
        (Kind::Derived, Some(("result" | "assembly", _))) => Role::Viewer,
        _ => Role::Public,
    };
    if field.bands.is_empty() && field.access.max(layer.access) < needed {
        say(&format!(
            "取自涉密数据：设 `access = \"{needed}\"` 或更高，或用 `bands` 分档公开 / comes from confidential figures: set `access = \"{needed}\"` or more, or publish `bands` of it"
        ));
    }
}

/// Sums are for those who may not read the single values; groups are of codes that the layer's readers see anyway.
fn sums(layer: &Declaration, field: &Field, say: &mut impl FnMut(&str)) {
    if let Some(role) = field.sums {
        let measure = field.column.as_deref().and_then(|it| it.strip_prefix("measure."));
        let summed = |it: &str| !is_physical(it) && figures(it) == [it];
        if layer.kind != Kind::Derived || !measure.is_some_and(summed) || !field.bands.is_empty() {
            say(
                "`sums` 只用于取自 `measure.` 的企业数据（税收、产值等），不用于比值与分档 / `sums` is for a derived field of an enterprise's figure (`measure.tax_wan`), not for ratios or bands",
            );
        }
        if field.kind != FieldType::Decimal {
            say("`sums` 只用于 decimal 字段 / only a decimal field has `sums`");
        }
        let units = layer.field.get(UNIT_FIELD);
        if units.is_some_and(|it| !it.dimension) {
            say(
                "有责任单位的图层须以之为分组，合计才能对各单位保密 / who reads one unit must not find another's figures from a sum: make `responsible_unit` a `dimension`",
            );
        }
        if role >= field.access || role < layer.access {
            say(
                "`sums` 应低于字段的 `access`，且不低于图层的 / `sums` is a lower role than the field's `access`, and no lower than the layer's",
            );
        }
    }
    if field.dimension {
        if !matches!(field.kind, FieldType::Text | FieldType::Integer) || !field.bands.is_empty() {
            say(
                "`dimension` 只用于 text 或 integer 代码，不用于分档 / `dimension` is for codes, text or integer, not for bands",
            );
        }
        if field.access > layer.access {
            say(
                "能看图层的人都应能看分组 / who may read the layer must be able to read a `dimension`",
            );
        }
        let figure = field.column.as_deref().is_some_and(|it| {
            it.starts_with("result.")
                || it.strip_prefix("measure.").is_some_and(|it| !is_physical(it))
        });
        if figure {
            say(
                "分组不能由涉密数据得出 / a `dimension` cannot come from confidential figures: its groups would tell them",
            );
        }
    }
}
