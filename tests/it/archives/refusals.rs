//! What `mutu tiles export` refuses, and how it says so.

use std::fs;
use std::path::Path;
use std::process::Command;

use mutu::access::Role;
use mutu::tile::archive;
use mutu::tile::archive::Wanted;

use super::export;
use super::wanted;
use crate::ogc::with_grid;
use crate::support::fresh_database_url;
use crate::support::mutu;
use crate::support::run;

#[tokio::test]
async fn what_cannot_be_exported_is_refused_with_the_mend() {
    let it = with_grid(10).await;
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("a.pmtiles");
    let refused = async |wanted: Wanted, words: &[&str]| {
        let error = archive::export(&it.app, &wanted, &mut |_| {}).await.unwrap_err();
        let text = format!("{error:#}");
        for word in words {
            assert!(text.contains(word), "`{word}` is missing in {text}");
        }
        assert!(!dir.path().join("a.pmtiles").exists());
    };
    refused(wanted(&out, &["parcel"], (9, 12)), &["did you mean `parcels`"]).await;
    refused(wanted(&out, &["towns"], (12, 16)), &["6-11"]).await;
    refused(wanted(&out, &["parcels", "towns"], (12, 16)), &["towns", "6-11"]).await;
    refused(wanted(&out, &["parcels"], (3, 12)), &["9-16"]).await;
    refused(wanted(&out, &["audit_entries"], (0, 0)), &["--role"]).await;
    let internal = Wanted { role: Role::Admin, ..wanted(&out, &["audit_entries"], (0, 0)) };
    refused(internal, &["没有图形"]).await;
    refused(wanted(&dir.path().join("a.zip"), &[], (9, 9)), &[".pmtiles"]).await;
    refused(wanted(&dir.path().join("no/a.pmtiles"), &["parcels"], (9, 9)), &["no/a.pmtiles.work"])
        .await;
    refused(wanted(Path::new("/proc/a.pmtiles"), &["parcels"], (9, 9)), &["work file"]).await;
    // A row at the other end of the world does not make a billion tiles of it, but this one does.
    it.sql(
        "update mutu.parcel set geom = st_multi(st_setsrid(st_makeenvelope(-170, -80, 170, 80), 4490))
         where parcel_id = 1",
    )
    .await;
    refused(wanted(&out, &["parcels"], (9, 16)), &["20000000", "--zooms"]).await;
}

#[tokio::test]
async fn a_file_of_something_else_is_replaced_by_force_only() {
    let it = with_grid(10).await;
    let dir = tempfile::tempdir().unwrap();
    for format in ["pmtiles", "mbtiles"] {
        let out = dir.path().join(format!("a.{format}"));
        let wanted = wanted(&out, &["parcels"], (9, 10));
        fs::write(&out, "precious").unwrap();
        let refused = async |wanted: &Wanted, what: &str| {
            let error = archive::export(&it.app, wanted, &mut |_| {}).await.unwrap_err();
            let text = format!("{error:#}");
            assert!(text.contains("--force") && text.contains(what), "{text}");
        };
        refused(&wanted, "cannot be read").await;
        assert_eq!(fs::read_to_string(&out).unwrap(), "precious");
        export(&it.app, &Wanted { force: true, ..wanted.clone() }).await;
        refused(&Wanted { role: Role::Viewer, ..wanted.clone() }, "other contents").await;
        refused(&Wanted { zooms: Some((9, 11)), ..wanted.clone() }, "9-10").await;
        assert!(export(&it.app, &wanted).await.is_unchanged);
        let forced = export(&it.app, &Wanted { force: true, ..wanted.clone() }).await;
        assert_eq!(forced.changed, forced.tiles);
    }
    // A layer without rows is an archive without tiles.
    let none = wanted(&dir.path().join("none.pmtiles"), &["water"], (8, 12));
    assert_eq!(export(&it.app, &none).await.tiles, 0);
    assert!(export(&it.app, &none).await.is_unchanged);
}

#[tokio::test]
async fn the_command_ends_with_one_or_two_and_a_full_disk_is_named() {
    let url = fresh_database_url().await;
    let dir = tempfile::tempdir().unwrap();
    let command = |args: &[&str]| {
        let mut it = mutu();
        it.args(["tiles", "export"]).args(args);
        it.env("DATABASE_URL", &url).env("MUTU_DATA_DIR", dir.path()).current_dir(dir.path());
        it
    };
    for wrong in [
        &["--out", "a.tar"][..],
        &[],
        &["--out", "a.pmtiles", "--zooms", "16-8"],
        &["--out", "a.pmtiles", "--zooms", "8-23"],
        &["--out", "a.pmtiles", "--role", "root"],
    ] {
        assert_eq!(run(&mut command(wrong)).code, Some(2), "{wrong:?}");
    }
    run(&mut command(&["--out", "a.pmtiles", "--layers", "parcel"])).refused(&["parcels"]);
    // Elsewhere `--layers` names a folder; here it is the environment that does.
    let mut elsewhere = command(&["--out", "a.pmtiles", "--layers", "parcels"]);
    run(elsewhere.env("MUTU_LAYERS", "no/such/folder")).refused(&["no/such/folder"]);
    // No file may be larger than 12 KiB, as on a disk that is full: the work file fits, the archive does not.
    let binary = mutu().get_program().to_owned();
    let mut full = Command::new("sh");
    full.args(["-c", "trap '' XFSZ; ulimit -f 24; exec \"$@\"", "sh"]).arg(binary);
    full.args(["tiles", "export", "--layers", "parcels", "--out", "a.pmtiles"]);
    full.env("DATABASE_URL", &url).env("MUTU_DATA_DIR", dir.path()).current_dir(dir.path());
    run(&mut full).refused(&["a.pmtiles", "disk"]);
    assert!(!dir.path().join("a.pmtiles").exists() && !dir.path().join("a.pmtiles.part").exists());
    run(&mut command(&["--out", "a.pmtiles", "--layers", "parcels"])).done();
}
