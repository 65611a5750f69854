//! Tokens to a value: a precedence climber that computes as it reads, so the
//! only recursion is the nesting that the text shows.
//!
//! From the loosest: `+ -`, then `* / // %`, then a sign, then `**` or `^`
//! (from the right, `-2 ** 2` is -4), then `!`.

use crate::{
    error::CalcError,
    function::{constant, function, known},
    limits::{MAX_ARGUMENTS, MAX_DEPTH},
    token::{Placed, Token, tokens},
    value::Value,
};

/// Computes `expression`.
pub(crate) fn compute(expression: &str) -> Result<Value, CalcError> {
    let tokens = tokens(expression)?;
    if tokens.is_empty() {
        return Err(CalcError::Empty);
    }
    let mut reader = Reader { tokens: &tokens, next: 0, depth: 0 };
    let value = reader.sum()?;
    match reader.tokens.get(reader.next) {
        None => Ok(value),
        Some(_) => Err(reader.unexpected("an operator or the end")),
    }
}

struct Reader<'t> {
    tokens: &'t [Placed],
    next: usize,
    depth: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next).map(|placed| &placed.token)
    }

    fn take_if(&mut self, wanted: &Token) -> bool {
        let found = self.peek() == Some(wanted);
        self.next += usize::from(found);
        found
    }

    fn require(&mut self, wanted: &Token, expected: &'static str) -> Result<(), CalcError> {
        if self.take_if(wanted) { Ok(()) } else { Err(self.unexpected(expected)) }
    }

    fn unexpected(&self, expected: &'static str) -> CalcError {
        match self.tokens.get(self.next) {
            None => CalcError::Ends { expected },
            Some(placed) => CalcError::Unexpected { at: placed.at, found: spelling(&placed.token), expected },
        }
    }

    /// Runs `inner` one level deeper.
    fn deeper(&mut self, inner: fn(&mut Self) -> Result<Value, CalcError>) -> Result<Value, CalcError> {
        if self.depth == MAX_DEPTH {
            let at = self.tokens.get(self.next).map_or(0, |placed| placed.at);
            return Err(CalcError::TooDeep { at, most: MAX_DEPTH });
        }
        self.depth += 1;
        let value = inner(self);
        self.depth -= 1;
        value
    }

    fn sum(&mut self) -> Result<Value, CalcError> {
        let mut value = self.product()?;
        loop {
            if self.take_if(&Token::Plus) {
                value = value.plus(&self.product()?)?;
            } else if self.take_if(&Token::Minus) {
                value = value.minus(&self.product()?)?;
            } else {
                return Ok(value);
            }
        }
    }

    fn product(&mut self) -> Result<Value, CalcError> {
        let mut value = self.signed()?;
        loop {
            if self.take_if(&Token::Times) {
                value = value.times(&self.signed()?)?;
            } else if self.take_if(&Token::Over) {
                value = value.over(&self.signed()?)?;
            } else if self.take_if(&Token::FloorOver) {
                value = value.floor_over(&self.signed()?)?;
            } else if self.take_if(&Token::Modulo) {
                value = value.modulo(&self.signed()?)?;
            } else {
                return Ok(value);
            }
        }
    }

    fn signed(&mut self) -> Result<Value, CalcError> {
        if self.take_if(&Token::Minus) {
            return self.deeper(Self::signed).map(Value::negated);
        }
        if self.take_if(&Token::Plus) {
            return self.deeper(Self::signed);
        }
        self.power()
    }

    fn power(&mut self) -> Result<Value, CalcError> {
        let base = self.factorials()?;
        if !self.take_if(&Token::Power) {
            return Ok(base);
        }
        let exponent = self.deeper(Self::signed)?;
        base.power(&exponent)
    }

    fn factorials(&mut self) -> Result<Value, CalcError> {
        let mut value = self.atom()?;
        while self.take_if(&Token::Factorial) {
            value = match function("factorial") {
                Some(factorial) => factorial.call(&[value])?,
                None => value,
            };
        }
        Ok(value)
    }

    fn atom(&mut self) -> Result<Value, CalcError> {
        let expected = "a number, a name or a parenthesis";
        let Some(placed) = self.tokens.get(self.next) else { return Err(self.unexpected(expected)) };
        let at = placed.at;
        match &placed.token {
            Token::Number(number) => {
                self.next += 1;
                Ok(Value::exact(number.clone()))
            }
            Token::Open => {
                self.next += 1;
                let value = self.deeper(Self::sum)?;
                self.require(&Token::Close, "`)`")?;
                Ok(value)
            }
            Token::Name(name) => {
                let name = name.clone();
                self.next += 1;
                self.named(&name, at)
            }
            _ => Err(self.unexpected(expected)),
        }
    }

    fn named(&mut self, name: &str, at: usize) -> Result<Value, CalcError> {
        if let Some(function) = function(name) {
            self.require(&Token::Open, "`(` and the arguments")?;
            return function.call(&self.arguments()?);
        }
        constant(name).ok_or_else(|| CalcError::UnknownName { at, name: name.to_owned(), known: known() })
    }

    fn arguments(&mut self) -> Result<Vec<Value>, CalcError> {
        let mut values = Vec::new();
        if self.take_if(&Token::Close) {
            return Ok(values);
        }
        loop {
            values.push(self.deeper(Self::sum)?);
            if self.take_if(&Token::Close) {
                return Ok(values);
            }
            self.require(&Token::Comma, "`,` or `)`")?;
            if values.len() == MAX_ARGUMENTS {
                return Err(self.unexpected("`)`: there are too many arguments"));
            }
        }
    }
}

fn spelling(token: &Token) -> String {
    let text = match token {
        Token::Number(number) => return number.to_string(),
        Token::Name(name) => return name.clone(),
        Token::Plus => "+",
        Token::Minus => "-",
        Token::Times => "*",
        Token::Over => "/",
        Token::FloorOver => "//",
        Token::Modulo => "%",
        Token::Power => "**",
        Token::Factorial => "!",
        Token::Open => "(",
        Token::Close => ")",
        Token::Comma => ",",
    };
    text.to_owned()
}
