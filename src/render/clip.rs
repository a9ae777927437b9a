//! Cutting shapes to what is near a picture, so that a town that reaches far beyond it does not fill the file.

/// A point of a picture, pixels from its upper left corner.
pub type Point = (f64, f64);

/// A rectangle around a picture: least x and y, greatest x and y.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    pub min: Point,
    pub max: Point,
}

impl Window {
    /// A picture with a margin around it.
    pub fn around(width: f64, height: f64, margin: f64) -> Self {
        Self { min: (-margin, -margin), max: (width + margin, height + margin) }
    }

    fn has(&self, (x, y): Point) -> bool {
        (self.min.0..=self.max.0).contains(&x) && (self.min.1..=self.max.1).contains(&y)
    }

    /// What of a ring lies inside, as one ring (Sutherland and Hodgman 1974): where it leaves and comes back the ring runs
    /// along the window's edge, which is outside of the picture. Empty where nothing is left.
    pub fn ring(&self, ring: &[Point]) -> Vec<Point> {
        if ring.iter().all(|it| self.has(*it)) {
            return ring.to_vec();
        }
        let mut kept = ring.to_vec();
        // Each edge as the axis, the bound and whether what is greater stays.
        let edges = [
            (0, self.min.0, true),
            (0, self.max.0, false),
            (1, self.min.1, true),
            (1, self.max.1, false),
        ];
        for (axis, bound, above) in edges {
            kept = half(&kept, axis, bound, above);
        }
        if kept.len() < 3 { Vec::new() } else { kept }
    }

    /// The pieces of a line that lie inside.
    pub fn line(&self, line: &[Point], mut take: impl FnMut(&[Point])) {
        let mut piece: Vec<Point> = Vec::new();
        for pair in line.windows(2) {
            let Some((from, to)) = self.stretch(pair[0], pair[1]) else {
                if piece.len() > 1 {
                    take(&piece);
                }
                piece.clear();
                continue;
            };
            if piece.last() != Some(&from) {
                if piece.len() > 1 {
                    take(&piece);
                }
                piece.clear();
                piece.push(from);
            }
            piece.push(to);
        }
        if piece.len() > 1 {
            take(&piece);
        }
    }

    /// The part of a stretch that lies inside (Liang and Barsky 1984).
    fn stretch(&self, from: Point, to: Point) -> Option<(Point, Point)> {
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let (mut begin, mut end) = (0.0_f64, 1.0_f64);
        for (step, room) in [
            (-dx, from.0 - self.min.0),
            (dx, self.max.0 - from.0),
            (-dy, from.1 - self.min.1),
            (dy, self.max.1 - from.1),
        ] {
            if step == 0.0 {
                if room < 0.0 {
                    return None;
                }
            } else if step < 0.0 {
                begin = begin.max(room / step);
            } else {
                end = end.min(room / step);
            }
        }
        let at = |part: f64| (dx.mul_add(part, from.0), dy.mul_add(part, from.1));
        let first = if begin == 0.0 { from } else { at(begin) };
        let last = if end >= 1.0 { to } else { at(end) };
        (begin <= end).then_some((first, last))
    }
}

/// What of a ring lies on one side of a straight line.
fn half(ring: &[Point], axis: usize, bound: f64, above: bool) -> Vec<Point> {
    let of = |it: Point| if axis == 0 { it.0 } else { it.1 };
    let is_in = |it: Point| if above { of(it) >= bound } else { of(it) <= bound };
    let mut kept = Vec::with_capacity(ring.len() + 4);
    let mut before = match ring.last() {
        Some(it) => *it,
        None => return kept,
    };
    for &at in ring {
        if is_in(at) != is_in(before) {
            let part = (bound - of(before)) / (of(at) - of(before));
            let cross = (
                (at.0 - before.0).mul_add(part, before.0),
                (at.1 - before.1).mul_add(part, before.1),
            );
            kept.push(cross);
        }
        if is_in(at) {
            kept.push(at);
        }
        before = at;
    }
    kept
}

