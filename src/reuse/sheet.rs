//! A list as a workbook: unrounded cells with a display format, and a row of sums that Excel computes and that are the sums of
//! the API already when it opens.

use rust_decimal::Decimal;
use rust_xlsxwriter::ExcelDateTime;
use rust_xlsxwriter::Format;
use rust_xlsxwriter::Formula;
use rust_xlsxwriter::Workbook;

use crate::judgement::workflow::State;
use crate::judgement::workflow::Workflow;

use super::Case;
use super::List;
use super::Totals;

/// What a cell holds.
enum Cell {
    Text(String),
    Number(Option<Decimal>),
    Date(Option<chrono::NaiveDate>),
}

type Of = fn(&Case) -> Cell;
type Sum = fn(&Totals) -> Decimal;

fn some(it: Option<&String>) -> Cell {
    Cell::Text(it.cloned().unwrap_or_default())
}

/// Heading, value, and the sum where it has one.
const COLUMNS: &[(&str, Of, Option<Sum>)] = &[
    ("台账编码", |it| Cell::Text(it.case_code.clone()), None),
    ("地块编码", |it| Cell::Text(it.parcel_code.clone()), None),
    ("年份", |it| Cell::Number(Some(it.year.into())), None),
    ("责任单位", |it| some(it.responsible_unit.as_ref()), None),
    ("地块名称", |it| some(it.name.as_ref()), None),
    ("企业名称", |it| some(it.enterprise_name.as_ref()), None),
    ("区块分类", |it| some(it.block_class.as_ref()), None),
    ("占地面积（亩）", |it| Cell::Number(Some(it.area_mu)), Some(|it| it.area_mu)),
    ("上年度亩均税收（万元/亩）", |it| Cell::Number(it.tax_wan_per_mu), None),
    ("上上年度亩均税收（万元/亩）", |it| Cell::Number(it.tax_wan_per_mu_prev1), None),
    ("当前状态", |it| Cell::Text(state(it)), None),
    ("处置路径", |it| Cell::Text(path(it)), None),
    ("处置措施", |it| some(it.measures.as_ref()), None),
    ("规划用途", |it| some(it.use_planned.as_ref()), None),
    ("引进项目", |it| some(it.project.as_ref()), None),
    ("计划面积（亩）", |it| Cell::Number(it.plan_area_mu), Some(|it| it.plan_area_mu)),
    ("处置面积（亩）", |it| Cell::Number(Some(it.disposed_mu)), Some(|it| it.disposed_mu)),
    ("剩余面积（亩）", |it| Cell::Number(Some(it.remaining_mu)), Some(|it| it.remaining_mu)),
    ("验收面积（亩）", |it| Cell::Number(Some(it.counted_mu)), Some(|it| it.counted_mu)),
    ("计划开始", |it| Cell::Date(it.plan_start), None),
    ("计划完成", |it| Cell::Date(it.plan_finish), None),
    ("实际开始", |it| Cell::Date(it.started_on), None),
    ("实际完成", |it| Cell::Date(it.finished_on), None),
    ("节点安排", |it| Cell::Text(nodes(it)), None),
    (
        "计划投资（万元）",
        |it| Cell::Number(it.investment_plan_wan),
        Some(|it| it.investment_plan_wan),
    ),
    (
        "实际投资（万元）",
        |it| Cell::Number(it.investment_actual_wan),
        Some(|it| it.investment_actual_wan),
    ),
    (
        "腾出能耗（吨标准煤）",
        |it| Cell::Number(it.energy_freed_tce),
        Some(|it| it.energy_freed_tce),
    ),
    ("盘活厂房（处）", |it| Cell::Number(it.plants_freed), Some(|it| it.plants_freed)),
    ("盘活厂房（平方米）", |it| Cell::Number(it.plant_freed_m2), Some(|it| it.plant_freed_m2)),
    (
        "整治关停企业（家）",
        |it| Cell::Number(it.enterprises_cleared),
        Some(|it| it.enterprises_cleared),
    ),
    ("责任领导", |it| some(it.leader.as_ref()), None),
    ("责任人", |it| some(it.person.as_ref()), None),
    ("问题类型", |it| some(it.problem_kind.as_ref()), None),
    ("问题描述", |it| some(it.problem.as_ref()), None),
    ("依据文号", |it| some(it.basis.as_ref()), None),
    ("备注", |it| some(it.note.as_ref()), None),
];

