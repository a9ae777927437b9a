//! `/api/v1/lists/{list_id}/list.pdf`, `wall.pdf`, `sheets.pdf`, and `/api/v1/cases/{case_code}/sheet.pdf`.

use anyhow::Context;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use chrono::DateTime;
use chrono::Local;
use chrono::Utc;
use serde::Deserialize;
use serde_json::json;

use crate::access::Scope;
use crate::app::App;
use crate::audit;
use crate::audit::Action;
use crate::audit::Event;
use crate::catalog;
use crate::catalog::time::Times;
use crate::error::Error;
use crate::error::Result;
use crate::extract::Path;
use crate::extract::Query;
use crate::parcel;
use crate::parcel::Dossier;
use crate::render::fonts;
use crate::render::gather;
use crate::render::named;
use crate::render::output;
use crate::render::output::Pages;
use crate::reuse::plan;
use crate::reuse::plan::Plan;
use crate::reuse::plan::asked;

use super::Paper;
use super::case;
use super::case::Kind;
use super::list;
use super::list_map::Printing;
use super::routes::attachment;
use super::routes::by;
use super::wall;

/// Sheets of one file at most.
const SHEETS: usize = 200;

/// Routes of what is printed of lists.
pub fn router() -> Router<App> {
    Router::new()
        .route("/api/v1/lists/{list_id}/list.pdf", get(work_plan))
        .route("/api/v1/lists/{list_id}/wall.pdf", get(on_the_wall))
        .route("/api/v1/lists/{list_id}/sheets.pdf", get(sheets))
        .route("/api/v1/cases/{case_code}/sheet.pdf", get(sheet))
}

fn is_zh(lang: Option<&str>) -> Result<bool> {
    match lang {
        None | Some("zh") => Ok(true),
        Some("en") => Ok(false),
        Some(_) => Err(Error::parameter("lang", "zh, en")),
    }
}

fn paper(given: Option<&str>, default: &str, known: &[&str]) -> Result<Paper> {
    let name = given.unwrap_or(default);
    let known = known.iter().any(|it| it.eq_ignore_ascii_case(name)).then_some(name);
    known
        .and_then(|it| Paper::find(it, true))
        .ok_or_else(|| Error::parameter("paper", format!("{default}, …")))
}

fn kind(given: Option<&str>) -> Result<Kind> {
    match given {
        None | Some("parcel") => Ok(Kind::Parcel),
        Some("enterprise") => Ok(Kind::Enterprise),
        Some(_) => Err(Error::parameter("kind", "parcel, enterprise")),
    }
}

/// Draws with all that a sheet of a list needs, beside other requests.
async fn drawn(
    app: &App,
    scope: &Scope,
    plan: Plan,
    zh: bool,
    draw: impl FnOnce(&Printing<'_>) -> Result<Vec<u8>> + Send + 'static,
) -> Result<Vec<u8>> {
    let subjects = gather(app, scope, &named(app, scope, None)?, None)?;
    let fonts = fonts(app).await?;
    let states =
        catalog::queries::states(&mut app.db.read(scope).await?, &app.layers, scope).await?;
    let day = |it: DateTime<Utc>| it.with_timezone(&Local).format("%Y-%m-%d").to_string();
    let dates: Vec<(String, String)> =
        states.iter().filter_map(|it| Some((it.layer.clone(), day(it.updated_at?)))).collect();
    let permit = app.printing.clone().acquire_owned().await.context("drawing a sheet")?;
    let (app, scope) = (app.clone(), scope.clone());
    let made = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        draw(&Printing {
            app: &app,
            scope: &scope,
            fonts: &fonts,
            subjects: &subjects,
            plan: &plan,
            zh,
            dates: &dates,
            made: Local::now().format("%Y-%m-%d %H:%M").to_string(),
            by: by(&scope, zh),
        })
    });
    made.await.context("drawing a sheet")?
}

/// Notes that it was given out, before it is.
async fn given(
    app: &App,
    scope: &Scope,
    subject: &str,
    (name, form): (&str, &str),
    rows: usize,
    bytes: Vec<u8>,
) -> Result<Response> {
    let detail = json!({"list": name, "format": form, "rows": rows});
    audit::record(&app.db.write, scope, Event::of(Action::Export, subject).with(detail)).await?;
    Ok(attachment(bytes, name))
}

asked!(
    /// Which cases, on which paper, with small maps or without.
    OfPlan { paper: Option<String>, maps: Option<String>, lang: Option<String> }
);

