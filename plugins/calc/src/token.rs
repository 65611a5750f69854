//! Text to tokens.

use dashu_int::{IBig, UBig};
use dashu_ratio::RBig;

use crate::{
    error::CalcError,
    limits::{MAX_DIGITS, MAX_EXPRESSION_CHARS},
};

/// One word of an expression.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Token {
    Number(RBig),
    Name(String),
    Plus,
    Minus,
    Times,
    Over,
    FloorOver,
    Modulo,
    Power,
    Factorial,
    Open,
    Close,
    Comma,
}

/// A token and the place of its first character, counted from 1.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Placed {
    pub(crate) token: Token,
    pub(crate) at: usize,
}

/// Splits `expression` into tokens.
pub(crate) fn tokens(expression: &str) -> Result<Vec<Placed>, CalcError> {
    let chars: Vec<char> = expression.chars().take(MAX_EXPRESSION_CHARS + 1).collect();
    if chars.len() > MAX_EXPRESSION_CHARS {
        return Err(CalcError::TooLong { found: expression.chars().count(), most: MAX_EXPRESSION_CHARS });
    }
    let mut scanner = Scanner { chars, next: 0 };
    let mut found = Vec::new();
    while let Some(first) = scanner.peek() {
        if first.is_whitespace() {
            scanner.next += 1;
            continue;
        }
        let at = scanner.next + 1;
        let token = scanner.token(first, at)?;
        found.push(Placed { token, at });
    }
    Ok(found)
}

struct Scanner {
    chars: Vec<char>,
    next: usize,
}

impl Scanner {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.next).copied()
    }

    fn take_if(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        self.next += usize::from(found);
        found
    }

    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> String {
        let start = self.next;
        while self.peek().is_some_and(&wanted) {
            self.next += 1;
        }
        self.chars[start..self.next].iter().collect()
    }

    fn token(&mut self, first: char, at: usize) -> Result<Token, CalcError> {
        if first.is_ascii_digit() || first == '.' {
            return self.number(at);
        }
        if first.is_alphabetic() || first == '_' {
            return Ok(Token::Name(self.take_while(|c| c.is_alphanumeric() || c == '_')));
        }
        self.next += 1;
        Ok(match first {
            '+' => Token::Plus,
            '-' | '\u{2212}' => Token::Minus,
            '*' if self.take_if('*') => Token::Power,
            '*' | '\u{d7}' | '\u{b7}' => Token::Times,
            '/' if self.take_if('/') => Token::FloorOver,
            '/' | '\u{f7}' => Token::Over,
            '%' => Token::Modulo,
            '^' => Token::Power,
            '!' => Token::Factorial,
            '(' => Token::Open,
            ')' => Token::Close,
            ',' => Token::Comma,
            other => {
                return Err(CalcError::Unexpected {
                    at,
                    found: other.escape_debug().to_string(),
                    expected: "a number, a name, an operator or a parenthesis",
                });
            }
        })
    }

    /// `12`, `1_000`, `.5`, `1.5e-3`, `0xff`, `0b101`.
    fn number(&mut self, at: usize) -> Result<Token, CalcError> {
        let start = self.next;
        if let Some(radix) = self.radix() {
            self.next += 2;
            let digits = self.take_while(|c| c.is_ascii_alphanumeric() || c == '_');
            let value = UBig::from_str_radix(&digits.replace('_', ""), radix);
            return value.map(|value| Token::Number(RBig::from(value))).map_err(|_| self.bad_number(start, at));
        }
        let whole = self.take_while(|c| c.is_ascii_digit() || c == '_').replace('_', "");
        let part = if self.take_if('.') {
            self.take_while(|c| c.is_ascii_digit() || c == '_').replace('_', "")
        } else {
            String::new()
        };
        if whole.is_empty() && part.is_empty() {
            return Err(self.bad_number(start, at));
        }
        let shift = self.exponent(start, at)?;
        if self.peek().is_some_and(|c| c == '.' || c.is_ascii_digit()) {
            self.next += 1;
            return Err(self.bad_number(start, at));
        }
        let digits = format!("{whole}{part}");
        let value = UBig::from_str_radix(&digits, 10).map_err(|_| self.bad_number(start, at))?;
        let places = i64::try_from(part.len()).unwrap_or(i64::MAX);
        scaled(IBig::from(value), shift.saturating_sub(places)).map(Token::Number)
    }

    fn radix(&self) -> Option<u32> {
        match (self.peek(), self.chars.get(self.next + 1)) {
            (Some('0'), Some('x' | 'X')) => Some(16),
            (Some('0'), Some('b' | 'B')) => Some(2),
            (Some('0'), Some('o' | 'O')) => Some(8),
            _ => None,
        }
    }

    /// `e5`, `e-5`: only when digits follow, so that `2e` is 2 and a name.
    fn exponent(&mut self, start: usize, at: usize) -> Result<i64, CalcError> {
        let sign = match self.chars.get(self.next..).unwrap_or_default() {
            ['e' | 'E', '-', digit, ..] if digit.is_ascii_digit() => "-",
            ['e' | 'E', '+', digit, ..] if digit.is_ascii_digit() => "+",
            ['e' | 'E', digit, ..] if digit.is_ascii_digit() => "",
            _ => return Ok(0),
        };
        self.next += 1 + sign.len();
        let digits = self.take_while(|c| c.is_ascii_digit());
        let size: i64 = digits.parse().map_err(|_| CalcError::TooLarge { most: MAX_DIGITS })?;
        if self.peek().is_some_and(char::is_alphabetic) {
            return Err(self.bad_number(start, at));
        }
        Ok(if sign == "-" { -size } else { size })
    }

    fn bad_number(&self, start: usize, at: usize) -> CalcError {
        CalcError::BadNumber { at, text: self.chars[start..self.next].iter().collect() }
    }
}

