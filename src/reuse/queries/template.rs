//! SQL of workbooks that lists are written into.

use serde_json::Value;
use sqlx::AssertSqlSafe;

use crate::db::Reader;
use crate::db::Writer;

use super::super::attachment::Given;
use super::super::template::Template;

const COLUMNS: &str = "template_id, name, responsible_unit, octet_length(content)::bigint as bytes,
    encode(sha256, 'hex') as sha256, placeholders, recorded_by, recorded_at";

/// Those in force, the newest first.
pub async fn all(db: &mut Reader) -> sqlx::Result<Vec<Template>> {
    let sql = format!(
        "select {COLUMNS} from mutu.list_template where withdrawn_at is null order by template_id desc limit 500"
    );
    sqlx::query_as(AssertSqlSafe(sql)).fetch_all(db).await
}

/// One in force.
pub async fn find(db: &mut Reader, template_id: i64) -> sqlx::Result<Option<Template>> {
    let sql = format!(
        "select {COLUMNS} from mutu.list_template where template_id = $1 and withdrawn_at is null"
    );
    sqlx::query_as(AssertSqlSafe(sql)).bind(template_id).fetch_optional(db).await
}

/// The workbook of one in force.
pub async fn content(db: &mut Reader, template_id: i64) -> sqlx::Result<Option<Vec<u8>>> {
    sqlx::query_scalar(
        "select content from mutu.list_template where template_id = $1 and withdrawn_at is null",
    )
    .bind(template_id)
    .fetch_optional(db)
    .await
}

/// Adds one.
pub async fn insert(
    db: &mut Writer,
    given: &Given,
    unit: Option<&str>,
    digest: &[u8],
    placeholders: &Value,
    by: &str,
) -> sqlx::Result<Template> {
    let sql = format!(
        "insert into mutu.list_template (name, responsible_unit, content, sha256, placeholders, recorded_by)
         values ($1, $2, $3, $4, $5, $6)
         returning {COLUMNS}"
    );
    sqlx::query_as(AssertSqlSafe(sql))
        .bind(&given.name)
        .bind(unit)
        .bind(&given.content)
        .bind(digest)
        .bind(placeholders)
        .bind(by)
        .fetch_one(db)
        .await
}

/// Ends one; false where it has ended.
pub async fn withdraw(db: &mut Writer, template_id: i64, by: &str) -> sqlx::Result<bool> {
    let done = sqlx::query(
        "update mutu.list_template set withdrawn_by = $2, withdrawn_at = clock_timestamp()
         where template_id = $1 and withdrawn_at is null",
    )
    .bind(template_id)
    .bind(by)
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}
