//! What must hold of the files.

use std::fs;

use super::*;

fn written(options: Options) -> (tempfile::TempDir, Written) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let written = write(&options, folder.path(), &mut |_, _, _| {}).expect("a district");
    (folder, written)
}

#[test]
fn the_same_seed_writes_the_same_files() {
    let options = Options { parcels: 120, seed: 9, dirty: false };
    let (one, files) = written(options);
    let (two, _) = written(options);
    let (other, _) = written(Options { seed: 10, ..options });
    for (path, _) in &files.files {
        let name = path.file_name().expect("a name");
        let read = |folder: &tempfile::TempDir| fs::read(folder.path().join(name)).expect("a file");
        // A GeoPackage notes when it was written.
        if path.extension().is_some_and(|it| it != "gpkg") {
            assert!(read(&one) == read(&two), "{}", name.display());
            assert!(read(&one) != read(&other), "{}", name.display());
        }
    }
}

#[test]
fn files_have_the_headers_of_the_list_in_the_order_of_import() {
    let (folder, written) = written(Options { parcels: 60, seed: 1, dirty: false });
    let ids: Vec<&str> = written.files.iter().map(|it| it.1).collect();
    assert_eq!(ids, header::FILES.map(|it| it.into));
    for ((path, _), file) in written.files.iter().zip(header::FILES) {
        let headers: Vec<String> = if path.extension().is_some_and(|it| it == "xlsx") {
            let mut book: calamine::Xlsx<_> = calamine::open_workbook(path).expect("a workbook");
            let range = calamine::Reader::worksheet_range_at(&mut book, 0)
                .expect("a sheet")
                .expect("cells");
            let row =
                range.rows().nth(usize::from(file.into == "enterprise_years")).expect("headers");
            row.iter().map(ToString::to_string).collect()
        } else {
            let options = gdal::DatasetOptions {
                open_options: Some(&["ENCODING=GB18030"]),
                ..Default::default()
            };
            let plain = gdal::DatasetOptions::default();
            let options = if file.into == "blocks_104" { options } else { plain };
            let dataset = gdal::Dataset::open_ex(path, options).expect("a data set");
            let layer = dataset.layer(0).expect("a layer");
            gdal::vector::LayerAccess::defn(&layer).fields().map(|it| it.name()).collect()
        };
        let expected: Vec<&str> = file.columns.iter().map(|it| it.header).collect();
        assert_eq!(headers, expected, "{}", path.display());
    }
    assert!(!folder.path().join("104区块.cpg").exists());
    let manifest = fs::read_to_string(folder.path().join("manifest.toml")).expect("a manifest");
    let manifest: toml::Table = toml::from_str(&manifest).expect("TOML");
    assert_eq!(manifest["file"].as_array().map(Vec::len), Some(header::FILES.len()));
    assert!(
        fs::read_to_string(folder.path().join("README.txt"))
            .expect("a text")
            .contains("No real person")
    );
}

#[test]
fn a_dirty_district_lists_its_faults() {
    let (folder, written) = written(Options { parcels: 300, seed: 1, dirty: true });
    let list = fs::read_to_string(folder.path().join("dirty_faults.csv")).expect("a list");
    assert_eq!(list.lines().count() as u64, written.faults + 1);
    for fault in [
        "duplicate_code",
        "bow_tie",
        "swapped_axes",
        "null_geometry",
        "overlap",
        "bad_credit_code",
        "text_in_number",
        "wrong_year",
    ] {
        assert!(list.contains(fault), "{fault}");
    }
    let doubled = list
        .lines()
        .filter(|it| it.starts_with("现状工业用地") && it.contains("duplicate_code"))
        .count();
    let parcels = written.counts.iter().find(|it| it.0 == "parcels").expect("parcels").1;
    assert_eq!(parcels, 300 + doubled as u64);
}

#[test]
fn the_number_of_parcels_is_checked_first() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("district");
    for parcels in [0, MOST_PARCELS + 1] {
        let options = Options { parcels, seed: 1, dirty: false };
        assert!(write(&options, &out, &mut |_, _, _| {}).is_err());
        assert!(!out.exists());
    }
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let out = file.path().join("district");
    let options = Options { parcels: 1, seed: 1, dirty: false };
    let error = write(&options, &out, &mut |_, _, _| {}).expect_err("a file is no folder");
    assert!(format!("{error:#}").contains("district"), "{error:#}");
}
