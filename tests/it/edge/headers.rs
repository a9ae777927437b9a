//! What browsers and caches are told.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use mutu::access::Role;
use mutu::access::Scope;
use reqwest::Method;
use reqwest::Response;

use super::PARCEL;
use super::serving;
use crate::support::TestApp;

/// Every path that some `.route(` of the source has, so that a new one is looked at without being listed here.
fn routes() -> BTreeSet<String> {
    fn read(dir: &Path, found: &mut BTreeSet<String>) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                read(&path, found);
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            for part in text.split(".route(").skip(1) {
                let path = part.trim_start().strip_prefix('"').and_then(|it| it.split('"').next());
                found.extend(path.map(ToOwned::to_owned));
            }
        }
    }
    let mut found = BTreeSet::new();
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    found
}

/// An address of that route which answers, as far as is known here; any other text where it is not.
fn example(route: &str) -> String {
    let known = match route {
        "/tiles/{layer}" => "/tiles/parcels.json",
        "/styles/{layer}" => "/styles/one-map.json",
        "/tiles/{layer}/{z}/{x}/{y}" => "/tiles/parcels/14/13710/6686",
        "/api/v1/layers/{id}/export" => "/api/v1/layers/parcels/export?format=csv",
        "/api/v1/search" => "/api/v1/search?q=A",
        other => other,
    };
    let mut path =
        known.replace("{parcel_code}", "A").replace("{id}", "parcels").replace("{feature}", "1");
    while let (Some(from), Some(to)) = (path.find('{'), path.find('}')) {
        path.replace_range(from..=to, "x");
    }
    path
}

fn header(response: &Response, name: &str) -> String {
    let all: Vec<&str> =
        response.headers().get_all(name).iter().map(|it| it.to_str().unwrap()).collect();
    all.join(",").to_ascii_lowercase()
}

fn varies(response: &Response) -> BTreeSet<String> {
    header(response, "vary").split(',').map(|it| it.trim().to_owned()).collect()
}

#[tokio::test]
async fn no_answer_for_one_caller_is_kept_for_another() {
    let it = TestApp::serving().await;
    it.sql(PARCEL).await;
    let steward = it.token(Role::Steward).await;
    let routes = routes();
    assert!(routes.len() > 20, "{routes:?}");
    let mut db = it.app.db.read(&Scope::public()).await.unwrap();
    let revision = mutu::catalog::queries::revision(&mut db, "parcels").await.unwrap();
    drop(db);
    // Without a code the sign-in page is the web map's, the same for all.
    let routes = routes.iter().filter(|it| *it != "/sign-in");
    let mut paths: Vec<String> = routes.map(|it| example(it)).collect();
    paths.extend([
        format!("/tiles/parcels/14/13710/6686?v={revision}"),
        format!("/tiles/parcels/0/0/0?v={revision}"),
        "/tiles/parcels/14/13710/6686?v=99".to_owned(),
        "/ogc?f=html".to_owned(),
        "/ogc/collections/parcels/items?f=html".to_owned(),
        "/ogc/collections/parcels/items/1?f=html".to_owned(),
        "/ogc/collections/nothing".to_owned(),
        "/ogc/collections/low_efficiency/items".to_owned(),
        "/api/v1/layers/parcels/export?format=xlsx".to_owned(),
        "/api/v1/nothing".to_owned(),
    ]);
    let mut answered = 0;
    let mut shared = BTreeSet::new();
    for path in paths {
        for token in [None, Some(&steward)] {
            for method in [Method::GET, Method::HEAD] {
                let mut request =
                    it.client.request(method, it.url(&path)).header("accept-encoding", "gzip");
                if let Some(token) = token {
                    request = request.bearer_auth(token);
                }
                let response = request.send().await.unwrap();
                assert_ne!(response.status(), 500, "{path}");
                answered += usize::from(response.status().is_success());
                let vary = varies(&response);
                assert!(
                    vary.contains("authorization") && vary.contains("cookie"),
                    "{path}: {vary:?}"
                );
                let cache = header(&response, "cache-control");
                let kept = cache.split(',').any(|it| it.trim() == "public") || cache.is_empty();
                let private = ["private", "no-store"].iter().any(|it| cache.contains(it));
                assert!(kept != private, "{path}: {cache}");
                assert!(!cache.contains("s-maxage"), "{path}: {cache}");
                if kept {
                    assert!(token.is_none(), "{path} for one who signed in: {cache}");
                    shared.insert(path.split('/').nth(1).unwrap().to_owned());
                }
            }
        }
    }
    assert!(answered > 60, "most of the examples are answered: {answered}");
    // Tiles for everybody are worth a cache before us; nothing else says so.
    assert_eq!(shared, BTreeSet::from(["tiles".to_owned()]));
    let tile = it.get(&format!("/tiles/parcels/14/13710/6686?v={revision}")).await;
    assert_eq!(header(&tile, "cache-control"), "public, max-age=31536000, immutable");
}

#[tokio::test]
async fn files_of_the_web_map_are_the_same_for_all() {
    let it = TestApp::serving().await;
    let html = it.get("/").await;
    assert_eq!(header(&html, "cache-control"), "no-cache");
    assert!(!varies(&html).contains("cookie"));
    let html = html.text().await.unwrap();
    let base = reqwest::Url::parse(&it.url("/")).unwrap();
    for file in html.split(['"', '\'']).filter(|it| it.contains("assets/")) {
        let response = it.client.get(base.join(file).unwrap()).send().await.unwrap();
        assert_eq!(header(&response, "cache-control"), "public, max-age=31536000, immutable");
        assert!(!varies(&response).contains("cookie"), "{file}");
    }
}

