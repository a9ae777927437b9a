//! The names, units and titles of an enterprise's figures and measures, and what schemes may name besides.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::cql::Field;
use crate::cql::Type;

/// A figure that somebody reports for a year: a column of `enterprise_period`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figure {
    pub name: &'static str,
    pub zh: &'static str,
    pub en: &'static str,
    /// Who usually supplies it.
    pub from_zh: &'static str,
    pub from_en: &'static str,
}

const fn figure(
    name: &'static str,
    zh: &'static str,
    en: &'static str,
    from_zh: &'static str,
    from_en: &'static str,
) -> Figure {
    Figure { name, zh, en, from_zh, from_en }
}

/// All figures. `tax_wan` is the tax for evaluation as it was reported; the measure of that name may be composed.
pub const FIGURES: &[Figure] = &[
    figure("tax_wan", "评价税收", "Tax for evaluation", "税务部门", "the tax office"),
    figure("tax_paid_wan", "实缴税金", "Tax paid", "税务部门", "the tax office"),
    figure(
        "tax_policy_adj_wan",
        "政策性减免税",
        "Tax relief by policy",
        "税务部门",
        "the tax office",
    ),
    figure("output_wan", "工业总产值", "Gross output", "统计部门", "the statistics office"),
    figure("revenue_wan", "营业收入", "Revenue", "统计部门", "the statistics office"),
    figure("value_added_wan", "工业增加值", "Value added", "统计部门", "the statistics office"),
    figure("energy_tce", "综合能耗", "Energy", "统计部门", "the statistics office"),
    figure("electricity_kwh", "用电量", "Electricity", "供电公司", "the grid company"),
    figure("water_m3", "用水量", "Water", "水务部门", "the water office"),
    figure(
        "emission_t",
        "主要污染物排放量",
        "Emission of main pollutants",
        "生态环境部门",
        "the environment office",
    ),
    figure("rd_wan", "研发经费", "R&D expenditure", "统计部门", "the statistics office"),
    figure("employees", "平均职工人数", "Employees", "统计部门", "the statistics office"),
    figure("investment_wan", "固定资产投资", "Investment", "统计部门", "the statistics office"),
];

/// A named measure of an enterprise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Measure {
    /// The property in schemes.
    pub name: &'static str,
    pub unit: &'static str,
    pub zh: &'static str,
    pub en: &'static str,
    /// What is divided; the measure itself where nothing is.
    #[serde(skip)]
    pub over: &'static str,
    #[serde(skip)]
    pub under: Option<&'static str>,
    /// 万元 are told as yuan.
    #[serde(skip)]
    pub in_yuan: bool,
}

const fn plain(
    name: &'static str,
    unit: &'static str,
    zh: &'static str,
    en: &'static str,
) -> Measure {
    Measure { name, unit, zh, en, over: name, under: None, in_yuan: false }
}

const fn ratio(
    name: &'static str,
    unit: &'static str,
    zh: &'static str,
    en: &'static str,
    over: &'static str,
    under: &'static str,
) -> Measure {
    Measure { name, unit, zh, en, over, under: Some(under), in_yuan: false }
}

