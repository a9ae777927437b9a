//! The words, texts, numbers and signs of a condition.

use crate::cql::MAX_NODES;
use crate::export::shortened;

use super::Wrong;

/// A part of a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    /// A word, and whether it stood in double quotes.
    Name(String, bool),
    Text(String),
    Number(String),
    Symbol(&'static str),
    End,
}

/// Longer ones first.
const SYMBOLS: [&str; 14] =
    ["<>", "!=", "<=", ">=", "=", "<", ">", "(", ")", ",", "+", "-", "*", ";"];

/// The parts of a text, and its end.
pub fn tokens(text: &str) -> Result<Vec<Token>, Wrong> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        if found.len() > 4 * MAX_NODES {
            return Err("条件过长 / the condition has too many parts".to_owned());
        }
        let (token, length) = if first == '\'' {
            let (it, length) = quoted(rest, '\'')?;
            (Token::Text(it), length)
        } else if first == '"' {
            let (it, length) = quoted(rest, '"')?;
            (Token::Name(it, true), length)
        } else if first.is_ascii_digit() || first == '.' {
            let length = number(rest);
            (Token::Number(rest[..length].to_owned()), length)
        } else if first.is_alphabetic() || first == '_' {
            let end = rest.find(|it: char| !(it.is_alphanumeric() || "_.".contains(it)));
            let length = end.unwrap_or(rest.len());
            (Token::Name(rest[..length].to_owned(), false), length)
        } else {
            let symbol = SYMBOLS.into_iter().find(|it| rest.starts_with(it));
            let symbol = symbol.ok_or_else(|| {
                format!("不认识 `{0}` / `{0}` is not understood", shortened(&first.to_string()))
            })?;
            (Token::Symbol(symbol), symbol.len())
        };
        found.push(token);
        rest = rest[length..].trim_start();
    }
    found.push(Token::End);
    Ok(found)
}

/// The text between quotes, doubled ones undone, and its length with them.
fn quoted(text: &str, quote: char) -> Result<(String, usize), Wrong> {
    let mut out = String::new();
    let mut characters = text.char_indices().skip(1).peekable();
    while let Some((at, it)) = characters.next() {
        if it != quote {
            out.push(it);
        } else if characters.peek().is_some_and(|it| it.1 == quote) {
            out.push(quote);
            characters.next();
        } else {
            return Ok((out, at + 1));
        }
    }
    Err(format!("引号 {quote} 没有结束 / a quote {quote} is not closed"))
}

/// Bytes of the number that begins here.
fn number(text: &str) -> usize {
    let digits = |from: usize| {
        text[from..].find(|it: char| !it.is_ascii_digit()).map_or(text.len(), |it| from + it)
    };
    let mut end = digits(0);
    if text[end..].starts_with('.') {
        end = digits(end + 1);
    }
    if text[end..].starts_with(['e', 'E']) {
        let sign = usize::from(text[end + 1..].starts_with(['+', '-']));
        let exponent = digits(end + 1 + sign);
        if exponent > end + 1 + sign {
            end = exponent;
        }
    }
    end
}
