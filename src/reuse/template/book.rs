//! A workbook of an office as its parts: read with hard limits, changed in the few places that a list fills, and written
//! again with everything else byte for byte as it was.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::io::Read;
use std::io::Write;

use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::events::BytesStart;
use quick_xml::events::Event;
use zip::ZipArchive;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// Bytes of all parts unpacked, and of one of them.
const UNPACKED: u64 = 120 * 1024 * 1024;
const PART: u64 = 60 * 1024 * 1024;
/// Parts of a workbook.
const PARTS: usize = 2_000;
/// Rows of a sheet that is a template.
const ROWS: usize = 5_000;
/// Cells of such a sheet.
const CELLS: usize = 200_000;

/// What is wrong with a workbook as a whole.
pub type Wrong = String;

/// All parts by name, in the order in which they came.
#[derive(Clone, Debug)]
pub struct Book {
    names: Vec<String>,
    parts: BTreeMap<String, Vec<u8>>,
    pub sheets: Vec<Sheet>,
    /// Texts that cells share.
    pub shared: Vec<String>,
    /// For each style whether it shows dates.
    pub dates: Vec<bool>,
}

/// A sheet: what stands before its rows, its rows, and what stands after.
#[derive(Clone, Debug)]
pub struct Sheet {
    pub name: String,
    pub part: String,
    pub head: String,
    pub rows: Vec<Row>,
    pub tail: String,
}

/// A row with its attributes but the number.
#[derive(Clone, Debug, Default)]
pub struct Row {
    pub number: u32,
    pub attributes: Vec<(String, String)>,
    pub cells: Vec<Cell>,
}

/// A cell.
#[derive(Clone, Debug, Default)]
pub struct Cell {
    /// Letters of the column.
    pub column: String,
    /// The number of its style.
    pub style: Option<String>,
    /// What its text is, where it is one.
    pub text: Option<String>,
    pub formula: Option<String>,
    /// A formula that is shared among cells, or of an array.
    pub is_shared: bool,
    /// Attributes but place and style, and what stands inside, as they were.
    pub kind: Option<String>,
    pub inner: String,
}

fn broken(part: &str, why: &impl ToString) -> Wrong {
    let why: String = why.to_string().chars().filter(|it| !it.is_control()).take(160).collect();
    format!("工作簿有误（{part}） / the workbook is broken in {part}: {why}")
}

fn attributes(part: &str, it: &BytesStart<'_>) -> Result<Vec<(String, String)>, Wrong> {
    it.attributes()
        .map(|it| {
            let it = it.map_err(|it| broken(part, &it))?;
            let value =
                it.normalized_value(XmlVersion::Implicit1_0).map_err(|it| broken(part, &it))?;
            Ok((it.key.as_ref().to_owned(), value.into_owned()))
        })
        .collect()
}

fn of<'a>(all: &'a [(String, String)], name: &str) -> Option<&'a str> {
    all.iter().find(|it| it.0 == name).map(|it| it.1.as_str())
}

/// The text that an event adds; `None` where it is of another kind. Entities of a document's own are refused.
fn said(part: &str, event: &Event<'_>) -> Result<Option<String>, Wrong> {
    match event {
        Event::Text(it) => Ok(Some(it.xml10_content().into_owned())),
        Event::CData(it) => Ok(Some(it.xml10_content().into_owned())),
        Event::GeneralRef(it) => {
            let given = it.resolve_char_ref().map_err(|it| broken(part, &it))?;
            let character = given.or_else(|| match it.xml10_content().as_ref() {
                "lt" => Some('<'),
                "gt" => Some('>'),
                "amp" => Some('&'),
                "quot" => Some('"'),
                "apos" => Some('\''),
                _ => None,
            });
            character
                .map(|it| Some(it.to_string()))
                .ok_or_else(|| broken(part, &"an entity of its own"))
        }
        Event::DocType(_) => Err(broken(part, &"a document type declaration")),
        _ => Ok(None),
    }
}

