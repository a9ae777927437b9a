//! Files that arrive over HTTP: in pieces into the database as they come, so that memory stays flat and every node can go on
//! with them; later as files in a folder that is gone when the job is over.

use std::fs;
use std::fs::File;
use std::io;
use std::io::Write;
use std::path::PathBuf;
use std::pin::pin;
use std::time::Duration;
use std::time::SystemTime;

use anyhow::Context;
use futures_util::Stream;
use futures_util::StreamExt;
use sha2::Digest;
use sha2::Sha256;
use tempfile::TempDir;
use tokio::time::timeout;

use crate::app::App;
use crate::config::Timeouts;
use crate::error::Error;
use crate::error::Result;

mod name;
pub mod queries;

pub use name::of_disposition;
pub use name::readable;

/// Bytes of one row in `mutu.upload_chunk`.
const CHUNK: usize = 1024 * 1024;
/// Files of one upload: a shapefile has about ten pieces.
const MOST_FILES: usize = 20;

/// Files that are arriving. Dropped before they are kept, they are removed again.
#[derive(Debug)]
pub struct Arriving {
    app: App,
    names: Vec<String>,
    upload_ids: Vec<i64>,
    bytes: usize,
}

impl Arriving {
    pub fn new(app: &App) -> Self {
        Self { app: app.clone(), names: Vec::new(), upload_ids: Vec::new(), bytes: 0 }
    }

    /// Takes in one file to its end.
    pub async fn take<B: AsRef<[u8]>>(
        &mut self,
        name: String,
        content: impl Stream<Item = Result<B>>,
    ) -> Result<()> {
        if self.names.len() >= MOST_FILES {
            let why = format!("至多 {MOST_FILES} 个文件 / at most {MOST_FILES} files");
            return Err(Error::BadInput { at: "file".to_owned(), why });
        }
        if self.names.iter().any(|it| it.eq_ignore_ascii_case(&name)) {
            let why = "同名文件出现两次 / a file of this name came twice".to_owned();
            return Err(Error::BadInput { at: name, why });
        }
        let db = &self.app.db.write;
        let upload_id = queries::begin(db, &name).await?;
        self.upload_ids.push(upload_id);
        let most = self.app.config.limits.upload_bytes();
        let stall = Timeouts::seconds(self.app.config.timeouts.stall);
        let mut content = pin!(content);
        let mut chunk = Vec::with_capacity(CHUNK);
        let (mut nth, mut hash, mut is_empty) = (0_i64, Sha256::new(), true);
        while let Some(piece) = timeout(stall, content.next()).await.map_err(|_| STALLED)? {
            let piece = piece?;
            let mut piece = piece.as_ref();
            self.bytes += piece.len();
            if self.bytes > most {
                return Err(Error::TooLarge { most });
            }
            is_empty &= piece.is_empty();
            hash.update(piece);
            while !piece.is_empty() {
                let (now, later) = piece.split_at(piece.len().min(CHUNK - chunk.len()));
                chunk.extend_from_slice(now);
                piece = later;
                if chunk.len() == CHUNK {
                    queries::add(db, upload_id, nth, &chunk).await?;
                    chunk.clear();
                    nth += 1;
                }
            }
        }
        if is_empty {
            let why = "文件是空的 / the file is empty".to_owned();
            return Err(Error::BadInput { at: name, why });
        }
        if !chunk.is_empty() {
            queries::add(db, upload_id, nth, &chunk).await?;
        }
        queries::end(db, upload_id, &hash.finalize()).await?;
        self.names.push(name);
        Ok(())
    }

    /// The name of the file that the others belong to.
    pub fn main(&self) -> Result<&str> {
        Ok(&self.names[main(&self.names)?])
    }

    /// The files' ids, for the batch that keeps them.
    pub fn upload_ids(&self) -> &[i64] {
        &self.upload_ids
    }

    /// They belong to a batch now.
    pub fn kept(mut self) {
        self.upload_ids.clear();
    }
}

const STALLED: Error = Error::Busy("the upload stood still; send it again");

impl Drop for Arriving {
    fn drop(&mut self) {
        let upload_ids = std::mem::take(&mut self.upload_ids);
        if upload_ids.is_empty() {
            return;
        }
        let app = self.app.clone();
        // Where no runtime is left the sweep does it.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                if let Err(error) = queries::forget(&app.db.write, &upload_ids).await {
                    tracing::info!(%error, "an upload that broke off is left to the sweep");
                }
            });
        }
    }
}

/// Formats that come in pieces of one name.
const IN_PIECES: [&str; 3] = ["shp", "tab", "mif"];

