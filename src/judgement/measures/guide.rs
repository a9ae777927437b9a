//! What a sector is expected to yield (行业指导值), by codes of GB/T 4754 of any length: a parcel takes the guide of the longest
//! code that its own begins with. Codes are written with the letter of their section (C3311) or without (3311).

use std::collections::HashMap;

use rust_decimal::Decimal;

/// A sector's guide of one year; nothing where none is published.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Guide {
    pub tax_wan_per_mu: Option<Decimal>,
    pub far_min: Option<Decimal>,
}

/// The guides of one year, by code.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Guides(HashMap<String, Guide>);

impl Guides {
    pub fn insert(&mut self, code: &str, guide: Guide) {
        self.0.insert(plain(code), guide);
    }

    /// The guide of a sector: each figure of the longest code that has it.
    pub fn of(&self, code: Option<&str>) -> Guide {
        let Some(code) = code else { return Guide::default() };
        let written = code.trim().to_ascii_uppercase();
        let digits = plain(&written);
        let mut found = Guide::default();
        let longer = (1..=digits.len()).rev().filter_map(|it| digits.get(..it));
        // The section comes last: its letter is the shortest of all codes.
        let section =
            written.get(..1).filter(|it| it.starts_with(|it: char| it.is_ascii_alphabetic()));
        for own in longer.chain(section).filter_map(|it| self.0.get(it)) {
            found.tax_wan_per_mu = found.tax_wan_per_mu.or(own.tax_wan_per_mu);
            found.far_min = found.far_min.or(own.far_min);
        }
        found
    }
}

/// A code without the letter of its section; the letter itself where there is nothing else.
fn plain(code: &str) -> String {
    let code = code.trim().to_ascii_uppercase();
    match code.strip_prefix(|it: char| it.is_ascii_alphabetic()) {
        Some(rest) if !rest.is_empty() => rest.to_owned(),
        _ => code,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guide(tax: Option<i64>, far: Option<i64>) -> Guide {
        Guide { tax_wan_per_mu: tax.map(Decimal::from), far_min: far.map(Decimal::from) }
    }

    #[test]
    fn the_longest_code_holds_figure_by_figure() {
        let mut all = Guides::default();
        all.insert("C", guide(Some(8), Some(1)));
        all.insert("c33", guide(Some(12), None));
        all.insert("3311", guide(None, Some(2)));
        for (code, tax, far) in
            [("C3311", 12, 2), ("3311", 12, 2), (" c3312 ", 12, 1), ("C27", 8, 1), ("C", 8, 1)]
        {
            assert_eq!(all.of(Some(code)), guide(Some(tax), Some(far)), "{code}");
        }
        // Who writes no letter names no section.
        assert_eq!(all.of(Some("3312")), guide(Some(12), None));
        for nothing in [None, Some(""), Some("D44"), Some("3"), Some("制造")] {
            assert_eq!(all.of(nothing), Guide::default(), "{nothing:?}");
        }
    }
}
