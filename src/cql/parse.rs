//! Tokens to a tree, by precedence climbing. Places where it may stop are counted, so it never recurses past its limits.

use crate::cql::MAX_BYTES;
use crate::cql::MAX_LIST;
use crate::cql::ast::ArithmeticOp;
use crate::cql::ast::CompareOp;
use crate::cql::ast::Expr;
use crate::cql::ast::Kind;
use crate::cql::ast::Span;
use crate::cql::cursor::Parser;
use crate::cql::cursor::quote;
use crate::cql::display::level;
use crate::cql::error::Error;
use crate::cql::error::nearest;
use crate::cql::functions;
use crate::cql::functions::Function;
use crate::cql::lex::Token;

/// Words that mean something by themselves; as a property's name they need double quotes.
pub const KEYWORDS: [&str; 11] =
    ["and", "or", "not", "like", "between", "in", "is", "null", "true", "false", "div"];

/// Calls of `expression` that may be open at once: a tree of 32 levels, each of them in brackets, with room for prefixes.
const MAX_CALLS: usize = 128;

/// Reads CQL2 text. Errors carry the place and a snippet; no input panics or takes longer than its length warrants.
pub fn parse(text: &str) -> Result<Expr, Error> {
    if text.len() > MAX_BYTES {
        let zh = format!("表达式超过 {MAX_BYTES} 字节");
        return Err(Error::new(
            Span::default(),
            zh,
            format!("an expression has at most {MAX_BYTES} bytes"),
        ));
    }
    whole(text).map_err(|it| it.within(text))
}

fn whole(text: &str) -> Result<Expr, Error> {
    let mut parser = Parser::new(text)?;
    if *parser.peek() == Token::End {
        return Err(parser.error("表达式是空的", "the expression is empty"));
    }
    let expr = parser.expression(level::OR)?;
    if *parser.peek() != Token::End {
        let near = match parser.peek() {
            Token::Name(word) => {
                nearest(word, ["AND", "OR", "IN", "LIKE", "BETWEEN", "IS", "NOT", "DIV"])
            }
            _ => None,
        };
        return Err(parser.expected(
            "运算符（AND、=、IN……）或结尾",
            "an operator (AND, =, IN, …) or the end",
            near,
        ));
    }
    Ok(expr)
}

