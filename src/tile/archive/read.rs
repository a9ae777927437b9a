//! Reading an archive of either format back: what it says of itself, and its tiles as they are stored.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use anyhow::Context;
use anyhow::bail;
use bytes::Bytes;
use pmtiles::AsyncBackend;
use pmtiles::AsyncPmTilesReader;
use pmtiles::BackendResponse;
use pmtiles::HashMapCache;
use pmtiles::PmtResult;
use pmtiles::TileCoord;
use rusqlite::Connection;
use rusqlite::OpenFlags;
use rusqlite::OptionalExtension;
use serde::Deserialize;
use serde_json::Value;

use super::Format;
use super::Plan;

/// An archive that is open.
pub struct Archive {
    tiles: Tiles,
    /// What it says it was made from; `None` for one that Mutu did not make.
    pub plan: Option<Plan>,
}

enum Tiles {
    PmTiles(AsyncPmTilesReader<Whole, HashMapCache>),
    MbTiles(Mutex<Connection>),
}

impl Archive {
    /// Opens it. Fails when it cannot be read or is not of the format that its name says.
    pub async fn open(path: &Path) -> anyhow::Result<Self> {
        let broken = || {
            format!(
                "{0} 不是可读的瓦片包 / {0} is no archive of tiles that can be read",
                path.display()
            )
        };
        match Format::of(path) {
            Some(Format::PmTiles) => {
                let file = File::open(path).with_context(broken)?;
                Self::of_file(Arc::new(file)).await.with_context(broken)
            }
            Some(Format::MbTiles) => {
                let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
                let db = Connection::open_with_flags(path, flags).with_context(broken)?;
                let sql = "select value from metadata where name = 'mutu'";
                let text: Option<String> =
                    db.query_row(sql, [], |it| it.get(0)).optional().with_context(broken)?;
                let plan = text.and_then(|it| serde_json::from_str(&it).ok());
                Ok(Self { tiles: Tiles::MbTiles(Mutex::new(db)), plan })
            }
            None => bail!(broken()),
        }
    }

    /// Of a file of the format PMTiles.
    pub async fn of_file(file: Arc<File>) -> anyhow::Result<Self> {
        let cache = HashMapCache::default();
        let reader = AsyncPmTilesReader::try_from_cached_source(Whole(file), cache).await?;
        let about: Value = serde_json::from_str(&reader.get_metadata().await?)?;
        let plan = about.get("mutu").and_then(|it| Plan::deserialize(it).ok());
        Ok(Self { tiles: Tiles::PmTiles(reader), plan })
    }

    /// A tile as it is stored, compressed; `None` where there is none.
    pub async fn tile(&self, z: u8, x: u32, y: u32) -> anyhow::Result<Option<Vec<u8>>> {
        match &self.tiles {
            Tiles::PmTiles(reader) => {
                let tile = reader.get_tile(TileCoord::new(z, x, y)?).await?;
                Ok(tile.map(|it| it.to_vec()))
            }
            Tiles::MbTiles(db) => {
                let db = db.lock().unwrap_or_else(PoisonError::into_inner);
                let mut found = db.prepare_cached(
                    "select tile_data from tiles
                     where zoom_level = ?1 and tile_column = ?2 and tile_row = ?3",
                )?;
                let south = (1_u32 << z) - 1 - y;
                Ok(found.query_row((z, x, south), |it| it.get(0)).optional()?)
            }
        }
    }
}

/// A file that is read in pieces, each by its place. Not mapped into memory: a file cut short by somebody would end the
/// process.
struct Whole(Arc<File>);

impl AsyncBackend for Whole {
    async fn read(&self, offset: u64, length: usize) -> PmtResult<BackendResponse> {
        let file = Arc::clone(&self.0);
        let bytes = tokio::task::spawn_blocking(move || read_at(&file, offset, length)).await;
        Ok(BackendResponse::new(bytes.map_err(std::io::Error::other)??))
    }
}

/// At most `length` bytes from `offset` on; fewer at the end of the file.
pub(super) fn read_at(file: &File, offset: u64, length: usize) -> std::io::Result<Bytes> {
    use std::os::unix::fs::FileExt;
    let mut bytes = vec![0; length];
    let mut filled = 0;
    while filled < length {
        let more = file.read_at(&mut bytes[filled..], offset + filled as u64);
        match more {
            Ok(0) => break,
            Ok(more) => filled += more,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    bytes.truncate(filled);
    Ok(bytes.into())
}
