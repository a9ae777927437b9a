//! SQL of uploaded files and their pieces.

use sqlx::PgExecutor;

/// A file that begins to arrive.
pub async fn begin(db: impl PgExecutor<'_>, name: &str) -> sqlx::Result<i64> {
    sqlx::query_scalar("insert into mutu.upload (name) values ($1) returning upload_id")
        .bind(name)
        .fetch_one(db)
        .await
}

/// Adds a piece.
pub async fn add(
    db: impl PgExecutor<'_>,
    upload_id: i64,
    nth: i64,
    content: &[u8],
) -> sqlx::Result<()> {
    sqlx::query(
        "with touched as (
             update mutu.upload set bytes = bytes + length($3), touched_at = now()
             where upload_id = $1)
         insert into mutu.upload_chunk (upload_id, nth, content) values ($1, $2, $3)",
    )
    .bind(upload_id)
    .bind(nth)
    .bind(content)
    .execute(db)
    .await?;
    Ok(())
}

/// The file is there.
pub async fn end(db: impl PgExecutor<'_>, upload_id: i64, sha256: &[u8]) -> sqlx::Result<()> {
    sqlx::query("update mutu.upload set sha256 = $2, touched_at = now() where upload_id = $1")
        .bind(upload_id)
        .bind(sha256)
        .execute(db)
        .await?;
    Ok(())
}

/// Gives the files to a batch.
pub async fn keep(db: impl PgExecutor<'_>, upload_ids: &[i64], batch_id: i64) -> sqlx::Result<()> {
    sqlx::query("update mutu.upload set batch_id = $2 where upload_id = any($1)")
        .bind(upload_ids)
        .bind(batch_id)
        .execute(db)
        .await?;
    Ok(())
}

/// Removes files that nobody kept.
pub async fn forget(db: impl PgExecutor<'_>, upload_ids: &[i64]) -> sqlx::Result<()> {
    sqlx::query("delete from mutu.upload where upload_id = any($1) and batch_id is null")
        .bind(upload_ids)
        .execute(db)
        .await?;
    Ok(())
}

/// Number, name and SHA-256 of a batch's files.
pub async fn files(
    db: impl PgExecutor<'_>,
    batch_id: i64,
) -> sqlx::Result<Vec<(i64, String, Vec<u8>)>> {
    sqlx::query_as(
        "select upload_id, name, coalesce(sha256, '') from mutu.upload
         where batch_id = $1 order by upload_id",
    )
    .bind(batch_id)
    .fetch_all(db)
    .await
}

/// A piece of a file; `None` after the last.
pub async fn chunk(
    db: impl PgExecutor<'_>,
    upload_id: i64,
    nth: i64,
) -> sqlx::Result<Option<Vec<u8>>> {
    sqlx::query_scalar("select content from mutu.upload_chunk where upload_id = $1 and nth = $2")
        .bind(upload_id)
        .bind(nth)
        .fetch_optional(db)
        .await
}

/// Removes the pieces of a batch's files; what they were called stays known.
pub async fn remove_content(db: impl PgExecutor<'_>, batch_id: i64) -> sqlx::Result<()> {
    sqlx::query(
        "delete from mutu.upload_chunk c using mutu.upload u
         where u.upload_id = c.upload_id and u.batch_id = $1",
    )
    .bind(batch_id)
    .execute(db)
    .await?;
    Ok(())
}

/// Removes uploads that broke off, pieces that are not needed any more, and discards what nobody applied for so many days.
pub async fn sweep(db: &mut sqlx::PgConnection, days: u16) -> sqlx::Result<()> {
    sqlx::query(
        "delete from mutu.upload where batch_id is null and touched_at < now() - interval '1 hour'",
    )
    .execute(&mut *db)
    .await?;
    sqlx::query(
        "update mutu.import_batch b set state = 'discarded'
         where b.state in ('uploaded', 'previewed')
           and b.recorded_at < now() - make_interval(days => $1)
           and not exists (
               select from mutu.job j
               where j.batch_id = b.batch_id
                 and (j.state in ('queued', 'running') or j.created_at > now() - make_interval(days => $1)))",
    )
    .bind(i32::from(days))
    .execute(&mut *db)
    .await?;
    sqlx::query(
        "delete from mutu.upload_chunk c using mutu.upload u, mutu.import_batch b
         where u.upload_id = c.upload_id and b.batch_id = u.batch_id
           and b.state in ('applied', 'undone', 'discarded')",
    )
    .execute(db)
    .await?;
    Ok(())
}
