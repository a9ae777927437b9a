//! Finding the one dataset in what a person named: a file, a geodatabase folder, an archive.

use std::path::Path;
use std::path::PathBuf;

use anyhow::bail;
use gdal::Dataset;
use gdal::DatasetOptions;
use gdal::DriverManager;
use gdal::GdalOpenFlags;

use crate::ingest::question::Question;

use super::archive;
use super::file_name;
use super::gdal_error;

/// The formats that are read. Never all of GDAL's: a VRT may name any file of the disk.
const DRIVERS: [&str; 9] = [
    "GPKG",
    "ESRI Shapefile",
    "GeoJSON",
    "GeoJSONSeq",
    "FlatGeobuf",
    "TopoJSON",
    "OpenFileGDB",
    "LIBKML",
    "KML",
];

/// Endings of files that are a data set by themselves.
const MAP_DATA: [&str; 10] =
    ["shp", "gpkg", "geojson", "geojsonl", "json", "topojson", "fgb", "kml", "kmz", "gdb"];
const TABLES: [&str; 10] = ["xlsx", "xlsm", "xlsb", "xls", "et", "ods", "csv", "tsv", "txt", "dxf"];

const KNOWN: &str = "GPKG、SHP（可为 zip）、GeoJSON、FlatGeobuf、GDB、KML、DXF、界址点 TXT、CSV、XLSX / GPKG, SHP (also zipped), GeoJSON, FlatGeobuf, GDB, KML, DXF, boundary points, CSV, XLSX";

/// A data set, and what of the layer's name was not used up in finding it.
pub(super) struct Found {
    pub dataset: Dataset,
    pub layer_name: Option<String>,
    /// The member of an archive with several, which belongs before the name of a layer in it.
    pub member: Option<String>,
    pub notes: Vec<String>,
}

/// Opens what lies at the path.
pub(super) fn find(path: &Path, layer_name: Option<&str>) -> anyhow::Result<Found> {
    gdal_error::listen();
    gdal_error::take();
    let mut found =
        Picked { path: path.to_owned(), layer_name: layer_name.map(str::to_owned), member: None };
    let mut notes = Vec::new();
    match ending(path).as_str() {
        "zip" => found = in_archive(path, layer_name)?,
        "shp" => check_parts(path, &mut notes)?,
        "kmz" => drop(archive::check(path, archive::MAP_DATA)?),
        _ => {}
    }
    let dataset = open(&found.path, &file_name(path), &DRIVERS)?;
    Ok(Found { dataset, layer_name: found.layer_name, member: found.member, notes })
}

/// Opens a drawing.
pub(super) fn drawing(path: &Path) -> anyhow::Result<Dataset> {
    gdal_error::listen();
    gdal_error::take();
    open(path, &file_name(path), &["DXF"])
}

fn open(inside: &Path, shown: &str, drivers: &[&str]) -> anyhow::Result<Dataset> {
    let ending = ending(inside);
    let shapefile = matches!(ending.as_str(), "shp" | "dbf" | "zip" | "shz");
    let mut drivers = drivers.to_vec();
    if matches!(ending.as_str(), "parquet" | "geoparquet") {
        check_parquet(inside)?;
        drivers.push("Parquet");
    }
    // An empty ENCODING hands strings over as the bytes they are.
    let raw: &[&str] = &["ENCODING="];
    let options = DatasetOptions {
        open_flags: GdalOpenFlags::GDAL_OF_VECTOR
            | GdalOpenFlags::GDAL_OF_READONLY
            | GdalOpenFlags::GDAL_OF_VERBOSE_ERROR,
        allowed_drivers: Some(&drivers),
        open_options: shapefile.then_some(raw),
        sibling_files: None,
    };
    let opened = Dataset::open_ex(inside, options);
    let said = gdal_error::take_failure();
    opened.map_err(|error| {
        // GDAL quotes the whole path; the name is enough, and reports are read by others.
        let why = said.unwrap_or_else(|| error.to_string());
        let why = why.replace(&inside.display().to_string(), shown);
        anyhow::anyhow!(
            "{shown} 不是可读取的数据集 / is not a data set that can be read: {why}\n  支持 / supported: {KNOWN}"
        )
    })
}

/// Not every GDAL is built with Arrow.
fn check_parquet(path: &Path) -> anyhow::Result<()> {
    if DriverManager::get_driver_by_name("Parquet").is_ok() {
        return Ok(());
    }
    gdal_error::take();
    let name = file_name(path);
    bail!(
        "本机的 GDAL 没有 Parquet 驱动，不能读取 {name}；请在有此驱动的机器上转换：ogr2ogr out.gpkg {name} / this GDAL has no Parquet driver: convert the file where there is one with `ogr2ogr out.gpkg {name}`"
    )
}

pub(super) fn ending(path: &Path) -> String {
    path.extension().map(|it| it.to_string_lossy().to_lowercase()).unwrap_or_default()
}

