//! What happens to a case: steps of the workflow, milestones, disposals, comments. Each is an event that stays.

use rust_decimal::Decimal;
use serde_json::Value;
use serde_json::json;

use crate::access::Scope;
use crate::app::App;
use crate::audit;
use crate::audit::Action;
use crate::catalog::time::today;
use crate::db::Writer;
use crate::error::Error;
use crate::error::Result;
use crate::judgement::workflow::Actor;
use crate::judgement::workflow::Effect;
use crate::judgement::workflow::Refusal;
use crate::judgement::workflow::State;
use crate::judgement::workflow::Workflow;
use crate::judgement::workflow::account::Shared;
use crate::measure;
use crate::notice;

use super::CaseEvent;
use super::NewEvent;
use super::Noted;
use super::conformity;
use super::conformity::Verdict;
use super::desk;
use super::fields;
use super::fields::Setting;
use super::queries::check;
use super::queries::write;
use super::queries::write::Event;
use super::queries::write::Stored;
use super::told;

/// The step of the workflow that leads back, of which the unit is told.
const RETURN: &str = "return";

fn wrong(member: &str, why: impl Into<String>) -> Error {
    Error::BadInput { at: format!("成员 / member `{member}`"), why: why.into() }
}

/// Notes an event of a case. `seen` is the version that the caller has read: a comment takes none.
pub async fn note(
    app: &App,
    scope: &Scope,
    case_code: &str,
    seen: Option<i64>,
    sent: &Value,
    asked: &NewEvent,
) -> Result<Noted> {
    let mut tx = app.db.write.begin().await?;
    let (stored, _held, actor) = desk::take(&mut tx, scope, case_code).await?;
    if let Some(seen) = seen {
        desk::check(&stored, seen, sent)?;
    }
    let event = match asked {
        NewEvent::Comment { text } => comment(&mut tx, scope, &stored, text).await?,
        NewEvent::Milestone { milestone, on, undo, reason } => {
            desk::text(reason.as_deref(), "reason")?;
            let event = Event {
                kind: "milestone",
                step: undo.then_some("undo"),
                milestone: Some(milestone),
                reason: reason.as_deref(),
                on: desk::day(*on)?,
                ..Event::default()
            };
            reach(&mut tx, scope, &stored, milestone, event).await?
        }
        NewEvent::Disposal { area_mu, on, reason } => {
            desk::text(reason.as_deref(), "reason")?;
            let area = fields::decimal(area_mu).map_err(|it| wrong("area_mu", it))?;
            let event = Event {
                kind: "disposal",
                area_mu: Some(area),
                reason: reason.as_deref(),
                on: desk::day(*on)?,
                ..Event::default()
            };
            dispose(&mut tx, scope, &stored, area, event).await?
        }
        NewEvent::Transition { step, reason, document, on } => {
            desk::text(reason.as_deref(), "reason")?;
            desk::text(document.as_deref(), "document")?;
            let event = Event {
                kind: "transition",
                step: Some(step),
                reason: reason.as_deref(),
                document: document.as_deref().map(str::trim).filter(|it| !it.is_empty()),
                on: desk::day(*on)?,
                ..Event::default()
            };
            step_on(app, &mut tx, scope, (&stored, actor), event).await?
        }
    };
    let ids = [stored.reuse_case_id];
    let noted = audit::Event::of(Action::CaseMoved, case_code).changing(
        Some(json!({"state": stored.state, "counted_mu": stored.counted_mu})),
        Some(json!({"kind": event.kind, "step": event.step, "state": event.state_after,
            "milestone": event.milestone, "area_mu": event.area_mu, "document": event.document})),
    );
    desk::record(app, scope, &mut tx, &ids, &ids, noted).await?;
    if event.step.as_deref() == Some(RETURN) {
        let by = scope.recorded_by();
        notice::queries::insert(&mut tx, &told::returned(&stored, &event), by).await?;
    }
    tx.commit().await?;
    Ok(Noted { case: desk::read(app, scope, case_code).await?, event })
}

async fn comment(db: &mut Writer, scope: &Scope, stored: &Stored, text: &str) -> Result<CaseEvent> {
    desk::text(Some(text), "text")?;
    if text.trim().is_empty() {
        return Err(wrong("text", "不应为空 / must not be empty"));
    }
    let at = write::moment(db).await?;
    let event = Event { kind: "comment", reason: Some(text), on: today(), ..Event::default() };
    Ok(write::insert_event(db, stored, event, at, scope.recorded_by()).await?)
}

