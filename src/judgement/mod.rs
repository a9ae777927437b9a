//! Judgement: from facts to classes, measures, verdicts and scores, each with its evidence.
//!
//! Everything here is a function of its arguments: no database, clock or network. A missing figure is unknown, never zero.

pub mod measures;
pub mod overlay;
pub mod rule;
pub mod score;

use serde::Deserialize;
use serde::Serialize;

/// A text in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bilingual {
    pub zh: String,
    pub en: String,
}

impl Bilingual {
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }
}
