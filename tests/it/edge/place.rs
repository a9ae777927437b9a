//! The address that links, cookies and redirects are made of.

use serde_json::Value;

use super::PARCEL;
use super::link;
use super::serving;
use crate::support::TestApp;

const LIES: [(&str, &str); 4] = [
    ("forwarded", "for=192.0.2.1;proto=https;host=evil.example"),
    ("x-forwarded-for", "192.0.2.1"),
    ("x-forwarded-proto", "https"),
    ("x-forwarded-host", "evil.example"),
];

async fn with_headers(it: &TestApp, path: &str, headers: &[(&str, &str)]) -> reqwest::Response {
    let mut request = it.client.get(format!("http://{}{path}", it.app.config.listen));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap()
}

/// Every address in a document, wherever it stands.
fn addresses(document: &Value, found: &mut Vec<String>) {
    match document {
        Value::String(it)
            if it.starts_with("http")
                && !it.contains("opengis.net")
                && !it.contains("json-schema.org") =>
        {
            found.push(it.clone());
        }
        Value::Array(all) => all.iter().for_each(|it| addresses(it, found)),
        Value::Object(all) => all.values().for_each(|it| addresses(it, found)),
        _ => {}
    }
}

const DOCUMENTS: [&str; 10] = [
    "/ogc",
    "/ogc/conformance",
    "/ogc/api",
    "/ogc/collections",
    "/ogc/collections/parcels",
    "/ogc/collections/parcels/queryables",
    "/ogc/collections/parcels/items",
    "/ogc/collections/parcels/items/1",
    "/tiles/parcels.json",
    "/styles/one-map.json",
];

#[tokio::test]
async fn what_an_untrusted_peer_says_of_itself_changes_nothing() {
    let it = TestApp::serving().await;
    it.sql(PARCEL).await;
    for path in DOCUMENTS {
        let text = with_headers(&it, path, &LIES).await.text().await.unwrap();
        assert!(!text.contains("evil.example") && !text.contains("https://evil"), "{path}: {text}");
        let mut found = Vec::new();
        addresses(&serde_json::from_str(&text).unwrap(), &mut found);
        assert!(found.iter().all(|href| href.starts_with(&it.url("/"))), "{path}: {found:?}");
    }
    let response = with_headers(&it, &link(&it).await, &LIES).await;
    assert_eq!(response.headers()["location"], "/");
    assert!(!response.headers().contains_key("strict-transport-security"));
    let cookie = response.headers()["set-cookie"].to_str().unwrap();
    assert!(cookie.contains("Path=/;") && !cookie.contains("Secure"), "{cookie}");
}

#[tokio::test]
async fn a_trusted_proxy_changes_links_cookies_and_scheme() {
    let it = serving("trusted_proxies = ['127.0.0.0/8']\nhsts_seconds = 600").await;
    it.sql(PARCEL).await;
    for said in [
        vec![("forwarded", "for=192.0.2.1;proto=https;host=land.example")],
        vec![
            ("x-forwarded-for", "192.0.2.1"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "land.example"),
        ],
    ] {
        for path in DOCUMENTS {
            let document: Value = with_headers(&it, path, &said).await.json().await.unwrap();
            let mut found = Vec::new();
            addresses(&document, &mut found);
            assert!(!found.is_empty(), "{path} has links");
            assert!(
                found.iter().all(|href| href.starts_with("https://land.example/")),
                "{path}: {found:?}"
            );
        }
        let response = with_headers(&it, &link(&it).await, &said).await;
        assert_eq!(response.headers()["strict-transport-security"], "max-age=600");
        let cookie = response.headers()["set-cookie"].to_str().unwrap();
        assert!(cookie.ends_with("; Secure"), "{cookie}");
    }
}

#[tokio::test]
async fn links_follow_the_host_and_garbage_is_not_repeated() {
    let it = serving("trusted_proxies = ['127.0.0.0/8']").await;
    let landing =
        with_headers(&it, "/ogc", &[("host", "map.intranet:8080")]).await.text().await.unwrap();
    assert!(landing.contains("http://map.intranet:8080/ogc"), "{landing}");
    for garbage in ["a\"><script>", "a b", "evil/..", "x@y", "龘", "a,b", "[::1", "a:99999"] {
        for name in
            ["host", "x-forwarded-host", "x-forwarded-proto", "x-forwarded-for", "forwarded"]
        {
            for path in ["/ogc", "/ogc?f=html", "/tiles/parcels.json", "/"] {
                let value = if name == "forwarded" {
                    format!("host=\"{garbage}\";for={garbage}")
                } else {
                    garbage.to_owned()
                };
                let response = with_headers(&it, path, &[(name, &value)]).await;
                assert_eq!(response.status(), 200, "{name}: {value}");
                let text = response.text().await.unwrap();
                assert!(!text.contains(garbage), "{path} repeats {name}: {value}");
            }
        }
    }
}

