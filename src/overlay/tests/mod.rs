//! The engine against `geo`'s intersections, and the laws of shares.

use std::sync::Arc;

use geo::Area;
use geo::BooleanOps;
use geo::Coord;
use geo::LineString;
use geo::MultiPolygon;
use geo::Polygon;
use proptest::prelude::*;

use super::Bounds;
use super::Count;
use super::Feature;
use super::Outline;
use super::Overlay;
use super::Place;

mod changes;
mod laws;
mod shapes;

/// A star of `corners` around a place, as a ring that does not cross itself.
pub fn star(centre: Place, radius: f64, wobble: &[f64]) -> Vec<Place> {
    let count = wobble.len();
    wobble
        .iter()
        .enumerate()
        .map(|(nth, it)| {
            #[expect(clippy::cast_precision_loss, reason = "a few corners")]
            let angle = std::f64::consts::TAU * nth as f64 / count as f64;
            let r = radius * (0.3 + 0.7 * it);
            [centre[0] + r * angle.cos(), centre[1] + r * angle.sin()]
        })
        .collect()
}

pub fn outline(rings: &[Vec<Place>]) -> Outline {
    let mut ends = Vec::new();
    let mut all = Vec::new();
    for ring in rings {
        all.extend_from_slice(ring);
        ends.push(u32::try_from(all.len()).unwrap());
    }
    Outline::new(&all, &ends)
}

pub fn feature(class: u32, rings: &[Vec<Place>]) -> Feature {
    Feature { class, outline: Arc::new(outline(rings)) }
}

pub fn square(low: Place, side: f64) -> Vec<Place> {
    vec![low, [low[0] + side, low[1]], [low[0] + side, low[1] + side], [low[0], low[1] + side]]
}

pub fn polygon(rings: &[Vec<Place>]) -> MultiPolygon {
    let line = |ring: &Vec<Place>| -> LineString {
        ring.iter().chain(ring.first()).map(|it| Coord { x: it[0], y: it[1] }).collect()
    };
    let holes = rings[1..].iter().map(line).collect();
    MultiPolygon(vec![Polygon::new(line(&rings[0]), holes)])
}

prop_compose! {
    pub fn any_star(extent: f64, least: f64, most: f64)(
        x in -extent..extent, y in -extent..extent, radius in least..most,
        wobble in prop::collection::vec(0.0..1.0_f64, 3..24),
    ) -> Vec<Place> {
        star([x, y], radius, &wobble)
    }
}

/// What each class has of a parcel by unions and differences.
fn by_geo(parcel: &MultiPolygon, features: &[(u32, Vec<Place>)]) -> Vec<(u32, f64)> {
    let mut claimed = MultiPolygon(Vec::new());
    let mut all = Vec::new();
    let mut classes: Vec<u32> = features.iter().map(|it| it.0).collect();
    classes.sort_unstable();
    classes.dedup();
    for class in classes {
        let mut own = MultiPolygon(Vec::new());
        for (_, ring) in features.iter().filter(|it| it.0 == class) {
            own = own.union(&polygon(std::slice::from_ref(ring)));
        }
        let area = parcel.intersection(&own).difference(&claimed).unsigned_area();
        all.push((class, area));
        claimed = claimed.union(&own);
    }
    all
}

pub fn area_of(parts: &[(u32, f64)], class: u32) -> f64 {
    parts.iter().filter(|it| it.0 == class).map(|it| it.1).sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn classes_claim_in_their_order_and_no_place_counts_twice(
        parcels in prop::collection::vec(any_star(900.0, 5.0, 400.0), 1..12),
        polygons in prop::collection::vec((0_u32..3, any_star(900.0, 20.0, 900.0)), 0..24),
    ) {
        let features: Vec<Feature> = polygons.iter().map(|(class, ring)| feature(*class, std::slice::from_ref(ring))).collect();
        let overlay = Overlay::build(&features, Count::Once);
        let outlines: Vec<Outline> = parcels.iter().map(|it| outline(std::slice::from_ref(it)).repaired()).collect();
        let claims = overlay.claim(&outlines);
        for (nth, ring) in parcels.iter().enumerate() {
            let expected = by_geo(&polygon(std::slice::from_ref(ring)), &polygons);
            let tolerance = 0.01_f64.max(outlines[nth].area_m2 * 1e-6);
            for (class, area) in expected {
                let found = area_of(claims.of(nth), class);
                prop_assert!((found - area).abs() < tolerance, "class {class}: {found} {area} of {}", outlines[nth].area_m2);
            }
            let sum: f64 = claims.of(nth).iter().map(|it| it.1).sum();
            prop_assert!(sum <= outlines[nth].area_m2 + tolerance);
        }
    }

    #[test]
    fn every_feature_has_its_own_area_whatever_lies_over_it(
        parcels in prop::collection::vec(any_star(900.0, 5.0, 400.0), 1..8),
        polygons in prop::collection::vec(any_star(900.0, 20.0, 900.0), 0..12),
    ) {
        let features: Vec<Feature> = (0..).zip(&polygons).map(|(nth, ring)| feature(nth, std::slice::from_ref(ring))).collect();
        let overlay = Overlay::build(&features, Count::Each);
        for ring in &parcels {
            let own = outline(std::slice::from_ref(ring)).repaired();
            let parts = overlay.claim_one(&own);
            for (nth, other) in (0..).zip(&polygons) {
                let both = polygon(std::slice::from_ref(ring)).intersection(&polygon(std::slice::from_ref(other)));
                let (area, found) = (both.unsigned_area(), area_of(&parts, nth));
                prop_assert!((found - area).abs() < 0.01_f64.max(own.area_m2 * 1e-6), "{found} {area}");
            }
        }
    }
}

/// The bounds of features, for rebuilding.
pub fn bounds_of(features: &[Feature]) -> Vec<Bounds> {
    features.iter().map(|it| it.outline.bounds).collect()
}
