//! Where the parser stands among the tokens, and the limits that every step keeps.

use rust_decimal::Decimal;

use crate::cql::MAX_DEPTH;
use crate::cql::MAX_NODES;
use crate::cql::ast::Expr;
use crate::cql::ast::Kind;
use crate::cql::ast::Span;
use crate::cql::error::Error;
use crate::cql::lex::Token;
use crate::cql::lex::tokens;

/// Tokens and a place among them. What has been used of each limit is counted here.
pub struct Parser<'a> {
    tokens: Vec<(Token<'a>, Span)>,
    cursor: usize,
    nodes: usize,
    pub(super) calls: usize,
    brackets: u16,
    pub(super) vertices: usize,
}

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a str) -> Result<Self, Error> {
        let tokens = tokens(text)?;
        Ok(Self { tokens, cursor: 0, nodes: 0, calls: 0, brackets: 0, vertices: 0 })
    }

    pub(super) fn peek(&self) -> &Token<'a> {
        &self.tokens[self.cursor].0
    }

    fn peek_after(&self) -> &Token<'a> {
        &self.tokens[(self.cursor + 1).min(self.tokens.len() - 1)].0
    }

    pub(super) fn at(&self) -> Span {
        self.tokens[self.cursor].1
    }

    /// Moves past the current token; `End` is never passed.
    pub(super) fn advance(&mut self) {
        self.cursor = (self.cursor + 1).min(self.tokens.len() - 1);
    }

    pub(super) fn is_symbol(&self, symbol: &str) -> bool {
        matches!(self.peek(), Token::Symbol(it) if *it == symbol)
    }

    pub(super) fn eat_symbol(&mut self, symbol: &str) -> bool {
        let found = self.is_symbol(symbol);
        if found {
            self.advance();
        }
        found
    }

    pub(super) fn expect_symbol(&mut self, symbol: &'static str) -> Result<(), Error> {
        if self.eat_symbol(symbol) {
            return Ok(());
        }
        Err(self.expected(&format!("`{symbol}`"), &format!("`{symbol}`"), None))
    }

    pub(super) fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Token::Name(it) if it.eq_ignore_ascii_case(word))
    }

    pub(super) fn eat_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        if found {
            self.advance();
        }
        found
    }

    pub(super) fn error(&self, zh: impl Into<String>, en: impl Into<String>) -> Error {
        Error::new(self.at(), zh, en)
    }

    pub(super) fn expected(&self, zh: &str, en: &str, near: Option<&str>) -> Error {
        let (found_zh, found_en) = match self.peek() {
            Token::End => ("结尾".to_owned(), "the end".to_owned()),
            token => (quote(token.text()), quote(token.text())),
        };
        let hint_zh = near.map(|it| format!("；是否为 {it}？")).unwrap_or_default();
        let hint_en = near.map(|it| format!("; did you mean {it}?")).unwrap_or_default();
        self.error(
            format!("此处应为{zh}，却是 {found_zh}{hint_zh}"),
            format!("expected {en}, found {found_en}{hint_en}"),
        )
    }

    /// Builds a part that began at `start`, within the limits.
    pub(super) fn node(&mut self, kind: Kind, start: Span) -> Result<Expr, Error> {
        let end = self.tokens[self.cursor.saturating_sub(1)].1.end.max(start.end);
        let expr = Expr::new(kind, Span { start: start.start, end });
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return Err(self.error(
                format!("表达式超过 {MAX_NODES} 个部分"),
                format!("an expression has at most {MAX_NODES} parts"),
            ));
        }
        if expr.depth() > MAX_DEPTH {
            return Err(self.too_deep());
        }
        Ok(expr)
    }

    pub(super) fn too_deep(&self) -> Error {
        self.error(
            format!("表达式嵌套超过 {MAX_DEPTH} 层"),
            format!("an expression has at most {MAX_DEPTH} levels"),
        )
    }

    /// Enters a bracket; the caller leaves it with `close`.
    pub(super) fn open(&mut self) -> Result<(), Error> {
        self.expect_symbol("(")?;
        self.brackets += 1;
        if self.brackets > MAX_DEPTH { Err(self.too_deep()) } else { Ok(()) }
    }

    pub(super) fn close(&mut self) -> Result<(), Error> {
        self.brackets -= 1;
        self.expect_symbol(")")
    }

    /// An unsigned number's exact value; 28 significant digits, as a `Decimal` holds.
    pub(super) fn decimal(&self, text: &str, negative: bool) -> Result<Decimal, Error> {
        exact(text, negative).ok_or_else(|| {
            self.error(
                "数字超出可精确表示的 28 位；代码请加单引号",
                "a number has at most 28 exact digits; put codes in single quotes",
            )
        })
    }

    pub(super) fn next_is_bracket(&self) -> bool {
        matches!(self.peek_after(), Token::Symbol("("))
    }

    /// Whether the word after this one is the `Z` of a geometry with heights, and not a property's operator.
    pub(super) fn next_is_z(&self) -> bool {
        matches!(self.peek_after(), Token::Name(it) if it.eq_ignore_ascii_case("z"))
    }
}

/// At most 24 characters of what was found, for a message.
pub(super) fn quote(found: &str) -> String {
    let mut short: String = found.chars().take(24).collect();
    if short.len() < found.len() {
        short.push('…');
    }
    format!("`{short}`")
}

/// The value of a number as written, when 28 digits hold it exactly.
fn exact(text: &str, negative: bool) -> Option<Decimal> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{}", fraction.trim_end_matches('0'));
    let mut scale =
        i32::try_from(fraction.trim_end_matches('0').len()).ok()?.checked_sub(exponent)?;
    let mut digits = digits.trim_start_matches('0').to_owned();
    if digits.is_empty() {
        return Some(Decimal::ZERO);
    }
    while scale > 0 && digits.ends_with('0') {
        digits.pop();
        scale -= 1;
    }
    if scale < 0 {
        let zeros = usize::try_from(-scale).ok().filter(|it| *it < 30)?;
        digits.push_str(&"0".repeat(zeros));
        scale = 0;
    }
    if digits.len() > 28 {
        return None;
    }
    let number: i128 = digits.parse().ok()?;
    let signed = if negative { -number } else { number };
    Decimal::try_from_i128_with_scale(signed, u32::try_from(scale).ok()?).ok()
}
