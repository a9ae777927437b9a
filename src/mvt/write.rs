//! A layer: keys, values and features, each written on its own and put together at the end ([`Written`]); or feature by
//! feature with a [`Writer`]. Nothing is allocated per feature, and one writer serves
//! many tiles.

use super::Kind;
use super::buffer::Buffer;
use super::buffer::SHORT_BITS;
use super::buffer::short;
use super::varint;
use super::varint_len;

/// A value as the specification types it (§4.4).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    Text(&'a str),
    Double(f64),
    /// Written unsigned where it can be, as it is then shorter.
    Integer(i64),
    Bool(bool),
}

/// Members of protocol buffers: number of the field and wire type.
const LAYERS: u8 = 3 << 3 | 2;
const NAME: u8 = 1 << 3 | 2;
const FEATURES: u8 = 2 << 3 | 2;
const KEYS: u8 = 3 << 3 | 2;
const VALUES: u8 = 4 << 3 | 2;
const EXTENT: u8 = 5 << 3;
const VERSION: u8 = 15 << 3;
const ID: u8 = 1 << 3;
const TAGS: u8 = 2 << 3 | 2;
const KIND: u8 = 3 << 3;
const GEOMETRY: u8 = 4 << 3 | 2;

/// Keys of a layer.
#[derive(Debug, Default)]
pub struct Keys {
    bytes: Buffer,
    count: u32,
}

/// Values of a layer, or some of them: a place is counted from the first.
#[derive(Debug, Default)]
pub struct Values {
    bytes: Buffer,
    count: u32,
}

/// Features of a layer, or some of them.
#[derive(Debug, Default)]
pub struct Features {
    bytes: Buffer,
    count: usize,
    tags: Buffer,
}

/// A layer that was written.
#[derive(Clone, Copy, Debug)]
pub struct Written<'a> {
    pub keys: &'a Keys,
    pub values: &'a Values,
    pub features: &'a Features,
}

/// One layer that is written feature by feature.
#[derive(Debug, Default)]
pub struct Writer {
    keys: Keys,
    values: Values,
    features: Features,
    /// The commands of the feature that is being written; [`super::Pen`] and `coverage` append to it.
    pub geometry: Vec<u8>,
}

impl Keys {
    /// Forgets everything but its memory.
    pub const fn clear(&mut self) {
        self.bytes.clear();
        self.count = 0;
    }

    /// A new key, not one of those before; where it stands.
    pub fn push(&mut self, name: &str) -> u32 {
        self.bytes.word(u64::from(KEYS), 1);
        text(&mut self.bytes, name);
        self.count += 1;
        self.count - 1
    }
}

impl Values {
    /// Forgets everything but its memory.
    pub const fn clear(&mut self) {
        self.bytes.clear();
        self.count = 0;
    }

    /// A new value; where it stands.
    pub fn push(&mut self, value: Value<'_>) -> u32 {
        let out = &mut self.bytes;
        match value {
            Value::Text(it) => {
                let size = 1 + varint_len(it.len() as u64) + it.len();
                if let (Ok(size @ ..0x80), Ok(len)) = (u8::try_from(size), u8::try_from(it.len())) {
                    out.word(u64::from_le_bytes([VALUES, size, 1 << 3 | 2, len, 0, 0, 0, 0]), 4);
                    out.bytes(it.as_bytes());
                } else {
                    out.word(u64::from(VALUES), 1);
                    out.varint(size as u64);
                    out.word(1 << 3 | 2, 1);
                    text(out, it);
                }
            }
            Value::Double(it) => {
                out.word(u64::from_le_bytes([VALUES, 9, 3 << 3 | 1, 0, 0, 0, 0, 0]), 3);
                out.word(it.to_bits(), 8);
            }
            Value::Integer(it) => {
                // uint, or sint where it is below 0.
                let (member, it) = match u64::try_from(it) {
                    Ok(it) => (5 << 3, it),
                    Err(_) => (6 << 3, ((it << 1) ^ (it >> 63)).cast_unsigned()),
                };
                let size = 1 + varint_len(it);
                out.word(u64::from(VALUES) | (size as u64) << 8 | member << 16, 3);
                out.varint(it);
            }
            Value::Bool(it) => {
                let it = [VALUES, 2, 7 << 3, u8::from(it), 0, 0, 0, 0];
                out.word(u64::from_le_bytes(it), 4);
            }
        }
        self.count += 1;
        self.count - 1
    }
}

