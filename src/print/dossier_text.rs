//! A dossier in words: each figure with its unit and where it comes from; missing is said, and so is withheld.

use rust_decimal::Decimal;
use serde_json::Value;

use crate::layer::Text;
use crate::measure::shown;
use crate::parcel::Dossier;

/// One figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub name: String,
    pub value: String,
    pub source: String,
    /// Neither missing nor withheld.
    pub known: bool,
}

/// Lines under a heading, in columns of these parts of the width.
#[derive(Clone, Debug)]
pub struct Section {
    pub title: String,
    pub widths: Vec<f64>,
    pub rows: Vec<Vec<String>>,
    /// The first line names the columns.
    pub headed: bool,
}

fn of(text: &Value, zh: bool) -> String {
    text[if zh { "zh" } else { "en" }].as_str().unwrap_or_default().to_owned()
}

const fn pick<'a>(zh: bool, chinese: &'a str, english: &'a str) -> &'a str {
    if zh { chinese } else { english }
}

/// Colour of the box and of its word, the word, and why.
pub fn verdict(it: &Dossier, zh: bool) -> (&'static str, &'static str, String, String) {
    let grey = ("#eef1f3", "#3e4c59");
    if it.withheld.iter().any(|it| it == "verdict") {
        let word = pick(zh, "评价结论无权限查看", "The verdict is withheld");
        return (grey.0, grey.1, word.to_owned(), String::new());
    }
    let Some(verdict) = &it.verdict else {
        let why = pick(zh, "尚无已发布的评价。", "No evaluation has been published.");
        return (grey.0, grey.1, pick(zh, "尚未评价", "Not judged yet").to_owned(), why.to_owned());
    };
    let (colors, word) = match verdict.value.as_str() {
        "low" => (("#f8e3e1", "#7d1213"), pick(zh, "低效", "Low efficiency")),
        "ok" => (("#e3f1e7", "#1c5c36"), pick(zh, "未判为低效", "Not low")),
        _ => (("#fdf3d7", "#6b4e00"), pick(zh, "待核实", "To be checked")),
    };
    // As it stands on the page, so that paper and screen say the same.
    (colors.0, colors.1, word.to_owned(), said(&verdict.sentence, zh))
}

fn said(text: &Text, zh: bool) -> String {
    if zh { text.zh.clone() } else { text.en.clone() }
}

/// Writes lines of a dossier.
struct Facts<'a> {
    it: &'a Dossier,
    zh: bool,
    lines: Vec<Line>,
}

impl Facts<'_> {
    fn add(&mut self, member: &str, name: [&str; 2], value: Option<String>, source: &str) {
        let known = value.is_some();
        let withheld = self.it.withheld.iter().any(|it| it == member);
        let absent = match (withheld, self.zh) {
            (true, true) => "无权限查看",
            (true, false) => "withheld",
            (false, true) => "缺失",
            (false, false) => "missing",
        };
        self.lines.push(Line {
            name: pick(self.zh, name[0], name[1]).to_owned(),
            value: value.unwrap_or_else(|| absent.to_owned()),
            source: if known { source.to_owned() } else { String::new() },
            known,
        });
    }

    fn number(
        &mut self,
        member: &str,
        name: [&str; 2],
        value: Option<Decimal>,
        places: u32,
        unit: &str,
        source: &str,
    ) {
        let value = value.map(|it| format!("{} {unit}", shown(it, places)).trim().to_owned());
        self.add(member, name, value, source);
    }
}

/// The figures of the parcel itself.
pub fn facts(it: &Dossier, zh: bool) -> Vec<Line> {
    let mut facts = Facts { it, zh, lines: Vec::new() };
    let file = it.source.file.as_deref().unwrap_or(pick(zh, "登记数据", "the register"));
    let registered = format!("{file} · {}", it.source.imported_at.format("%Y-%m-%d"));
    let measured = pick(zh, "图形量算（CGCS2000 椭球）", "measured on the CGCS2000 ellipsoid");
    let basis = match it.area_basis.as_deref() {
        Some("registered") => pick(zh, "按证载面积", "from the registered area"),
        Some("measured") => pick(zh, "按量算面积", "from the measured area"),
        _ => "",
    };
    let mu = pick(zh, "亩", "mu");
    facts.number("area_mu", ["面积", "Area"], it.area_mu, 2, mu, basis);
    facts.number(
        "area_registered_m2",
        ["证载面积", "Registered area"],
        it.area_registered_m2,
        2,
        "m²",
        &registered,
    );
    facts.number(
        "area_geom_m2",
        ["量算面积", "Measured area"],
        Some(it.area_geom_m2),
        2,
        "m²",
        measured,
    );
    let class_source = match it.class_source.as_deref() {
        Some("officer") => pick(zh, "人工认定", "set by an officer"),
        Some(_) => pick(zh, "叠加分析", "by overlay"),
        None => "",
    };
    let class = it.block_class.as_ref().map(|class| {
        let share = it.shares.iter().find(|it| it.class == *class);
        share.map_or_else(|| class.clone(), |it| said(&it.label, zh))
    });
    facts.add("block_class", ["区块类型", "Location class"], class, class_source);
    if it.block.is_some() {
        facts.add("block", ["所在区块", "Industrial block"], it.block.clone(), "");
    }
    facts.number(
        "far",
        ["容积率", "Floor area ratio"],
        it.far,
        2,
        "",
        pick(zh, "建筑面积 ÷ 用地面积", "floor over land"),
    );
    facts.number("gfa_m2", ["建筑面积", "Floor area"], it.gfa_m2, 2, "m²", &registered);
    facts.add(
        "responsible_unit",
        ["责任单位", "Responsible unit"],
        it.responsible_unit.clone(),
        "",
    );
    facts.add("ownership", ["权属性质", "Ownership"], it.ownership.clone(), &registered);
    facts.add("tenure", ["使用权类型", "Tenure"], it.tenure.clone(), "");
    facts.add("land_use_code", ["地类代码", "Land use"], it.land_use_code.clone(), "");
    facts.add("industry_code", ["行业代码", "Industry"], it.industry_code.clone(), "");
    facts.lines
}

