//! Why an expression has no value.

use thiserror::Error;

/// What is wrong, in words for whoever wrote the expression. Positions count
/// characters from 1.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum CalcError {
    #[error("the expression is empty")]
    Empty,
    #[error("the expression has {found} characters; at most {most} are taken")]
    TooLong { found: usize, most: usize },
    #[error("at {at}: `{found}` does not belong here; expected {expected}")]
    Unexpected { at: usize, found: String, expected: &'static str },
    #[error("the expression ends where {expected} should follow")]
    Ends { expected: &'static str },
    #[error("at {at}: parentheses, signs and powers nest deeper than {most}")]
    TooDeep { at: usize, most: usize },
    #[error("at {at}: `{text}` is not a number")]
    BadNumber { at: usize, text: String },
    #[error("at {at}: there is no `{name}`; there are {known}")]
    UnknownName { at: usize, name: String, known: String },
    #[error("`{name}` takes {takes}, not {found}")]
    Arguments { name: &'static str, takes: &'static str, found: usize },
    #[error("division by zero")]
    DivisionByZero,
    #[error("`{name}` is not defined for {value}: it needs {needs}")]
    Undefined { name: &'static str, value: String, needs: &'static str },
    #[error("a result would have more than {most} digits")]
    TooLarge { most: usize },
}
