//! `/api/v1/layers/{id}/export`: the selection as a download.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;

use crate::access::Scope;
use crate::app::App;
use crate::audit;
use crate::catalog;
use crate::crs::CODES;
use crate::crs::Crs;
use crate::crs::grid;
use crate::error::Error;
use crate::error::Result;
use crate::extract::Path;
use crate::extract::Query;

use super::About;
use super::Asked;
use super::Bbox;
use super::Format;
use super::Selection;
use super::download;
use super::exported;
use super::queries;
use super::queries::Counting;

/// Routes of downloads.
pub fn router() -> Router<App> {
    Router::new().route("/api/v1/layers/{id}/export", get(export))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExportQuery {
    format: String,
    crs: Option<String>,
    bbox: Option<String>,
    filter: Option<String>,
    datetime: Option<String>,
    as_of: Option<String>,
}

impl ExportQuery {
    fn format(&self) -> Result<Format> {
        Format::parse(&self.format)
            .ok_or_else(|| Error::parameter("format", Format::ALL.map(Format::name).join(", ")))
    }

    /// The EPSG code of the reference system, where another one than the format's own was asked for.
    fn srid(&self, format: Format) -> Result<Option<u32>> {
        let Some(text) = &self.crs else { return Ok(None) };
        let known = || {
            let local = grid::known().iter().map(|it| format!("LOCAL:{}", it.code));
            let all: Vec<String> =
                CODES.map(|it| format!("EPSG:{it}")).into_iter().chain(local).collect();
            all.join(", ")
        };
        if !format.is_projected() {
            let why = format!(
                "{format} 只有经纬度：请用 fgb、gpkg 或 shp / {format} holds degrees only: use fgb, gpkg or shp"
            );
            return Err(Error::parameter("crs", why));
        }
        let named = text.parse().ok().and_then(Crs::of_code).or_else(|| Crs::parse(text));
        match named {
            Some(Crs::Epsg(it) | Crs::Local(it)) => Ok(Some(it)),
            _ => Err(Error::parameter("crs", known())),
        }
    }

    fn asked(&self) -> Asked<'_> {
        Asked {
            filter: self.filter.as_deref(),
            bbox: self.bbox.as_deref(),
            datetime: self.datetime.as_deref(),
            as_of: self.as_of.as_deref(),
        }
    }
}

async fn export(
    State(app): State<App>,
    scope: Scope,
    Path(id): Path<String>,
    Query(query): Query<ExportQuery>,
) -> Result<Response> {
    let layer = app.layer(&scope, &id)?;
    let format = query.format()?;
    let mut selection = Selection::new(layer, &scope);
    selection.encoding = format.encoding(query.srid(format)?);
    selection.at(query.datetime.as_deref(), query.as_of.as_deref())?;
    if let Some(it) = &query.bbox {
        selection.bbox = Some(Bbox::parse(it)?);
    }
    if let Some(it) = &query.filter {
        selection.filter(it)?;
    }
    let most = app.config.limits.of(scope.role).export_rows;
    let mut db = app.db.read(&scope).await?;
    let Some(count) = Counting::new(&selection, most)?.run(&mut db).await? else {
        return Err(Error::BadInput {
            at: "参数 / parameters `bbox`, `filter`".to_owned(),
            why: format!(
                "选中超过 {most} 行：请缩小范围或加筛选条件，或在服务器上用 mutu export / more than {most} rows: \
                 narrow the selection, or use `mutu export` on the server"
            ),
        });
    };
    // Before the first byte: what could not be noted is not given out.
    let event = exported(layer, format, query.asked(), count);
    audit::record(&app.db.write, &scope, event).await?;
    selection.limit = Some(most);
    if format.is_streamed() {
        return download::streamed(db, &selection, format).await;
    }
    let about = About {
        revision: catalog::queries::revision(&mut db, &layer.id).await?,
        written_at: Some(chrono::Local::now()),
        written_by: scope.recorded_by().to_owned(),
        filter: query.filter,
        bbox: query.bbox,
        datetime: query.datetime,
        as_of: query.as_of,
    };
    download::through_file(queries::rows(db, &selection)?, &selection, format, about).await
}
