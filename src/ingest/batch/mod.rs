//! Imports as they are asked for and looked at over HTTP: what was chosen, what the files were, how far it came, what was
//! found and what changes.

use chrono::DateTime;
use chrono::Utc;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use sqlx::PgConnection;
use sqlx::PgExecutor;
use sqlx::types::Json;

use crate::app::App;
use crate::error::Error;
use crate::error::Result;
use crate::job::Job;

use crate::ingest::MappingFile;
use crate::ingest::Options;
use crate::ingest::Replace;
use crate::ingest::Report;
use crate::ingest::diff::FieldChange;
use crate::ingest::diff::Kind as ChangeKind;
use crate::ingest::encoding;
use crate::ingest::report::Severity;
use crate::ingest::target::Target;

pub mod findings_routes;
pub mod routes;
mod targets_routes;
pub mod upload;
mod work;

pub use work::Imports;

/// What a person chooses for an import.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportOptions {
    /// Id of a layer or table.
    #[schemars(length(min = 1, max = 100))]
    pub into: String,
    /// Layer of a dataset, sheet of a workbook.
    #[serde(default)]
    pub layer_name: Option<String>,
    /// `EPSG:4549`, a PROJ string, or `local`.
    #[serde(default)]
    pub source_crs: Option<String>,
    /// Whether the axes are the other way round; left out, the coordinates tell.
    #[serde(default)]
    pub swap_axes: Option<bool>,
    #[serde(default)]
    pub encoding: Option<String>,
    #[serde(default)]
    pub mapping: Option<MappingFile>,
    /// Whether rows that are there already may change.
    #[serde(default)]
    pub replace: bool,
}

impl ImportOptions {
    /// Nothing chosen but where it goes.
    pub fn into(id: &str) -> Self {
        Self {
            into: id.to_owned(),
            layer_name: None,
            source_crs: None,
            swap_axes: None,
            encoding: None,
            mapping: None,
            replace: false,
        }
    }

    /// Refuses at once what the job would refuse later.
    pub fn check(&self, app: &App) -> Result<()> {
        Target::find(&app.layers, &self.into)
            .map_err(|it| Error::parameter("into", it.to_string()))?;
        if let Some(label) = &self.encoding
            && encoding::by_label(label).is_none()
        {
            let why = "不认识的编码 / unknown encoding: UTF-8, GB18030, GBK, Big5 …";
            return Err(Error::parameter("encoding", why));
        }
        if let Some(mapping) = &self.mapping {
            mapping.check().map_err(|it| Error::parameter("mapping", format!("{it:#}")))?;
        }
        let texts = [Some(&self.into), self.layer_name.as_ref(), self.source_crs.as_ref()];
        if texts.into_iter().flatten().any(|it| it.contains('\0') || it.len() > 10_000) {
            let why = "文字过长或含空字符 / a text is too long or has a NUL character";
            return Err(Error::parameter("options", why));
        }
        Ok(())
    }

    /// As the importer takes them.
    pub fn options(self) -> Options {
        Options {
            into: self.into,
            layer_name: self.layer_name,
            mapping: self.mapping.unwrap_or_default(),
            source_crs: self.source_crs,
            swap_axes: self.swap_axes,
            encoding: self.encoding,
            replace: if self.replace { Replace::Changed } else { Replace::Refuse },
            ..Options::default()
        }
    }
}

/// A file as it arrived.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct UploadedFile {
    pub name: String,
    pub bytes: i64,
    /// SHA-256 in hexadecimal.
    pub sha256: String,
}

/// An import, from the moment its file arrived.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Import {
    pub batch_id: i64,
    #[schemars(with = "BatchState")]
    pub state: String,
    /// Id of the layer or table; null: nobody has said yet.
    pub into: Option<String>,
    /// The file that is opened, as it was called.
    pub file: String,
    /// Empty for what was imported at the console.
    pub files: Vec<UploadedFile>,
    /// What was chosen last; null: nothing yet.
    #[schemars(with = "Option<ImportOptions>")]
    pub options: Option<Value>,
    /// What the last preview or the import found; null: there was none.
    #[schemars(with = "Option<Report>")]
    pub report: Option<Value>,
    /// The last job of it.
    pub job: Option<Job>,
    /// An earlier import of the very same files.
    pub same_as: Option<i64>,
    pub recorded_by: String,
    pub recorded_at: DateTime<Utc>,
    pub applied_at: Option<DateTime<Utc>>,
    /// The import that this one took back.
    pub undoes: Option<i64>,
    /// The one that took it back.
    pub undone_by_batch: Option<i64>,
}

/// How far an import is.
#[derive(JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BatchState {
    Uploaded,
    Previewed,
    Applied,
    Undone,
    Discarded,
}

#[derive(sqlx::FromRow)]
struct Row {
    batch_id: i64,
    state: String,
    target: Option<String>,
    file: String,
    files: Json<Vec<UploadedFile>>,
    options: Option<Value>,
    report: Option<Value>,
    same_as: Option<i64>,
    recorded_by: String,
    recorded_at: DateTime<Utc>,
    applied_at: Option<DateTime<Utc>>,
    undoes: Option<i64>,
    undone_by_batch: Option<i64>,
}

