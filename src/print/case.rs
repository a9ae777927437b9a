//! A case on an A4 page: 一地一策 for its parcel, 一企一策 for each enterprise on it. What stands there is what the case and the
//! dossier say to the same scope; what is withheld there is withheld here.

use rust_decimal::Decimal;

use crate::error::Result;
use crate::judgement::workflow::Workflow;
use crate::parcel::Dossier;
use crate::parcel::Occupant;
use crate::render::Limits;
use crate::render::PATTERNS;
use crate::reuse::Case;
use crate::reuse::columns;

use super::dossier_text;
use super::dossier_text::Section;
use super::list_map;
use super::list_map::Marks;
use super::list_map::Printing;
use super::list_table::exact;
use super::ornament;
use super::ornament::Bar;
use super::ornament::grouped;
use super::paper::Paper;
use super::pen;
use super::pen::Anchor;
use super::pen::Pen;
use super::pen::Type;
use super::sheet;

const PAPER: Paper = Paper { width: 210.0, height: 297.0 };
const MARGIN: f64 = 12.0;
const MAP: [f64; 4] = [MARGIN, 52.0, 78.0, 72.0];
const FOOT: f64 = 286.0;

/// What a sheet is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// 一地一策.
    Parcel,
    /// 一企一策: one sheet for each enterprise on the parcel.
    Enterprise,
}

/// One page: a case, with the dossier of its parcel where it is in force still, and the enterprise that it is about.
#[derive(Debug)]
pub struct Page<'a> {
    pub nth: usize,
    pub dossier: Option<&'a Dossier>,
    pub occupant: Option<&'a Occupant>,
}

/// The pages of a case.
pub fn pages(kind: Kind, nth: usize, dossier: Option<&Dossier>) -> Vec<Page<'_>> {
    let occupants = dossier.map(|it| it.enterprises.as_slice()).unwrap_or_default();
    match kind {
        Kind::Enterprise if !occupants.is_empty() => {
            occupants.iter().map(|it| Page { nth, dossier, occupant: Some(it) }).collect()
        }
        _ => vec![Page { nth, dossier, occupant: None }],
    }
}

/// The page as SVG.
pub fn svg(
    it: &Printing<'_>,
    kind: Kind,
    of: &Page<'_>,
    (number, count): (usize, usize),
) -> Result<String> {
    let case = &it.plan.cases[of.nth];
    let mut pen = Pen::new(it.fonts);
    head(it, &mut pen, kind, of, case);
    if let Some(place) = it.plan.places.get(of.nth) {
        let frame = list_map::around(place.bbox(), MAP[2] * 0.7, MAP[3] * 0.7);
        // The same scale on the whole of the box: there is room around the parcel.
        let frame = crate::render::Frame::at_scale(
            frame.plane,
            [f64::midpoint(place.west, place.east), f64::midpoint(place.south, place.north)],
            frame.scale().round(),
            MAP[2] * crate::render::PX_PER_MM,
            MAP[3] * crate::render::PX_PER_MM,
        );
        it.map(&mut pen, ("map", MAP), &frame, Marks::Only(of.nth), Limits::SCREEN)?;
        ornament::north(&mut pen, &frame, MAP[0] + MAP[2] - 7.0, MAP[1] + 13.0, 11.0);
        let below = MAP[1] + MAP[3] + 2.5;
        Bar::new(frame.scale(), 40.0).draw(&mut pen, MAP[0], below, 1.0);
        let look = Type::of(3.2).bold().at(Anchor::End);
        let scale = format!("1:{}", grouped(frame.scale()));
        pen.text(MAP[0] + MAP[2], below + 2.6, look, &scale);
    }
    let x = MAP[0] + MAP[2] + 6.0;
    facts(it, &mut pen, [x, MAP[1], PAPER.width - MARGIN - x], of, case);
    let mut top = MAP[1] + MAP[3] + 12.0;
    for section in sections(it, of, case) {
        top = written(it, &mut pen, top, &section);
    }
    it.foot(&mut pen, [MARGIN, 20.0, PAPER.width - MARGIN, FOOT], 1.0, number, count);
    let definitions = format!("{PATTERNS}{}", sheet::clip("map", MAP));
    Ok(pen::document(PAPER.width, PAPER.height, it.fonts, &definitions, &pen.out))
}

