//! Who supplies the figures that measures are made of: whom an officer asks when one is missing.

use crate::layer::Text;

use super::MEASURES;

/// The title of a measure.
pub fn title(name: &str) -> Option<Text> {
    MEASURES.iter().find(|it| it.name == name).map(|it| Text::new(it.zh, it.en))
}

/// Who supplies a measure; `None` of what is no measure. A ratio is asked for where its figure comes from: the area that it
/// is divided by is in the register.
pub fn supplier(name: &str) -> Option<Text> {
    MEASURES.iter().find(|it| it.name == name)?;
    let begins = |words: &[&str]| words.iter().any(|it| name.starts_with(it));
    Some(if begins(&["tax", "years_without_tax", "years_tax"]) {
        Text::new("税务部门", "tax office")
    } else if begins(&["output", "value_added", "energy", "employees", "rd_", "revenue", "labour"])
    {
        Text::new("统计部门", "statistics office")
    } else if begins(&["power"]) {
        Text::new("供电公司", "power company")
    } else if begins(&["water"]) {
        Text::new("供水公司", "water company")
    } else if begins(&["emission", "pollutant"]) {
        Text::new("生态环境部门", "environment office")
    } else if begins(&["enterprise", "sector"]) {
        Text::new("经信部门", "industry office")
    } else if begins(&["assessed"]) {
        Text::new("评估机构", "assessor")
    } else {
        register_keeper()
    })
}

/// Who keeps the register of land and buildings.
pub fn register_keeper() -> Text {
    Text::new("自然资源和规划部门", "land and planning office")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_measure_has_somebody_to_ask() {
        for it in MEASURES {
            let found = supplier(it.name).unwrap();
            assert!(!found.zh.is_empty() && !found.en.is_empty(), "{}", it.name);
        }
        assert_eq!(supplier("tax_wan_per_mu").unwrap().zh, "税务部门");
        assert_eq!(supplier("far").unwrap().zh, "自然资源和规划部门");
        assert_eq!(supplier("status"), None);
    }
}
