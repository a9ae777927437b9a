//! The names, units and titles of all measures.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::cql::Field;
use crate::cql::Type;

/// A named measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Measure {
    /// Also the column in `parcel_measure` and the property in rules and filters.
    pub name: &'static str,
    /// `mu`, `m2`, `wan`, `wan_per_mu`, `tce`, `wan_per_tce`, `persons`, `years`, `ratio`, `count`.
    pub unit: &'static str,
    pub zh: &'static str,
    pub en: &'static str,
    /// Derived from tax, output, value added, energy or employees: in no public answer.
    pub confidential: bool,
}

const fn open(
    name: &'static str,
    unit: &'static str,
    zh: &'static str,
    en: &'static str,
) -> Measure {
    Measure { name, unit, zh, en, confidential: false }
}

const fn confidential(
    name: &'static str,
    unit: &'static str,
    zh: &'static str,
    en: &'static str,
) -> Measure {
    Measure { name, unit, zh, en, confidential: true }
}

/// All measures, in the order of their columns.
pub const MEASURES: &[Measure] = &[
    open("area_mu", "mu", "面积", "Area"),
    confidential("tax_wan", "wan", "税收", "Tax"),
    confidential("output_wan", "wan", "产值", "Output"),
    confidential("value_added_wan", "wan", "增加值", "Value added"),
    confidential("energy_tce", "tce", "综合能耗", "Energy"),
    confidential("employees", "persons", "职工人数", "Employees"),
    open("assessed_value_wan", "wan", "评估价值", "Assessed value"),
    confidential("tax_wan_per_mu", "wan_per_mu", "亩均税收", "Tax per mu"),
    confidential("output_wan_per_mu", "wan_per_mu", "亩均产值", "Output per mu"),
    confidential("value_added_wan_per_mu", "wan_per_mu", "亩均增加值", "Value added per mu"),
    confidential("value_added_wan_per_tce", "wan_per_tce", "单位能耗增加值", "Value added per tce"),
    open("assessed_value_wan_per_mu", "wan_per_mu", "亩均评估价值", "Assessed value per mu"),
    confidential(
        "tax_wan_per_mu_prev1",
        "wan_per_mu",
        "上年度亩均税收",
        "Tax per mu, a year before",
    ),
    confidential(
        "tax_wan_per_mu_prev2",
        "wan_per_mu",
        "上上年度亩均税收",
        "Tax per mu, two years before",
    ),
    confidential("years_without_tax", "years", "连续无税年数", "Years without tax"),
    open("far", "ratio", "容积率", "Floor area ratio"),
    open("coverage", "ratio", "建筑系数", "Coverage"),
    open("vacancy", "ratio", "空置率", "Vacancy"),
    open("gfa_m2", "m2", "建筑面积", "Floor area"),
    open("enterprise_count", "count", "企业数", "Enterprises"),
    open("enterprises_reported", "count", "有数企业数", "Enterprises that reported"),
    open("sector_far_min", "ratio", "行业容积率下限", "Least floor area ratio of the sector"),
    // As secret as the tax: which side of it a parcel lies on tells of that.
    confidential(
        "sector_tax_guide_wan_per_mu",
        "wan_per_mu",
        "行业亩均税收指导值",
        "Guide of tax per mu of the sector",
    ),
    confidential(
        "years_tax_below_guide",
        "years",
        "连续低于行业指导值年数",
        "Years with tax below the guide",
    ),
];

/// All measures as CQL2 properties, to which a caller adds the parcel's own fields.
pub fn fields() -> BTreeMap<String, Field> {
    MEASURES.iter().map(|it| (it.name.to_owned(), Type::Decimal.column(it.name))).collect()
}
