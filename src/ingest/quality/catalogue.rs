//! The rules of the quality report: what each is called, whether it costs the row, and what makes the finding go away. One
//! table, so that report, downloads, documents and API say the same; a test compares it with the rules that the code names.

use serde::Serialize;

use crate::layer::Text;

use super::super::report::Severity;

/// A rule as code names it.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    pub id: &'static str,
    pub severity: Severity,
    /// Chinese and English.
    title: (&'static str, &'static str),
    mend: (&'static str, &'static str),
}

/// A rule as people read it.
#[derive(Clone, Debug, Serialize)]
pub struct Described {
    pub id: &'static str,
    pub severity: Severity,
    pub title: Text,
    pub mend: Text,
}

/// The rule costs the row.
const fn error(
    id: &'static str,
    title: (&'static str, &'static str),
    mend: (&'static str, &'static str),
) -> Rule {
    Rule { id, severity: Severity::Error, title, mend }
}

/// The row is imported all the same.
const fn warning(
    id: &'static str,
    title: (&'static str, &'static str),
    mend: (&'static str, &'static str),
) -> Rule {
    Rule { id, severity: Severity::Warning, title, mend }
}

const RULES: &[Rule] = &[
    // Geometry that cannot be stored.
    error(
        "geometry_missing",
        ("没有几何", "no geometry"),
        ("补绘图形，或删除该行", "draw the geometry, or remove the row"),
    ),
    error(
        "geometry_type",
        ("几何类型不符", "geometry of another kind"),
        (
            "改为图层所需的几何类型后重新导出",
            "convert it to the kind that the layer holds and export again",
        ),
    ),
    error(
        "geometry_broken",
        ("几何无法读取", "geometry cannot be read"),
        (
            "在原软件中修复几何后重新导出",
            "repair the geometry in its own software and export again",
        ),
    ),
    error(
        "geometry_too_large",
        ("图形过大", "a geometry too large to be checked"),
        (
            "简化图形或分割为多宗后重新导出",
            "simplify it, or part it into several, and export again",
        ),
    ),
    error(
        "geometry_open",
        ("线未闭合", "a line that is not closed"),
        ("在制图软件中闭合多段线，或删除该线", "close the line in the drawing, or remove it"),
    ),
    warning(
        "point_count",
        ("点数不符", "the number of points differs"),
        ("核对文件中的点数与界址点是否齐全", "see whether the file has all of the parcel's points"),
    ),
    error(
        "geometry_empty",
        ("面积为零", "polygon without area"),
        ("重绘图形，或删除该行", "draw it anew, or remove the row"),
    ),
    error(
        "geometry_unrepairable",
        ("几何无效且无法修复", "invalid geometry that cannot be repaired"),
        (
            "按所示位置改正自相交或顶点次序",
            "mend the self-intersection or the order of the vertices at the place shown",
        ),
    ),
    error(
        "coordinates",
        ("坐标有误", "coordinates out of range"),
        (
            "核对坐标系与坐标轴顺序（--source-crs）",
            "check the coordinate system and the order of axes (--source-crs)",
        ),
    ),
    // Geometry that was stored and deserves a look.
    warning(
        "geometry_repaired",
        ("几何已修复", "geometry repaired"),
        ("核对修复后的图形；原图形已留存", "compare with the source, which is kept; mend it there"),
    ),
    warning(
        "geometry_left_out",
        ("集合中的其他部分未导入", "other parts of a collection left out"),
        ("从集合中去掉点和线", "take points and lines out of the collection"),
    ),
    warning(
        "geometry_curves",
        ("曲线已转为折线", "curves made straight"),
        (
            "如需控制弧线精度，请在导出前转为折线",
            "to choose how closely arcs are followed, straighten them before export",
        ),
    ),
    warning(
        "vertex_repeated",
        ("相邻顶点重复", "repeated vertices"),
        ("删除重复顶点", "remove the repeated vertices"),
    ),
    warning(
        "spike",
        ("尖刺", "a spike in the outline"),
        ("删除尖端顶点，或核对界址点", "remove the tip, or check the corner"),
    ),
    warning(
        "sliver",
        ("狭长碎片", "a sliver"),
        ("并入相邻宗地，或核对界线", "merge it with its neighbour, or check the outline"),
    ),
    warning(
        "area_tiny",
        ("面积不足 1 平方米", "smaller than 1 m²"),
        ("核对是否为切割残片", "check whether it is left over from cutting"),
    ),
    warning(
        "several_parts",
        ("一宗多块", "a parcel of several parts"),
        (
            "核对是否应分为多宗，或去掉残片",
            "check whether it should be several parcels, or remove left-overs",
        ),
    ),
    warning(
        "holes",
        ("宗地内有孔洞", "a parcel with holes"),
        ("核对孔洞是否为界内他人用地", "check whether the hole is somebody else's land"),
    ),
    warning(
        "outside_district",
        ("在辖区之外", "outside the district"),
        (
            "核对坐标系与坐标轴顺序，或在配置中修改 district",
            "check CRS and axes, or `district` in the configuration",
        ),
    ),
    warning(
        "far_outside",
        ("远离辖区", "far outside the district"),
        (
            "核对坐标系、带号、坐标轴顺序或录入错误",
            "check the CRS, its zone, the order of axes, or a slip of the hand",
        ),
    ),
    warning(
        "area_differs",
        ("证载与图上面积相差超过 1%", "registered and measured area differ by more than 1 %"),
        ("核对证载面积、其单位与界线", "check the registered area, its unit and the outline"),
    ),
    // Values.
    error("required", ("缺少必填值", "a required value is missing"), ("填写该值", "fill it in")),
    error(
        "value",
        ("值无法识别", "a value that does not parse"),
        (
            "改为该列类型的值；未知则留空",
            "write a value of the column's type, or leave it empty when it is not known",
        ),
    ),
    error(
        "negative",
        ("不应为负数", "a negative figure"),
        ("核对数值；未知则留空", "check the figure, or leave it empty when it is not known"),
    ),
    error(
        "share",
        ("比例不在 0 与 1 之间", "a part that is none of a whole"),
        (
            "写 0.6 或 60%；各宗地合计不超过 100%",
            "write 0.6 or 60 %; an enterprise's parts sum to 100 % at most",
        ),
    ),
    error(
        "code_list",
        ("不在取值范围", "not in the code list"),
        (
            "改为列表中的值，或在映射中对应（values）",
            "use a value of the list, or translate it in the mapping (values)",
        ),
    ),
    error(
        "period",
        ("报告期有误", "year or period"),
        (
            "年份写四位数，报告期如 2025、2025Q1、2025-03",
            "write the year in four digits, a period as 2025, 2025Q1 or 2025-03",
        ),
    ),
    error(
        "duplicate",
        ("文件内重复", "a double within the file"),
        ("只保留一行，或改正编码", "keep one of the rows, or correct the code"),
    ),
    warning(
        "credit_code",
        ("信用代码校验不符", "credit code fails its check"),
        ("与营业执照核对", "compare with the business licence"),
    ),
    warning(
        "parcel_code",
        ("宗地代码不合规范", "parcel code not of the standard form"),
        (
            "按 GB/T 37346 改正：6 位区划 + 3 位地籍区 + 3 位地籍子区 + 2 位特征码 + 5 位顺序号",
            "correct it after GB/T 37346: 6 digits division, 3 + 3 cadastral zones, 2 feature letters, 5 serial digits",
        ),
    ),
    warning(
        "unit_code",
        ("不动产单元号不合规范", "real-estate unit number not of the standard form"),
        (
            "按 GB/T 37346 改正：19 位宗地代码 + 定着物特征码 + 8 位",
            "correct it after GB/T 37346: the 19-character parcel code, a letter, 8 digits",
        ),
    ),
    warning(
        "unit_code_given",
        ("宗地代码列中是不动产单元号", "a unit number where a parcel code is expected"),
        (
            "前 19 位即宗地代码；与其他表关联时请用同一种编码",
            "its first 19 characters are the parcel code: use one of the two in all files",
        ),
    ),
    warning(
        "code_scheme",
        ("编码不是 19 位宗地代码", "codes are not 19-character parcel codes"),
        (
            "如为单位自编编码，无需处理；各文件须用同一种编码",
            "nothing to mend when it is the office's own scheme; use the same codes in all files",
        ),
    ),
    warning(
        "code_normalised",
        ("编码已规范化", "code made plain"),
        (
            "在原文件中改为半角大写、无空格",
            "write it in half-width capitals without blanks in the file",
        ),
    ),
    warning(
        "date_order",
        ("日期先后颠倒", "dates in the wrong order"),
        ("核对两个日期", "check both dates"),
    ),
    warning("date_future", ("日期在未来", "a date in the future"), ("核对日期", "check the date")),
    warning(
        "date_implausible",
        ("日期不合理", "an implausible date"),
        ("核对年份", "check the year"),
    ),
    warning(
        "year_implausible",
        ("年份不合理", "an implausible year"),
        ("核对年份", "check the year"),
    ),
    warning(
        "far_implausible",
        ("容积率不合理", "an implausible floor-area ratio"),
        ("核对容积率：应大于 0，不超过 20", "check it: above 0 and at most 20"),
    ),
    warning(
        "floors_implausible",
        ("层数或层高不合理", "an implausible number of floors or storey height"),
        ("核对层数与层高", "check floors and storey height"),
    ),
    warning(
        "part_exceeds_whole",
        ("部分大于整体", "a part larger than the whole"),
        ("核对两个面积", "check both areas"),
    ),
    warning(
        "areas_disagree",
        ("亩与平方米不一致", "the areas in mu and m² disagree"),
        ("核对两列面积及其单位", "check both columns and their units"),
    ),
    warning(
        "total_row",
        ("合计或注释行，已跳过", "total or note row, passed over"),
        ("无需处理", "nothing to mend"),
    ),
    warning(
        "group_differs",
        ("合并的行取值不同", "rows made one differ"),
        (
            "核对这些行，或在映射中指定取法（combine）",
            "check the rows, or say in the mapping how they combine",
        ),
    ),
    warning(
        "text_cut",
        ("文本末字不完整", "text whose last character was cut"),
        ("在原文件中加长该字段后重新导出", "widen the field in the source and export again"),
    ),
    // Rows compared with one another and with the record.
    warning(
        "no_parcel",
        ("宗地代码未登记", "no parcel of that code"),
        ("先导入该宗地，或改正编码", "import the parcel first, or correct the code"),
    ),
    warning(
        "no_enterprise",
        ("信用代码未登记", "no enterprise of that code"),
        ("先导入该企业，或改正代码", "import the enterprise first, or correct the code"),
    ),
    warning(
        "not_in_list",
        ("已登记而表中没有行", "registered, and named by no row"),
        ("补齐缺少的行", "add the rows that are missing"),
    ),
    warning(
        "overlap",
        ("宗地重叠", "parcels overlap"),
        ("按所示重叠处改正界线", "correct the outlines where they overlap"),
    ),
    warning(
        "same_geometry",
        ("图形相同而编码不同", "the same geometry under different codes"),
        ("删除其一，或改正编码", "remove one of them, or correct its code"),
    ),
    warning(
        "gap",
        ("相邻宗地间有缝隙", "a narrow gap between parcels"),
        ("让界线共用顶点", "let the outlines share their vertices"),
    ),
    warning(
        "jump",
        ("与上期相差五倍以上", "more than five times the period before, or less than a fifth"),
        ("核对数值与单位；属实则无需处理", "check figure and unit; nothing to mend when it is so"),
    ),
    warning(
        "unit_suspected",
        ("整列单位疑似有误", "a column whose unit seems wrong"),
        (
            "核对列的单位，必要时在列名中注明，如 税收(元)",
            "check the column's unit, and state it in the header: 税收(元)",
        ),
    ),
    warning(
        "land_exceeds_parcel",
        ("用地合计大于宗地面积", "the users' land adds up to more than the parcel"),
        ("核对各户分摊用地面积及其单位", "check the land of each user and its unit"),
    ),
    warning(
        "used_twice",
        ("同一企业同一处用地时间重叠", "one enterprise at one place twice at a time"),
        (
            "填写前一次的终止日期，或删除重复的一行",
            "end the earlier use with a date, or remove the row that repeats it",
        ),
    ),
    warning(
        "shares_exceed_whole",
        ("分摊比例合计超过 100%", "parts that sum to more than the whole"),
        (
            "改正比例；超过 100% 时该企业的指标不分摊",
            "correct the parts: figures of which more than the whole is shared out are not shared out at all",
        ),
    ),
];

