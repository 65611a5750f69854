//! Values to text.

use dashu_base::Sign;
use dashu_float::DBig;

use crate::{
    limits::{MAX_DIGITS, SHOWN_DIGITS},
    value::Value,
};

/// Most zeros that are written out between the point and the digits.
const MAX_ZEROS: usize = 20;

/// Digits of a number that an error quotes.
const BRIEF_DIGITS: usize = 12;

/// `value` in digits, and whether they are all of it.
pub(crate) fn show(value: &Value) -> (String, bool) {
    if value.is_exact() {
        if let Some(whole) = value.whole() {
            return (whole.to_string(), true);
        }
        if let Some(decimal) = terminating(value) {
            return (plain(&decimal), true);
        }
    }
    (plain(&value.decimal(SHOWN_DIGITS)), false)
}

/// `value` in few digits.
pub(crate) fn brief(value: &Value) -> String {
    plain(&value.decimal(BRIEF_DIGITS))
}

/// The value as a decimal fraction, if it has an end within the bounds.
fn terminating(value: &Value) -> Option<DBig> {
    let decimal = DBig::try_from(value.number().clone()).ok()?;
    (decimal.digits() <= MAX_DIGITS).then_some(decimal)
}

fn plain(decimal: &DBig) -> String {
    let (significand, exponent) = decimal.clone().into_repr().into_parts();
    let (sign, magnitude) = significand.into_parts();
    let minus = if sign == Sign::Negative { "-" } else { "" };
    let digits = magnitude.to_string();
    let trimmed = match digits.trim_end_matches('0') {
        "" => return "0".to_owned(),
        some => some,
    };
    let dropped = digits.len() - trimmed.len();
    let exponent = exponent + isize::try_from(dropped).unwrap_or(0);
    let places = exponent.unsigned_abs();
    let text = match (exponent < 0, trimmed.len().checked_sub(places)) {
        (false, _) if trimmed.len() + places <= SHOWN_DIGITS => format!("{trimmed}{}", "0".repeat(places)),
        (true, Some(whole)) if whole > 0 => format!("{}.{}", &trimmed[..whole], &trimmed[whole..]),
        (true, _) if places - trimmed.len() <= MAX_ZEROS => {
            format!("0.{}{trimmed}", "0".repeat(places - trimmed.len()))
        }
        _ => scientific(trimmed, exponent),
    };
    format!("{minus}{text}")
}

fn scientific(digits: &str, exponent: isize) -> String {
    let adjusted = exponent + isize::try_from(digits.len() - 1).unwrap_or(0);
    match digits.split_at(1) {
        (first, "") => format!("{first}e{adjusted:+}"),
        (first, rest) => format!("{first}.{rest}e{adjusted:+}"),
    }
}