impl Book {
    /// Reads a workbook.
    pub fn read(content: &[u8]) -> Result<Self, Wrong> {
        let mut archive = ZipArchive::new(Cursor::new(content)).map_err(|it| broken("ZIP", &it))?;
        if archive.len() > PARTS {
            return Err(broken("ZIP", &format!("more than {PARTS} parts")));
        }
        let (mut names, mut parts, mut unpacked) = (Vec::new(), BTreeMap::new(), 0);
        for nth in 0..archive.len() {
            let file = archive.by_index(nth).map_err(|it| broken("ZIP", &it))?;
            if file.is_dir() {
                continue;
            }
            let name = file.name().map_err(|it| broken("ZIP", &it))?.to_string();
            let mut bytes = Vec::new();
            file.take(PART + 1).read_to_end(&mut bytes).map_err(|it| broken(&name, &it))?;
            unpacked += bytes.len() as u64;
            if bytes.len() as u64 > PART || unpacked > UNPACKED {
                return Err("解压后过大 / the workbook is too large when it is unpacked".to_owned());
            }
            if parts.insert(name.clone(), bytes).is_some() {
                return Err(broken(&name, &"it is there twice"));
            }
            names.push(name);
        }
        let mut it =
            Self { names, parts, sheets: Vec::new(), shared: Vec::new(), dates: Vec::new() };
        it.shared = it.shared_texts()?;
        it.dates = it.date_styles()?;
        it.sheets = it.named_sheets()?;
        Ok(it)
    }

    /// A part as text.
    pub fn text(&self, part: &str) -> Result<&str, Wrong> {
        let bytes = self.parts.get(part).ok_or_else(|| broken(part, &"it is missing"))?;
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        std::str::from_utf8(bytes).map_err(|_| broken(part, &"it is no UTF-8"))
    }

    /// Puts another text in the place of a part.
    pub fn put(&mut self, part: &str, text: String) {
        self.parts.insert(part.to_owned(), text.into_bytes());
    }

    /// Takes a part out, and whatever of the workbook's own lists names it.
    pub fn remove(&mut self, part: &str) -> Result<(), Wrong> {
        if self.parts.remove(part).is_none() {
            return Ok(());
        }
        self.names.retain(|it| it != part);
        let file = part.rsplit('/').next().unwrap_or(part).to_owned();
        for list in ["[Content_Types].xml", "xl/_rels/workbook.xml.rels"] {
            let text = self.text(list)?;
            let mut out = String::with_capacity(text.len());
            let mut rest = text;
            while let Some(at) = rest.find('<') {
                let end = rest[at..].find('>').map_or(rest.len(), |it| at + it + 1);
                let element = &rest[at..end];
                out.push_str(&rest[..at]);
                let names_it = element.contains(&format!("{file}\""));
                if !names_it || !element.ends_with("/>") {
                    out.push_str(element);
                }
                rest = &rest[end..];
            }
            out.push_str(rest);
            self.put(list, out);
        }
        Ok(())
    }

    fn shared_texts(&self) -> Result<Vec<String>, Wrong> {
        const PART: &str = "xl/sharedStrings.xml";
        if !self.parts.contains_key(PART) {
            return Ok(Vec::new());
        }
        let mut reader = Reader::from_str(self.text(PART)?);
        let (mut all, mut text, mut takes, mut phonetic) = (Vec::new(), String::new(), false, 0);
        loop {
            let event = reader.read_event().map_err(|it| broken(PART, &it))?;
            match &event {
                Event::Start(it) => match it.local_name().as_ref() {
                    "si" => text.clear(),
                    "rPh" => phonetic += 1,
                    "t" => takes = phonetic == 0,
                    _ => {}
                },
                Event::Empty(it) if it.local_name().as_ref() == "si" => all.push(String::new()),
                Event::End(it) => match it.local_name().as_ref() {
                    "si" => all.push(text.clone()),
                    "rPh" => phonetic -= 1,
                    "t" => takes = false,
                    _ => {}
                },
                Event::Eof => return Ok(all),
                other => {
                    if let Some(more) = said(PART, other)?.filter(|_| takes) {
                        text += &more;
                    }
                }
            }
        }
    }