/// Below its prefix and without it, the same service: a proxy may strip the path or keep it.
#[tokio::test]
async fn a_public_path_works_stripped_and_kept() {
    let it = serving("public_url = 'https://land.example/maps/mutu/'").await;
    it.sql(PARCEL).await;
    let prefix = "/maps/mutu";
    let paths = [
        "/",
        "/d/A",
        "/index.html",
        "/favicon.svg",
        "/healthz",
        "/api/v1/layers",
        "/api/v1/session",
        "/styles/parcels.json",
        "/nothing/here",
    ];
    for path in paths.iter().chain(&DOCUMENTS) {
        let stripped = with_headers(&it, path, &[]).await;
        let kept = with_headers(&it, &format!("{prefix}{path}"), &[]).await;
        assert_eq!(stripped.status(), kept.status(), "{path}");
        assert_eq!(
            stripped.headers().get("content-type"),
            kept.headers().get("content-type"),
            "{path}"
        );
        let (mut one, mut other) = (stripped.text().await.unwrap(), kept.text().await.unwrap());
        for text in [&mut one, &mut other] {
            if let Some(at) = text.find("\"timeStamp\"") {
                text.replace_range(at..at + 36, "");
            }
        }
        assert_eq!(one, other, "{path}");
    }
    for at in ["/maps/mutu", "/maps/mutu/", "/maps/mutu/d/310114", "/d/310114"] {
        let page = with_headers(&it, at, &[]).await;
        assert_eq!(page.status(), 200, "{at}");
        let html = page.text().await.unwrap();
        assert_eq!(html.matches("<base href=\"/maps/mutu/\">").count(), 1, "{at}: {html}");
        let base =
            reqwest::Url::parse(&it.app.config.base_url()).unwrap().join("/maps/mutu/").unwrap();
        let files =
            html.split(['"', '\'']).filter(|it| it.contains("assets/") || it.ends_with(".svg"));
        let mut seen = 0;
        for file in files {
            let path = base.join(file).unwrap().path().to_owned();
            assert_eq!(with_headers(&it, &path, &[]).await.status(), 200, "{path} of {at}");
            seen += 1;
        }
        assert!(seen > 0 || html.contains("make web"), "{html}");
    }
    assert_eq!(with_headers(&it, "/maps/mutuality", &[]).await.status(), 404);
    assert_eq!(with_headers(&it, "/maps", &[]).await.status(), 404);
    let landing: Value =
        with_headers(&it, "/ogc/collections/parcels", &[]).await.json().await.unwrap();
    let mut found = Vec::new();
    addresses(&landing, &mut found);
    assert!(found.len() > 5);
    for href in found {
        let path = href
            .strip_prefix("https://land.example/")
            .expect("every link is below the public address");
        assert!(path.starts_with("maps/mutu/"), "{href}");
        assert_eq!(with_headers(&it, &format!("/{path}"), &[]).await.status(), 200, "{href}");
    }
    for before in ["", prefix] {
        let response = with_headers(&it, &format!("{before}{}", link(&it).await), &[]).await;
        assert_eq!(response.headers()["location"], "/maps/mutu/");
        let cookie = response.headers()["set-cookie"].to_str().unwrap().to_owned();
        assert!(cookie.contains("Path=/maps/mutu/;") && cookie.contains("Secure"), "{cookie}");
        let session =
            with_headers(&it, &format!("{before}/api/v1/session"), &[("cookie", &cookie)]).await;
        assert_eq!(session.json::<Value>().await.unwrap()["role"], "steward");
    }
}

#[tokio::test]
async fn a_held_page_is_not_taken_for_that_of_another_path() {
    let root = TestApp::serving().await;
    let below = serving("public_url = 'https://land.example/mutu'").await;
    let etag = root.get("/").await.headers()["etag"].to_str().unwrap().to_owned();
    assert_eq!(with_headers(&root, "/", &[("if-none-match", &etag)]).await.status(), 304);
    assert_eq!(with_headers(&below, "/", &[("if-none-match", &etag)]).await.status(), 200);
}

/// The machine itself is nobody in particular.
#[tokio::test]
async fn coming_from_loopback_grants_nothing() {
    let it = serving("trusted_proxies = ['127.0.0.0/8']").await;
    it.sql(PARCEL).await;
    for headers in [
        vec![],
        vec![("x-forwarded-for", "127.0.0.1")],
        vec![("forwarded", "for=127.0.0.1")],
        vec![("host", "localhost")],
    ] {
        let session: Value =
            with_headers(&it, "/api/v1/session", &headers).await.json().await.unwrap();
        assert_eq!(session["role"], "public", "{headers:?}");
        for path in [
            "/ogc/collections/low_efficiency",
            "/tiles/low_efficiency/14/13710/6686",
            "/api/v1/layers/low_efficiency/export?format=csv",
        ] {
            assert_eq!(with_headers(&it, path, &headers).await.status(), 401, "{path} {headers:?}");
        }
    }
}
