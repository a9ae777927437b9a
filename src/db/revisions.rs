//! The revision that each layer is at, as the record told it a moment ago: pages that everybody may read are asked for far
//! more often than anything changes. Nobody is told what was true longer ago than [`MOMENT`], nor, after a change by this
//! process, what was true before it. One asks for all who come at once, on a connection that is there for nothing else: those
//! that read wait for no question of ours, and no question of ours waits for them.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;
use std::time::Instant;

use sqlx::Connection;
use sqlx::PgConnection;
use sqlx::postgres::PgConnectOptions;
use tokio::sync::Mutex as Turn;
use tokio::time::timeout;

/// For how long what the record told is taken for true. What another process changed in the meantime might as well have been
/// on its way for that long.
const MOMENT: Duration = Duration::from_millis(20);

/// How long the record may take to answer, connecting included.
const PATIENCE: Duration = Duration::from_secs(1);

/// What the record told last.
#[derive(Debug, Default)]
pub(super) struct Revisions {
    told: Mutex<Told>,
    /// Who holds it asks; without a connection where the last question did not end well.
    turn: Turn<Option<PgConnection>>,
}

#[derive(Debug, Default)]
struct Told {
    /// By layer, with the time at which the record was asked: it looked after that.
    of: HashMap<Box<str>, (i64, Instant)>,
    changed_at: Option<Instant>,
    /// When the record last did not answer.
    silent_at: Option<Instant>,
}

impl Revisions {
    /// The revision of a layer, by somebody who comes now. `None` where there is no such layer, and where the record does not
    /// answer in time.
    pub(super) async fn of(&self, layer: &str, options: &PgConnectOptions) -> Option<i64> {
        let came_at = Instant::now();
        if let Some(told) = self.told(layer, came_at) {
            return Some(told);
        }
        let mut turn = self.turn.lock().await;
        // What others were told while this one waited counts as if there had been no waiting.
        if let Some(told) = self.told(layer, came_at) {
            return Some(told);
        }
        if self.lock().silent_at.is_some_and(|it| it >= came_at) {
            return None;
        }
        let asked_at = Instant::now();
        // Whoever goes away in the middle of the question takes the connection along.
        let asked = timeout(PATIENCE, ask(turn.take(), options)).await;
        let Ok(Ok((connection, found))) = asked else {
            self.lock().silent_at = Some(Instant::now());
            return None;
        };
        *turn = Some(connection);
        for (layer, revision) in &found {
            self.note(layer, *revision, asked_at);
        }
        found.into_iter().find(|it| it.0 == layer).map(|it| it.1)
    }

    /// Gives the connection back.
    pub(super) async fn close(&self) {
        if let Some(connection) = self.turn.lock().await.take() {
            let _ = connection.close().await;
        }
    }

    /// What was told of the layer, if that counts for whoever comes now.
    fn told(&self, layer: &str, now: Instant) -> Option<i64> {
        let told = self.lock();
        let (revision, asked_at) = *told.of.get(layer)?;
        let is_recent = now.saturating_duration_since(asked_at) < MOMENT;
        (is_recent && told.changed_at.is_none_or(|it| it < asked_at)).then_some(revision)
    }

    /// Notes what the record told whoever asked it at that time.
    fn note(&self, layer: &str, revision: i64, asked_at: Instant) {
        let mut told = self.lock();
        match told.of.get_mut(layer) {
            // Who asked first may be answered last.
            Some(it) if it.1 >= asked_at => {}
            Some(it) => *it = (revision, asked_at),
            None => {
                told.of.insert(layer.into(), (revision, asked_at));
            }
        }
    }

    /// What was told so far counts no more.
    pub(super) fn forget(&self, now: Instant) {
        self.lock().changed_at = Some(now);
    }

    fn lock(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Asks with the connection that is there, or with a new one where that was lost.
async fn ask(
    connection: Option<PgConnection>,
    options: &PgConnectOptions,
) -> sqlx::Result<(PgConnection, Vec<(String, i64)>)> {
    if let Some(mut connection) = connection
        && let Ok(found) = revisions(&mut connection).await
    {
        return Ok((connection, found));
    }
    let mut connection = PgConnection::connect_with(options).await?;
    sqlx::raw_sql("set role mutu_public; set default_transaction_read_only = on")
        .execute(&mut connection)
        .await?;
    let found = revisions(&mut connection).await?;
    Ok((connection, found))
}

/// Of all layers at once: they are a page of rows.
async fn revisions(connection: &mut PgConnection) -> sqlx::Result<Vec<(String, i64)>> {
    sqlx::query_as("select layer, revision from mutu.layer_revision").fetch_all(connection).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_told_counts_for_a_moment() {
        let (revisions, start) = (Revisions::default(), Instant::now());
        assert_eq!(revisions.told("parcels", start), None);
        revisions.note("parcels", 7, start);
        assert_eq!(revisions.told("parcels", start + MOMENT / 2), Some(7));
        assert_eq!(revisions.told("enterprises", start), None);
        assert_eq!(revisions.told("parcels", start + MOMENT), None);
        // An answer that was long on its way does not take the place of a later one.
        revisions.note("parcels", 9, start + MOMENT);
        revisions.note("parcels", 8, start + MOMENT / 2);
        assert_eq!(revisions.told("parcels", start + MOMENT), Some(9));
    }

    #[test]
    fn after_a_change_only_what_was_asked_for_later_counts() {
        let (revisions, start) = (Revisions::default(), Instant::now());
        let at = |millis| start + Duration::from_millis(millis);
        revisions.note("parcels", 7, start);
        revisions.forget(at(1));
        assert_eq!(revisions.told("parcels", at(1)), None);
        // The record looked before the change, and answered after it.
        revisions.note("parcels", 7, at(1));
        assert_eq!(revisions.told("parcels", at(2)), None);
        revisions.note("parcels", 8, at(3));
        assert_eq!(revisions.told("parcels", at(4)), Some(8));
    }
}
