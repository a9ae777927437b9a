//! The map of a report: where the cases lie that are in lists, and how far they are, as it was known at its moment.

use anyhow::Context;
use chrono::DateTime;
use chrono::Local;
use chrono::Utc;

use crate::access::Scope;
use crate::app::App;
use crate::catalog;
use crate::error::Error;
use crate::layer::MapRole;
use crate::print::state_map::StateMap;
use crate::print::written::Block;
use crate::render::fonts;
use crate::render::gather;
use crate::render::named;

use super::queries;

/// The map under its heading, or why there is none: a report is made all the same.
pub async fn blocks(
    app: &App,
    scope: &Scope,
    known_at: DateTime<Utc>,
) -> anyhow::Result<[Block; 2]> {
    let heading = Block::Heading("台账分布图".to_owned());
    let said = |it: &str| Block::Text(it.to_owned());
    let mut db = app.db.read(scope).await?;
    let stages = queries::stages(&mut db, known_at).await?;
    let states = catalog::queries::states(&mut db, &app.layers, scope).await?;
    drop(db);
    if stages.is_empty() {
        return Ok([heading, said("清单中没有地块。")]);
    }
    let fonts = match fonts(app).await {
        Ok(it) => it,
        Err(Error::Internal(it)) => return Err(it),
        Err(_) => return Ok([heading, said("服务器没有中文字体，未绘图。")]),
    };
    // What is not in memory is not drawn, and the map says so when nothing is.
    let base = named(app, scope, None)?.into_iter().filter(|it| it.role == MapRole::Base);
    let base: Vec<_> = base.filter(|it| app.snapshots.get(&it.id).is_some()).collect();
    let subjects = gather(app, scope, &base, None)?;
    let day = |it: DateTime<Utc>| it.with_timezone(&Local).format("%Y-%m-%d").to_string();
    let dates: Vec<(String, String)> =
        states.into_iter().filter_map(|it| Some((it.layer, day(it.updated_at?)))).collect();
    let moment = known_at.with_timezone(&Local).format("%Y-%m-%d %H:%M").to_string();
    let permit = app.printing.clone().acquire_owned().await.context("drawing a report's map")?;
    let (app, scope) = (app.clone(), scope.clone());
    let drawn = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        let map = StateMap {
            app: &app,
            scope: &scope,
            fonts: &fonts,
            subjects: &subjects,
            stages: &stages,
            dates: &dates,
            moment: &moment,
            zh: true,
        };
        map.figure()
    });
    let drawn = drawn.await.context("drawing a report's map")??;
    Ok([heading, drawn.map_or_else(|| said("清单中没有地块。"), Block::Figure)])
}
