//! SQLite's values as JSON, and back. What JSON cannot hold as it is becomes
//! an object with one key that names its type, and is taken back in the same
//! form.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bulkhead_sdk::{
    Error, Result,
    serde_json::{Number, Value, json},
};
use rusqlite::types::{Value as Sql, ValueRef};

use crate::limits::MAX_CELL_BYTES;

/// The largest integer up to which a double, and so every JSON reader, holds
/// each.
const MAX_SAFE_INTEGER: i64 = (1 << 53) - 1;

/// What is told of `value`.
pub(crate) fn to_json(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) if number.unsigned_abs() <= MAX_SAFE_INTEGER.unsigned_abs() => number.into(),
        ValueRef::Integer(number) => json!({"integer": number.to_string()}),
        ValueRef::Real(number) => {
            Number::from_f64(number).map_or_else(|| json!({"real": number.to_string()}), Value::Number)
        }
        ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => tell_text(text),
            Err(_) => tell_bytes("text", bytes),
        },
        ValueRef::Blob(bytes) => tell_bytes("blob", bytes),
    }
}

fn tell_text(text: &str) -> Value {
    if text.len() <= MAX_CELL_BYTES {
        return text.into();
    }
    let begins = &text[..text.floor_char_boundary(MAX_CELL_BYTES)];
    json!({"begins": begins, "bytes": text.len()})
}

/// `kind` is `blob`, or `text` for one that is not UTF-8.
fn tell_bytes(kind: &str, bytes: &[u8]) -> Value {
    if bytes.len() <= MAX_CELL_BYTES {
        return json!({kind: STANDARD.encode(bytes)});
    }
    json!({"begins": {kind: STANDARD.encode(&bytes[..MAX_CELL_BYTES])}, "bytes": bytes.len()})
}

/// The value that a caller means by `value`.
pub(crate) fn to_sql(value: &Value) -> Result<Sql> {
    match value {
        Value::Null => Ok(Sql::Null),
        Value::Bool(is) => Ok(Sql::Integer((*is).into())),
        Value::Number(number) => number_to_sql(number),
        Value::String(text) => Ok(Sql::Text(text.clone())),
        Value::Object(typed) if typed.len() == 1 => {
            let (kind, text) = typed.iter().next().ok_or_else(expected)?;
            typed_to_sql(kind, text.as_str().ok_or_else(expected)?)
        }
        Value::Object(_) | Value::Array(_) => Err(expected()),
    }
}

fn number_to_sql(number: &Number) -> Result<Sql> {
    if let Some(integer) = number.as_i64() {
        return Ok(Sql::Integer(integer));
    }
    if number.is_u64() {
        return Err(Error::invalid(format!("{number} is beyond SQLite's integers, which have 64 bits and a sign")));
    }
    number.as_f64().map(Sql::Real).ok_or_else(expected)
}

fn typed_to_sql(kind: &str, text: &str) -> Result<Sql> {
    match kind {
        "integer" => text.parse().map(Sql::Integer).map_err(|_| expected()),
        "real" => text.parse().map(Sql::Real).map_err(|_| expected()),
        "blob" => STANDARD.decode(text).map(Sql::Blob).map_err(|_| expected()),
        _ => Err(expected()),
    }
}

fn expected() -> Error {
    Error::invalid(
        "a parameter is null, a boolean, a number, a text, {\"integer\": \"…\"}, {\"real\": \"…\"} or {\"blob\": \
         \"base64\"}",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_is_taken_back_as_it_was() {
        let values = [
            Sql::Null,
            Sql::Integer(0),
            Sql::Integer(MAX_SAFE_INTEGER),
            Sql::Integer(MAX_SAFE_INTEGER + 1),
            Sql::Integer(i64::MIN),
            Sql::Integer(i64::MAX),
            Sql::Real(0.1),
            Sql::Real(f64::INFINITY),
            Sql::Text("ü'; DROP".to_owned()),
            Sql::Blob(vec![0, 255]),
        ];
        for value in values {
            let told = to_json(ValueRef::from(&value));
            assert_eq!(to_sql(&told).expect("a value"), value, "{told}");
        }
        // A whole number that was a real stays one.
        assert_eq!(to_json(ValueRef::Real(2.0)).to_string(), "2.0");
    }

    #[test]
    fn what_is_large_is_cut_and_says_its_size() {
        let text = "é".repeat(MAX_CELL_BYTES);
        let told = to_json(ValueRef::Text(text.as_bytes()));
        assert_eq!(told["bytes"], MAX_CELL_BYTES * 2);
        assert!(told["begins"].as_str().is_some_and(|begins| begins.len() <= MAX_CELL_BYTES));
        let told = to_json(ValueRef::Blob(&vec![1; MAX_CELL_BYTES + 1]));
        assert_eq!(told["bytes"], MAX_CELL_BYTES + 1);
        assert_eq!(to_json(ValueRef::Text(b"\xff")), json!({"text": "/w=="}));
    }

    #[test]
    fn what_is_no_value_is_refused() {
        for bad in [json!([]), json!({}), json!({"blob": 1}), json!({"blob": "*"}), json!({"x": "1"}), json!(u64::MAX)]
        {
            assert!(to_sql(&bad).is_err(), "{bad}");
        }
    }
}
