//! Times statistics over a layer in memory: `cargo bench --bench stats -- 200000 1000000`. The rows are made up, of squares
//! of 60 m in towns that lie together; nothing is asked of a database, so rows at the edge of a polygon are told as open.

#![expect(clippy::print_stdout, reason = "it is what the program is for")]

use std::hint::black_box;
use std::time::Duration;
use std::time::Instant;

use anyhow::Context;
use mutu::access::Role;
use mutu::access::Scope;
use mutu::coverage::At;
use mutu::cql;
use mutu::cql::Value;
use mutu::layer::Layer;
use mutu::layer::Layers;
use mutu::snapshot::Builder;
use mutu::snapshot::Held;
use mutu::snapshot::Snapshot;
use mutu::snapshot::View;
use mutu::stats;
use rand::Rng;
use rand::SeedableRng;
use rust_decimal::Decimal;
use serde_json::json;

/// What a layer of figures has, with values as districts have them.
const FIELDS: [(&str, &str); 9] = [
    ("parcel_code", "text"),
    ("town_code", "text"),
    ("responsible_unit", "text"),
    ("block_class", "text"),
    ("area_mu", "decimal"),
    ("tax_wan", "decimal"),
    ("yield_band", "integer"),
    ("straddle", "boolean"),
    ("contract_start", "date"),
];

/// Runs of a question that are timed.
const RUNS: usize = 31;
const WEST: f64 = 121.0;
const NORTH: f64 = 31.5;
/// A parcel's side and the way to the next, in degrees.
const SIDE: f64 = 0.000_6;
const STEP: f64 = 0.000_7;

fn main() -> anyhow::Result<()> {
    let mut sizes: Vec<usize> = std::env::args().skip(1).filter_map(|it| it.parse().ok()).collect();
    if sizes.is_empty() {
        sizes = vec![200_000, 1_000_000];
    }
    for rows in sizes {
        run(rows)?;
    }
    Ok(())
}

fn layer() -> anyhow::Result<Layer> {
    let mut layers = Layers::load(None)?;
    let mut layer = layers.layers.swap_remove("yield_per_mu").context("a layer of figures")?;
    let fields = FIELDS.map(|(name, kind)| {
        let access = if name == "tax_wan" { "officer" } else { "public" };
        format!("[{name}]\ntitle = {{ zh = '', en = '' }}\ntype = '{kind}'\naccess = '{access}'\n")
    });
    layer.declaration.field = toml::from_str(&fields.concat())?;
    Ok(layer)
}

#[expect(clippy::cast_precision_loss, reason = "columns and rows of a grid")]
fn held(layer: &Layer, rows: usize, columns: usize) -> Held {
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(4490);
    let mut builder = Builder::new(layer);
    let text = |it: String| Value::from(it);
    for (id, nth) in (1..).zip(0..rows) {
        let (column, row) = (nth % columns, nth / columns);
        let (west, north) = (WEST + column as f64 * STEP, NORTH - row as f64 * STEP);
        for (x, y) in [(0.0, 0.0), (0.0, SIDE), (SIDE, SIDE), (SIDE, 0.0)] {
            builder.shapes.place(At::from_degrees(west + x, north - y));
        }
        builder.shapes.end_ring();
        builder.shapes.end_part();
        builder.shapes.end_row();
        let town = column * 4 / columns + 4 * (row * columns * 3 / rows.max(1));
        let class = ["104", "195", "198", "scattered"][random.random_range(0..4)];
        let area = Decimal::new(random.random_range(500_000..90_000_000), 6);
        let tax = Decimal::new(random.random_range(0..900_000_000), 6);
        let is_known = random.random_bool(0.9);
        let day =
            chrono::NaiveDate::default() + chrono::Days::new(random.random_range(9_000..20_000));
        builder.row(
            id,
            [
                text(format!("310114{nth:013}")),
                text(format!("3101140{town:02}")),
                text(format!("镇 {town}")),
                text(class.to_owned()),
                area.into(),
                is_known.then_some(tax).into(),
                is_known.then(|| Decimal::from(random.random_range(1..=5))).into(),
                random.random_bool(0.1).into(),
                Value::Date(day),
            ],
        );
    }
    let snapshot = Snapshot::new(&layer.id, 1, builder.finish(None));
    Held { snapshot: snapshot.into(), is_stale: false }
}

