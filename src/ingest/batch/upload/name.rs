//! Names of files as clients send them: with the paths of their machines, in GBK, with percent signs. What is kept is
//! readable and safe as the name of a file.

use encoding_rs::GB18030;
use percent_encoding::percent_decode;
use percent_encoding::percent_decode_str;
use unicode_normalization::UnicodeNormalization;

/// Bytes of a name at most: file systems take 255.
const MOST: usize = 200;

/// The file name in a part's `Content-Disposition`; `None` where it has none. `filename*` (RFC 5987) goes before `filename`.
pub fn of_disposition(header: &[u8]) -> Option<String> {
    let extended = parameter(header, b"filename*").and_then(|it| {
        let text = String::from_utf8(it).ok()?;
        let (charset, rest) = text.split_once('\'')?;
        let (_, rest) = rest.split_once('\'')?;
        let bytes: Vec<u8> = percent_decode(rest.as_bytes()).collect();
        let is_utf8 = charset.eq_ignore_ascii_case("utf-8");
        if is_utf8 { String::from_utf8(bytes).ok() } else { Some(decoded(bytes)) }
    });
    extended.or_else(|| parameter(header, b"filename").map(decoded))
}

/// UTF-8, else what Chinese Windows writes.
fn decoded(bytes: Vec<u8>) -> String {
    match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(it) => GB18030.decode_without_bom_handling(it.as_bytes()).0.into_owned(),
    }
}

/// The value of a parameter of a header, quoted or not.
fn parameter(header: &[u8], name: &[u8]) -> Option<Vec<u8>> {
    let mut rest = header;
    while let Some(at) = rest.iter().position(|it| *it == b';') {
        rest = rest[at + 1..].trim_ascii_start();
        let Some(after) = rest
            .get(..name.len())
            .filter(|it| it.eq_ignore_ascii_case(name))
            .and_then(|_| rest[name.len()..].trim_ascii_start().strip_prefix(b"="))
        else {
            if let Some(b'"') = rest.iter().find(|it| matches!(it, b'"' | b';')) {
                // Whatever stands in quotes of another parameter is not a parameter.
                let open = rest.iter().position(|it| *it == b'"')? + 1;
                let close = rest[open..].iter().position(|it| *it == b'"')?;
                rest = &rest[open + close + 1..];
            }
            continue;
        };
        let after = after.trim_ascii_start();
        if let Some(quoted) = after.strip_prefix(b"\"") {
            return Some(unquoted(quoted));
        }
        let end = after.iter().position(|it| *it == b';').unwrap_or(after.len());
        return Some(after[..end].trim_ascii_end().to_vec());
    }
    None
}

/// Up to the closing quote. A backslash stands before a quote only: others are those of Windows paths.
fn unquoted(quoted: &[u8]) -> Vec<u8> {
    let mut value = Vec::new();
    let mut bytes = quoted.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => break,
            b'\\' if bytes.peek() == Some(&b'"') => value.extend(bytes.next()),
            other => value.push(other),
        }
    }
    value
}

/// A name that people recognise and file systems take: without a path, without what is not printed, not too long.
pub fn readable(given: &str) -> String {
    let mut text = given.to_owned();
    if text.contains('%') {
        let bytes: Vec<u8> = percent_decode_str(&text).collect();
        let plain = decoded(bytes);
        // 100%25.csv stays what it is; 地块 in disguise does not.
        if !plain.is_ascii() && !plain.contains('\u{fffd}') {
            text = plain;
        }
    }
    let last = text.rsplit(['/', '\\']).next().unwrap_or_default();
    let kept: String = last
        .nfc()
        .filter(|it| !it.is_control() && !is_invisible(*it))
        .map(|it| if "<>:\"|?*".contains(it) { '_' } else { it })
        .collect();
    let kept = kept.trim().trim_start_matches('.');
    if kept.is_empty() {
        return "upload".to_owned();
    }
    shortened(kept)
}

