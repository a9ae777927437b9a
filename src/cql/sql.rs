//! A filter as SQL text with bound parameters. No value and no name from the text reaches the SQL itself:
//! values are `$n`, names are looked up and quoted. Unknown (null) follows SQL's own three-valued logic.

use std::collections::BTreeMap;

use geo::CoordsIter;
use geo::Geometry;
use rust_decimal::Decimal;

use crate::cql::ast::ArithmeticOp;
use crate::cql::ast::CompareOp;
use crate::cql::ast::Expr;
use crate::cql::ast::Kind;
use crate::cql::ast::Span;
use crate::cql::check::Field;
use crate::cql::check::Fields;
use crate::cql::check::Type;
use crate::cql::check::check;
use crate::cql::check::type_of;
use crate::cql::error::Error;
use crate::cql::functions::ArrayTest;
use crate::cql::functions::End;
use crate::cql::functions::Function;
use crate::cql::functions::STROKED;
use crate::cql::functions::Spatial;
use crate::cql::functions::Temporal;
use crate::cql::literal;
use crate::cql::value::Value;
use crate::cql::wkt::write_wkt;
use crate::crs::Crs;

/// Places to which quotients and powers are rounded, here and in `eval`, so that both compare the same number.
pub const QUOTIENT_PLACES: u32 = 12;

/// Adding it gives the database's quotient twenty places; by itself it would keep sixteen digits.
const TWENTY_PLACES: &str = "0.00000000000000000000";

/// A condition for a `where`, in brackets, and the values of its parameters in order.
#[derive(Debug, Clone, PartialEq)]
pub struct Fragment {
    pub sql: String,
    pub values: Vec<Value<'static>>,
}

/// Checks an expression and writes it with parameters from `$first` on; its geometries are in longitude and latitude.
/// Columns are written bare and quoted, so the surrounding `select` has one source for each of them.
pub fn to_sql(expr: &Expr, fields: &dyn Fields, first: usize) -> Result<Fragment, Error> {
    to_sql_in(Crs::Crs84, expr, fields, first)
}

/// The same, of an expression whose geometries are in `crs`, in its axis order.
pub fn to_sql_in(
    crs: Crs,
    expr: &Expr,
    fields: &dyn Fields,
    first: usize,
) -> Result<Fragment, Error> {
    check(expr, fields)?;
    let mut writer = Writer { fields, first, crs, values: Vec::new() };
    let sql = writer.write(expr)?;
    Ok(Fragment { sql, values: writer.values })
}

/// A geometry alone, in `crs` and its axis order, as SQL of the same in what is stored.
pub fn geometry_to_sql(crs: Crs, shape: &Expr) -> Result<Fragment, Error> {
    let fields = BTreeMap::<String, Field>::new();
    let mut writer = Writer { fields: &fields, first: 1, crs, values: Vec::new() };
    let sql = writer.write(shape)?;
    Ok(Fragment { sql, values: writer.values })
}

struct Writer<'a> {
    fields: &'a dyn Fields,
    first: usize,
    crs: Crs,
    values: Vec<Value<'static>>,
}

