//! What goes wrong, as an OWS exception report: the same sentence and status as everywhere, in the form that WFS clients
//! show to people.

use crate::error::Error;
use crate::export::shortened;

use super::xml::escaped;

/// An error with the code and the place that the standard has for it.
#[derive(Debug)]
pub struct Fault {
    pub code: &'static str,
    pub locator: Option<String>,
    /// Boxed, so that results stay small.
    pub error: Box<Error>,
}

/// The result of everything that answers a WFS request.
pub type Result<T, E = Fault> = std::result::Result<T, E>;

impl Fault {
    /// A parameter that has no such value.
    pub fn invalid(parameter: &str, why: impl Into<String>) -> Self {
        Error::parameter(parameter, why).into()
    }

    /// A parameter that has to be there.
    pub fn missing(parameter: &str) -> Self {
        Self {
            code: "MissingParameterValue",
            ..Self::invalid(parameter, "缺少此参数 / this parameter is missing")
        }
    }

    /// Something that the standard has and this server does not.
    pub fn unsupported(parameter: &str, why: impl Into<String>) -> Self {
        Self { code: "OperationNotSupported", ..Self::invalid(parameter, why) }
    }

    /// No feature has that id.
    pub fn no_feature(id: &str) -> Self {
        Self {
            code: "NotFound",
            locator: Some("id".to_owned()),
            error: Box::new(Error::not_found("要素 feature", shortened(id))),
        }
    }

    /// A body or a filter that cannot be read.
    pub fn unreadable(parameter: &str, why: impl Into<String>) -> Self {
        Self { code: "OperationParsingFailed", ..Self::invalid(parameter, why) }
    }

    /// The report, as of a version of the service.
    pub fn report(&self, version: &str) -> String {
        report(version, self.code, self.locator.as_deref(), &self.error.to_string())
    }
}

/// The report of a sentence, as of a version of the service.
pub fn report(version: &str, code: &str, locator: Option<&str>, sentence: &str) -> String {
    let locator = locator.map(|it| format!(" locator=\"{}\"", escaped(it)));
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ows:ExceptionReport xmlns:ows=\"http://www.opengis.net/ows/1.1\" \
         version=\"{version}\"><ows:Exception exceptionCode=\"{code}\"{}><ows:ExceptionText>{}</ows:ExceptionText>\
         </ows:Exception></ows:ExceptionReport>\n",
        locator.unwrap_or_default(),
        escaped(sentence),
    )
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        // `Selection` and its like name the parameter between accents.
        let named = |at: &str| Some(at.split('`').nth(1)?.to_owned());
        let (code, locator) = match &error {
            Error::BadInput { at, .. } => ("InvalidParameterValue", named(at)),
            Error::Busy(_) | Error::TooLarge { .. } | Error::TooLong { .. } => {
                ("OperationProcessingFailed", None)
            }
            _ => ("NoApplicableCode", None),
        };
        Self { code, locator, error: Box::new(error) }
    }
}

impl From<anyhow::Error> for Fault {
    fn from(error: anyhow::Error) -> Self {
        Error::from(error).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_names_the_place_and_escapes_it() {
        let it = Fault::invalid("bbox", "a < b & c");
        assert_eq!(it.locator.as_deref(), Some("bbox"));
        assert!(it.report("2.0.0").contains("a &lt; b &amp; c"), "{}", it.report("2.0.0"));
        assert!(
            it.report("2.0.0").contains("exceptionCode=\"InvalidParameterValue\" locator=\"bbox\"")
        );
        assert_eq!(Fault::missing("typeNames").code, "MissingParameterValue");
    }
}
