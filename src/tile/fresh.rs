//! How long an answer stays right: which revision was asked for, as whom, and which one answers.

use std::time::Duration;

use super::serve::Of;
use crate::access::Scope;
use crate::app::App;
use crate::error::Error;
use crate::error::Result;
use crate::snapshot::Held;

/// How long a revision is waited for that the record has and memory has not.
const WAIT: Duration = Duration::from_millis(300);

/// What `?v=` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked<'a> {
    text: &'a str,
}

impl<'a> Asked<'a> {
    /// Fails for what no catalogue ever said.
    pub fn parse(text: &'a str) -> Result<Self> {
        if text.starts_with(|it: char| it.is_ascii_digit()) {
            return Ok(Self { text });
        }
        Err(Error::parameter("v", "图层版本号 / a layer's revision, such as 12"))
    }

    /// The revisions of so many layers; none where it is not of so many.
    pub fn revisions(&self, layers: usize) -> Option<Vec<i64>> {
        let numbers = self.text.split(|it: char| !it.is_ascii_digit() && it != '.').next()?;
        let numbers: Option<Vec<i64>> = numbers.split('.').map(|it| it.parse().ok()).collect();
        numbers.filter(|it| it.len() == layers)
    }
}

/// What a set of revisions looks like to the scope: the `v` of its tiles' addresses.
pub fn stamp(scope: &Scope, revisions: &[i64]) -> String {
    let revisions: Vec<String> = revisions.iter().map(ToString::to_string).collect();
    // Of one revision it is what [`Scope::stamp`] says.
    let of_scope = scope.stamp(0);
    format!("{}{}", revisions.join("."), &of_scope[1..])
}

/// The snapshot of the layer at that revision or beyond, else what is held after a moment.
pub async fn reach(app: &App, layer: &str, revision: i64) -> Option<Held> {
    app.snapshots.reach(layer, revision, WAIT).await
}

/// What `Cache-Control` says of a tile of those layers.
pub fn cache_control(scope: &Scope, asked: Option<&Asked<'_>>, layers: &[Of<'_>]) -> &'static str {
    let is_public = scope.account.is_none();
    let no_cache = if is_public { "public, no-cache" } else { "private, no-cache" };
    let revisions = || -> Vec<i64> { layers.iter().map(|it| it.revision).collect() };
    let is_stale = layers.iter().any(|it| it.held.as_ref().is_some_and(|it| it.is_stale));
    match asked {
        _ if is_stale => "no-store",
        // Only what was asked for by the revision it has, as who the caller still is, is the same for ever.
        Some(asked) if asked.text == stamp(scope, &revisions()) => {
            if is_public {
                "public, max-age=31536000, immutable"
            } else {
                "private, max-age=31536000, immutable"
            }
        }
        // The revision by itself says what was wanted, not as whom.
        Some(asked) if asked.text == stamp(&Scope::public(), &revisions()) => no_cache,
        Some(_) => "no-store",
        None => no_cache,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::Role;

    #[test]
    fn a_stamp_says_revisions_and_as_whom() {
        let viewer = Scope { role: Role::Viewer, ..Scope::public() };
        assert_eq!(stamp(&Scope::public(), &[12]), Scope::public().stamp(12));
        assert_eq!(stamp(&viewer, &[12]), viewer.stamp(12));
        assert_eq!(stamp(&viewer, &[12, 3]), "12.3-viewer");
        let asked = Asked::parse("12.3-viewer").unwrap();
        assert_eq!(asked.revisions(2), Some(vec![12, 3]));
        assert_eq!(asked.revisions(1), None);
        assert_eq!(Asked::parse("99999999999999999999").unwrap().revisions(1), None);
        assert!(Asked::parse("x").is_err() && Asked::parse("").is_err());
    }
}
