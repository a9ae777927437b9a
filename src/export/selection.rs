//! Which rows, which fields, in which order: parsed from what a client wrote, before anything is read.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::access::Scope;
use crate::catalog;
use crate::catalog::time::Times;
use crate::cql;
use crate::cql::Expr;
use crate::cql::Value;
use crate::crs::Crs;
use crate::error::Error;
use crate::error::Result;
use crate::layer::Field;
use crate::layer::FieldType;
use crate::layer::Layer;
use crate::layer::Text;
use crate::layer::Unit;
use crate::layer::nearest;

use super::Key;
use super::Place;

/// An area in degrees, longitude before latitude. `west > east` means that it crosses the antimeridian.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bbox {
    pub west: f64,
    pub south: f64,
    pub east: f64,
    pub north: f64,
}

impl Bbox {
    /// `west,south,east,north`, or six numbers with heights, which do not select: nothing here has one.
    pub fn parse(text: &str) -> Result<Self> {
        let wrong = |why: &str| Error::parameter("bbox", why);
        let numbers = numbers(text).ok_or_else(|| {
            wrong(
                "应为 4 或 6 个数字，逗号分隔 / four or six numbers with commas: west,south,east,north in degrees",
            )
        })?;
        let bbox = match numbers[..] {
            [west, south, east, north] => Self { west, south, east, north },
            [west, south, low, east, north, high] if low <= high => {
                Self { west, south, east, north }
            }
            [_, _, _, _, _, _] => {
                return Err(wrong("最低高程大于最高高程 / the lowest height exceeds the highest"));
            }
            _ => {
                return Err(wrong(
                    "应为 4 或 6 个数字 / four or six numbers: west,south,east,north in degrees",
                ));
            }
        };
        if bbox.south > bbox.north {
            return Err(wrong(
                "南界大于北界 / south exceeds north; the order is west,south,east,north",
            ));
        }
        if [bbox.south, bbox.north].iter().any(|it| it.abs() > 90.0)
            || [bbox.west, bbox.east].iter().any(|it| it.abs() > 360.0)
        {
            return Err(wrong(
                "应为经纬度 / degrees are expected: longitude, latitude, longitude, latitude",
            ));
        }
        Ok(bbox)
    }

    /// The area as one or two boxes that do not cross the antimeridian.
    pub fn parts(self) -> Vec<[f64; 4]> {
        if self.west <= self.east {
            return vec![[self.west, self.south, self.east, self.north]];
        }
        vec![
            [self.west, self.south, 180.0, self.north],
            [-180.0, self.south, self.east, self.north],
        ]
    }
}

/// An area in a reference system of its own: least and greatest first and second coordinate, in its axis order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frame {
    pub crs: Crs,
    pub edges: [f64; 4],
}

impl Frame {
    /// Four numbers, or six with heights, which do not select.
    pub fn parse(crs: Crs, text: &str) -> Result<Self> {
        let wrong = |why: &str| Error::parameter("bbox", why);
        let edges = match numbers(text).as_deref() {
            Some([a, b, c, d]) => [*a, *b, *c, *d],
            Some([a, b, low, c, d, high]) if low <= high => [*a, *b, *c, *d],
            _ => {
                return Err(wrong(
                    "应为 4 或 6 个数字，逗号分隔 / four or six numbers with commas, the least two coordinates first, in the axis order of bbox-crs",
                ));
            }
        };
        if edges[0] > edges[2] || edges[1] > edges[3] {
            return Err(wrong(
                "最小值大于最大值；次序依 bbox-crs 的坐标轴 / a least coordinate exceeds its greatest; they are in the axis order of bbox-crs",
            ));
        }
        Ok(Self { crs, edges })
    }
}

fn numbers(text: &str) -> Option<Vec<f64>> {
    text.split(',').map(|it| it.trim().parse::<f64>().ok().filter(|it| it.is_finite())).collect()
}