/// Whether work may be noted: it has begun, goes on, and is not done.
fn at_work(stored: &Stored) -> Result<()> {
    if stored.state != State::InProgress.name() {
        return Err(refused(&Refusal::NotFrom {
            step: "登记".to_owned(),
            id: "progress".to_owned(),
            from: State::parse(&stored.state).unwrap_or(State::Candidate),
        }));
    }
    if stored.held { Err(refused(&Refusal::Held)) } else { Ok(()) }
}

/// A refusal of the rules as a problem.
fn refused(it: &Refusal) -> Error {
    match it {
        Refusal::Unknown(_) => wrong("step", it.to_string()),
        Refusal::Reason => wrong("reason", it.to_string()),
        Refusal::Role(..) => Error::NotAllowed(
            "这一步须由更高权限的承办人办理 / this step is taken by an officer for all units, or a steward",
        ),
        Refusal::Missing(members) => {
            Error::conflict("not-ready", it.to_string(), json!({"missing": members}))
        }
        Refusal::Milestone(_, id) => {
            Error::conflict("not-ready", it.to_string(), json!({"milestone": id}))
        }
        _ => Error::conflict("not-from-here", it.to_string(), Value::Null),
    }
}

async fn reach(
    db: &mut Writer,
    scope: &Scope,
    stored: &Stored,
    milestone: &str,
    event: Event<'_>,
) -> Result<CaseEvent> {
    at_work(stored)?;
    let way = stored.path.as_deref().and_then(|it| Workflow::shipped().path(it));
    let known: Vec<&str> =
        way.iter().flat_map(|it| &it.milestones).map(|it| it.id.as_str()).collect();
    if !known.contains(&milestone) {
        let why = format!("所选路径的节点为 / the path has: {}", known.join(", "));
        return Err(wrong("milestone", why));
    }
    let is_undone = event.step.is_some();
    if is_undone && !stored.reached.iter().any(|it| it == milestone) {
        return Err(wrong("undo", "该节点尚未完成 / it was not reached"));
    }
    if is_undone && event.reason.is_none_or(|it| it.trim().is_empty()) {
        return Err(refused(&Refusal::Reason));
    }
    write_version(db, scope, stored, &[], event).await
}

async fn dispose(
    db: &mut Writer,
    scope: &Scope,
    stored: &Stored,
    area: Decimal,
    event: Event<'_>,
) -> Result<CaseEvent> {
    at_work(stored)?;
    let after = desk::account(stored).dispose(area).map_err(|it| {
        let more = json!({"remaining_mu": desk::account(stored).remaining_mu(), "area_mu": stored.area_mu});
        Error::impossible("over-remainder", it.to_string(), more)
    })?;
    write_version(db, scope, stored, &[number("disposed_mu", after.disposed_mu)], event).await
}

fn number(column: &'static str, value: Decimal) -> Setting {
    Setting { column, sql_type: "numeric", value: value.into() }
}

fn text(column: &'static str, value: &str) -> Setting {
    Setting { column, sql_type: "text", value: value.to_owned().into() }
}

fn date(column: &'static str, value: chrono::NaiveDate) -> Setting {
    Setting { column, sql_type: "date", value: crate::cql::Value::Date(value) }
}

/// A new version and the event that made it.
async fn write_version(
    db: &mut Writer,
    scope: &Scope,
    stored: &Stored,
    set: &[Setting],
    mut event: Event<'_>,
) -> Result<CaseEvent> {
    let at = write::moment(db).await?;
    let by = scope.recorded_by();
    write::replace(db, stored.row_id, set, at, by).await?;
    if event.state_after.is_none() {
        event.state_after = Some(&stored.state);
    }
    Ok(write::insert_event(db, stored, event, at, by).await?)
}

