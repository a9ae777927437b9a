//! What must hold of every district: exact borders, no overlaps, sums, unique codes, shares, density, the same from a seed.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use geo::Area as _;
use geo::BooleanOps;
use geo::BoundingRect;
use geo::Contains;
use geo::Intersects;
use geo::LineString;
use geo::Polygon;
use geo::Validation;
use proptest::prelude::*;

use super::code;
use super::district::District;
use super::district::Kind;
use super::fact::Facts;
use super::network;
use super::outline::Area;
use super::parcel::Status;
use super::plan;
use super::plane::Plane;
use super::plane::Vertex;
use super::polygon;
use super::quota::Quota;
use super::row::Geometry;
use super::row::Row;
use super::*;

fn facts(quota: &Quota) -> Vec<Facts> {
    (0..quota.district.tiles.len()).map(|it| Facts::of(quota, it)).collect()
}

fn line(ring: &[Vertex]) -> LineString<f64> {
    let mut line: LineString<f64> =
        ring.iter().map(|it| it.degrees()).map(|[x, y]| (x, y)).collect();
    line.close();
    line
}

fn polygon_of(ring: &[Vertex]) -> Polygon<f64> {
    Polygon::new(line(ring), Vec::new())
}

fn polygons_of(row: &Row) -> Vec<Polygon<f64>> {
    let Some(Geometry::Polygons(polygons)) = &row.geometry else { return Vec::new() };
    let polygon = |rings: &Vec<Vec<Vertex>>| {
        Polygon::new(line(&rings[0]), rings[1..].iter().map(|it| line(it)).collect())
    };
    polygons.iter().map(polygon).collect()
}

#[test]
fn there_are_exactly_as_many_parcels_as_asked_for() {
    for parcels in [1, 7, 60, 300, 1000] {
        let quota = Quota::settle(5, parcels);
        let count: usize = facts(&quota).iter().map(|it| it.parcels.len()).sum();
        assert_eq!(count, parcels as usize);
    }
}

#[test]
fn parcels_of_a_block_share_borders_exactly_and_nothing_overlaps() {
    let quota = Quota::settle(11, 600);
    for facts in facts(&quota) {
        let mut sides = BTreeSet::new();
        for parcel in &facts.parcels {
            for (index, &from) in parcel.ring.iter().enumerate() {
                let to = parcel.ring[(index + 1) % parcel.ring.len()];
                assert!(sides.insert((from, to)), "{} walks a side twice", parcel.code);
            }
        }
        // Neighbours meet side by side: each walks the common side in its own direction.
        if facts.parcels.len() > 30 {
            let shared = sides.iter().filter(|it| sides.contains(&(it.1, it.0))).count();
            assert!(shared * 4 > sides.len(), "{shared} of {}", sides.len());
        }
        let polygons: Vec<_> = facts.parcels.iter().map(|it| polygon_of(&it.ring)).collect();
        let boxes: Vec<_> =
            polygons.iter().map(|it| it.bounding_rect().expect("not empty")).collect();
        for (index, polygon) in polygons.iter().enumerate() {
            assert!(polygon.is_valid(), "{}", facts.parcels[index].code);
            for other in index + 1..polygons.len() {
                if boxes[index].intersects(&boxes[other]) {
                    let common = polygon.intersection(&polygons[other]).unsigned_area();
                    assert!(
                        common < 1e-13,
                        "{} over {}",
                        facts.parcels[index].code,
                        facts.parcels[other].code
                    );
                }
            }
        }
    }
}

#[test]
fn blocks_of_neighbouring_tiles_keep_apart() {
    let quota = Quota::settle(3, 400);
    let district = &quota.district;
    let blocks = |tile: usize| -> Vec<Polygon<f64>> {
        let facts = Facts::of(&quota, tile);
        facts
            .layout
            .streets
            .blocks
            .iter()
            .map(|it| polygon_of(&network::ring(district, it)))
            .collect()
    };
    let all: Vec<Polygon<f64>> = (0..district.tiles.len()).flat_map(blocks).collect();
    for (index, block) in all.iter().enumerate() {
        assert!(block.is_valid());
        assert!(all[index + 1..].iter().all(|it| !it.intersects(block)));
    }
}

