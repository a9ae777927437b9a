//! XML as clients send it: read into a small tree, with hard limits and without anything that reaches outside of the text
//! (no document type, no entities of its own, no processing instructions). Namespaces are not judged: clients differ in
//! them more than in what they mean.

use std::ops::Range;

use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::events::BytesStart;
use quick_xml::events::Event;

/// Levels of elements.
pub const MAX_DEPTH: usize = 48;
/// Elements of one document.
pub const MAX_ELEMENTS: usize = 20_000;
/// Attributes of one element.
const MAX_ATTRIBUTES: usize = 60;

/// An element with what is in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Element {
    /// Without prefix.
    pub name: String,
    /// Without prefixes.
    pub attributes: Vec<(String, String)>,
    /// All text directly in it.
    pub text: String,
    pub children: Vec<Element>,
    /// Where it stands in the text, in bytes.
    pub at: Range<usize>,
}

impl Element {
    /// The attribute of that name, whatever its prefix.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|it| it.0 == name).map(|it| it.1.as_str())
    }

    /// The first child of that name.
    pub fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|it| it.name == name)
    }
}

/// What is wrong with a text, in both languages.
pub type Wrong = String;

/// Reads a document: one element and nothing else but white space and comments.
pub fn read(text: &str) -> Result<Element, Wrong> {
    let mut reader = Reader::from_str(text);
    let mut open: Vec<Element> = Vec::new();
    let mut root = None;
    let mut elements = 0;
    loop {
        let from = place(&reader);
        let event = reader.read_event().map_err(|it| broken(from, &it.to_string()))?;
        let to = place(&reader);
        match event {
            Event::Start(_) | Event::Empty(_) if root.is_some() => {
                return Err(broken(from, "more than one element at the top"));
            }
            Event::Start(it) => {
                elements += 1;
                if open.len() >= MAX_DEPTH {
                    return Err(format!(
                        "XML 嵌套超过 {MAX_DEPTH} 层 / at most {MAX_DEPTH} levels of elements"
                    ));
                }
                open.push(element(&it, from..to)?);
            }
            Event::Empty(it) => {
                elements += 1;
                close(element(&it, from..to)?, &mut open, &mut root);
            }
            Event::End(_) => {
                let Some(mut it) = open.pop() else {
                    return Err(broken(from, "an end without a beginning"));
                };
                it.at.end = to;
                close(it, &mut open, &mut root);
            }
            Event::Text(it) => add(&it.xml10_content(), &mut open, from)?,
            Event::CData(it) => add(&it.xml10_content(), &mut open, from)?,
            Event::GeneralRef(it) => {
                let character = it
                    .resolve_char_ref()
                    .map_err(|it| broken(from, &it.to_string()))?
                    .or_else(|| predefined(&it.xml10_content()));
                let Some(character) = character else {
                    return Err("不允许自定义实体 / entities other than &lt; &gt; &amp; &quot; &apos; are not read".to_owned());
                };
                add(character.encode_utf8(&mut [0; 4]), &mut open, from)?;
            }
            Event::DocType(_) => {
                return Err("不允许 DOCTYPE / a document type declaration is not read".to_owned());
            }
            Event::PI(_) => {
                return Err("不允许处理指令 / processing instructions are not read".to_owned());
            }
            Event::Decl(_) | Event::Comment(_) => {}
            Event::Eof => break,
        }
        if elements > MAX_ELEMENTS {
            return Err(format!(
                "XML 超过 {MAX_ELEMENTS} 个元素 / at most {MAX_ELEMENTS} elements"
            ));
        }
    }
    match root {
        Some(it) if open.is_empty() => Ok(it),
        _ => Err("XML 不完整 / the XML has no end".to_owned()),
    }
}

fn place(reader: &Reader<&[u8]>) -> usize {
    usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX)
}

fn broken(at: usize, why: &str) -> Wrong {
    let why: String = why.chars().filter(|it| !it.is_control()).take(120).collect();
    format!("XML 有误，第 {at} 字节 / the XML is broken at byte {at}: {why}")
}

fn predefined(name: &str) -> Option<char> {
    Some(match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        _ => return None,
    })
}