/// All measures. Every one of them but the land is confidential.
pub const MEASURES: &[Measure] = &[
    plain("land_mu", "mu", "用地面积", "Land"),
    plain("tax_wan", "wan", "评价税收", "Tax for evaluation"),
    plain("output_wan", "wan", "工业总产值", "Gross output"),
    plain("revenue_wan", "wan", "营业收入", "Revenue"),
    plain("value_added_wan", "wan", "工业增加值", "Value added"),
    plain("energy_tce", "tce", "综合能耗", "Energy"),
    plain("electricity_kwh", "kwh", "用电量", "Electricity"),
    plain("water_m3", "m3", "用水量", "Water"),
    plain("emission_t", "t", "主要污染物排放量", "Emission of main pollutants"),
    plain("rd_wan", "wan", "研发经费", "R&D expenditure"),
    plain("employees", "persons", "平均职工人数", "Employees"),
    plain("investment_wan", "wan", "固定资产投资", "Investment"),
    ratio("tax_wan_per_mu", "wan_per_mu", "亩均税收", "Tax per mu", "tax_wan", "land_mu"),
    ratio(
        "value_added_wan_per_mu",
        "wan_per_mu",
        "亩均增加值",
        "Value added per mu",
        "value_added_wan",
        "land_mu",
    ),
    ratio("output_wan_per_mu", "wan_per_mu", "亩均产值", "Output per mu", "output_wan", "land_mu"),
    ratio(
        "revenue_wan_per_mu",
        "wan_per_mu",
        "亩均销售",
        "Revenue per mu",
        "revenue_wan",
        "land_mu",
    ),
    ratio(
        "investment_wan_per_mu",
        "wan_per_mu",
        "亩均投资",
        "Investment per mu",
        "investment_wan",
        "land_mu",
    ),
    ratio("energy_tce_per_mu", "tce_per_mu", "亩均能耗", "Energy per mu", "energy_tce", "land_mu"),
    ratio(
        "electricity_kwh_per_mu",
        "kwh_per_mu",
        "亩均用电",
        "Electricity per mu",
        "electricity_kwh",
        "land_mu",
    ),
    ratio("water_m3_per_mu", "m3_per_mu", "亩均用水", "Water per mu", "water_m3", "land_mu"),
    ratio("emission_t_per_mu", "t_per_mu", "亩均排放", "Emission per mu", "emission_t", "land_mu"),
    ratio(
        "employees_per_mu",
        "persons_per_mu",
        "亩均用工",
        "Employees per mu",
        "employees",
        "land_mu",
    ),
    ratio(
        "value_added_wan_per_tce",
        "wan_per_tce",
        "单位能耗增加值",
        "Value added per tce",
        "value_added_wan",
        "energy_tce",
    ),
    ratio("tax_wan_per_tce", "wan_per_tce", "单位能耗税收", "Tax per tce", "tax_wan", "energy_tce"),
    ratio(
        "output_wan_per_tce",
        "wan_per_tce",
        "单位能耗产值",
        "Output per tce",
        "output_wan",
        "energy_tce",
    ),
    ratio(
        "revenue_wan_per_tce",
        "wan_per_tce",
        "单位能耗销售",
        "Revenue per tce",
        "revenue_wan",
        "energy_tce",
    ),
    ratio(
        "value_added_wan_per_t",
        "wan_per_t",
        "单位排放增加值",
        "Value added per t of emission",
        "value_added_wan",
        "emission_t",
    ),
    ratio(
        "tax_wan_per_t",
        "wan_per_t",
        "单位排放税收",
        "Tax per t of emission",
        "tax_wan",
        "emission_t",
    ),
    ratio(
        "revenue_wan_per_t",
        "wan_per_t",
        "单位排放销售",
        "Revenue per t of emission",
        "revenue_wan",
        "emission_t",
    ),
    ratio(
        "value_added_wan_per_person",
        "wan_per_person",
        "全员劳动生产率",
        "Value added per person",
        "value_added_wan",
        "employees",
    ),
    ratio(
        "tax_wan_per_person",
        "wan_per_person",
        "人均税收",
        "Tax per person",
        "tax_wan",
        "employees",
    ),
    ratio(
        "revenue_wan_per_person",
        "wan_per_person",
        "人均销售",
        "Revenue per person",
        "revenue_wan",
        "employees",
    ),
    ratio(
        "rd_wan_per_person",
        "wan_per_person",
        "人均研发经费",
        "R&D expenditure per person",
        "rd_wan",
        "employees",
    ),
    ratio("rd_ratio", "ratio", "研发经费占比", "R&D share of revenue", "rd_wan", "revenue_wan"),
    Measure {
        in_yuan: true,
        ..ratio(
            "tax_yuan_per_kwh",
            "yuan_per_kwh",
            "单位用电税收",
            "Tax per kWh",
            "tax_wan",
            "electricity_kwh",
        )
    },
    Measure {
        in_yuan: true,
        ..ratio(
            "value_added_yuan_per_m3",
            "yuan_per_m3",
            "单位用水增加值",
            "Value added per m³ of water",
            "value_added_wan",
            "water_m3",
        )
    },
];

/// Fields of the enterprise itself that schemes may name.
pub const FIELDS: [(&str, Type); 10] = [
    ("industry_code", Type::Text),
    ("town_code", Type::Text),
    ("is_scale", Type::Boolean),
    ("is_hightech", Type::Boolean),
    ("is_key", Type::Boolean),
    ("founded", Type::Date),
    ("in_production", Type::Date),
    // Whole years at the year's end; 0 before it produces.
    ("years_in_production", Type::Integer),
    // Whether the day by which a contract of its land wants it finished has passed.
    ("past_contract_finish", Type::Boolean),
    // Kinds of what was recorded of it for the year: accidents, crimes, patents.
    ("marks", Type::TextList),
];

/// Everything that a scheme may name, as CQL2 properties.
pub fn fields() -> BTreeMap<String, Field> {
    let measures = MEASURES.iter().map(|it| (it.name, Type::Decimal));
    let all = FIELDS.into_iter().chain(measures);
    all.map(|(name, kind)| (name.to_owned(), kind.column(name))).collect()
}
