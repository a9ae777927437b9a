//! What the clauses found, in sentences.

use rust_decimal::Decimal;

use crate::layer::Path;
use crate::layer::Text;
use crate::layer::Use;
use crate::measure;

use super::Outcome;
use super::share;

/// "1234.50 m²（1.85 亩）", the same in both languages but for the unit.
fn area(m2: Decimal) -> (String, String) {
    let (m2, mu) = (measure::shown(m2, 2), measure::shown(measure::mu_from_m2(m2), 2));
    (format!("{m2} m²（{mu} 亩）"), format!("{m2} m² ({mu} mu)"))
}

fn percent(part: Decimal, whole: Decimal) -> String {
    let share = share(part, whole).unwrap_or_default();
    format!("{}%", measure::shown(share * Decimal::ONE_HUNDRED, 1))
}

fn shown(ratio: Decimal) -> String {
    ratio.normalize().to_string()
}

pub(super) fn exempt(path: &Path, finding: &Text) -> Text {
    Text::new(
        format!("{}不适用本条；{}", path.title.zh, finding.zh),
        format!("does not apply to the path \"{}\"; {}", path.title.en, finding.en),
    )
}

pub(super) fn missing(layer: &str) -> Text {
    Text::new(
        format!("规划图层 {layer} 没有数据，待核实：请先导入"),
        format!("the plan layer `{layer}` has no data: to be verified once it is imported"),
    )
}

pub(super) fn withheld() -> Text {
    Text::new(
        "所需数据当前角色无权查看，待核实",
        "rests on what your role may not read: to be verified",
    )
}

pub(super) fn no_area() -> Text {
    Text::new("图形没有面积，待核实", "the land has no area: to be verified")
}

pub(super) fn protected(covered: Decimal, tolerated: Decimal, kept: bool) -> Text {
    let (zh, en) = area(covered);
    let limit = measure::shown(tolerated, 2);
    if kept {
        Text::new(
            format!("占用 {zh}，不超过容差 {limit} m²"),
            format!("covers {en}, within the tolerance of {limit} m²"),
        )
    } else {
        Text::new(
            format!("占用 {zh}，超过容差 {limit} m²"),
            format!("covers {en}, above the tolerance of {limit} m²"),
        )
    }
}

pub(super) fn boundary(outside: Decimal, whole: Decimal, outcome: Outcome) -> Text {
    let ((zh, en), part) = (area(outside), percent(outside, whole));
    match outcome {
        Outcome::Pass => Text::new("在开发边界内", "inside the growth boundary"),
        Outcome::NeedsPlanChange => Text::new(
            format!("部分在开发边界外：{zh}，占 {part}；须调整边界或退让"),
            format!(
                "partly outside the growth boundary: {en}, {part}; cut the site to it or change the plan"
            ),
        ),
        _ => Text::new(
            format!("在开发边界外：{zh}，占 {part}；仅可减量化"),
            format!("outside the growth boundary: {en}, {part}; only reduction is possible"),
        ),
    }
}

pub(super) fn uncovered(covered: Decimal, whole: Decimal) -> Text {
    let part = percent(covered, whole);
    Text::new(
        format!("控规仅覆盖 {part}，用地性质待核实"),
        format!("the control plan covers {part} only: its use is to be verified"),
    )
}

pub(super) fn uncoded() -> Text {
    Text::new(
        "控规地块缺少用地代码，待核实",
        "the plots of the control plan have no land-use code: to be verified",
    )
}

pub(super) fn no_main_use() -> Text {
    Text::new(
        "控规主导用途不明，容积率上限待核实",
        "the control plan's main use is not known, so its limit is to be verified",
    )
}

fn titled(it: Option<&Use>) -> (&str, &str) {
    it.map_or(("工业、研发", "industry and research"), |it| (&it.title.zh, &it.title.en))
}

pub(super) fn use_fits(it: Option<&Use>, main: &str) -> Text {
    let (zh, en) = titled(it);
    Text::new(
        format!("控规主导用途 {main}，与{zh}相容"),
        format!("the control plan's main use {main} takes {en}"),
    )
}

pub(super) fn use_differs(it: Option<&Use>, main: &str) -> Text {
    let (zh, en) = titled(it);
    Text::new(
        format!("控规主导用途 {main}，与{zh}不相容，须先调整控规"),
        format!(
            "the control plan's main use {main} does not take {en}: the plan has to be changed first"
        ),
    )
}

pub(super) fn use_unknown(name: &str) -> Text {
    Text::new(
        format!("用途 {name} 不在配置之列，待核实"),
        format!("the use `{name}` is none of the configured ones: to be verified"),
    )
}

pub(super) fn far_unknown(limit: Option<Decimal>) -> Text {
    let (zh, en) = limit.map_or((String::new(), String::new()), |it| {
        (format!("，上限 {}", shown(it)), format!("; the limit is {}", shown(it)))
    });
    Text::new(
        format!("容积率缺失，待核实{zh}"),
        format!("the floor-area ratio is missing: to be verified{en}"),
    )
}

pub(super) fn far_over(far: Decimal, limit: Decimal) -> Text {
    let (far, limit) = (shown(far), shown(limit));
    Text::new(
        format!("容积率 {far} 超过上限 {limit}，须先调整控规"),
        format!(
            "the floor-area ratio {far} is over the limit {limit}: the plan has to be changed first"
        ),
    )
}

pub(super) fn far_kept(far: Decimal, limit: Decimal) -> Text {
    let (far, limit) = (shown(far), shown(limit));
    Text::new(
        format!("容积率 {far} 不超过上限 {limit}"),
        format!("the floor-area ratio {far} keeps the limit {limit}"),
    )
}

pub(super) fn no_limit() -> Text {
    Text::new(
        "控规地块缺少容积率上限，待核实",
        "plots of the control plan have no limit of the floor-area ratio: to be verified",
    )
}

pub(super) fn layout(off: Decimal, whole: Decimal, kept: bool) -> Text {
    if kept {
        return Text::new("在产业布局规划内", "inside the town's industry plan");
    }
    let ((zh, en), part) = (area(off), percent(off, whole));
    Text::new(
        format!("不在产业布局规划内：{zh}，占 {part}"),
        format!("off the town's industry plan: {en}, {part}"),
    )
}
