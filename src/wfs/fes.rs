//! Filters as XML (FES 2.0, and the names that 1.1 had), made into the one expression language. Limits,
//! names and types are judged by the selection, as of every filter; here only what XML cannot say is
//! decided: which type a literal has, and which axes a geometry.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::cql;
use crate::cql::CompareOp;
use crate::cql::Expr;
use crate::cql::Field;
use crate::cql::Kind;
use crate::cql::MAX_DEPTH;
use crate::cql::MAX_LIST;
use crate::cql::Span;
use crate::cql::Type;
use crate::cql::functions;
use crate::crs::Crs;
use crate::export::shortened;

use super::geometry;
use super::geometry::Shape;
use super::xml::Element;

#[cfg(test)]
mod tests;
mod time;

pub use time::TEMPORAL;
pub use time::TIMES;

/// What is wrong with a filter, in both languages.
type Wrong = String;

/// Comparisons by their names.
pub const COMPARISONS: [(&str, CompareOp); 6] = [
    ("PropertyIsEqualTo", CompareOp::Equal),
    ("PropertyIsNotEqualTo", CompareOp::NotEqual),
    ("PropertyIsLessThan", CompareOp::Less),
    ("PropertyIsGreaterThan", CompareOp::Greater),
    ("PropertyIsLessThanOrEqualTo", CompareOp::LessOrEqual),
    ("PropertyIsGreaterThanOrEqualTo", CompareOp::GreaterOrEqual),
];
/// Other tests of properties.
pub const TESTS: [&str; 4] =
    ["PropertyIsLike", "PropertyIsNull", "PropertyIsNil", "PropertyIsBetween"];
/// Spatial operators by their names, and the function of CQL2 that each is.
pub const SPATIAL: [(&str, &str); 9] = [
    ("BBOX", "S_INTERSECTS"),
    ("Intersects", "S_INTERSECTS"),
    ("Within", "S_WITHIN"),
    ("Contains", "S_CONTAINS"),
    ("Disjoint", "S_DISJOINT"),
    ("Equals", "S_EQUALS"),
    ("Touches", "S_TOUCHES"),
    ("Crosses", "S_CROSSES"),
    ("Overlaps", "S_OVERLAPS"),
];

/// A filter, and the reference system of its geometries.
#[derive(Clone, Debug, PartialEq)]
pub struct Compiled {
    pub expr: Expr,
    pub crs: Option<Crs>,
}

/// Compiles the content of a `Filter` over the fields that may be named; `layer` is what ids begin with.
pub fn compile(
    filter: &Element,
    layer: &str,
    fields: &BTreeMap<String, Field>,
) -> Result<Compiled, Wrong> {
    if filter.name != "Filter" {
        return Err(format!(
            "应为 Filter 元素，却是 `{0}` / expected the element Filter, found `{0}`",
            shortened(&filter.name)
        ));
    }
    let mut compiler = Compiler { layer, fields, crs: None };
    let mut ids = Vec::new();
    let mut others = Vec::new();
    for child in &filter.children {
        match id_of(child) {
            Some(id) => ids.push(id?),
            None => others.push(child),
        }
    }
    let expr = match (others[..].iter().as_slice(), ids.is_empty()) {
        ([], false) => compiler.ids(&ids)?,
        ([one], true) => compiler.operator(one, 1)?,
        ([], true) => return Err("Filter 是空的 / the Filter is empty".to_owned()),
        _ => {
            return Err("Filter 中应只有一个运算符，或若干 ResourceId / a Filter has one operator, or some ResourceId".to_owned());
        }
    };
    Ok(Compiled { expr, crs: compiler.crs })
}

/// Features by the ids that this service gives them, `parcels.7`.
pub fn by_ids(layer: &str, ids: &[&str]) -> Result<Expr, Wrong> {
    Compiler { layer, fields: &BTreeMap::new(), crs: None }.ids(ids)
}

/// The id that an element names, where it is one of those that do.
fn id_of(it: &Element) -> Option<Result<&str, Wrong>> {
    let name = match it.name.as_str() {
        "ResourceId" => "rid",
        "FeatureId" => "fid",
        "GmlObjectId" => "id",
        _ => return None,
    };
    Some(
        it.attribute(name)
            .ok_or_else(|| format!("`{}` 缺少 {name} / has no {name}", shortened(&it.name))),
    )
}

struct Compiler<'a> {
    layer: &'a str,
    fields: &'a BTreeMap<String, Field>,
    crs: Option<Crs>,
}

