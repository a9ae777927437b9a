//! What goes wrong, as a WMS service exception: the same sentence and status as everywhere, in the form that WMS clients
//! show to people.

use axum::body::Body;
use axum::http::HeaderValue;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;

use crate::error::Error;
use crate::render::svg::escaped;

/// An error with the code that the standard has for it.
#[derive(Debug)]
pub struct Fault {
    pub code: Option<&'static str>,
    /// Boxed, so that results stay small.
    pub error: Box<Error>,
}

/// The result of everything that answers a WMS request.
pub type Result<T, E = Fault> = std::result::Result<T, E>;

impl Fault {
    /// An error with a code of the standard.
    pub fn of(code: &'static str, error: Error) -> Self {
        Self { code: Some(code), error: Box::new(error) }
    }

    /// A parameter that has no such value, with a code of the standard.
    pub fn invalid(code: &'static str, parameter: &str, why: impl Into<String>) -> Self {
        Self::of(code, Error::parameter(parameter, why))
    }

    /// A parameter that has to be there.
    pub fn missing(parameter: &str) -> Self {
        Error::parameter(parameter, "缺少此参数 / this parameter is missing").into()
    }

    /// The report, with the status and headers that the error has everywhere.
    pub fn into_answer(self) -> Response {
        let code = self.code.map(|it| format!(" code=\"{it}\"")).unwrap_or_default();
        let report = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ServiceExceptionReport version=\"1.3.0\" \
             xmlns=\"http://www.opengis.net/ogc\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
             xsi:schemaLocation=\"http://www.opengis.net/ogc http://schemas.opengis.net/wms/1.3.0/exceptions_1_3_0.xsd\">\
             <ServiceException{code}>{}</ServiceException></ServiceExceptionReport>\n",
            escaped(&self.error.to_string())
        );
        let mut response = (*self.error).into_response();
        *response.body_mut() = Body::from(report);
        let headers = response.headers_mut();
        headers.remove(header::CONTENT_LENGTH);
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/xml; charset=utf-8"));
        response
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        let code = match &error {
            Error::NotFound { .. } => Some("LayerNotDefined"),
            Error::BadInput { .. } => Some("InvalidParameterValue"),
            _ => None,
        };
        Self { code, error: Box::new(error) }
    }
}