#[test]
fn lots_lie_in_their_block_and_buildings_in_their_parcel() {
    let quota = Quota::settle(8, 300);
    let mut buildings = 0;
    for facts in facts(&quota) {
        for lot in &facts.layout.lots {
            let block = &facts.layout.streets.blocks[lot.block];
            for point in &lot.ring {
                let inside = polygon::edges(block).all(|(a, b)| {
                    polygon::dot(polygon::sub(*point, a), polygon::left_of(polygon::sub(b, a)))
                        > -1e-6
                });
                assert!(inside);
            }
        }
        for parcel in &facts.parcels {
            let land = polygon_of(&parcel.ring);
            let rings: Vec<_> = parcel.buildings.iter().map(|it| polygon_of(&it.ring)).collect();
            assert!(rings.len() <= 6);
            buildings += rings.len();
            for (index, ring) in rings.iter().enumerate() {
                assert!(ring.is_valid() && land.contains(ring), "{}", parcel.code);
                assert!(
                    rings[index + 1..].iter().all(|it| !it.intersects(ring)),
                    "{}",
                    parcel.code
                );
            }
        }
    }
    assert!(buildings > 450, "{buildings}");
}

#[test]
fn allocated_land_never_exceeds_the_parcel() {
    let quota = Quota::settle(2, 1500);
    let (mut shared, mut several) = (0, 0);
    for facts in facts(&quota) {
        let mut land = BTreeMap::<usize, f64>::new();
        let mut users = BTreeMap::<usize, usize>::new();
        let mut parcels = BTreeMap::<usize, usize>::new();
        for it in &facts.occupancies {
            *land.entry(it.parcel).or_default() += it.land_m2;
            *users.entry(it.parcel).or_default() += 1;
            *parcels.entry(it.enterprise).or_default() += 1;
        }
        for (index, parcel) in facts.parcels.iter().enumerate() {
            let registered = parcel.area_registered_m2.unwrap_or(f64::INFINITY);
            assert!(land[&index] <= registered.min(parcel.area_geom_m2) + 1e-6, "{}", parcel.code);
            assert!(parcel.holder.is_some());
        }
        shared += users.values().filter(|it| **it > 2).count();
        several += parcels.values().filter(|it| **it > 1).count();
    }
    assert!(shared > 100 && several > 40, "{shared} shared parcels, {several} firms with several");
}

#[test]
fn codes_are_valid_and_unique() {
    let quota = Quota::settle(4, 3000);
    let (mut firms, mut parcels) = (BTreeSet::new(), BTreeSet::new());
    for facts in facts(&quota) {
        for it in &facts.enterprises {
            assert!(code::is_credit_code(&it.uscc), "{}", it.uscc);
            assert!(firms.insert(it.uscc.clone()), "{}", it.uscc);
        }
        for it in &facts.parcels {
            assert_eq!(it.code.len(), 19);
            assert!(parcels.insert(it.code.clone()), "{}", it.code);
        }
    }
}

/// Parts of all parcels by class, by the whole overlay: in a block, else in the construction area, else outside.
fn class_shares(quota: &Quota) -> [f64; 3] {
    let polygons = |rows: Vec<Row>| rows.iter().flat_map(polygons_of).collect::<Vec<_>>();
    let blocks = polygons(plan::blocks_104(&quota.district));
    let built = polygons(plan::construction_area(&quota.district));
    let mut counts = [0.0; 3];
    for facts in facts(quota) {
        for parcel in &facts.parcels {
            let land = polygon_of(&parcel.ring);
            let over = |it: &[Polygon<f64>]| -> f64 {
                let near = it.iter().filter(|it| it.intersects(&land));
                near.map(|it| it.intersection(&land).unsigned_area()).sum::<f64>()
                    / land.unsigned_area()
            };
            let in_blocks = over(&blocks);
            let in_town = (over(&built) - in_blocks).max(0.0);
            let class = if in_blocks > 0.5 { 0 } else { 2 - usize::from(in_town > 0.5) };
            counts[class] += 1.0;
        }
    }
    let total: f64 = counts.iter().sum();
    counts.map(|it| it / total)
}

#[test]
fn classes_have_the_shares_of_a_district() {
    for (seed, parcels) in [(1, 300), (2, 300), (1, 2000)] {
        let [in_blocks, in_town, outside] = class_shares(&Quota::settle(seed, parcels));
        assert!((0.52..0.63).contains(&in_blocks), "104: {in_blocks} of {parcels}");
        assert!((0.20..0.34).contains(&in_town), "195: {in_town} of {parcels}");
        assert!((0.10..0.22).contains(&outside), "198: {outside} of {parcels}");
    }
}