/// A shapefile is three files at least; the one that is missing is named. Without its `.dbf` it is shapes alone.
fn check_parts(path: &Path, notes: &mut Vec<String>) -> anyhow::Result<()> {
    let there = |part: &str| {
        [part.to_owned(), part.to_uppercase()].iter().any(|it| path.with_extension(it).exists())
    };
    if !there("shx") {
        bail!(
            "{} 缺少同名的 .shx 文件 / the shapefile lacks its .shx file: copy all its parts (.shp .shx .dbf .prj .cpg)",
            file_name(path)
        );
    }
    if !there("dbf") {
        notes.push(
            "缺少同名的 .dbf 文件，只有图形，没有任何属性 / the shapefile lacks its .dbf file: there are shapes and no attributes"
                .to_owned(),
        );
    }
    Ok(())
}

/// What was picked of several.
struct Picked {
    path: PathBuf,
    layer_name: Option<String>,
    member: Option<String>,
}

/// The one dataset inside an archive; nothing is unpacked.
fn in_archive(path: &Path, layer_name: Option<&str>) -> anyhow::Result<Picked> {
    let shown = file_name(path);
    let archive = archive::check(path, archive::MAP_DATA)?;
    archive::announce(archive.encoding)?;
    let root = PathBuf::from(format!("/vsizip/{}", path.display()));
    let mut found: Vec<String> = Vec::new();
    let mut others = Vec::new();
    for name in &archive.names {
        let member = Path::new(name);
        let hidden = member.components().any(|it| {
            let part = it.as_os_str().to_string_lossy();
            part == "__MACOSX" || part.starts_with("._")
        });
        if hidden {
            continue;
        }
        // A geodatabase is a folder; its own files are not datasets of theirs.
        let folder = member.ancestors().find(|it| ending(it) == "gdb");
        let dataset = folder.map(|it| it.to_string_lossy().into_owned());
        let is_one = MAP_DATA.contains(&ending(member).as_str());
        match dataset.or_else(|| is_one.then(|| name.clone())) {
            Some(it) if !found.contains(&it) => found.push(it),
            Some(_) => {}
            None => others.push(name.as_str()),
        }
    }
    if found.is_empty() {
        let what = |endings: &[&str]| {
            others.iter().find(|it| endings.contains(&ending(Path::new(it)).as_str()))
        };
        if let Some(inner) = what(&["zip", "rar", "7z"]) {
            bail!(
                "压缩包 {shown} 中还有压缩包 `{inner}`，请先解开外层 / the archive holds another archive, `{inner}`: unpack the outer one"
            );
        }
        if let Some(table) = what(&TABLES) {
            bail!(
                "压缩包 {shown} 中只有 `{table}`，请解开后导入 / the archive holds `{table}`: unpack it and import that"
            );
        }
        bail!(
            "压缩包 {shown} 中没有数据集 / the archive holds no data set\n  支持 / supported: {KNOWN}"
        );
    }
    let several = found.len() > 1;
    let (member, rest) = pick(&shown, found, layer_name)?;
    Ok(Picked { path: root.join(&member), layer_name: rest, member: several.then_some(member) })
}

/// Chooses among data sets by the layer's name: a member, or `member/layer`. What is left is the name of a layer in it.
fn pick(
    shown: &str,
    names: Vec<String>,
    wanted: Option<&str>,
) -> anyhow::Result<(String, Option<String>)> {
    if let [one] = names.as_slice() {
        let rest = wanted.filter(|it| it != one).map(str::to_owned);
        return Ok((one.clone(), rest));
    }
    if let Some(wanted) = wanted {
        for name in &names {
            if wanted == name {
                return Ok((name.clone(), None));
            }
            if let Some(layer) =
                wanted.strip_prefix(name.as_str()).and_then(|it| it.strip_prefix('/'))
            {
                return Ok((name.clone(), Some(layer.to_owned())));
            }
        }
    }
    let message = format!(
        "{shown} 中有多个数据集，请用 --layer-name 指定 / there are several data sets in it, choose with --layer-name: {}",
        names.join(", ")
    );
    bail!(Question { parameter: "layer_name", choices: names, message })
}

/// The one file to read in a folder that a person named, and what is left of the layer's name.
pub(super) fn in_folder(
    folder: &Path,
    layer_name: Option<&str>,
) -> anyhow::Result<(PathBuf, Option<String>)> {
    let shown = file_name(folder);
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let ending = ending(Path::new(&name));
        let known = MAP_DATA.contains(&ending.as_str()) || TABLES.contains(&ending.as_str());
        if known && !name.starts_with('.') || ending == "zip" {
            names.push(name);
        }
    }
    names.sort();
    if names.is_empty() {
        bail!(
            "文件夹 {shown} 中没有可导入的文件 / the folder holds no file that can be imported\n  支持 / supported: {KNOWN}"
        );
    }
    let (name, rest) = pick(&shown, names, layer_name)?;
    Ok((folder.join(name), rest))
}
