//! References of formulas, when rows come in between: what stands below moves down, and a range that ends on the row that is
//! repeated grows with it, so that a sum still sums everything.

/// One row of a sheet becomes `count` rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Growth {
    /// The row that is repeated; the first is 1.
    pub row: u32,
    /// How often it stands there afterwards; 0 leaves one empty row.
    pub count: u32,
}

impl Growth {
    /// Rows that come in.
    pub const fn added(self) -> u32 {
        self.count.saturating_sub(1)
    }

    /// Where a row stands afterwards; the repeated one where its first copy does.
    pub const fn moved(self, row: u32) -> u32 {
        if row > self.row { row + self.added() } else { row }
    }

    /// The last of the copies.
    pub const fn last(self) -> u32 {
        self.row + self.added()
    }
}

/// A reference to a cell in a formula.
#[derive(Clone, Copy, Debug)]
struct Cell<'a> {
    /// Letters with `$` where they have one, and what stands before the digits of the row.
    head: &'a str,
    row: u32,
}

/// Reads a reference at the beginning of the text: letters, digits, each perhaps with `$`.
fn cell(text: &str) -> Option<(Cell<'_>, &str)> {
    let bytes = text.as_bytes();
    let mut at = usize::from(bytes.first() == Some(&b'$'));
    let from = at;
    while bytes.get(at).is_some_and(u8::is_ascii_uppercase) {
        at += 1;
    }
    if at == from || at - from > 3 {
        return None;
    }
    at += usize::from(bytes.get(at) == Some(&b'$'));
    let digits = at;
    while bytes.get(at).is_some_and(u8::is_ascii_digit) {
        at += 1;
    }
    let row: u32 = text.get(digits..at)?.parse().ok().filter(|it| (1..=1_048_576).contains(it))?;
    // The name of a function, or of something else.
    let goes_on = |it: &u8| it.is_ascii_alphanumeric() || matches!(it, b'_' | b'(' | b'.' | b'!');
    if bytes.get(at).is_some_and(goes_on) {
        return None;
    }
    Some((Cell { head: &text[..digits], row }, &text[at..]))
}

/// The formula after the growth. `sheet` is the name of the one that grows; `is_own` says whether the formula stands there, so
/// that what names no sheet is meant. `copy` is which copy of the repeated row it stands in, from 0; elsewhere `None`.
pub fn moved(
    formula: &str,
    sheet: &str,
    is_own: bool,
    growth: Growth,
    copy: Option<u32>,
) -> String {
    let mut out = String::with_capacity(formula.len() + 8);
    let mut rest = formula;
    let mut applies = is_own;
    while let Some(first) = rest.chars().next() {
        if first == '"' {
            // A text of the formula; two quotes are one of its own.
            let end = rest[1..].find('"').map_or(rest.len(), |it| it + 2);
            out.push_str(&rest[..end]);
            rest = &rest[end..];
            continue;
        }
        if first == '\'' {
            let mut end = 1;
            while let Some(it) = rest[end..].find('\'') {
                end += it + 1;
                if !rest[end..].starts_with('\'') {
                    break;
                }
                end += 1;
            }
            let name = rest[1..end.saturating_sub(1).max(1)].replace("''", "'");
            applies = if rest[end..].starts_with('!') { name == sheet } else { is_own };
            out.push_str(&rest[..end]);
            rest = &rest[end..];
            if let Some(after) = rest.strip_prefix('!') {
                out.push('!');
                (out, rest) = range(out, after, applies, growth, copy);
            }
            applies = is_own;
            continue;
        }
        if first.is_alphabetic() || first == '$' || first == '_' {
            let is_word = |it: char| it.is_alphanumeric() || "$_.".contains(it);
            let end = rest.find(|it| !is_word(it)).unwrap_or(rest.len());
            if let Some(after) = rest[end..].strip_prefix('!') {
                applies = &rest[..end] == sheet;
                out.push_str(&rest[..=end]);
                (out, rest) = range(out, after, applies, growth, copy);
                applies = is_own;
                continue;
            }
            if cell(rest).is_some() {
                (out, rest) = range(out, rest, applies, growth, copy);
                continue;
            }
            out.push_str(&rest[..end.max(first.len_utf8())]);
            rest = &rest[end.max(first.len_utf8())..];
            continue;
        }
        if first.is_ascii_digit() {
            // A number, or rows such as 3:5, which no template of an office sums by.
            let mut end =
                rest.find(|it: char| !it.is_ascii_digit() && it != '.').unwrap_or(rest.len());
            // An exponent is no column.
            if let Some(power) = rest[end..].strip_prefix(['E', 'e']) {
                let signed = power.trim_start_matches(['+', '-']);
                let digits = signed.find(|it: char| !it.is_ascii_digit()).unwrap_or(signed.len());
                if digits > 0 {
                    end = rest.len() - signed.len() + digits;
                }
            }
            out.push_str(&rest[..end]);
            rest = &rest[end..];
            continue;
        }
        out.push(first);
        rest = &rest[first.len_utf8()..];
    }
    out
}

