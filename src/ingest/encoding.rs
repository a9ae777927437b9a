//! Which bytes are which characters. A shapefile says so badly or not at all: its language byte, its `.cpg`, strict UTF-8
//! and GB18030 are tried in that order, and the choice is shown with a sample for a person to judge.

use encoding_rs::Encoding;
use encoding_rs::GB18030;
use encoding_rs::UTF_8;
use schemars::JsonSchema;
use serde::Serialize;

/// The encoding that a file is read in, and how it was chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "EncodingChoice")]
pub struct Choice {
    pub name: &'static str,
    pub how: String,
    /// A text from the file, decoded.
    pub sample: String,
}

/// What a file declares about its bytes, in order of trust.
#[derive(Clone, Debug, Default)]
pub struct Declared {
    /// `--encoding`, which is believed whatever the bytes look like.
    pub asked: Option<&'static Encoding>,
    /// Name of the declaration and what it says, where that is an encoding we know.
    pub said: Vec<(&'static str, &'static Encoding)>,
}

/// The encoding of a label; also the names that offices and `.cpg` files use.
pub fn by_label(label: &str) -> Option<&'static Encoding> {
    let label = label.trim().trim_start_matches('\u{feff}').to_lowercase().replace(['_', ' '], "-");
    let label = match label.as_str() {
        "936" | "cp936" | "ansi 936" | "ansi-936" | "ms936" | "gb2312" | "gbk" => "gb18030",
        "65001" | "cp65001" | "utf8" => "utf-8",
        "950" | "cp950" | "ansi-950" => "big5",
        "949" | "cp949" | "ansi-949" => "euc-kr",
        "932" | "cp932" | "ansi-932" => "shift_jis",
        "874" | "cp874" => "windows-874",
        "88591" | "8859-1" | "iso-88591" | "ansi" => "iso-8859-1",
        "88592" | "8859-2" | "iso-88592" => "iso-8859-2",
        other => {
            let page = other.strip_prefix("cp").or_else(|| other.strip_prefix("ansi-"));
            let page = page.unwrap_or(other);
            if page.len() == 4 && page.starts_with("125") {
                return Encoding::for_label(format!("windows-{page}").as_bytes());
            }
            return Encoding::for_label(other.as_bytes());
        }
    };
    Encoding::for_label(label.as_bytes())
}

/// The encoding that a dBASE language byte means. 0x00 says nothing, and 0x03 and 0x57 ("ANSI") mean whatever the machine
/// that wrote the file was set to: they are no answer.
pub fn by_language_byte(byte: u8) -> Option<&'static Encoding> {
    by_label(match byte {
        0x4D | 0x7A => "gb18030",
        0x4F | 0x78 => "big5",
        0x13 | 0x7B => "shift_jis",
        0x4E | 0x79 => "euc-kr",
        0x50 | 0x7C => "windows-874",
        0xC8 => "windows-1250",
        0xC9 => "windows-1251",
        _ => return None,
    })
}

/// Chooses the encoding of a sample of the file's texts.
///
/// A declaration whose bytes do not fit it is passed over. One of a double-byte encoding is also passed over where a fair
/// amount of text is strictly UTF-8, which the other encodings practically never are by chance.
pub fn choose(declared: &Declared, sample: &[Vec<u8>]) -> (&'static Encoding, Choice) {
    let fits = |it: &'static Encoding| {
        let mut whole = 0;
        let texts = || sample.iter().filter(|it| !it.is_ascii());
        let readable = texts().all(|text| match decode(it, text) {
            Decoded::Whole(_) => {
                whole += 1;
                true
            }
            Decoded::Cut(_) => true,
            Decoded::Broken(_) => false,
        });
        readable && whole * 2 >= texts().count()
    };
    let special: usize = sample.iter().flatten().filter(|it| !it.is_ascii()).count();
    let surely_utf8 = special >= 12 && fits(UTF_8);
    let made = |encoding: &'static Encoding, how: String| {
        let text = sample.iter().find(|it| !it.is_ascii()).or_else(|| sample.first());
        let sample = text.map(|it| encoding.decode_without_bom_handling(it).0.trim().to_owned());
        (encoding, Choice { name: encoding.name(), how, sample: sample.unwrap_or_default() })
    };
    if let Some(asked) = declared.asked {
        return made(asked, "--encoding".to_owned());
    }
    let mut doubts = String::new();
    for (name, encoding) in &declared.said {
        if surely_utf8 && *encoding != UTF_8 {
            doubts = format!(
                "，{name} 声明 {said} 与内容不符 / {name} says {said}, which the bytes are not",
                said = encoding.name()
            );
        } else if fits(encoding) {
            return made(encoding, (*name).to_owned());
        } else {
            doubts = format!(
                "，{name} 声明 {said} 与内容不符 / {name} says {said}, which the bytes are not",
                said = encoding.name()
            );
        }
    }
    if special == 0 {
        return made(UTF_8, format!("仅 ASCII / only ASCII{doubts}"));
    }
    if fits(UTF_8) {
        return made(UTF_8, format!("内容判定 / by its bytes{doubts}"));
    }
    if fits(GB18030) {
        return made(GB18030, format!("内容判定 / by its bytes{doubts}"));
    }
    let fallback = declared.said.first().map_or(GB18030, |(_, it)| *it);
    made(fallback, format!("无法确定，请用 --encoding 指定 / uncertain, state --encoding{doubts}"))
}

