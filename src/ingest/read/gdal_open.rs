//! Finding the one dataset in what a person named: a file, a geodatabase folder, an archive.

use std::path::Path;
use std::path::PathBuf;

use anyhow::bail;
use gdal::Dataset;
use gdal::DatasetOptions;
use gdal::GdalOpenFlags;

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

const KNOWN: &str = "GPKG、SHP（可为 zip）、GeoJSON、FlatGeobuf、GDB、KML、CSV、XLSX / GPKG, SHP (also zipped), GeoJSON, FlatGeobuf, GDB, KML, CSV, XLSX";

/// Opens what lies at the path.
pub(super) fn dataset(path: &Path) -> anyhow::Result<Dataset> {
    gdal_error::listen();
    gdal_error::take();
    let inside = match ending(path).as_str() {
        "zip" => in_archive(path)?,
        "shp" => {
            check_parts(path)?;
            path.to_owned()
        }
        _ => path.to_owned(),
    };
    let shapefile = matches!(ending(&inside).as_str(), "shp" | "dbf" | "zip" | "shz");
    // An empty ENCODING hands strings over as the bytes they are.
    let raw: &[&str] = &["ENCODING="];
    let options = DatasetOptions {
        open_flags: GdalOpenFlags::GDAL_OF_VECTOR
            | GdalOpenFlags::GDAL_OF_READONLY
            | GdalOpenFlags::GDAL_OF_VERBOSE_ERROR,
        allowed_drivers: Some(&DRIVERS),
        open_options: shapefile.then_some(raw),
        sibling_files: None,
    };
    let opened = Dataset::open_ex(&inside, options);
    let said = gdal_error::take_failure();
    opened.map_err(|error| {
        // GDAL quotes the whole path; the name is enough, and reports are read by others.
        let why = said.unwrap_or_else(|| error.to_string());
        let why = why.replace(&inside.display().to_string(), &file_name(path));
        anyhow::anyhow!(
            "{} 不是可读取的数据集 / is not a data set that can be read: {why}\n  支持 / supported: {KNOWN}",
            file_name(path)
        )
    })
}

fn ending(path: &Path) -> String {
    path.extension().map(|it| it.to_string_lossy().to_lowercase()).unwrap_or_default()
}

/// A shapefile is three files at least; the one that is missing is named.
fn check_parts(path: &Path) -> anyhow::Result<()> {
    for part in ["shx", "dbf"] {
        let there = [part.to_owned(), part.to_uppercase()]
            .iter()
            .any(|it| path.with_extension(it).exists());
        if !there {
            bail!(
                "{} 缺少同名的 .{part} 文件 / the shapefile lacks its .{part} file: copy all its parts (.shp .shx .dbf .prj .cpg)",
                file_name(path)
            );
        }
    }
    Ok(())
}

/// The one dataset inside an archive; nothing is unpacked.
fn in_archive(path: &Path) -> anyhow::Result<PathBuf> {
    let root = PathBuf::from(format!("/vsizip/{}", path.display()));
    let members = gdal::vsi::read_dir(&root, true).unwrap_or_default();
    let said = gdal_error::take_failure();
    if members.is_empty() {
        bail!(
            "{} 不是可读取的压缩包 / is not an archive that can be read{}",
            file_name(path),
            said.map(|it| format!(": {it}")).unwrap_or_default()
        );
    }
    let mut found: Vec<PathBuf> = Vec::new();
    for member in &members {
        // A geodatabase is a folder; its own files are not datasets of theirs.
        let folder = member.ancestors().find(|it| ending(it) == "gdb").map(Path::to_owned);
        let dataset = folder.or_else(|| {
            let known = ["shp", "gpkg", "geojson", "json", "fgb", "kml"];
            let hidden = member.components().any(|it| it.as_os_str() == "__MACOSX");
            (known.contains(&ending(member).as_str()) && !hidden).then(|| member.clone())
        });
        if let Some(it) = dataset.filter(|it| !found.contains(it)) {
            found.push(it);
        }
    }
    match found.as_slice() {
        [one] => Ok(root.join(one)),
        [] => bail!(
            "压缩包 {} 中没有数据集 / the archive holds no data set\n  支持 / supported: {KNOWN}",
            file_name(path)
        ),
        several => {
            let names: Vec<String> = several.iter().map(|it| it.display().to_string()).collect();
            bail!(
                "压缩包 {} 中有多个数据集，请分别打包 / the archive holds several data sets; pack one an archive: {}",
                file_name(path),
                names.join(", ")
            );
        }
    }
}
