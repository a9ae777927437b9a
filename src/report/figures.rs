//! What a report says: the league of the targets as it was at the end of its time, what moved, and what is late or stuck. It
//! says what the one who asked for it may read, and it adds up, or there is no report.

use anyhow::ensure;
use chrono::DateTime;
use chrono::Days;
use chrono::NaiveDate;
use chrono::Utc;
use rust_decimal::Decimal;

use crate::access::Scope;
use crate::app::App;
use crate::judgement::workflow::State;
use crate::judgement::workflow::Workflow;
use crate::judgement::workflow::league::Light;
use crate::judgement::workflow::league::Row;
use crate::judgement::workflow::period::Period;
use crate::measure::shown;
use crate::print::written::Block;
use crate::print::written::Document;
use crate::print::written::Table;
use crate::reuse::targets;
use crate::reuse::targets::Standings;

use super::map;
use super::queries;
use super::span::Kind;
use super::span::Span;

/// Days without an event after which open work counts as stuck.
const STUCK_DAYS: u64 = 30;
/// Cases of one table at most; how many more there are is said.
const ROWS: usize = 60;

/// What targets count, with unit, as reports name it.
const COUNTED: [(&str, &str, &str); 5] = [
    ("mu", "盘活土地", "亩"),
    ("plants", "盘活厂房", "处"),
    ("plant_m2", "盘活厂房面积", "平方米"),
    ("enterprises", "整治关停企业", "家"),
    ("tce", "腾出能耗", "吨标准煤"),
];

/// Of what, as of when.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    pub kind: Kind,
    pub span: Span,
    pub known_at: DateTime<Utc>,
    /// The day of that moment in China.
    pub day: NaiveDate,
}

impl Asked {
    /// The day up to which is counted.
    pub fn last(self) -> NaiveDate {
        self.span.last().min(self.day)
    }
}

/// The report.
pub async fn document(app: &App, scope: &Scope, asked: Asked) -> anyhow::Result<Document> {
    let who = match &scope.responsible_units {
        None => "全区".to_owned(),
        Some(units) => units.join("、"),
    };
    let (first, last) = (asked.span.first(), asked.last());
    let mut it = Document {
        title: format!("{} 低效用地盘活{}", asked.span.zh(), asked.kind.zh()),
        under: format!(
            "{who} · {first} 至 {last} · 数据截至 {}",
            asked.known_at.with_timezone(&chrono::Local).format("%Y-%m-%d %H:%M")
        ),
        foot: format!("内部资料 · {} · {}", app.config.title.zh, scope.recorded_by()),
        ..Document::default()
    };
    if asked.kind == Kind::Weekly {
        moves(app, scope, asked, &mut it.blocks).await?;
    }
    let kinds = match asked.kind {
        Kind::Weekly | Kind::Monthly => &COUNTED[..1],
        Kind::Quarterly | Kind::HalfYear => &COUNTED[..],
    };
    let mut notes = Vec::new();
    for (kind, title, unit) in kinds {
        for period in asked.span.periods() {
            let found =
                targets::at(app, scope, period, kind, asked.known_at, last.min(period.last()))
                    .await?;
            league(&found, period, title, unit, &mut it.blocks)?;
            notes.extend(found.notes.iter().map(|it| it.zh.clone()));
        }
    }
    if asked.kind != Kind::Weekly {
        moves(app, scope, asked, &mut it.blocks).await?;
    }
    if asked.kind != Kind::Weekly {
        it.blocks.extend(map::blocks(app, scope, asked.known_at).await?);
    }
    late(app, scope, asked, &mut it.blocks).await?;
    notes.dedup();
    it.blocks.push(Block::Heading("说明".to_owned()));
    it.blocks.push(Block::Text(
        "绿：完成数不低于序时目标；黄：不低于其八成；红：低于八成；无：未下达指标。序时目标按已下达的分月、分季指标累计，未分解的按日均摊。排名按完成率，并列者同名次。各单位之和与合计逐表核对一致。"
            .to_owned(),
    ));
    it.blocks.extend(notes.into_iter().map(Block::Text));
    Ok(it)
}

