//! The short way of a tile that anybody may have, beside the way of everything else: whoever asks cannot tell them apart.

use std::time::Duration;
use std::time::Instant;

use mutu::config::Config;
use reqwest::Response;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::http::TILE;
use super::http::get;
use super::http::parcels_in;
use crate::support::TestApp;

/// An address that is escaped is read by the router.
fn round(path: &str) -> String {
    path.replace("/parcels", "/parcel%73")
}

async fn serving(settings: &str) -> TestApp {
    let config: Config = toml::from_str(settings).unwrap();
    TestApp::with(config).await
}

/// Everything that an answer says, but for the time of day.
async fn told(response: Response) -> (u16, Vec<(String, String)>, Vec<u8>) {
    let of = |it: &reqwest::header::HeaderValue| it.to_str().unwrap().to_owned();
    let headers = response.headers().iter().filter(|it| it.0 != "date");
    let mut headers: Vec<(String, String)> =
        headers.map(|(name, it)| (name.to_string(), of(it))).collect();
    headers.sort_unstable();
    (response.status().as_u16(), headers, response.bytes().await.unwrap().to_vec())
}

#[tokio::test(flavor = "multi_thread")]
async fn both_ways_answer_alike() {
    let it = parcels_in(TestApp::new().await, 600).await;
    let etag = get(&it, TILE, &[]).await.headers()["etag"].to_str().unwrap().to_owned();
    let mvt = format!("{TILE}.mvt");
    let with = |query: &str| format!("{TILE}?{query}");
    let several = TILE.replace("parcels", "parcels,towns");
    let paths = [
        TILE.to_owned(),
        mvt,
        several,
        with(""),
        with("v=1"),
        with("v=2"),
        with("tms=CGCS2000Quad"),
        with("v=1&tms=WebMercatorQuad"),
        with("v="),
        with("v=x"),
        with("v=1&v=1"),
        with("tms=Nothing"),
        with("filter=id%3D1"),
        with("nothing=1"),
        "/tiles/parcels/14/1/1".to_owned(),
        "/tiles/parcels/14/99999/1".to_owned(),
        "/tiles/parcels/23/1/1".to_owned(),
        "/tiles/parcels/x/1/1".to_owned(),
        "/tiles/parcels/14/1/1.png".to_owned(),
        "/tiles/parcels/14/1".to_owned(),
        "/tiles/parcels/14/1/1/1".to_owned(),
        "/tiles/parcels,parcels/14/1/1".to_owned(),
        "/tiles/parcels,low_efficiency/14/1/1".to_owned(),
    ];
    let heads: [&[(&str, &str)]; 6] = [
        &[],
        &[("accept-encoding", "gzip, deflate, br, zstd")],
        &[("accept-encoding", "gzip;q=0.5"), ("origin", "https://elsewhere.example")],
        &[("if-none-match", &etag)],
        &[("cookie", "another=1; third=2")],
        &[("x-forwarded-proto", "https"), ("forwarded", "for=192.0.2.7")],
    ];
    for path in &paths {
        for head in heads {
            let short = told(get(&it, path, head).await).await;
            let long = told(get(&it, &round(path), head).await).await;
            // A problem names the address or the layer as it was asked for.
            if short.0 < 400 {
                assert_eq!(short, long, "{path} {head:?}");
            } else {
                assert_eq!((short.0, short.1.len()), (long.0, long.1.len()), "{path} {head:?}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn both_ways_count_in_one_bucket() {
    let settings = "[limits.public]\nrequests_per_second = 1\nburst = 30";
    let it = parcels_in(serving(settings).await, 3).await;
    let mut statuses = Vec::new();
    for nth in 0..40 {
        let path = if nth % 2 == 0 { TILE.to_owned() } else { round(TILE) };
        statuses.push(get(&it, &path, &[]).await.status().as_u16());
    }
    let let_in = statuses.iter().filter(|it| **it == 200).count();
    assert!((30..=32).contains(&let_in), "{statuses:?}");
    let (short, long) =
        (told(get(&it, TILE, &[]).await).await, told(get(&it, &round(TILE), &[]).await).await);
    assert_eq!((short.0, short.1), (429, long.1));
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_other_origins_and_public_paths_are_known_on_both_ways() {
    let settings =
        "cors_origins = [\"https://map.example\"]\npublic_url = \"https://land.example/mutu\"";
    let it = parcels_in(serving(settings).await, 3).await;
    for path in [TILE.to_owned(), format!("/mutu{TILE}")] {
        let head = [("origin", "https://map.example")];
        let (short, long) = (get(&it, &path, &head).await, get(&it, &round(&path), &head).await);
        assert_eq!(short.headers()["access-control-allow-origin"], "https://map.example");
        assert_eq!(told(short).await, told(long).await, "{path}");
    }
    let https = "public_url = \"https://land.example/mutu\"\nhsts_seconds = 60";
    let it = parcels_in(serving(https).await, 3).await;
    for path in [TILE.to_owned(), format!("/mutu{TILE}")] {
        let (short, long) = (get(&it, &path, &[]).await, get(&it, &round(&path), &[]).await);
        assert_eq!(short.headers()["strict-transport-security"], "max-age=60");
        assert_eq!(told(short).await, told(long).await, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_goes_away_leaves_nothing_behind() {
    let it = parcels_in(TestApp::new().await, 30_000).await;
    let free = it.app.drawing.available_permits();
    let handles =
        || std::sync::Arc::strong_count(&it.app.snapshots.get("parcels").unwrap().snapshot);
    let before = handles();
    for nth in 0..60 {
        let mut stream = TcpStream::connect(it.app.config.listen).await.unwrap();
        let (z, x, y) = [(10, 856, 417), (11, 1712, 834), (12, 3424, 1668)][nth % 3];
        let encoding = ["identity", "gzip", "br", "zstd"][nth % 4];
        let request = format!(
            "GET /tiles/parcels/{z}/{x}/{y} HTTP/1.1\r\nHost: a\r\nAccept-Encoding: {encoding}\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        tokio::time::sleep(Duration::from_millis(nth as u64 % 5)).await;
        drop(stream);
    }
    let begun = Instant::now();
    while it.app.drawing.available_permits() < free || handles() > before {
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "{} of {free}, {}",
            it.app.drawing.available_permits(),
            handles()
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(get(&it, "/tiles/parcels/10/856/417", &[]).await.status(), 200);
}