/// A cell, or two with a colon between.
fn range(
    mut out: String,
    text: &str,
    applies: bool,
    growth: Growth,
    copy: Option<u32>,
) -> (String, &str) {
    let Some((first, rest)) = cell(text) else { return (out, text) };
    let second = rest.strip_prefix(':').and_then(cell);
    let (last, rest) = second.map_or((None, rest), |(it, rest)| (Some(it), rest));
    if !applies {
        out.push_str(&text[..text.len() - rest.len()]);
        return (out, rest);
    }
    // In a copy, its own row is meant.
    let own = |it: Cell<'_>| match copy {
        Some(nth) if it.row == growth.row => growth.row + nth,
        _ => growth.moved(it.row),
    };
    let Some(last) = last else {
        out.push_str(&format!("{}{}", first.head, own(first)));
        return (out, rest);
    };
    let end = match copy {
        Some(_) if first.row == growth.row && last.row == growth.row => own(last),
        _ if last.row == growth.row => growth.last(),
        _ => growth.moved(last.row),
    };
    out.push_str(&format!("{}{}:{}{end}", first.head, own(first), last.head));
    (out, rest)
}

/// References with spaces between, as areas of a sheet are written.
pub fn areas(text: &str, growth: Growth) -> String {
    let one = |it: &str| match cell(it) {
        // One cell of the repeated row is a column of its copies.
        Some((only, "")) if only.row == growth.row && growth.count > 1 => {
            format!("{it}:{}{}", only.head, growth.last())
        }
        _ => range(String::new(), it, true, growth, None).0,
    };
    text.split_whitespace().map(one).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIVE: Growth = Growth { row: 5, count: 4 };

    #[test]
    fn ranges_grow_and_what_is_below_moves() {
        for (formula, wanted) in [
            ("SUM(D5:D5)", "SUM(D5:D8)"),
            ("SUM($D$5:$D$5)/2", "SUM($D$5:$D$8)/2"),
            ("SUM(D3:D5)+A1", "SUM(D3:D8)+A1"),
            ("SUM(D5:D6)", "SUM(D5:D9)"),
            ("D6*2", "D9*2"),
            ("LOG10(D6)", "LOG10(D9)"),
            ("IF(A6=\"D6\",\"a\"\"D6\",D6)", "IF(A9=\"D6\",\"a\"\"D6\",D9)"),
            ("清单!D6+其他!D6", "清单!D9+其他!D6"),
            ("'清单'!D6+'其 他'!D6", "'清单'!D9+'其 他'!D6"),
            ("Rate2027+D6", "Rate2027+D9"),
            ("1.5E6+D5", "1.5E6+D5"),
        ] {
            assert_eq!(moved(formula, "清单", true, FIVE, None), wanted, "{formula}");
        }
        assert_eq!(moved("D6+清单!D5:D5", "清单", false, FIVE, None), "D6+清单!D5:D8");
        assert_eq!(areas("A5:F5 B9 A1:A2 E5", FIVE), "A5:F8 B12 A1:A2 E5:E8");
    }

    #[test]
    fn a_copy_means_its_own_row() {
        assert_eq!(moved("D5*E5+D$1+D6", "清单", true, FIVE, Some(2)), "D7*E7+D$1+D9");
        assert_eq!(moved("SUM(D5:F5)", "清单", true, FIVE, Some(2)), "SUM(D7:F7)");
        let none = Growth { row: 5, count: 0 };
        assert_eq!(moved("SUM(D5:D5)+D6", "清单", true, none, None), "SUM(D5:D5)+D6");
    }
}
