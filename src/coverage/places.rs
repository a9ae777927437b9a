//! Numbers for places, so that shapes which share a place share its number. Near places have near numbers (Morton order),
//! and the numbers depend on the set of places alone, never on the order of rows.

use rayon::prelude::*;

use super::At;

#[derive(Debug)]
pub struct Places {
    /// The places in Morton order, each once.
    keys: Vec<u64>,
    /// The number of each place that was given.
    pub ids: Vec<u32>,
}

impl Places {
    #[expect(clippy::cast_possible_truncation, reason = "2^32 vertices are 32 GiB")]
    pub fn new(places: &[At], more: &[At]) -> Self {
        let mut pairs: Vec<(u64, u32)> = Vec::with_capacity(places.len() + more.len());
        pairs.par_extend(
            places.par_iter().chain(more).enumerate().map(|(it, at)| (morton(*at), it as u32)),
        );
        pairs.par_sort_unstable();
        let mut keys = Vec::new();
        let mut ids = vec![0; pairs.len()];
        for (key, at) in pairs {
            if keys.last() != Some(&key) {
                keys.push(key);
            }
            ids[at as usize] = keys.len() as u32 - 1;
        }
        Self { keys, ids }
    }

    /// Different places.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    pub fn at(&self, id: u32) -> At {
        let key = self.keys[id as usize];
        At { x: gather(key), y: gather(key >> 1) }
    }
}

/// The bits of both coordinates in turn.
fn morton(at: At) -> u64 {
    spread(at.x) | spread(at.y) << 1
}

fn spread(it: u32) -> u64 {
    let mut it = u64::from(it);
    it = (it | it << 16) & 0x0000_ffff_0000_ffff;
    it = (it | it << 8) & 0x00ff_00ff_00ff_00ff;
    it = (it | it << 4) & 0x0f0f_0f0f_0f0f_0f0f;
    it = (it | it << 2) & 0x3333_3333_3333_3333;
    (it | it << 1) & 0x5555_5555_5555_5555
}

#[expect(clippy::cast_possible_truncation, reason = "the upper half is empty")]
fn gather(it: u64) -> u32 {
    let mut it = it & 0x5555_5555_5555_5555;
    it = (it | it >> 1) & 0x3333_3333_3333_3333;
    it = (it | it >> 2) & 0x0f0f_0f0f_0f0f_0f0f;
    it = (it | it >> 4) & 0x00ff_00ff_00ff_00ff;
    it = (it | it >> 8) & 0x0000_ffff_0000_ffff;
    (it | it >> 16) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_numbered_once_and_found_again() {
        let at = |x, y| At { x, y };
        let given = [at(5, 9), at(u32::MAX, 0), at(5, 9), at(0, u32::MAX)];
        let places = Places::new(&given, &[at(0, 0)]);
        assert_eq!(places.len(), 4);
        assert_eq!(places.ids[0], places.ids[2]);
        assert_eq!(places.ids[4], 0);
        for (it, id) in given.iter().zip(&places.ids) {
            assert_eq!(places.at(*id), *it);
        }
    }
}
