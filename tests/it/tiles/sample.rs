//! Every tile of a generated district.

use std::collections::BTreeSet;

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn every_tile_keeps_the_specification_and_tells_what_the_database_has() {
    let it = district(300).await;
    let mut tiles = 0;
    for scope in scopes() {
        for layer in layers(&it, &scope) {
            let snapshot = snapshot(&it, layer);
            let rows = rows(&it, layer, &scope).await;
            let readable: BTreeSet<&str> = layer.tile_fields(&scope).map(|it| it.0).collect();
            for z in layer.zooms.min..=layer.zooms.max {
                let mut drawn = BTreeSet::new();
                for at in over(&snapshot, Grid::WebMercatorQuad, z) {
                    let made = made(&snapshot, layer, &scope, &at, Budget::NONE);
                    tiles += 1;
                    let wrong = findings(&made.bytes, &at);
                    assert!(wrong.is_empty(), "{}: {wrong:#?}", layer.id);
                    let tile = mvt::read(&made.bytes).unwrap();
                    for of in &tile.layers {
                        assert_eq!(of.name, layer.id);
                        for feature in &of.features {
                            let id = i64::try_from(feature.id.unwrap()).unwrap();
                            let row = rows.get(&id).expect("the scope has the row");
                            let told = of.properties(feature);
                            for (name, value) in &told {
                                assert!(readable.contains(name), "{} {name}", layer.id);
                                let kept = row.get(*name);
                                assert!(
                                    kept.is_some_and(|it| same(value, it)),
                                    "{} {id} {name}: {value:?} is not {kept:?}",
                                    layer.id
                                );
                            }
                            let there = readable.iter().filter(|it| row.contains_key(**it));
                            assert_eq!(told.len(), there.count(), "{} {id}: {told:?}", layer.id);
                            drawn.insert(id);
                        }
                    }
                }
                let all: BTreeSet<i64> = rows.keys().copied().collect();
                assert_eq!(drawn, all, "{} at {z} as {}", layer.id, scope.class());
            }
        }
    }
    assert!(tiles > 1000, "{tiles}");
}

#[tokio::test(flavor = "multi_thread")]
async fn grids_of_degrees_draw_every_row_too() {
    let it = district(300).await;
    let scope = Scope::public();
    for layer in layers(&it, &scope) {
        let snapshot = snapshot(&it, layer);
        let rows = rows(&it, layer, &scope).await;
        for grid in [Grid::WorldCRS84Quad, Grid::CGCS2000Quad] {
            for zoom in [layer.zooms.min, layer.zooms.max.min(14)] {
                let mut drawn = BTreeSet::new();
                let level = grid.level(zoom).unwrap();
                for at in over(&snapshot, grid, level) {
                    let made = made(&snapshot, layer, &scope, &at, Budget::NONE);
                    let wrong = findings(&made.bytes, &at);
                    assert!(wrong.is_empty(), "{}: {wrong:#?}", layer.id);
                    let tile = mvt::read(&made.bytes).unwrap();
                    let ids = tile.layers.iter().flat_map(|it| &it.features).map(|it| it.id);
                    drawn.extend(ids.map(|it| i64::try_from(it.unwrap()).unwrap()));
                }
                let all: BTreeSet<i64> = rows.keys().copied().collect();
                assert_eq!(drawn, all, "{} at {level} of {grid:?}", layer.id);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tile_is_the_same_each_time_and_whatever_was_drawn_before() {
    let it = district(300).await;
    let [public, .., steward] = scopes();
    let layer = it.app.layers.find("yield_per_mu").unwrap();
    let snapshot = snapshot(&it, layer);
    let tiles = over(&snapshot, Grid::WebMercatorQuad, 12);
    let all = |scope: &Scope, budget| -> Vec<Made> {
        tiles.iter().map(|at| made(&snapshot, layer, scope, at, budget)).collect()
    };
    let first = all(&public, Budget::DEFAULT);
    all(&steward, Budget(1));
    let roads = it.app.layers.find("roads").unwrap();
    made(&super::snapshot(&it, roads), roads, &public, &tiles[0], Budget::NONE);
    assert_eq!(all(&public, Budget::DEFAULT), first);
}
