//! SQL of the files of cases. Their content is read by nothing but a download.

use sqlx::AssertSqlSafe;

use crate::db::Reader;
use crate::db::Writer;

use super::super::attachment::Attachment;
use super::super::attachment::Given;
use super::super::attachment::Kind;

const COLUMNS: &str = "attachment_id, case_code, name, kind, bytes, encode(sha256, 'hex') as sha256, note, recorded_by,
    recorded_at, withdrawn_by, withdrawn_at, withdrawn_reason";

fn told(mut it: Attachment) -> Attachment {
    it.media_type = Kind::parse(&it.kind).map(|it| it.media_type().to_owned()).unwrap_or_default();
    it
}

/// The files of a case, newest first.
pub async fn all(db: &mut Reader, reuse_case_id: i64) -> sqlx::Result<Vec<Attachment>> {
    let sql = format!(
        "select {COLUMNS} from mutu.attachment where reuse_case_id = $1 order by attachment_id desc"
    );
    let found: Vec<Attachment> =
        sqlx::query_as(AssertSqlSafe(sql)).bind(reuse_case_id).fetch_all(db).await?;
    Ok(found.into_iter().map(told).collect())
}

/// A file of a case, without its content.
pub async fn find(
    db: &mut Reader,
    reuse_case_id: i64,
    attachment_id: i64,
) -> sqlx::Result<Option<Attachment>> {
    let sql = format!(
        "select {COLUMNS} from mutu.attachment where reuse_case_id = $1 and attachment_id = $2"
    );
    let query = sqlx::query_as(AssertSqlSafe(sql)).bind(reuse_case_id).bind(attachment_id);
    Ok(query.fetch_optional(db).await?.map(told))
}

/// The content of a file.
pub async fn content(db: &mut Reader, attachment_id: i64) -> sqlx::Result<Option<Vec<u8>>> {
    sqlx::query_scalar("select content from mutu.attachment_content where attachment_id = $1")
        .bind(attachment_id)
        .fetch_optional(db)
        .await
}

/// What a case has already.
#[derive(Debug, sqlx::FromRow)]
pub struct Kept {
    pub bytes: i64,
    /// A file in force of the very same content.
    pub same: Option<i64>,
}

/// Bytes of all files of a case, and whether one in force is the same.
pub async fn kept(db: &mut Writer, reuse_case_id: i64, digest: &[u8]) -> sqlx::Result<Kept> {
    sqlx::query_as(
        "select coalesce(sum(bytes), 0)::bigint as bytes,
                max(attachment_id) filter (where sha256 = $2 and withdrawn_at is null) as same
         from mutu.attachment where reuse_case_id = $1",
    )
    .bind(reuse_case_id)
    .bind(digest)
    .fetch_one(db)
    .await
}

/// Adds a file to a case of that number and code.
pub async fn insert(
    db: &mut Writer,
    (reuse_case_id, case_code): (i64, &str),
    given: &Given,
    kind: Kind,
    digest: &[u8],
    by: &str,
) -> sqlx::Result<Attachment> {
    let sql = format!(
        "with made as (
             insert into mutu.attachment (reuse_case_id, case_code, name, kind, bytes, sha256, note, recorded_by)
             values ($1, $2, $3, $4, $5, $6, $7, $8)
             returning *
         ),
         kept as (
             insert into mutu.attachment_content (attachment_id, content) select attachment_id, $9 from made
         )
         select {COLUMNS} from made"
    );
    let bytes = i64::try_from(given.content.len()).unwrap_or(i64::MAX);
    let added = sqlx::query_as(AssertSqlSafe(sql))
        .bind(reuse_case_id)
        .bind(case_code)
        .bind(&given.name)
        .bind(kind.name())
        .bind(bytes)
        .bind(digest)
        .bind(&given.note)
        .bind(by)
        .bind(&given.content)
        .fetch_one(db)
        .await?;
    Ok(told(added))
}

/// Withdraws a file in force of a case; `None` where there is none.
pub async fn withdraw(
    db: &mut Writer,
    reuse_case_id: i64,
    attachment_id: i64,
    reason: &str,
    by: &str,
) -> sqlx::Result<Option<Attachment>> {
    let sql = format!(
        "update mutu.attachment
         set withdrawn_by = $4, withdrawn_at = clock_timestamp(), withdrawn_reason = $3
         where reuse_case_id = $1 and attachment_id = $2 and withdrawn_at is null
         returning {COLUMNS}"
    );
    let query = sqlx::query_as(AssertSqlSafe(sql))
        .bind(reuse_case_id)
        .bind(attachment_id)
        .bind(reason)
        .bind(by);
    Ok(query.fetch_optional(db).await?.map(told))
}

/// Whether the case ever had that file.
pub async fn exists(db: &mut Writer, reuse_case_id: i64, attachment_id: i64) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "select exists (select from mutu.attachment where reuse_case_id = $1 and attachment_id = $2)",
    )
    .bind(reuse_case_id)
    .bind(attachment_id)
    .fetch_one(db)
    .await
}
