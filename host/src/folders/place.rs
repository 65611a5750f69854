//! From a resource's URI to the guest path that it names.

/// The path of `uri`, percent-decoded, if it is the one spelling of a path:
/// absolute, no empty or dotted part, no query and no fragment. A `%2F` is no
/// slash, and so names nothing here.
pub(super) fn path_of(uri: &str) -> Option<String> {
    let (_, rest) = uri.split_once(':')?;
    if rest.contains(['?', '#']) {
        return None;
    }
    let path = match rest.strip_prefix("//") {
        Some(rest) => rest.get(rest.find('/')?..)?,
        None => rest,
    };
    let mut decoded = String::with_capacity(path.len());
    for part in path.strip_prefix('/')?.split('/') {
        let part = decode(part)?;
        if matches!(&*part, "" | "." | "..") || part.contains(['/', '\0']) {
            return None;
        }
        decoded.push('/');
        decoded.push_str(&part);
    }
    Some(decoded)
}

fn decode(part: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(part.len());
    let mut left = part.as_bytes();
    while let Some((first, rest)) = left.split_first() {
        left = rest;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let (pair, rest) = left.split_at_checked(2)?;
        let digit = |byte: u8| char::from(byte).to_digit(16);
        let byte = digit(*pair.first()?)? << 4 | digit(*pair.get(1)?)?;
        bytes.push(u8::try_from(byte).ok()?);
        left = rest;
    }
    String::from_utf8(bytes).ok()
}

/// What of `path` lies below the mount `at`.
pub(super) fn below<'a>(path: &'a str, at: &str) -> Option<&'a str> {
    path.strip_prefix(at.trim_end_matches('/'))?.strip_prefix('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uri_names_one_path_or_none() {
        for (uri, path) in [
            ("file:///data/a.txt", Some("/data/a.txt")),
            ("file:///data/a%20b/%C3%BC", Some("/data/a b/ü")),
            ("notes:/data/x", Some("/data/x")),
            ("file://host/data/x", Some("/data/x")),
            ("file:///data/%2e%2e/etc", None),
            ("file:///data/../etc", None),
            ("file:///data//x", None),
            ("file:///data%2Fx", None),
            ("file:///data/x?y", None),
            ("file:///data/%zz", None),
            ("file:///data/%f", None),
            ("file:///data/%ff", None),
            ("file:///data/%00", None),
            ("file://host", None),
            ("notes:x", None),
            ("data", None),
        ] {
            assert_eq!(path_of(uri).as_deref(), path, "{uri}");
        }
    }

    #[test]
    fn a_path_lies_below_whole_folders_only() {
        assert_eq!(below("/data/a/b", "/data"), Some("a/b"));
        assert_eq!(below("/data/a", "/"), Some("data/a"));
        assert_eq!(below("/database/a", "/data"), None);
        assert_eq!(below("/data", "/data"), None);
    }
}
