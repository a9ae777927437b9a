//! Tiles from the map in memory: every byte of them against the specification, every value against the database.

use std::collections::BTreeMap;
use std::sync::Arc;

use mutu::access::Role;
use mutu::access::Scope;
use mutu::layer::Geometry;
use mutu::layer::Layer;
use mutu::mvt;
use mutu::mvt::Owned;
use mutu::snapshot::Snapshot;
use mutu::snapshot::View;
use mutu::tile::Address;
use mutu::tile::Grid;
use mutu::tile::draw;
use mutu::tile::draw::Budget;
use mutu::tile::draw::Chosen;
use mutu::tile::draw::Made;
use rust_decimal::Decimal;
use serde_json::Value;
use sqlx::AssertSqlSafe;

use crate::support;
use crate::support::TestApp;

mod aggregates;
mod http;
mod sample;
mod straight;

/// A generated district in a database and in memory.
async fn district(parcels: u32) -> TestApp {
    let it = TestApp::serving().await;
    support::fill(&it.app, parcels, 7, "").await;
    it.settle().await;
    it
}

fn officer() -> Scope {
    Scope {
        role: Role::Officer,
        account: Some("officer".to_owned()),
        responsible_units: Some(vec!["马陆镇".to_owned(), "安亭镇".to_owned()]),
        ..Scope::default()
    }
}

fn scopes() -> [Scope; 4] {
    let of = |role| Scope { role, account: Some("a".to_owned()), ..Scope::default() };
    [Scope::public(), of(Role::Viewer), officer(), of(Role::Steward)]
}

fn layers<'a>(it: &'a TestApp, scope: &'a Scope) -> impl Iterator<Item = &'a Layer> {
    it.app.layers.layers.values().filter(|it| it.geometry != Geometry::None && it.readable(scope))
}

fn snapshot(it: &TestApp, layer: &Layer) -> Arc<Snapshot> {
    it.app.snapshots.get(&layer.id).expect("it is held").snapshot
}

/// All tiles of a level that lie over what there is of a snapshot.
fn over(snapshot: &Snapshot, grid: Grid, level: u8) -> Vec<Address> {
    let Some(bounds) = snapshot.bounds() else { return Vec::new() };
    let (columns, rows) = grid.size(level);
    // The first and last whose margin reaches the box, found by halving.
    let first = |count: u32, before: &dyn Fn(u32) -> bool| {
        let (mut low, mut high) = (0, count);
        while low < high {
            let middle = (low + high) / 2;
            if before(middle) { low = middle + 1 } else { high = middle }
        }
        low
    };
    let at = |x: u32, y: u32| Address::in_grid(grid, level, x, y).unwrap().bounds();
    let west = first(columns, &|x| at(x, 0).max.x < bounds.min.x);
    let east = first(columns, &|x| at(x, 0).min.x <= bounds.max.x);
    let north = first(rows, &|y| at(0, y).max.y < bounds.min.y);
    let south = first(rows, &|y| at(0, y).min.y <= bounds.max.y);
    (north..south)
        .flat_map(|y| (west..east).map(move |x| Address::in_grid(grid, level, x, y).unwrap()))
        .collect()
}

fn made(snapshot: &Snapshot, layer: &Layer, scope: &Scope, at: &Address, budget: Budget) -> Made {
    draw::tile(&View::new(snapshot, layer, scope), at, Chosen::All, budget)
}

/// Rows by id as the database has them for the scope: fields with values only.
async fn rows(
    it: &TestApp,
    layer: &Layer,
    scope: &Scope,
) -> BTreeMap<i64, BTreeMap<String, Value>> {
    let mut db = it.app.db.read(scope).await.unwrap();
    // Of a column that is closed to it the scope may not even ask.
    let fields: Vec<String> =
        layer.tile_fields(scope).map(|(name, _)| format!("'{name}', {name}")).collect();
    let sql = format!(
        "select id, jsonb_build_object({})::text from {} r where geom is not null",
        fields.join(", "),
        layer.relation()
    );
    let rows: Vec<(i64, String)> =
        sqlx::query_as(AssertSqlSafe(sql)).fetch_all(&mut db).await.unwrap();
    let of_row = |(id, text): (i64, String)| {
        let row: BTreeMap<String, Value> = serde_json::from_str(&text).unwrap();
        (id, row.into_iter().filter(|it| !it.1.is_null()).collect())
    };
    rows.into_iter().map(of_row).collect()
}

/// Whether a tile tells the value.
fn same(told: &Owned, value: &Value) -> bool {
    match (told, value) {
        (Owned::Text(told), Value::String(it)) => told == it,
        (Owned::Bool(told), Value::Bool(it)) => told == it,
        (Owned::Double(told), Value::Number(it)) => it.as_f64() == Some(*told),
        #[allow(clippy::cast_precision_loss)]
        (Owned::Uint(told), Value::Number(it)) => it.as_f64() == Some(*told as f64),
        #[allow(clippy::cast_precision_loss)]
        (Owned::Sint(told), Value::Number(it)) => it.as_f64() == Some(*told as f64),
        _ => false,
    }
}

/// A number of a tile, to the digit.
fn decimal(told: &Owned) -> Decimal {
    match told {
        Owned::Double(it) => it.to_string().parse().unwrap(),
        Owned::Uint(it) => Decimal::from(*it),
        Owned::Sint(it) => Decimal::from(*it),
        other => panic!("{other:?} is no number"),
    }
}

/// What breaks the specification, told by tile.
fn findings(bytes: &[u8], at: &Address) -> Vec<String> {
    mvt::check(bytes).into_iter().map(|it| format!("{at:?} {it}")).collect()
}
