//! `/pmtiles/{layer}.pmtiles` over HTTP.

use std::fs;

use mutu::access::Role;
use mutu::config::Config;
use mutu::tile::archive::Wanted;
use reqwest::Method;
use reqwest::Response;

use super::export;
use super::wanted;
use crate::ogc::grid;
use crate::support::TestApp;

async fn ask(it: &TestApp, method: Method, path: &str, headers: &[(&str, &str)]) -> Response {
    let mut request = it.client.request(method, it.url(path));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap()
}

const PATH: &str = "/pmtiles/parcels.pmtiles";

#[tokio::test]
async fn an_archive_is_served_by_ranges_of_the_version_that_is_known() {
    let dir = tempfile::tempdir().unwrap();
    let config = Config { archives: Some(dir.path().to_owned()), ..Config::default() };
    let mut it = TestApp::with(config).await;
    grid(&it, 200).await;
    it.serve();
    assert_eq!(it.get(PATH).await.status(), 404);
    let out = dir.path().join("parcels.pmtiles");
    let wanted = wanted(&out, &["parcels"], (9, 14));
    export(&it.app, &wanted).await;
    let file = fs::read(&out).unwrap();
    let length = file.len().to_string();

    let whole = ask(&it, Method::GET, PATH, &[("accept-encoding", "gzip, br, zstd")]).await;
    assert_eq!(whole.status(), 200);
    let header = |it: &Response, name: &str| it.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header(&whole, "accept-ranges"), "bytes");
    assert_eq!(header(&whole, "content-type"), "application/vnd.pmtiles");
    assert_eq!(header(&whole, "content-length"), length);
    assert_eq!(header(&whole, "cache-control"), "public, no-cache");
    let etag = header(&whole, "etag");
    assert!(etag.starts_with('"'), "{etag}");
    assert!(whole.bytes().await.unwrap() == file);

    let head = ask(&it, Method::HEAD, PATH, &[("range", "bytes=0-9")]).await;
    assert_eq!((head.status().as_u16(), header(&head, "content-length")), (200, length.clone()));
    assert_eq!(head.bytes().await.unwrap().len(), 0);

    for (range, wanted) in [
        ("bytes=0-126", 0..127),
        ("bytes=100-", 100..file.len()),
        ("bytes=-77", file.len() - 77..file.len()),
        ("bytes=16384-999999999", 16_384..file.len()),
    ] {
        let part = ask(&it, Method::GET, PATH, &[("range", range)]).await;
        assert_eq!(part.status(), 206, "{range}");
        let said = format!("bytes {}-{}/{length}", wanted.start, wanted.end - 1);
        assert_eq!(header(&part, "content-range"), said);
        assert_eq!(header(&part, "content-length"), wanted.len().to_string());
        assert!(part.headers().get("content-encoding").is_none());
        assert!(part.bytes().await.unwrap() == file[wanted], "{range}");
    }
    let beyond = format!("bytes={length}-");
    let beyond = ask(&it, Method::GET, PATH, &[("range", &beyond)]).await;
    assert_eq!(beyond.status(), 416);
    assert_eq!(header(&beyond, "content-range"), format!("bytes */{length}"));
    assert_eq!(header(&beyond, "content-type"), "application/problem+json");
    let known = ask(&it, Method::GET, PATH, &[("if-none-match", &etag)]).await;
    assert_eq!(known.status(), 304);
    let ranged = [("range", "bytes=0-9"), ("if-range", etag.as_str())];
    assert_eq!(ask(&it, Method::GET, PATH, &ranged).await.status(), 206);

    // Another version: what is known of the old one is no part of it.
    it.sql("update mutu.parcel set name = name || '改' where parcel_id = 7").await;
    it.tell("parcels", Some(&[7])).await;
    export(&it.app, &wanted).await;
    let other = ask(&it, Method::GET, PATH, &ranged).await;
    assert_eq!(other.status(), 200);
    assert_ne!(header(&other, "etag"), etag);
    assert!(other.bytes().await.unwrap() == fs::read(&out).unwrap());
    assert_eq!(ask(&it, Method::GET, PATH, &[("if-none-match", &etag)]).await.status(), 200);
}

#[tokio::test]
async fn an_archive_is_served_to_those_it_was_made_for() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("archives");
    fs::create_dir(&folder).unwrap();
    let config = Config { archives: Some(folder.clone()), ..Config::default() };
    let mut it = TestApp::with(config).await;
    grid(&it, 20).await;
    it.serve();
    let out = folder.join("parcels.pmtiles");
    let internal = Wanted { role: Role::Officer, ..wanted(&out, &["parcels"], (9, 10)) };
    export(&it.app, &internal).await;
    assert_eq!(it.get(PATH).await.status(), 401);
    let viewer = it.token(Role::Viewer).await;
    let of_one_unit = it.token_of(Role::Officer, Some(&["安亭镇"])).await;
    let officer = it.token(Role::Officer).await;
    assert_eq!(it.get_as(&viewer, PATH).await.status(), 403);
    assert_eq!(it.get_as(&of_one_unit, PATH).await.status(), 403);
    let served = it.get_as(&officer, PATH).await;
    assert_eq!(served.status(), 200);
    assert_eq!(served.headers()["cache-control"], "private, no-cache");

    // Neither what Mutu did not make, nor what lies elsewhere, nor another kind of file.
    fs::write(folder.join("towns.pmtiles"), "not an archive").unwrap();
    fs::write(dir.path().join("secret.pmtiles"), "secret").unwrap();
    fs::create_dir(folder.join("roads.pmtiles")).unwrap();
    let admin = it.token(Role::Admin).await;
    for path in [
        "/pmtiles/towns.pmtiles",
        "/pmtiles/roads.pmtiles",
        "/pmtiles/..%2Fsecret.pmtiles",
        "/pmtiles/%2e%2e%2fsecret.pmtiles",
        "/pmtiles/parcels",
        "/pmtiles/parcels.pmtiles.work",
        "/pmtiles/.pmtiles",
        "/pmtiles/a%20.pmtiles",
    ] {
        let answer = it.get_as(&admin, path).await;
        assert_eq!(answer.status(), 404, "{path}");
    }
}
