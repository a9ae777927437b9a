//! Making an archive: what shall be in it, which tiles changed since the one that is there, the tiles themselves on all
//! cores, and at the end one file that takes the old one's place in a single step.

use std::collections::BTreeSet;
use std::fs;
use std::fs::File;
use std::path::Path;
use std::path::PathBuf;

use anyhow::Context;
use anyhow::bail;
use futures_util::StreamExt;
use futures_util::stream;
use serde_json::json;

use crate::access::Role;
use crate::access::Scope;
use crate::app::App;
use crate::audit;
use crate::audit::Action;
use crate::audit::Event;
use crate::catalog;
use crate::catalog::DRAWING;
use crate::coverage::Bounds;
use crate::layer::Layer;

use super::About;
use super::Archive;
use super::Format;
use super::Part;
use super::Plan;
use super::cover::Candidate;
use super::cover::MOST_TILES;
use super::cover::Rows;
use super::cover::cover;
use super::make::Maker;
use super::queries;
use super::queries::Contents;
use super::select::chosen;
use super::select::scope;
use super::select::zooms;
use super::work::Ready;
use super::work::Work;
use super::write::Writer;

/// What somebody wants.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub out: PathBuf,
    /// Ids; empty for all layers that the role may read.
    pub layers: Vec<String>,
    /// Both inclusive; else all zooms of the layers.
    pub zooms: Option<(u8, u8)>,
    /// For whom.
    pub role: Role,
    /// Replace whatever is there, and make every tile anew.
    pub force: bool,
}

/// How it ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// Tiles in the archive.
    pub tiles: u64,
    /// Those that are not as they were in the archive before; all when there was none.
    pub changed: u64,
    /// Made by an earlier run that was interrupted.
    pub found: u64,
    pub bytes: u64,
    /// The archive that is there is what was wanted: nothing was written.
    pub is_unchanged: bool,
}

/// Where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    Reading,
    /// Of so many places for a tile so many were looked at.
    Making {
        done: u64,
        of: u64,
    },
    Writing,
}

/// Tiles that are being made at once: two for each core, so that none waits while another's query runs, and within the
/// public's part of the connections.
const AT_ONCE: usize = 4;
/// Tiles of an unchanged archive that are made again to see whether the program makes them as before.
const PROBES: usize = 32;
/// How often an export begins again because rows changed under it.
const ATTEMPTS: usize = 3;

/// Makes the archive, or brings it up to date.
pub async fn export(
    app: &App,
    wanted: &Wanted,
    progress: &mut (dyn FnMut(Stage) + Send),
) -> anyhow::Result<Done> {
    let format = Format::of(&wanted.out).context(
        "文件名须以 .pmtiles 或 .mbtiles 结尾 / the file's name has to end in .pmtiles or .mbtiles",
    )?;
    let scope = scope(wanted.role);
    let layers = chosen(app, &scope, wanted)?;
    let (min_zoom, max_zoom) = zooms(&layers, wanted)?;
    if wanted.out.is_dir() {
        bail!("{0} 是文件夹 / {0} is a folder: name a file", wanted.out.display());
    }
    for _ in 0..ATTEMPTS {
        progress(Stage::Reading);
        let contents = read(app, &scope, &layers).await?;
        let run = Run::new(app, &scope, &layers, contents, wanted, format, (min_zoom, max_zoom))?;
        if let Some(done) = run.attempt(progress).await? {
            return Ok(done);
        }
        tracing::info!(
            "导出期间数据有变化，重新核对 / rows changed during the export, looking again"
        );
    }
    bail!(
        "导出期间数据不断变化，请稍后重试 / the rows keep changing during the export: try again when fewer people write"
    )
}

/// The layers' rows, and the same rows in memory, where tiles are made from.
async fn read(app: &App, scope: &Scope, layers: &[&Layer]) -> anyhow::Result<Vec<Contents>> {
    let mut all = Vec::with_capacity(layers.len());
    for layer in layers {
        let mut tries = 0;
        all.push(loop {
            let contents = queries::contents(&app.db, scope, layer).await?;
            let held = match app.snapshots.read(&app.db, layer).await {
                Ok(held) => held.snapshot.revision,
                Err(error) => {
                    // Too large for the memory it may take: its tiles are made by the database.
                    tracing::debug!(error = format!("{error:#}"), layer = layer.id, "no snapshot");
                    contents.revision
                }
            };
            tries += 1;
            if held == contents.revision || tries == ATTEMPTS {
                break contents;
            }
        });
    }
    Ok(all)
}

/// One attempt.
struct Run<'a> {
    app: &'a App,
    scope: &'a Scope,
    layers: &'a [&'a Layer],
    wanted: &'a Wanted,
    format: Format,
    plan: Plan,
    tiles: Vec<Candidate>,
    /// West, south, east, north in degrees.
    bounds: [f64; 4],
}

