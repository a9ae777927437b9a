//! What is wrong with a filter, and where: Chinese first, English beside.

use std::fmt;

use crate::cql::ast::Span;

/// A fault of the caller's text, with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// Characters from the start of the text, from 0.
    pub at: Span,
    pub zh: String,
    pub en: String,
    /// The line around the place and a caret under it; empty until [`Error::within`].
    pub snippet: String,
}

/// Characters shown on either side of the place.
const AROUND: usize = 30;

impl Error {
    pub fn new(at: Span, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { at, zh: zh.into(), en: en.into(), snippet: String::new() }
    }

    /// The same error with a snippet of the text it is about.
    #[must_use]
    pub fn within(mut self, text: &str) -> Self {
        let from = self.at.start.saturating_sub(AROUND);
        let shown = |it: char| if it.is_whitespace() || it.is_control() { ' ' } else { it };
        let before: Vec<char> =
            text.chars().skip(from).take(self.at.start - from).map(shown).collect();
        let after: String = text.chars().skip(self.at.start).take(AROUND).map(shown).collect();
        let line: String = before.iter().collect();
        let indent: usize = before.iter().map(|it| columns(*it)).sum();
        self.snippet = format!("{line}{after}\n{}^", " ".repeat(indent));
        self
    }

    /// The sentence without place and snippet: Chinese, then English.
    pub fn sentence(&self) -> String {
        format!("{} / {}", self.zh, self.en)
    }
}

/// Columns that a character takes in a terminal: two for Chinese.
fn columns(character: char) -> usize {
    if character >= '\u{1100}' { 2 } else { 1 }
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = self.at.start + 1;
        write!(out, "第 {place} 个字符：{} / at character {place}: {}", self.zh, self.en)?;
        if !self.snippet.is_empty() {
            write!(out, "\n{}", self.snippet)?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

/// The candidate nearest to a misspelt name, if one is near.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // A name is near when fewer than two fifths of its letters differ; a hostile long one is not compared at all.
    if name.len() > 200 {
        return None;
    }
    let name = name.to_lowercase();
    let scored = candidates
        .into_iter()
        .map(|it| (strsim::normalized_damerau_levenshtein(&name, &it.to_lowercase()), it));
    scored
        .filter(|(near, _)| *near > 0.6)
        .max_by(|left, right| left.0.total_cmp(&right.0))
        .map(|(_, it)| it)
}
