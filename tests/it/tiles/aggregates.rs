//! Tiles that would be too large: whatever step they take, nothing is lost.

use mutu::mvt::Layer as Drawn;
use mutu::tile::draw::Step;

use super::*;

/// What aggregates say together: rows and 亩 by class.
fn totals(tiles: &[Drawn], class: Option<&str>) -> BTreeMap<String, (Decimal, Decimal)> {
    let mut totals: BTreeMap<String, (Decimal, Decimal)> = BTreeMap::new();
    for layer in tiles {
        for feature in &layer.features {
            let told: BTreeMap<&str, &Owned> = layer.properties(feature).into_iter().collect();
            assert_eq!(told["aggregated"], &Owned::Bool(true));
            assert_eq!(feature.id, None, "it is no row");
            let name = match class.and_then(|it| told.get(it)) {
                Some(Owned::Text(it)) => it.clone(),
                Some(other) => decimal(other).to_string(),
                None => String::new(),
            };
            let sum = totals.entry(name).or_default();
            sum.0 += decimal(told["count"]);
            sum.1 += told.get("area_mu").map_or(Decimal::ZERO, |it| decimal(it));
        }
    }
    totals
}

async fn recorded(
    it: &TestApp,
    layer: &Layer,
    scope: &Scope,
    class: Option<&str>,
) -> BTreeMap<String, (Decimal, Decimal)> {
    let mut db = it.app.db.read(scope).await.unwrap();
    let class = class.map_or("''".to_owned(), |it| format!("coalesce({it}::text, '')"));
    let sql = format!(
        "select {class}, count(*)::numeric, coalesce(sum(area_mu), 0) from {} r
         where geom is not null group by 1",
        layer.relation()
    );
    let rows: Vec<(String, Decimal, Decimal)> =
        sqlx::query_as(AssertSqlSafe(sql)).fetch_all(&mut db).await.unwrap();
    rows.into_iter().map(|(class, count, area)| (class, (count, area.normalize()))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn aggregates_of_a_zoom_sum_up_to_what_the_database_has() {
    let it = district(300).await;
    let mut compared = 0;
    for scope in scopes() {
        for id in ["parcels", "block_class", "yield_per_mu", "low_efficiency"] {
            let layer = it.app.layers.find(id).unwrap();
            if !layer.readable(&scope) {
                continue;
            }
            let told = layer.aggregated(&scope);
            let snapshot = snapshot(&it, layer);
            let expected = recorded(&it, layer, &scope, told.class).await;
            for (grid, zoom) in [
                (Grid::WebMercatorQuad, 9),
                (Grid::WebMercatorQuad, 12),
                (Grid::WebMercatorQuad, 14),
                (Grid::CGCS2000Quad, 11),
                (Grid::WorldCRS84Quad, 12),
            ] {
                let mut tiles = Vec::new();
                for at in over(&snapshot, grid, grid.level(zoom).unwrap()) {
                    let made = made(&snapshot, layer, &scope, &at, Budget(1));
                    assert!(made.bytes.is_empty() || made.step == Step::Aggregates);
                    let wrong = findings(&made.bytes, &at);
                    assert!(wrong.is_empty(), "{id}: {wrong:#?}");
                    tiles.extend(mvt::read(&made.bytes).unwrap().layers);
                }
                let mut found = totals(&tiles, told.class);
                found.values_mut().for_each(|it| it.1 = it.1.normalize());
                assert_eq!(found, expected, "{id} at {zoom} of {grid:?} as {}", scope.class());
                compared += 1;
            }
        }
    }
    assert!(compared > 60, "{compared}");
}

#[tokio::test(flavor = "multi_thread")]
async fn ratios_of_sums_are_for_those_who_read_every_figure() {
    let it = district(300).await;
    let layer = it.app.layers.find("yield_per_mu").unwrap();
    let snapshot = snapshot(&it, layer);
    // One cell and one class at a time: the sums over all of it are the database's.
    let at = over(&snapshot, Grid::WebMercatorQuad, 9).remove(0);
    for scope in scopes() {
        let made = made(&snapshot, layer, &scope, &at, Budget(1));
        let tile = mvt::read(&made.bytes).unwrap();
        let names: Vec<&str> = tile.layers[0].keys.iter().map(String::as_str).collect();
        let reads = scope.role == Role::Steward;
        assert_eq!(names.contains(&"tax_wan_per_mu"), reads, "{names:?} as {}", scope.class());
        for closed in ["parcel_code", "name", "tax_wan", "output_wan"] {
            assert!(!names.contains(&closed), "{names:?}");
        }
    }
    let steward = scopes().into_iter().next_back().unwrap();
    let made = made(&snapshot, layer, &steward, &at, Budget(1));
    let tile = mvt::read(&made.bytes).unwrap();
    let mut db = it.app.db.read(&steward).await.unwrap();
    let sql = format!(
        "select yield_band::numeric, round(sum(tax_wan) / sum(area_mu), 6) as ratio, count(*)::numeric,
                count(*) filter (where tax_wan is null or area_mu is null)
         from {} r where geom is not null group by 1",
        layer.relation()
    );
    let bands: Vec<(Option<Decimal>, Option<Decimal>, Decimal, i64)> =
        sqlx::query_as(AssertSqlSafe(sql)).fetch_all(&mut db).await.unwrap();
    let mut compared = 0;
    for feature in &tile.layers[0].features {
        let told: BTreeMap<&str, &Owned> = tile.layers[0].properties(feature).into_iter().collect();
        let band = told.get("yield_band").map(|it| decimal(it));
        let of_band = bands.iter().find(|it| it.0 == band).unwrap();
        if decimal(told["count"]) == of_band.2 && of_band.3 == 0 {
            assert_eq!(
                Some(decimal(told["tax_wan_per_mu"]).normalize()),
                of_band.1.map(|it| it.normalize())
            );
            compared += 1;
        }
        if !told.contains_key("yield_band")
            && of_band.3 == i64::try_from(of_band.2.mantissa()).unwrap()
        {
            assert!(!told.contains_key("tax_wan_per_mu"), "missing is not zero: {told:?}");
        }
    }
    eprintln!("{compared} bands lie in one cell");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tile_first_gives_up_attributes_and_then_rows() {
    let it = district(300).await;
    let scope = Scope::public();
    let layer = it.app.layers.find("block_class").unwrap();
    let snapshot = snapshot(&it, layer);
    let at = over(&snapshot, Grid::WebMercatorQuad, 9).remove(0);
    let full = made(&snapshot, layer, &scope, &at, Budget::DEFAULT);
    assert_eq!(full.step, Step::All);
    let size = draw::gzip(&full.bytes).len();
    let drawn = mvt::read(&full.bytes).unwrap().layers[0].features.len();
    assert!(drawn > 250, "{drawn}");
    let mut steps = Vec::new();
    for budget in (200..=size).rev().step_by(97) {
        let made = made(&snapshot, layer, &scope, &at, Budget(budget));
        let size = made.gzip.as_ref().map_or(made.bytes.len(), Vec::len);
        assert!(size <= budget || made.step == Step::Aggregates, "{size} of {budget}");
        let tile = mvt::read(&made.bytes).unwrap();
        let keys = &tile.layers[0].keys;
        if made.step == Step::Attributes {
            assert!(keys.iter().all(|it| layer.is_needed(it)), "{keys:?}");
            assert_eq!(tile.layers[0].features.len(), drawn);
        }
        steps.push(made.step);
    }
    assert!(steps.is_sorted(), "{steps:?}");
    assert!(steps.contains(&Step::Attributes) && steps.contains(&Step::Aggregates), "{steps:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_are_counted_by_class_and_drawn_as_lines() {
    let it = district(300).await;
    let (layer, scope) = (it.app.layers.find("roads").unwrap(), Scope::public());
    let snapshot = snapshot(&it, layer);
    let mut db = it.app.db.read(&scope).await.unwrap();
    let sql = format!(
        "select coalesce(class, ''), count(*) from {} r where geom is not null group by 1",
        layer.relation()
    );
    let expected: Vec<(String, i64)> =
        sqlx::query_as(AssertSqlSafe(sql)).fetch_all(&mut db).await.unwrap();
    let expected: BTreeMap<String, Decimal> =
        expected.into_iter().map(|(class, count)| (class, count.into())).collect();
    assert!(expected.len() > 2, "{expected:?}");
    for zoom in [8, 11, 14] {
        let mut found: BTreeMap<String, Decimal> = BTreeMap::new();
        for at in over(&snapshot, Grid::WebMercatorQuad, zoom) {
            let made = made(&snapshot, layer, &scope, &at, Budget(1));
            let wrong = findings(&made.bytes, &at);
            assert!(wrong.is_empty(), "{wrong:#?}");
            for drawn in mvt::read(&made.bytes).unwrap().layers {
                for feature in &drawn.features {
                    let told: BTreeMap<&str, &Owned> =
                        drawn.properties(feature).into_iter().collect();
                    let class = match told.get("class") {
                        Some(Owned::Text(it)) => it.clone(),
                        _ => String::new(),
                    };
                    *found.entry(class).or_default() += decimal(told["count"]);
                    let paths = feature.paths().unwrap();
                    let [(places, is_closed)] = &paths[..] else { panic!("{paths:?}") };
                    assert!(!is_closed && places.len() == 2, "{places:?}");
                    let inside =
                        |it: &(i32, i32)| (0..=4096).contains(&it.0) && (0..=4096).contains(&it.1);
                    assert!(places.iter().all(inside) && places[0] != places[1], "{places:?}");
                }
            }
        }
        assert_eq!(found, expected, "at {zoom}");
    }
}
