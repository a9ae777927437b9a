//! A row of a file: values in the order of its columns, and a geometry.

use chrono::NaiveDate;

use super::plane::Vertex;

#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Null,
    Text(String),
    Integer(i64),
    Decimal(f64),
    Date(NaiveDate),
}

impl From<&str> for Value {
    fn from(it: &str) -> Self {
        Self::Text(it.into())
    }
}

impl From<String> for Value {
    fn from(it: String) -> Self {
        Self::Text(it)
    }
}

impl From<f64> for Value {
    fn from(it: f64) -> Self {
        Self::Decimal(it)
    }
}

impl From<i64> for Value {
    fn from(it: i64) -> Self {
        Self::Integer(it)
    }
}

impl From<NaiveDate> for Value {
    fn from(it: NaiveDate) -> Self {
        Self::Date(it)
    }
}

/// As offices fill yes-or-no columns.
impl From<bool> for Value {
    fn from(it: bool) -> Self {
        Self::from(if it { "是" } else { "否" })
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(it: Option<T>) -> Self {
        it.map_or(Self::Null, Into::into)
    }
}

/// A geometry on the integer grid. Polygon rings are open here; writers close them.
#[derive(Clone, Debug, PartialEq)]
pub enum Geometry {
    /// Polygons, each with its shell first and its holes after it.
    Polygons(Vec<Vec<Vec<Vertex>>>),
    Line(Vec<Vertex>),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub values: Vec<Value>,
    pub geometry: Option<Geometry>,
}

impl Row {
    pub fn of(values: Vec<Value>) -> Self {
        Self { values, geometry: None }
    }

    pub fn with_ring(values: Vec<Value>, ring: Vec<Vertex>) -> Self {
        Self { values, geometry: Some(Geometry::Polygons(vec![vec![ring]])) }
    }
}
