//! Parameters whose names count in any case, for the clients of WFS and ArcGIS, which never agreed on it.

use crate::error::Error;
use crate::error::Result;

/// Parameters as they came.
#[derive(Clone, Debug, Default)]
pub struct Given(pub Vec<(String, String)>);

impl Given {
    /// The value of the first of those names that is there and says something. The same name with two values is refused:
    /// the client would not know which one counted.
    pub fn find(&self, names: &[&str]) -> Result<Option<&str>> {
        let is_named =
            |it: &&(String, String)| names.iter().any(|name| it.0.eq_ignore_ascii_case(name));
        let mut values = self.0.iter().filter(is_named).map(|it| it.1.as_str());
        let first = values.next();
        if values.any(|it| Some(it) != first) {
            return Err(Error::parameter(
                names[0],
                "给了两个不同的值 / given twice with different values",
            ));
        }
        Ok(first.filter(|it| !it.is_empty()))
    }

    /// A whole number from 0 on. More digits than a number holds is only "very many".
    pub fn whole(&self, names: &[&str]) -> Result<Option<i64>> {
        let Some(text) = self.find(names)? else { return Ok(None) };
        if !text.chars().all(|it| it.is_ascii_digit()) {
            return Err(Error::parameter(
                names[0],
                "应为不小于 0 的整数 / a whole number from 0 on",
            ));
        }
        Ok(Some(text.parse().unwrap_or(i64::MAX)))
    }

    /// All parameters but those of that name.
    pub fn without(&self, name: &str) -> Vec<(&str, &str)> {
        self.0
            .iter()
            .filter(|it| !it.0.eq_ignore_ascii_case(name))
            .map(|it| (it.0.as_str(), it.1.as_str()))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(pairs: &[(&str, &str)]) -> Given {
        Given(pairs.iter().map(|(name, it)| ((*name).to_owned(), (*it).to_owned())).collect())
    }

    #[test]
    fn names_are_read_in_any_case_and_once() {
        let it = given(&[("TYPENAMES", "mutu:parcels"), ("x", "")]);
        assert_eq!(it.find(&["typeNames", "typeName"]).unwrap(), Some("mutu:parcels"));
        assert_eq!(it.find(&["x"]).unwrap(), None);
        assert!(given(&[("a", "1"), ("A", "1")]).find(&["a"]).is_ok());
        assert!(given(&[("a", "1"), ("A", "2")]).find(&["a"]).is_err());
    }

    #[test]
    fn numbers_are_whole() {
        let most = given(&[("count", &"9".repeat(40))]);
        assert_eq!(most.whole(&["count"]).unwrap(), Some(i64::MAX));
        for wrong in ["-1", "1.5", "x", " 1"] {
            assert!(given(&[("count", wrong)]).whole(&["count"]).is_err(), "{wrong}");
        }
    }
}
