//! Values that stand for themselves, and who may see each: whatever answer one turns up in, it is known what it tells.

use std::collections::HashMap;

use mutu::access::Role;
use mutu::access::Scope;

/// Where a role must hold for a value to be read.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Held {
    /// Of no row, so of no unit.
    Everywhere,
    /// In a row of that responsible unit; of a row without one, or of a layer without units, nobody's but who answers for all.
    Unit(Option<String>),
}

/// Whether a scope may read what needs the role there. Written out here once more: the service's own answer is on trial.
pub fn may(scope: &Scope, needed: Role, held: &Held) -> bool {
    if scope.role < needed {
        return false;
    }
    let (Some(units), Held::Unit(unit)) = (&scope.responsible_units, held) else { return true };
    needed <= Role::Viewer || unit.as_ref().is_some_and(|it| units.contains(it))
}

/// What is known of one value.
#[derive(Clone, Debug, Default)]
pub struct Sentinel {
    /// `table.column` or `layer.field`, everywhere the value stands.
    pub what: Vec<String>,
    grants: Vec<(Role, Held)>,
    /// Those of the grants by which some answer must show it.
    shown: Vec<(Role, Held)>,
}

impl Sentinel {
    pub fn may(&self, scope: &Scope) -> bool {
        self.grants.iter().any(|(needed, held)| may(scope, *needed, held))
    }

    pub fn must(&self, scope: &Scope) -> bool {
        self.shown.iter().any(|(needed, held)| may(scope, *needed, held))
    }
}

/// Who may read a value, and whether some answer shows it to them.
#[derive(Clone, Debug)]
pub enum Rule {
    Nobody,
    May(Role, Held),
    Must(Role, Held),
}

/// All sentinels by their text.
#[derive(Debug, Default)]
pub struct Ledger {
    pub all: HashMap<String, Sentinel>,
    last: u32,
}

impl Ledger {
    /// A text that nothing else says.
    pub fn text(&mut self) -> String {
        format!("秘-{}", self.number())
    }

    fn number(&mut self) -> u32 {
        self.last += 1;
        7_310_000 + self.last
    }

    /// A value of the PostgreSQL type: as text, and as SQL.
    pub fn value(&mut self, sql_type: &str) -> Option<(String, String)> {
        Some(match sql_type {
            "text" => {
                let it = self.text();
                (it.clone(), format!("'{it}'"))
            }
            "numeric" => {
                let it = format!("{}.37", self.number());
                (it.clone(), it)
            }
            "bigint" | "integer" => {
                let it = self.number().to_string();
                (it.clone(), it)
            }
            "jsonb" => {
                let it = self.text();
                (it.clone(), format!("'{{\"note\": \"{it}\"}}'"))
            }
            "ARRAY" => {
                let it = self.text();
                (it.clone(), format!("array['{it}']"))
            }
            "date" => {
                let day = chrono::NaiveDate::from_ymd_opt(1973, 3, 7).unwrap();
                self.last += 1;
                let it = (day + chrono::Days::new(self.last.into())).to_string();
                (it.clone(), format!("date '{it}'"))
            }
            _ => return None,
        })
    }

    /// Notes who may read a value. What is not distinctive (a code, a yes or no) is passed over; says whether it was noted.
    pub fn note(&mut self, value: &str, what: &str, rule: Rule) -> bool {
        let Some(value) = distinctive(value) else { return false };
        let rounded = rounded(&value);
        let entry = self.all.entry(value).or_default();
        entry.what.push(what.to_owned());
        match rule.clone() {
            Rule::Nobody => {}
            Rule::May(needed, held) => entry.grants.push((needed, held)),
            Rule::Must(needed, held) => {
                entry.grants.push((needed, held.clone()));
                entry.shown.push((needed, held));
            }
        }
        // People are told figures rounded; that tells them too.
        for short in rounded {
            let entry = self.all.entry(short).or_default();
            entry.what.push(format!("{what}, rounded"));
            if let Rule::May(needed, held) | Rule::Must(needed, held) = &rule {
                entry.grants.push((*needed, held.clone()));
            }
        }
        true
    }

    /// The sentinels that a text says.
    pub fn said<'a>(&'a self, text: &str) -> Vec<(&'a str, &'a Sentinel)> {
        let mut found: Vec<(&str, &Sentinel)> = tokens(text)
            .into_iter()
            .filter_map(|it| self.all.get_key_value(&plain(it)))
            .map(|(name, it)| (name.as_str(), it))
            .collect();
        found.sort_by_key(|it| it.0);
        found.dedup_by_key(|it| it.0);
        found
    }
}

