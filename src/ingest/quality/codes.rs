//! Parcel codes and real-estate unit numbers: written plainly, and judged by GB/T 37346. An office may number its land as it
//! likes: where most codes of a file are of another scheme that is said once, not ten thousand times.

use crate::code::parcel_code;
use crate::code::uscc;

use super::super::report::Findings;
use super::super::report::Issue;
use super::super::report::KEPT;
use super::super::report::Severity;
use super::super::rules::is_credit_code;
use super::super::value::plain;

/// A code as it is stored: half-width, and where that makes it one of the standard, in capitals without blanks or hyphens.
pub fn normal(name: &str, text: &str) -> String {
    let plain = plain(text);
    if is_credit_code(name) {
        return plain.chars().filter(|it| !it.is_whitespace()).collect::<String>().to_uppercase();
    }
    if is_cadastral(name) {
        let bare = |it: &char| !it.is_whitespace() && !matches!(it, '-' | '_');
        let bare = plain.chars().filter(bare).collect::<String>().to_uppercase();
        if parcel_code::parse(&bare).is_ok() || parcel_code::parse_unit(&bare).is_ok() {
            return bare;
        }
    }
    plain
}

fn is_cadastral(name: &str) -> bool {
    matches!(name, "parcel_code" | "building_code")
}

/// What is wrong with a code of a field of that name.
pub fn judge(
    name: &str,
    text: &str,
    number: u64,
    column: impl FnOnce() -> Option<String>,
) -> Option<Issue> {
    let warn = |rule: &'static str, why: String| {
        Issue::warn(rule, Some(number), column(), Some(text.to_owned()), why)
    };
    let is_unit = text.chars().count() == 28;
    match name {
        _ if is_credit_code(name) => {
            let why = uscc::check(text).err()?.to_string();
            Some(warn("credit_code", why))
        }
        "parcel_code" | "building_code" if is_unit => match parcel_code::parse_unit(text) {
            Err(why) => Some(warn("unit_code", why.to_string())),
            Ok(it) if name == "parcel_code" => {
                let why = format!("其宗地代码 / its parcel code: {}", it.parcel);
                Some(warn("unit_code_given", why))
            }
            Ok(_) => None,
        },
        "parcel_code" => {
            let why = parcel_code::parse(text).err()?.to_string();
            Some(warn("parcel_code", why))
        }
        _ => None,
    }
}

/// Findings of codes, held back until it is known whether the file keeps to the standard at all.
#[derive(Debug, Default)]
pub struct Held {
    seen: u64,
    rules: Vec<(&'static str, u64, Vec<Issue>)>,
}

impl Held {
    /// Counts a row that has a code.
    pub fn saw(&mut self) {
        self.seen += 1;
    }

    /// Keeps a finding that may turn out to be one of the whole file; hands any other back.
    pub fn keep(&mut self, issue: Issue) -> Option<Issue> {
        if !matches!(issue.rule, "parcel_code" | "unit_code" | "unit_code_given") {
            return Some(issue);
        }
        let at = self.rules.iter().position(|it| it.0 == issue.rule).unwrap_or_else(|| {
            self.rules.push((issue.rule, 0, Vec::new()));
            self.rules.len() - 1
        });
        let (_, count, kept) = &mut self.rules[at];
        *count += 1;
        if kept.len() < KEPT {
            kept.push(issue);
        }
        None
    }

    /// Tells each finding, or one of the file where most codes share it.
    pub fn finish(self, findings: &mut Findings) {
        for (rule, count, kept) in self.rules {
            if count * 2 <= self.seen {
                let more = count - kept.len() as u64;
                for it in kept {
                    findings.add(it);
                }
                findings.count_more(Severity::Warning, rule, more);
                continue;
            }
            let Some(first) = kept.into_iter().next() else { continue };
            let why = format!(
                "{count} 行，共 {seen} 行；首例第 {row} 行：{message} / {count} of {seen} rows, first row {row}",
                seen = self.seen,
                row = first.row.unwrap_or_default(),
                message = first.message,
            );
            findings.add(if rule == "parcel_code" {
                Issue::warn("code_scheme", None, first.field, first.value, why)
            } else {
                Issue::warn(rule, None, first.field, first.value, why)
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(name: &str, text: &str) -> Option<&'static str> {
        judge(name, text, 1, || None).map(|it| it.rule)
    }

    #[test]
    fn codes_are_made_plain_and_an_offices_own_stay() {
        for (name, text, want) in [
            ("parcel_code", "３１０１１４ 002003 gb00012", "310114002003GB00012"),
            ("parcel_code", "310114-002-003-GB-00012", "310114002003GB00012"),
            ("parcel_code", "jd 12-a", "jd 12-a"),
            ("uscc", "91512081ma62k0260e ", "91512081MA62K0260E"),
            ("town_code", " ３１０ ", "310"),
        ] {
            assert_eq!(normal(name, text), want, "{text}");
        }
    }

    #[test]
    fn a_fault_says_where_and_what_is_expected() {
        let issue = judge("parcel_code", "310114002003GB0001A", 4, || None).unwrap();
        assert_eq!(issue.rule, "parcel_code");
        assert!(issue.message.contains("19") && issue.message.contains('A'), "{}", issue.message);
        assert_eq!(rule("parcel_code", "310114002003GB00012"), None);
        assert_eq!(rule("parcel_code", "310114002003GB00012F00010001"), Some("unit_code_given"));
        assert_eq!(rule("building_code", "310114002003GB00012F00010001"), None);
        assert_eq!(rule("building_code", "310114002003GB00012A00010001"), Some("unit_code"));
        assert_eq!(rule("building_code", "B-7"), None);
    }

    #[test]
    fn another_scheme_is_said_once_and_a_slip_where_it_is() {
        let told = |own: u64, standard: u64| {
            let mut held = Held::default();
            let mut findings = Findings::default();
            for number in 0..own + standard {
                let text = if number < own { "JD-7" } else { "310114002003GB00012" };
                held.saw();
                if let Some(it) = judge("parcel_code", text, number, || None) {
                    assert!(held.keep(it).is_none());
                }
            }
            held.finish(&mut findings);
            findings.groups().iter().map(|it| (it.rule, it.count)).collect::<Vec<_>>()
        };
        assert_eq!(told(500, 0), [("code_scheme", 1)]);
        assert_eq!(told(3, 500), [("parcel_code", 3)]);
        assert_eq!(told(0, 5), []);
    }
}