/// Takes a step of the workflow.
async fn step_on(
    app: &App,
    db: &mut Writer,
    scope: &Scope,
    (stored, actor): (&Stored, Actor),
    mut event: Event<'_>,
) -> Result<CaseEvent> {
    let workflow = Workflow::shipped();
    let standing = desk::standing(stored);
    let id = event.step.unwrap_or_default();
    let step = workflow.allow(&standing, id, actor, event.reason).map_err(|it| refused(&it))?;
    let to = step.leads(standing.state);
    event.state_after = Some(to.name());
    let holds = Setting {
        column: "held",
        sql_type: "boolean",
        value: step.holds(standing.state, stored.held).into(),
    };
    let mut set = vec![text("state", to.name()), holds];
    match step.effect {
        Effect::Conform => {
            conform(app, db, (stored, actor), &mut event).await?;
            if stored.facts["started_on"].is_null() {
                set.push(date("started_on", event.on));
            }
        }
        Effect::Count => {
            let counted = count(db, stored, &mut event).await?;
            set.push(number("counted_mu", counted));
            set.push(date("finished_on", event.on));
        }
        Effect::TakeBack => {
            let (after, counted) = standing.account.take_back();
            event.counted_mu = counted;
            for (one, counted) in event.counted_others.iter_mut().zip(&stored.counted_others) {
                *one = -*counted;
            }
            set.push(number("counted_mu", after.counted_mu));
            set.push(Setting { value: crate::cql::Value::Null, ..date("finished_on", event.on) });
        }
        Effect::None | Effect::Hold | Effect::Resume => {}
    }
    write_version(db, scope, stored, &set, event).await
}

/// The hard stop: what builds goes on only where plan and red lines let it, or by whom may pass it with a document.
async fn conform(
    app: &App,
    db: &mut Writer,
    (stored, actor): (&Stored, Actor),
    event: &mut Event<'_>,
) -> Result<()> {
    let workflow = Workflow::shipped();
    let way = stored.path.as_deref().and_then(|it| workflow.path(it));
    if way.is_some_and(|it| !it.builds) {
        event.document = None;
        return Ok(());
    }
    let found = conformity::look(app, db, &[stored.reuse_case_id]).await?;
    let Some(found) = found.get(&stored.reuse_case_id) else {
        return Err(Error::Internal(anyhow::anyhow!("a case that nobody looked at")));
    };
    event.evidence = Some(json!({"conformity": found}));
    if found.verdict == Verdict::Pass {
        event.document = None;
        return Ok(());
    }
    if event.document.is_some() {
        if actor >= workflow.conformity.override_by {
            return Ok(());
        }
        return Err(Error::NotAllowed(
            "凭文号放行须由数据管理员办理 / passing the stop with a document is a steward's",
        ));
    }
    let (kind, why) = match found.verdict {
        Verdict::Fail => (
            "not-conforming",
            "不符合规划管控，不能启动；确有批准文件的，由数据管理员填写文号 `document` 后放行 / plan or red lines do not allow it: a steward may pass it with the number of a `document`",
        ),
        _ => (
            "conformity-unknown",
            "规划管控图层缺失，无法判断，不能启动；请先导入，或由数据管理员填写文号 `document` 后放行 / layers are missing, so nobody knows: import them, or a steward passes it with the number of a `document`",
        ),
    };
    Err(Error::impossible(kind, why, json!({"conformity": found})))
}

/// Counts what was disposed of; the case's counted area after it.
async fn count(db: &mut Writer, stored: &Stored, event: &mut Event<'_>) -> Result<Decimal> {
    let rules = &Workflow::shipped().conformity;
    write::lock_counting(db).await?;
    let found = check::shared(db, stored.row_id, rules.tolerance_m2, rules.tolerance_share).await?;
    // The part of the outline, of the area that the case counts by.
    let overlap = if found.share == Decimal::ONE {
        stored.area_mu
    } else {
        measure::stored(stored.area_mu * found.share).unwrap_or(stored.area_mu)
    };
    let shared = Shared { overlap_mu: overlap, counted_mu: found.counted_mu };
    let before = desk::account(stored);
    let (after, counted) = before.accept(shared);
    event.counted_mu = counted;
    event.evidence = Some(json!({
        "disposed_mu": before.disposed_mu,
        "counted_before_mu": before.counted_mu,
        "overlap_mu": shared.overlap_mu,
        "counted_by_others_mu": shared.counted_mu,
        "deducted_mu": shared.deducted_mu(),
        "others": found.codes,
    }));
    // Whatever the case declares and has not counted yet.
    let others = stored.declared_others.iter().zip(&stored.counted_others);
    for (one, (declared, known)) in event.counted_others.iter_mut().zip(others) {
        *one = *declared - *known;
    }
    Ok(after.counted_mu)
}