/// Which of the files is opened: the only one, or the one that the others are pieces of.
fn main(names: &[String]) -> Result<usize> {
    let refuse = |why: &str| Error::BadInput { at: "file".to_owned(), why: why.to_owned() };
    match names.len() {
        0 => return Err(refuse("没有文件 / there is no file")),
        1 => return Ok(0),
        _ => {}
    }
    let mut mains = names.iter().enumerate().filter(|(_, it)| {
        let (_, extension) = name::parts(it);
        IN_PIECES.contains(&extension.to_lowercase().as_str())
    });
    let (Some((place, main)), None) = (mains.next(), mains.next()) else {
        return Err(refuse(
            "请一次上传一个文件，或同一个 Shapefile 的各个部分（.shp、.shx、.dbf、.prj、.cpg） / send one file, or the pieces of one shapefile (.shp, .shx, .dbf, .prj, .cpg)",
        ));
    };
    let stem = name::parts(main).0.to_lowercase();
    match names.iter().find(|it| !it.to_lowercase().starts_with(&format!("{stem}."))) {
        Some(other) => Err(Error::BadInput {
            at: other.clone(),
            why: format!("不是 {main} 的组成部分 / is no piece of {main}: send it by itself"),
        }),
        None => Ok(place),
    }
}

/// The files of a batch in a folder of their own, which is removed when this is dropped.
#[derive(Debug)]
pub struct Folder {
    /// The file to open.
    pub main: PathBuf,
    _dir: TempDir,
    /// Held for as long as the folder is used: one that nobody holds was left by a process that died.
    _lock: File,
}

const PREFIX: &str = "mutu-job-";
const LOCK: &str = "lock";

impl Folder {
    /// Writes the batch's files.
    pub async fn of(app: &App, batch_id: i64) -> anyhow::Result<Self> {
        let files = queries::files(&app.db.jobs, batch_id).await?;
        let names: Vec<String> = files.iter().map(|it| it.1.clone()).collect();
        anyhow::ensure!(
            !names.is_empty(),
            "文件已不在服务器上，请重新上传 / the file is not here any more: upload it again"
        );
        let main = main(&names)?;
        let (dir, lock) = make().map_err(|it| explain(&it))?;
        let inner = dir.path().join("files");
        fs::create_dir(&inner).map_err(|it| explain(&it))?;
        let of_main = names[main].clone();
        for (upload_id, name, sha256) in files {
            let path = inner.join(name::beside(&of_main, &name));
            let mut file = File::create(&path).map_err(|it| explain(&it))?;
            let mut hash = Sha256::new();
            let mut nth = 0_i64;
            while let Some(chunk) = queries::chunk(&app.db.jobs, upload_id, nth).await? {
                file.write_all(&chunk).map_err(|it| explain(&it))?;
                hash.update(&chunk);
                nth += 1;
            }
            file.flush().map_err(|it| explain(&it))?;
            anyhow::ensure!(
                nth > 0 && hash.finalize().as_slice() == sha256.as_slice(),
                "文件已不完整，请重新上传 / the file is not whole any more: upload it again ({name})"
            );
        }
        Ok(Self { main: inner.join(&of_main), _dir: dir, _lock: lock })
    }
}

fn make() -> io::Result<(TempDir, File)> {
    let dir = tempfile::Builder::new().prefix(PREFIX).tempdir()?;
    let lock = File::create(dir.path().join(LOCK))?;
    lock.try_lock()?;
    Ok((dir, lock))
}

/// What a temporary folder can fail with, for people.
fn explain(error: &io::Error) -> anyhow::Error {
    let dir = std::env::temp_dir();
    let why = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "磁盘空间不足 / the disk is full"
        }
        _ => "无法写入临时文件 / a temporary file cannot be written",
    };
    anyhow::anyhow!(
        "{why}: {dir} ({error})；未写入任何数据，请管理员处理后重试 / nothing was written: try again once the administrator has mended it",
        dir = dir.display()
    )
}

/// Removes folders of processes that died.
pub fn remove_left_behind() -> anyhow::Result<()> {
    let old = SystemTime::now() - Duration::from_hours(1);
    for entry in fs::read_dir(std::env::temp_dir()).context("the temporary folder")? {
        let Ok(entry) = entry else { continue };
        let path = entry.path();
        let is_ours = entry.file_name().to_str().is_some_and(|it| it.starts_with(PREFIX));
        // A young one may be in the making.
        let is_old = entry.metadata().and_then(|it| it.modified()).is_ok_and(|it| it < old);
        if !is_ours || !is_old {
            continue;
        }
        let is_held = File::open(path.join(LOCK)).is_ok_and(|it| it.try_lock().is_err());
        if !is_held {
            tracing::info!(path = %path.display(), "a folder of a process that died is removed");
            // Another user's stays.
            let _ = fs::remove_dir_all(&path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(all: &[&str]) -> Vec<String> {
        all.iter().map(|it| (*it).to_owned()).collect()
    }

    #[test]
    fn pieces_belong_to_one_file() {
        assert_eq!(main(&names(&["a.csv"])).unwrap(), 0);
        assert_eq!(main(&names(&["地块.dbf", "地块.SHP", "地块.shp.xml"])).unwrap(), 1);
        for wrong in [
            &[][..],
            &["a.csv", "b.csv"],
            &["a.shp", "b.shp"],
            &["a.shp", "b.dbf"],
            &["a.dbf", "a.shx"],
        ] {
            assert!(main(&names(wrong)).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_folder_is_gone_when_it_is_dropped() {
        let (dir, lock) = make().unwrap();
        let path = dir.path().to_owned();
        fs::write(path.join("a.csv"), "a").unwrap();
        assert!(File::open(path.join(LOCK)).unwrap().try_lock().is_err());
        drop((dir, lock));
        assert!(!path.exists());
    }
}
