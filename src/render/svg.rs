//! Writing SVG: numbers, texts and paths, always the same for the same drawing.

use std::fmt::Write;

use super::clip::Point;

/// Text as it stands in XML; what XML cannot hold at all is left out.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for it in text.chars() {
        match it {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            it if it.is_control() || matches!(it, '\u{fffe}' | '\u{ffff}') => out.push(' '),
            it => out.push(it),
        }
    }
    out
}

/// A number with two decimals at most.
pub fn number(it: f64, out: &mut String) {
    #[expect(clippy::cast_possible_truncation, reason = "pixels of a picture, clamped")]
    let hundredths = (it.clamp(-1e7, 1e7) * 100.0).round() as i64;
    if hundredths < 0 {
        out.push('-');
    }
    let (whole, rest) = (hundredths.unsigned_abs() / 100, hundredths.unsigned_abs() % 100);
    // Writing to a text does not fail.
    let _ = match (rest, rest % 10) {
        (0, _) => write!(out, "{whole}"),
        (_, 0) => write!(out, "{whole}.{}", rest / 10),
        _ => write!(out, "{whole}.{rest:02}"),
    };
}

/// The same as a text of its own.
pub fn short(it: f64) -> String {
    let mut out = String::new();
    number(it, &mut out);
    out
}

/// Adds a ring or a line to the data of a path.
pub fn trace(points: &[Point], closed: bool, out: &mut String) {
    for (nth, (x, y)) in points.iter().enumerate() {
        out.push(if nth == 0 { 'M' } else { 'L' });
        number(*x, out);
        out.push(' ');
        number(*y, out);
    }
    if closed {
        out.push('Z');
    }
}

/// Whether a text is a colour that is written into a picture as it is.
pub fn is_color(text: &str) -> bool {
    let hex = text
        .strip_prefix('#')
        .is_some_and(|it| matches!(it.len(), 3 | 6) && it.bytes().all(|it| it.is_ascii_hexdigit()));
    hex || (text.len() <= 20 && !text.is_empty() && text.bytes().all(|it| it.is_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        for (it, wanted) in [
            (1.0, "1"),
            (-0.5, "-0.5"),
            (0.125, "0.13"),
            (12.345, "12.35"),
            (-0.001, "0"),
            (f64::NAN, "0"),
        ] {
            assert_eq!(short(it), wanted, "{it}");
        }
    }

    #[test]
    fn a_name_cannot_become_an_element() {
        assert_eq!(escaped("<a b='c'>&\u{0}\n"), "&lt;a b=&#39;c&#39;&gt;&amp;  ");
        assert!(is_color("#a1b2c3") && is_color("white") && !is_color("\"/><a"));
    }

    #[test]
    fn a_path_is_as_it_was_given() {
        let mut out = String::new();
        trace(&[(0.0, 0.0), (1.5, 2.25)], true, &mut out);
        assert_eq!(out, "M0 0L1.5 2.25Z");
    }
}
