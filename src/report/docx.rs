//! A document as DOCX: the least of `WordprocessingML` (ECMA-376) that Word, WPS and `LibreOffice` open and an office goes on
//! writing in. Headings are styles, so that they are found in the navigation; tables repeat their headings on every page.

use std::io::Cursor;
use std::io::Write;

use anyhow::Context;
use quick_xml::escape::escape;
use zip::CompressionMethod;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::font::Fonts;
use crate::print::written::Block;
use crate::print::written::Document;
use crate::print::written::Figure;
use crate::print::written::Table;

const NAMESPACE: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";

const TYPES: &str = "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default Extension=\"xml\" ContentType=\"application/xml\"/><Default Extension=\"png\" ContentType=\"image/png\"/><Override PartName=\"/word/document.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml\"/><Override PartName=\"/word/styles.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml\"/><Override PartName=\"/word/footer1.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.footer+xml\"/></Types>";
const ROOT: &str = "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" Target=\"word/document.xml\"/></Relationships>";
/// Pictures follow the two parts that every document has.
const PARTS: &str = "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles\" Target=\"styles.xml\"/><Relationship Id=\"rId2\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/footer\" Target=\"footer1.xml\"/>";

/// Twentieths of a point that a line has on A4 with margins of 2 cm.
const LINE: u32 = 9638;

/// Dots to the inch of pictures: as fine as office printers show.
const DPI: f32 = 200.0;
/// EMU of a millimetre.
const EMU: u32 = 36_000;

/// The file. Pictures are drawn with the fonts; a document without one needs none.
pub fn bytes(document: &Document, fonts: Option<&Fonts>) -> anyhow::Result<Vec<u8>> {
    let mut out = ZipWriter::new(Cursor::new(Vec::new()));
    let figures: Vec<&Figure> = document
        .blocks
        .iter()
        .filter_map(|it| if let Block::Figure(it) = it { Some(it) } else { None })
        .collect();
    for (name, text) in [
        ("[Content_Types].xml", TYPES.to_owned()),
        ("_rels/.rels", ROOT.to_owned()),
        ("word/_rels/document.xml.rels", relations(figures.len())),
        ("word/styles.xml", styles()),
        ("word/footer1.xml", footer(&document.foot)),
        ("word/document.xml", body(document)),
    ] {
        out.start_file(name, SimpleFileOptions::default())?;
        out.write_all(HEAD.as_bytes())?;
        out.write_all(text.as_bytes())?;
    }
    for (nth, figure) in (1..).zip(figures) {
        let fonts = fonts.context("a picture without fonts")?;
        // A PNG is packed already.
        let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        out.start_file(format!("word/media/image{nth}.png"), stored)?;
        out.write_all(&figure.png(fonts, DPI)?)?;
    }
    Ok(out.finish()?.into_inner())
}

fn relations(figures: usize) -> String {
    let mut out = PARTS.to_owned();
    for nth in 1..=figures {
        out += &format!(
            "<Relationship Id=\"picture{nth}\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/image\" Target=\"media/image{nth}.png\"/>"
        );
    }
    out + "</Relationships>"
}

/// A picture on a line of its own; what it shows is said in words to those who do not see it.
fn figure(nth: usize, it: &Figure) -> String {
    const DRAWING: &str = "http://schemas.openxmlformats.org/drawingml/2006";
    let (width, height) = (it.width * EMU, it.height * EMU);
    let says = text(&it.says);
    format!(
        "<w:p><w:pPr><w:pStyle w:val=\"Cell\"/></w:pPr><w:r><w:drawing><wp:inline xmlns:wp=\"{DRAWING}/wordprocessingDrawing\" distT=\"0\" distB=\"0\" distL=\"0\" distR=\"0\"><wp:extent cx=\"{width}\" cy=\"{height}\"/><wp:docPr id=\"{nth}\" name=\"Picture {nth}\" descr=\"{says}\"/><a:graphic xmlns:a=\"{DRAWING}/main\"><a:graphicData uri=\"{DRAWING}/picture\"><pic:pic xmlns:pic=\"{DRAWING}/picture\"><pic:nvPicPr><pic:cNvPr id=\"{nth}\" name=\"image{nth}.png\"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip r:embed=\"picture{nth}\"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm><a:off x=\"0\" y=\"0\"/><a:ext cx=\"{width}\" cy=\"{height}\"/></a:xfrm><a:prstGeom prst=\"rect\"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>"
    )
}

