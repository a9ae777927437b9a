//! Names and types: what a filter may say about a given set of fields. Both back ends rely on it.

use std::collections::BTreeMap;
use std::fmt;

use rust_decimal::Decimal;

use crate::cql::ast::ArithmeticOp;
use crate::cql::ast::CompareOp;
use crate::cql::ast::Expr;
use crate::cql::ast::Kind;
use crate::cql::error::Error;
use crate::cql::error::nearest;
use crate::cql::functions::Function;

/// The highest power that `^` takes.
pub const MAX_POWER: u32 = 16;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    Text,
    /// A whole-number column; as exact as `Decimal` in every operation.
    Integer,
    Decimal,
    Boolean,
    Date,
    Timestamp,
    TextList,
    /// EPSG:4490, lon lat.
    Geometry,
    /// Only a literal: no field has it.
    Interval,
}

/// What a property's name stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    pub kind: Type,
    /// The column's bare name; `sql` quotes it.
    pub column: String,
}

/// The properties that an expression may name. A field that a reader may not see is simply not found.
pub trait Fields {
    fn find(&self, name: &str) -> Option<&Field>;
    /// All names, to suggest one near a misspelt name.
    fn names(&self) -> Vec<&str>;
}

impl Fields for BTreeMap<String, Field> {
    fn find(&self, name: &str) -> Option<&Field> {
        self.get(name)
    }

    fn names(&self) -> Vec<&str> {
        self.keys().map(String::as_str).collect()
    }
}

impl Type {
    /// A field of this type whose column has the given name.
    pub fn column(self, name: &str) -> Field {
        Field { kind: self, column: name.to_owned() }
    }

    pub fn is_number(self) -> bool {
        matches!(self, Self::Integer | Self::Decimal)
    }

    fn compares_with(self, other: Self) -> bool {
        self == other || self.is_number() && other.is_number()
    }

    /// False comes before true, as SQL has it.
    fn is_ordered(self) -> bool {
        self.is_number()
            || matches!(self, Self::Text | Self::Date | Self::Timestamp | Self::Boolean)
    }

    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Text => ("文本", "text"),
            Self::Integer | Self::Decimal => ("数字", "a number"),
            Self::Boolean => ("是非", "true or false"),
            Self::Date => ("日期", "a date"),
            Self::Timestamp => ("时刻", "a time"),
            Self::TextList => ("文本列表", "a list of texts"),
            Self::Geometry => ("几何", "a geometry"),
            Self::Interval => ("时段", "an interval"),
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.words().1)
    }
}

/// Judges that every name is known, every type fits, and the whole is true or false.
pub fn check(expr: &Expr, fields: &dyn Fields) -> Result<(), Error> {
    wanted(expr, &[Type::Boolean], fields)
}