impl Row {
    fn with(self, job: Option<Job>) -> Import {
        Import {
            batch_id: self.batch_id,
            state: self.state,
            into: self.target,
            file: self.file,
            files: self.files.0,
            options: self.options,
            report: self.report,
            job,
            same_as: self.same_as,
            recorded_by: self.recorded_by,
            recorded_at: self.recorded_at,
            applied_at: self.applied_at,
            undoes: self.undoes,
            undone_by_batch: self.undone_by_batch,
        }
    }
}

/// The same files are those of the same contents, whatever they were called and in whichever order they came.
const SELECT: &str = "
    select b.batch_id, b.state, b.target, b.file, b.recorded_by, b.recorded_at, b.applied_at, b.undoes,
           nullif(b.options, '{}') as options, nullif(b.report, '{}') as report,
           coalesce(u.files, '[]') as files, s.batch_id as same_as,
           (select it.batch_id from mutu.import_batch it where it.undoes = b.batch_id) as undone_by_batch
    from mutu.import_batch b
    left join lateral (
        select jsonb_agg(jsonb_build_object('name', name, 'bytes', bytes, 'sha256', encode(sha256, 'hex')) order by upload_id) as files,
               array_agg(sha256 order by sha256) as hashes
        from mutu.upload where batch_id = b.batch_id and sha256 is not null
    ) u on true
    left join lateral (
        select o.batch_id
        from mutu.upload first
        join mutu.import_batch o on o.batch_id = first.batch_id
        where first.sha256 = u.hashes[1] and o.batch_id < b.batch_id and o.state <> 'discarded'
          and (select array_agg(it.sha256 order by it.sha256) from mutu.upload it where it.batch_id = o.batch_id) = u.hashes
        order by o.batch_id desc limit 1
    ) s on true";

/// Imports older than `before`, newest first, without their jobs' last states.
pub async fn list(
    db: &mut crate::db::Reader,
    before: Option<i64>,
    limit: i64,
) -> sqlx::Result<Vec<Import>> {
    let sql = format!(
        "{SELECT} where ($1::bigint is null or b.batch_id < $1) order by b.batch_id desc limit $2"
    );
    let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(before)
        .bind(limit)
        .fetch_all(&mut *db)
        .await?;
    let batches: Vec<i64> = rows.iter().map(|it| it.batch_id).collect();
    let jobs = crate::job::queries::last_of(db, &batches).await?;
    let job_of = |id: i64| jobs.iter().find(|it| it.batch_id == Some(id)).cloned();
    Ok(rows.into_iter().map(|it| (job_of(it.batch_id), it)).map(|(job, it)| it.with(job)).collect())
}

/// The import of that number.
pub async fn find(db: &mut crate::db::Reader, batch_id: i64) -> sqlx::Result<Option<Import>> {
    let sql = format!("{SELECT} where b.batch_id = $1");
    let row: Option<Row> =
        sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(batch_id).fetch_optional(&mut *db).await?;
    let Some(row) = row else { return Ok(None) };
    let job = crate::job::queries::last_of(db, &[batch_id]).await?.pop();
    Ok(Some(row.with(job)))
}

/// Makes a batch of files that arrived.
pub async fn insert(
    db: &mut PgConnection,
    file: &str,
    options: Option<&ImportOptions>,
    recorded_by: &str,
) -> sqlx::Result<i64> {
    sqlx::query_scalar(
        "insert into mutu.import_batch (target, file, state, options, recorded_by)
         values ($1, $2, 'uploaded', coalesce($3, '{}'), $4)
         returning batch_id",
    )
    .bind(options.map(|it| &it.into))
    .bind(file)
    .bind(options.map(Json))
    .bind(recorded_by)
    .fetch_one(db)
    .await
}

/// A batch as a change of it begins: locked until the transaction ends.
#[derive(Debug, sqlx::FromRow)]
pub struct Locked {
    pub file: String,
    pub state: String,
    pub options: Value,
    pub report: Value,
    pub undoes: Option<i64>,
}

impl Locked {
    /// Whether the last preview found no row that could be written.
    pub fn rejects_all(&self) -> bool {
        let rows = |name: &str| self.report["rows"][name].as_u64().unwrap_or_default();
        rows("read") > 0 && rows("read") == rows("rejected")
    }
}

/// Locks a batch.
pub async fn lock(db: &mut PgConnection, batch_id: i64) -> sqlx::Result<Option<Locked>> {
    sqlx::query_as(
        "select file, state, options, report, undoes from mutu.import_batch where batch_id = $1 for update",
    )
    .bind(batch_id)
    .fetch_optional(db)
    .await
}

/// Writes down what was chosen.
pub async fn choose(
    db: &mut PgConnection,
    batch_id: i64,
    options: &ImportOptions,
) -> sqlx::Result<()> {
    sqlx::query("update mutu.import_batch set target = $2, options = $3 where batch_id = $1")
        .bind(batch_id)
        .bind(&options.into)
        .bind(Json(options))
        .execute(db)
        .await?;
    Ok(())
}