/// The value as it is looked for, if nothing else would be written like it.
fn distinctive(value: &str) -> Option<String> {
    if value.contains("秘-") {
        let token = tokens(value).into_iter().find(|it| it.starts_with('秘'))?;
        return Some(token.to_owned());
    }
    if chrono::NaiveDate::parse_from_str(value, "%Y-%m-%d").is_ok() {
        return (!("1990"..="2900").contains(&value)).then(|| value.to_owned());
    }
    let number = plain(value.trim_start_matches('-'));
    let digits = number.trim_start_matches(['0', '.']).bytes().filter(u8::is_ascii_digit).count();
    let whole = number.bytes().all(|it| it.is_ascii_digit() || it == b'.');
    (whole && digits >= 7).then_some(number)
}

fn rounded(value: &str) -> Vec<String> {
    let Ok(number) = value.parse::<rust_decimal::Decimal>() else { return Vec::new() };
    let short = [1, 2, 3, 4].map(|it| number.round_dp(it).normalize().to_string());
    let mut short: Vec<String> =
        short.into_iter().filter(|it| it != value).filter_map(|it| distinctive(&it)).collect();
    short.dedup();
    short
}

/// A number without the zeros that say nothing.
fn plain(token: &str) -> String {
    match token.split_once('.') {
        Some((_, fraction)) if !fraction.contains('-') => {
            token.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
        _ => token.to_owned(),
    }
}

/// Numbers, dates and `秘-…` in a text.
fn tokens(text: &str) -> Vec<&str> {
    let bytes = text.as_bytes();
    let digits = |from: usize| bytes[from..].iter().take_while(|it| it.is_ascii_digit()).count();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == 0xE7 && text[at..].starts_with("秘-") {
            let end = at + 4 + digits(at + 4);
            found.push(&text[at..end]);
            at = end;
        } else if bytes[at].is_ascii_digit() {
            let mut end = at + digits(at);
            let is_date = end - at == 4 && bytes.get(end) == Some(&b'-') && digits(end + 1) == 2;
            if is_date && bytes.get(end + 3) == Some(&b'-') && digits(end + 4) == 2 {
                end += 6;
            } else if bytes.get(end) == Some(&b'.')
                && bytes.get(end + 1).is_some_and(u8::is_ascii_digit)
            {
                end += 1 + digits(end + 1);
            }
            found.push(&text[at..end]);
            at = end;
        } else {
            at += 1;
        }
    }
    found
}

#[test]
fn sentinels_are_found_however_they_are_written() {
    let mut ledger = Ledger::default();
    for value in ["秘-7310001", "7310002.370000", "1973-03-09", "{\"note\": \"秘-7310003\"}"] {
        assert!(ledger.note(value, value, Rule::Nobody), "{value}");
    }
    for value in ["104", "true", "2025-12-31", "1.000000", "low"] {
        assert!(!ledger.note(value, value, Rule::Nobody), "{value}");
    }
    let said = ledger.said("[\"秘-7310001\",7310002.37,'1973-03-09','x7310002.4','秘-73100031']");
    let said: Vec<&str> = said.into_iter().map(|it| it.0).collect();
    assert_eq!(said, ["1973-03-09", "7310002.37", "7310002.4", "秘-7310001"]);
}

#[test]
fn a_role_above_viewer_is_held_in_units() {
    let scope = |role, units: Option<&[&str]>| Scope {
        role,
        responsible_units: units.map(|it| it.iter().map(|it| (*it).to_owned()).collect()),
        ..Scope::default()
    };
    let of = |unit: &str| Held::Unit(Some(unit.to_owned()));
    assert!(may(&scope(Role::Officer, Some(&["a"])), Role::Officer, &of("a")));
    assert!(!may(&scope(Role::Officer, Some(&["a"])), Role::Officer, &of("b")));
    assert!(!may(&scope(Role::Officer, Some(&["a"])), Role::Officer, &Held::Unit(None)));
    assert!(may(&scope(Role::Officer, None), Role::Officer, &Held::Unit(None)));
    assert!(may(&scope(Role::Officer, Some(&["a"])), Role::Viewer, &of("b")));
    assert!(!may(&scope(Role::Viewer, None), Role::Officer, &Held::Everywhere));
}