/// A parameter's text as a value of the field's type.
fn parse_value(name: &str, kind: FieldType, text: &str) -> Result<Value<'static>> {
    let wrong = |why: &str| Error::parameter(name, format!("{why}: `{}`", shortened(text)));
    match kind {
        FieldType::Text => Ok(text.to_owned().into()),
        FieldType::Integer => {
            let number = text.parse::<i64>();
            number
                .map(|it| Decimal::from(it).into())
                .map_err(|_| wrong("应为整数 / a whole number"))
        }
        FieldType::Decimal => Decimal::from_str_exact(text)
            .map(Value::from)
            .map_err(|_| wrong("应为数字 / a number such as 12.5")),
        FieldType::Boolean => match text {
            "true" => Ok(true.into()),
            "false" => Ok(false.into()),
            _ => Err(wrong("应为 true 或 false / true or false")),
        },
        FieldType::Date => NaiveDate::parse_from_str(text, "%Y-%m-%d")
            .map(Value::Date)
            .map_err(|_| wrong("应为日期 / a date such as 2025-12-31")),
    }
}

/// What of a client's text may stand in an answer.
pub fn shortened(text: &str) -> String {
    let mut short: String = text.chars().filter(|it| !it.is_control()).take(60).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

/// A field of the selection.
#[derive(Clone, Debug)]
pub struct Column {
    pub name: String,
    pub title: Text,
    pub kind: FieldType,
    pub unit: Option<Unit>,
}

/// How geometry is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// As RFC 7946 has it but for the reference system and its axis order: seven decimals of a degree (1 cm) at most,
    /// three of a metre; outer rings anticlockwise on the ground.
    GeoJson(Crs),
    /// Well-known binary in the reference system with this EPSG code.
    Wkb(u32),
    Without,
}

/// Rows of a layer in the order of their ids, with the fields that the scope may read.
#[derive(Clone, Debug)]
pub struct Selection<'a> {
    pub layer: &'a Layer,
    pub scope: &'a Scope,
    /// Which versions of the rows.
    pub times: Times,
    pub bbox: Option<Bbox>,
    /// A box in another reference system than degrees east and north.
    pub frame: Option<Frame>,
    /// Fields that have just that value.
    pub equals: Vec<(String, FieldType, Value<'static>)>,
    /// Checked against [`Selection::filter_fields`].
    pub filter: Option<Expr>,
    /// The reference system of the filter's geometries.
    pub filter_crs: Crs,
    /// Before the id, which is always last.
    pub order: Vec<Key>,
    /// Only the rows behind this one.
    pub after: Option<Place>,
    pub offset: i64,
    pub limit: Option<i64>,
    pub encoding: Encoding,
    /// Whether rows say since when and until when they are so.
    pub timed: bool,
    /// Only these of the readable fields, in the folder's order; all when left out.
    pub only: Option<Vec<String>>,
}

impl<'a> Selection<'a> {
    /// Every row of the layer.
    pub fn new(layer: &'a Layer, scope: &'a Scope) -> Self {
        Self {
            layer,
            scope,
            times: Times::default(),
            bbox: None,
            frame: None,
            equals: Vec::new(),
            filter: None,
            filter_crs: Crs::Crs84,
            order: Vec::new(),
            after: None,
            offset: 0,
            limit: None,
            encoding: Encoding::GeoJson(Crs::Crs84),
            timed: false,
            only: None,
        }
    }

    /// The fields that rows will have.
    pub fn columns(&self) -> Vec<Column> {
        let column = |(name, it): (&str, &Field)| Column {
            name: name.to_owned(),
            title: it.title.clone(),
            kind: it.kind,
            unit: it.unit,
        };
        let is_wanted = |(name, _): &(&str, &Field)| {
            self.only.as_ref().is_none_or(|it| it.iter().any(|it| it == name))
        };
        self.layer.fields_for(self.scope).filter(is_wanted).map(column).collect()
    }

    /// Asks for versions by valid and by recorded time.
    pub fn at(&mut self, datetime: Option<&str>, as_of: Option<&str>) -> Result<()> {
        let mut times = Times::parse(datetime, as_of)?;
        times.check(self.layer)?;
        self.times = times;
        Ok(())
    }

    /// Narrows to rows whose field has that value. A field that the scope may not read is answered as a missing one.
    pub fn narrow(&mut self, name: &str, text: &str, known: &[&str]) -> Result<()> {
        let Some(field) = self.layer.field_for(self.scope, name) else {
            let names =
                known.iter().copied().chain(self.layer.fields_for(self.scope).map(|it| it.0));
            return Err(unknown_parameter(name, names));
        };
        if self.equals.iter().any(|it| it.0 == name) {
            return Err(Error::parameter(name, "只能给一次 / given twice"));
        }
        if !field.values.is_empty() && !field.values.iter().any(|it| it == text) {
            let values = field.values.join(", ");
            return Err(Error::parameter(name, format!("应为其中之一 / one of: {values}")));
        }
        self.equals.push((name.to_owned(), field.kind, parse_value(name, field.kind, text)?));
        Ok(())
    }