fn new(kind: Kind) -> Expr {
    Expr::new(kind, Span::default())
}

impl Compiler<'_> {
    fn ids(&self, ids: &[&str]) -> Result<Expr, Wrong> {
        if ids.len() > MAX_LIST {
            return Err(format!("至多 {MAX_LIST} 个 id / at most {MAX_LIST} ids"));
        }
        // An id that is another layer's, or nobody's, is of no feature here.
        let own = ids.iter().map(|it| {
            let number = it.strip_prefix(self.layer).and_then(|it| it.strip_prefix('.'));
            number.and_then(|it| it.parse::<i64>().ok()).unwrap_or(-1)
        });
        let list = own.map(|it| new(Kind::Number(it.into()))).collect();
        let value = Box::new(new(Kind::Property("id".to_owned())));
        Ok(new(Kind::In { value, list, negated: false }))
    }

    fn operator(&mut self, it: &Element, depth: u16) -> Result<Expr, Wrong> {
        if depth > MAX_DEPTH {
            return Err(format!("嵌套超过 {MAX_DEPTH} 层 / at most {MAX_DEPTH} levels"));
        }
        let name = it.name.as_str();
        if let Some(id) = id_of(it) {
            return self.ids(&[id?]);
        }
        if let Some((_, function)) = SPATIAL.iter().find(|(it, _)| *it == name) {
            return self.spatial(function, it);
        }
        let reference = it.children.iter().find(|it| is_reference(it));
        if let Some(of) = reference.and_then(|it| standard(&it.text)) {
            return self.of_every_feature(of, it);
        }
        if let Some((_, op)) = COMPARISONS.iter().find(|(it, _)| *it == name) {
            return self.compare(*op, it);
        }
        if let Some((_, function)) = TEMPORAL.iter().find(|(it, _)| *it == name) {
            return self.temporal(function, it);
        }
        match name {
            "And" | "Or" => {
                let parts: Vec<Expr> = it
                    .children
                    .iter()
                    .map(|it| self.operator(it, depth + 1))
                    .collect::<Result<_, _>>()?;
                match <[Expr; 1]>::try_from(parts) {
                    Ok([one]) => Ok(one),
                    Err(parts) if parts.is_empty() => Err(takes(it, "条件 / conditions")),
                    Err(parts) if name == "And" => Ok(new(Kind::And(parts))),
                    Err(parts) => Ok(new(Kind::Or(parts))),
                }
            }
            "Not" => match &it.children[..] {
                [one] => Ok(new(Kind::Not(Box::new(self.operator(one, depth + 1)?)))),
                _ => Err(takes(it, "一个条件 / one condition")),
            },
            "PropertyIsNull" | "PropertyIsNil" => {
                let value = Box::new(self.property(it, it.children.first())?.0);
                Ok(new(Kind::IsNull { value, negated: false }))
            }
            "PropertyIsBetween" => self.between(it),
            "PropertyIsLike" => self.like(it),
            other => Err(format!(
                "不支持运算符 `{}` / this operator is not supported; one of: {}",
                shortened(other),
                names().join(", ")
            )),
        }
    }

    /// The property that an element names, and its type.
    fn property(&self, of: &Element, it: Option<&Element>) -> Result<(Expr, Option<Type>), Wrong> {
        match it.filter(|it| is_reference(it)) {
            Some(it) => Ok(self.named(&it.text)),
            None => Err(takes(of, "一个 ValueReference / a ValueReference")),
        }
    }

    /// A name may have a prefix, and the feature type before it as a path. What it stands for is looked up here only to
    /// know its type: whether it is there is judged with the whole.
    fn named(&self, text: &str) -> (Expr, Option<Type>) {
        let name = own_name(text);
        let kind = self.fields.get(name).map(|it| it.kind);
        (new(Kind::Property(name.to_owned())), kind)
    }

    /// A condition on what GML has of every feature: the id, which all have, and what none here has.
    fn of_every_feature(&self, of: Standard, it: &Element) -> Result<Expr, Wrong> {
        let is_null = ["PropertyIsNull", "PropertyIsNil"].contains(&it.name.as_str());
        if is_null || of != Standard::Id {
            return Ok(new(Kind::Bool(is_null && of != Standard::Id)));
        }
        let literal = it.children.iter().find(|it| it.name == "Literal");
        let literal = literal.ok_or_else(|| takes(it, "Literal"))?;
        let own = self.ids(&[literal.text.trim()])?;
        match it.name.as_str() {
            "PropertyIsEqualTo" => Ok(own),
            "PropertyIsNotEqualTo" => Ok(new(Kind::Not(Box::new(own)))),
            _ => {
                Err("gml:id 只能用于等于或不等于 / gml:id is equal to something, or is not"
                    .to_owned())
            }
        }
    }

    fn compare(&self, op: CompareOp, it: &Element) -> Result<Expr, Wrong> {
        let [left, right] = &it.children[..] else {
            return Err(takes(it, "两个值 / two values"));
        };
        let kind = [left, right]
            .into_iter()
            .filter(|it| is_reference(it))
            .find_map(|it| self.named(&it.text).1);
        let (left, right) = (self.value(it, left, kind)?, self.value(it, right, kind)?);
        let folds = it.attribute("matchCase") == Some("false") && kind == Some(Type::Text);
        let [left, right] = [left, right].map(|it| if folds { folded(it) } else { it });
        Ok(new(Kind::Compare(op, Box::new(left), Box::new(right))))
    }

    fn between(&self, it: &Element) -> Result<Expr, Wrong> {
        let (value, kind) = self.property(it, it.children.first())?;
        let end = |name: &str| {
            let holder = it.child(name).and_then(|it| it.children.first());
            self.value(it, holder.ok_or_else(|| takes(it, name))?, kind)
        };
        Ok(new(Kind::Between {
            value: Box::new(value),
            low: Box::new(end("LowerBoundary")?),
            high: Box::new(end("UpperBoundary")?),
            negated: false,
        }))
    }

    fn like(&self, it: &Element) -> Result<Expr, Wrong> {
        let [value, pattern] = &it.children[..] else {
            return Err(takes(it, "ValueReference, Literal"));
        };
        let (value, _) = self.property(it, Some(value))?;
        if pattern.name != "Literal" {
            return Err(takes(it, "ValueReference, Literal"));
        }
        let sign = |names: &[&str], default: char| {
            let given = names.iter().find_map(|name| it.attribute(name));
            let mut signs = given.unwrap_or_default().chars();
            match (signs.next(), signs.next()) {
                (Some(one), None) => Ok(one),
                (None, _) => Ok(default),
                _ => Err(format!("`{}` 应为一个字符 / is one character", names[0])),
            }
        };
        let signs = Signs {
            many: sign(&["wildCard"], '*')?,
            one: sign(&["singleChar"], '?')?,
            escape: sign(&["escapeChar", "escape"], '\\')?,
        };
        let pattern = new(Kind::Text(signs.to_cql(&pattern.text)));
        let folds = it.attribute("matchCase") == Some("false");
        let [value, pattern] = [value, pattern].map(|it| if folds { folded(it) } else { it });
        Ok(new(Kind::Like { value: Box::new(value), pattern: Box::new(pattern), negated: false }))
    }

    fn spatial(&mut self, function: &str, it: &Element) -> Result<Expr, Wrong> {
        let reference = it.children.iter().find(|it| is_reference(it));
        let value = match reference {
            Some(it) if standard(&it.text) != Some(Standard::Around) => self.named(&it.text).0,
            _ => new(Kind::Property("geom".to_owned())),
        };
        let literal = it.children.iter().find(|it| geometry::is_geometry(&it.name));
        let literal = literal.ok_or_else(|| takes(it, "GML"))?;
        let (shape, srs) = geometry::read(literal)?;
        if self.crs.is_some_and(|it| it != srs.crs) {
            return Err("一个 Filter 中的几何须用同一坐标参考系 / all geometries of a Filter are in one reference system".to_owned());
        }
        self.crs = Some(srs.crs);
        let shape = new(match shape {
            Shape::Geometry(it) => Kind::Geometry(it),
            Shape::Envelope(it) => Kind::BBox(it),
        });
        let function = functions::find(function).ok_or_else(|| takes(it, function))?;
        Ok(new(Kind::Call(function, vec![value, shape])))
    }

    /// A property, or a literal of the type that it is compared with.
    fn value(&self, of: &Element, it: &Element, kind: Option<Type>) -> Result<Expr, Wrong> {
        if is_reference(it) {
            return Ok(self.named(&it.text).0);
        }
        if it.name != "Literal" || !it.children.is_empty() {
            return Err(takes(of, "ValueReference, Literal"));
        }
        literal(&it.text, kind).map(new)
    }
}

