//! The map in memory against the record: the same rows and values for every scope, at every revision, on every node.

mod budget;
mod equal;
mod nodes;
mod outage;

use std::collections::BTreeMap;

use geozero::ToGeo;
use geozero::wkb::Ewkb;
use mutu::access::Role;
use mutu::access::Scope;
use mutu::coverage::At;
use mutu::coverage::Shapes;
use mutu::cql::Value;
use mutu::layer::Layer;
use mutu::snapshot::Snapshot;
use mutu::snapshot::View;

/// A row as both sides can say it: the values of the readable fields as text, and all places of its shape, each once.
#[derive(Clone, Debug)]
pub struct Said {
    pub values: Vec<Option<String>>,
    places: Vec<At>,
}

impl Said {
    fn new(values: Vec<Option<String>>, mut places: Vec<At>) -> Self {
        places.sort_unstable();
        places.dedup();
        Self { values, places }
    }
}

/// In memory an outline also has the vertices of neighbours that lie on its edges, and rings run as tiles want them.
impl PartialEq for Said {
    fn eq(&self, other: &Self) -> bool {
        let [more, fewer] = match self.places.len() < other.places.len() {
            true => [&other.places, &self.places],
            false => [&self.places, &other.places],
        };
        self.values == other.values
            && more.is_empty() == fewer.is_empty()
            && fewer.iter().all(|it| more.binary_search(it).is_ok())
    }
}

/// The rows of a snapshot as a scope sees them.
pub fn seen(snapshot: &Snapshot, layer: &Layer, scope: &Scope) -> BTreeMap<i64, Said> {
    let view = View::new(snapshot, layer, scope);
    let mut all = BTreeMap::new();
    for part in view.parts() {
        let names: Vec<&str> = layer.fields_for(scope).map(|(name, _)| name).collect();
        let columns: Vec<_> = names.iter().map(|it| part.column(it).unwrap()).collect();
        for hidden in layer.field.keys().filter(|it| !names.contains(&it.as_str())) {
            assert!(part.column(hidden).is_none(), "{hidden} is open");
        }
        for row in part.rows().rows() {
            assert!(part.shows(row));
            let values = columns.iter().map(|it| text(&it.value(row))).collect();
            let said = Said::new(values, places(part.part.shapes().shapes(), row));
            let id = part.part.ids()[row];
            assert_eq!(part.part.row_of(id), Some(row));
            assert!(all.insert(id, said).is_none(), "{id} twice");
        }
    }
    if layer.access <= Role::Viewer {
        assert_eq!(all.len(), snapshot.len());
    }
    all
}

/// As PostgreSQL says it without zeros at the end.
fn text(value: &Value<'_>) -> Option<String> {
    match value {
        Value::Null => None,
        Value::Text(it) => Some(it.to_string()),
        Value::Number(it) => Some(it.normalize().to_string()),
        Value::Bool(it) => Some(it.to_string()),
        Value::Date(it) => Some(it.to_string()),
        other => panic!("{other:?}"),
    }
}

fn places(shapes: &Shapes, row: usize) -> Vec<At> {
    shapes.row(row).flatten().flatten().copied().collect()
}

/// The SQL of a row's values and shape as [`told`] takes them: `values text[]`, `shape bytea`.
pub fn saying<'a>(fields: impl Iterator<Item = (&'a str, &'a mutu::layer::Field)>) -> String {
    let values: Vec<String> = fields
        .map(|(name, it)| match it.kind {
            mutu::layer::FieldType::Decimal | mutu::layer::FieldType::Integer => {
                format!("trim_scale({name}::numeric)::text")
            }
            _ => format!("{name}::text"),
        })
        .collect();
    let values = if values.is_empty() {
        "array[]::text[]".to_owned()
    } else {
        format!("array[{}]", values.join(", "))
    };
    format!("{values} as values, st_asewkb(geom) as shape")
}

/// A row of [`saying`].
pub type Row = (i64, Vec<Option<String>>, Option<Vec<u8>>);

pub fn told(rows: Vec<Row>) -> BTreeMap<i64, Said> {
    rows.into_iter()
        .map(|(id, values, shape)| {
            (id, Said::new(values, shape.map_or_else(Vec::new, |it| vertices(&it))))
        })
        .collect()
}

/// All places of a shape in their order; a ring's last one, which is its first, is left out.
fn vertices(ewkb: &[u8]) -> Vec<At> {
    fn at(it: &geo::Coord) -> At {
        At::from_degrees(it.x, it.y)
    }
    fn polygon(it: &geo::Polygon) -> Vec<At> {
        let rings = std::iter::once(it.exterior()).chain(it.interiors());
        rings.flat_map(|it| it.0[..it.0.len() - 1].iter().map(at)).collect()
    }
    match Ewkb(ewkb.to_vec()).to_geo().unwrap() {
        geo::Geometry::MultiPolygon(it) => it.iter().flat_map(polygon).collect(),
        geo::Geometry::MultiLineString(it) => {
            it.iter().flat_map(|it| it.0.iter().map(at)).collect()
        }
        geo::Geometry::MultiPoint(it) => it.iter().map(|it| at(&it.0)).collect(),
        other => panic!("{other:?}"),
    }
}

/// A scope of that role, in some units only where they are given.
pub fn scope(role: Role, units: Option<&[&str]>) -> Scope {
    let responsible_units = units.map(|it| it.iter().map(|it| (*it).to_owned()).collect());
    let account = (role > Role::Public).then(|| "somebody".to_owned());
    Scope { role, account, responsible_units, ..Scope::default() }
}