#[test]
fn density_is_the_same_for_a_piece_and_for_the_whole() {
    let density = |parcels: u32| {
        let quota = Quota::settle(1, parcels);
        let rings = quota.district.town_areas.values().flatten();
        let area: f64 =
            rings.map(|it: &Area| Plane::area_m2(&network::ring(&quota.district, &it.shell))).sum();
        f64::from(parcels) / area * 1e6
    };
    let (piece, whole) = (density(300), density(10_000));
    assert!((20.0..26.0).contains(&piece), "{piece}");
    assert!((20.0..24.0).contains(&whole), "{whole}");
}

#[test]
fn some_firms_pay_no_tax_for_years_running_and_use_whole_parcels() {
    let quota = Quota::settle(6, 2000);
    let (mut firms, mut alone) = (0, 0);
    for facts in facts(&quota) {
        for (nth, years) in facts.figures.iter().enumerate() {
            let last: Vec<_> = years.iter().rev().take(2).collect();
            if last.len() < 2 || last.iter().any(|it| it.tax_wan != Some(0.0)) {
                continue;
            }
            firms += 1;
            let of = facts.occupancies.iter().filter(|it| it.enterprise == nth);
            let is_alone =
                |parcel| facts.occupancies.iter().filter(|it| it.parcel == parcel).count() == 1;
            alone += i32::from(of.map(|it| it.parcel).any(is_alone));
        }
    }
    assert!(firms > 10 && alone > 0, "{firms} firms, {alone} with a parcel of their own");
}

#[test]
fn figures_add_up_and_have_gaps() {
    let quota = Quota::settle(6, 2000);
    let (mut firms, mut rows, mut blank, mut nothing) = (0, 0, 0, 0);
    for facts in facts(&quota) {
        for (firm, years) in facts.enterprises.iter().zip(&facts.figures) {
            firms += usize::from(firm.in_production.is_some());
            for it in years.iter().filter(|_| firm.in_production.is_some()) {
                rows += 1;
                blank += usize::from(it.energy_tce.is_none());
                nothing += usize::from(it.tax_paid_wan == Some(0.0));
                if let (Some(paid), Some(adjusted), Some(tax)) =
                    (it.tax_paid_wan, it.tax_policy_adj_wan, it.tax_wan)
                {
                    assert!((paid + adjusted - tax).abs() < 0.006, "{paid} + {adjusted} = {tax}");
                }
            }
        }
        let idle = facts.parcels.iter().filter(|it| it.status == Status::Idle);
        assert!(idle.flat_map(|it| &it.buildings).all(|it| it.vacant_area_m2 > 0.0));
    }
    assert!(
        rows * 100 > firms * 3 * 88 && rows * 100 < firms * 3 * 97,
        "{rows} rows of {firms} firms"
    );
    assert!(blank * 100 > rows * 2 && nothing * 100 > rows / 2, "{blank} {nothing} of {rows}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn outlines_of_any_seed_are_valid(seed in any::<u64>(), parcels in 200_u32..6000) {
        let quota = Quota::settle(seed, parcels);
        let district = &quota.district;
        for rows in [
            plan::towns(district),
            plan::blocks_104(district),
            plan::construction_area(district),
            plan::growth_boundary(district),
            plan::industry_layout(district),
            plan::eco_redline(district),
        ] {
            prop_assert!(!rows.is_empty());
            for polygon in rows.iter().flat_map(polygons_of) {
                prop_assert!(polygon.is_valid(), "{:?}", polygon.validation_errors());
            }
        }
        for polygon in network::rivers(district).iter().flat_map(polygons_of) {
            prop_assert!(polygon.is_valid(), "{:?}", polygon.validation_errors());
        }
        prop_assert!(district.tiles.iter().any(|it| it.kind == Kind::Rural));
    }
}

#[test]
fn the_largest_district_has_towns_that_three_digits_count() {
    let district = District::new(1, MOST_PARCELS, [0.28, 0.33]);
    assert!(district.towns.iter().all(|it| it.code.len() == 9 && it.zone < 950));
    assert!(district.tiles.iter().all(|it| it.subzone <= 999));
}

#[test]
fn the_same_seed_makes_the_same_district() {
    let text = |seed| format!("{:?}", facts(&Quota::settle(seed, 120)));
    assert_eq!(text(9), text(9));
    assert_ne!(text(9), text(10));
}
