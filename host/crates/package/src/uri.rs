//! What a URI is at the least: it says by its scheme how it is to be read.

/// Whether `text` begins with a scheme (RFC 3986 section 3.1).
///
/// ```
/// use bulkhead_package::has_scheme;
///
/// assert!(has_scheme("notes:///today") && has_scheme("urn:isbn:0451450523"));
/// assert!(!has_scheme("today") && !has_scheme("//host/a") && !has_scheme("a b:c"));
/// ```
#[must_use]
pub fn has_scheme(text: &str) -> bool {
    text.split_once(':').is_some_and(|(scheme, _)| is_scheme(scheme))
}

/// Whether `text` is a scheme.
pub(crate) fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
}