fn element(it: &BytesStart<'_>, at: Range<usize>) -> Result<Element, Wrong> {
    let mut attributes = Vec::new();
    for attribute in it.attributes() {
        let attribute = attribute.map_err(|it| broken(at.start, &it.to_string()))?;
        if attributes.len() >= MAX_ATTRIBUTES {
            return Err(broken(at.start, "too many attributes"));
        }
        let value = attribute
            .normalized_value(XmlVersion::Implicit1_0)
            .map_err(|it| broken(at.start, &it.to_string()))?;
        let name = attribute.key.local_name();
        attributes.push((name.as_ref().to_owned(), value.into_owned()));
    }
    Ok(Element { name: it.local_name().as_ref().to_owned(), attributes, at, ..Element::default() })
}

fn close(it: Element, open: &mut [Element], root: &mut Option<Element>) {
    match open.last_mut() {
        Some(parent) => parent.children.push(it),
        None => *root = Some(it),
    }
}

fn add(text: &str, open: &mut [Element], at: usize) -> Result<(), Wrong> {
    if !text.chars().all(is_allowed) {
        return Err(broken(at, "a character that XML does not allow"));
    }
    match open.last_mut() {
        Some(it) => it.text.push_str(text),
        None if text.chars().all(|it| it.is_whitespace() || it == '\u{feff}') => {}
        None => return Err(broken(at, "text outside of the element")),
    }
    Ok(())
}

const fn is_allowed(it: char) -> bool {
    match it {
        '\t' | '\n' | '\r' => true,
        '\u{fffe}' | '\u{ffff}' => false,
        other => other >= ' ',
    }
}

/// Text as the content of an element or of an attribute in double quotes. What XML has no way to say becomes a question
/// mark in a box.
pub fn escape(text: &str, out: &mut String) {
    for it in text.chars() {
        match it {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            other if is_allowed(other) => out.push(other),
            _ => out.push('\u{fffd}'),
        }
    }
}

/// [`escape`]d.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    escape(text, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_tree_has_names_texts_and_places() {
        let text = "<?xml version=\"1.0\"?><!-- x --><a:b c:d=\"1 &lt; 2\"><e/>x&amp;<![CDATA[<y>]]>&#x4EA9;</a:b>\n";
        let it = read(text).unwrap();
        assert_eq!((it.name.as_str(), it.text.as_str()), ("b", "x&<y>亩"));
        assert_eq!(it.attribute("d"), Some("1 < 2"));
        assert_eq!(&text[it.at.clone()], text[text.find("<a").unwrap()..].trim_end());
        assert_eq!(&text[it.child("e").unwrap().at.clone()], "<e/>");
    }

    #[test]
    fn what_reaches_outside_is_refused() {
        let bomb = "<!DOCTYPE a [<!ENTITY b \"bbbbbbbb\"><!ENTITY c \"&b;&b;&b;\">]><a>&c;</a>";
        let file = "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><a>&b;</a>";
        for wrong in [bomb, file, "<a>&b;</a>", "<a><?php x?></a>", "<a>&#0;</a>", "<a b=\"&c;\"/>"]
        {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_has_no_end_is_refused() {
        let deep = "<a>".repeat(100_000);
        let wide = format!("<a>{}</a>", "<b/>".repeat(MAX_ELEMENTS));
        let named =
            format!("<a {}/>", (0..100).map(|it| format!("b{it}=\"\" ")).collect::<String>());
        for wrong in [
            "", " ", "x", "<a>", "</a>", "<a></b>", "<a/><b/>", "<a/>x", &deep, &wide, &named,
            "<a b=1/>",
        ] {
            assert!(read(wrong).is_err(), "{}", &wrong[..wrong.len().min(40)]);
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[<>a&;!\\[\\]/\"'= -]{0,60}") {
            let _ = read(&text);
        }

        #[test]
        fn what_is_escaped_is_read_again(text in "\\PC*") {
            let it = read(&format!("<a b=\"{0}\">{0}</a>", escaped(&text))).unwrap();
            prop_assert_eq!(it.attribute("b"), Some(text.as_str()));
            prop_assert_eq!(it.text, text);
        }
    }
}
