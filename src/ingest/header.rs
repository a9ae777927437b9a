//! A header as an office writes it: a name and, in brackets or after a bar, a unit: `面积(亩)`, `税收（万元）`, `产值_亿元`.

use super::unit;
use super::value::plain;

/// A header taken apart; everything normalised for comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The whole header.
    pub whole: String,
    /// The header without its bracket, where it has one.
    pub bare: Option<String>,
    /// What stands in the bracket: a unit, or something else.
    pub bracket: Option<String>,
}

impl Header {
    pub fn parse(text: &str) -> Self {
        let whole = normal(text);
        let (bare, bracket) = split(&whole).unzip();
        Self { whole, bare, bracket }
    }

    /// The unit that the bracket names, if it names one.
    pub fn unit(&self) -> Option<&str> {
        self.bracket.as_deref().filter(|it| unit::is_known(it))
    }
}

/// Compared without case, width, blanks and low lines: `ＺＤ ＤＭ`, `zd_dm` and `ZDDM` are one name.
pub fn normal(text: &str) -> String {
    let text = plain(text).to_lowercase();
    text.chars().filter(|it| !it.is_whitespace()).collect()
}

/// [`normal`] without low lines and hyphens, for comparing names.
pub fn name(text: &str) -> String {
    normal(text).chars().filter(|it| !matches!(it, '_' | '-')).collect()
}

fn split(whole: &str) -> Option<(String, String)> {
    for (open, close) in [('(', ')'), ('[', ']'), ('【', '】'), ('〔', '〕')] {
        if let Some(rest) = whole.strip_suffix(close)
            && let Some(at) = rest.rfind(open)
            && at > 0
        {
            let inner = &rest[at + open.len_utf8()..];
            return Some((rest[..at].to_owned(), unit_word(inner)));
        }
    }
    // `面积_亩`, `面积:亩`, `面积/亩`; a ratio's own bar (`万元/亩`) is not one.
    for bar in ['_', ':', ',', '-'] {
        if let Some((bare, last)) = whole.rsplit_once(bar)
            && unit::is_known(last)
            && !bare.is_empty()
        {
            return Some((bare.to_owned(), last.to_owned()));
        }
    }
    None
}

/// `单位:万元` → `万元`; `亩,原值` → `亩`.
fn unit_word(inner: &str) -> String {
    let inner = inner.strip_prefix("单位").unwrap_or(inner).trim_start_matches([':', '为']);
    let first = inner.split([',', ';', '、']).next().unwrap_or(inner);
    if unit::is_known(first) { first.to_owned() } else { inner.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_in_headers() {
        for (text, bare, unit) in [
            ("面积(亩)", "面积", "亩"),
            ("税收（万元）", "税收", "万元"),
            ("产值\n(亿元)", "产值", "亿元"),
            ("用地【公顷】", "用地", "公顷"),
            ("面积（单位：㎡）", "面积", "m2"),
            ("面积_亩", "面积", "亩"),
            ("约定亩均税收(万元/亩)", "约定亩均税收", "万元/亩"),
            ("证载面积（亩，原值）", "证载面积", "亩"),
            ("基底面积(平方米)", "基底面积", "平方米"),
        ] {
            let header = Header::parse(text);
            assert_eq!((header.bare.as_deref(), header.unit()), (Some(bare), Some(unit)), "{text}");
        }
    }

    #[test]
    fn a_bracket_that_is_no_unit_is_kept_as_it_is() {
        let header = Header::parse("面积(测绘)");
        assert_eq!(header.bracket.as_deref(), Some("测绘"));
        assert_eq!(header.unit(), None);
        assert_eq!(Header::parse("parcel_code").bare, None);
    }
}
