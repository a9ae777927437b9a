//! The district as files: one thread for each file, fed with whole tiles in a fixed order.

pub mod fault;
pub mod manifest;
pub mod table;
#[cfg(test)]
mod tests;
pub mod vector;

use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc;
use std::sync::mpsc::Receiver;
use std::thread;

use anyhow::Context;
use anyhow::Result;
use anyhow::anyhow;
use anyhow::ensure;

use super::MOST_PARCELS;
use super::Options;
use super::Written;
use super::enterprise::Enterprise;
use super::fact::Facts;
use super::header;
use super::header::File;
use super::header::Shape;
use super::network;
use super::parcel::Parcel;
use super::plan;
use super::quota::Quota;
use super::row::Row;
use fault::Fault;
use fault::Spoiler;
use manifest::Entry;
use vector::Format;

/// Above this many parcels tables become CSV and map files go without an index.
const BULK_PARCELS: u32 = 100_000;

/// Tiles that are generated together; more would only need more memory.
const BATCH: usize = 128;

/// Tiles that may wait for one writer.
const QUEUE: usize = 160;

/// How a file is written.
#[derive(Clone, Copy, Debug)]
enum Medium {
    Map(Format),
    Workbook,
    Csv,
    /// CSV in GB18030, as Excel saves it in an office; only in dirty districts.
    GbCsv,
}

impl Medium {
    fn of(file: &File, options: &Options) -> Self {
        let bulk = options.parcels > BULK_PARCELS;
        match (file.shape, file.into) {
            (_, "occupancies") if options.dirty => Self::GbCsv,
            (Shape::None, _) if bulk => Self::Csv,
            (Shape::None, _) => Self::Workbook,
            (_, "blocks_104") => Self::Map(Format::Shapefile),
            (_, "roads") if !bulk => Self::Map(Format::GeoJson),
            _ if bulk => Self::Map(Format::BulkGeoPackage),
            _ => Self::Map(Format::GeoPackage),
        }
    }

    fn path(self, file: &File) -> String {
        let ending = match self {
            Self::Map(format) => format.ending(),
            Self::Workbook => "xlsx",
            Self::Csv | Self::GbCsv => "csv",
        };
        format!("{}.{ending}", file.name)
    }

    fn put(self, path: &Path, file: &File, rows: impl Iterator<Item = Row>) -> Result<u64> {
        match self {
            Self::Map(format) => vector::write(path, file, format, rows),
            Self::Workbook => {
                // Statistics offices put a title over the header; the importer has to look below it.
                let title = (file.into == "enterprise_years")
                    .then_some("2023—2025年工业企业年度指标汇总表");
                table::write_xlsx(path, file, title, rows)
            }
            Self::Csv => table::write_csv(path, file, table::Text::Utf8, rows),
            Self::GbCsv => table::write_csv(path, file, table::Text::Gb18030, rows),
        }
    }

    fn entry(self, file: &File, count: u64) -> Entry {
        let (encoding, source_crs) = match self {
            Self::Map(Format::Shapefile) => (Some("GB18030"), Some(Format::Shapefile.crs())),
            Self::Map(format) => (None, Some(format.crs())),
            Self::Workbook => (None, None),
            Self::Csv => (Some("UTF-8"), None),
            Self::GbCsv => (Some("GB18030"), None),
        };
        let source_crs = source_crs.map(|it| format!("EPSG:{it}"));
        Entry {
            path: self.path(file),
            into: file.into,
            layer: None,
            encoding,
            source_crs,
            about: file.about,
            count,
        }
    }
}

/// Rows that concern the whole district.
fn whole_rows(quota: &Quota, into: &str) -> Vec<Row> {
    let district = &quota.district;
    match into {
        "towns" => plan::towns(district),
        "roads" => network::main_roads(district),
        "water" => network::rivers(district),
        "construction_area" => plan::construction_area(district),
        "growth_boundary" => plan::growth_boundary(district),
        "industry_layout" => plan::industry_layout(district),
        "eco_redline" => plan::eco_redline(district),
        "blocks_104" => plan::blocks_104(district),
        _ => Vec::new(),
    }
}

/// Rows that one tile adds.
fn tile_rows(quota: &Quota, facts: &Facts, into: &str) -> Vec<Row> {
    let district = &quota.district;
    let tile = &district.tiles[facts.tile];
    let layout = &facts.layout;
    match into {
        "villages" => plan::villages(district, tile, layout),
        "roads" => network::local_roads(district, tile, layout),
        "water" => network::local_water(district, tile, layout),
        "control_plan" => plan::control_plan(district, tile, layout),
        "industry_layout" => plan::scattered(district, tile, layout),
        "basic_farmland" => plan::basic_farmland(district, tile, layout),
        "parcels" => facts.parcels.iter().map(Parcel::row).collect(),
        "buildings" => {
            let of_parcel = facts.parcels.iter().flat_map(|parcel| {
                (1..).zip(&parcel.buildings).map(|(number, it)| it.row(&parcel.code, number))
            });
            of_parcel.collect()
        }
        "enterprises" => facts.enterprises.iter().map(Enterprise::row).collect(),
        "enterprise_years" => {
            let years = facts.enterprises.iter().zip(&facts.figures);
            years
                .flat_map(|(enterprise, years)| years.iter().map(|it| it.row(enterprise)))
                .collect()
        }
        "occupancies" => {
            facts.occupancies.iter().map(|it| it.row(&facts.parcels, &facts.enterprises)).collect()
        }
        _ => Vec::new(),
    }
}