fn head(it: &Printing<'_>, pen: &mut Pen<'_>, kind: Kind, of: &Page<'_>, case: &Case) {
    let title = match kind {
        Kind::Parcel => it.say("一地一策", "Plan of a parcel"),
        Kind::Enterprise => it.say("一企一策", "Plan of an enterprise"),
    };
    pen.text(MARGIN, 18.0, Type::of(4.0).grey(), title);
    let right = PAPER.width - MARGIN;
    let look = Type::of(2.8).grey().at(Anchor::End);
    pen.text(right, 18.0, look, &format!("{} · {}", it.plan.list.name, it.moment()));
    let subject = match (kind, of.occupant) {
        (Kind::Enterprise, Some(one)) => one.name.clone().unwrap_or_else(|| one.uscc.clone()),
        (Kind::Enterprise, None) => case
            .enterprise_name
            .clone()
            .unwrap_or_else(|| it.say("企业缺失", "Enterprise missing").to_owned()),
        (Kind::Parcel, _) => case.parcel_code.clone(),
    };
    let code = format!("{} · {}", case.case_code, columns::state(case));
    let room = right - MARGIN - pen.fonts.width(&code, 3.4) - 6.0;
    let is = pen.fonts.width(&subject, 7.0);
    let size = if is > room { (7.0 * room / is).max(3.2) } else { 7.0 };
    pen.text(MARGIN, 27.0, Type::of(size).bold(), &subject);
    pen.text(right, 27.0, Type::of(3.4).grey().at(Anchor::End), &code);
    let (fill, ink, verdict, why) = match of.dossier {
        Some(dossier) => dossier_text::verdict(dossier, it.zh),
        None => (
            "#eef1f3",
            "#3e4c59",
            it.say("地块已不在册", "The parcel is no longer in force").to_owned(),
            String::new(),
        ),
    };
    pen.rect([MARGIN, 32.0, right - MARGIN, 15.0], fill, "none", 0.0);
    pen.text(MARGIN + 4.0, 41.5, Type::of(6.0).bold().color(ink), &verdict);
    let left = MARGIN + 10.0 + pen.fonts.width(&verdict, 6.0);
    pen.lines([left, 33.4, right - 3.0 - left], Type::of(2.6), &why, 4);
}

fn missing(it: &Printing<'_>) -> String {
    it.say("缺失", "missing").to_owned()
}

fn text(it: &Printing<'_>, value: Option<&String>) -> String {
    value.filter(|it| !it.trim().is_empty()).cloned().unwrap_or_else(|| missing(it))
}

fn figure(it: &Printing<'_>, value: Option<Decimal>, unit: [&str; 2]) -> String {
    let unit = if it.zh { unit[0] } else { unit[1] };
    value.map_or_else(|| missing(it), |value| format!("{} {unit}", exact(value)))
}

/// Name and value, line by line, beside the map.
fn facts(
    it: &Printing<'_>,
    pen: &mut Pen<'_>,
    [x, y, width]: [f64; 3],
    of: &Page<'_>,
    case: &Case,
) {
    const MU: [&str; 2] = ["亩", "mu"];
    let mut lines = Vec::new();
    let mut say =
        |zh: &str, en: &str, value: String| lines.push((it.say(zh, en).to_owned(), value));
    if let Some(one) = of.occupant {
        let floor = |value: Option<Decimal>| figure(it, value, ["平方米", "m²"]);
        say("信用代码", "Credit code", one.uscc.clone());
        say("行业代码", "Industry", text(it, one.industry_code.as_ref()));
        say("用地", "Land", floor(one.land_m2));
        say("用房", "Floor", floor(one.floor_m2));
        say("所在地块", "Parcel", case.parcel_code.clone());
    } else {
        say("企业", "Enterprise", text(it, case.enterprise_name.as_ref()));
        say("地块名称", "Parcel", text(it, case.name.as_ref()));
        say("所属镇", "Town", text(it, of.dossier.and_then(|it| it.town.as_ref())));
    }
    say("责任单位", "Unit", text(it, case.responsible_unit.as_ref()));
    say("区块分类", "Class", text(it, case.block_class.as_ref()));
    say("占地面积", "Area", figure(it, Some(case.area_mu), MU));
    say("计划面积", "Planned", figure(it, case.plan_area_mu, MU));
    say("处置面积", "Disposed", figure(it, Some(case.disposed_mu), MU));
    say("剩余面积", "Remaining", figure(it, Some(case.remaining_mu), MU));
    say("验收面积", "Counted", figure(it, Some(case.counted_mu), MU));
    let per_mu = ["万元/亩", "10k CNY/mu"];
    say("亩均税收", "Tax per mu", figure(it, case.tax_wan_per_mu, per_mu));
    let mut top = y;
    for (name, value) in lines {
        pen.text(x, top + 3.0, Type::of(3.0).grey(), &name);
        let end = pen.lines([x + 23.0, top + 0.4, width - 23.0], Type::of(3.0).bold(), &value, 2);
        top = end + 0.8;
        pen.line((x, top), (x + width, top), "#d9dee3", 0.15);
        top += 0.4;
    }
}

fn section(title: &str, widths: &[f64], headed: bool, rows: Vec<Vec<String>>) -> Section {
    Section { title: title.to_owned(), widths: widths.to_vec(), rows, headed }
}

