//! Fields of a feature as bytes. The safe bindings turn strings into UTF-8 with replacement characters, which loses what a
//! GBK shapefile says, so names and texts are taken from the C interface here and nowhere else.

use std::ffi::CStr;
use std::ffi::c_char;
use std::ffi::c_int;

use chrono::NaiveDate;
use encoding_rs::Encoding;
use gdal::vector::Defn;
use gdal::vector::Feature;
use gdal::vector::Geometry;
use gdal_sys::OGRFieldSubType;
use gdal_sys::OGRFieldType;

use crate::ingest::encoding::Decoded;
use crate::ingest::encoding::decode;
use crate::ingest::value::Cell;

/// What a column holds, as far as reading it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Integer,
    Real,
    Boolean,
    Date,
    /// Bytes: pictures and the like, which no field takes.
    Binary,
}

/// A column of a vector layer.
#[derive(Clone, Debug)]
pub(super) struct Column {
    pub name: Vec<u8>,
    pub kind: Kind,
}

/// The columns of a layer, names as the bytes of the file.
pub(super) fn columns(defn: &Defn) -> Vec<Column> {
    // SAFETY: the definition outlives this function, the indices are below its count, and the names are copied before the
    // next call.
    unsafe {
        let defn = defn.c_defn();
        let count = gdal_sys::OGR_FD_GetFieldCount(defn);
        (0..count)
            .map(|index| {
                let field = gdal_sys::OGR_FD_GetFieldDefn(defn, index);
                let boolean = gdal_sys::OGR_Fld_GetSubType(field) == OGRFieldSubType::OFSTBoolean;
                let kind = match gdal_sys::OGR_Fld_GetType(field) {
                    OGRFieldType::OFTInteger if boolean => Kind::Boolean,
                    OGRFieldType::OFTInteger | OGRFieldType::OFTInteger64 => Kind::Integer,
                    OGRFieldType::OFTReal => Kind::Real,
                    OGRFieldType::OFTDate | OGRFieldType::OFTDateTime => Kind::Date,
                    OGRFieldType::OFTBinary => Kind::Binary,
                    _ => Kind::Text,
                };
                Column { name: bytes(gdal_sys::OGR_Fld_GetNameRef(field)), kind }
            })
            .collect()
    }
}

/// Copies a C string. An empty vector for none.
///
/// SAFETY: `text` is null or ends with a zero byte and stays valid during the call.
unsafe fn bytes(text: *const c_char) -> Vec<u8> {
    if text.is_null() {
        return Vec::new();
    }
    unsafe { CStr::from_ptr(text) }.to_bytes().to_vec()
}

/// The bytes of a text column. Empty for null.
pub(super) fn raw_text(feature: &Feature<'_>, index: usize) -> Vec<u8> {
    let Ok(index) = c_int::try_from(index) else { return Vec::new() };
    // SAFETY: the feature lives, the index is one of its definition's, the string is copied before the next call.
    unsafe {
        let feature = feature.c_feature();
        if gdal_sys::OGR_F_IsFieldSetAndNotNull(feature, index) == 0 {
            return Vec::new();
        }
        bytes(gdal_sys::OGR_F_GetFieldAsString(feature, index))
    }
}

/// One cell. A last character that the field's width cut in two is left off.
pub(super) fn cell(
    feature: &Feature<'_>,
    index: usize,
    kind: Kind,
    encoding: &'static Encoding,
) -> Cell {
    let Ok(at) = c_int::try_from(index) else { return Cell::Missing };
    // SAFETY: as in `raw_text`.
    let set = unsafe { gdal_sys::OGR_F_IsFieldSetAndNotNull(feature.c_feature(), at) != 0 };
    if !set {
        return Cell::Missing;
    }
    match kind {
        Kind::Text => match decode(encoding, &raw_text(feature, index)) {
            Decoded::Whole(text) | Decoded::Cut(text) => Cell::Text(text),
            Decoded::Broken(text) => Cell::Broken(format!(
                "「{text}」不是 {name} 编码，请用 --encoding 指定 / not {name}: state --encoding",
                name = encoding.name()
            )),
        },
        // SAFETY: as in `raw_text`.
        Kind::Integer => {
            Cell::Integer(unsafe { gdal_sys::OGR_F_GetFieldAsInteger64(feature.c_feature(), at) })
        }
        Kind::Boolean => Cell::Boolean(unsafe {
            gdal_sys::OGR_F_GetFieldAsInteger(feature.c_feature(), at) != 0
        }),
        Kind::Real => {
            Cell::Number(unsafe { gdal_sys::OGR_F_GetFieldAsDouble(feature.c_feature(), at) })
        }
        Kind::Date => date(feature, at),
        Kind::Binary => Cell::Missing,
    }
}

fn date(feature: &Feature<'_>, at: c_int) -> Cell {
    let mut parts: [c_int; 7] = [0; 7];
    let [year, month, day, hour, minute, second, zone] = &mut parts;
    // SAFETY: as in `raw_text`; seven numbers are written.
    let read = unsafe {
        gdal_sys::OGR_F_GetFieldAsDateTime(
            feature.c_feature(),
            at,
            year,
            month,
            day,
            hour,
            minute,
            second,
            zone,
        ) != 0
    };
    let number = |it: c_int| u32::try_from(it).unwrap_or_default();
    match NaiveDate::from_ymd_opt(parts[0], number(parts[1]), number(parts[2])) {
        Some(date) if read => Cell::Date(date),
        _ => Cell::Missing,
    }
}

/// West, south, east, north of a feature's geometry. `None` where it has none.
pub(super) fn envelope(feature: &Feature<'_>) -> Option<[f64; 4]> {
    let geometry = feature.geometry()?;
    // SAFETY: only compared with null.
    if unsafe { geometry.c_geometry() }.is_null() || geometry.is_empty() {
        return None;
    }
    let it = geometry.envelope();
    Some([it.MinX, it.MinY, it.MaxX, it.MaxY])
}

/// The feature's own geometry; `None` where it has none. The binding answers a null one as if it were there.
pub(super) fn geometry<'a>(feature: &'a Feature<'_>) -> Option<&'a Geometry> {
    let geometry = feature.geometry()?;
    // SAFETY: only compared with null.
    (!unsafe { geometry.c_geometry() }.is_null()).then_some(geometry)
}
