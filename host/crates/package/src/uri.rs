//! What a URI is at the least: who reads it can tell where it points.

/// Whether `text` begins with a scheme (RFC 3986 section 3.1) and holds nothing
/// that no URI holds: white space and control characters.
///
/// ```
/// use bulkhead_package::is_uri;
///
/// assert!(is_uri("notes:///today") && is_uri("urn:isbn:0451450523"));
/// assert!(!is_uri("today") && !is_uri("//host/a") && !is_uri("notes:///to day"));
/// ```
#[must_use]
pub fn is_uri(text: &str) -> bool {
    text.split_once(':').is_some_and(|(scheme, _)| is_scheme(scheme)) && is_unbroken(text)
}

/// Whether `text` is a scheme.
pub(crate) fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
}

/// Whether `text` holds neither white space nor control characters.
pub(crate) fn is_unbroken(text: &str) -> bool {
    !text.chars().any(|c| c.is_control() || c.is_whitespace())
}