/// The type of any part of an expression that `check` passes.
pub fn type_of(expr: &Expr, fields: &dyn Fields) -> Result<Type, Error> {
    match &expr.kind {
        Kind::Property(name) => match fields.find(name) {
            Some(field) => Ok(field.kind),
            None => Err(unknown(expr, name, fields)),
        },
        Kind::Text(_) => Ok(Type::Text),
        Kind::Number(_) => Ok(Type::Decimal),
        Kind::Bool(_) => Ok(Type::Boolean),
        Kind::Date(_) => Ok(Type::Date),
        Kind::Timestamp(_) => Ok(Type::Timestamp),
        Kind::Geometry(_) | Kind::BBox(_) => Ok(Type::Geometry),
        Kind::Open => {
            Err(Error::new(expr.at, "'..' 只能用于 INTERVAL", "'..' belongs in INTERVAL only"))
        }
        Kind::Interval(from, to) => {
            for end in [from, to] {
                if end.kind != Kind::Open {
                    wanted(end, &[Type::Date, Type::Timestamp], fields)?;
                }
            }
            Ok(Type::Interval)
        }
        Kind::Array(parts) => {
            for part in parts {
                if !matches!(part.kind, Kind::Text(_)) {
                    return Err(Error::new(
                        part.at,
                        "列表中只能是文本",
                        "a list here holds texts in single quotes",
                    ));
                }
            }
            Ok(Type::TextList)
        }
        Kind::Not(it) => wanted(it, &[Type::Boolean], fields).map(|()| Type::Boolean),
        Kind::And(parts) | Kind::Or(parts) => {
            for part in parts {
                wanted(part, &[Type::Boolean], fields)?;
            }
            Ok(Type::Boolean)
        }
        Kind::Compare(op, left, right) => compare(*op, left, right, fields),
        Kind::Like { value, pattern, .. } => {
            wanted(value, &[Type::Text], fields)?;
            like_pattern(pattern)?;
            Ok(Type::Boolean)
        }
        Kind::Between { value, low, high, .. } => {
            compare(CompareOp::LessOrEqual, value, low, fields)?;
            compare(CompareOp::LessOrEqual, value, high, fields)
        }
        Kind::In { value, list, .. } => {
            for it in list {
                compare(CompareOp::Equal, value, it, fields)?;
            }
            Ok(Type::Boolean)
        }
        Kind::IsNull { value, .. } => match type_of(value, fields)? {
            Type::Interval => Err(Error::new(
                value.at,
                "时段不能用 IS NULL",
                "an interval has no IS NULL; ask its ends",
            )),
            _ => Ok(Type::Boolean),
        },
        Kind::Arithmetic(op, left, right) => {
            for side in [left, right] {
                wanted(side, &[Type::Decimal, Type::Integer], fields)?;
            }
            if *op == ArithmeticOp::Power && power(right).is_none() {
                return Err(Error::new(
                    right.at,
                    format!("指数应为 0 到 {MAX_POWER} 的整数"),
                    format!("the exponent is a whole number from 0 to {MAX_POWER}"),
                ));
            }
            // Each level would multiply the digits by sixteen: four of them keep a database busy for seconds a row.
            if *op == ArithmeticOp::Power && has_power(left) {
                return Err(Error::new(
                    left.at,
                    "幂的底数中不能再有幂",
                    "a power cannot be raised again",
                ));
            }
            Ok(Type::Decimal)
        }
        Kind::Negate(it) => {
            wanted(it, &[Type::Decimal, Type::Integer], fields).map(|()| Type::Decimal)
        }
        Kind::Call(function, parts) => call(*function, parts, fields),
    }
}

/// The whole exponent of a `^`, if it is one that is allowed.
pub fn power(exponent: &Expr) -> Option<u32> {
    let Kind::Number(it) = &exponent.kind else { return None };
    let whole = u32::try_from(*it).ok().filter(|it| *it <= MAX_POWER)?;
    (Decimal::from(whole) == *it).then_some(whole)
}

fn has_power(expr: &Expr) -> bool {
    let mut found = false;
    expr.visit(&mut |it| found |= matches!(it.kind, Kind::Arithmetic(ArithmeticOp::Power, ..)));
    found
}

fn call(function: Function, parts: &[Expr], fields: &dyn Fields) -> Result<Type, Error> {
    let (takes, gives): (&[Type], Type) = match function {
        Function::CaseI | Function::AccentI | Function::Lower | Function::Upper => {
            (&[Type::Text], Type::Text)
        }
        Function::Length => (&[Type::Text], Type::Integer),
        Function::Abs | Function::Floor | Function::Ceil | Function::Round => {
            (&[Type::Decimal, Type::Integer], Type::Decimal)
        }
        Function::Spatial(_) => (&[Type::Geometry], Type::Boolean),
        Function::Temporal(_) => (&[Type::Date, Type::Timestamp, Type::Interval], Type::Boolean),
        Function::Array(_) => (&[Type::TextList], Type::Boolean),
    };
    for part in parts {
        wanted(part, takes, fields)?;
    }
    Ok(gives)
}