/// A text as a value of a type. Where the type is not known the property is not either, which is said later.
pub fn literal(text: &str, kind: Option<Type>) -> Result<Kind, Wrong> {
    let trimmed = text.trim();
    let shown = shortened(trimmed);
    Ok(match kind {
        Some(Type::Integer | Type::Decimal) => {
            let number = Decimal::from_str_exact(trimmed)
                .ok()
                .or_else(|| Decimal::from_scientific(trimmed).ok());
            Kind::Number(number.ok_or_else(|| format!("`{shown}` 不是数字 / is no number"))?)
        }
        Some(Type::Boolean) => match trimmed {
            "true" | "1" => Kind::Bool(true),
            "false" | "0" => Kind::Bool(false),
            _ => return Err(format!("`{shown}` 应为 true 或 false / is neither true nor false")),
        },
        Some(Type::Date) => Kind::Date(date(trimmed).ok_or_else(|| {
            format!("`{shown}` 应为日期，如 2024-06-30 / is no date such as 2024-06-30")
        })?),
        _ => Kind::Text(text.to_owned()),
    })
}

/// A day, or its first moment as clients write it who know only times.
pub fn date(text: &str) -> Option<NaiveDate> {
    let (day, time) = text.split_once(['T', ' ']).unwrap_or((text, ""));
    let time = time.trim_end_matches('Z');
    let midnight = time.is_empty()
        || time.strip_prefix("00:00:00").is_some_and(|it| it.chars().all(|it| ".0".contains(it)));
    let shaped = day.len() == 10 && day.is_ascii();
    (midnight && shaped).then(|| NaiveDate::parse_from_str(day, "%Y-%m-%d").ok()).flatten()
}

