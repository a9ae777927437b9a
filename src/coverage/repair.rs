//! Outlines that rounding or generalising broke, made whole: what the rings wind around, as rings that a map may draw.

use i_overlay::core::fill_rule::FillRule;
use i_overlay::core::overlay::ContourDirection;
use i_overlay::core::overlay::IntOverlayOptions;
use i_overlay::core::overlay::Overlay;
use i_overlay::core::overlay::ShapeType;
use i_overlay::core::overlay_rule::OverlayRule;
use i_overlay::core::solver::Solver;
use i_overlay::i_float::int::point::IntPoint;

use super::draft::Draft;
use super::draft::Spot;
use super::draft::twice_area;
use super::trace::trace;
use super::valid::Checker;
use super::valid::Fault;

/// Corners are rounded to the grid, so that what comes out may need it once more.
const TRIES: usize = 4;

/// Repairs `draft` in place; nothing is left of what has no area, nor of what is too intricate to be repaired.
pub fn repair(draft: &mut Draft, checker: &mut Checker) {
    if checker.is_intricate(draft) {
        draft.clear();
        return;
    }
    for _ in 0..TRIES {
        once(draft);
        match checker.fault(draft) {
            Fault::Broken => {}
            Fault::None | Fault::Touches | Fault::Unknown => return,
        }
    }
    draft.clear();
}

fn once(draft: &mut Draft) {
    let options = IntOverlayOptions {
        // Vertices on a straight line are ends of borders.
        preserve_input_collinear: true,
        preserve_output_collinear: true,
        output_direction: ContourDirection::CounterClockwise,
        min_output_area: 0,
        // Not its own way to rings that touch themselves nowhere (`trace` is ours): it may stop at an assertion.
        ogc: false,
    };
    let mut overlay = Overlay::new_custom(draft.spots.len(), options, Solver::default());
    // What comes out must not depend on where rings start.
    let mut rings: Vec<Vec<Spot>> = draft.rings().map(|it| from_least(it.0)).collect();
    rings.sort_unstable();
    for ring in &rings {
        let path = ring.iter().map(|it| IntPoint::new(it.x, it.y));
        overlay.add_path_iter(path, ShapeType::Subject);
    }
    let shapes = overlay.overlay(OverlayRule::Subject, FillRule::NonZero);
    let mut edges = Vec::new();
    for shape in shapes {
        let mut is_turned = false;
        for (nth, ring) in shape.iter().enumerate() {
            let ring: Vec<Spot> = ring.iter().map(|it| Spot { x: it.x, y: it.y }).collect();
            if nth == 0 {
                is_turned = twice_area(&ring) < 0;
            }
            let next = ring.iter().cycle().skip(1);
            let own = ring.iter().zip(next).filter(|it| it.0 != it.1);
            edges.extend(own.map(|(a, b)| if is_turned { (*b, *a) } else { (*a, *b) }));
        }
    }
    trace(edges, draft);
}

/// The ring from its least spot on; where that is there twice, from the one with the lesser spots after it.
fn from_least(ring: &[Spot]) -> Vec<Spot> {
    let from = |start: usize| ring[start..].iter().chain(&ring[..start]);
    let least = (0..ring.len()).min_by(|a, b| from(*a).cmp(from(*b))).unwrap_or(0);
    from(least).copied().collect()
}
