//! Taking an import back: what it wrote ends, what it replaced is written anew, in one transaction and as a batch of its own,
//! so that what was known in between stays answerable. Refused where something later stands on it, and says what.

use anyhow::Context;
use anyhow::bail;
use chrono::DateTime;
use chrono::Utc;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;
use sqlx::AssertSqlSafe;
use sqlx::Connection;
use sqlx::PgConnection;

use crate::access::Role;
use crate::access::Scope;
use crate::app::App;
use crate::audit;
use crate::audit::Action;
use crate::audit::Event;
use crate::catalog;
use crate::job::Run;
use crate::layer::Text;

use super::queries;
use super::target::Target;

/// Keys named of each kind of dependent.
const NAMED: i64 = 5;

/// What an undoing did.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Undone {
    /// The batch that takes the other back.
    pub batch_id: i64,
    pub undoes: i64,
    /// Rows that the batch wrote and that ended.
    pub ended: u64,
    /// Rows that it had replaced or removed and that are back.
    pub restored: u64,
}

/// Something later that stands on a batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Dependent {
    pub what: Text,
    pub count: i64,
    /// Keys of the first few.
    pub examples: Vec<String>,
}

/// Why a batch is not undone: later work stands on it.
#[derive(Clone, Debug, thiserror::Error)]
#[error("之后的数据依赖该批次，未撤销 / later data stands on this batch, nothing was undone: {}", list(.0))]
pub struct Depended(pub Vec<Dependent>);

fn list(dependents: &[Dependent]) -> String {
    let shown = dependents.iter().map(|it| {
        format!("{} / {}: {}（{}）", it.what.zh, it.what.en, it.count, it.examples.join(", "))
    });
    shown.collect::<Vec<_>>().join("; ")
}

/// Takes a batch back.
///
/// Fails with [`Depended`] where later data stands on it, and when the batch is not there, not applied, undone already, or an
/// undoing itself. Nothing is written then.
pub async fn undo(app: &App, scope: &Scope, batch_id: i64) -> anyhow::Result<Undone> {
    undo_as(app, scope, batch_id, None).await
}

/// The same as a job, which ends in the transaction.
pub async fn undo_as(
    app: &App,
    scope: &Scope,
    batch_id: i64,
    job: Option<&Run>,
) -> anyhow::Result<Undone> {
    may_undo(scope)?;
    let mut connection = app.db.jobs.acquire().await?;
    // Dropped in the middle it must not come back with a statement that still runs.
    connection.close_on_drop();
    let mut tx = connection.begin().await?;
    let (target, file) = applied(&mut tx, app, batch_id).await?;
    let at = queries::lock(&mut tx, &target.id).await?;
    let dependents = find(&mut tx, &target, batch_id).await?;
    if !dependents.is_empty() {
        return Err(Depended(dependents).into());
    }
    let undoing: i64 = sqlx::query_scalar(
        "insert into mutu.import_batch (target, file, recorded_by, undoes, applied_at)
         values ($1, $2, $3, $4, $5)
         returning batch_id",
    )
    .bind(&target.id)
    .bind(&file)
    .bind(scope.recorded_by())
    .bind(batch_id)
    .bind(at)
    .fetch_one(&mut *tx)
    .await?;
    let ended = end(&mut tx, &target, batch_id, at).await?;
    let who = scope.recorded_by();
    let restored = restore(&mut tx, &target, batch_id, who, at).await?;
    sqlx::query("update mutu.import_batch set state = 'undone' where batch_id = $1")
        .bind(batch_id)
        .execute(&mut *tx)
        .await?;
    if let Some(layer) = &target.layer
        && ended + restored > 0
    {
        catalog::queries::bump(&mut tx, &app.layers, layer, None, None).await?;
    }
    let undone = Undone { batch_id: undoing, undoes: batch_id, ended, restored };
    let event = Event::of(Action::ImportUndone, &target.id).with(json!({
        "file": file,
        "batch_id": undone.batch_id,
        "undoes": undone.undoes,
        "ended": undone.ended,
        "restored": undone.restored,
    }));
    audit::record(&mut *tx, scope, event).await?;
    if let Some(job) = job {
        job.finish(&mut tx, &json!(undone)).await?;
    }
    tx.commit().await?;
    Ok(undone)
}

