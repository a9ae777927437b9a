//! Services that have error documents of their own tell their faults so themselves. What fails before they are asked, a refused
//! request, a body that is too large, a busy server, is put into the same documents here: a desktop shows nothing else.

use axum::body::Body;
use axum::extract::Request;
use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::header;
use axum::middleware::Next;
use axum::response::Response;

use crate::error::Said;
use crate::wfs;
use crate::wms;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// OWS Common 1.1, with the version of the service.
    Ows(&'static str),
    Wms,
}

fn form(path: &str) -> Option<Form> {
    match path.split('/').nth(1)? {
        "wfs" => Some(Form::Ows("2.0.0")),
        "wmts" => Some(Form::Ows("1.0.0")),
        "wms" => Some(Form::Wms),
        _ => None,
    }
}

pub(super) async fn tell(request: Request, next: Next) -> Response {
    let form = form(request.uri().path());
    let mut response = next.run(request).await;
    let Some(form) = form else { return response };
    let Some(Said(sentence)) = response.extensions_mut().remove() else { return response };
    let is_of_work = response.status().is_server_error()
        || [StatusCode::TOO_MANY_REQUESTS, StatusCode::PAYLOAD_TOO_LARGE, StatusCode::URI_TOO_LONG]
            .contains(&response.status());
    let code = if is_of_work { "OperationProcessingFailed" } else { "NoApplicableCode" };
    let document = match form {
        Form::Ows(version) => wfs::fault::report(version, code, None, &sentence),
        Form::Wms => wms::fault::report(None, &sentence),
    };
    *response.body_mut() = Body::from(document);
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_LENGTH);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/xml; charset=utf-8"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_service_has_its_form() {
        assert_eq!(form("/wfs"), Some(Form::Ows("2.0.0")));
        assert_eq!(form("/wmts/1.0.0/parcels"), Some(Form::Ows("1.0.0")));
        assert_eq!(form("/wms"), Some(Form::Wms));
        assert_eq!(form("/wfsx"), None);
        assert_eq!(form("/api/v1/wfs"), None);
    }
}