/// `value` times ten to the power of `shift`.
fn scaled(value: IBig, shift: i64) -> Result<RBig, CalcError> {
    let places = usize::try_from(shift.unsigned_abs()).unwrap_or(usize::MAX);
    if places > MAX_DIGITS {
        return Err(CalcError::TooLarge { most: MAX_DIGITS });
    }
    let power = UBig::from(10u8).pow(places);
    Ok(if shift < 0 { RBig::from_parts(value, power) } else { RBig::from(value * power) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Result<RBig, CalcError> {
        match tokens(text)?.as_slice() {
            [Placed { token: Token::Number(value), at: 1 }] => Ok(value.clone()),
            other => Err(CalcError::BadNumber { at: 0, text: format!("{other:?}") }),
        }
    }

    #[test]
    fn every_spelling_of_a_number_is_exact() {
        let tenth = RBig::from_parts(1.into(), 10u8.into());
        assert_eq!(number("0.1"), Ok(tenth.clone()));
        assert_eq!(number(".1"), Ok(tenth.clone()));
        assert_eq!(number("1e-1"), Ok(tenth));
        assert_eq!(number("1_000"), Ok(RBig::from(1000)));
        assert_eq!(number("1.5E+3"), Ok(RBig::from(1500)));
        assert_eq!(number("0xff"), Ok(RBig::from(255)));
        assert_eq!(number("0b101"), Ok(RBig::from(5)));
        assert_eq!(number("5."), Ok(RBig::from(5)));
    }

    #[test]
    fn what_is_no_number_is_told_with_its_place() {
        for text in ["1.2.3", ".", "0x", "0b2", "1e5x"] {
            assert!(matches!(number(text), Err(CalcError::BadNumber { at: 1, .. })), "{text}: {:?}", number(text));
        }
    }

    #[test]
    fn an_exponent_has_a_bound() {
        for text in ["1e10001", "1e-10001", "1e99999999999999999999"] {
            assert_eq!(number(text), Err(CalcError::TooLarge { most: MAX_DIGITS }), "{text}");
        }
    }

    #[test]
    fn a_stray_character_is_told_escaped() {
        let error = tokens("1 \u{7} 2");
        assert!(matches!(&error, Err(CalcError::Unexpected { at: 3, found, .. }) if found == "\\u{7}"), "{error:?}");
    }

    #[test]
    fn length_has_a_bound() {
        assert!(tokens(&"1".repeat(MAX_EXPRESSION_CHARS)).is_ok());
        let over = tokens(&"1".repeat(MAX_EXPRESSION_CHARS + 1));
        assert_eq!(over, Err(CalcError::TooLong { found: MAX_EXPRESSION_CHARS + 1, most: MAX_EXPRESSION_CHARS }));
    }
}
