//! Every tile of a generated district.

use std::collections::BTreeSet;

use mutu::tile::queries;

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
                let mut named = Vec::new();
                for at in over(&snapshot, Grid::WebMercatorQuad, z) {
                    let made = made(&snapshot, layer, &scope, &at, Budget::NONE);
                    tiles += 1;
                    let wrong = findings(&made.bytes, &at);
                    assert!(wrong.is_empty(), "{}: {wrong:#?}", layer.id);
                    let tile = mvt::read(&made.bytes).unwrap();
                    for of in &tile.layers {
                        let labels = layer.labels.as_ref();
                        let labels = labels.filter(|it| it.source_layer == of.name);
                        assert!(labels.is_some() || of.name == layer.id, "{}", of.name);
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
                            let is_told = |it: &&str| {
                                labels.is_none_or(|labels| labels.fields.iter().any(|of| of == *it))
                            };
                            let there = readable.iter().copied().filter(is_told);
                            let there = there.filter(|it| row.contains_key(*it));
                            assert_eq!(told.len(), there.count(), "{} {id}: {told:?}", layer.id);
                            if labels.is_some() {
                                assert_eq!(feature.kind(), Some(mvt::Kind::Point));
                                named.push(id);
                            } else {
                                drawn.insert(id);
                            }
                        }
                    }
                }
                let all: BTreeSet<i64> = rows.keys().copied().collect();
                assert_eq!(drawn, all, "{} at {z} as {}", layer.id, scope.class());
                if let Some(labels) = layer.labels.as_ref().filter(|it| z >= it.min_zoom) {
                    let says = |it: &&String| readable.contains(it.as_str());
                    let says = |row: &BTreeMap<_, _>| {
                        labels.fields.iter().filter(says).any(|it| row.contains_key(it))
                    };
                    let expected: Vec<i64> =
                        rows.iter().filter(|it| says(it.1)).map(|it| *it.0).collect();
                    named.sort_unstable();
                    assert_eq!(named, expected, "each name of {} once at {z}", layer.id);
                } else {
                    assert_eq!(named, [] as [i64; 0], "{} at {z}", layer.id);
                }
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

#[tokio::test(flavor = "multi_thread")]
async fn the_database_writes_each_name_once_as_memory_does() {
    let it = district(300).await;
    let scope = Scope::public();
    let layer = it.app.layers.find("towns").unwrap();
    let labels = layer.labels.as_ref().unwrap();
    let snapshot = snapshot(&it, layer);
    let mut db = it.app.db.read(&scope).await.unwrap();
    for (grid, level) in
        [(Grid::WebMercatorQuad, 8), (Grid::WebMercatorQuad, 11), (Grid::CGCS2000Quad, 11)]
    {
        let [mut of_memory, mut of_database] = [Vec::new(), Vec::new()];
        for at in over(&snapshot, grid, level) {
            let written = queries::tile(&mut db, &scope, layer, at, None).await.unwrap();
            let wrong: Vec<String> =
                findings(&written, &at).into_iter().filter(|it| it.contains("label")).collect();
            assert!(wrong.is_empty(), "{wrong:#?}");
            let drawn = made(&snapshot, layer, &scope, &at, Budget::NONE).bytes;
            for (bytes, told) in [(&drawn, &mut of_memory), (&written, &mut of_database)] {
                let tile = mvt::read(bytes).unwrap();
                for of in tile.layers.iter().filter(|it| it.name == labels.source_layer) {
                    told.extend(of.features.iter().map(|feature| {
                        assert_eq!(feature.kind(), Some(mvt::Kind::Point));
                        let name = of.properties(feature).into_iter().find(|it| it.0 == "name");
                        format!("{:?} {:?}", feature.id, name.map(|it| it.1.clone()))
                    }));
                }
            }
        }
        of_memory.sort();
        of_database.sort();
        assert_eq!(of_memory, of_database, "{grid:?} {level}");
        assert_eq!(of_memory.is_empty(), level < labels.min_zoom);
        assert!(of_memory.windows(2).all(|it| it[0] != it[1]), "{of_memory:?}");
    }
}
