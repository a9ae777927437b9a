//! A layer, feature by feature. Nothing is allocated per feature, and one writer serves many tiles.

use super::Kind;
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

/// One layer that is being written.
#[derive(Debug, Default)]
pub struct Writer {
    features: Vec<u8>,
    keys: Vec<u8>,
    values: Vec<u8>,
    key_count: u32,
    value_count: u32,
    feature_count: usize,
    tags: Vec<u8>,
    /// The commands of the feature that is being written; [`super::Pen`] and `coverage` append to it.
    pub geometry: Vec<u8>,
}

impl Writer {
    /// Forgets everything but its memory.
    pub fn clear(&mut self) {
        for it in [&mut self.features, &mut self.keys, &mut self.values] {
            it.clear();
        }
        (self.key_count, self.value_count, self.feature_count) = (0, 0, 0);
        self.forget();
    }

    /// Features so far.
    pub const fn len(&self) -> usize {
        self.feature_count
    }

    pub const fn is_empty(&self) -> bool {
        self.feature_count == 0
    }

    /// Bytes so far.
    pub const fn bytes(&self) -> usize {
        self.features.len() + self.keys.len() + self.values.len()
    }

    /// A new key, not one of those before; where it stands.
    pub fn key(&mut self, name: &str) -> u32 {
        self.keys.push(KEYS);
        text(&mut self.keys, name);
        self.key_count += 1;
        self.key_count - 1
    }

    /// A new value; where it stands.
    pub fn value(&mut self, value: Value<'_>) -> u32 {
        let out = &mut self.values;
        out.push(VALUES);
        match value {
            Value::Text(it) => {
                varint(out, (1 + varint_len(it.len() as u64) + it.len()) as u64);
                out.push(1 << 3 | 2);
                text(out, it);
            }
            Value::Double(it) => {
                out.extend([9, 3 << 3 | 1]);
                out.extend(it.to_le_bytes());
            }
            Value::Integer(it) => {
                // uint, or sint where it is below 0.
                let (member, it) = match u64::try_from(it) {
                    Ok(it) => (5 << 3, it),
                    Err(_) => (6 << 3, ((it << 1) ^ (it >> 63)).cast_unsigned()),
                };
                varint(out, (1 + varint_len(it)) as u64);
                out.push(member);
                varint(out, it);
            }
            Value::Bool(it) => out.extend([2, 7 << 3, u8::from(it)]),
        }
        self.value_count += 1;
        self.value_count - 1
    }

    /// Gives the feature that is being written a property.
    #[inline]
    pub fn tag(&mut self, key: u32, value: u32) {
        varint(&mut self.tags, u64::from(key));
        varint(&mut self.tags, u64::from(value));
    }

    /// Ends the feature; one without a geometry is none.
    pub fn feature(&mut self, id: Option<u64>, kind: Kind) {
        if self.geometry.is_empty() {
            return self.forget();
        }
        let (tags, geometry) = (self.tags.len(), self.geometry.len());
        let of_tags = if tags == 0 { 0 } else { 1 + varint_len(tags as u64) + tags };
        let of_id = id.map_or(0, |it| 1 + varint_len(it));
        let size = of_id + of_tags + 2 + 1 + varint_len(geometry as u64) + geometry;
        let out = &mut self.features;
        out.push(FEATURES);
        varint(out, size as u64);
        if let Some(id) = id {
            out.push(ID);
            varint(out, id);
        }
        if tags > 0 {
            out.push(TAGS);
            varint(out, tags as u64);
            out.extend_from_slice(&self.tags);
        }
        out.extend([KIND, kind as u8, GEOMETRY]);
        varint(out, geometry as u64);
        out.extend_from_slice(&self.geometry);
        self.feature_count += 1;
        self.forget();
    }

    /// Leaves out the feature that is being written.
    pub fn forget(&mut self) {
        self.tags.clear();
        self.geometry.clear();
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
        text(out, name);
        for it in [&self.features, &self.keys, &self.values] {
            out.extend_from_slice(it);
        }
        out.push(EXTENT);
        varint(out, u64::from(extent));
    }
}

fn text(out: &mut Vec<u8>, it: &str) {
    varint(out, it.len() as u64);
    out.extend_from_slice(it.as_bytes());
}