    /// Reads `properties`: the names of the fields that rows will have, with commas; none gives shapes only.
    pub fn choose(&mut self, text: &str) -> Result<()> {
        let names: Vec<String> =
            text.split(',').filter(|it| !it.is_empty()).map(ToOwned::to_owned).collect();
        if let Some(wrong) = names.iter().find(|it| self.layer.field_for(self.scope, it).is_none())
        {
            let near = nearest(wrong, self.layer.fields_for(self.scope).map(|it| it.0));
            let near = near.map(|it| format!("；是否 / did you mean `{it}`?")).unwrap_or_default();
            return Err(Error::parameter(
                "properties",
                format!("没有此属性 / no such property: `{}`{near}", shortened(wrong)),
            ));
        }
        self.only = Some(names);
        Ok(())
    }

    /// Narrows by CQL2 text.
    pub fn filter(&mut self, text: &str) -> Result<()> {
        let expr = cql::parse_checked(text, &self.filter_fields());
        self.filter = Some(expr.map_err(|it| Error::parameter("filter", it.to_string()))?);
        Ok(())
    }

    /// Narrows by an expression that was built from another language than CQL2 text: what CQL2 text may not say, no other
    /// language may.
    pub fn narrow_by(&mut self, parameter: &str, expr: Expr) -> Result<()> {
        let judged = cql::bounded(&expr).and_then(|()| cql::check(&expr, &self.filter_fields()));
        judged.map_err(|it| Error::parameter(parameter, it.sentence()))?;
        self.filter = Some(match self.filter.take() {
            Some(other) => Expr::new(cql::Kind::And(vec![other, expr]), cql::Span::default()),
            None => expr,
        });
        Ok(())
    }

    /// What a filter may name: the fields that the scope may read, the id, the geometry.
    pub fn filter_fields(&self) -> BTreeMap<String, cql::Field> {
        catalog::filter::fields(self.layer, self.scope)
    }
}

/// A parameter that nobody knows, with the nearest one that somebody does.
pub fn unknown_parameter<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Error {
    let near = nearest(name, known);
    let near = near.map(|it| format!("；是否 / did you mean `{it}`?")).unwrap_or_default();
    Error::parameter(&shortened(name), format!("没有此参数 / there is no such parameter{near}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bbox_has_four_or_six_numbers_in_order() {
        let plain = Bbox { west: 121.0, south: 31.0, east: 121.5, north: 31.5 };
        assert_eq!(Bbox::parse("121,31,121.5,31.5").unwrap(), plain);
        assert_eq!(Bbox::parse("121,31,0,121.5,31.5,9").unwrap(), plain);
        for wrong in [
            "",
            "1,2,3",
            "1,2,3,4,5",
            "a,b,c,d",
            "1,2,3,nan",
            "1,2,3,inf",
            "1,4,3,2",
            "0,0,9,1,1,8",
            "31,121,32,122",
            "1,2,3,4,5,6,7",
        ] {
            assert!(Bbox::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_bbox_over_the_antimeridian_is_two() {
        let parts = Bbox::parse("170,-10,-170,10").unwrap().parts();
        assert_eq!(parts, [[170.0, -10.0, 180.0, 10.0], [-180.0, -10.0, -170.0, 10.0]]);
    }

    #[test]
    fn values_are_typed_by_their_field() {
        assert_eq!(
            parse_value("n", FieldType::Integer, "-7").unwrap(),
            Value::Number(Decimal::from(-7))
        );
        for (kind, wrong) in [
            (FieldType::Integer, "1.5"),
            (FieldType::Decimal, "1,5"),
            (FieldType::Boolean, "yes"),
            (FieldType::Date, "2025-02-30"),
        ] {
            let error = parse_value("n", kind, wrong).unwrap_err().to_string();
            assert!(error.contains("`n`") && error.contains(wrong), "{error}");
        }
    }
}