async fn work_plan(
    State(app): State<App>,
    scope: Scope,
    Path(list_id): Path<i64>,
    Query(asked): Query<OfPlan>,
) -> Result<Response> {
    let paper = paper(asked.paper.as_deref(), "A3", &["A3", "A4"])?;
    let zh = is_zh(asked.lang.as_deref())?;
    let maps = match asked.maps.as_deref() {
        None => None,
        Some("rows") => Some(true),
        Some("none") => Some(false),
        Some(_) => return Err(Error::parameter("maps", "rows, none")),
    };
    let plan = plan::gather(&app, &scope, list_id, &asked.which()).await?;
    let (name, rows) = (plan.list.name.clone(), plan.cases.len());
    let maps = maps.unwrap_or(rows <= list::WITH_MAPS);
    let bytes = drawn(&app, &scope, plan, zh, move |it| list::pdf(it, paper, maps)).await?;
    given(&app, &scope, &list_id.to_string(), (&name, "list.pdf"), rows, bytes).await
}

asked!(
    /// Which cases, on which paper.
    OfWall { paper: Option<String>, lang: Option<String> }
);

async fn on_the_wall(
    State(app): State<App>,
    scope: Scope,
    Path(list_id): Path<i64>,
    Query(asked): Query<OfWall>,
) -> Result<Response> {
    let paper = paper(asked.paper.as_deref(), "A0", &["A0", "A1", "A2", "A3", "A4"])?;
    let zh = is_zh(asked.lang.as_deref())?;
    let plan = plan::gather(&app, &scope, list_id, &asked.which()).await?;
    let (name, rows) = (plan.list.name.clone(), plan.cases.len());
    let draw = move |it: &Printing<'_>| Ok(output::pdf(&wall::svg(it, paper)?, it.fonts)?);
    let bytes = drawn(&app, &scope, plan, zh, draw).await?;
    given(&app, &scope, &list_id.to_string(), (&name, "wall.pdf"), rows, bytes).await
}

asked!(
    /// Which cases, and of what.
    OfSheets { kind: Option<String>, lang: Option<String> }
);

async fn sheets(
    State(app): State<App>,
    scope: Scope,
    Path(list_id): Path<i64>,
    Query(asked): Query<OfSheets>,
) -> Result<Response> {
    let kind = kind(asked.kind.as_deref())?;
    let zh = is_zh(asked.lang.as_deref())?;
    if asked.version.is_some() || asked.as_of.is_some() {
        let at = if asked.version.is_some() { "version" } else { "as_of" };
        let why = "地块档案只有现状，策表不能按过去的时点出具 / dossiers are of the present, so sheets are, too";
        return Err(Error::parameter(at, why));
    }
    let plan = plan::gather(&app, &scope, list_id, &asked.which()).await?;
    if plan.cases.len() > SHEETS {
        let why = format!(
            "共 {} 宗，每个文件至多 {SHEETS} 宗：请按 state、responsible_unit、path 缩小 / {} cases, and at most {SHEETS} in a file: narrow by `state`, `responsible_unit`, `path`",
            plan.cases.len(),
            plan.cases.len()
        );
        return Err(Error::parameter("list_id", why));
    }
    let (name, rows) = (plan.list.name.clone(), plan.cases.len());
    let bytes = sheets_of(&app, &scope, plan, kind, zh).await?;
    given(&app, &scope, &list_id.to_string(), (&name, "sheets.pdf"), rows, bytes).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfCase {
    kind: Option<String>,
    lang: Option<String>,
}

async fn sheet(
    State(app): State<App>,
    scope: Scope,
    Path(case_code): Path<String>,
    Query(asked): Query<OfCase>,
) -> Result<Response> {
    let kind = kind(asked.kind.as_deref())?;
    let zh = is_zh(asked.lang.as_deref())?;
    let plan = plan::of_case(&app, &scope, &case_code).await?;
    let bytes = sheets_of(&app, &scope, plan, kind, zh).await?;
    given(&app, &scope, &case_code, (&case_code, "sheet.pdf"), 1, bytes).await
}

async fn sheets_of(app: &App, scope: &Scope, plan: Plan, kind: Kind, zh: bool) -> Result<Vec<u8>> {
    let mut dossiers: Vec<Option<Dossier>> = Vec::with_capacity(plan.cases.len());
    for case in &plan.cases {
        let found = parcel::dossier(app, scope, &case.parcel_code, &Times::default()).await;
        dossiers.push(match found {
            Ok(it) => Some(it),
            // A parcel that was split or retired has its case still.
            Err(it) if [404, 410].contains(&it.kind().0.as_u16()) => None,
            Err(it) => return Err(it),
        });
    }
    let draw = move |it: &Printing<'_>| {
        let pages: Vec<case::Page<'_>> = dossiers
            .iter()
            .enumerate()
            .flat_map(|(nth, it)| case::pages(kind, nth, it.as_ref()))
            .collect();
        if pages.is_empty() {
            return Err(Error::parameter("list_id", "清单中没有地块 / there is no case in it"));
        }
        let mut file = Pages::new(it.fonts);
        for (nth, page) in pages.iter().enumerate() {
            file.add(&case::svg(it, kind, page, (nth + 1, pages.len()))?)?;
        }
        Ok(file.finish())
    };
    drawn(app, scope, plan, zh, draw).await
}
