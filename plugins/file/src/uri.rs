//! `file:` URIs and paths.

use crate::error::FileError;

const SCHEME: &str = "file://";

/// The URI of the file at `path`, which is absolute.
pub fn to_uri(path: &str) -> String {
    let mut uri = SCHEME.to_owned();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~!$&'()*+,;=:@".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}

/// The path that `uri` names.
pub fn to_path(uri: &str) -> Result<String, FileError> {
    let bad = |why: &str| FileError::Invalid(format!("`{uri}` {why}; expected file:///FOLDER/FILE"));
    let rest = uri.strip_prefix(SCHEME).ok_or_else(|| bad("is no file URI"))?;
    if !rest.starts_with('/') {
        return Err(bad("names a host"));
    }
    if rest.contains(['?', '#']) {
        return Err(bad("has a query or a fragment"));
    }
    let mut bytes = Vec::with_capacity(rest.len());
    let mut left = rest.as_bytes();
    while let [first, tail @ ..] = left {
        left = tail;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let pair = left.get(..2).and_then(|pair| std::str::from_utf8(pair).ok());
        let byte = pair.and_then(|pair| u8::from_str_radix(pair, 16).ok()).ok_or_else(|| bad("has a broken escape"))?;
        if byte == b'/' {
            return Err(bad("hides a slash"));
        }
        bytes.push(byte);
        left = &left[2..];
    }
    String::from_utf8(bytes).map_err(|_| bad("is not UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_comes_back_as_it_was() {
        for path in ["/data/a.txt", "/data/with space/ü%25.txt", "/data/#1?.md", "/data/a+b@c"] {
            let uri = to_uri(path);
            assert!(uri.is_ascii() && !uri.contains([' ', '#', '?']), "{uri}");
            assert_eq!(to_path(&uri).ok().as_deref(), Some(path), "{uri}");
        }
        assert_eq!(to_uri("/data/a b"), "file:///data/a%20b");
    }

    #[test]
    fn what_is_no_path_is_refused() {
        for uri in [
            "http:///a",
            "file://host/a",
            "file:///a%2Fb",
            "file:///a%zz",
            "file:///a%2",
            "file:///a?b",
            "file:///%ff",
            "file:a",
        ] {
            assert!(to_path(uri).is_err(), "{uri}: {:?}", to_path(uri));
        }
    }
}
