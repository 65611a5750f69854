//! Numbers out of JSON: the same that their schemas accept, none rounded but to
//! the precision that its type has.

use bulkhead_package::foreign::{EXACT_DIGITS, Int, LARGEST_NUMBER, NAMED_FLOATS};
use bulkhead_protocol::json::{Json, Kind};
use wasmtime::component::Val;

use super::read::{Read, unfit};

/// A finite number.
fn number(json: Json<'_>) -> Read<f64> {
    let number = (json.kind() == Kind::Number).then(|| json.get().parse().ok()).flatten();
    number.filter(|number: &f64| number.is_finite()).map_or_else(|| unfit("a number"), Ok)
}

/// What JSON has no number for.
fn named(json: Json<'_>) -> Option<f64> {
    let text = json.text()?;
    NAMED_FLOATS.contains(&&*text).then(|| text.parse().ok()).flatten()
}

pub(super) fn double(json: Json<'_>) -> Read<f64> {
    named(json).map_or_else(|| number(json), Ok)
}

/// The nearest single.
pub(super) fn single(json: Json<'_>) -> Read<f32> {
    if named(json).is_some() {
        return json.text().and_then(|text| text.parse().ok()).map_or_else(|| unfit("a number"), Ok);
    }
    if number(json)?.abs() > f64::from(f32::MAX) {
        return unfit("a number of single precision");
    }
    json.get().parse().map_or_else(|_| unfit("a number"), Ok)
}

pub(super) fn whole(int: Int, json: Json<'_>) -> Read {
    let (least, most) = int.range();
    let found = match json.kind() {
        Kind::String if int.is_wide() => wide(json),
        Kind::Number => written(json.get()).filter(|found| !int.is_wide() || found.abs() <= LARGEST_NUMBER),
        _ => None,
    };
    let Some(found) = found.filter(|found| (least..=most).contains(found)) else {
        return unfit(if int.is_wide() {
            format!("a whole number from {least} to {most}, beyond {EXACT_DIGITS} digits as a string")
        } else {
            format!("a whole number from {least} to {most}")
        });
    };
    let value = match int {
        Int::S8 => found.try_into().map(Val::S8),
        Int::U8 => found.try_into().map(Val::U8),
        Int::S16 => found.try_into().map(Val::S16),
        Int::U16 => found.try_into().map(Val::U16),
        Int::S32 => found.try_into().map(Val::S32),
        Int::U32 => found.try_into().map(Val::U32),
        Int::S64 => found.try_into().map(Val::S64),
        Int::U64 => found.try_into().map(Val::U64),
    };
    value.map_or_else(|_| unfit("a whole number"), Ok)
}

/// A JSON number that is whole, however it is written: `3`, `3.0`, `3e0`.
fn written(text: &str) -> Option<i128> {
    if !text.contains(['.', 'e', 'E']) {
        return text.parse().ok();
    }
    let number: f64 = text.parse().ok()?;
    let is_exact = number.fract() == 0.0 && number.abs() < 1e15;
    #[expect(clippy::cast_possible_truncation, reason = "whole, and far smaller than what it becomes")]
    is_exact.then_some(number as i128)
}

/// A decimal number of more digits than JSON numbers are used for, in its one spelling.
fn wide(json: Json<'_>) -> Option<i128> {
    let text = json.text()?;
    let digits = text.strip_prefix('-').unwrap_or(&text);
    let is_long = digits.len() > EXACT_DIGITS as usize && !digits.starts_with('0');
    let is_plain = is_long && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_plain.then(|| text.parse().ok()).flatten()
}