/// Discards a batch that was not applied.
pub async fn discard(db: &mut PgConnection, batch_id: i64) -> sqlx::Result<()> {
    sqlx::query("update mutu.import_batch set state = 'discarded' where batch_id = $1")
        .bind(batch_id)
        .execute(&mut *db)
        .await?;
    upload::queries::remove_content(db, batch_id).await
}

/// A finding as it was kept.
#[derive(Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct StoredIssue {
    pub issue_id: i64,
    #[schemars(with = "Severity")]
    pub severity: String,
    pub rule: String,
    /// Row of the file.
    #[sqlx(rename = "source_row")]
    pub row: Option<i64>,
    pub field: Option<String>,
    pub value: Option<String>,
    pub message: String,
    /// What would make the finding go away.
    pub mend: Option<String>,
    /// West, south, east, north of the place in degrees.
    pub bbox: Option<Vec<f64>>,
}

/// Which findings of a batch are asked for.
#[derive(Clone, Debug, Default)]
pub struct IssueSelection {
    pub severity: Option<Severity>,
    pub rule: Option<String>,
    /// Only those after this one.
    pub after: Option<i64>,
    pub limit: i64,
}

/// Findings in the order in which they were kept.
pub async fn issues(
    db: impl PgExecutor<'_>,
    batch_id: i64,
    selection: &IssueSelection,
) -> sqlx::Result<Vec<StoredIssue>> {
    sqlx::query_as(
        "select issue_id, severity, rule, source_row, field, value, message, mend,
                case when geom is not null then array[st_xmin(geom), st_ymin(geom), st_xmax(geom), st_ymax(geom)] end as bbox
         from mutu.import_issue
         where batch_id = $1 and ($2::text is null or severity = $2) and ($3::text is null or rule = $3)
           and ($4::bigint is null or issue_id > $4)
         order by issue_id limit $5",
    )
    .bind(batch_id)
    .bind(selection.severity.map(Severity::name))
    .bind(&selection.rule)
    .bind(selection.after)
    .bind(selection.limit)
    .fetch_all(db)
    .await
}

/// A row that an import adds or changes, or that its file does not have.
#[derive(Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct StoredChange {
    /// Kind and place, as the features of the outlines have it, too.
    pub change_id: String,
    #[schemars(with = "ChangeKind")]
    pub kind: String,
    /// Its place among those of its kind.
    pub nth: i64,
    pub key: String,
    /// Row of the file; null for what the file does not have.
    pub source_row: Option<i64>,
    #[schemars(with = "Vec<FieldChange>")]
    pub fields: Json<Vec<FieldChange>>,
    /// Area in which old and new outline differ, m².
    pub changed_m2: Option<Decimal>,
    /// West, south, east, north in degrees.
    pub bbox: Option<Vec<f64>>,
}

/// Which changes of a batch are asked for.
#[derive(Clone, Debug, Default)]
pub struct ChangeSelection {
    pub kind: Option<ChangeKind>,
    /// Only those after this one, by kind and place.
    pub after: Option<(ChangeKind, i64)>,
    pub limit: i64,
}

const OF_SELECTION: &str = "
    where batch_id = $1 and ($2::text is null or kind = $2) and ($3::text is null or (kind, nth) > ($3, $4::bigint))
    order by kind, nth limit $5";

/// Changes by kind and place.
pub async fn changes(
    db: impl PgExecutor<'_>,
    batch_id: i64,
    selection: &ChangeSelection,
) -> sqlx::Result<Vec<StoredChange>> {
    let sql = format!(
        "select kind || '.' || nth as change_id, kind, nth, key, source_row, fields, changed_m2,
                case when geom is not null then array[st_xmin(geom), st_ymin(geom), st_xmax(geom), st_ymax(geom)] end as bbox
         from mutu.import_change {OF_SELECTION}"
    );
    sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(batch_id)
        .bind(selection.kind.map(ChangeKind::name))
        .bind(selection.after.map(|it| it.0.name()))
        .bind(selection.after.map(|it| it.1))
        .bind(selection.limit)
        .fetch_all(db)
        .await
}

/// The same as `GeoJSON` features, longitude before latitude.
pub async fn change_features(
    db: impl PgExecutor<'_>,
    batch_id: i64,
    selection: &ChangeSelection,
) -> sqlx::Result<Vec<Value>> {
    let sql = format!(
        "select jsonb_build_object('type', 'Feature', 'id', kind || '.' || nth,
                    'geometry', st_asgeojson(geom, 7)::jsonb,
                    'properties', jsonb_build_object('kind', kind, 'key', key, 'source_row', source_row,
                        'fields', fields, 'changed_m2', changed_m2))
         from mutu.import_change {OF_SELECTION}"
    );
    sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
        .bind(batch_id)
        .bind(selection.kind.map(ChangeKind::name))
        .bind(selection.after.map(|it| it.0.name()))
        .bind(selection.after.map(|it| it.1))
        .bind(selection.limit)
        .fetch_all(db)
        .await
}
