//! The abstract tests of CQL2 (OGC 21-065r2, annex A) over HTTP, on small data of our own shaped like theirs: places
//! (points), countries (areas) and rivers (lines), few enough that every answer is known by looking. Each predicate is asked
//! as text and as JSON. Tests are named after the conformance class and test they port.

use std::collections::BTreeSet;
use std::fmt::Write;

use geo::Coord;
use geo::Geometry;
use geo::LineString;
use geo::Polygon;
use mutu::config::Config;
use mutu::cql;
use mutu::cql::Expr;
use mutu::cql::Kind;
use serde_json::Value;
use serde_json::json;

use crate::support::TestApp;

mod comparison;
mod spatial;
mod temporal;

pub const PLACES: &str = "cql_places";
pub const COUNTRIES: &str = "cql_countries";
pub const RIVERS: &str = "cql_rivers";

/// Ids of places, in byte order of their names: Berlin 3, Bern 4, Birmingham 5, Ełk 7, Kiev 2, København 1, athens 6,
/// Äänekoski 8. Countries 1 to 3 stand around the corner (5, 45); 6 lies on both sides of the date line.
const ROWS: &str = "
    insert into layer.cql_places (id, name, nameascii, pop_other, pop_min, pop_max, flag, day, began, ended, geom, recorded_by)
    select id, name, ascii, other, least, most, flag, day, began, ended, st_multi(st_setsrid(st_makepoint(x, y), 4490)), 'test'
    from (values
        (1, 'København', 'Kobenhavn', 1000, 900, 1200, true, date '2022-04-16', date '2022-04-16', date '2022-06-01', 1, 41),
        (2, 'Kiev', 'Kiev', 2800, 2000, 2709, null, null, null, null, 6, 41),
        (3, 'Berlin', 'Berlin', 3400, 3400, 3400, false, '2021-04-16', '2021-04-16', '2022-04-16', 2, 46),
        (4, 'Bern', 'Bern', 275, 121, 275, null, null, null, null, -1.5, -1.5),
        (5, 'Birmingham', 'Birmingham', 2300, 900, 2300, null, null, null, null, 25, 5),
        (6, 'athens', 'athens', 3200, 700, 3300, null, null, null, null, 175, -15),
        (7, 'Ełk', 'Elk', 60, 60, 60, null, null, null, null, -175, -15),
        (8, 'Äänekoski', 'Aanekoski', 19, 10, 19, true, '2023-04-16', '2022-04-16', '2023-04-16', 5, 45)
    ) it (id, name, ascii, other, least, most, flag, day, began, ended, x, y);
    insert into layer.cql_countries (id, name, pop_est, geom, recorded_by)
    select id, name, people, st_multi(st_geomfromtext(wkt, 4490)), 'test'
    from (values
        (1, 'Aland', 10, 'POLYGON((0 40,5 40,5 45,0 45,0 40))'),
        (2, 'Beland', 20, 'POLYGON((5 40,10 40,10 45,5 45,5 40))'),
        (3, 'Celand', 30, 'POLYGON((0 45,5 45,5 50,0 50,0 45))'),
        (4, 'Deland', 40, 'POLYGON((20 0,30 0,30 10,20 10,20 0))'),
        (5, 'Eland', 50, 'POLYGON((160 -20,165 -20,165 -10,160 -10,160 -20))'),
        (6, 'Fland', 60, 'MULTIPOLYGON(((170 -20,180 -20,180 -10,170 -10,170 -20)),((-180 -20,-170 -20,-170 -10,-180 -10,-180 -20)))'),
        (7, 'Geland', 70, 'POLYGON((-70 -60,-60 -60,-60 -50,-70 -50,-70 -60))')
    ) it (id, name, people, wkt);
    insert into layer.cql_rivers (id, name, geom, recorded_by)
    select id, name, st_multi(st_geomfromtext(wkt, 4490)), 'test'
    from (values
        (1, 'North', 'LINESTRING(2 38,2 52)'),
        (2, 'Loop', 'LINESTRING(21 1,29 9)'),
        (3, 'Far', 'LINESTRING(-65 -70,-65 -40)')
    ) it (id, name, wkt);
";

/// A predicate on a collection, and the ids of the features for which it is true.
pub type Case<'a> = (&'a str, &'a str, &'a [i64]);

/// A layer: its table, geometry, role, and fields with their types.
type Table = (&'static str, &'static str, &'static str, &'static [(&'static str, &'static str)]);

const LAYERS: [Table; 3] = [
    (
        PLACES,
        "point",
        "point",
        &[
            ("name", "text"),
            ("nameascii", "text"),
            ("pop_other", "integer"),
            ("pop_min", "integer"),
            ("pop_max", "decimal"),
            ("flag", "boolean"),
            ("day", "date"),
            ("began", "date"),
            ("ended", "date"),
        ],
    ),
    (COUNTRIES, "polygon", "area", &[("name", "text"), ("pop_est", "integer")]),
    (RIVERS, "line", "line", &[("name", "text")]),
];

