//! Outlines that overlap, taken apart exactly: in whole numbers within one small square, by `i_overlay`.

use i_overlay::core::fill_rule::FillRule;
use i_overlay::core::overlay::ContourDirection;
use i_overlay::core::overlay::IntOverlayOptions;
use i_overlay::core::overlay::Overlay;
use i_overlay::core::overlay::ShapeType;
use i_overlay::core::overlay_rule::OverlayRule;
use i_overlay::core::solver::Solver;
use i_overlay::i_float::int::point::IntPoint;

use super::outline::Outline;
use super::outline::Place;

/// Steps along a side. `i_overlay` multiplies differences in 64 bits.
const STEPS: f64 = (1 << 28) as f64;

pub type Contour = Vec<IntPoint>;

/// A grid over a square whose side is a power of two: there and back loses nothing at its edges.
#[derive(Clone, Copy, Debug)]
pub struct Grid {
    corner: Place,
    step: f64,
}

impl Grid {
    pub fn new(corner: Place, side: f64) -> Self {
        Self { corner, step: side / STEPS }
    }

    pub fn contour(&self, ring: &[Place]) -> Contour {
        ring.iter()
            .map(|it| {
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "at most 2^28, or a cast that saturates"
                )]
                let number =
                    |axis: usize| ((it[axis] - self.corner[axis]) / self.step).round() as i32;
                IntPoint::new(number(0), number(1))
            })
            .collect()
    }

    /// In metres from the corner.
    pub fn ring(&self, contour: &[IntPoint]) -> Vec<Place> {
        contour
            .iter()
            .map(|it| [f64::from(it.x) * self.step, f64::from(it.y) * self.step])
            .collect()
    }
}

/// What the rings of one outline fill by the rule of odd numbers, as rings with the filled side on their left.
pub fn odd(rings: &[Contour]) -> Vec<Contour> {
    run(rings, &[], OverlayRule::Subject, FillRule::EvenOdd)
}

/// What the rings `of` fill and those of `without` do not; overlaps count once.
pub fn difference(of: &[Contour], without: &[Contour]) -> Vec<Contour> {
    let rule = if without.is_empty() { OverlayRule::Subject } else { OverlayRule::Difference };
    run(of, without, rule, FillRule::NonZero)
}

fn run(of: &[Contour], without: &[Contour], rule: OverlayRule, fill: FillRule) -> Vec<Contour> {
    let options = IntOverlayOptions {
        preserve_input_collinear: false,
        preserve_output_collinear: false,
        output_direction: ContourDirection::CounterClockwise,
        min_output_area: 0,
        ogc: false,
    };
    let count = of.iter().chain(without).map(Vec::len).sum();
    let mut overlay = Overlay::new_custom(count, options, Solver::default());
    overlay.add_contours(of, ShapeType::Subject);
    overlay.add_contours(without, ShapeType::Clip);
    overlay.overlay(rule, fill).into_iter().flatten().collect()
}

/// The rings of an outline taken apart, as places and ends of rings.
pub fn even_odd(outline: &Outline) -> (Vec<Place>, Vec<u32>) {
    let (low, high) = (outline.bounds.low, outline.bounds.high);
    let extent = (high[0] - low[0]).max(high[1] - low[1]).max(1e-6);
    let grid = Grid::new(low, extent.log2().ceil().exp2());
    let rings: Vec<Contour> = outline.rings().map(|it| grid.contour(it)).collect();
    let (mut places, mut ends) = (Vec::new(), Vec::new());
    for ring in odd(&rings) {
        places.extend(grid.ring(&ring).iter().map(|it| [it[0] + low[0], it[1] + low[1]]));
        ends.push(u32::try_from(places.len()).unwrap_or(u32::MAX));
    }
    (places, ends)
}