/// All rules, as people read them.
pub fn rules() -> Vec<Described> {
    RULES
        .iter()
        .map(|it| Described {
            id: it.id,
            severity: it.severity,
            title: text(it.title),
            mend: text(it.mend),
        })
        .collect()
}

/// What a rule is called; one that the table does not have, by its id.
pub fn title(id: &str) -> Text {
    find(id).map_or_else(|| text((id, id)), |it| text(it.title))
}

/// What makes a finding of the rule go away, in both languages.
pub fn mend(id: &str) -> Option<String> {
    find(id).map(|it| format!("{} / {}", it.mend.0, it.mend.1))
}

fn find(id: &str) -> Option<&'static Rule> {
    RULES.iter().find(|it| it.id == id)
}

fn text((zh, en): (&str, &str)) -> Text {
    Text { zh: zh.to_owned(), en: en.to_owned() }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    /// Rules that source text names: `Issue::error("x"`, `refuse("x"`, `rule: "x"` and the like.
    fn named(dir: &Path, found: &mut Vec<(String, String)>) {
        let pattern = regex::Regex::new(
            r#"(?:Issue::error|Issue::warn|refuse|self\.warn|count_more)\(\s*(?:Severity::\w+,\s*)?"([a-z_]+)""#,
        )
        .unwrap();
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                named(&path, found);
            } else {
                let text = fs::read_to_string(&path).unwrap();
                let text = text.split("#[cfg(test)]").next().unwrap_or_default();
                for it in pattern.captures_iter(text) {
                    found.push((path.display().to_string(), it[1].to_owned()));
                }
            }
        }
    }

    #[test]
    fn every_rule_that_the_code_names_is_in_the_table() {
        let mut found = Vec::new();
        named(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/ingest"), &mut found);
        assert!(found.len() > 25, "{found:?}");
        for (path, rule) in found {
            assert!(find(&rule).is_some(), "{path}: `{rule}`");
        }
    }

    /// The table of the documents.
    fn table() -> String {
        let mut table =
            "| rule | row | 名称 / name | 如何改正 / mend |\n| --- | --- | --- | --- |\n"
                .to_owned();
        for it in RULES {
            let row = if it.severity == Severity::Error { "rejected" } else { "imported" };
            table.push_str(&format!(
                "| `{}` | {row} | {} / {} | {} / {} |\n",
                it.id, it.title.0, it.title.1, it.mend.0, it.mend.1
            ));
        }
        table
    }

    #[test]
    fn the_documents_list_every_rule() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/import.md");
        let text = fs::read_to_string(&path).unwrap();
        let (before, rest) = text.split_once("writes this table -->\n").unwrap();
        let (listed, after) = rest.split_once("<!-- end of rules -->").unwrap();
        if std::env::var_os("MUTU_BLESS").is_some() {
            let anew =
                format!("{before}writes this table -->\n{}<!-- end of rules -->{after}", table());
            fs::write(&path, anew).unwrap();
        } else {
            assert_eq!(listed, table(), "MUTU_BLESS=1 cargo test --lib catalogue");
        }
    }

    #[test]
    fn a_rule_is_in_the_table_once_and_says_how_to_mend_it() {
        for (index, it) in RULES.iter().enumerate() {
            assert!(RULES[index + 1..].iter().all(|other| other.id != it.id), "{}", it.id);
            for text in [it.title.0, it.title.1, it.mend.0, it.mend.1] {
                assert!(!text.is_empty(), "{}", it.id);
            }
        }
    }
}
