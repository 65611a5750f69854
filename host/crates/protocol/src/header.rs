use std::borrow::Cow;

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::fault::Fault;

/// What is said with one HTTP header field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field<'a> {
    Absent,
    /// One value, without the white space around it.
    Text(&'a str),
    /// A value that is no visible ASCII, or several values: readers may
    /// differ on what it says, so nobody gets to act on it.
    Unreadable,
}

/// The header fields of one HTTP request.
pub trait Fields {
    /// The field `name`, whose case does not matter.
    fn field(&self, name: &str) -> Field<'_>;
}

/// A header value that says `=?base64?…?=` and is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected valid base64 of UTF-8 text between =?base64? and ?=")]
pub struct HeaderError;

/// The text that an `Mcp-Name` or `Mcp-Param-*` value stands for.
///
/// # Errors
/// It is marked as base64 and is none.
pub fn decode_value(value: &str) -> Result<Cow<'_, str>, HeaderError> {
    let Some(encoded) = value.strip_prefix("=?base64?").and_then(|rest| rest.strip_suffix("?=")) else {
        return Ok(Cow::Borrowed(value));
    };
    let bytes = STANDARD.decode(encoded).map_err(|_| HeaderError)?;
    String::from_utf8(bytes).map(Cow::Owned).map_err(|_| HeaderError)
}

/// Whether a request has to say with headers what it says in its body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Demand {
    Required,
    IfPresent,
}

/// `Mcp-Method` agrees with the body's `method`.
pub(crate) fn check_method(fields: &dyn Fields, method: Option<&str>, demand: Demand) -> Result<(), Fault> {
    match fields.field("Mcp-Method") {
        Field::Absent if demand == Demand::IfPresent => Ok(()),
        Field::Absent => Err(Fault::header_mismatch("missing header Mcp-Method")),
        Field::Text(value) if Some(value) == method => Ok(()),
        _ => Err(Fault::header_mismatch("header Mcp-Method does not agree with the body")),
    }
}

/// `Mcp-Name` agrees with what the body names.
pub(crate) fn check_name(fields: &dyn Fields, name: Option<&str>, demand: Demand) -> Result<(), Fault> {
    let differs = || Fault::header_mismatch("header Mcp-Name does not agree with the body");
    match fields.field("Mcp-Name") {
        Field::Absent if name.is_none() || demand == Demand::IfPresent => Ok(()),
        Field::Absent => Err(Fault::header_mismatch("missing header Mcp-Name")),
        Field::Unreadable => Err(differs()),
        Field::Text(value) => {
            let value =
                decode_value(value).map_err(|error| Fault::header_mismatch(format!("header Mcp-Name: {error}")))?;
            if name == Some(&*value) { Ok(()) } else { Err(differs()) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_marker_means_base64() {
        for (value, text) in [
            ("=?base64?SGVsbG8=?=", "Hello"),
            ("=?base64??=", ""),
            ("SGVsbG8=", "SGVsbG8="),
            ("=?base64?SGVsbG8=", "=?base64?SGVsbG8="),
            ("=?BASE64?SGVsbG8=?=", "=?BASE64?SGVsbG8=?="),
            ("=?base64?w6Q=?=", "ä"),
        ] {
            assert_eq!(decode_value(value).as_deref(), Ok(text), "{value}");
        }
    }

    #[test]
    fn bad_padding_a_foreign_alphabet_and_broken_utf8_are_refused() {
        for value in ["=?base64?SGVsbG8?=", "=?base64?SGVs!!!bG8=?=", "=?base64?_-_-?=", "=?base64?/w==?="] {
            assert_eq!(decode_value(value), Err(HeaderError), "{value}");
        }
    }
}