fn wanted(expr: &Expr, types: &[Type], fields: &dyn Fields) -> Result<(), Error> {
    let found = type_of(expr, fields)?;
    if types.contains(&found) {
        return Ok(());
    }
    let ((zh, en), (found_zh, found_en)) = (types[0].words(), found.words());
    Err(Error::new(
        expr.at,
        format!("此处应为{zh}，却是{found_zh}"),
        format!("expected {en}, found {found_en}"),
    ))
}

fn compare(op: CompareOp, left: &Expr, right: &Expr, fields: &dyn Fields) -> Result<Type, Error> {
    let (one, other) = (type_of(left, fields)?, type_of(right, fields)?);
    if !one.compares_with(other) {
        let ((zh, en), (other_zh, other_en)) = (one.words(), other.words());
        let (hint_zh, hint_en) = mend(one, other);
        return Err(Error::new(
            right.at,
            format!("{zh}不能与{other_zh}比较{hint_zh}"),
            format!("{en} cannot be compared with {other_en}{hint_en}"),
        ));
    }
    if one.is_ordered() {
        return Ok(Type::Boolean);
    }
    let (zh, en) = one.words();
    Err(Error::new(
        left.at,
        format!("{zh}不能用 {} 比较，请用 S_、T_ 或 A_ 函数", op.symbol()),
        format!("{en} cannot be compared by {}; use an S_, T_ or A_ function", op.symbol()),
    ))
}

/// What to write instead, for the slips that people make.
fn mend(one: Type, other: Type) -> (&'static str, &'static str) {
    match (one, other) {
        (Type::Text, Type::Decimal) => ("；代码请加单引号", "; put codes in single quotes"),
        (Type::Decimal | Type::Integer, Type::Text) => {
            ("；数字不加引号", "; write numbers without quotes")
        }
        (Type::Date, Type::Text) => ("；请写 DATE('2024-06-30')", "; write DATE('2024-06-30')"),
        (Type::Timestamp, Type::Text) => (
            "；请写 TIMESTAMP('2024-06-30T08:00:00Z')",
            "; write TIMESTAMP('2024-06-30T08:00:00Z')",
        ),
        (Type::Date, Type::Timestamp) | (Type::Timestamp, Type::Date) => {
            ("；请用 T_BEFORE、T_AFTER 等", "; use T_BEFORE, T_AFTER and their like")
        }
        _ => ("", ""),
    }
}

/// A pattern is a text, or one inside CASEI or ACCENTI.
fn like_pattern(pattern: &Expr) -> Result<(), Error> {
    match &pattern.kind {
        Kind::Text(text) => {
            // PostgreSQL stops at a pattern whose last escape escapes nothing.
            let escapes = text.chars().rev().take_while(|it| *it == '\\').count();
            if escapes % 2 == 0 {
                return Ok(());
            }
            Err(Error::new(
                pattern.at,
                "模式不能以单个 \\ 结尾",
                "a pattern may not end in a single \\",
            ))
        }
        Kind::Call(Function::CaseI | Function::AccentI, parts) => {
            parts.iter().try_for_each(like_pattern)
        }
        _ => Err(Error::new(
            pattern.at,
            "LIKE 后应为单引号文本",
            "LIKE takes a text in single quotes",
        )),
    }
}

fn unknown(expr: &Expr, name: &str, fields: &dyn Fields) -> Error {
    let names = fields.names();
    let near = nearest(name, names.iter().copied());
    let shown: String = name.chars().take(40).collect();
    Error::new(
        expr.at,
        format!(
            "没有属性 `{shown}`{}",
            near.map(|it| format!("；是否为 `{it}`？")).unwrap_or_default()
        ),
        format!(
            "no property `{shown}`{}",
            near.map(|it| format!("; did you mean `{it}`?")).unwrap_or_default()
        ),
    )
}
