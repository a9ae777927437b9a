//! ODS workbooks as GDAL and others write them, with blanks and ends of lines between the elements: the workbook reader takes
//! those for content and gives up. The same workbook without them is made in a temporary file.

use std::fs::File;
use std::io::Read;
use std::io::Write;
use std::path::Path;

use anyhow::Context;
use anyhow::bail;
use tempfile::NamedTempFile;
use zip::ZipArchive;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// The member that holds the sheets, and how large it may be: it is held in memory twice.
const CONTENT: &str = "content.xml";
const MOST: u64 = 256 * 1024 * 1024;

/// The workbook without blanks between its elements.
pub(super) fn tidied(path: &Path) -> anyhow::Result<NamedTempFile> {
    let mut archive = ZipArchive::new(File::open(path)?)?;
    let made = tempfile::Builder::new().suffix(".ods").tempfile()?;
    let mut out = ZipWriter::new(made.reopen()?);
    for index in 0..archive.len() {
        let member = archive.by_index_raw(index)?;
        if member.name_raw() != CONTENT.as_bytes() {
            out.raw_copy_file(member)?;
            continue;
        }
        drop(member);
        let member = archive.by_index(index)?;
        let mut xml = String::new();
        member.take(MOST + 1).read_to_string(&mut xml).context(CONTENT)?;
        if xml.len() as u64 > MOST {
            bail!("{CONTENT}: 过大 / too large");
        }
        out.start_file(CONTENT, SimpleFileOptions::default())?;
        out.write_all(without_blanks(&xml).as_bytes())?;
    }
    out.finish()?;
    Ok(made)
}

/// Drops text of nothing but blanks outside of paragraphs; within one a blank is a blank.
fn without_blanks(xml: &str) -> String {
    let mut out = String::with_capacity(xml.len());
    let mut paragraphs = 0_usize;
    let mut rest = xml;
    while let Some(start) = rest.find('<') {
        let (text, tag) = rest.split_at(start);
        if paragraphs > 0 || !text.trim_ascii().is_empty() {
            out.push_str(text);
        }
        // An attribute may hold a `>`, which is no end; comments and the like hold no paragraphs.
        let end = tag_end(tag);
        let (tag, after) = tag.split_at(end);
        let is_paragraph = |name: &str| {
            ["text:p", "text:h"].iter().any(|it| {
                name.strip_prefix(it).is_some_and(|it| it.starts_with(['>', ' ', '\t', '\r', '\n']))
            })
        };
        if let Some(name) = tag.strip_prefix("</") {
            paragraphs = paragraphs.saturating_sub(usize::from(is_paragraph(name)));
        } else if !tag.ends_with("/>") {
            paragraphs += usize::from(is_paragraph(&tag[1..]));
        }
        out.push_str(tag);
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Bytes of the tag that the text begins with.
fn tag_end(text: &str) -> usize {
    let mut quote = None;
    for (at, it) in text.bytes().enumerate() {
        match (quote, it) {
            (None, b'>') => return at + 1,
            (None, b'"' | b'\'') => quote = Some(it),
            (Some(open), _) if open == it => quote = None,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use calamine::Data;
    use calamine::Reader;
    use calamine::open_workbook_auto;

    use super::*;

    #[test]
    fn blanks_between_elements_go_and_those_in_texts_stay() {
        let xml =
            "<a>\n <b x='>'>\n<text:p>a <text:span>b</text:span> <text:s/>c</text:p> </b>\t</a>\n";
        let tidy = "<a><b x='>'><text:p>a <text:span>b</text:span> <text:s/>c</text:p></b></a>\n";
        assert_eq!(without_blanks(xml), tidy);
        assert_eq!(without_blanks("<text:p/> <c> "), "<text:p/><c> ");
    }

    #[test]
    fn a_workbook_as_gdal_writes_it_can_be_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.ods");
        let mut out = ZipWriter::new(File::create(&path).unwrap());
        for (name, text) in [
            ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
            ("META-INF/manifest.xml", "<manifest:manifest xmlns:manifest=\"m\"/>"),
            (
                CONTENT,
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<office:document-content xmlns:office=\"o\" xmlns:table=\"t\" xmlns:text=\"x\">\n
                 <office:body>\n<office:spreadsheet>\n<table:table table:name=\"e\">\n<table:table-column/>\n<table:table-row>\n
                 <table:table-cell office:value-type=\"string\">\n<text:p>甲 乙</text:p>\n</table:table-cell>\n
                 <table:table-cell office:value-type=\"float\" office:value=\"7\">\n<text:p>7</text:p>\n</table:table-cell>\n
                 </table:table-row>\n</table:table>\n</office:spreadsheet>\n</office:body>\n</office:document-content>\n",
            ),
        ] {
            out.start_file(name, SimpleFileOptions::default()).unwrap();
            out.write_all(text.as_bytes()).unwrap();
        }
        out.finish().unwrap();
        let tidy = tidied(&path).unwrap();
        let mut book = open_workbook_auto(tidy.path()).unwrap();
        let range = book.worksheet_range("e").unwrap();
        assert_eq!(range.get((0, 0)), Some(&Data::String("甲 乙".to_owned())));
        assert_eq!(range.get((0, 1)), Some(&Data::Float(7.0)));
    }
}
