//! What is in an archive, and what a second run does.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;

use mutu::access::Role;
use mutu::tile::archive;
use mutu::tile::archive::Archive;
use mutu::tile::archive::Stage;
use mutu::tile::archive::Wanted;
use pmtiles::AsyncBackend;
use pmtiles::AsyncPmTilesReader;
use pmtiles::BackendResponse;
use pmtiles::PmtResult;
use pmtiles::TileCoord;
use serde_json::Value;

use super::export;
use super::unzipped;
use super::wanted;
use crate::ogc::grid;
use crate::ogc::with_grid;
use crate::support::TestApp;
use crate::support::fresh_database_url;
use crate::support::mutu;
use crate::support::run;

const LAYERS: [&str; 3] = ["parcels", "roads", "towns"];

/// A file in memory, for the crate's own reader.
struct Bytes(bytes::Bytes);

impl AsyncBackend for Bytes {
    async fn read(&self, offset: u64, length: usize) -> PmtResult<BackendResponse> {
        let start = usize::try_from(offset).unwrap().min(self.0.len());
        let end = (start + length).min(self.0.len());
        Ok(BackendResponse::new(self.0.slice(start..end)))
    }
}

async fn reader(path: &Path) -> AsyncPmTilesReader<Bytes> {
    let bytes = Bytes(fs::read(path).unwrap().into());
    AsyncPmTilesReader::try_from_source(bytes).await.unwrap()
}

/// All tiles of the zoom within these bounds, with two more on each side.
fn around([west, south, east, north]: [f64; 4], z: u8) -> Vec<(u32, u32)> {
    let side = f64::from(1_u32 << z);
    let column = |lon: f64| (lon + 180.0) / 360.0 * side;
    let row = |lat: f64| {
        let lat = lat.to_radians();
        (1.0 - (lat.tan() + 1.0 / lat.cos()).ln() / std::f64::consts::PI) / 2.0 * side
    };
    let last = side as i64 - 1;
    let span = |from: f64, to: f64| (from as i64 - 2).max(0)..=(to as i64 + 2).min(last);
    let mut all = Vec::new();
    for x in span(column(west), column(east)) {
        for y in span(row(north), row(south)) {
            all.push((x as u32, y as u32));
        }
    }
    all
}

#[tokio::test]
async fn every_tile_of_an_archive_is_what_http_serves_and_none_is_missing() {
    let mut it = TestApp::new().await;
    crate::support::fill(&it.app, 300, 5, "").await;
    it.serve();
    it.settle().await;
    let dir = tempfile::tempdir().unwrap();
    let (pm, mb) = (dir.path().join("a.pmtiles"), dir.path().join("a.mbtiles"));
    let done = export(&it.app, &wanted(&pm, &LAYERS, (6, 14))).await;
    assert_eq!(done.changed, done.tiles, "{done:?}");
    assert_eq!(export(&it.app, &wanted(&mb, &LAYERS, (6, 14))).await.tiles, done.tiles);
    let (pm, mb) = (reader(&pm).await, Archive::open(&mb).await.unwrap());
    let header = pm.get_header();
    let bounds =
        [header.min_longitude, header.min_latitude, header.max_longitude, header.max_latitude];
    let (mut found, mut layers_seen) = (0, 0);
    for z in 5..=15_u8 {
        for (x, y) in around(bounds, z) {
            let mut served = Vec::new();
            for layer in LAYERS {
                let body = it.get(&format!("/tiles/{layer}/{z}/{x}/{y}")).await.bytes().await;
                let body = body.unwrap();
                layers_seen += usize::from(!body.is_empty());
                served.extend_from_slice(&body);
            }
            let stored = mb.tile(z, x, y).await.unwrap();
            let tile = pm.get_tile(TileCoord::new(z, x, y).unwrap()).await.unwrap();
            assert_eq!(tile.as_ref().map(|it| it.to_vec()), stored, "{z}/{x}/{y}");
            // Outside of the zooms that were asked for there is nothing.
            if !(6..=14).contains(&z) {
                assert_eq!(stored, None);
                continue;
            }
            found += u64::from(stored.is_some());
            assert!(stored.map(unzipped).unwrap_or_default() == served, "{z}/{x}/{y}");
        }
    }
    assert_eq!(found, done.tiles);
    assert!(found > 15 && layers_seen as u64 > found, "{found} {layers_seen}");
}