/// Characters that XML cannot hold are left out; the rest is escaped.
fn text(it: &str) -> String {
    let plain: String = it
        .chars()
        .filter(|it| !it.is_control() && !matches!(it, '\u{fffe}' | '\u{ffff}'))
        .collect();
    escape(plain).into_owned()
}

fn paragraph(style: &str, content: &str) -> String {
    format!(
        "<w:p><w:pPr><w:pStyle w:val=\"{style}\"/></w:pPr><w:r><w:t xml:space=\"preserve\">{}</w:t></w:r></w:p>",
        text(content)
    )
}

fn body(document: &Document) -> String {
    let mut out = format!(
        "<w:document xmlns:w=\"{NAMESPACE}\" xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"><w:body>"
    );
    out += &paragraph("Title", &document.title);
    out += &paragraph("Subtitle", &document.under);
    let mut figures = 0;
    for block in &document.blocks {
        out += &match block {
            Block::Heading(it) => paragraph("Heading1", it),
            Block::Text(it) => paragraph("Normal", it),
            Block::Table(it) => table(it),
            Block::Figure(it) => {
                figures += 1;
                figure(figures, it)
            }
        };
    }
    out += "<w:sectPr><w:footerReference w:type=\"default\" r:id=\"rId2\"/><w:pgSz w:w=\"11906\" w:h=\"16838\"/><w:pgMar w:top=\"1134\" w:right=\"1134\" w:bottom=\"1134\" w:left=\"1134\" w:header=\"567\" w:footer=\"567\" w:gutter=\"0\"/></w:sectPr></w:body></w:document>";
    out
}

fn table(table: &Table) -> String {
    let all = table.widths.iter().sum::<u32>().max(1);
    let widths: Vec<u32> = table.widths.iter().map(|it| it * LINE / all).collect();
    let mut out = "<w:tbl><w:tblPr><w:tblStyle w:val=\"TableGrid\"/><w:tblW w:w=\"5000\" w:type=\"pct\"/><w:tblLayout w:type=\"fixed\"/></w:tblPr><w:tblGrid>".to_owned();
    for it in &widths {
        out += &format!("<w:gridCol w:w=\"{it}\"/>");
    }
    out += "</w:tblGrid>";
    for (nth, row) in table.rows.iter().enumerate() {
        let is_head = nth == 0;
        let is_strong = is_head || table.has_sum && nth + 1 == table.rows.len();
        out += "<w:tr><w:trPr><w:cantSplit/>";
        out += if is_head { "<w:tblHeader/></w:trPr>" } else { "</w:trPr>" };
        for (place, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let fill = if is_strong {
                "<w:shd w:val=\"clear\" w:color=\"auto\" w:fill=\"E8EDF2\"/>"
            } else {
                ""
            };
            let side = if table.figures.contains(&place) { "right" } else { "left" };
            let bold = if is_strong { "<w:rPr><w:b/></w:rPr>" } else { "" };
            out += &format!(
                "<w:tc><w:tcPr><w:tcW w:w=\"{width}\" w:type=\"dxa\"/>{fill}</w:tcPr><w:p><w:pPr><w:pStyle w:val=\"Cell\"/><w:jc w:val=\"{side}\"/></w:pPr><w:r>{bold}<w:t xml:space=\"preserve\">{}</w:t></w:r></w:p></w:tc>",
                text(cell)
            );
        }
        out += "</w:tr>";
    }
    // Word wants a paragraph between tables.
    out + "</w:tbl>" + &paragraph("Normal", "")
}

fn footer(foot: &str) -> String {
    let field = |name: &str| {
        format!(
            "<w:r><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r><w:instrText xml:space=\"preserve\"> {name} </w:instrText></w:r><w:r><w:fldChar w:fldCharType=\"end\"/></w:r>"
        )
    };
    format!(
        "<w:ftr xmlns:w=\"{NAMESPACE}\"><w:p><w:pPr><w:pStyle w:val=\"Cell\"/></w:pPr><w:r><w:t xml:space=\"preserve\">{} · </w:t></w:r>{}<w:r><w:t xml:space=\"preserve\"> / </w:t></w:r>{}</w:p></w:ftr>",
        text(foot),
        field("PAGE"),
        field("NUMPAGES")
    )
}

