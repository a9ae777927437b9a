//! Text to tokens. One pass, no recursion, no backtracking.

use crate::cql::ast::Span;
use crate::cql::error::Error;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Token<'a> {
    /// An unquoted name or a keyword.
    Name(&'a str),
    /// A name in double quotes.
    Quoted(String),
    Text(String),
    /// An unsigned number as written.
    Number(&'a str),
    Symbol(&'static str),
    End,
}

impl Token<'_> {
    /// What stands there, less its quotes.
    pub fn text(&self) -> &str {
        match self {
            Token::Name(it) | Token::Number(it) | Token::Symbol(it) => it,
            Token::Quoted(it) | Token::Text(it) => it,
            Token::End => "",
        }
    }
}

/// Longest first, so that `<=` is not read as `<`.
const SYMBOLS: [&str; 15] =
    ["<>", "<=", ">=", "(", ")", ",", "=", "<", ">", "+", "-", "*", "/", "%", "^"];

/// What people type from habit, and what CQL2 says instead.
const HABITS: [(&str, &str); 6] =
    [("!=", "<>"), ("==", "="), ("&&", "AND"), ("||", "OR"), ("`", "\""), ("!", "NOT")];

struct Lexer<'a> {
    text: &'a str,
    /// Bytes read.
    byte: usize,
    /// Characters read.
    at: usize,
}

/// All tokens of a text with their places; the last is `End`.
pub fn tokens(text: &str) -> Result<Vec<(Token<'_>, Span)>, Error> {
    let mut lexer = Lexer { text, byte: 0, at: 0 };
    let mut tokens = Vec::new();
    loop {
        lexer.take_while(char::is_whitespace);
        let start = lexer.at;
        let token = lexer.token()?;
        let ended = token == Token::End;
        tokens.push((token, Span { start, end: lexer.at }));
        if ended {
            return Ok(tokens);
        }
    }
}

/// Whether a name can stand without quotes.
pub fn is_plain_name(name: &str) -> bool {
    name.starts_with(begins_name) && name.chars().all(continues_name)
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.byte..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let character = self.peek()?;
        self.byte += character.len_utf8();
        self.at += 1;
        Some(character)
    }

    fn take_while(&mut self, keep: impl Fn(char) -> bool) -> &'a str {
        let start = self.byte;
        while self.peek().is_some_and(&keep) {
            self.next();
        }
        &self.text[start..self.byte]
    }

    fn error(&self, zh: impl Into<String>, en: impl Into<String>) -> Error {
        Error::new(Span { start: self.at, end: self.at + 1 }, zh, en)
    }

    fn token(&mut self) -> Result<Token<'a>, Error> {
        let Some(first) = self.peek() else { return Ok(Token::End) };
        if first == '\'' {
            return Ok(Token::Text(self.quoted('\'')?));
        }
        if first == '"' {
            let name = self.quoted('"')?;
            if name.is_empty() {
                return Err(self.error("引号中没有名称", "the quotes hold no name"));
            }
            return Ok(Token::Quoted(name));
        }
        let second = self.rest().chars().nth(1);
        if matches!(first, 'E' | 'e') && second == Some('\'') {
            return Ok(Token::Text(self.escaped()?));
        }
        if first.is_ascii_digit() || first == '.' && second.is_some_and(|it| it.is_ascii_digit()) {
            return self.number();
        }
        if begins_name(first) {
            return Ok(Token::Name(self.take_while(continues_name)));
        }
        if let Some((_, right)) = HABITS.iter().find(|(it, _)| self.rest().starts_with(it)) {
            return Err(self.error(format!("请写作 {right}"), format!("write {right} instead")));
        }
        if let Some(symbol) = SYMBOLS.iter().find(|it| self.rest().starts_with(**it)) {
            for _ in 0..symbol.len() {
                self.next();
            }
            return Ok(Token::Symbol(symbol));
        }
        Err(self.unexpected(first))
    }

    fn unexpected(&self, found: char) -> Error {
        let half = match found {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(found) - 0xfee0),
            '‘' | '’' => Some('\''),
            '“' | '”' => Some('"'),
            '、' => Some(','),
            _ => None,
        };
        if let Some(half) = half {
            return self.error(
                format!("`{found}` 是全角符号，请用半角 `{half}`"),
                format!("`{found}` is a full-width character; use `{half}`"),
            );
        }
        self.error(format!("不认识的字符 {found:?}"), format!("unknown character {found:?}"))
    }

    /// Text up to the closing quote. A doubled quote stands for one; in text so does `\'`.
    fn quoted(&mut self, quote: char) -> Result<String, Error> {
        let open = self.error("引号没有结束", "this quote is not closed");
        self.next();
        let mut content = String::new();
        loop {
            match self.next() {
                None => return Err(open),
                Some('\0') => {
                    return Err(self.error("不允许空字符", "a NUL character is not allowed"));
                }
                Some('\\') if quote == '\'' && self.peek() == Some('\'') => {
                    self.next();
                    content.push('\'');
                }
                Some(it) if it == quote => {
                    if self.peek() != Some(quote) {
                        return Ok(content);
                    }
                    self.next();
                    content.push(quote);
                }
                Some(it) => content.push(it),
            }
        }
    }

    /// `E'…'`, as PostgreSQL has it: a backslash takes the next character literally. CQL2 text cannot say a text that ends
    /// in a backslash, which CQL2 JSON, FES and SQL can.
    fn escaped(&mut self) -> Result<String, Error> {
        let open = self.error("引号没有结束", "this quote is not closed");
        self.next();
        self.next();
        let mut content = String::new();
        loop {
            let it = match self.next() {
                Some('\\') => self.next(),
                Some('\'') if self.peek() == Some('\'') => self.next(),
                Some('\'') => return Ok(content),
                other => other,
            };
            match it {
                None => return Err(open),
                Some('\0') => {
                    return Err(self.error("不允许空字符", "a NUL character is not allowed"));
                }
                Some(it) => content.push(it),
            }
        }
    }

    fn number(&mut self) -> Result<Token<'a>, Error> {
        let start = self.byte;
        self.take_while(|it| it.is_ascii_digit());
        if self.peek() == Some('.') {
            self.next();
            self.take_while(|it| it.is_ascii_digit());
        }
        if self.peek().is_some_and(|it| it == 'e' || it == 'E') {
            self.next();
            if self.peek().is_some_and(|it| it == '+' || it == '-') {
                self.next();
            }
            if self.take_while(|it| it.is_ascii_digit()).is_empty() {
                return Err(self.error("指数缺少数字", "the exponent has no digits"));
            }
        }
        if self.peek().is_some_and(continues_name) {
            return Err(self.error(
                "数字后面直接跟着字母；代码请加单引号",
                "a number runs into letters; put codes in single quotes",
            ));
        }
        Ok(Token::Number(&self.text[start..self.byte]))
    }
}

/// The grammar's identifierStart, less punctuation and full-width digits, which only look like names.
fn begins_name(it: char) -> bool {
    match it {
        ':' | '_' | 'A'..='Z' | 'a'..='z' | '\u{200c}' | '\u{200d}' => true,
        '\u{0}'..='\u{bf}' | '×' | '÷' | '\u{300}'..='\u{36f}' | '０'..='９' => false,
        _ => it.is_alphanumeric(),
    }
}

fn continues_name(it: char) -> bool {
    begins_name(it)
        || matches!(it, '.' | '0'..='9' | '\u{300}'..='\u{36f}' | '\u{203f}' | '\u{2040}')
}
