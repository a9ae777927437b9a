//! What a 401 asks for. QGIS asks its user for a password, and curl and GDAL say what is missing, when the answer
//! challenges with Basic. A browser would do so too, with a window of its own in front of the web map's sign-in page and
//! no way to sign out again: so browsers are asked for Bearer only, which they leave to the page.

use axum::extract::Request;
use axum::http::HeaderMap;
use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::header;
use axum::middleware::Next;
use axum::response::Response;

pub(super) async fn challenge(request: Request, next: Next) -> Response {
    let quiet = is_browser(request.headers());
    let mut response = next.run(request).await;
    if response.status() == StatusCode::UNAUTHORIZED && !quiet {
        // Two lines, Basic first: Qt reads one challenge a line, and the first that it knows.
        let headers = response.headers_mut();
        let basic = HeaderValue::from_static(r#"Basic realm="Mutu", charset="UTF-8""#);
        headers.insert(header::WWW_AUTHENTICATE, basic);
        headers.append(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

/// Whether a person's browser asks. Every current one says `Sec-Fetch-Mode`, but only on https and localhost, and offices
/// run plain http; there its name tells. QGIS calls itself Mozilla too (`Mozilla/5.0 QGIS/33414/...`), but no engine.
fn is_browser(headers: &HeaderMap) -> bool {
    let name = headers.get(header::USER_AGENT).and_then(|it| it.to_str().ok()).unwrap_or_default();
    let engine = ["AppleWebKit/", "Gecko/", "Trident/"].iter().any(|it| name.contains(it));
    headers.contains_key("sec-fetch-mode") || engine && !name.contains("QGIS/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn desktops_are_told_from_browsers() {
        let ask = |name: &'static str| {
            is_browser(&HeaderMap::from_iter([(
                header::USER_AGENT,
                HeaderValue::from_static(name),
            )]))
        };
        for browser in [
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Mozilla/5.0 (Windows NT 10.0; Trident/7.0; rv:11.0) like Gecko",
        ] {
            assert!(ask(browser), "{browser}");
        }
        for desktop in [
            "Mozilla/5.0 QGIS/33414/Debian GNU/Linux 12 (bookworm)",
            "Mozilla/5.0 QGIS/32811/Windows 10 Version 2009",
            "GDAL/3.6.2",
            "curl/7.88.1",
            "ArcGIS Pro 3.3.0 (00000000000) - ArcGISPro",
            "",
        ] {
            assert!(!ask(desktop), "{desktop}");
        }
        let fetch = HeaderMap::from_iter([(
            "sec-fetch-mode".parse().unwrap(),
            HeaderValue::from_static("cors"),
        )]);
        assert!(is_browser(&fetch));
    }
}