impl Writer<'_> {
    fn bind(&mut self, value: Value<'static>, sql_type: &str) -> String {
        self.values.push(value);
        format!("${}::{sql_type}", self.first + self.values.len() - 1)
    }

    fn write(&mut self, expr: &Expr) -> Result<String, Error> {
        Ok(match &expr.kind {
            Kind::Property(name) => match self.fields.find(name) {
                Some(field) => quote_identifier(&field.column),
                None => return Err(Error::new(expr.at, "没有这个属性", "no such property")),
            },
            Kind::Text(it) => self.bind(Value::Text(it.clone().into()), "text"),
            Kind::Number(it) => self.bind(Value::Number(*it), "numeric"),
            Kind::Bool(it) => self.bind(Value::Bool(*it), "boolean"),
            Kind::Date(it) => self.bind(Value::Date(*it), "date"),
            Kind::Timestamp(it) => self.bind(Value::Timestamp(*it), "timestamptz"),
            // An interval is only ever an argument of T_ functions, which take its ends.
            Kind::Open | Kind::Interval(..) => {
                return Err(Error::new(
                    expr.at,
                    "时段只能用于 T_ 函数",
                    "an interval belongs in a T_ function",
                ));
            }
            Kind::Geometry(it) => {
                within_the_globe(self.crs, it, expr.at)?;
                let mut wkt = String::new();
                // Writing to a string does not fail.
                let _ = write_wkt(it, &mut wkt);
                let text = self.bind(Value::Text(wkt.into()), "text");
                literal::stored(self.crs, &format!("ST_GeomFromText({text}, {})", self.crs.srid()))
            }
            Kind::BBox(edges) => self.bbox(*edges, expr.at)?,
            Kind::Array(parts) => {
                let texts = parts.iter().filter_map(text).map(|it| it.to_owned().into()).collect();
                self.bind(Value::TextList(texts), "text[]")
            }
            Kind::Not(it) => format!("(not {})", self.write(it)?),
            Kind::And(parts) => self.joined(parts, " and ")?,
            Kind::Or(parts) => self.joined(parts, " or ")?,
            Kind::Compare(op, left, right) => self.compare(*op, left, right)?,
            Kind::Like { value, pattern, negated } => {
                let (value, pattern) = (self.write(value)?, self.write(pattern)?);
                let like = if *negated { "not like" } else { "like" };
                format!("({value} {like} {pattern})")
            }
            Kind::Between { value, low, high, negated } => {
                let above = self.compare(CompareOp::GreaterOrEqual, value, low)?;
                let below = self.compare(CompareOp::LessOrEqual, value, high)?;
                let not = if *negated { "not " } else { "" };
                format!("({not}({above} and {below}))")
            }
            Kind::In { value, list, negated } => self.in_list(value, list, *negated)?,
            Kind::IsNull { value, negated } => {
                let value = self.write(value)?;
                format!("({value} is {}null)", if *negated { "not " } else { "" })
            }
            Kind::Arithmetic(op, left, right) => self.arithmetic(*op, left, right)?,
            Kind::Negate(it) => format!("(- {})", self.number(it)?),
            Kind::Call(function, parts) => self.call(*function, parts)?,
        })
    }

    /// A box, or two where it crosses the date line.
    fn bbox(&mut self, edges: [f64; 4], at: Span) -> Result<String, Error> {
        let [a, b, c, d] = edges;
        let wraps = self.crs.is_degrees();
        let boxes = match self.crs.is_north_first() {
            _ if a <= c && b <= d => vec![edges],
            true if wraps && a <= c => vec![[a, b, c, 180.0], [a, -180.0, c, d]],
            false if wraps && b <= d => vec![[a, b, 180.0, d], [-180.0, b, c, d]],
            _ => {
                return Err(Error::new(
                    at,
                    "范围的最小值大于最大值；次序依坐标轴",
                    "a box has its least coordinates first, in the axis order of its reference system",
                ));
            }
        };
        let boxes: Vec<String> = boxes
            .into_iter()
            .map(|it| literal::envelope(self.crs, it, |it| self.bind(Value::Float(it), "float8")))
            .collect();
        Ok(match &boxes[..] {
            [one] => one.clone(),
            _ => format!("ST_Collect({})", boxes.join(", ")),
        })
    }

    fn joined(&mut self, parts: &[Expr], by: &str) -> Result<String, Error> {
        let parts: Result<Vec<String>, Error> = parts.iter().map(|it| self.write(it)).collect();
        Ok(format!("({})", parts?.join(by)))
    }

    /// Order is by bytes, as Rust compares text. Equality is so in every collation, and plain `=` keeps an index usable.
    fn compare(&mut self, op: CompareOp, left: &Expr, right: &Expr) -> Result<String, Error> {
        let equality = matches!(op, CompareOp::Equal | CompareOp::NotEqual);
        let by_bytes = !equality && type_of(left, self.fields)? == Type::Text;
        let collation = if by_bytes { " collate \"C\"" } else { "" };
        Ok(format!("({}{collation} {} {})", self.write(left)?, op.symbol(), self.write(right)?))
    }

    /// A list of literals is one array parameter, however long.
    fn in_list(&mut self, value: &Expr, list: &[Expr], negated: bool) -> Result<String, Error> {
        let value = self.write(value)?;
        let texts: Option<Vec<_>> =
            list.iter().map(|it| text(it).map(|it| it.to_owned().into())).collect();
        let numbers: Option<Vec<_>> = list.iter().map(number).collect();
        let inside = if let Some(texts) = texts {
            format!("{value} = any({})", self.bind(Value::TextList(texts), "text[]"))
        } else if let Some(numbers) = numbers {
            format!("{value} = any({})", self.bind(Value::NumberList(numbers), "numeric[]"))
        } else {
            let items: Result<Vec<String>, Error> = list.iter().map(|it| self.write(it)).collect();
            format!("{value} in ({})", items?.join(", "))
        };
        Ok(if negated { format!("(not ({inside}))") } else { format!("({inside})") })
    }

    /// A whole-number column as numeric, or `/` would drop the fraction.
    fn number(&mut self, expr: &Expr) -> Result<String, Error> {
        let written = self.write(expr)?;
        let whole = type_of(expr, self.fields)? == Type::Integer;
        Ok(if whole { format!("{written}::numeric") } else { written })
    }

    fn arithmetic(&mut self, op: ArithmeticOp, left: &Expr, right: &Expr) -> Result<String, Error> {
        let (left, right) = (self.number(left)?, self.number(right)?);
        Ok(match op {
            ArithmeticOp::Add | ArithmeticOp::Subtract | ArithmeticOp::Multiply => {
                format!("({left} {} {right})", op.symbol())
            }
            ArithmeticOp::Divide => {
                format!("round(({left} + {TWENTY_PLACES}) / nullif({right}, 0), {QUOTIENT_PLACES})")
            }
            ArithmeticOp::WholeDivide => format!("div({left}, nullif({right}, 0))"),
            ArithmeticOp::Remainder => format!("mod({left}, nullif({right}, 0))"),
            ArithmeticOp::Power => {
                format!("round(power({left} + {TWENTY_PLACES}, {right}), {QUOTIENT_PLACES})")
            }
        })
    }

    fn call(&mut self, function: Function, parts: &[Expr]) -> Result<String, Error> {
        let name = match function {
            Function::Temporal(it) => return self.temporal(it, parts),
            Function::Array(test) => {
                let (left, right) = (self.write(&parts[0])?, self.write(&parts[1])?);
                return Ok(match test {
                    ArrayTest::Equals => format!("({left} @> {right} and {left} <@ {right})"),
                    ArrayTest::Contains => format!("({left} @> {right})"),
                    ArrayTest::ContainedBy => format!("({left} <@ {right})"),
                    ArrayTest::Overlaps => format!("({left} && {right})"),
                });
            }
            Function::Spatial(it) => spatial(it),
            Function::CaseI | Function::Lower => return self.cased("lower", &parts[0]),
            Function::Upper => return self.cased("upper", &parts[0]),
            Function::AccentI => {
                let text = self.write(&parts[0])?;
                let (from, to): (String, String) = STROKED.into_iter().unzip();
                return Ok(format!(
                    "translate(regexp_replace(normalize({text}, nfd), U&'[\\0300-\\036F]', '', 'g'), '{from}', '{to}')"
                ));
            }
            Function::Length => "char_length",
            Function::Abs => "abs",
            Function::Floor => "floor",
            Function::Ceil => "ceil",
            Function::Round => "round",
        };
        let numeric =
            matches!(function, Function::Abs | Function::Floor | Function::Ceil | Function::Round);
        let parts: Result<Vec<String>, Error> =
            parts.iter().map(|it| if numeric { self.number(it) } else { self.write(it) }).collect();
        Ok(format!("{name}({})", parts?.join(", ")))
    }

    /// The "C" collation would lower only ASCII; ICU's root lowers as Rust does. What comes out is compared by bytes again.
    fn cased(&mut self, function: &str, text: &Expr) -> Result<String, Error> {
        Ok(format!("({function}({} collate \"und-x-icu\") collate \"C\")", self.write(text)?))
    }

    fn temporal(&mut self, relation: Temporal, parts: &[Expr]) -> Result<String, Error> {
        let as_dates = parts.iter().all(|it| is_dated(it, self.fields));
        let comparisons = relation.comparisons();
        let mut written = Vec::new();
        for (left, op, right) in comparisons.all_of {
            let (left, right) =
                (self.end(parts, *left, as_dates)?, self.end(parts, *right, as_dates)?);
            written.push(format!("{left} {} {right}", op.symbol()));
        }
        Ok(format!("({})", written.join(if comparisons.any { " or " } else { " and " })))
    }

    fn end(&mut self, parts: &[Expr], end: End, as_dates: bool) -> Result<String, Error> {
        let (part, starts) = match end {
            End::LeftStart => (&parts[0], true),
            End::LeftEnd => (&parts[0], false),
            End::RightStart => (&parts[1], true),
            End::RightEnd => (&parts[1], false),
        };
        match &part.kind {
            Kind::Interval(from, _) if starts => self.moment(from, "-infinity", as_dates),
            Kind::Interval(_, to) => self.moment(to, "infinity", as_dates),
            _ => self.moment(part, "infinity", as_dates),
        }
    }

    /// One moment. Among times a date is its first moment in UTC, whatever the session's time zone.
    fn moment(&mut self, expr: &Expr, open: &str, as_dates: bool) -> Result<String, Error> {
        if expr.kind == Kind::Open {
            return Ok(format!("'{open}'::{}", if as_dates { "date" } else { "timestamptz" }));
        }
        let written = self.write(expr)?;
        let promoted = !as_dates && type_of(expr, self.fields)? == Type::Date;
        Ok(if promoted { format!("({written}::timestamp at time zone 'UTC')") } else { written })
    }
}

