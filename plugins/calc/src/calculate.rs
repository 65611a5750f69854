//! The calculator by itself: text in, number out, no host.

use crate::{error::CalcError, parse, show};

/// What an expression comes to.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The number in decimal digits.
    pub digits: String,
    /// The nearest double, if there is one.
    pub double: Option<f64>,
    /// Whether `digits` is the whole truth.
    pub exact: bool,
}

/// Computes `expression`.
///
/// # Errors
/// It is no expression, has no value, or goes past the limits.
pub fn calculate(expression: &str) -> Result<Outcome, CalcError> {
    let value = parse::compute(expression)?;
    let (digits, exact) = show::show(&value);
    let double = value.number().to_f64().value();
    Ok(Outcome { digits, double: double.is_finite().then_some(double), exact })
}