    /// Which of the styles show a number as a date.
    fn date_styles(&self) -> Result<Vec<bool>, Wrong> {
        const PART: &str = "xl/styles.xml";
        if !self.parts.contains_key(PART) {
            return Ok(Vec::new());
        }
        let mut reader = Reader::from_str(self.text(PART)?);
        let (mut own, mut all, mut within) = (BTreeMap::new(), Vec::new(), false);
        loop {
            let event = reader.read_event().map_err(|it| broken(PART, &it))?;
            match &event {
                Event::Start(it) | Event::Empty(it) => {
                    let given = attributes(PART, it)?;
                    match it.local_name().as_ref() {
                        "numFmt" => {
                            let id = of(&given, "numFmtId").unwrap_or_default().to_owned();
                            let code = of(&given, "formatCode").unwrap_or_default();
                            own.insert(id, is_date_code(code));
                        }
                        "cellXfs" => within = matches!(event, Event::Start(_)),
                        "xf" if within => {
                            let id = of(&given, "numFmtId").unwrap_or("0");
                            let known =
                                matches!(id.parse(), Ok(14..=22 | 27..=36 | 45..=47 | 50..=58));
                            all.push(own.get(id).copied().unwrap_or(known));
                        }
                        _ => {}
                    }
                }
                Event::End(it) if it.local_name().as_ref() == "cellXfs" => within = false,
                Event::Eof => return Ok(all),
                Event::DocType(_) => return Err(broken(PART, &"a document type declaration")),
                _ => {}
            }
        }
    }

    fn named_sheets(&self) -> Result<Vec<Sheet>, Wrong> {
        const LIST: &str = "xl/workbook.xml";
        const TARGETS: &str = "xl/_rels/workbook.xml.rels";
        let mut targets = BTreeMap::new();
        each(self.text(TARGETS)?, TARGETS, |name, given| {
            if name == "Relationship"
                && let (Some(id), Some(target)) = (of(given, "Id"), of(given, "Target"))
            {
                let target = target.strip_prefix('/').map_or_else(
                    || format!("xl/{}", target.trim_start_matches("./")),
                    ToOwned::to_owned,
                );
                targets.insert(id.to_owned(), target);
            }
        })?;
        let mut named = Vec::new();
        each(self.text(LIST)?, LIST, |name, given| {
            if name == "sheet" {
                let id = given.iter().find(|it| it.0 == "r:id" || it.0.ends_with(":id"));
                let part = id.and_then(|it| targets.get(&it.1));
                if let (Some(name), Some(part)) = (of(given, "name"), part) {
                    named.push((name.to_owned(), part.clone()));
                }
            }
        })?;
        let mut sheets = Vec::new();
        for (name, part) in named {
            // Charts are sheets without rows.
            if part.contains("/worksheets/") {
                sheets.push(self.sheet(name, part)?);
            }
        }
        if sheets.is_empty() {
            return Err(broken(LIST, &"it has no sheet"));
        }
        Ok(sheets)
    }

    fn sheet(&self, name: String, part: String) -> Result<Sheet, Wrong> {
        let text = self.text(&part)?;
        let at = |reader: &Reader<&[u8]>| usize::try_from(reader.buffer_position()).unwrap_or(0);
        let mut reader = Reader::from_str(text);
        let mut head = text.len();
        let tail;
        let (mut rows, mut count) = (Vec::<Row>::new(), 0);
        loop {
            let before = at(&reader);
            let event = reader.read_event().map_err(|it| broken(&part, &it))?;
            match &event {
                Event::Start(it) if it.local_name().as_ref() == "sheetData" => head = at(&reader),
                Event::Empty(it) if it.local_name().as_ref() == "sheetData" => {
                    head = before;
                    tail = at(&reader);
                    break;
                }
                Event::End(it) if it.local_name().as_ref() == "sheetData" => {
                    tail = before;
                    break;
                }
                Event::Start(it) | Event::Empty(it) if it.local_name().as_ref() == "row" => {
                    let mut given = attributes(&part, it)?;
                    let number = of(&given, "r").and_then(|it| it.parse().ok());
                    let number =
                        number.unwrap_or_else(|| rows.last().map_or(1, |it| it.number + 1));
                    given.retain(|it| it.0 != "r" && it.0 != "spans");
                    rows.push(Row { number, attributes: given, cells: Vec::new() });
                }
                Event::Start(it) | Event::Empty(it) if it.local_name().as_ref() == "c" => {
                    let given = attributes(&part, it)?;
                    let inner = if matches!(event, Event::Start(_)) {
                        let from = at(&reader);
                        let end = it.to_end().into_owned();
                        let to = reader.read_to_end(end.name()).map_err(|it| broken(&part, &it))?;
                        let to = usize::try_from(to.end).unwrap_or(from);
                        text.get(from..to).unwrap_or_default()
                    } else {
                        ""
                    };
                    let cell = self.cell(&part, &given, inner)?;
                    count += 1;
                    match rows.last_mut() {
                        Some(row) => row.cells.push(cell),
                        None => return Err(broken(&part, &"a cell without a row")),
                    }
                }
                Event::DocType(_) => return Err(broken(&part, &"a document type declaration")),
                Event::Eof => return Err(broken(&part, &"it has no rows")),
                _ => {}
            }
            if rows.len() > ROWS || count > CELLS {
                return Err(format!(
                    "工作表“{name}”过大：至多 {ROWS} 行、{CELLS} 个单元格 / the sheet `{name}` is too large: at most {ROWS} rows and {CELLS} cells"
                ));
            }
        }
        let (head, tail) = if text[head..tail].trim_start().starts_with("<sheetData") {
            (format!("{}<sheetData>", &text[..head]), format!("</sheetData>{}", &text[tail..]))
        } else {
            (text[..head].to_owned(), text[tail..].to_owned())
        };
        Ok(Sheet { name, part, head, rows, tail })
    }

