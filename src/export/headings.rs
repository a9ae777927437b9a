//! What a column is called in a table that people open: the Chinese title with its unit.

use crate::ingest::shown_unit;
use crate::layer::Unit;

use super::Column;

/// The unit as an office writes it; nothing for plain ratios and counts.
pub fn unit_label(unit: Unit) -> Option<&'static str> {
    (!matches!(unit, Unit::Ratio | Unit::Count)).then(|| shown_unit(unit))
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