#[expect(clippy::cast_precision_loss, reason = "a grid's extent")]
fn run(rows: usize) -> anyhow::Result<()> {
    let columns = rows.isqrt().max(1);
    let layer = layer()?;
    let start = Instant::now();
    let held = held(&layer, rows, columns);
    let size = held.snapshot.bytes() / rows.max(1);
    println!("{rows} rows, {size} bytes each, made in {:.1} s", start.elapsed().as_secs_f64());
    let of = |role, units: Option<Vec<String>>| Scope {
        role,
        responsible_units: units,
        ..Scope::default()
    };
    let steward = of(Role::Steward, None);
    let officer = of(Role::Officer, Some(vec!["镇 1".to_owned(), "镇 5".to_owned()]));

    let fields = mutu::catalog::filter::fields(&layer, &steward);
    for text in [
        "tax_wan > 15.25",
        "block_class IN ('104', '195') AND tax_wan > 15.25 AND yield_band <= 3",
        "parcel_code LIKE '310114%7'",
        "tax_wan / area_mu < 2",
    ] {
        let filter = cql::parse_checked(text, &fields)?;
        let view = View::new(&held.snapshot, &layer, &steward);
        time(&format!("select {text}"), || Ok(view.select(&filter).is_some()))?;
    }

    let (width, height) = (columns as f64 * STEP, (rows / columns) as f64 * STEP);
    let mut star: Vec<[f64; 2]> = (0..24)
        .map(|nth| {
            let angle = std::f64::consts::TAU * f64::from(nth) / 24.0;
            let reach = if nth % 2 == 0 { 0.45 } else { 0.3 };
            [
                WEST + width * (0.5 + reach * angle.cos()),
                NORTH - height * (0.5 + reach * angle.sin()),
            ]
        })
        .collect();
    star.push(star[0]);
    let few = "block_class IN ('104', '195') AND tax_wan > 15.25 AND yield_band <= 3";
    let ratio = json!([{"sum": "area_mu"}, {"sum": "tax_wan"}, {"ratio": ["tax_wan", "area_mu"]}]);
    for (name, scope, more) in [
        ("total", &steward, json!({"measures": [{"sum": "area_mu"}, {"sum": "tax_wan"}]})),
        (
            "by class",
            &steward,
            json!({"measures": [{"sum": "area_mu"}], "group_by": ["block_class"]}),
        ),
        (
            "by town and class",
            &steward,
            json!({"measures": ratio, "group_by": ["town_code", "block_class"]}),
        ),
        (
            "three conditions, by town, ratio",
            &steward,
            json!({"filter": few, "measures": ratio, "group_by": ["town_code"]}),
        ),
        (
            "the same of own units",
            &officer,
            json!({"filter": few, "measures": ratio, "group_by": ["town_code"]}),
        ),
        ("histogram of 20", &steward, json!({"histogram": {"field": "tax_wan", "bins": 20}})),
        (
            "quantile of 5",
            &steward,
            json!({"breaks": {"field": "tax_wan", "method": "quantile", "classes": 5}}),
        ),
        (
            "jenks of 5",
            &steward,
            json!({"breaks": {"field": "tax_wan", "method": "jenks", "classes": 5}}),
        ),
        (
            "polygon of 24",
            &steward,
            json!({"measures": ratio, "polygon": {"type": "Polygon", "coordinates": [star]}}),
        ),
    ] {
        let mut asked = json!({"layer": layer.id});
        for (key, value) in more.as_object().into_iter().flatten() {
            asked[key] = value.clone();
        }
        let question: stats::Question = serde_json::from_value(asked)?;
        let mut open = 0;
        let ask = || {
            let answer = stats::without_database(&held, &layer, scope, &question)?;
            open = answer.as_ref().map_or(0, |it| it.1);
            Ok(answer.is_some())
        };
        time(name, ask)?;
        if open > 0 {
            println!("    {open} rows at the edge are for the database");
        }
    }
    Ok(())
}

/// Prints the median of some runs, and the tenth and ninetieth of a hundred.
fn time(name: &str, mut work: impl FnMut() -> anyhow::Result<bool>) -> anyhow::Result<()> {
    let mut times: Vec<Duration> = Vec::new();
    for _ in 0..RUNS {
        let start = Instant::now();
        anyhow::ensure!(black_box(work()?), "{name}: memory does not answer this");
        times.push(start.elapsed());
    }
    times.sort_unstable();
    let at = |percent: usize| times[(RUNS - 1) * percent / 100].as_secs_f64() * 1000.0;
    println!("  {name:<75} {:8.2} ms   ({:.2} to {:.2})", at(50), at(10), at(90));
    Ok(())
}