#[tokio::test]
async fn browsers_are_told_what_they_may_do() {
    let it = TestApp::serving().await;
    for path in [
        "/",
        "/d/A",
        "/favicon.svg",
        "/ogc?f=html",
        "/api/v1/layers",
        "/nothing",
        "/tiles/parcels/14/13710/6686",
    ] {
        let response = it.get(path).await;
        let policy = header(&response, "content-security-policy");
        assert!(
            policy.contains("base-uri 'self'") && policy.contains("frame-ancestors 'self'"),
            "{path}: {policy}"
        );
        assert!(
            policy.contains("default-src 'self'") && policy.contains("object-src 'none'"),
            "{path}: {policy}"
        );
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
            ("x-frame-options", "sameorigin"),
        ] {
            assert_eq!(header(&response, name), value, "{path}");
        }
        assert!(header(&response, "permissions-policy").contains("camera=()"), "{path}");
        assert!(
            !response.headers().contains_key("strict-transport-security"),
            "{path}: not over http"
        );
    }
}

#[tokio::test]
async fn framing_and_https_are_configurable() {
    let portal = serving("public_url = 'https://land.example'\nframe_ancestors = [\"'self'\", 'https://portal.example']").await;
    let response =
        portal.client.get(format!("http://{}/", portal.app.config.listen)).send().await.unwrap();
    assert!(
        header(&response, "content-security-policy")
            .contains("frame-ancestors 'self' https://portal.example;")
    );
    assert!(!response.headers().contains_key("x-frame-options"), "it cannot name a portal");
    assert_eq!(header(&response, "strict-transport-security"), "max-age=31536000");
    let closed =
        serving("public_url = 'https://land.example'\nframe_ancestors = []\nhsts_seconds = 0")
            .await;
    let response =
        closed.client.get(format!("http://{}/", closed.app.config.listen)).send().await.unwrap();
    assert!(header(&response, "content-security-policy").contains("frame-ancestors 'none'"));
    assert_eq!(header(&response, "x-frame-options"), "deny");
    assert!(!response.headers().contains_key("strict-transport-security"));
}

async fn from_page(
    it: &TestApp,
    method: Method,
    origin: &str,
    path: &str,
    asked: Option<&str>,
) -> Response {
    let mut request = it.client.request(method, it.url(path)).header("origin", origin);
    if let Some(method) = asked {
        request = request.header("access-control-request-method", method).header(
            "access-control-request-headers",
            "authorization,if-none-match,content-type,if-match",
        );
    }
    request.send().await.unwrap()
}

#[tokio::test]
async fn pages_of_other_origins_read_only_where_they_are_named() {
    let paths = ["/api/v1/layers", "/ogc", "/tiles/parcels.json", "/tiles/parcels/14/13710/6686"];
    let named = "https://portal.example";
    let list = format!("cors_origins = ['{named}', 'http://localhost:5173']");
    for (settings, origin, allowed) in [
        ("", named, None),
        (list.as_str(), named, Some(named)),
        (&list, "http://localhost:5173", Some("http://localhost:5173")),
        (&list, "https://evil.example", None),
        (&list, "https://portal.example.evil.example", None),
        (&list, "null", None),
        ("cors_origins = ['*']", "https://evil.example", Some("*")),
    ] {
        let it = serving(settings).await;
        for path in paths {
            for (method, asked) in [(Method::GET, None), (Method::OPTIONS, Some("GET"))] {
                let what = format!("{settings} {origin} {method} {path}");
                let response = from_page(&it, method.clone(), origin, path, asked).await;
                assert!(response.status().is_success(), "{what}: {}", response.status());
                let said = response.headers().get("access-control-allow-origin");
                assert_eq!(said.map(|it| it.to_str().unwrap()), allowed, "{what}");
                assert!(
                    !response.headers().contains_key("access-control-allow-credentials"),
                    "{what}"
                );
                if settings.starts_with("cors_origins = ['https") {
                    assert!(varies(&response).contains("origin"), "{what}");
                }
                if allowed.is_some() && method == Method::OPTIONS {
                    let headers = header(&response, "access-control-allow-headers");
                    for name in ["authorization", "if-none-match", "content-type", "if-match"] {
                        assert!(headers.contains(name), "{what}: {headers}");
                    }
                } else if allowed.is_some() {
                    let seen = header(&response, "access-control-expose-headers");
                    for name in ["etag", "link", "content-crs", "retry-after"] {
                        assert!(seen.contains(name), "{what}: {seen}");
                    }
                    assert!(varies(&response).contains("cookie"), "{what}");
                }
            }
        }
    }
}

#[tokio::test]
async fn options_names_the_methods_of_an_address() {
    for settings in ["", "cors_origins = ['*']"] {
        let it = serving(settings).await;
        for (path, methods) in [
            ("/api/v1/session", vec!["GET", "POST", "DELETE"]),
            ("/ogc", vec!["GET"]),
            ("/", vec!["GET"]),
        ] {
            let response = it.client.request(Method::OPTIONS, it.url(path)).send().await.unwrap();
            assert_eq!(response.status(), 204, "{path}");
            let allow = response.headers()["allow"].to_str().unwrap();
            assert!(
                methods.iter().all(|it| allow.contains(it)) && allow.contains("OPTIONS"),
                "{path}: {allow}"
            );
        }
        let nothing =
            it.client.request(Method::OPTIONS, it.url("/api/v1/nothing")).send().await.unwrap();
        assert_eq!(nothing.status(), 404);
    }
}