/// A served Mutu that has the three collections.
pub struct Data {
    it: TestApp,
    _folders: tempfile::TempDir,
}

impl Data {
    pub async fn new() -> Self {
        let folders = tempfile::tempdir().unwrap();
        for (id, geometry, draw, fields) in LAYERS {
            let dir = folders.path().join(id);
            std::fs::create_dir(&dir).unwrap();
            let mut text = format!(
                "kind = \"reference\"\ngroup = \"base\"\nrole = \"base\"\ntitle = {{ zh = \"例\", en = \"{id}\" }}\n\
                 about = {{ zh = \"例\", en = \"An example\" }}\ngeometry = \"{geometry}\"\ndraw = \"{draw}\"\n\
                 zooms = {{ min = 6, max = 14 }}\nkey = \"name\"\n"
            );
            for (name, kind) in fields {
                let _ = write!(
                    text,
                    "[field.{name}]\ntitle = {{ zh = \"{name}\", en = \"{name}\" }}\ntype = \"{kind}\"\n"
                );
            }
            text.push_str(
                "[[legend]]\nlabel = { zh = \"例\", en = \"Example\" }\ncolor = \"#000000\"\n",
            );
            std::fs::write(dir.join("layer.toml"), text).unwrap();
            let style = match draw {
                "point" => r#"[{"id": "dot", "type": "circle"}]"#,
                "line" => r#"[{"id": "line", "type": "line", "paint": {}}]"#,
                _ => r#"[{"id": "fill", "type": "fill", "paint": {}}]"#,
            };
            std::fs::write(dir.join("style.json"), style).unwrap();
        }
        let config = Config { layers: Some(folders.path().to_owned()), ..Config::default() };
        let mut it = TestApp::with(config).await;
        it.sql(ROWS).await;
        it.serve();
        Self { it, _folders: folders }
    }

    /// The answer to a filter: its status, and the ids of the features.
    async fn asked(&self, collection: &str, filter: &str, language: &str) -> (u16, Vec<i64>) {
        let path = format!("/ogc/collections/{collection}/items");
        let query = [("filter", filter), ("filter-lang", language), ("limit", "50")];
        let request = self.it.client.get(self.it.url(&path)).query(&query);
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let page: Value = response.json().await.unwrap();
        (status, if status == 200 { super::ids(&page) } else { Vec::new() })
    }

    /// The ids of the features for which a predicate is true, the same in both languages.
    pub async fn ids(&self, collection: &str, text: &str) -> Vec<i64> {
        let (status, found) = self.asked(collection, text, "cql2-text").await;
        assert_eq!(status, 200, "{collection}: {text}");
        let json = json(&cql::parse(text).unwrap()).to_string();
        let (status, again) = self.asked(collection, &json, "cql2-json").await;
        assert_eq!(status, 200, "{collection}: {json}");
        assert_eq!(found, again, "{collection}: {text} and {json}");
        found
    }

