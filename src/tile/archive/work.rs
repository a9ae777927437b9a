//! The work file beside an archive that is being made: a SQLite database of the tiles that are ready, in which a later run
//! goes on where one was interrupted, whatever ended it. It is removed once the archive stands.

use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;
use std::time::Instant;

use anyhow::Context;
use anyhow::bail;
use rusqlite::Connection;
use rusqlite::OptionalExtension;
use rusqlite::params;

/// Marks the file as ours: "mutu" in ASCII.
const APPLICATION_ID: i32 = 0x6d75_7475;

/// The file and what it is for.
#[derive(Debug)]
pub struct Work {
    db: Connection,
    path: PathBuf,
    pending: u32,
    committed: Instant,
    /// Tiles that an earlier run left.
    pub found: u64,
}

/// A tile that is ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ready {
    /// As in the archive that is to be replaced.
    Same,
    /// Compressed; nothing in it when empty.
    Made(Vec<u8>),
}

/// Tiles between two commits, and how long they are apart: what an interruption costs at most.
const COMMIT_EVERY: u32 = 500;
const COMMIT_AFTER: Duration = Duration::from_millis(500);

impl Work {
    /// Opens or begins the work described by `what`; another work's tiles are thrown away. One run at a time may hold it.
    pub fn open(path: &Path, what: &str) -> anyhow::Result<Self> {
        let cannot = || {
            format!(
                "无法写入工作文件 / cannot write the work file {}: check the folder and the disk",
                path.display()
            )
        };
        // Tiles of an internal archive are nobody else's to read.
        super::write::create_private(path, false).with_context(cannot)?;
        let db = Connection::open(path).with_context(cannot)?;
        db.pragma_update(None, "locking_mode", "exclusive").with_context(cannot)?;
        // Two tables made at once would be two runs: the second is told.
        let locked = db.execute_batch("begin exclusive; commit");
        if let Err(error) = locked {
            bail!(match error.sqlite_error_code() {
                Some(rusqlite::ErrorCode::DatabaseBusy) => format!(
                    "另一个导出正在写 {0} / another export is writing {0}: wait for it to end",
                    path.display()
                ),
                Some(rusqlite::ErrorCode::NotADatabase) => format!(
                    "{0} 不是工作文件，请移走 / {0} is no work file of an export: move it away",
                    path.display()
                ),
                _ => format!("{}: {error}", cannot()),
            });
        }
        let id: i32 = db.pragma_query_value(None, "application_id", |it| it.get(0))?;
        let tables: i64 = db.query_row("select count(*) from sqlite_master", [], |it| it.get(0))?;
        if tables > 0 && id != APPLICATION_ID {
            bail!(
                "{0} 不是工作文件，请移走 / {0} is no work file of an export: move it away",
                path.display()
            );
        }
        db.execute_batch(&format!(
            "pragma application_id = {APPLICATION_ID};
             create table if not exists work (what text not null);
             create table if not exists tile (id integer primary key, data blob);"
        ))
        .with_context(cannot)?;
        let before: Option<String> =
            db.query_row("select what from work", [], |it| it.get(0)).optional()?;
        if before.as_deref() != Some(what) {
            db.execute_batch("begin; delete from tile; delete from work").with_context(cannot)?;
            db.execute("insert into work values (?1)", [what]).with_context(cannot)?;
            db.execute_batch("commit").with_context(cannot)?;
        }
        let found: i64 = db.query_row("select count(*) from tile", [], |it| it.get(0))?;
        Ok(Self {
            db,
            path: path.to_owned(),
            pending: 0,
            committed: Instant::now(),
            found: found.unsigned_abs(),
        })
    }

    /// Whether a tile is ready.
    pub fn has(&self, id: u64) -> anyhow::Result<bool> {
        let mut found = self.db.prepare_cached("select 1 from tile where id = ?1")?;
        Ok(found.exists([id.cast_signed()])?)
    }