/// What hangs on the parcel: years, evidence, plans, occupants.
pub fn sections(it: &Dossier, zh: bool) -> Vec<Section> {
    [years(it, zh), evidence(it, zh), plans(it, zh), occupants(it, zh)]
        .into_iter()
        .flatten()
        .collect()
}

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|it| (*it).to_owned()).collect()
}

fn years(it: &Dossier, zh: bool) -> Option<Section> {
    if it.years.is_empty() {
        return None;
    }
    let head = if zh {
        [
            "年度",
            "税收（万元）",
            "亩均税收（万元/亩）",
            "产值（万元）",
            "亩均产值（万元/亩）",
            "能耗（吨标煤）",
            "说明",
        ]
    } else {
        [
            "Year",
            "Tax (10k CNY)",
            "Tax per mu",
            "Output (10k CNY)",
            "Output per mu",
            "Energy (tce)",
            "Note",
        ]
    };
    let figure = |member: &str, value: Option<Decimal>| match value {
        Some(it) => shown(it, 2),
        None if it.withheld.iter().any(|it| it == member) => {
            pick(zh, "无权限", "withheld").to_owned()
        }
        None => pick(zh, "缺失", "missing").to_owned(),
    };
    let mut rows = vec![strings(&head)];
    rows.extend(it.years.iter().map(|year| {
        vec![
            year.year.to_string(),
            figure("tax_wan", year.tax_wan),
            figure("tax_wan_per_mu", year.tax_wan_per_mu),
            figure("output_wan", year.output_wan),
            figure("output_wan_per_mu", year.output_wan_per_mu),
            figure("energy_tce", year.energy_tce),
            year.note.as_ref().map(|it| said(it, zh)).unwrap_or_default(),
        ]
    }));
    Some(Section {
        title: pick(zh, "效益", "Figures").to_owned(),
        widths: vec![0.08, 0.14, 0.16, 0.14, 0.17, 0.13, 0.18],
        rows,
        headed: true,
    })
}

fn evidence(it: &Dossier, zh: bool) -> Option<Section> {
    let verdict = it.verdict.as_ref()?;
    let rules = verdict.evidence.as_array().filter(|it| !it.is_empty())?;
    let result = |it: &Value| match it.as_str() {
        Some("true") => pick(zh, "满足", "holds"),
        Some("false") => pick(zh, "不满足", "does not hold"),
        _ => pick(zh, "待核实", "to be checked"),
    };
    let rows = rules.iter().map(|it| {
        vec![of(&it["title"], zh), result(&it["result"]).to_owned(), of(&it["sentence"], zh)]
    });
    Some(Section {
        title: pick(zh, "判定依据", "Evidence").to_owned(),
        widths: vec![0.26, 0.12, 0.62],
        rows: rows.collect(),
        headed: false,
    })
}

fn plans(it: &Dossier, zh: bool) -> Option<Section> {
    if it.plan.is_empty() {
        return None;
    }
    let rows = it.plan.iter().map(|hit| {
        let name = [hit.code.as_deref(), hit.name.as_deref()];
        let name: Vec<&str> = name.into_iter().flatten().collect();
        let share = shown(hit.share * Decimal::ONE_HUNDRED, 1);
        vec![
            said(&hit.title, zh),
            name.join(" "),
            format!("{share}% · {} m²", shown(hit.area_m2, 1)),
        ]
    });
    Some(Section {
        title: pick(zh, "规划", "Plans").to_owned(),
        widths: vec![0.3, 0.45, 0.25],
        rows: rows.collect(),
        headed: false,
    })
}

fn occupants(it: &Dossier, zh: bool) -> Option<Section> {
    if it.enterprises.is_empty() {
        return None;
    }
    let area = |it: Option<Decimal>| {
        it.map_or_else(
            || pick(zh, "缺失", "missing").to_owned(),
            |it| format!("{} m²", shown(it, 1)),
        )
    };
    let mut rows = vec![strings(if zh {
        &["企业", "统一社会信用代码", "用地", "用房"]
    } else {
        &["Enterprise", "Credit code", "Land", "Floor"]
    })];
    rows.extend(it.enterprises.iter().map(|one| {
        let name = one.name.clone().unwrap_or_else(|| pick(zh, "缺失", "missing").to_owned());
        vec![name, one.uscc.clone(), area(one.land_m2), area(one.floor_m2)]
    }));
    Some(Section {
        title: pick(zh, "企业", "Enterprises").to_owned(),
        widths: vec![0.42, 0.28, 0.15, 0.15],
        rows,
        headed: true,
    })
}
