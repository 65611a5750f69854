//! Where a request goes.

use crate::error::{Error, Result};

/// The parts that `wasi:http` wants apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Url<'a> {
    pub(crate) scheme: &'a str,
    pub(crate) authority: &'a str,
    pub(crate) path_with_query: &'a str,
}

impl<'a> Url<'a> {
    /// Reads `https://host[:port]/path?query`; a fragment is dropped.
    pub(crate) fn parse(text: &'a str) -> Result<Self> {
        let wrong = |why: &str| Error::failed(format!("{text:?} is no URL for a request: {why}"));
        let (scheme, rest) = text.split_once("://").ok_or_else(|| wrong("it begins with no scheme"))?;
        if !["http", "https"].contains(&scheme) {
            return Err(wrong("its scheme is neither http nor https"));
        }
        if text.bytes().any(|byte| byte <= b' ' || byte == 0x7F || !byte.is_ascii()) {
            return Err(wrong("it holds characters that must be percent-encoded"));
        }
        let rest = rest.split_once('#').map_or(rest, |(rest, _)| rest);
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path_with_query) = rest.split_at(end);
        if authority.is_empty() {
            return Err(wrong("it names no host"));
        }
        if authority.contains('@') {
            return Err(wrong("it holds user information; a secret comes from the host"));
        }
        Ok(Self { scheme, authority, path_with_query })
    }

    /// The host, without a port.
    pub(crate) fn host(&self) -> &'a str {
        match self.authority.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
            _ => self.authority,
        }
    }
}

/// `text` as a part of a query.
pub(crate) fn encode(text: &str, out: &mut String) {
    const DIGITS: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.extend(['%', DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_falls_into_its_parts() {
        let table = [
            ("https://a.example/b?c=d#e", ("https", "a.example", "/b?c=d", "a.example")),
            ("http://a.example:8080", ("http", "a.example:8080", "", "a.example")),
            ("https://[::1]:443?q", ("https", "[::1]:443", "?q", "[::1]")),
            ("https://[::1]/", ("https", "[::1]", "/", "[::1]")),
        ];
        for (text, expected) in table {
            let url = Url::parse(text).unwrap();
            assert_eq!((url.scheme, url.authority, url.path_with_query, url.host()), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_url_says_why() {
        let table = [
            ("a.example/b", "no scheme"),
            ("ftp://a.example", "neither http nor https"),
            ("https:///b", "no host"),
            ("https://user:pass@a.example/", "user information"),
            ("https://a.example/a b", "percent-encoded"),
            ("https://a.example/ü", "percent-encoded"),
            ("https://a.example/\r\nx: y", "percent-encoded"),
        ];
        for (text, expected) in table {
            let error = Url::parse(text).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn a_query_is_encoded() {
        let mut out = String::new();
        encode("a b&c=ü~", &mut out);
        assert_eq!(out, "a%20b%26c%3D%C3%BC~");
    }
}
