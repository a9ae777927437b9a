//! `where`: the SQL-92 that ArcGIS clients write, made into the one expression language. Nothing of its text reaches a
//! database: names are looked up among the readable fields, values are bound, and there are two functions.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use chrono::NaiveDateTime;
use rust_decimal::Decimal;

use crate::cql::CompareOp;
use crate::cql::Expr;
use crate::cql::Field;
use crate::cql::Kind;
use crate::cql::MAX_BYTES;
use crate::cql::MAX_DEPTH;
use crate::cql::MAX_LIST;
use crate::cql::Span;
use crate::cql::Type;
use crate::cql::functions::Function;
use crate::export::shortened;

use super::OBJECT_ID;
use super::statistics::STATISTICS;

use token::Token;
use token::tokens;

#[cfg(test)]
mod tests;
mod token;

/// What is wrong with a condition, in both languages.
type Wrong = String;

/// Compiles a condition over the fields that may be named. None where it selects everything by saying nothing.
pub fn compile(text: &str, fields: &BTreeMap<String, Field>) -> Result<Option<Expr>, Wrong> {
    parse(text, fields, false)
}

/// Compiles a condition about groups of rows, in which `sum(field)` and its like are names of their own, and `count(*)` is that
/// of the rows. None where it is about nothing.
pub fn compile_of_groups(
    text: &str,
    fields: &BTreeMap<String, Field>,
) -> Result<Option<Expr>, Wrong> {
    parse(text, fields, true)
}

fn parse(
    text: &str,
    fields: &BTreeMap<String, Field>,
    of_groups: bool,
) -> Result<Option<Expr>, Wrong> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    if text.len() > MAX_BYTES {
        return Err(format!(
            "条件超过 {MAX_BYTES} 字节 / a condition has at most {MAX_BYTES} bytes"
        ));
    }
    let mut parser = Parser { tokens: tokens(text)?, at: 0, depth: 0, fields, of_groups };
    let expr = parser.either()?;
    match parser.peek() {
        Token::End => Ok(Some(expr)),
        _ => Err(parser.unexpected("AND, OR")),
    }
}

struct Parser<'a> {
    tokens: Vec<Token>,
    at: usize,
    depth: u16,
    fields: &'a BTreeMap<String, Field>,
    /// Whether it is about groups of rows.
    of_groups: bool,
}

fn new(kind: Kind) -> Expr {
    Expr::new(kind, Span::default())
}