/// Generates the district and writes it as an office hands it over.
///
/// The same options give the same bytes in the tables and the same geometry in the maps. `progress` is told what is being
/// done, how much of it is done, and how much there is.
pub fn write(
    options: &Options,
    out: &Path,
    progress: &mut dyn FnMut(&str, u64, u64),
) -> Result<Written> {
    ensure!(
        (1..=MOST_PARCELS).contains(&options.parcels),
        "parcels: {} is not between 1 and {MOST_PARCELS} / 地块数量应在 1 到 {MOST_PARCELS} 之间",
        options.parcels
    );
    fs::create_dir_all(out).with_context(|| format!("creating {}", out.display()))?;
    progress("规划街区 / laying out", 0, u64::from(options.parcels));
    let quota = Quota::settle(options.seed, options.parcels);
    let results = thread::scope(|scope| {
        let writers: Vec<_> = header::FILES
            .iter()
            .map(|file| {
                let (sender, receiver) = mpsc::sync_channel(QUEUE);
                let quota = &quota;
                (sender, scope.spawn(move || write_file(options, quota, file, out, &receiver)))
            })
            .collect();
        let (senders, writers): (Vec<_>, Vec<_>) = writers.into_iter().unzip();
        let mut done = 0;
        'batches: for start in (0..quota.district.tiles.len()).step_by(BATCH) {
            for facts in generate(&quota, start) {
                done += facts.parcels.len() as u64;
                for sender in &senders {
                    // A writer that is gone has failed; joining it tells why.
                    if sender.send(Arc::clone(&facts)).is_err() {
                        break 'batches;
                    }
                }
            }
            progress("生成地块 / generating parcels", done, u64::from(options.parcels));
        }
        drop(senders);
        progress("写入文件 / finishing files", done, u64::from(options.parcels));
        let joined = writers
            .into_iter()
            .map(|it| it.join().map_err(|_| anyhow!("a writer stopped unexpectedly"))?);
        joined.collect::<Vec<Result<_>>>()
    });
    let mut entries = Vec::new();
    let mut faults = Vec::new();
    for result in results {
        let (entry, found) = result?;
        entries.push(entry);
        faults.extend(found);
    }
    if options.dirty {
        fault::list(&out.join("dirty_faults.csv"), &faults)?;
    }
    let save = |name: &str, text: String| {
        let path = out.join(name);
        fs::write(&path, text).with_context(|| format!("writing {}", path.display()))
    };
    save("manifest.toml", manifest::manifest(&entries)?)?;
    save("README.txt", manifest::readme(options, &entries))?;
    Ok(Written {
        files: entries
            .iter()
            .map(|it| (out.join(&it.path), it.into))
            .collect::<Vec<(PathBuf, _)>>(),
        counts: entries.iter().map(|it| (it.into, it.count)).collect(),
        faults: faults.len() as u64,
    })
}

/// A batch of tiles, generated by all processors, in order.
fn generate(quota: &Quota, start: usize) -> Vec<Arc<Facts>> {
    let end = quota.district.tiles.len().min(start + BATCH);
    let tiles: Vec<usize> = (start..end).collect();
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let workers: Vec<_> = tiles
            .chunks(tiles.len().div_ceil(threads).max(1))
            .map(|tiles| {
                scope.spawn(move || {
                    tiles.iter().map(|&it| Arc::new(Facts::of(quota, it))).collect::<Vec<_>>()
                })
            })
            .collect();
        let batches = workers
            .into_iter()
            .map(|it| it.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        batches.flatten().collect()
    })
}

fn write_file(
    options: &Options,
    quota: &Quota,
    file: &'static File,
    out: &Path,
    tiles: &Receiver<Arc<Facts>>,
) -> Result<(Entry, Vec<Fault>)> {
    let medium = Medium::of(file, options);
    let path = out.join(medium.path(file));
    let whole = whole_rows(quota, file.into).into_iter();
    let rows = whole.chain(tiles.iter().flat_map(|it| tile_rows(quota, &it, file.into)));
    if !options.dirty {
        return Ok((medium.entry(file, medium.put(&path, file, rows)?), Vec::new()));
    }
    let mut spoiler = Spoiler::new(file);
    let count = medium.put(&path, file, rows.flat_map(|it| spoiler.pass(it)))?;
    Ok((medium.entry(file, count), spoiler.faults))
}