#[tokio::test]
async fn an_archive_says_what_is_in_it() {
    let it = with_grid(40).await;
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("parcels.pmtiles");
    export(&it.app, &wanted(&out, &["parcels"], (9, 12))).await;
    let archive = reader(&out).await;
    let header = archive.get_header();
    assert_eq!((header.min_zoom, header.max_zoom, header.spec_version()), (9, 12, 3));
    assert!(header.clustered() && header.n_addressed_tiles().is_some());
    assert!(header.min_longitude > 120.0 && header.max_latitude < 32.0, "{header:?}");
    let about: Value = serde_json::from_str(&archive.get_metadata().await.unwrap()).unwrap();
    assert_eq!(about["name"], "现状工业用地");
    let layer = &about["vector_layers"][0];
    assert_eq!((&layer["id"], &layer["minzoom"]), (&"parcels".into(), &9.into()));
    assert!(layer["fields"]["parcel_code"].is_string(), "{about}");
    assert_eq!(about["mutu"]["role"], "public");
    assert!(about["mutu"]["layers"][0]["revision"].as_i64().unwrap() > 0, "{about}");
    assert!(!about["attribution"].as_str().unwrap().is_empty());

    let internal = Wanted {
        out: dir.path().join("internal.mbtiles"),
        role: Role::Officer,
        ..wanted(&out, &["parcels"], (9, 12))
    };
    export(&it.app, &internal).await;
    use std::os::unix::fs::PermissionsExt;
    assert_eq!(fs::metadata(&internal.out).unwrap().permissions().mode() & 0o777, 0o600);
    let asked = run(Command::new("ogrinfo").args(["-ro", "-so"]).arg(&internal.out).arg("parcels"));
    asked.done();
    for what in ["Feature Count", "parcel_code", "ROLE", "officer"] {
        let told =
            run(Command::new("ogrinfo").args(["-ro", "-so", "-mdd", "all"]).arg(&internal.out));
        let all = format!("{}{}{}", asked.out, told.out, told.err);
        assert!(what == "ROLE" || all.contains(what), "{what} in {all}");
    }
    // No file of the work is left.
    let left: Vec<_> =
        fs::read_dir(dir.path()).unwrap().map(|it| it.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "{left:?}");
}

#[tokio::test]
async fn the_same_rows_give_the_same_bytes_and_changed_rows_only_their_tiles() {
    // As the command does it: nobody patches the map in memory, whose rows come in another order then.
    let it = TestApp::new().await;
    grid(&it, 400).await;
    let dir = tempfile::tempdir().unwrap();
    for format in ["pmtiles", "mbtiles"] {
        let path = |name: &str| dir.path().join(format!("{name}.{format}"));
        let to = |name: &str| wanted(&path(name), &["parcels"], (9, 16));
        let first = export(&it.app, &to("one")).await;
        tokio::time::sleep(Duration::from_millis(1100)).await;
        export(&it.app, &to("two")).await;
        assert!(fs::read(path("one")).unwrap() == fs::read(path("two")).unwrap(), "{format}");
        let again = export(&it.app, &to("one")).await;
        assert!(again.is_unchanged, "{again:?}");

        it.sql("update mutu.parcel set name = name || '改' where parcel_id = 7").await;
        it.tell("parcels", Some(&[7])).await;
        let second = export(&it.app, &to("one")).await;
        assert_eq!(second.tiles, first.tiles);
        assert!((1..first.tiles / 3).contains(&second.changed), "{first:?} {second:?}");
        export(&it.app, &to("three")).await;
        assert!(fs::read(path("one")).unwrap() == fs::read(path("three")).unwrap(), "{format}");

        // A revision without a change of what tiles show.
        it.tell("parcels", Some(&[7])).await;
        let third = export(&it.app, &to("one")).await;
        assert_eq!((third.changed, third.is_unchanged), (0, false));
        assert!(export(&it.app, &to("one")).await.is_unchanged);

        // Rows that are gone take their tiles with them.
        it.sql("update mutu.parcel set superseded_at = now() where parcel_id > 100").await;
        it.tell("parcels", Some(&[])).await;
        let fewer = export(&it.app, &to("one")).await;
        assert!(fewer.tiles < first.tiles, "{fewer:?}");
        it.sql("update mutu.parcel set superseded_at = null where parcel_id > 100").await;
        it.tell("parcels", Some(&[])).await;
    }
}

