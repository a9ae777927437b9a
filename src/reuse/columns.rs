//! The columns of a list as offices write them, the same in every file that is made of it.

use rust_decimal::Decimal;

use crate::judgement::workflow::State;
use crate::judgement::workflow::Workflow;

use super::Case;
use super::Totals;

/// What a cell holds.
pub enum Cell {
    Text(String),
    Number(Option<Decimal>),
    Date(Option<chrono::NaiveDate>),
}

/// Of a case.
pub type Of = fn(&Case) -> Cell;
/// Of the sums.
pub type Sum = fn(&Totals) -> Decimal;

fn some(it: Option<&String>) -> Cell {
    Cell::Text(it.cloned().unwrap_or_default())
}

/// Name of the member, heading, value, and the sum where it has one.
pub const COLUMNS: &[(&str, &str, Of, Option<Sum>)] = &[
    ("case_code", "台账编码", |it| Cell::Text(it.case_code.clone()), None),
    ("parcel_code", "地块编码", |it| Cell::Text(it.parcel_code.clone()), None),
    ("year", "年份", |it| Cell::Number(Some(it.year.into())), None),
    ("responsible_unit", "责任单位", |it| some(it.responsible_unit.as_ref()), None),
    ("name", "地块名称", |it| some(it.name.as_ref()), None),
    ("enterprise_name", "企业名称", |it| some(it.enterprise_name.as_ref()), None),
    ("block_class", "区块分类", |it| some(it.block_class.as_ref()), None),
    ("area_mu", "占地面积（亩）", |it| Cell::Number(Some(it.area_mu)), Some(|it| it.area_mu)),
    ("tax_wan_per_mu", "上年度亩均税收（万元/亩）", |it| Cell::Number(it.tax_wan_per_mu), None),
    (
        "tax_wan_per_mu_prev1",
        "上上年度亩均税收（万元/亩）",
        |it| Cell::Number(it.tax_wan_per_mu_prev1),
        None,
    ),
    ("state", "当前状态", |it| Cell::Text(state(it)), None),
    ("path", "处置路径", |it| Cell::Text(path(it)), None),
    ("measures", "处置措施", |it| some(it.measures.as_ref()), None),
    ("use_planned", "规划用途", |it| some(it.use_planned.as_ref()), None),
    ("project", "引进项目", |it| some(it.project.as_ref()), None),
    (
        "plan_area_mu",
        "计划面积（亩）",
        |it| Cell::Number(it.plan_area_mu),
        Some(|it| it.plan_area_mu),
    ),
    (
        "disposed_mu",
        "处置面积（亩）",
        |it| Cell::Number(Some(it.disposed_mu)),
        Some(|it| it.disposed_mu),
    ),
    (
        "remaining_mu",
        "剩余面积（亩）",
        |it| Cell::Number(Some(it.remaining_mu)),
        Some(|it| it.remaining_mu),
    ),
    (
        "counted_mu",
        "验收面积（亩）",
        |it| Cell::Number(Some(it.counted_mu)),
        Some(|it| it.counted_mu),
    ),
    ("plan_start", "计划开始", |it| Cell::Date(it.plan_start), None),
    ("plan_finish", "计划完成", |it| Cell::Date(it.plan_finish), None),
    ("started_on", "实际开始", |it| Cell::Date(it.started_on), None),
    ("finished_on", "实际完成", |it| Cell::Date(it.finished_on), None),
    ("nodes", "节点安排", |it| Cell::Text(nodes(it)), None),
    (
        "investment_plan_wan",
        "计划投资（万元）",
        |it| Cell::Number(it.investment_plan_wan),
        Some(|it| it.investment_plan_wan),
    ),
    (
        "investment_actual_wan",
        "实际投资（万元）",
        |it| Cell::Number(it.investment_actual_wan),
        Some(|it| it.investment_actual_wan),
    ),
    (
        "energy_freed_tce",
        "腾出能耗（吨标准煤）",
        |it| Cell::Number(it.energy_freed_tce),
        Some(|it| it.energy_freed_tce),
    ),
    (
        "plants_freed",
        "盘活厂房（处）",
        |it| Cell::Number(it.plants_freed),
        Some(|it| it.plants_freed),
    ),
    (
        "plant_freed_m2",
        "盘活厂房（平方米）",
        |it| Cell::Number(it.plant_freed_m2),
        Some(|it| it.plant_freed_m2),
    ),
    (
        "enterprises_cleared",
        "整治关停企业（家）",
        |it| Cell::Number(it.enterprises_cleared),
        Some(|it| it.enterprises_cleared),
    ),
    ("leader", "责任领导", |it| some(it.leader.as_ref()), None),
    ("person", "责任人", |it| some(it.person.as_ref()), None),
    ("problem_kind", "问题类型", |it| some(it.problem_kind.as_ref()), None),
    ("problem", "问题描述", |it| some(it.problem.as_ref()), None),
    ("basis", "依据文号", |it| some(it.basis.as_ref()), None),
    ("note", "备注", |it| some(it.note.as_ref()), None),
];

/// The state in words; a case that is on hold says so.
pub fn state(it: &Case) -> String {
    let name = State::parse(&it.state).map(State::zh).unwrap_or_default();
    if it.held { format!("{name}（暂缓）") } else { name.to_owned() }
}

/// The path's title.
pub fn path(it: &Case) -> String {
    let way = it.path.as_deref().and_then(|it| Workflow::shipped().path(it));
    way.map(|it| it.title.zh.clone()).unwrap_or_default()
}

/// The path's stations in their order: quarter planned, and the day where one was reached.
pub fn nodes(it: &Case) -> String {
    let way = it.path.as_deref().and_then(|it| Workflow::shipped().path(it));
    let stations = way.iter().flat_map(|it| &it.milestones).filter_map(|station| {
        let reached = it.reached[&station.id].as_str().map(|day| format!("✓{day}"));
        let planned = it.nodes[&station.id].as_str().map(ToOwned::to_owned);
        Some(format!("{}{}", station.zh, reached.or(planned)?))
    });
    stations.collect::<Vec<_>>().join("；")
}