impl<'a> Run<'a> {
    fn new(
        app: &'a App,
        scope: &'a Scope,
        layers: &'a [&'a Layer],
        contents: Vec<Contents>,
        wanted: &'a Wanted,
        format: Format,
        (min_zoom, max_zoom): (u8, u8),
    ) -> anyhow::Result<Self> {
        let parts = layers.iter().zip(&contents).map(|(layer, it)| Part {
            id: layer.id.clone(),
            revision: it.revision,
            declaration: layer.digest.clone(),
            content: it.digest.clone(),
            fields: told(layer, scope),
        });
        let plan = Plan {
            version: DRAWING,
            role: wanted.role,
            min_zoom,
            max_zoom,
            layers: parts.collect(),
        };
        let bounds = bounds(&contents).unwrap_or(app.config.district);
        let rows = layers.iter().zip(contents);
        let rows: Vec<Rows> =
            rows.map(|(layer, it)| Rows { min_zoom: layer.zooms.min, boxes: it.boxes }).collect();
        let tiles = cover(&rows, min_zoom, max_zoom).map_err(|it| {
            anyhow::anyhow!(
                "到 {0} 级已超过 {MOST_TILES} 个瓦片 / more than {MOST_TILES} tiles by zoom {0}: choose lower --zooms, fewer --layers, or mend rows that lie far away",
                it.zoom
            )
        })?;
        Ok(Self { app, scope, layers, wanted, format, plan, tiles, bounds })
    }

    /// Makes and writes; `None` when rows changed meanwhile.
    async fn attempt(
        &self,
        progress: &mut (dyn FnMut(Stage) + Send),
    ) -> anyhow::Result<Option<Done>> {
        let before = self.before().await?;
        if let Some(it) = &before
            && it.is_reliable
            && it.plan == self.plan
        {
            let bytes = fs::metadata(&self.wanted.out)?.len();
            return Ok(Some(Done { is_unchanged: true, bytes, ..Done::default() }));
        }
        let what = serde_json::to_string(&(&self.plan, self.replaced()))?;
        let mut work = Work::open(&beside(&self.wanted.out, "work"), &what)?;
        self.make(&mut work, before.as_ref(), progress).await?;
        work.save()?;
        if !self.is_quiet().await? {
            return Ok(None);
        }
        progress(Stage::Writing);
        let part = beside(&self.wanted.out, "part");
        let written = self.write(&part, &work, before.as_ref()).await;
        let done = match written {
            Ok(it) => it,
            Err(error) => {
                let _ = fs::remove_file(&part);
                return Err(error.context(format!(
                    "写入失败 / writing failed: {} (is the disk full?)",
                    part.display()
                )));
            }
        };
        let layers: Vec<&str> = self.plan.layers.iter().map(|it| it.id.as_str()).collect();
        let event = Event::of(Action::Export, "tiles").with(json!({
            "format": self.format.name(),
            "layers": layers,
            "role": self.plan.role,
            "tiles": done.tiles,
        }));
        audit::record(&self.app.db.write, &Scope::console(), event).await?;
        fs::rename(&part, &self.wanted.out)
            .with_context(|| format!("moving the archive to {}", self.wanted.out.display()))?;
        work.discard()?;
        Ok(Some(done))
    }

    /// The archive that is there, if it can be gone on from. Anything else is only replaced by force.
    async fn before(&self) -> anyhow::Result<Option<Before>> {
        let out = &self.wanted.out;
        if self.wanted.force || !out.exists() {
            return Ok(None);
        }
        let refused = |why: &str| {
            format!(
                "{0} 已存在{why}；要替换请加 --force / use --force to replace it",
                out.display()
            )
        };
        let archive = Archive::open(out)
            .await
            .with_context(|| refused("，但无法读取 / exists and cannot be read"))?;
        let Some(plan) = archive.plan.clone() else {
            bail!(refused("，但不是亩图导出的 / exists and was not made by Mutu"))
        };
        if !plan.is_for_the_same(&self.plan) {
            let ids: Vec<&str> = plan.layers.iter().map(|it| it.id.as_str()).collect();
            bail!(refused(&format!(
                "，内容不同 / exists with other contents: {} at zooms {}-{} for {}",
                ids.join(","),
                plan.min_zoom,
                plan.max_zoom,
                plan.role
            )));
        }
        let mut before = Before { is_reliable: plan.version == DRAWING, archive, plan };
        before.is_reliable &= self.makes_as(&before).await?;
        Ok(Some(before))
    }

    /// Whether some tiles that cannot have changed are made as they were. Another version of the program may draw the
    /// same rows in another way.
    async fn makes_as(&self, before: &Before) -> anyhow::Result<bool> {
        let same = self.tiles.iter().filter(|it| self.is_same(it, before));
        let count = same.clone().count();
        for tile in same.step_by(count.div_ceil(PROBES).max(1)) {
            let made = Maker::new(self.app, self.scope, &self.plan).make(*tile).await?;
            let stored = before.archive.tile(tile.z, tile.x, tile.y).await?;
            if made != stored.unwrap_or_default() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether nothing that the tile shows has changed: no layer of its zoom.
    fn is_same(&self, tile: &Candidate, before: &Before) -> bool {
        let parts = self.plan.layers.iter().zip(&before.plan.layers);
        parts.zip(self.layers).all(|((now, then), layer)| {
            let same = Part { revision: then.revision, ..now.clone() } == *then;
            same || tile.z < layer.zooms.min
        })
    }

    /// What will be replaced: tiles may be taken from it as long as it is that file.
    fn replaced(&self) -> Option<(u64, i64, i64)> {
        use std::os::unix::fs::MetadataExt;
        let file = fs::metadata(&self.wanted.out).ok().filter(|_| !self.wanted.force);
        file.map(|it| (it.size(), it.mtime(), it.mtime_nsec()))
    }

    /// Makes the tiles that the work does not have.
    async fn make(
        &self,
        work: &mut Work,
        before: Option<&Before>,
        progress: &mut (dyn FnMut(Stage) + Send),
    ) -> anyhow::Result<()> {
        let of = self.tiles.len() as u64;
        let mut missing = Vec::new();
        for tile in &self.tiles {
            if work.has(tile.id)? {
                continue;
            }
            match before {
                Some(it) if it.is_reliable && self.is_same(tile, it) => {
                    work.keep(tile.id, &Ready::Same)?;
                }
                _ => missing.push(*tile),
            }
        }
        let mut done = of - missing.len() as u64;
        let maker = Maker::new(self.app, self.scope, &self.plan);
        let made = missing.into_iter().map(|tile| {
            let maker = maker.clone();
            let made = tokio::spawn(async move { maker.make(tile).await });
            async move { (tile, made.await) }
        });
        // In order, so that what an interruption leaves is a beginning.
        let mut made = stream::iter(made).buffered(AT_ONCE);
        while let Some((tile, data)) = made.next().await {
            let data = data??;
            let stored = match before {
                Some(it) => it.archive.tile(tile.z, tile.x, tile.y).await?,
                None => None,
            };
            let is_same = before.is_some() && data == stored.unwrap_or_default();
            work.keep(tile.id, &if is_same { Ready::Same } else { Ready::Made(data) })?;
            done += 1;
            progress(Stage::Making { done, of });
        }
        Ok(())
    }

    /// Whether the tiles are all of the revisions that the plan names. Those made from memory are; those that the database
    /// made are if nothing was written since.
    async fn is_quiet(&self) -> anyhow::Result<bool> {
        for (layer, part) in self.layers.iter().zip(&self.plan.layers) {
            let held = self.app.snapshots.get(&layer.id).map(|it| it.snapshot.revision);
            if held == Some(part.revision) {
                continue;
            }
            let mut db = self.app.db.read(self.scope).await?;
            if catalog::queries::revision(&mut db, &layer.id).await? != part.revision {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Puts everything into a new file.
    async fn write(
        &self,
        path: &Path,
        work: &Work,
        before: Option<&Before>,
    ) -> anyhow::Result<Done> {
        let about = About::new(self.app, self.layers, self.scope, self.bounds, self.plan.clone());
        let is_public = self.plan.role == Role::Public;
        let mut writer = Writer::create(self.format, path, &about, is_public)?;
        let mut done = Done { found: work.found, ..Done::default() };
        for tile in &self.tiles {
            let data = match (work.get(tile.id)?, before) {
                (Some(Ready::Made(data)), _) => {
                    // Nothing in it is a change where there was something.
                    done.changed += u64::from(!data.is_empty() || before.is_some());
                    data
                }
                (Some(Ready::Same), Some(before)) => {
                    before.archive.tile(tile.z, tile.x, tile.y).await?.unwrap_or_default()
                }
                _ => bail!("tile {}/{}/{} is missing in the work file", tile.z, tile.x, tile.y),
            };
            if !data.is_empty() {
                done.tiles += 1;
                writer.add(tile, &data)?;
            }
        }
        writer.finish()?;
        let file = File::open(path)?;
        file.sync_all()?;
        done.bytes = file.metadata()?.len();
        Ok(done)
    }
}

/// The archive that is replaced.
struct Before {
    archive: Archive,
    plan: Plan,
    /// Tiles of unchanged rows would be made just as they are in it.
    is_reliable: bool,
}

/// The fields that tiles tell of rows, and of many rows together.
fn told(layer: &Layer, scope: &Scope) -> Vec<String> {
    let together = layer.aggregated(scope);
    let ratios = together.ratios.iter().flat_map(|it| [it.1.over.as_str(), it.1.under.as_str()]);
    let fields = layer.tile_fields(scope).map(|it| it.0).chain(together.sums).chain(ratios);
    let fields: BTreeSet<&str> = fields.collect();
    fields.into_iter().map(ToOwned::to_owned).collect()
}

/// A file beside another, with one more ending.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".");
    name.push(ending);
    path.with_file_name(name)
}

/// Around all rows, to a centimetre.
fn bounds(contents: &[Contents]) -> Option<[f64; 4]> {
    let mut all = Bounds::NOWHERE;
    for it in contents.iter().flat_map(|it| &it.boxes) {
        all.add(it.min);
        all.add(it.max);
    }
    if contents.iter().all(|it| it.boxes.is_empty()) {
        return None;
    }
    let ((west, north), (east, south)) = (all.min.to_degrees(), all.max.to_degrees());
    Some([west, south, east, north].map(|it| (it * 1e7).round() / 1e7))
}
