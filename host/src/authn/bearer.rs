//! The credential of a request's head (RFC 6750 2.1).

use http::{HeaderMap, header};

use super::Unknown;

/// Longest credential that is looked at: tokens with many claims have a few
/// KiB. Answers "a header of 64 KiB that is hashed before it is refused".
const LONGEST: usize = 16 << 10;

/// The one credential that these headers carry, if they carry any.
pub(super) fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Unknown> {
    let mut fields = headers.get_all(header::AUTHORIZATION).iter();
    match (fields.next(), fields.next()) {
        (None, _) => Ok(None),
        (Some(field), None) => credential(field.as_bytes()).map(Some),
        _ => Err(Unknown::Malformed),
    }
}

/// What follows `Bearer`. Of another scheme there is no credential here.
fn credential(field: &[u8]) -> Result<&str, Unknown> {
    let (scheme, rest) = field.split_at(field.iter().position(|b| *b == b' ').unwrap_or(field.len()));
    if !scheme.eq_ignore_ascii_case(b"bearer") {
        return Err(Unknown::Missing);
    }
    let credential = rest.trim_ascii();
    let plain = !credential.is_empty() && credential.len() <= LONGEST && credential.iter().all(u8::is_ascii_graphic);
    str::from_utf8(credential).ok().filter(|_| plain).ok_or(Unknown::Malformed)
}