    fn cell(&self, part: &str, given: &[(String, String)], inner: &str) -> Result<Cell, Wrong> {
        let place = of(given, "r").ok_or_else(|| broken(part, &"a cell without a place"))?;
        let column: String = place.chars().take_while(char::is_ascii_uppercase).collect();
        let kind = of(given, "t").map(ToOwned::to_owned);
        let mut reader = Reader::from_str(inner);
        let (mut formula, mut value, mut is_shared) = (None, String::new(), false);
        let mut within = String::new();
        loop {
            let event = reader.read_event().map_err(|it| broken(part, &it))?;
            match &event {
                Event::Start(it) | Event::Empty(it) => {
                    it.local_name().as_ref().clone_into(&mut within);
                    if within == "f" {
                        let given = attributes(part, it)?;
                        is_shared = of(&given, "t").is_some_and(|it| it != "normal");
                        formula = Some(String::new());
                    }
                }
                Event::End(_) => within.clear(),
                Event::Eof => break,
                other => {
                    let Some(more) = said(part, other)? else { continue };
                    match within.as_str() {
                        "f" => formula.get_or_insert_default().push_str(&more),
                        "v" | "t" => value += &more,
                        _ => {}
                    }
                }
            }
        }
        let text = match kind.as_deref() {
            Some("s") => {
                value.trim().parse::<usize>().ok().and_then(|it| self.shared.get(it)).cloned()
            }
            Some("inlineStr" | "str") => Some(value),
            _ => None,
        };
        let style = of(given, "s").map(ToOwned::to_owned);
        Ok(Cell { column, style, text, formula, is_shared, kind, inner: inner.to_owned() })
    }

    /// The file.
    pub fn write(&self) -> anyhow::Result<Vec<u8>> {
        let mut out = ZipWriter::new(Cursor::new(Vec::new()));
        for name in &self.names {
            let Some(bytes) = self.parts.get(name) else { continue };
            out.start_file(name.as_str(), SimpleFileOptions::default())?;
            out.write_all(bytes)?;
        }
        Ok(out.finish()?.into_inner())
    }
}

/// Every element of a part with its attributes.
fn each(
    text: &str,
    part: &str,
    mut take: impl FnMut(&str, &[(String, String)]),
) -> Result<(), Wrong> {
    let mut reader = Reader::from_str(text);
    loop {
        match reader.read_event().map_err(|it| broken(part, &it))? {
            Event::Start(it) | Event::Empty(it) => {
                take(it.local_name().as_ref(), &attributes(part, &it)?);
            }
            Event::DocType(_) => return Err(broken(part, &"a document type declaration")),
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

/// Whether a format code shows a date: it has a year, month or day outside of quotes and brackets.
fn is_date_code(code: &str) -> bool {
    let (mut quoted, mut bracketed) = (false, false);
    let mut before = ' ';
    code.chars().any(|it| {
        let escaped = before == '\\';
        before = it;
        match it {
            _ if escaped => false,
            '"' => {
                quoted = !quoted;
                false
            }
            '[' => {
                bracketed = true;
                false
            }
            ']' => {
                bracketed = false;
                false
            }
            'y' | 'Y' | 'd' | 'D' => !quoted && !bracketed,
            _ => false,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_of_dates_are_known_from_numbers() {
        for (code, wanted) in [
            ("yyyy\"年\"m\"月\"d\"日\"", true),
            ("yyyy-mm-dd", true),
            ("#,##0.00", false),
            ("0.00\"day\"", false),
            ("[Red]0.0", false),
            ("0\\d", false),
        ] {
            assert_eq!(is_date_code(code), wanted, "{code}");
        }
    }
}