fn state(it: &Case) -> String {
    let name = State::parse(&it.state).map(State::zh).unwrap_or_default();
    if it.held { format!("{name}（暂缓）") } else { name.to_owned() }
}

fn path(it: &Case) -> String {
    let way = it.path.as_deref().and_then(|it| Workflow::shipped().path(it));
    way.map(|it| it.title.zh.clone()).unwrap_or_default()
}

/// The path's stations in their order: quarter planned, and the day where one was reached.
fn nodes(it: &Case) -> String {
    let way = it.path.as_deref().and_then(|it| Workflow::shipped().path(it));
    let stations = way.iter().flat_map(|it| &it.milestones).filter_map(|station| {
        let reached = it.reached[&station.id].as_str().map(|day| format!("✓{day}"));
        let planned = it.nodes[&station.id].as_str().map(ToOwned::to_owned);
        Some(format!("{}{}", station.zh, reached.or(planned)?))
    });
    stations.collect::<Vec<_>>().join("；")
}

/// The workbook. Cases that were removed are not in it: it is what the sums are of.
pub fn workbook_blocking(list: &List, cases: &[Case], total: &Totals) -> anyhow::Result<Vec<u8>> {
    let head = Format::new().set_bold().set_text_wrap().set_background_color(0x00E8_EDF2);
    let number = Format::new().set_num_format("#,##0.00");
    let integer = Format::new().set_num_format("0");
    let date = Format::new().set_num_format("yyyy-mm-dd");
    let sums = Format::new().set_bold().set_num_format("#,##0.00");
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.set_name("清单")?;
    sheet.set_freeze_panes(1, 2)?;
    for (nth, (heading, ..)) in (0_u16..).zip(COLUMNS) {
        sheet.write_with_format(0, nth, *heading, &head)?;
        let width = u16::try_from(heading.chars().count() * 2 + 2)?.clamp(10, 30);
        sheet.set_column_width(nth, f64::from(width))?;
    }
    let mut row = 0;
    for case in cases.iter().filter(|it| it.state != State::Removed.name()) {
        row += 1;
        for (nth, (heading, of, _)) in (0_u16..).zip(COLUMNS) {
            match of(case) {
                Cell::Text(it) if it.is_empty() => {}
                Cell::Text(it) => {
                    let it: String = it.chars().take(32_767).collect();
                    sheet.write_string(row, nth, it)?;
                }
                Cell::Number(None) | Cell::Date(None) => {}
                Cell::Number(Some(it)) => {
                    let format = if *heading == "年份" { &integer } else { &number };
                    let it: f64 = it.to_string().parse()?;
                    sheet.write_number_with_format(row, nth, it, format)?;
                }
                Cell::Date(Some(it)) => {
                    let it = ExcelDateTime::parse_from_str(&it.to_string())?;
                    sheet.write_datetime_with_format(row, nth, &it, &date)?;
                }
            }
        }
    }
    if row > 0 {
        sheet.autofilter(0, 0, row, u16::try_from(COLUMNS.len() - 1)?)?;
    }
    let at = row + 1;
    sheet.write_with_format(at, 0, format!("合计 {} 宗", total.cases), &head)?;
    for (nth, (_, _, sum)) in (0_u16..).zip(COLUMNS) {
        let Some(sum) = sum else { continue };
        let value = sum(total).normalize();
        if row == 0 {
            sheet.write_number_with_format(at, nth, 0.0, &sums)?;
            continue;
        }
        let letters = rust_xlsxwriter::utility::column_number_to_name(nth);
        let formula = Formula::new(format!("=SUM({letters}2:{letters}{})", row + 1))
            .set_result(value.to_string());
        sheet.write_formula_with_format(at, nth, formula, &sums)?;
    }
    let about = workbook.add_worksheet();
    about.set_name("说明")?;
    about.set_column_width(0, 20)?;
    about.set_column_width(1, 60)?;
    let facts = [
        ("清单", list.name.clone()),
        ("年份", list.year.to_string()),
        ("行数", total.cases.to_string()),
        ("空格", "缺失，不是零 / missing, not zero".to_owned()),
        (
            "面积",
            "亩，不取整；1 亩 = 2000/3 平方米 / unrounded; a mu is exactly 2000/3 m²".to_owned(),
        ),
    ];
    for (nth, (name, value)) in (0_u32..).zip(facts) {
        about.write_with_format(nth, 0, name, &head)?;
        about.write_string(nth, 1, value)?;
    }
    Ok(workbook.save_to_buffer()?)
}
