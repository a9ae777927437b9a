//! SQL of notices. They are read under the reader's own role, whose rows are those of its units.

use serde_json::json;

use crate::db::Reader;
use crate::db::Writer;

use super::Kind;
use super::New;
use super::Notice;

/// Tells of something, in the transaction of what it tells of; its number.
pub async fn insert(db: &mut Writer, new: &New, by: &str) -> sqlx::Result<i64> {
    sqlx::query_scalar(
        "insert into mutu.notice (kind, responsible_unit, title, text, detail, recorded_by)
         values ($1, $2, $3, $4, $5, $6)
         returning notice_id",
    )
    .bind(new.kind.name())
    .bind(&new.responsible_unit)
    .bind(json!(new.title))
    .bind(json!(new.text))
    .bind(&new.detail)
    .bind(by)
    .fetch_one(db)
    .await
}

/// Which notices are asked for.
#[derive(Debug)]
pub struct Selected<'a> {
    /// Whose marks count.
    pub account: &'a str,
    pub unread: bool,
    pub kind: Option<Kind>,
    pub before: Option<i64>,
}

const NOTICE: &str = "select n.notice_id, n.kind, n.responsible_unit, n.title, n.text, n.detail, n.created_at, r.read_at
    from mutu.notice n
    left join mutu.notice_read r on r.notice_id = n.notice_id and r.account = $1";

/// The reader's notices, newest first.
pub async fn list(
    db: &mut Reader,
    selected: &Selected<'_>,
    limit: i64,
) -> sqlx::Result<Vec<Notice>> {
    let sql = format!(
        "{NOTICE}
         where (not $2 or r.read_at is null) and ($3::text is null or n.kind = $3) and ($4::bigint is null or n.notice_id < $4)
         order by n.notice_id desc limit $5"
    );
    sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(selected.account)
        .bind(selected.unread)
        .bind(selected.kind.map(Kind::name))
        .bind(selected.before)
        .bind(limit)
        .fetch_all(db)
        .await
}

/// How many of the reader's notices it has not read.
pub async fn unread(db: &mut Reader, account: &str) -> sqlx::Result<i64> {
    sqlx::query_scalar(
        "select count(*) from mutu.notice n
         where not exists (select from mutu.notice_read r where r.notice_id = n.notice_id and r.account = $1)",
    )
    .bind(account)
    .fetch_one(db)
    .await
}

/// The reader's notices that are to be marked: one, or all up to one.
pub async fn to_mark(
    db: &mut Reader,
    account: &str,
    only: Option<i64>,
    up_to: i64,
) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar(
        "select n.notice_id from mutu.notice n
         where n.notice_id <= $3 and ($2::bigint is null or n.notice_id = $2)
           and ($2::bigint is not null
                or not exists (select from mutu.notice_read r where r.notice_id = n.notice_id and r.account = $1))
         order by 1",
    )
    .bind(account)
    .bind(only)
    .bind(up_to)
    .fetch_all(db)
    .await
}

/// Marks notices that were read under the reader's role; marking twice changes nothing.
pub async fn mark(db: &mut Writer, account: &str, notices: &[i64]) -> sqlx::Result<()> {
    sqlx::query(
        "insert into mutu.notice_read (notice_id, account) select it, $1 from unnest($2::bigint[]) it
         on conflict do nothing",
    )
    .bind(account)
    .bind(notices)
    .execute(db)
    .await?;
    Ok(())
}