impl Features {
    /// Forgets everything but its memory.
    pub const fn clear(&mut self) {
        self.bytes.clear();
        self.tags.clear();
        self.count = 0;
    }

    /// Gives the feature that is being written a property.
    #[inline]
    pub fn tag(&mut self, key: u32, value: u32) {
        if key < 0x80 && value < 1 << SHORT_BITS {
            let (word, len) = short(u64::from(value));
            self.tags.word(word << 8 | u64::from(key), len + 1);
        } else {
            self.tags.varint(u64::from(key));
            self.tags.varint(u64::from(value));
        }
    }

    /// Ends the feature, whose geometry is that; one without a geometry is none.
    #[inline]
    pub fn push(&mut self, id: Option<u64>, kind: Kind, geometry: &[u8]) {
        if geometry.is_empty() {
            return self.tags.clear();
        }
        let (tags, geometry_len) = (self.tags.len(), geometry.len());
        let of_tags = if tags == 0 { 0 } else { 1 + varint_len(tags as u64) + tags };
        let of_id = id.map_or(0, |it| 1 + varint_len(it));
        let size = of_id + of_tags + 2 + 1 + varint_len(geometry_len as u64) + geometry_len;
        let out = &mut self.bytes;
        out.word(u64::from(FEATURES), 1);
        out.varint(size as u64);
        if let Some(id) = id {
            out.word(u64::from(ID), 1);
            out.varint(id);
        }
        if tags > 0 {
            out.word(u64::from(TAGS), 1);
            out.varint(tags as u64);
            out.bytes(self.tags.as_slice());
        }
        out.word(u64::from_le_bytes([KIND, kind as u8, GEOMETRY, 0, 0, 0, 0, 0]), 3);
        out.varint(geometry_len as u64);
        out.bytes(geometry);
        self.count += 1;
        self.tags.clear();
    }
}

impl Written<'_> {
    /// How many features there are.
    pub const fn len(&self) -> usize {
        self.features.count
    }

    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes of all that is told.
    pub fn bytes(&self) -> usize {
        self.lists().into_iter().map(Buffer::len).sum()
    }

    const fn lists(&self) -> [&Buffer; 3] {
        [&self.features.bytes, &self.keys.bytes, &self.values.bytes]
    }

    /// Appends the layer to a tile; a layer without features is left out, as the specification wants (§4.1).
    pub fn finish(&self, name: &str, extent: u32, out: &mut Vec<u8>) {
        if self.is_empty() {
            return;
        }
        let of_name = 1 + varint_len(name.len() as u64) + name.len();
        let size = 2 + of_name + self.bytes() + 1 + varint_len(u64::from(extent));
        out.reserve(size + 6);
        out.push(LAYERS);
        varint(out, size as u64);
        out.extend([VERSION, 2, NAME]);
        varint(out, name.len() as u64);
        out.extend_from_slice(name.as_bytes());
        for it in self.lists() {
            out.extend_from_slice(it.as_slice());
        }
        out.push(EXTENT);
        varint(out, u64::from(extent));
    }
}

impl Writer {
    /// Forgets everything but its memory.
    pub fn clear(&mut self) {
        self.keys.clear();
        self.values.clear();
        self.features.clear();
        self.geometry.clear();
    }

    /// A new key, not one of those before; where it stands.
    pub fn key(&mut self, name: &str) -> u32 {
        self.keys.push(name)
    }

    /// A new value; where it stands.
    pub fn value(&mut self, value: Value<'_>) -> u32 {
        self.values.push(value)
    }

    /// Gives the feature that is being written a property.
    pub fn tag(&mut self, key: u32, value: u32) {
        self.features.tag(key, value);
    }

    /// Ends the feature; one without a geometry is none.
    pub fn feature(&mut self, id: Option<u64>, kind: Kind) {
        self.features.push(id, kind, &self.geometry);
        self.geometry.clear();
    }

    /// The layer so far.
    pub const fn written(&self) -> Written<'_> {
        Written { keys: &self.keys, values: &self.values, features: &self.features }
    }
}

fn text(out: &mut Buffer, it: &str) {
    out.varint(it.len() as u64);
    out.bytes(it.as_bytes());
}
