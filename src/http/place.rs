//! Before anything else: where a request comes from and which address it found us at. A path below the public one is read
//! from there on, so that a proxy may strip its prefix or keep it. A dossier's page and its sheet of paper share an address
//! but for the sheet's ending: routes see the sheet among those of `print`.

use axum::extract::Request;
use axum::extract::State;
use axum::http::Uri;
use axum::http::uri::PathAndQuery;
use axum::middleware::Next;
use axum::response::Response;

use crate::app::App;
use crate::extract;
use crate::site;

pub(super) async fn find(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let site = extract::site(&app.config, request.uri(), request.headers(), request.extensions());
    if let Some(rest) = site::below(&site.path, request.uri().path()) {
        let rest = match request.uri().query() {
            Some(query) => format!("{rest}?{query}"),
            None => rest.to_owned(),
        };
        // The end of a path that was one is one.
        if let Ok(rest) = PathAndQuery::try_from(rest) {
            *request.uri_mut() = Uri::from(rest);
        }
    }
    if let Some(file) = sheet(request.uri().path()) {
        let query = request.uri().query().map(|it| format!("?{it}")).unwrap_or_default();
        if let Ok(moved) = PathAndQuery::try_from(format!("/print/d/{file}{query}")) {
            *request.uri_mut() = Uri::from(moved);
        }
    }
    request.extensions_mut().insert(site);
    next.run(request).await
}

/// The file of `/d/{parcel_code}.pdf`.
fn sheet(path: &str) -> Option<&str> {
    let file = path.strip_prefix("/d/")?;
    let code = file.strip_suffix(".pdf")?;
    (!code.is_empty() && !code.contains('/')).then_some(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sheet_is_told_from_a_page_by_its_ending() {
        assert_eq!(sheet("/d/JD-198-0417.pdf"), Some("JD-198-0417.pdf"));
        for page in ["/d/JD-198-0417", "/d/.pdf", "/d/a/b.pdf", "/x/d/a.pdf", "/d/"] {
            assert_eq!(sheet(page), None, "{page}");
        }
    }
}
