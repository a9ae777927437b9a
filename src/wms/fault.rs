//! What goes wrong, as a WMS service exception: the same sentence and status as everywhere, in the form that WMS clients
//! show to people.

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

    /// The report.
    pub fn report(&self) -> String {
        report(self.code, &self.error.to_string())
    }
}

/// The report of a sentence.
pub fn report(code: Option<&str>, sentence: &str) -> String {
    let code = code.map(|it| format!(" code=\"{it}\"")).unwrap_or_default();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ServiceExceptionReport version=\"1.3.0\" \
         xmlns=\"http://www.opengis.net/ogc\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
         xsi:schemaLocation=\"http://www.opengis.net/ogc http://schemas.opengis.net/wms/1.3.0/exceptions_1_3_0.xsd\">\
         <ServiceException{code}>{}</ServiceException></ServiceExceptionReport>\n",
        escaped(sentence)
    )
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_has_the_code_and_escapes_the_sentence() {
        let it = Fault::invalid("InvalidCRS", "crs", "a < b");
        let report = it.report();
        assert!(report.contains("<ServiceException code=\"InvalidCRS\">"), "{report}");
        assert!(report.contains("a &lt; b"), "{report}");
        let absent = Fault::from(Error::not_found("layer", "x"));
        assert_eq!(absent.code, Some("LayerNotDefined"));
    }
}