fn styles() -> String {
    let style = |id: &str, name: &str, half_points: u32, bold: bool, paragraph: &str| {
        format!(
            "<w:style w:type=\"paragraph\" w:styleId=\"{id}\"{}><w:name w:val=\"{name}\"/>{}<w:qFormat/><w:pPr>{paragraph}</w:pPr><w:rPr>{}<w:sz w:val=\"{half_points}\"/></w:rPr></w:style>",
            if id == "Normal" { " w:default=\"1\"" } else { "" },
            if id == "Normal" { "" } else { "<w:basedOn w:val=\"Normal\"/>" },
            if bold { "<w:b/>" } else { "" },
        )
    };
    let centred = "<w:spacing w:after=\"120\"/><w:jc w:val=\"center\"/>";
    let edge = |side: &str| {
        format!("<w:{side} w:val=\"single\" w:sz=\"4\" w:space=\"0\" w:color=\"8895A2\"/>")
    };
    let edges: String = ["top", "left", "bottom", "right", "insideH", "insideV"].map(edge).concat();
    format!(
        "<w:styles xmlns:w=\"{NAMESPACE}\"><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii=\"Times New Roman\" w:hAnsi=\"Times New Roman\" w:eastAsia=\"宋体\"/><w:lang w:val=\"en-US\" w:eastAsia=\"zh-CN\"/></w:rPr></w:rPrDefault></w:docDefaults>{}{}{}{}{}<w:style w:type=\"table\" w:styleId=\"TableGrid\"><w:name w:val=\"Table Grid\"/><w:tblPr><w:tblBorders>{edges}</w:tblBorders></w:tblPr></w:style></w:styles>",
        style(
            "Normal",
            "Normal",
            24,
            false,
            "<w:spacing w:after=\"80\" w:line=\"320\" w:lineRule=\"auto\"/>"
        ),
        style("Title", "Title", 40, true, centred),
        style("Subtitle", "Subtitle", 22, false, centred),
        style(
            "Heading1",
            "heading 1",
            30,
            true,
            "<w:keepNext/><w:spacing w:before=\"200\" w:after=\"80\"/><w:outlineLvl w:val=\"0\"/>"
        ),
        style(
            "Cell",
            "Cell",
            19,
            false,
            "<w:spacing w:after=\"0\" w:line=\"240\" w:lineRule=\"auto\"/>"
        ),
    )
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use quick_xml::Reader;
    use quick_xml::events::Event;

    use super::*;

    #[test]
    fn every_part_is_well_formed_and_says_what_it_was_given() {
        let table = Table {
            widths: vec![1, 2],
            rows: vec![vec!["单位".into(), "亩".into()], vec!["<马陆&镇>".into(), "12.5".into()]],
            figures: vec![1],
            has_sum: false,
        };
        let document = Document {
            title: "通报 \"一\"".to_owned(),
            under: "截至\u{1}今日".to_owned(),
            blocks: vec![
                Block::Heading("完成".into()),
                Block::Table(table),
                Block::Text("无。".into()),
            ],
            foot: "内部资料".to_owned(),
        };
        let bytes = bytes(&document, None).unwrap();
        let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        let mut said = String::new();
        for nth in 0..archive.len() {
            let mut part = String::new();
            archive.by_index(nth).unwrap().read_to_string(&mut part).unwrap();
            let mut reader = Reader::from_str(&part);
            let (mut depth, mut top) = (0_i32, 0);
            loop {
                match reader.read_event().unwrap() {
                    Event::Start(_) => depth += 1,
                    Event::End(_) => depth -= 1,
                    Event::Eof => break,
                    _ => {}
                }
                top = top.max(depth);
            }
            assert_eq!(depth, 0);
            assert!(top > 0);
            said += &part;
        }
        for it in [
            "通报 &quot;一&quot;",
            "截至今日",
            "&lt;马陆&amp;镇&gt;",
            "12.5",
            "<w:tblHeader/>",
            "内部资料",
        ] {
            assert!(said.contains(it), "{it}");
        }
    }
}
