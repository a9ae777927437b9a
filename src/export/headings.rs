//! What a column is called in a table that people open: the Chinese title with its unit.

use crate::layer::Unit;

use super::Column;

/// The unit as an office writes it; nothing for plain ratios and counts.
pub const fn unit_label(unit: Unit) -> Option<&'static str> {
    Some(match unit {
        Unit::M => "米",
        Unit::M2 => "平方米",
        Unit::Mu => "亩",
        Unit::Ha => "公顷",
        Unit::Wan => "万元",
        Unit::WanPerMu => "万元/亩",
        Unit::WanPerTce => "万元/吨标煤",
        Unit::Tce => "吨标煤",
        Unit::Kwh => "千瓦时",
        Unit::M3 => "立方米",
        Unit::T => "吨",
        Unit::Persons => "人",
        Unit::Years => "年",
        Unit::Ratio | Unit::Count => return None,
    })
}

/// `证载面积（平方米）`. A title that names its unit already stays as it is.
pub fn heading(column: &Column) -> String {
    let title = &column.title.zh;
    match column.unit.and_then(unit_label) {
        Some(unit) if !title.contains(unit) => format!("{title}（{unit}）"),
        _ => title.clone(),
    }
}

#[cfg(test)]
mod tests {
    use crate::layer::FieldType;
    use crate::layer::Text;

    use super::*;

    #[test]
    fn a_heading_says_the_unit_once() {
        let column = |zh: &str, unit| Column {
            name: "a".to_owned(),
            title: Text { zh: zh.to_owned(), en: String::new() },
            kind: FieldType::Decimal,
            unit,
        };
        assert_eq!(heading(&column("证载面积", Some(Unit::M2))), "证载面积（平方米）");
        assert_eq!(heading(&column("面积（亩）", Some(Unit::Mu))), "面积（亩）");
        assert_eq!(heading(&column("容积率", Some(Unit::Ratio))), "容积率");
    }
}
