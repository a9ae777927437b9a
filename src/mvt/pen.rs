//! Lines and rings as the commands of a geometry (§4.3).

use super::varint;
use super::zigzag;

const MOVE_TO: u64 = 1;
const LINE_TO: u64 = 2;
const CLOSE_PATH: u64 = 7;

/// Draws one feature's geometry in tile units, y southward; where it stands goes on from one path to the next.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pen {
    at: (i32, i32),
}

impl Pen {
    fn to(&mut self, place: (i32, i32), out: &mut Vec<u8>) {
        varint(out, u64::from(zigzag(place.0.wrapping_sub(self.at.0))));
        varint(out, u64::from(zigzag(place.1.wrapping_sub(self.at.1))));
        self.at = place;
    }

    /// A feature's points, all of them.
    pub fn points(&mut self, places: &[(i32, i32)], out: &mut Vec<u8>) {
        if places.is_empty() {
            return;
        }
        varint(out, (places.len() as u64) << 3 | MOVE_TO);
        for place in places {
            self.to(*place, out);
        }
    }

    /// A line of two places and more.
    pub fn line(&mut self, places: &[(i32, i32)], out: &mut Vec<u8>) {
        let [first, rest @ ..] = places else { return };
        varint(out, 1 << 3 | MOVE_TO);
        self.to(*first, out);
        varint(out, (rest.len() as u64) << 3 | LINE_TO);
        for place in rest {
            self.to(*place, out);
        }
    }

    /// A ring of three places and more, the first not repeated: clockwise on the screen an outline, the other way a hole.
    pub fn ring(&mut self, places: &[(i32, i32)], out: &mut Vec<u8>) {
        self.line(places, out);
        varint(out, 1 << 3 | CLOSE_PATH);
    }
}