/// What stands on a batch, so that it cannot be undone now; empty: it can.
pub async fn dependents(app: &App, scope: &Scope, batch_id: i64) -> anyhow::Result<Vec<Dependent>> {
    may_undo(scope)?;
    let mut tx = app.db.write.begin().await?;
    let (target, _) = applied(&mut tx, app, batch_id).await?;
    let found = find(&mut tx, &target, batch_id).await?;
    tx.rollback().await?;
    Ok(found)
}

fn may_undo(scope: &Scope) -> anyhow::Result<()> {
    if !scope.may(Role::Steward) || scope.responsible_units.is_some() {
        bail!(
            "撤销导入需要负责全部单位的数据管理员 / undoing an import needs a steward of all units"
        );
    }
    Ok(())
}

/// The target and file of a batch that can be undone; its row is locked.
async fn applied(
    db: &mut PgConnection,
    app: &App,
    batch_id: i64,
) -> anyhow::Result<(Target, String)> {
    let (target, file, state, undoes): (String, String, String, Option<i64>) = sqlx::query_as(
        "select target, file, state, undoes from mutu.import_batch where batch_id = $1 for update",
    )
    .bind(batch_id)
    .fetch_optional(db)
    .await?
    .with_context(|| format!("没有批次 {batch_id} / there is no batch {batch_id}"))?;
    if undoes.is_some() {
        bail!(
            "批次 {batch_id} 本身是一次撤销；请重新导入文件 / batch {batch_id} is an undoing itself: import the file again"
        );
    }
    match state.as_str() {
        "applied" => Ok((Target::find(&app.layers, &target)?, file)),
        "undone" => bail!("批次 {batch_id} 已撤销 / batch {batch_id} was undone already"),
        _ => bail!("批次 {batch_id} 尚未应用 / batch {batch_id} was not applied"),
    }
}

/// Columns of other tables that name a row of this one by its key.
const REFERENCES: [(&str, &str, &str, &str, &str); 7] = [
    ("mutu.parcel", "mutu.building", "parcel_code", "建筑", "buildings"),
    ("mutu.parcel", "mutu.occupancy", "parcel_code", "用地关系", "occupancies"),
    (
        "mutu.parcel",
        "mutu.parcel_period",
        "parcel_code",
        "宗地年度指标",
        "yearly figures of parcels",
    ),
    ("mutu.enterprise", "mutu.occupancy", "uscc", "用地关系", "occupancies"),
    (
        "mutu.enterprise",
        "mutu.enterprise_period",
        "uscc",
        "企业年度指标",
        "yearly figures of enterprises",
    ),
    ("mutu.enterprise", "mutu.parcel", "holder_uscc", "宗地", "parcels"),
    (
        "mutu.enterprise",
        "mutu.enterprise_mark",
        "uscc",
        "企业事项",
        "what was recorded of enterprises",
    ),
];