    pub async fn check(&self, cases: &[Case<'_>]) {
        for (collection, text, wanted) in cases {
            assert_eq!(self.ids(collection, text).await, *wanted, "{collection}: {text}");
        }
    }

    /// "assert unsuccessful execution": a mistake of the client's, not of the server's.
    pub async fn refused(&self, collection: &str, texts: &[&str]) {
        for text in texts {
            assert_eq!(self.asked(collection, text, "cql2-text").await.0, 400, "{text}");
        }
    }

    /// `…/logical`: combinations of four predicates have the answer that Kleene's three values give.
    pub async fn combine(&self, cases: &[Case<'_>], rows: std::ops::RangeInclusive<i64>) {
        let set = |it: &[i64]| it.iter().copied().collect::<BTreeSet<i64>>();
        let mut known = Vec::new();
        for (collection, text, truths) in cases {
            let falsehoods = self.ids(collection, &format!("NOT ({text})")).await;
            assert!(set(truths).is_disjoint(&set(&falsehoods)), "{text}");
            known.push((text, set(truths), set(&falsehoods)));
        }
        let collection = cases[0].0;
        for nth in 0..12 {
            let four: Vec<_> =
                [1, 5, 7, 11].map(|step| &known[(nth * step + step) % known.len()]).into();
            let truth = |nth: usize, row: i64| match four[nth] {
                (_, truths, _) if truths.contains(&row) => Some(true),
                (_, _, falsehoods) if falsehoods.contains(&row) => Some(false),
                _ => None,
            };
            let [p1, p2, p3, p4] = [0, 1, 2, 3].map(|it| four[it].0);
            let text =
                format!("((NOT ({p1}) AND {p2}) OR ({p3} and NOT ({p4})) or not ({p1} AND {p4}))");
            let wanted: Vec<i64> = rows
                .clone()
                .filter(|row| {
                    let of = |nth| truth(nth, *row);
                    let first = and(not(of(0)), of(1));
                    let second = and(of(2), not(of(3)));
                    or(or(first, second), not(and(of(0), of(3)))) == Some(true)
                })
                .collect();
            assert_eq!(self.ids(collection, &text).await, wanted, "{text}");
        }
    }
}

fn not(it: Option<bool>) -> Option<bool> {
    it.map(|it| !it)
}

fn and(one: Option<bool>, other: Option<bool>) -> Option<bool> {
    match (one, other) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

fn or(one: Option<bool>, other: Option<bool>) -> Option<bool> {
    not(and(not(one), not(other)))
}

/// An expression in CQL2 JSON, as a client would write it.
fn json(expr: &Expr) -> Value {
    let op = |op: &str, args: Vec<Value>| json!({"op": op, "args": args});
    let each = |parts: &[Expr]| parts.iter().map(json).collect::<Vec<Value>>();
    let turned = |negated: bool, it: Value| if negated { op("not", vec![it]) } else { it };
    match &expr.kind {
        Kind::Property(it) => json!({"property": it}),
        Kind::Text(it) => json!(it),
        Kind::Number(it) => serde_json::from_str(&it.normalize().to_string()).unwrap(),
        Kind::Bool(it) => json!(it),
        Kind::Date(it) => json!({"date": it.to_string()}),
        Kind::Timestamp(it) => json!({"timestamp": it.format("%Y-%m-%dT%H:%M:%SZ").to_string()}),
        Kind::Interval(from, to) => json!({"interval": [end(from), end(to)]}),
        Kind::Geometry(it) => shape(it),
        Kind::BBox(it) => json!({"bbox": it}),
        Kind::Open => json!(".."),
        Kind::Array(it) => json!(each(it)),
        Kind::Not(it) => op("not", vec![json(it)]),
        Kind::And(it) => op("and", each(it)),
        Kind::Or(it) => op("or", each(it)),
        Kind::Compare(it, left, right) => op(it.symbol(), vec![json(left), json(right)]),
        Kind::Like { value, pattern, negated } => {
            turned(*negated, op("like", vec![json(value), json(pattern)]))
        }
        Kind::Between { value, low, high, negated } => {
            turned(*negated, op("between", vec![json(value), json(low), json(high)]))
        }
        Kind::In { value, list, negated } => {
            turned(*negated, op("in", vec![json(value), json!(each(list))]))
        }
        Kind::IsNull { value, negated } => turned(*negated, op("isNull", vec![json(value)])),
        Kind::Arithmetic(it, left, right) => {
            op(&it.symbol().to_lowercase(), vec![json(left), json(right)])
        }
        Kind::Negate(it) => op("*", vec![json!(-1), json(it)]),
        Kind::Call(it, parts) => op(&it.name().to_lowercase(), each(parts)),
    }
}

/// An interval's end: days and moments are plain texts there.
fn end(expr: &Expr) -> Value {
    let it = json(expr);
    it.get("date").or(it.get("timestamp")).cloned().unwrap_or(it)
}

/// A geometry as GeoJSON has it.
fn shape(it: &Geometry<f64>) -> Value {
    let position = |it: &Coord<f64>| json!([it.x, it.y]);
    let line = |it: &LineString<f64>| it.0.iter().map(position).collect::<Vec<Value>>();
    let rings = |it: &Polygon<f64>| {
        std::iter::once(it.exterior()).chain(it.interiors()).map(line).collect::<Vec<_>>()
    };
    let (kind, coordinates) = match it {
        Geometry::Point(it) => ("Point", position(&it.0)),
        Geometry::LineString(it) => ("LineString", json!(line(it))),
        Geometry::Polygon(it) => ("Polygon", json!(rings(it))),
        Geometry::MultiPoint(it) => {
            ("MultiPoint", json!(it.0.iter().map(|it| position(&it.0)).collect::<Vec<_>>()))
        }
        Geometry::MultiLineString(it) => {
            ("MultiLineString", json!(it.0.iter().map(line).collect::<Vec<_>>()))
        }
        Geometry::MultiPolygon(it) => {
            ("MultiPolygon", json!(it.0.iter().map(rings).collect::<Vec<_>>()))
        }
        Geometry::GeometryCollection(it) => {
            let parts: Vec<Value> = it.0.iter().map(shape).collect();
            return json!({"type": "GeometryCollection", "geometries": parts});
        }
        other => panic!("the parser makes no {other:?}"),
    };
    json!({"type": kind, "coordinates": coordinates})
}