    /// A tile that is ready.
    pub fn get(&self, id: u64) -> anyhow::Result<Option<Ready>> {
        let mut found = self.db.prepare_cached("select data from tile where id = ?1")?;
        let row = found.query_row([id.cast_signed()], |it| it.get::<_, Option<Vec<u8>>>(0));
        Ok(row.optional()?.map(|it| it.map_or(Ready::Same, Ready::Made)))
    }

    /// Keeps a tile; now and then all that were kept are committed.
    pub fn keep(&mut self, id: u64, tile: &Ready) -> anyhow::Result<()> {
        self.try_keep(id, tile).with_context(|| {
            format!("写入失败 / writing failed: {} (is the disk full?)", self.path.display())
        })
    }

    fn try_keep(&mut self, id: u64, tile: &Ready) -> rusqlite::Result<()> {
        if self.pending == 0 {
            self.db.execute_batch("begin")?;
        }
        let data = match tile {
            Ready::Same => None,
            Ready::Made(it) => Some(it),
        };
        let mut insert = self.db.prepare_cached("insert or replace into tile values (?1, ?2)")?;
        insert.execute(params![id.cast_signed(), data])?;
        drop(insert);
        self.pending += 1;
        if self.pending >= COMMIT_EVERY || self.committed.elapsed() > COMMIT_AFTER {
            self.commit()?;
        }
        Ok(())
    }

    fn commit(&mut self) -> rusqlite::Result<()> {
        if self.pending > 0 {
            self.db.execute_batch("commit")?;
            self.pending = 0;
            self.committed = Instant::now();
        }
        Ok(())
    }

    /// Commits what is there.
    pub fn save(&mut self) -> anyhow::Result<()> {
        self.commit().with_context(|| {
            format!("写入失败 / writing failed: {} (is the disk full?)", self.path.display())
        })
    }

    /// The archive stands, so the work is over.
    pub fn discard(self) -> anyhow::Result<()> {
        drop(self.db);
        fs::remove_file(&self.path)
            .with_context(|| format!("removing the work file {}", self.path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_goes_on_where_it_was_and_begins_anew_for_another_plan() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.pmtiles.work");
        let mut work = Work::open(&path, "one").unwrap();
        work.keep(7, &Ready::Made(b"tile".to_vec())).unwrap();
        work.keep(8, &Ready::Same).unwrap();
        work.keep(9, &Ready::Made(Vec::new())).unwrap();
        work.save().unwrap();
        // Not committed, as when the process is killed.
        work.keep(10, &Ready::Same).unwrap();
        drop(work);
        let work = Work::open(&path, "one").unwrap();
        assert_eq!(work.found, 3);
        assert_eq!(work.get(7).unwrap(), Some(Ready::Made(b"tile".to_vec())));
        assert_eq!(work.get(8).unwrap(), Some(Ready::Same));
        assert_eq!(work.get(9).unwrap(), Some(Ready::Made(Vec::new())));
        assert!(work.has(7).unwrap() && !work.has(10).unwrap());
        assert_eq!(work.get(10).unwrap(), None);
        let second = Work::open(&path, "one").unwrap_err().to_string();
        assert!(second.contains("another export"), "{second}");
        drop(work);
        assert_eq!(Work::open(&path, "two").unwrap().found, 0);
        Work::open(&path, "two").unwrap().discard().unwrap();
        assert!(!path.exists());
    }

    #[test]
    fn a_file_that_is_something_else_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.work");
        fs::write(&path, "precious text of somebody's, long enough to be looked at").unwrap();
        assert!(Work::open(&path, "one").unwrap_err().to_string().contains("no work file"));
        assert!(fs::read_to_string(&path).unwrap().starts_with("precious"));
        fs::remove_file(&path).unwrap();
        let other = Connection::open(&path).unwrap();
        other.execute_batch("create table mine (it text)").unwrap();
        drop(other);
        assert!(Work::open(&path, "one").unwrap_err().to_string().contains("no work file"));
        let nowhere = dir.path().join("no/such/a.work");
        assert!(Work::open(&nowhere, "one").unwrap_err().to_string().contains("work file"));
    }
}