fn figure(it: Option<Decimal>) -> String {
    it.map_or_else(|| "—".to_owned(), |it| it.normalize().to_string())
}

fn percent(it: Option<Decimal>) -> String {
    it.map_or_else(|| "—".to_owned(), |it| format!("{}%", shown(it * Decimal::ONE_HUNDRED, 1)))
}

/// A light in a word: who reads it in grey, or by ear, is told the same.
const fn light(it: Light) -> &'static str {
    match it {
        Light::Green => "绿",
        Light::Amber => "黄",
        Light::Red => "红",
        Light::Unknown => "无",
    }
}

fn period_zh(it: Period) -> String {
    match it {
        Period::Year(year) => format!("{year} 年累计"),
        other => Span::Of(other).zh(),
    }
}

fn cells(it: &Row, name: &str) -> Vec<String> {
    vec![
        it.rank.map_or_else(|| "—".to_owned(), |it| it.to_string()),
        name.to_owned(),
        figure(it.target),
        figure(it.phased_target),
        figure(Some(it.counted)),
        percent(it.rate),
        figure(it.gap),
        light(it.light).to_owned(),
    ]
}

/// The table of a league, whose rows must add up to its sum.
fn league(
    found: &Standings,
    period: Period,
    title: &str,
    unit: &str,
    blocks: &mut Vec<Block>,
) -> anyhow::Result<()> {
    let it = &found.league;
    let sum: Decimal = it.rows.iter().map(|it| it.counted).sum();
    ensure!(
        sum == it.total.counted,
        "各单位之和 {sum} 与合计 {} 不一致 / the units' sum is not the total's",
        it.total.counted
    );
    blocks.push(Block::Heading(format!("{}{title}（{unit}）", period_zh(period))));
    if it.rows.is_empty() {
        blocks.push(Block::Text("没有指标，也没有完成数。".to_owned()));
        return Ok(());
    }
    let count = |wanted: Light| it.rows.iter().filter(|it| it.light == wanted).count();
    blocks.push(Block::Text(format!(
        "完成 {} {unit}，指标 {}，完成率 {}，差距 {}。绿 {} 个单位，黄 {} 个，红 {} 个。",
        figure(Some(it.total.counted)),
        figure(it.total.target),
        percent(it.total.rate),
        figure(it.total.gap),
        count(Light::Green),
        count(Light::Amber),
        count(Light::Red),
    )));
    let mut rows: Vec<&Row> = it.rows.iter().collect();
    rows.sort_by_key(|it| it.rank.unwrap_or(usize::MAX));
    let heads = ["排名", "单位", "指标", "序时目标", "完成", "完成率", "差距", "进度"];
    let mut table = vec![heads.map(ToOwned::to_owned).to_vec()];
    table.extend(rows.iter().map(|it| cells(it, it.unit.as_deref().unwrap_or("（无单位）"))));
    table.push(cells(&it.total, "合计"));
    blocks.push(Block::Table(Table {
        widths: vec![7, 18, 14, 14, 15, 11, 14, 7],
        rows: table,
        figures: vec![2, 3, 4, 5, 6],
        has_sum: true,
    }));
    if !it.uneven.is_empty() {
        blocks.push(Block::Text(format!(
            "分解指标之和与总指标不一致的单位：{}。",
            it.uneven.join("、")
        )));
    }
    Ok(())
}