async fn find(
    db: &mut PgConnection,
    target: &Target,
    batch_id: i64,
) -> sqlx::Result<Vec<Dependent>> {
    let mut found = Vec::new();
    let relation = &target.relation;
    let key = queries::key_text(target, "w");
    // Nothing of the batch is left of the row: somebody changed or retired it since.
    let later = format!(
        "select {key} from {relation} w
         where w.batch_id = $1 and w.superseded_at is not null
             and not exists (select from {relation} p where p.batch_id = $1 and p.superseded_at is null and {same})",
        same = same_row(target),
    );
    add(db, &mut found, "之后又变更的记录", "rows changed since", &later, batch_id).await?;
    // Rows that came with this batch: under its end nothing would carry their key.
    let came = format!(
        "select w.*, b.applied_at from {relation} w
         join mutu.import_batch b using (batch_id)
         where w.batch_id = $1 and w.superseded_at is null
             and not exists (select from {relation} p where p.superseded_at = b.applied_at and {same})",
        same = same_row(target),
    );
    for (mine, theirs, column, zh, en) in REFERENCES {
        if mine != relation.as_str() {
            continue;
        }
        let own = if mine == "mutu.parcel" { "parcel_code" } else { "uscc" };
        let sql = format!(
            "select r.{column} from {theirs} r
             join ({came}) w on w.{own} = r.{column}
             where r.superseded_at is null and r.valid_to is null and r.recorded_at > w.applied_at"
        );
        add(db, &mut found, zh, en, &sql, batch_id).await?;
    }
    if relation == "mutu.parcel" {
        let cases = format!(
            "select w.parcel_code from mutu.reuse_case r join ({came}) w using (parcel_id)
             where r.state <> 'removed'"
        );
        add(db, &mut found, "二次开发清单", "redevelopment cases", &cases, batch_id).await?;
        let lineage = format!(
            "select w.parcel_code from mutu.parcel_lineage r
             join ({came}) w on w.parcel_id in (r.parent_parcel_id, r.child_parcel_id)"
        );
        add(db, &mut found, "分割合并", "splits and merges", &lineage, batch_id).await?;
    }
    Ok(found)
}

/// Versions `p` and `w` of one row.
fn same_row(target: &Target) -> String {
    match &target.identity {
        Some(it) => format!("p.{0} = w.{0}", it.column),
        None => format!("{} = {}", queries::key_text(target, "p"), queries::key_text(target, "w")),
    }
}

async fn add(
    db: &mut PgConnection,
    found: &mut Vec<Dependent>,
    zh: &str,
    en: &str,
    keys: &str,
    batch_id: i64,
) -> sqlx::Result<()> {
    let sql = format!(
        "with k (key) as ({keys})
         select count(*), coalesce((array_agg(distinct key::text))[1:{NAMED}], '{{}}') from k"
    );
    let (count, examples): (i64, Vec<String>) =
        sqlx::query_as(AssertSqlSafe(sql)).bind(batch_id).fetch_one(db).await?;
    if count > 0 {
        let what = Text { zh: zh.to_owned(), en: en.to_owned() };
        found.push(Dependent { what, count, examples });
    }
    Ok(())
}

async fn end(
    db: &mut PgConnection,
    target: &Target,
    batch_id: i64,
    at: DateTime<Utc>,
) -> sqlx::Result<u64> {
    let sql = format!(
        "update {} set superseded_at = $2 where batch_id = $1 and superseded_at is null",
        target.relation
    );
    let query = sqlx::query(AssertSqlSafe(sql)).bind(batch_id).bind(at);
    Ok(query.execute(db).await?.rows_affected())
}

/// Writes anew what the batch ended, as it was: under the batch that it came with, so that one can be undone in its turn.
async fn restore(
    db: &mut PgConnection,
    target: &Target,
    batch_id: i64,
    recorded_by: &str,
    at: DateTime<Utc>,
) -> sqlx::Result<u64> {
    let mut columns: Vec<String> = target.fields.keys().cloned().collect();
    columns.extend(["extra", "valid_from", "valid_to"].map(ToOwned::to_owned));
    if target.geometry.is_some() {
        columns.extend(["geom", "geom_original", "repaired"].map(ToOwned::to_owned));
        if target.measured {
            columns.push("area_geom_m2".to_owned());
        }
    }
    columns.extend(target.identity.iter().map(|it| it.column.clone()));
    let columns = columns.join(", ");
    let sql = format!(
        "insert into {relation} ({columns}, batch_id, recorded_by, recorded_at)
         select {columns}, batch_id, $2, $3 from {relation} p
         where p.superseded_at = (select applied_at from mutu.import_batch where batch_id = $1)
         order by p.row_id",
        relation = target.relation,
    );
    let query = sqlx::query(AssertSqlSafe(sql)).bind(batch_id).bind(recorded_by).bind(at);
    Ok(query.execute(db).await?.rows_affected())
}
