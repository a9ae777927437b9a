//! What a file is, by what stands in it: its name says what people call it and nothing more. Only kinds that an office works
//! with and that no browser runs are taken.

use std::io::Cursor;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;
use zip::ZipArchive;

/// A kind of file that is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "AttachmentKind")]
pub enum Kind {
    Pdf,
    Jpg,
    Png,
    Xlsx,
    Docx,
}

/// Parts of a workbook or document at most.
const PARTS: usize = 10_000;

impl Kind {
    pub const ALL: [Self; 5] = [Self::Pdf, Self::Jpg, Self::Png, Self::Xlsx, Self::Docx];

    /// The name in the database and the API, which is the extension too.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Jpg => "jpg",
            Self::Png => "png",
            Self::Xlsx => "xlsx",
            Self::Docx => "docx",
        }
    }

    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Jpg => "image/jpeg",
            Self::Png => "image/png",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        }
    }

    /// The kind that the database names.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }

    /// The kind that a file's name claims.
    pub fn of_name(name: &str) -> Option<Self> {
        let (_, extension) = name.rsplit_once('.')?;
        match extension.to_ascii_lowercase().as_str() {
            "jpeg" => Some(Self::Jpg),
            other => Self::parse(other),
        }
    }

    /// The kind that the content is of.
    pub fn of_content(content: &[u8]) -> Option<Self> {
        match content {
            [b'%', b'P', b'D', b'F', b'-', ..] => Some(Self::Pdf),
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpg),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Self::Png),
            [b'P', b'K', 3, 4, ..] => Self::of_office(content),
            _ => None,
        }
    }

    /// A workbook or document without macros. Only its table of contents is read, so that nothing is unpacked.
    fn of_office(content: &[u8]) -> Option<Self> {
        let archive = ZipArchive::new(Cursor::new(content)).ok()?;
        if archive.len() > PARTS {
            return None;
        }
        let names: Vec<String> = archive
            .file_names()
            .map(|it| it.ok().map(std::borrow::Cow::into_owned))
            .collect::<Option<_>>()?;
        let has = |wanted: &str| names.iter().any(|it| it == wanted);
        let runs = names.iter().map(|it| it.to_ascii_lowercase()).any(|it| it.contains("vba"));
        if runs || !has("[Content_Types].xml") {
            return None;
        }
        match (has("xl/workbook.xml"), has("word/document.xml")) {
            (true, false) => Some(Self::Xlsx),
            (false, true) => Some(Self::Docx),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    fn packed(parts: &[&str]) -> Vec<u8> {
        let mut out = ZipWriter::new(Cursor::new(Vec::new()));
        for it in parts {
            out.start_file(*it, SimpleFileOptions::default()).unwrap();
            out.write_all(b"<a/>").unwrap();
        }
        out.finish().unwrap().into_inner()
    }

    #[test]
    fn a_kind_is_found_in_the_content() {
        let types = "[Content_Types].xml";
        for (content, kind) in [
            (b"%PDF-1.7\n".to_vec(), Some(Kind::Pdf)),
            (vec![0xff, 0xd8, 0xff, 0xe0], Some(Kind::Jpg)),
            (b"\x89PNG\r\n\x1a\n".to_vec(), Some(Kind::Png)),
            (packed(&[types, "xl/workbook.xml"]), Some(Kind::Xlsx)),
            (packed(&[types, "word/document.xml"]), Some(Kind::Docx)),
            (packed(&[types, "xl/workbook.xml", "xl/vbaProject.bin"]), None),
            (packed(&[types, "xl/workbook.xml", "word/document.xml"]), None),
            (packed(&["xl/workbook.xml"]), None),
            (packed(&["a.exe"]), None),
            (b"PK\x03\x04 and no more".to_vec(), None),
            (b"<svg onload=\"x()\"/>".to_vec(), None),
            (b"<!doctype html>%PDF-1.7".to_vec(), None),
            (b"MZ".to_vec(), None),
            (Vec::new(), None),
        ] {
            assert_eq!(Kind::of_content(&content), kind, "{}", content.escape_ascii());
        }
    }

    #[test]
    fn a_name_claims_a_kind() {
        assert_eq!(Kind::of_name("照片.JPEG"), Some(Kind::Jpg));
        assert_eq!(Kind::of_name("a.pdf.exe"), None);
        assert_eq!(Kind::of_name("pdf"), None);
        for it in Kind::ALL {
            assert_eq!(serde_json::to_value(it).unwrap(), it.name());
            assert_eq!(Kind::of_name(&format!("x.{}", it.name())), Some(it));
        }
    }
}
