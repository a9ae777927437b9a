//! Boxes that are found by where they are: a packed tree over a list whose order puts near boxes near each other.

use super::Bounds;

const FAN: usize = 8;

/// The boxes, and above them boxes of eight each up to one list that is short enough.
#[derive(Debug)]
pub struct Boxes {
    levels: Vec<Vec<Bounds>>,
}

impl Boxes {
    pub fn new(boxes: Vec<Bounds>) -> Self {
        let mut levels = vec![boxes];
        while let Some(last) = levels.last().filter(|it| it.len() > FAN) {
            let above = last.chunks(FAN).map(union).collect();
            levels.push(above);
        }
        Self { levels }
    }

    pub fn get(&self, at: usize) -> &Bounds {
        &self.levels[0][at]
    }

    pub fn len(&self) -> usize {
        self.levels[0].len()
    }

    /// Calls with each box that touches, in order, until a call answers false.
    pub fn touching(&self, wanted: &Bounds, mut found: impl FnMut(usize) -> bool) {
        let top = self.levels.len() - 1;
        self.descend(top, 0..self.levels[top].len(), wanted, &mut found);
    }

    /// As deep as the tree: eleven calls at most.
    fn descend(
        &self,
        level: usize,
        range: std::ops::Range<usize>,
        wanted: &Bounds,
        found: &mut impl FnMut(usize) -> bool,
    ) -> bool {
        for at in range {
            if !self.levels[level][at].touches(wanted) {
                continue;
            }
            let goes_on = match level.checked_sub(1) {
                None => found(at),
                Some(below) => {
                    let end = (at * FAN + FAN).min(self.levels[below].len());
                    self.descend(below, at * FAN..end, wanted, found)
                }
            };
            if !goes_on {
                return false;
            }
        }
        true
    }
}

fn union(boxes: &[Bounds]) -> Bounds {
    let mut all = Bounds::NOWHERE;
    for it in boxes {
        all.min.x = all.min.x.min(it.min.x);
        all.min.y = all.min.y.min(it.min.y);
        all.max.x = all.max.x.max(it.max.x);
        all.max.y = all.max.y.max(it.max.y);
    }
    all
}