/// Marks that turn a text round or hide in it.
fn is_invisible(it: char) -> bool {
    matches!(it, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{fffd}')
}

/// At most [`MOST`] bytes; the extension stays.
fn shortened(name: &str) -> String {
    if name.len() <= MOST {
        return name.to_owned();
    }
    let (stem, extension) = parts(name);
    let extension = if extension.len() <= 20 { extension } else { "" };
    let room = MOST - extension.len() - 1;
    let end = (0..=room.min(stem.len())).rev().find(|it| stem.is_char_boundary(*it)).unwrap_or(0);
    if extension.is_empty() {
        stem[..end].to_owned()
    } else {
        format!("{}.{extension}", &stem[..end])
    }
}

/// Stem and extension, without the point.
pub fn parts(name: &str) -> (&str, &str) {
    name.rsplit_once('.').unwrap_or((name, ""))
}

/// What a piece is called beside the main file: readers look for the same stem, and for an extension in the same case.
pub fn beside(main: &str, piece: &str) -> String {
    let (stem, of_main) = parts(main);
    if piece == main {
        return piece.to_owned();
    }
    let rest = piece.chars().skip(stem.chars().count() + 1).collect::<String>();
    let is_upper = of_main.chars().any(char::is_alphabetic) && of_main == of_main.to_uppercase();
    let rest = if is_upper { rest.to_uppercase() } else { rest.to_lowercase() };
    format!("{stem}.{rest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_out_of_headers_in_every_spelling() {
        let of = |it: &[u8]| of_disposition(it);
        let plain = b"form-data; name=\"file\"; filename=\"a b.csv\"";
        assert_eq!(of(plain).as_deref(), Some("a b.csv"));
        assert_eq!(of(b"form-data; name=file; filename=a.csv").as_deref(), Some("a.csv"));
        assert_eq!(of(b"form-data; name=\"filename=x\"; filename=\"b\"").as_deref(), Some("b"));
        assert_eq!(of(b"form-data; name=\"a;filename=x\"; filename=\"b\"").as_deref(), Some("b"));
        let both = "form-data; filename=\"x.csv\"; filename*=UTF-8''%E5%9C%B0%E5%9D%97.csv";
        assert_eq!(of(both.as_bytes()).as_deref(), Some("地块.csv"));
        let (gbk, _, _) = encoding_rs::GBK.encode("form-data; filename=\"嘉定区地块.csv\"");
        assert_eq!(of(&gbk).as_deref(), Some("嘉定区地块.csv"));
        assert_eq!(
            of(b"form-data; filename=\"C:\\a\\b \\\"c\\\".csv\"").as_deref(),
            Some("C:\\a\\b \"c\".csv")
        );
        assert_eq!(of(b"form-data; name=\"into\""), None);
        assert_eq!(of(b"form-data; filename=\"never closed").as_deref(), Some("never closed"));
    }

    #[test]
    fn a_name_is_safe_and_still_readable() {
        for (given, kept) in [
            ("地块 2024.shp", "地块 2024.shp"),
            ("C:\\fakepath\\地块.xlsx", "地块.xlsx"),
            ("../../etc/passwd", "passwd"),
            ("%E5%9C%B0%E5%9D%97.csv", "地块.csv"),
            ("100%25.csv", "100%25.csv"),
            ("%2e%2e%2fa.csv", "%2e%2e%2fa.csv"),
            ("a%2F%E5%9C%B0.csv", "地.csv"),
            ("..", "upload"),
            ("", "upload"),
            (".htaccess", "htaccess"),
            ("a\u{0}\n\u{202e}b.csv", "ab.csv"),
            ("a<b>|c?.csv", "a_b__c_.csv"),
            // macOS takes accents apart.
            ("e\u{301}.csv", "é.csv"),
        ] {
            assert_eq!(readable(given), kept, "{given:?}");
        }
        let long = readable(&format!("{}.geojson", "地".repeat(300)));
        assert!(long.len() <= MOST && long.ends_with("地.geojson"), "{long}");
        assert!(readable(&"长".repeat(300)).len() <= MOST);
        assert!(readable(&format!("a.{}", "b".repeat(300))).len() <= MOST);
    }

    #[test]
    fn pieces_lie_beside_their_main_file() {
        assert_eq!(beside("地块.shp", "地块.DBF"), "地块.dbf");
        assert_eq!(beside("A.SHP", "a.dbf"), "A.DBF");
        assert_eq!(beside("a.shp", "A.shp.xml"), "a.shp.xml");
        assert_eq!(beside("a.shp", "a.shp"), "a.shp");
    }
}