impl Parser<'_> {
    /// An expression whose operators bind at least as tightly as `min`.
    pub(super) fn expression(&mut self, min: u8) -> Result<Expr, Error> {
        self.calls += 1;
        if self.calls > MAX_CALLS {
            return Err(self.too_deep());
        }
        let start = self.at();
        let mut left = self.prefix(min)?;
        loop {
            match self.operator(left, min, start)? {
                Step::Grown(expr) => left = expr,
                Step::Done(expr) => {
                    self.calls -= 1;
                    return Ok(expr);
                }
            }
        }
    }

    /// Takes one operator after `left`, or hands `left` back.
    fn operator(&mut self, left: Expr, min: u8, start: Span) -> Result<Step, Error> {
        Ok(match self.peek().clone() {
            Token::Name(_) if self.is_word("or") && min <= level::OR => {
                self.chain(left, level::OR, start)?
            }
            Token::Name(_) if self.is_word("and") && min <= level::AND => {
                self.chain(left, level::AND, start)?
            }
            Token::Name(_) | Token::Symbol(_)
                if min <= level::COMPARE && self.begins_comparison() =>
            {
                let compared = self.comparison(left, start)?;
                if self.begins_comparison() {
                    return Err(self.error(
                        "比较不能连写，请用 AND 分开",
                        "comparisons cannot be chained; join two with AND",
                    ));
                }
                Step::Grown(compared)
            }
            _ => match self.arithmetic().filter(|(_, bind)| min <= *bind) {
                Some((op, bind)) => {
                    self.advance();
                    let right = self.expression(bind + 1)?;
                    let grown =
                        self.node(Kind::Arithmetic(op, Box::new(left), Box::new(right)), start)?;
                    if bind == level::POWER && self.is_symbol("^") {
                        return Err(
                            self.error("连续的 ^ 请加括号", "put brackets around repeated ^")
                        );
                    }
                    Step::Grown(grown)
                }
                None => Step::Done(left),
            },
        })
    }

    fn arithmetic(&self) -> Option<(ArithmeticOp, u8)> {
        if self.is_word("div") {
            return Some((ArithmeticOp::WholeDivide, level::MULTIPLY));
        }
        let Token::Symbol(symbol) = self.peek() else { return None };
        Some(match *symbol {
            "+" => (ArithmeticOp::Add, level::ADD),
            "-" => (ArithmeticOp::Subtract, level::ADD),
            "*" => (ArithmeticOp::Multiply, level::MULTIPLY),
            "/" => (ArithmeticOp::Divide, level::MULTIPLY),
            "%" => (ArithmeticOp::Remainder, level::MULTIPLY),
            "^" => (ArithmeticOp::Power, level::POWER),
            _ => return None,
        })
    }

    /// `a and b and c` as one part with three children, so that a long chain is not deep.
    fn chain(&mut self, first: Expr, bind: u8, start: Span) -> Result<Step, Error> {
        let word = if bind == level::OR { "or" } else { "and" };
        let mut parts = vec![first];
        while self.eat_word(word) {
            parts.push(self.expression(bind + 1)?);
        }
        let kind = if bind == level::OR { Kind::Or(parts) } else { Kind::And(parts) };
        Ok(Step::Grown(self.node(kind, start)?))
    }

    fn compare_op(&self) -> Option<CompareOp> {
        let Token::Symbol(symbol) = self.peek() else { return None };
        Some(match *symbol {
            "=" => CompareOp::Equal,
            "<>" => CompareOp::NotEqual,
            "<" => CompareOp::Less,
            "<=" => CompareOp::LessOrEqual,
            ">" => CompareOp::Greater,
            ">=" => CompareOp::GreaterOrEqual,
            _ => return None,
        })
    }

    fn begins_comparison(&self) -> bool {
        self.compare_op().is_some()
            || ["is", "in", "like", "between", "not"].iter().any(|it| self.is_word(it))
    }

    fn comparison(&mut self, left: Expr, start: Span) -> Result<Expr, Error> {
        let value = Box::new(left);
        if let Some(op) = self.compare_op() {
            self.advance();
            let right = Box::new(self.expression(level::ADD)?);
            return self.node(Kind::Compare(op, value, right), start);
        }
        if self.eat_word("is") {
            let negated = self.eat_word("not");
            if !self.eat_word("null") {
                return Err(self.expected(" NULL", "NULL", None));
            }
            return self.node(Kind::IsNull { value, negated }, start);
        }
        let negated = self.eat_word("not");
        if self.eat_word("like") {
            let pattern = Box::new(self.expression(level::ADD)?);
            return self.node(Kind::Like { value, pattern, negated }, start);
        }
        if self.eat_word("between") {
            let low = Box::new(self.expression(level::ADD)?);
            if !self.eat_word("and") {
                return Err(self.expected(" AND", "AND", None));
            }
            let high = Box::new(self.expression(level::ADD)?);
            return self.node(Kind::Between { value, low, high, negated }, start);
        }
        if self.eat_word("in") {
            let list = self.list()?;
            if list.is_empty() {
                return Err(self.error("IN 的列表是空的", "the list of IN is empty"));
            }
            return self.node(Kind::In { value, list, negated }, start);
        }
        Err(self.expected(" LIKE、BETWEEN 或 IN", "LIKE, BETWEEN or IN", None))
    }

    /// Values in brackets, with commas; the brackets may be empty.
    fn list(&mut self) -> Result<Vec<Expr>, Error> {
        self.open()?;
        let mut list = Vec::new();
        while !self.is_symbol(")") {
            if !list.is_empty() {
                self.expect_symbol(",")?;
            }
            if list.len() == MAX_LIST {
                return Err(self.error(
                    format!("列表超过 {MAX_LIST} 个值"),
                    format!("a list has at most {MAX_LIST} values"),
                ));
            }
            list.push(self.expression(level::OR)?);
        }
        self.close()?;
        Ok(list)
    }

    fn prefix(&mut self, min: u8) -> Result<Expr, Error> {
        let start = self.at();
        match self.peek().clone() {
            Token::Number(text) => {
                let value = self.decimal(text, false)?;
                self.advance();
                self.node(Kind::Number(value), start)
            }
            Token::Text(text) => {
                self.advance();
                self.node(Kind::Text(text), start)
            }
            Token::Quoted(name) => {
                self.advance();
                self.node(Kind::Property(name), start)
            }
            Token::Symbol("(") => {
                self.open()?;
                let inner = self.expression(level::OR)?;
                self.close()?;
                Ok(inner)
            }
            Token::Symbol(sign @ ("-" | "+")) => {
                self.advance();
                if let Token::Number(text) = self.peek().clone() {
                    let value = self.decimal(text, sign == "-")?;
                    self.advance();
                    return self.node(Kind::Number(value), start);
                }
                if sign == "+" {
                    return Err(self.expected("数字", "a number", None));
                }
                let operand = Box::new(self.expression(level::NEGATE)?);
                self.node(Kind::Negate(operand), start)
            }
            Token::Name(word) => self.word(word, min),
            Token::Symbol(_) | Token::End => {
                Err(self.expected("属性名、值或括号", "a property, a value or a bracket", None))
            }
        }
    }

    fn word(&mut self, word: &str, min: u8) -> Result<Expr, Error> {
        let start = self.at();
        match word.to_ascii_lowercase().as_str() {
            "not" if min <= level::NOT => {
                self.advance();
                let operand = Box::new(self.expression(level::NOT)?);
                return self.node(Kind::Not(operand), start);
            }
            "true" | "false" => {
                self.advance();
                return self.node(Kind::Bool(word.eq_ignore_ascii_case("true")), start);
            }
            "null" => {
                return Err(
                    self.error("缺失值请用 IS NULL 判断", "nothing equals NULL; ask with IS NULL")
                );
            }
            lower if KEYWORDS.contains(&lower) => {
                return Err(self.expected("属性名或值", "a property or a value", None));
            }
            _ => {}
        }
        if let Some(literal) = self.literal(word)? {
            return Ok(literal);
        }
        self.advance();
        if self.is_symbol("(") {
            return self.call(word, start);
        }
        self.node(Kind::Property(word.to_owned()), start)
    }

    fn call(&mut self, name: &str, start: Span) -> Result<Expr, Error> {
        let Some(function) = functions::find(name) else {
            let near =
                nearest(name, functions::names().chain(["DATE", "TIMESTAMP", "INTERVAL", "BBOX"]));
            let hint_zh = near.map(|it| format!("；是否为 {it}？")).unwrap_or_default();
            let hint_en = near.map(|it| format!("; did you mean {it}?")).unwrap_or_default();
            let name = quote(name);
            return Err(Error::new(
                start,
                format!("没有函数 {name}{hint_zh}"),
                format!("no function {name}{hint_en}"),
            ));
        };
        self.open()?;
        let mut arguments = Vec::new();
        for index in 0..function.arity() {
            if index > 0 {
                self.expect_symbol(",")?;
            }
            let at = self.at();
            let argument = if matches!(function, Function::Array(_)) && self.is_symbol("(") {
                let list = self.list()?;
                self.node(Kind::Array(list), at)?
            } else {
                self.expression(level::OR)?
            };
            arguments.push(argument);
        }
        self.close()?;
        self.node(Kind::Call(function, arguments), start)
    }
}

enum Step {
    /// The left side with one more operator.
    Grown(Expr),
    /// The left side, unchanged: what follows binds less.
    Done(Expr),
}
