//! Bytes as layers, features and values. What cannot be read is [`Broken`]; whether what can be read is allowed is
//! `check`'s business.

use super::Kind;
use super::unzigzag;

/// Bytes that are no tile, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Broken(pub String);

fn broken<T>(why: impl Into<String>) -> Result<T, Broken> {
    Err(Broken(why.into()))
}

/// A tile that was read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tile {
    pub layers: Vec<Layer>,
}

/// One layer of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layer {
    pub name: String,
    pub version: u64,
    pub extent: u64,
    pub keys: Vec<String>,
    pub values: Vec<Owned>,
    pub features: Vec<Feature>,
}

/// One feature.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Feature {
    pub id: Option<u64>,
    /// Keys and values by turns.
    pub tags: Vec<u32>,
    pub kind: u64,
    pub commands: Vec<u32>,
}

/// A value that was read.
#[derive(Clone, Debug, PartialEq)]
pub enum Owned {
    Text(String),
    Float(f32),
    Double(f64),
    Int(i64),
    Uint(u64),
    Sint(i64),
    Bool(bool),
}

/// A path of a geometry: its places, and whether it is closed.
pub type Path = (Vec<(i32, i32)>, bool);

impl Feature {
    pub fn kind(&self) -> Option<Kind> {
        match self.kind {
            1 => Some(Kind::Point),
            2 => Some(Kind::Line),
            3 => Some(Kind::Polygon),
            _ => None,
        }
    }

    /// The geometry's paths; for points each is one place.
    pub fn paths(&self) -> Result<Vec<Path>, Broken> {
        let mut paths: Vec<Path> = Vec::new();
        let mut at = (0_i32, 0_i32);
        let mut rest = self.commands.iter();
        while let Some(command) = rest.next() {
            let (id, count) = (command & 7, command >> 3);
            if id == 7 {
                match paths.last_mut() {
                    Some(it) => it.1 = true,
                    None => return broken("ClosePath before MoveTo"),
                }
                continue;
            }
            for _ in 0..count {
                let (Some(x), Some(y)) = (rest.next(), rest.next()) else {
                    return broken("a command without its parameters");
                };
                let (Some(x), Some(y)) =
                    (at.0.checked_add(unzigzag(*x)), at.1.checked_add(unzigzag(*y)))
                else {
                    return broken("a place beyond 32 bits");
                };
                at = (x, y);
                match (id, paths.last_mut()) {
                    (1, _) => paths.push((vec![at], false)),
                    (2, Some(path)) => path.0.push(at),
                    (2, None) => return broken("LineTo before MoveTo"),
                    _ => return broken(format!("command {id}")),
                }
            }
        }
        Ok(paths)
    }
}

impl Layer {
    /// The feature's properties, as far as its tags lead to them.
    pub fn properties(&self, feature: &Feature) -> Vec<(&str, &Owned)> {
        let pairs = feature.tags.chunks_exact(2);
        let found = pairs.filter_map(|it| {
            Some((self.keys.get(it[0] as usize)?.as_str(), self.values.get(it[1] as usize)?))
        });
        found.collect()
    }
}

/// Reads a tile.
pub fn read(bytes: &[u8]) -> Result<Tile, Broken> {
    let mut tile = Tile::default();
    for it in members(bytes)? {
        if let (3, Member::Bytes(it)) = it {
            tile.layers.push(layer(it)?);
        }
    }
    Ok(tile)
}

fn layer(bytes: &[u8]) -> Result<Layer, Broken> {
    // §4.1: what is not said.
    let mut layer = Layer { version: 1, extent: 4096, ..Layer::default() };
    for it in members(bytes)? {
        match it {
            (1, Member::Bytes(it)) => layer.name = text(it)?,
            (2, Member::Bytes(it)) => layer.features.push(feature(it)?),
            (3, Member::Bytes(it)) => layer.keys.push(text(it)?),
            (4, Member::Bytes(it)) => layer.values.push(value(it)?),
            (5, Member::Number(it)) => layer.extent = it,
            (15, Member::Number(it)) => layer.version = it,
            (other, _) => return broken(format!("member {other} of a layer")),
        }
    }
    Ok(layer)
}

fn feature(bytes: &[u8]) -> Result<Feature, Broken> {
    let mut feature = Feature::default();
    for it in members(bytes)? {
        match it {
            (1, Member::Number(it)) => feature.id = Some(it),
            (2, Member::Bytes(it)) => feature.tags = packed(it)?,
            (3, Member::Number(it)) => feature.kind = it,
            (4, Member::Bytes(it)) => feature.commands = packed(it)?,
            (other, _) => return broken(format!("member {other} of a feature")),
        }
    }
    Ok(feature)
}

fn value(bytes: &[u8]) -> Result<Owned, Broken> {
    let members = members(bytes)?;
    let [(number, member)] = members.as_slice() else {
        return broken(format!("a value of {} members", members.len()));
    };
    Ok(match (number, member) {
        (1, Member::Bytes(it)) => Owned::Text(text(it)?),
        (2, Member::Four(it)) => Owned::Float(f32::from_le_bytes(*it)),
        (3, Member::Eight(it)) => Owned::Double(f64::from_le_bytes(*it)),
        (4, Member::Number(it)) => Owned::Int(it.cast_signed()),
        (5, Member::Number(it)) => Owned::Uint(*it),
        (6, Member::Number(it)) => Owned::Sint((it >> 1).cast_signed() ^ -((it & 1).cast_signed())),
        (7, Member::Number(it @ (0 | 1))) => Owned::Bool(*it == 1),
        _ => return broken(format!("member {number} of a value")),
    })
}

fn text(bytes: &[u8]) -> Result<String, Broken> {
    String::from_utf8(bytes.to_vec()).or_else(|_| broken("a text that is not UTF-8"))
}

fn packed(mut bytes: &[u8]) -> Result<Vec<u32>, Broken> {
    let mut numbers = Vec::new();
    while !bytes.is_empty() {
        let it = number(&mut bytes)?;
        numbers.push(u32::try_from(it).or_else(|_| broken("a number beyond 32 bits"))?);
    }
    Ok(numbers)
}

enum Member<'a> {
    Number(u64),
    Four([u8; 4]),
    Eight([u8; 8]),
    Bytes(&'a [u8]),
}

fn number(bytes: &mut &[u8]) -> Result<u64, Broken> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let Some((first, rest)) = bytes.split_first() else {
            return broken("it ends within a number");
        };
        *bytes = rest;
        value |= u64::from(first & 0x7f) << shift;
        if first & 0x80 == 0 {
            return Ok(value);
        }
    }
    broken("a number of more than ten bytes")
}

fn members(mut bytes: &[u8]) -> Result<Vec<(u64, Member<'_>)>, Broken> {
    fn take<'a>(bytes: &mut &'a [u8], size: usize) -> Result<&'a [u8], Broken> {
        let Some((taken, rest)) = bytes.split_at_checked(size) else {
            return broken("it ends within a member");
        };
        *bytes = rest;
        Ok(taken)
    }
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let key = number(&mut bytes)?;
        let member = match key & 7 {
            0 => Member::Number(number(&mut bytes)?),
            1 => Member::Eight(take(&mut bytes, 8)?.try_into().unwrap_or_default()),
            2 => {
                let size = number(&mut bytes)?;
                Member::Bytes(take(&mut bytes, usize::try_from(size).unwrap_or(usize::MAX))?)
            }
            5 => Member::Four(take(&mut bytes, 4)?.try_into().unwrap_or_default()),
            other => return broken(format!("wire type {other}")),
        };
        found.push((key >> 3, member));
    }
    Ok(found)
}