impl Parser<'_> {
    fn peek(&self) -> &Token {
        &self.tokens[self.at]
    }

    /// `End` is never passed.
    fn next(&mut self) -> Token {
        let it = self.tokens[self.at].clone();
        self.at = (self.at + 1).min(self.tokens.len() - 1);
        it
    }

    fn word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Token::Name(it, false) if it.eq_ignore_ascii_case(word));
        if found {
            self.next();
        }
        found
    }

    fn symbol(&mut self, symbol: &'static str) -> bool {
        let found = *self.peek() == Token::Symbol(symbol);
        if found {
            self.next();
        }
        found
    }

    fn expect(&mut self, symbol: &'static str) -> Result<(), Wrong> {
        if self.symbol(symbol) { Ok(()) } else { Err(self.unexpected(symbol)) }
    }

    fn unexpected(&self, wanted: &str) -> Wrong {
        let found = match self.peek() {
            Token::Name(it, _) | Token::Text(it) | Token::Number(it) => shortened(it),
            Token::Symbol(it) => (*it).to_owned(),
            Token::End => "结尾 the end".to_owned(),
        };
        format!("此处应为 {wanted}，却是 `{found}` / expected {wanted}, found `{found}`")
    }

    fn deeper(&mut self) -> Result<(), Wrong> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(format!("嵌套超过 {MAX_DEPTH} 层 / at most {MAX_DEPTH} levels"));
        }
        Ok(())
    }

    fn either(&mut self) -> Result<Expr, Wrong> {
        let mut parts = vec![self.all()?];
        while self.word("or") {
            parts.push(self.all()?);
        }
        Ok(joined(parts, Kind::Or))
    }

    fn all(&mut self) -> Result<Expr, Wrong> {
        let mut parts = vec![self.negated()?];
        while self.word("and") {
            parts.push(self.negated()?);
        }
        Ok(joined(parts, Kind::And))
    }

    fn negated(&mut self) -> Result<Expr, Wrong> {
        if self.word("not") {
            self.deeper()?;
            let it = self.negated()?;
            self.depth -= 1;
            return Ok(new(Kind::Not(Box::new(it))));
        }
        if self.symbol("(") {
            self.deeper()?;
            let it = self.either()?;
            self.expect(")")?;
            self.depth -= 1;
            return Ok(it);
        }
        self.predicate()
    }

    fn predicate(&mut self) -> Result<Expr, Wrong> {
        let value = self.operand()?;
        let kind = self.type_of(&value);
        if self.word("is") {
            let negated = self.word("not");
            if !self.word("null") {
                return Err(self.unexpected("NULL"));
            }
            return Ok(new(Kind::IsNull { value: Box::new(value), negated }));
        }
        let negated = self.word("not");
        if self.word("in") {
            let list = self.list(kind)?;
            return Ok(new(Kind::In { value: Box::new(value), list, negated }));
        }
        if self.word("like") {
            let pattern = Box::new(new(Kind::Text(self.pattern()?)));
            return Ok(new(Kind::Like { value: Box::new(value), pattern, negated }));
        }
        if self.word("between") {
            let low = Box::new(typed(self.operand()?, kind)?);
            if !self.word("and") {
                return Err(self.unexpected("AND"));
            }
            let high = Box::new(typed(self.operand()?, kind)?);
            return Ok(new(Kind::Between { value: Box::new(value), low, high, negated }));
        }
        if negated {
            return Err(self.unexpected("IN, LIKE, BETWEEN"));
        }
        let op = match self.peek() {
            Token::Symbol("=") => CompareOp::Equal,
            Token::Symbol("<>" | "!=") => CompareOp::NotEqual,
            Token::Symbol("<") => CompareOp::Less,
            Token::Symbol("<=") => CompareOp::LessOrEqual,
            Token::Symbol(">") => CompareOp::Greater,
            Token::Symbol(">=") => CompareOp::GreaterOrEqual,
            _ => return Err(self.unexpected("= <> < <= > >= IN LIKE BETWEEN IS")),
        };
        self.next();
        let other = self.operand()?;
        let kind = kind.or_else(|| self.type_of(&other));
        let (left, right) = (typed(value, kind)?, typed(other, kind)?);
        Ok(new(Kind::Compare(op, Box::new(left), Box::new(right))))
    }

    fn list(&mut self, kind: Option<Type>) -> Result<Vec<Expr>, Wrong> {
        self.expect("(")?;
        let mut list = vec![typed(self.operand()?, kind)?];
        while self.symbol(",") {
            if list.len() == MAX_LIST {
                return Err(format!(
                    "列表至多 {MAX_LIST} 个值 / at most {MAX_LIST} values in a list"
                ));
            }
            list.push(typed(self.operand()?, kind)?);
        }
        self.expect(")")?;
        Ok(list)
    }

    /// The text after `LIKE`, with `\` before what stands for itself.
    fn pattern(&mut self) -> Result<String, Wrong> {
        let Token::Text(text) = self.peek().clone() else {
            return Err(self.unexpected("'text'"));
        };
        self.next();
        let escape = if self.word("escape") {
            match self.next() {
                Token::Text(it) if it.chars().count() == 1 => it.chars().next(),
                _ => return Err("ESCAPE 后应为一个字符 / ESCAPE takes one character".to_owned()),
            }
        } else {
            None
        };
        let mut out = String::with_capacity(text.len());
        let mut characters = text.chars();
        while let Some(it) = characters.next() {
            if Some(it) == escape {
                let it = characters.next().unwrap_or(it);
                out.extend("%_\\".contains(it).then_some('\\'));
                out.push(it);
            } else {
                out.extend((it == '\\').then_some('\\'));
                out.push(it);
            }
        }
        Ok(out)
    }

    /// A field, a value, or `UPPER` or `LOWER` of one.
    fn operand(&mut self) -> Result<Expr, Wrong> {
        let minus = self.symbol("-");
        if minus || self.symbol("+") {
            let Token::Number(text) = self.next() else {
                return Err("负号后应为数字 / a sign stands before a number".to_owned());
            };
            let it = exact(&text)?;
            return Ok(new(Kind::Number(if minus { -it } else { it })));
        }
        if !matches!(self.peek(), Token::Name(..) | Token::Text(_) | Token::Number(_)) {
            return Err(self.unexpected("字段或值 / a field or a value"));
        }
        match self.next() {
            Token::Text(it) => Ok(new(Kind::Text(it))),
            Token::Number(it) => Ok(new(Kind::Number(exact(&it)?))),
            Token::Name(name, false) => self.named(&name),
            Token::Name(name, true) => Ok(self.field(&name)),
            Token::Symbol(_) | Token::End => Err(self.unexpected("字段或值 / a field or a value")),
        }
    }

    /// What a word that is not in quotes begins.
    fn named(&mut self, name: &str) -> Result<Expr, Wrong> {
        let lower = name.to_ascii_lowercase();
        if let Token::Text(text) = self.peek().clone() {
            let kind = match lower.as_str() {
                "date" => Some(Kind::Date(date(&text)?)),
                "timestamp" => Some(moment(&text)?),
                // Texts in Unicode, as they all are here.
                "n" => Some(Kind::Text(text)),
                _ => None,
            };
            if let Some(kind) = kind {
                self.next();
                return Ok(new(kind));
            }
        }
        if self.symbol("(") {
            if self.of_groups && STATISTICS.contains(&lower.as_str()) {
                return self.of_group(&lower);
            }
            let function = match lower.as_str() {
                "upper" => Function::Upper,
                "lower" => Function::Lower,
                _ => {
                    return Err(format!(
                        "不支持函数 `{0}`，只有 UPPER、LOWER / no function `{0}` here: UPPER and LOWER only",
                        shortened(name)
                    ));
                }
            };
            self.deeper()?;
            let inner = self.operand()?;
            self.expect(")")?;
            self.depth -= 1;
            return Ok(new(Kind::Call(function, vec![inner])));
        }
        Ok(match lower.as_str() {
            "true" => new(Kind::Bool(true)),
            "false" => new(Kind::Bool(false)),
            _ => self.field(name),
        })
    }

    /// What a function of a group's rows is of, as one name.
    fn of_group(&mut self, function: &str) -> Result<Expr, Wrong> {
        let of = match self.peek().clone() {
            Token::Symbol("*") if function == "count" => "*".to_owned(),
            Token::Name(name, _) => {
                let last = name.rsplit('.').next().unwrap_or(&name);
                let own = field(last, self.fields).unwrap_or(last);
                if function == "count" && own == "id" { "*".to_owned() } else { own.to_owned() }
            }
            _ => return Err(self.unexpected("字段名 / a field's name")),
        };
        self.next();
        self.expect(")")?;
        Ok(new(Kind::Property(format!("{function}({of})"))))
    }

    /// A field by its name in any case, with or without the table's before it. One that is not there keeps its name: the
    /// selection says so.
    fn field(&self, name: &str) -> Expr {
        let last = name.rsplit('.').next().unwrap_or(name);
        new(Kind::Property(field(last, self.fields).unwrap_or(last).to_owned()))
    }

    fn type_of(&self, it: &Expr) -> Option<Type> {
        match &it.kind {
            Kind::Property(name) => self.fields.get(name).map(|it| it.kind),
            Kind::Call(..) => Some(Type::Text),
            _ => None,
        }
    }
}

