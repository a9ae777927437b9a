//! Writing the two formats in one go, in the order of tile ids, so that the same tiles give the same bytes: neither a
//! time nor the history of the run enters. Equal tiles are stored once.

use std::collections::HashMap;
use std::fs::File;
use std::fs::OpenOptions;
use std::io;
use std::path::Path;

use anyhow::Context;
use pmtiles::Compression;
use pmtiles::ContentHash;
use pmtiles::PmTilesStreamWriter;
use pmtiles::PmTilesWriter;
use pmtiles::TileCoord;
use pmtiles::TileType;
use rusqlite::Connection;
use rusqlite::params;
use serde_json::json;
use sha2::Digest;
use sha2::Sha256;

use super::About;
use super::Format;
use super::cover::Candidate;

/// An archive that is being written.
pub enum Writer {
    PmTiles(Box<PmTilesStreamWriter<File, ContentHash>>),
    MbTiles { db: Connection, known: HashMap<[u8; 32], i64> },
}

/// Creates or opens a file that only its owner may read, or everybody.
pub(super) fn create_private(path: &Path, is_public: bool) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    let mode = if is_public { 0o666 } else { 0o600 };
    OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(mode).open(path)
}

/// "MPBX", by which `file` knows the format.
const MBTILES: i32 = 0x4d50_4258;

impl Writer {
    /// Begins a file of that path, whatever is there.
    pub(super) fn create(
        format: Format,
        path: &Path,
        about: &About,
        is_public: bool,
    ) -> anyhow::Result<Self> {
        let file = create_private(path, is_public)?;
        file.set_len(0)?;
        match format {
            Format::PmTiles => pmtiles(file, about),
            Format::MbTiles => mbtiles(path, about),
        }
    }

    /// Adds a tile that has something in it; in the order of ids.
    pub(super) fn add(&mut self, tile: &Candidate, data: &[u8]) -> anyhow::Result<()> {
        let Candidate { z, x, y, .. } = *tile;
        match self {
            Self::PmTiles(writer) => writer.add_tile(TileCoord::new(z, x, y)?, data)?,
            Self::MbTiles { db, known } => {
                let next = i64::try_from(known.len())? + 1;
                let image = *known.entry(Sha256::digest(data).into()).or_insert(next);
                if image == next {
                    db.prepare_cached("insert into images values (?1, ?2)")?
                        .execute(params![image, data])?;
                }
                // Rows from the south (TMS).
                let south = (1_u32 << z) - 1 - y;
                db.prepare_cached("insert into map values (?1, ?2, ?3, ?4)")?
                    .execute(params![z, x, south, image])?;
            }
        }
        Ok(())
    }

    /// Writes what comes last.
    pub(super) fn finish(self) -> anyhow::Result<()> {
        match self {
            Self::PmTiles(writer) => writer.finalize()?,
            Self::MbTiles { db, .. } => {
                db.execute_batch(
                    "create unique index map_index on map (zoom_level, tile_column, tile_row);
                     commit",
                )?;
                db.close().map_err(|(_, error)| error)?;
            }
        }
        Ok(())
    }
}

/// Where a map of the archive opens: in its middle, where parcels are told apart if it goes so far.
fn first_zoom(about: &About) -> u8 {
    14.clamp(about.plan.min_zoom, about.plan.max_zoom)
}

fn pmtiles(file: File, about: &About) -> anyhow::Result<Writer> {
    let [west, south, east, north] = about.bounds;
    let (lon, lat) = about.centre();
    let metadata = json!({
        "name": about.name,
        "description": about.description,
        "attribution": about.attribution,
        "type": "overlay",
        "vector_layers": about.vector_layers,
        "mutu": about.plan,
    });
    let writer = PmTilesWriter::new(TileType::Mvt)
        .precompressed(Compression::Gzip)
        .min_zoom(about.plan.min_zoom)
        .max_zoom(about.plan.max_zoom)
        .bounds(west, south, east, north)
        .center(lon, lat)
        .center_zoom(first_zoom(about))
        .metadata(metadata.to_string())
        .create(file)?;
    Ok(Writer::PmTiles(Box::new(writer)))
}

fn mbtiles(path: &Path, about: &About) -> anyhow::Result<Writer> {
    let db = Connection::open(path)?;
    // Nobody reads it before it is whole, so it needs no journal; one transaction, so that the bytes do not tell of it.
    db.execute_batch(&format!(
        "pragma page_size = 4096;
         pragma journal_mode = off;
         pragma synchronous = off;
         pragma locking_mode = exclusive;
         pragma application_id = {MBTILES};
         begin;
         create table metadata (name text primary key, value text);
         create table images (tile_id integer primary key, tile_data blob);
         create table map (zoom_level integer, tile_column integer, tile_row integer, tile_id integer);
         create view tiles as
             select zoom_level, tile_column, tile_row, tile_data from map join images using (tile_id);"
    ))?;
    let [west, south, east, north] = about.bounds;
    let (lon, lat) = about.centre();
    let plan = &about.plan;
    for (name, value) in [
        ("name", about.name.clone()),
        ("description", about.description.clone()),
        ("attribution", about.attribution.clone()),
        ("format", "pbf".to_owned()),
        ("type", "overlay".to_owned()),
        ("bounds", format!("{west},{south},{east},{north}")),
        ("center", format!("{lon},{lat},{}", first_zoom(about))),
        ("minzoom", plan.min_zoom.to_string()),
        ("maxzoom", plan.max_zoom.to_string()),
        ("json", json!({"vector_layers": about.vector_layers}).to_string()),
        ("mutu", serde_json::to_string(plan).context("the plan as JSON")?),
    ] {
        db.execute("insert into metadata values (?1, ?2)", (name, value))?;
    }
    Ok(Writer::MbTiles { db, known: HashMap::new() })
}