/// Path, milestones, investment, who answers for it, what stands in the way.
fn sections(it: &Printing<'_>, of: &Page<'_>, case: &Case) -> Vec<Section> {
    let way = case.path.as_deref().and_then(|it| Workflow::shipped().path(it));
    let path = way.map_or_else(
        || it.say("未定", "not chosen yet").to_owned(),
        |way| if it.zh { way.title.zh.clone() } else { way.title.en.clone() },
    );
    let pair = |zh: &str, en: &str, value: String| vec![it.say(zh, en).to_owned(), value];
    let day =
        |value: Option<chrono::NaiveDate>| value.map_or_else(|| missing(it), |it| it.to_string());
    let plan = vec![
        pair("处置路径", "Path", path),
        pair("处置措施", "Measures", text(it, case.measures.as_ref())),
        pair("规划用途", "Planned use", text(it, case.use_planned.as_ref())),
        pair("引进项目", "Project", text(it, case.project.as_ref())),
        pair("依据文号", "Basis", text(it, case.basis.as_ref())),
        pair(
            "计划起止",
            "Planned",
            format!("{} – {}", day(case.plan_start), day(case.plan_finish)),
        ),
        pair("实际起止", "Actual", format!("{} – {}", day(case.started_on), day(case.finished_on))),
    ];
    let mut all = vec![section(it.say("处置方案", "Plan"), &[0.16, 0.84], false, plan)];
    if let Some(way) = way {
        let mut rows = vec![
            [("节点", "Milestone"), ("计划", "Planned"), ("完成", "Reached")]
                .map(|(zh, en)| it.say(zh, en).to_owned())
                .to_vec(),
        ];
        rows.extend(way.milestones.iter().map(|station| {
            let name = if it.zh { &station.zh } else { &station.en };
            let of = |all: &serde_json::Value| all[&station.id].as_str().unwrap_or("—").to_owned();
            vec![name.clone(), of(&case.nodes), of(&case.reached)]
        }));
        all.push(section(it.say("节点", "Milestones"), &[0.4, 0.3, 0.3], true, rows));
    }
    let wan = ["万元", "10k CNY"];
    let money = vec![
        pair("计划投资", "Planned", figure(it, case.investment_plan_wan, wan)),
        pair("实际投资", "Actual", figure(it, case.investment_actual_wan, wan)),
        pair("腾出能耗", "Energy freed", figure(it, case.energy_freed_tce, ["吨标准煤", "tce"])),
    ];
    all.push(section(it.say("投资与成效", "Investment"), &[0.16, 0.84], false, money));
    let people = vec![
        pair("责任领导", "Leader", text(it, case.leader.as_ref())),
        pair("责任人", "Person", text(it, case.person.as_ref())),
        pair("问题类型", "Problem", text(it, case.problem_kind.as_ref())),
        pair("问题描述", "Description", text(it, case.problem.as_ref())),
        pair("备注", "Note", text(it, case.note.as_ref())),
    ];
    all.push(section(it.say("责任与问题", "Responsible"), &[0.16, 0.84], false, people));
    if let Some(dossier) = of.dossier {
        all.extend(dossier_text::sections(dossier, it.zh));
    }
    all
}

/// Writes a section as far as the page has room, and says how much it does not have; where it ends.
fn written(it: &Printing<'_>, pen: &mut Pen<'_>, y: f64, section: &Section) -> f64 {
    let bottom = FOOT - 7.0;
    if y + 9.0 > bottom {
        return f64::INFINITY;
    }
    pen.text(MARGIN, y + 3.4, Type::of(3.3).bold(), &section.title);
    let mut top = y + 5.2;
    let room = PAPER.width - MARGIN * 2.0;
    for (nth, row) in section.rows.iter().enumerate() {
        if top + 5.4 > bottom {
            let left = section.rows.len() - nth;
            let more = if it.zh {
                format!("另有 {left} 项，见在线档案")
            } else {
                format!("{left} more are on the web")
            };
            pen.text(MARGIN, (top + 2.8).min(FOOT - 5.0), Type::of(2.4).grey(), &more);
            return f64::INFINITY;
        }
        let look = if nth == 0 && section.headed { Type::of(2.5).grey() } else { Type::of(2.8) };
        let (mut left, mut end) = (MARGIN, top);
        for (cell, part) in row.iter().zip(&section.widths) {
            let wide = room * part;
            end = end.max(pen.lines([left, top + 0.2, wide - 1.5], look, cell, 2));
            left += wide;
        }
        pen.line((MARGIN, end + 0.2), (MARGIN + room, end + 0.2), "#d9dee3", 0.15);
        top = end + 0.6;
    }
    top + 2.0
}
