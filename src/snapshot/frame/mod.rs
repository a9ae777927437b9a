//! What a run measured, in columns: one row for each parcel of the run, by rising id. A run never changes once it is stored,
//! so its columns are read when first asked for and kept as long as they are of use. Whoever asks here has decided already
//! what may be read and which rows: [`Frame`] knows no scope.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::PoisonError;
use std::sync::RwLock;
use std::time::Duration;

use moka::future::Cache;

use super::Bitmap;
use super::Column;
use super::Seen;
use super::filter::BLOCK;
use super::filter::Columns;
use super::filter::Program;
use crate::cql::Expr;
use crate::db::Db;
use crate::layer::FieldType;
use crate::layer::Layer;

mod queries;

pub use super::filter::Judged;

/// Runs whose columns are kept: the shown one, and another that it is compared with.
const RUNS: u64 = 2;
/// Columns that nobody asked for that long are let go.
const IDLE: Duration = Duration::from_mins(30);

/// A column of a run and where it comes from. Two of one name are the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    pub name: String,
    pub kind: FieldType,
    pub from: From,
}

/// Where the values of a column come from. All names are of the layer catalogue and the list of measures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum From {
    /// A column of `parcel_measure`.
    Measure,
    /// A column of the parcel's version that the run read.
    Parcel(String),
    /// The class that the overlay of a layer found.
    Class(String),
    /// The verdict of a layer's rules.
    Verdict(String),
    /// An edge of the box around the parcel, in ten-millionths of a degree: `xmin`, `ymin`, `xmax`, `ymax`.
    Edge(&'static str),
}

/// The rows of a run.
#[derive(Clone, Debug, Default)]
pub struct Frame {
    ids: Arc<Vec<i64>>,
    columns: HashMap<String, Arc<Column>>,
}

/// What the register says now of the parcels of a run.
#[derive(Clone, Debug)]
pub struct Present {
    /// The revision of the parcels that it is of.
    pub revision: i64,
    /// Parcels that are still there.
    pub here: Bitmap,
    /// The responsible unit of each.
    pub unit: Column,
}

impl Frame {
    /// Of columns that were made elsewhere, each as long as there are ids.
    pub fn new(ids: Vec<i64>, columns: impl IntoIterator<Item = (String, Column)>) -> Self {
        let columns = columns.into_iter().map(|(name, it)| (name, Arc::new(it)));
        Self { ids: Arc::new(ids), columns: columns.collect() }
    }

    pub fn len(&self) -> usize {
        self.ids.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// The ids of the parcels, rising.
    pub fn ids(&self) -> &[i64] {
        &self.ids
    }

    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.get(name).map(|it| &**it)
    }

    /// The same with one more column.
    #[must_use]
    pub fn with(&self, name: &str, column: Column) -> Self {
        let mut it = self.clone();
        it.columns.insert(name.to_owned(), Arc::new(column));
        it
    }

    /// Bytes of memory.
    pub fn bytes(&self) -> usize {
        self.ids.capacity() * 8 + self.columns.values().map(|it| it.bytes()).sum::<usize>()
    }

    /// Judges the rows of `shown` on all cores, a block after another. `step` gets the block's first word, its words of
    /// `shown`, and the truth of each condition; of rows that are not shown any answer may come. The result has what each
    /// core made, in the order of the rows; `None` where a condition names a column that is not there.
    pub fn judge<A: Send>(
        &self,
        conditions: &[Expr],
        shown: &Bitmap,
        start: impl Fn() -> A + Sync,
        step: impl Fn(&mut A, usize, &[u64], &[Judged]) + Sync,
    ) -> Option<Vec<A>> {
        let program = Program::new(self, conditions)?;
        let words = shown.words();
        let run = |words: &[u64], first: usize| {
            let mut it = start();
            for (nth, block) in words.chunks(BLOCK).enumerate() {
                let first = first + nth * BLOCK;
                step(&mut it, first, block, &program.judge(first, block));
            }
            it
        };
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let part = words.len().div_ceil(cores).next_multiple_of(BLOCK);
        if cores == 1 || words.len() <= BLOCK {
            return Some(vec![run(words, 0)]);
        }
        std::thread::scope(|scope| {
            let run = &run;
            let running: Vec<_> = words
                .chunks(part)
                .enumerate()
                .map(|(nth, it)| scope.spawn(move || run(it, nth * part)))
                .collect();
            running.into_iter().map(|it| it.join().ok()).collect()
        })
    }
}

impl Columns for Frame {
    fn column(&self, name: &str) -> Option<Seen<'_>> {
        Frame::column(self, name).map(|column| Seen { column, only: None })
    }

    fn ids(&self) -> &[i64] {
        &self.ids
    }

    fn own_rows(&self) -> Option<Bitmap> {
        None
    }
}

/// The columns of the runs that were asked about last.
#[derive(Debug)]
pub struct Frames(Cache<i64, Arc<Slot>>);

#[derive(Debug, Default)]
struct Slot {
    frame: RwLock<Frame>,
    present: RwLock<Option<Arc<Present>>>,
    /// Two who ask for the same column wait for one reading.
    loading: tokio::sync::Mutex<()>,
}

impl Default for Frames {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(RUNS).time_to_idle(IDLE).build())
    }
}

impl Frames {
    /// The run with at least these columns; those that are not held yet are read.
    pub async fn find(&self, db: &Db, run_id: i64, wanted: &[Input]) -> anyhow::Result<Frame> {
        let slot = self.slot(run_id).await;
        if let Some(it) = slot.held(wanted) {
            return Ok(it);
        }
        let _alone = slot.loading.lock().await;
        if let Some(it) = slot.held(wanted) {
            return Ok(it);
        }
        let mut frame = slot.frame();
        let missing: Vec<&Input> =
            wanted.iter().filter(|it| !frame.columns.contains_key(&it.name)).collect();
        let (ids, columns) = queries::read(db, run_id, &missing).await?;
        if frame.columns.is_empty() {
            frame.ids = Arc::new(ids);
        } else {
            anyhow::ensure!(*frame.ids == ids, "run {run_id} has other parcels than before");
        }
        for (input, column) in missing.into_iter().zip(columns) {
            frame.columns.insert(input.name.clone(), Arc::new(column));
        }
        *slot.frame.write().unwrap_or_else(PoisonError::into_inner) = frame.clone();
        Ok(frame)
    }

    /// What the register says of the run's parcels at that revision of theirs, or a later one.
    pub async fn present(
        &self,
        db: &Db,
        run_id: i64,
        parcels: &Layer,
        revision: i64,
    ) -> anyhow::Result<Arc<Present>> {
        let slot = self.slot(run_id).await;
        let held = || {
            let it = slot.present.read().unwrap_or_else(PoisonError::into_inner).clone();
            it.filter(|it| it.revision >= revision)
        };
        if let Some(it) = held() {
            return Ok(it);
        }
        let _alone = slot.loading.lock().await;
        if let Some(it) = held() {
            return Ok(it);
        }
        let it = Arc::new(queries::present(db, run_id, parcels).await?);
        *slot.present.write().unwrap_or_else(PoisonError::into_inner) = Some(it.clone());
        Ok(it)
    }

    async fn slot(&self, run_id: i64) -> Arc<Slot> {
        self.0.get_with(run_id, async { Arc::default() }).await
    }
}

impl Slot {
    fn frame(&self) -> Frame {
        self.frame.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn held(&self, wanted: &[Input]) -> Option<Frame> {
        let it = self.frame();
        wanted.iter().all(|input| it.columns.contains_key(&input.name)).then_some(it)
    }
}