/// The characters of a pattern that stand for others.
struct Signs {
    many: char,
    one: char,
    escape: char,
}

impl Signs {
    /// The pattern with `%`, `_` and `\`.
    fn to_cql(&self, pattern: &str) -> String {
        let mut out = String::with_capacity(pattern.len());
        let mut characters = pattern.chars();
        while let Some(it) = characters.next() {
            let (it, plain) = if it == self.escape {
                // One at the end escapes nothing and stands for itself.
                (characters.next().unwrap_or(it), true)
            } else {
                (it, false)
            };
            match it {
                it if !plain && it == self.many => out.push('%'),
                it if !plain && it == self.one => out.push('_'),
                '%' | '_' | '\\' => out.extend(['\\', it]),
                other => out.push(other),
            }
        }
        out
    }
}

fn folded(it: Expr) -> Expr {
    new(Kind::Call(cql::functions::Function::CaseI, vec![it]))
}

/// What GML has of every feature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standard {
    Id,
    /// The box around it, which is where its shape is.
    Around,
    /// What features here leave out.
    Absent,
}

/// The last step of a path, the first of what it names.
fn last_step(text: &str) -> &str {
    let last = text.rsplit('/').next().unwrap_or(text).trim();
    last.strip_suffix("[1]").unwrap_or(last)
}

/// The name of the field that a reference is to: without the feature type before it, and without prefix.
pub fn own_name(text: &str) -> &str {
    let last = last_step(text);
    last.rsplit(':').next().unwrap_or(last)
}

/// What a reference is to, where it is none of the layer's fields.
pub fn standard(text: &str) -> Option<Standard> {
    match last_step(text) {
        "@gml:id" | "gml:id" | "@id" => Some(Standard::Id),
        "gml:boundedBy" => Some(Standard::Around),
        "gml:name"
        | "gml:description"
        | "gml:descriptionReference"
        | "gml:identifier"
        | "gml:metaDataProperty"
        | "gml:location" => Some(Standard::Absent),
        _ => None,
    }
}

fn is_reference(it: &Element) -> bool {
    matches!(it.name.as_str(), "ValueReference" | "PropertyName")
}

fn takes(it: &Element, what: &str) -> Wrong {
    let name = shortened(&it.name);
    format!("`{name}` 需要 {what} / `{name}` takes: {what}")
}

/// All operators, for an error that helps.
fn names() -> Vec<&'static str> {
    ["And", "Or", "Not", "ResourceId"]
        .into_iter()
        .chain(COMPARISONS.iter().map(|it| it.0))
        .chain(TESTS)
        .chain(SPATIAL.iter().map(|it| it.0))
        .chain(TEMPORAL.iter().map(|it| it.0))
        .collect()
}