/// Whether a temporal argument knows only days.
fn is_dated(expr: &Expr, fields: &dyn Fields) -> bool {
    match &expr.kind {
        Kind::Open => true,
        Kind::Interval(from, to) => is_dated(from, fields) && is_dated(to, fields),
        _ => type_of(expr, fields) == Ok(Type::Date),
    }
}

/// Degrees end at the antimeridian and the poles; a hair more is what a projection leaves.
fn within_the_globe(crs: Crs, shape: &Geometry<f64>, at: Span) -> Result<(), Error> {
    let fits = |longitude: f64, latitude: f64| {
        longitude.abs() <= 180.000_001 && latitude.abs() <= 90.000_001
    };
    let turned = crs.is_north_first();
    let mut vertices = shape.coords_iter();
    if !crs.is_degrees()
        || vertices.all(|it| if turned { fits(it.y, it.x) } else { fits(it.x, it.y) })
    {
        return Ok(());
    }
    Err(Error::new(
        at,
        "坐标超出经纬度范围",
        "a coordinate lies beyond 180 degrees of longitude or 90 of latitude",
    ))
}

fn spatial(relation: Spatial) -> &'static str {
    match relation {
        Spatial::Intersects => "ST_Intersects",
        Spatial::Equals => "ST_Equals",
        Spatial::Disjoint => "ST_Disjoint",
        Spatial::Touches => "ST_Touches",
        Spatial::Within => "ST_Within",
        Spatial::Overlaps => "ST_Overlaps",
        Spatial::Crosses => "ST_Crosses",
        Spatial::Contains => "ST_Contains",
    }
}

fn text(expr: &Expr) -> Option<&str> {
    if let Kind::Text(it) = &expr.kind { Some(it) } else { None }
}

fn number(expr: &Expr) -> Option<Decimal> {
    if let Kind::Number(it) = expr.kind { Some(it) } else { None }
}

/// A column's name in double quotes, whatever it contains.
pub fn quote_identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
