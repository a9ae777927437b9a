//! Generalisation of real parcels.

use std::collections::HashMap;
use std::collections::HashSet;
use std::path::Path;

use gdal::Dataset;
use gdal::spatial_ref::AxisMappingStrategy;
use gdal::spatial_ref::CoordTransform;
use gdal::spatial_ref::SpatialRef;
use gdal::vector::Geometry as Shape;
use gdal::vector::LayerAccess;
use mutu::coverage::At;
use mutu::coverage::Drawn;
use mutu::coverage::Pyramid;
use mutu::coverage::Shapes;
use mutu::coverage::Window;
use mutu::layer::Geometry;

use crate::support::shared_data;

#[path = "../../src/coverage/tests/strict.rs"]
mod strict;

/// Rings of all polygons of a file.
fn shapes(path: &Path) -> Shapes {
    let data = Dataset::open(format!("/vsizip/{}", path.display())).unwrap();
    let mut layer = data.layer(0).unwrap();
    let mut from = layer.spatial_ref().unwrap();
    from.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    let mut to = SpatialRef::from_epsg(4490).unwrap();
    to.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    let transform = CoordTransform::new(&from, &to).unwrap();
    let mut shapes = Shapes::default();
    for feature in layer.features() {
        if let Some(it) = feature.geometry() {
            let it = it.transform(&transform).unwrap();
            add(&it, &mut shapes);
        }
        shapes.end_row();
    }
    shapes
}

fn add(shape: &Shape, shapes: &mut Shapes) {
    let parts: Vec<_> = (0..shape.geometry_count()).map(|it| shape.get_geometry(it)).collect();
    if shape.geometry_name() == "MULTIPOLYGON" {
        return parts.iter().for_each(|it| add(it, shapes));
    }
    for ring in &parts {
        let mut places = Vec::new();
        ring.get_points(&mut places);
        for (lon, lat, _) in &places[..places.len() - 1] {
            shapes.place(At::from_degrees(*lon, *lat));
        }
        shapes.end_ring();
    }
    shapes.end_part();
}

type Edge = ((i64, i64), (i64, i64));

fn edges(shapes: &Shapes, row: usize, zoom: u8) -> Vec<Edge> {
    let unit = 1_i64 << (20 - zoom);
    let snap = |it: At| ((i64::from(it.x) + unit / 2) / unit, (i64::from(it.y) + unit / 2) / unit);
    shapes
        .row(row)
        .flatten()
        .flat_map(|ring| (0..ring.len()).map(move |it| (ring[it], ring[(it + 1) % ring.len()])))
        .map(|(a, b)| (snap(a), snap(b)))
        .collect()
}

#[test]
fn parcels_of_a_real_city_keep_their_borders_and_are_valid_at_every_zoom() {
    let Some(data) = shared_data() else { return };
    let shapes = shapes(&data.join("parcels_cambridge_ma/parcels_fy2014.shp.zip"));
    assert_eq!(shapes.len(), 13_116);
    let started = std::time::Instant::now();
    let pyramid = Pyramid::build(Geometry::Polygon, shapes, 10..=17, None);
    eprintln!("built in {:?}, {} B a row", started.elapsed(), pyramid.bytes() / pyramid.len());
    let shapes = pyramid.shapes();
    // Edges at full detail, where a neighbour is on the other side and where none is.
    let whole: HashSet<Edge> = (0..pyramid.len()).flat_map(|it| edges(shapes, it, 20)).collect();
    for zoom in 10..=17 {
        let unit = 1_i64 << (20 - zoom);
        let snap = |it: (i64, i64)| ((it.0 + unit / 2) / unit, (it.1 + unit / 2) / unit);
        let (mut alone, mut all) = (HashSet::new(), HashMap::<Edge, i32>::new());
        for (a, b) in whole.iter().filter(|(a, b)| !whole.contains(&(*b, *a))) {
            alone.extend([snap(*a), snap(*b)]);
        }
        let (mut dots, mut before, mut after) = (0, 0.0, 0.0);
        for row in 0..pyramid.len() {
            let outline = pyramid.outline(row, zoom);
            if pyramid.is_dot(row, zoom) {
                dots += 1;
                alone.extend(edges(shapes, row, zoom).into_iter().map(|it| it.0));
            } else {
                edges(&outline, 0, zoom)
                    .into_iter()
                    .for_each(|it| *all.entry(it).or_default() += 1);
            }
            let area = |shapes: &Shapes, row: usize| -> f64 {
                let area = |(a, b): &Edge| (a.0 * b.1 - a.1 * b.0) as f64 / 2.0;
                // Counted from nearby, to the precision that a double has.
                let edges = edges(shapes, row, 20);
                let Some(((x, y), _)) = edges.first().copied() else { return 0.0 };
                let from = |it: (i64, i64)| (it.0 - x, it.1 - y);
                edges.iter().map(|it| area(&(from(it.0), from(it.1)))).sum()
            };
            before += area(shapes, row);
            after += area(&outline, 0);
            let bounds = pyramid.bounds(row);
            let cell = |it: u32| it >> (32 - zoom);
            let mut is_drawn = shapes.row(row).next().is_none();
            for x in cell(bounds.min.x)..=cell(bounds.max.x) {
                for y in cell(bounds.min.y)..=cell(bounds.max.y) {
                    let mut bytes = Vec::new();
                    let window = Window { z: zoom, x, y };
                    if pyramid.draw(row, &window, &mut bytes) != Drawn::Nothing {
                        let rings = strict::rings(&bytes, Geometry::Polygon);
                        assert_eq!(strict::fault(&rings), None, "{window:?} row {row}: {rings:?}");
                        is_drawn = true;
                    }
                }
            }
            assert!(is_drawn, "z{zoom} row {row}");
        }
        let other = all
            .iter()
            .filter(|((a, b), count)| all.get(&(*b, *a)) != Some(count))
            .filter(|((a, b), _)| !(alone.contains(a) && alone.contains(b)))
            .count();
        eprintln!(
            "z{zoom}: {dots} dots, {other} of {} edges differ, area {:.4}",
            all.len(),
            after / before
        );
        // What is left are rows that were repaired, and parcels that overlap in the source.
        assert!(other * 100 <= all.len(), "z{zoom}: {other} of {}", all.len());
        assert!((after / before - 1.0).abs() < 0.01, "z{zoom}: {before} {after}");
    }
}
