//! Geometry as bytes of a tile: MVT 2.1 §4.3, command and parameter integers as varints.

use super::draft::Draft;
use super::draft::Ring;
use super::draft::Spot;
use crate::layer::Geometry;

const MOVE: u64 = 1;
const LINE: u64 = 2;
const CLOSE: u64 = 7;

/// Writes a geometry, counted from `start`: from a place where the cursor is.
pub fn write(kind: Geometry, draft: &Draft, start: Spot, out: &mut Vec<u8>) {
    let mut cursor = start;
    let mut to = |it: &Spot, out: &mut Vec<u8>| {
        varint(out, zigzag(i64::from(it.x) - i64::from(cursor.x)));
        varint(out, zigzag(i64::from(it.y) - i64::from(cursor.y)));
        cursor = *it;
    };
    if kind == Geometry::Point {
        varint(out, (draft.spots.len() as u64) << 3 | MOVE);
        draft.spots.iter().for_each(|it| to(it, out));
        return;
    }
    for (ring, _) in draft.rings() {
        varint(out, 1 << 3 | MOVE);
        to(&ring[0], out);
        varint(out, (ring.len() as u64 - 1) << 3 | LINE);
        ring[1..].iter().for_each(|it| to(it, out));
        if kind == Geometry::Polygon {
            varint(out, 1 << 3 | CLOSE);
        }
    }
}

/// Writes a geometry that was written from (0, 0) so that it starts `by` from there: all but the first place is the same,
/// because each place is counted from the one before.
pub fn copy(mut finished: &[u8], by: (i64, i64), out: &mut Vec<u8>) {
    let command = take(&mut finished);
    let (x, y) = (unzigzag(take(&mut finished)), unzigzag(take(&mut finished)));
    varint(out, command);
    varint(out, zigzag(x + by.0));
    varint(out, zigzag(y + by.1));
    out.extend_from_slice(finished);
}

/// Reads what [`write`] wrote from (0, 0). A ring is an outline if its area is positive.
#[expect(clippy::cast_possible_truncation, reason = "as it was written")]
pub fn read(mut finished: &[u8], draft: &mut Draft) {
    draft.clear();
    let mut cursor = Spot::default();
    while !finished.is_empty() {
        let command = take(&mut finished);
        if command & 7 == CLOSE {
            continue;
        }
        for _ in 0..command >> 3 {
            cursor.x += unzigzag(take(&mut finished)) as i32;
            cursor.y += unzigzag(take(&mut finished)) as i32;
            draft.spots.push(cursor);
        }
        let end = draft.spots.len() as u32;
        match draft.rings.last_mut() {
            Some(ring) if command & 7 == LINE => ring.end = end,
            _ => draft.rings.push(Ring { end, is_outer: true }),
        }
    }
    for ring in 0..draft.rings.len() {
        let is_outer = super::draft::twice_area(draft.ring(ring)) > 0;
        draft.rings[ring].is_outer = is_outer;
    }
}

fn zigzag(it: i64) -> u64 {
    ((it << 1) ^ (it >> 63)).cast_unsigned()
}

fn unzigzag(it: u64) -> i64 {
    (it >> 1).cast_signed() ^ -(it & 1).cast_signed()
}

fn varint(out: &mut Vec<u8>, mut it: u64) {
    while it >= 0x80 {
        out.push((it & 0x7f) as u8 | 0x80);
        it >>= 7;
    }
    out.push((it & 0x7f) as u8);
}

fn take(from: &mut &[u8]) -> u64 {
    let mut it = 0;
    for shift in (0..64).step_by(7) {
        let Some((byte, rest)) = from.split_first() else { break };
        *from = rest;
        it |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            break;
        }
    }
    it
}