/// What became of the bytes of one text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decoded {
    Whole(String),
    /// The last character was cut in two, as fixed-width fields do; the text without it.
    Cut(String),
    /// Not text in this encoding.
    Broken(String),
}

/// Decodes one text.
pub fn decode(encoding: &'static Encoding, bytes: &[u8]) -> Decoded {
    if let Some(text) = encoding.decode_without_bom_handling_and_without_replacement(bytes) {
        return Decoded::Whole(text.into_owned());
    }
    if let Some(kept) = without_cut_tail(encoding, bytes)
        && let Some(text) = encoding.decode_without_bom_handling_and_without_replacement(kept)
    {
        return Decoded::Cut(text.into_owned());
    }
    Decoded::Broken(encoding.decode_without_bom_handling(bytes).0.into_owned())
}

/// The bytes before an unfinished last character, where there may be one.
fn without_cut_tail<'a>(encoding: &'static Encoding, bytes: &'a [u8]) -> Option<&'a [u8]> {
    let kept = if encoding == UTF_8 {
        let error = std::str::from_utf8(bytes).err().filter(|it| it.error_len().is_none())?;
        &bytes[..error.valid_up_to()]
    } else {
        bytes.split_last().filter(|(last, _)| **last > 0x80)?.1
    };
    (!kept.is_empty()).then_some(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gbk(text: &str) -> Vec<u8> {
        encoding_rs::GBK.encode(text).0.into_owned()
    }

    fn said(name: &'static str, label: &str) -> Declared {
        Declared { asked: None, said: vec![(name, by_label(label).unwrap())] }
    }

    #[test]
    fn gbk_without_any_word_is_found_by_its_bytes() {
        let (encoding, choice) = choose(&Declared::default(), &[gbk("嘉定镇街道"), gbk("马陆镇")]);
        assert_eq!(encoding, GB18030);
        assert_eq!(choice.sample, "嘉定镇街道");
    }

    #[test]
    fn a_wrong_declaration_is_passed_over_and_named() {
        let utf8 = vec!["嘉定工业区南区".as_bytes().to_vec()];
        let (encoding, choice) = choose(&said(".cpg", "GBK"), &utf8);
        assert_eq!(encoding, UTF_8);
        assert!(choice.how.contains(".cpg"), "{}", choice.how);
        let (encoding, _) = choose(&said(".cpg", "UTF-8"), &[gbk("嘉定镇街道")]);
        assert_eq!(encoding, GB18030);
    }

    #[test]
    fn what_is_asked_for_is_taken() {
        let declared = Declared { asked: by_label("big5"), ..said(".cpg", "GBK") };
        assert_eq!(choose(&declared, &[gbk("嘉定")]).0.name(), "Big5");
    }

    #[test]
    fn the_ansi_language_byte_says_nothing() {
        assert_eq!(by_language_byte(0x57), None);
        assert_eq!(by_language_byte(0x00), None);
        assert_eq!(by_language_byte(0x4D), Some(GB18030));
        for label in ["GBK", "GB2312", "936", "CP936", "ANSI 936", "gb18030"] {
            assert_eq!(by_label(label), Some(GB18030), "{label}");
        }
        assert_eq!(by_label("1251").unwrap().name(), "windows-1251");
        assert_eq!(by_label("乱写"), None);
    }

    #[test]
    fn a_character_cut_in_two_loses_only_itself() {
        let mut bytes = gbk("面积平方公里");
        bytes.pop();
        assert_eq!(decode(GB18030, &bytes), Decoded::Cut("面积平方公".to_owned()));
        let utf8 = &"宗地代码".as_bytes()[..10];
        assert_eq!(decode(UTF_8, utf8), Decoded::Cut("宗地代".to_owned()));
        assert!(matches!(decode(UTF_8, b"a\xffb"), Decoded::Broken(_)));
    }
}
