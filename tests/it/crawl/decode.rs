//! Answers as text, whatever they are written in.

use std::io::Cursor;
use std::process::Command;

use calamine::Data;
use calamine::Reader;
use calamine::Xlsx;

/// A feature of a vector tile.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawn {
    pub id: u64,
    pub properties: Vec<(String, String)>,
}

/// The media type of vector tiles.
pub const MVT: &str = "application/vnd.mapbox-vector-tile";

/// Everything that an answer says, one way or another.
pub fn text(kind: &str, body: &[u8]) -> String {
    // As it is, too: a decoder may pass over what another client reads.
    let raw = String::from_utf8_lossy(body).into_owned();
    if kind.contains("json") {
        // Escapes undone.
        return serde_json::from_str::<serde_json::Value>(&raw).map_or(raw, |it| it.to_string());
    }
    if kind.contains("spreadsheet") && !body.is_empty() {
        return workbook(body);
    }
    if kind == "application/pdf" && !body.is_empty() {
        return format!("{}\n{raw}", pages(body));
    }
    if kind == MVT {
        let drawn = tile(body).into_iter().flat_map(|it| it.properties);
        let said: Vec<String> = drawn.map(|(name, value)| format!("{name}={value}")).collect();
        return format!("{}\n{raw}", said.join("\n"));
    }
    raw
}

/// What is written on the pages, with the program of the tests' packages.
fn pages(body: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("it.pdf");
    std::fs::write(&file, body).unwrap();
    let read = Command::new("pdftotext").arg("-raw").arg(&file).arg("-").output();
    let read = read.unwrap_or_else(|it| panic!("pdftotext, of scripts/setup test: {it}"));
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
    String::from_utf8(read.stdout).unwrap()
}

/// All cells of all sheets, and the sheets' names.
fn workbook(body: &[u8]) -> String {
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(body)).unwrap();
    let mut said = Vec::new();
    for (name, sheet) in book.worksheets() {
        said.push(name);
        for cell in sheet.used_cells() {
            said.push(match cell.2 {
                Data::Float(it) => it.to_string(),
                Data::DateTime(it) => it.as_datetime().unwrap().date().to_string(),
                other => other.to_string(),
            });
        }
    }
    said.join("\n")
}

/// One field of a protocol buffer: its number, and a number or bytes.
enum Part<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

fn varint(bytes: &mut &[u8]) -> u64 {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (first, rest) = bytes.split_first().unwrap();
        *bytes = rest;
        value |= u64::from(first & 0x7f) << shift;
        if first & 0x80 == 0 {
            break;
        }
    }
    value
}

fn parts(mut bytes: &[u8]) -> Vec<(u64, Part<'_>)> {
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let key = varint(&mut bytes);
        let fixed = |bytes: &mut &[u8], size: usize| {
            let (value, rest) = bytes.split_at(size);
            *bytes = rest;
            let mut wide = [0; 8];
            wide[..size].copy_from_slice(value);
            u64::from_le_bytes(wide)
        };
        let part = match key & 7 {
            0 => Part::Number(varint(&mut bytes)),
            1 => Part::Number(fixed(&mut bytes, 8)),
            5 => Part::Number(fixed(&mut bytes, 4)),
            2 => {
                let size = usize::try_from(varint(&mut bytes)).unwrap();
                let (value, rest) = bytes.split_at(size);
                bytes = rest;
                Part::Bytes(value)
            }
            other => panic!("wire type {other}"),
        };
        found.push((key >> 3, part));
    }
    found
}

/// The features of a vector tile with what they say.
pub fn tile(body: &[u8]) -> Vec<Drawn> {
    let mut drawn = Vec::new();
    for (_, layer) in parts(body) {
        let Part::Bytes(layer) = layer else { continue };
        let (mut keys, mut values, mut features) = (Vec::new(), Vec::new(), Vec::new());
        for (number, part) in parts(layer) {
            match (number, part) {
                (2, Part::Bytes(it)) => features.push(it),
                (3, Part::Bytes(it)) => keys.push(String::from_utf8_lossy(it).into_owned()),
                (4, Part::Bytes(it)) => values.push(value(it)),
                _ => {}
            }
        }
        for feature in features {
            let mut it = Drawn { id: 0, properties: Vec::new() };
            for (number, part) in parts(feature) {
                match (number, part) {
                    (1, Part::Number(id)) => it.id = id,
                    (2, Part::Bytes(mut tags)) => {
                        while !tags.is_empty() {
                            let key = usize::try_from(varint(&mut tags)).unwrap();
                            let value = usize::try_from(varint(&mut tags)).unwrap();
                            it.properties.push((keys[key].clone(), values[value].clone()));
                        }
                    }
                    _ => {}
                }
            }
            drawn.push(it);
        }
    }
    drawn
}

fn value(bytes: &[u8]) -> String {
    match parts(bytes).into_iter().next() {
        Some((1, Part::Bytes(it))) => String::from_utf8_lossy(it).into_owned(),
        Some((2, Part::Number(it))) => f32::from_bits(u32::try_from(it).unwrap()).to_string(),
        Some((3, Part::Number(it))) => f64::from_bits(it).to_string(),
        Some((7, Part::Number(it))) => (it != 0).to_string(),
        Some((_, Part::Number(it))) => it.to_string(),
        _ => String::new(),
    }
}