/// What moved between the first and the last day.
async fn moves(
    app: &App,
    scope: &Scope,
    asked: Asked,
    blocks: &mut Vec<Block>,
) -> anyhow::Result<()> {
    let mut db = app.db.read(scope).await?;
    let (first, last) = (asked.span.first(), asked.last());
    let rows = queries::moves(&mut db, asked.known_at, first, last).await?;
    drop(db);
    blocks.push(Block::Heading("本期动态".to_owned()));
    if rows.is_empty() {
        blocks.push(Block::Text("本期没有变动。".to_owned()));
        return Ok(());
    }
    let heads =
        ["单位", "新增", "列入", "启动", "验收", "销号", "退回移出", "验收面积（亩）", "附件"];
    let mut table = vec![heads.map(ToOwned::to_owned).to_vec()];
    let mut sums = [0_i64; 7];
    let mut counted = Decimal::ZERO;
    for row in &rows {
        let counts = [
            row.created,
            row.listed,
            row.started,
            row.accepted,
            row.closed,
            row.back,
            row.attached,
        ];
        for (sum, one) in sums.iter_mut().zip(counts) {
            *sum += one;
        }
        counted += row.counted_mu;
        let unit = row.unit.as_deref().unwrap_or("（无单位）");
        table.push(moved(unit, counts, row.counted_mu));
    }
    table.push(moved("合计", sums, counted));
    blocks.push(Block::Table(Table {
        widths: vec![18, 8, 8, 8, 8, 8, 11, 19, 8],
        rows: table,
        figures: (1..9).collect(),
        has_sum: true,
    }));
    Ok(())
}

fn moved(unit: &str, counts: [i64; 7], counted: Decimal) -> Vec<String> {
    let [created, listed, started, accepted, closed, back, attached] =
        counts.map(|it| it.to_string());
    let counted = figure(Some(counted));
    vec![unit.to_owned(), created, listed, started, accepted, closed, back, counted, attached]
}

/// What should be done and is not, and where nothing happens.
async fn late(
    app: &App,
    scope: &Scope,
    asked: Asked,
    blocks: &mut Vec<Block>,
) -> anyhow::Result<()> {
    let day = asked.last();
    let still = day.checked_sub_days(Days::new(STUCK_DAYS)).unwrap_or(day);
    let mut db = app.db.read(scope).await?;
    let open = queries::open(&mut db, asked.known_at).await?;
    drop(db);
    let overdue = |it: &&queries::Open| it.plan_finish.is_some_and(|it| it < day);
    let stuck = |it: &&queries::Open| it.last_event < still;
    for (title, rows) in [
        ("逾期未完成", open.iter().filter(overdue).collect::<Vec<_>>()),
        ("三十天以上无进展", open.iter().filter(stuck).collect()),
    ] {
        blocks.push(Block::Heading(format!("{title}（{} 宗）", rows.len())));
        if rows.is_empty() {
            blocks.push(Block::Text("无。".to_owned()));
            continue;
        }
        let heads = ["台账编码", "地块", "单位", "状态", "路径", "计划完成", "最近进展", "问题"];
        let mut table = vec![heads.map(ToOwned::to_owned).to_vec()];
        table.extend(rows.iter().take(ROWS).map(|it| {
            let path = it.path.as_deref().and_then(|it| Workflow::shipped().path(it));
            vec![
                it.case_code.clone(),
                it.parcel_code.clone(),
                it.responsible_unit.clone().unwrap_or_default(),
                State::parse(&it.state).map(State::zh).unwrap_or_default().to_owned(),
                path.map(|it| it.title.zh.clone()).unwrap_or_default(),
                it.plan_finish.map(|it| it.to_string()).unwrap_or_default(),
                it.last_event.to_string(),
                it.problem.clone().unwrap_or_default(),
            ]
        }));
        blocks.push(Block::Table(Table {
            widths: vec![14, 14, 11, 9, 12, 12, 12, 16],
            rows: table,
            figures: Vec::new(),
            has_sum: false,
        }));
        if rows.len() > ROWS {
            blocks.push(Block::Text(format!("另有 {} 宗，见清单。", rows.len() - ROWS)));
        }
    }
    Ok(())
}