/// The own name of a field that a client names in any case.
pub fn field<'a>(name: &str, fields: &'a BTreeMap<String, Field>) -> Option<&'a str> {
    let name = if name.eq_ignore_ascii_case(OBJECT_ID) { "id" } else { name };
    let exact = fields.get_key_value(name);
    let found = exact.or_else(|| fields.iter().find(|it| it.0.eq_ignore_ascii_case(name)));
    found.map(|it| it.0.as_str())
}

fn joined(mut parts: Vec<Expr>, kind: fn(Vec<Expr>) -> Kind) -> Expr {
    match (parts.pop(), parts.is_empty()) {
        (Some(one), true) => one,
        (last, _) => {
            parts.extend(last);
            new(kind(parts))
        }
    }
}

/// A value as the field that it is compared with has it: days where a client knows only times, yes and no where it knows
/// only numbers.
fn typed(it: Expr, kind: Option<Type>) -> Result<Expr, Wrong> {
    let kind = match (kind, &it.kind) {
        (Some(Type::Date), Kind::Text(text)) => Kind::Date(date(text)?),
        (Some(Type::Date), Kind::Timestamp(at)) => {
            if at.time() != chrono::NaiveTime::MIN {
                return Err("此字段只有日期，没有时刻：请写 00:00:00 或 DATE '2024-06-30' / this field has days without times: write 00:00:00 or DATE '2024-06-30'".to_owned());
            }
            Kind::Date(at.date_naive())
        }
        (Some(Type::Boolean), Kind::Number(number)) if *number == Decimal::ONE => Kind::Bool(true),
        (Some(Type::Boolean), Kind::Number(number)) if number.is_zero() => Kind::Bool(false),
        _ => return Ok(it),
    };
    Ok(new(kind))
}

fn exact(text: &str) -> Result<Decimal, Wrong> {
    let number = Decimal::from_str_exact(text).ok().or_else(|| Decimal::from_scientific(text).ok());
    number.ok_or_else(|| {
        format!("`{0}` 不是可精确表示的数字 / is no number of at most 28 digits", shortened(text))
    })
}

fn date(text: &str) -> Result<NaiveDate, Wrong> {
    match moment(text)? {
        Kind::Timestamp(at) if at.time() == chrono::NaiveTime::MIN => Ok(at.date_naive()),
        _ => Err(not_a_date(text)),
    }
}

/// `2024-06-30`, with or without a time.
fn moment(text: &str) -> Result<Kind, Wrong> {
    let text = text.trim();
    let full = if text.len() == 10 { format!("{text} 00:00:00") } else { text.replace('T', " ") };
    let full = full.trim_end_matches('Z').trim_end_matches(".000");
    let shaped = full.len() == 19 && full.is_ascii();
    let at = shaped.then(|| NaiveDateTime::parse_from_str(full, "%Y-%m-%d %H:%M:%S").ok());
    at.flatten().map(|it| Kind::Timestamp(it.and_utc())).ok_or_else(|| not_a_date(text))
}

fn not_a_date(text: &str) -> Wrong {
    format!("`{0}` 不是日期，应如 2024-06-30 / is no date such as 2024-06-30", shortened(text))
}