#[tokio::test]
async fn what_was_interrupted_goes_on_where_it_stopped() {
    let it = TestApp::new().await;
    grid(&it, 400).await;
    let dir = tempfile::tempdir().unwrap();
    let whole = dir.path().join("whole.pmtiles");
    let out = dir.path().join("out.pmtiles");
    export(&it.app, &wanted(&whole, &["parcels"], (9, 16))).await;
    let wanted = wanted(&out, &["parcels"], (9, 16));
    let (stop, stopped) = tokio::sync::oneshot::channel();
    let mut stop = Some(stop);
    let mut progress = |stage| {
        if let Stage::Making { done, of } = stage
            && done > of / 2
        {
            stop.take().map(|it| it.send(()));
            // The work is committed now and then: wait until it must be.
            std::thread::sleep(Duration::from_millis(600));
        }
    };
    tokio::select! {
        biased;
        _ = stopped => {}
        done = archive::export(&it.app, &wanted, &mut progress) => panic!("{done:?}"),
    }
    assert!(!out.exists() && dir.path().join("out.pmtiles.work").exists());
    let done = export(&it.app, &wanted).await;
    assert!(done.found > 0, "{done:?}");
    assert!(fs::read(&out).unwrap() == fs::read(&whole).unwrap());
    assert!(!dir.path().join("out.pmtiles.work").exists());
}

#[tokio::test]
async fn a_killed_command_leaves_no_half_file() {
    let url = fresh_database_url().await;
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("a.mbtiles");
    let grid = "insert into mutu.parcel (parcel_id, parcel_code, area_geom_m2, geom, recorded_by)
         select n + 1, 'K' || n, 1, st_multi(st_setsrid(st_makeenvelope(121 + n % 60 * 0.004, 31 + n / 60 * 0.004,
                121.003 + n % 60 * 0.004, 31.003 + n / 60 * 0.004), 4490)), 'test'
         from generate_series(0, 3599) n;
         insert into mutu.layer_revision (layer, revision) values ('parcels', 1)
         on conflict (layer) do update set revision = mutu.layer_revision.revision + 1";
    use sqlx::Connection;
    let mut db = sqlx::PgConnection::connect(&url).await.unwrap();
    sqlx::raw_sql(grid).execute(&mut db).await.unwrap();
    let command = || {
        let mut it = mutu();
        it.args(["tiles", "export", "--layers", "parcels", "--out"]).arg(&out);
        it.env("DATABASE_URL", &url).env("MUTU_DATA_DIR", dir.path());
        it
    };
    let work = dir.path().join("a.mbtiles.work");
    for nth in 0..3 {
        let mut child = command().stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let size = || fs::metadata(&work).map_or(0, |it| it.len());
        let before = size();
        while size() <= before.max(20_000) && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(5));
        }
        let signal = if nth == 2 { "-INT" } else { "-KILL" };
        run(Command::new("kill").args([signal, &child.id().to_string()]));
        let ended = child.wait().unwrap();
        assert!(!ended.success() && !out.exists(), "{nth}: the export was too fast to be killed");
    }
    let done = run(&mut command());
    done.done();
    assert!(done.out.contains("中断前已完成") && done.err.is_empty(), "{done:?}");
    let bytes = fs::read(&out).unwrap();
    fs::remove_file(&out).unwrap();
    run(&mut command()).done();
    assert!(fs::read(&out).unwrap() == bytes);
    let again = run(&mut command());
    assert!(again.done().out.contains("nothing changed"), "{again:?}");
}