/// A line moved to its right by so much, as seen along it with y downwards; a ring is closed. Corners are mitred up to twice
/// the distance.
pub fn beside(line: &[Point], by: f64, closed: bool) -> Vec<Point> {
    let len = line.len();
    if len < 2 || by == 0.0 {
        return line.to_vec();
    }
    let normal = |from: Point, to: Point| {
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let length = dx.hypot(dy);
        (length > 1e-9).then(|| (-dy / length, dx / length))
    };
    let mut moved = Vec::with_capacity(len);
    for nth in 0..len {
        let before = if nth > 0 { Some(line[nth - 1]) } else { closed.then(|| line[len - 1]) };
        let after = line.get(nth + 1).copied().or_else(|| closed.then(|| line[0]));
        let at = line[nth];
        let first = before.and_then(|it| normal(it, at));
        let second = after.and_then(|it| normal(at, it));
        let (nx, ny) = match (first, second) {
            (Some(a), Some(b)) => {
                let (x, y) = (a.0 + b.0, a.1 + b.1);
                // The sum of two unit normals is shorter the sharper the corner is.
                let scale = 2.0 / x.mul_add(x, y * y).max(1.0);
                (x * scale, y * scale)
            }
            (Some(it), None) | (None, Some(it)) => it,
            (None, None) => (0.0, 0.0),
        };
        moved.push((nx.mul_add(by, at.0), ny.mul_add(by, at.1)));
    }
    moved
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const WINDOW: Window = Window { min: (0.0, 0.0), max: (10.0, 10.0) };

    fn area(ring: &[Point]) -> f64 {
        let next = ring.iter().cycle().skip(1);
        ring.iter().zip(next).map(|(a, b)| a.0 * b.1 - b.0 * a.1).sum::<f64>() / 2.0
    }

    #[test]
    fn a_ring_keeps_what_is_inside() {
        let square = [(-5.0, -5.0), (5.0, -5.0), (5.0, 5.0), (-5.0, 5.0)];
        assert!((area(&WINDOW.ring(&square)) - 25.0).abs() < 1e-9);
        let around = [(-5.0, -5.0), (50.0, -5.0), (50.0, 50.0), (-5.0, 50.0)];
        assert!((area(&WINDOW.ring(&around)) - 100.0).abs() < 1e-9);
        assert!(WINDOW.ring(&[(20.0, 20.0), (30.0, 20.0), (30.0, 30.0)]).is_empty());
    }

    #[test]
    fn a_line_comes_back_in_pieces() {
        let line = [(-5.0, 5.0), (5.0, 5.0), (5.0, 15.0), (8.0, 15.0), (8.0, 5.0)];
        let mut pieces = Vec::new();
        WINDOW.line(&line, |it| pieces.push(it.to_vec()));
        assert_eq!(
            pieces,
            [vec![(0.0, 5.0), (5.0, 5.0), (5.0, 10.0)], vec![(8.0, 10.0), (8.0, 5.0)]]
        );
    }

    #[test]
    fn beside_an_outline_that_runs_as_tiles_have_it_is_within() {
        let square = [(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0)];
        assert_eq!(beside(&square, 1.0, true), [(1.0, 1.0), (9.0, 1.0), (9.0, 9.0), (1.0, 9.0)]);
        assert_eq!(beside(&square[..2], 2.0, false), [(0.0, 2.0), (10.0, 2.0)]);
    }

    proptest! {
        #[test]
        fn nothing_is_left_outside(ring in prop::collection::vec((-30.0..30.0, -30.0..30.0), 3..12)) {
            let near = |it: &Point| (-1e-6..=10.000_001).contains(&it.0) && (-1e-6..=10.000_001).contains(&it.1);
            prop_assert!(WINDOW.ring(&ring).iter().all(near));
            let mut ok = true;
            WINDOW.line(&ring, |piece| ok &= piece.iter().all(near));
            prop_assert!(ok);
        }
    }
}
