//! Which URIs a template covers: `{name}` stands for one path segment's worth
//! of text, `{+name}` for the rest of a path with its slashes.

/// The variables of `uri` if it fits `template`, percent-decoded.
pub(crate) fn variables(template: &str, uri: &str) -> Option<Vec<(String, String)>> {
    let mut found = Vec::new();
    fits(template, uri, &mut found).then_some(found)
}

fn fits(template: &str, uri: &str, found: &mut Vec<(String, String)>) -> bool {
    let Some((literal, rest)) = template.split_once('{') else { return template == uri };
    let Some(uri) = uri.strip_prefix(literal) else { return false };
    let Some((name, rest)) = rest.split_once('}') else { return false };
    let (name, slashes) = name.strip_prefix('+').map_or((name, false), |name| (name, true));
    let widest = if slashes { uri.len() } else { uri.find(['/', '?', '#']).unwrap_or(uri.len()) };
    // The longest value wins, so that `{+path}.txt` takes every dot but the last.
    for end in (1..=widest).rev().filter(|end| uri.is_char_boundary(*end)) {
        let at = found.len();
        if let Some(value) = decode(&uri[..end]) {
            found.push((name.to_owned(), value));
            if fits(rest, &uri[end..], found) {
                return true;
            }
        }
        found.truncate(at);
        if rest.is_empty() {
            return false;
        }
    }
    false
}

fn decode(text: &str) -> Option<String> {
    if !text.contains('%') {
        return Some(text.to_owned());
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        rest = tail;
        if first != b'%' {
            bytes.push(first);
            continue;
        }
        let (pair, tail) = rest.split_at_checked(2)?;
        let digit = |byte: u8| char::from(byte).to_digit(16);
        bytes.push(u8::try_from(digit(pair[0])? * 16 + digit(pair[1])?).ok()?);
        rest = tail;
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::variables;

    fn one(template: &str, uri: &str) -> Option<String> {
        variables(template, uri)
            .map(|found| found.into_iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&"))
    }

    #[test]
    fn a_template_covers_what_it_says() {
        let table = [
            ("test://template/{id}/data", "test://template/123/data", Some("id=123")),
            ("test://template/{id}/data", "test://template//data", None),
            ("test://template/{id}/data", "test://template/1/2/data", None),
            ("test://template/{id}/data", "test://template/1/data/", None),
            ("a://{x}-{y}", "a://1-2", Some("x=1&y=2")),
            ("a://{x}-{y}", "a://1-2-3", Some("x=1-2&y=3")),
            ("file:///{+path}", "file:///a/b%20c.txt", Some("path=a/b c.txt")),
            ("file:///{+path}.txt", "file:///a.b.txt", Some("path=a.b")),
            ("file:///{path}", "file:///a/b", None),
            ("a://{x}", "a://%zz", None),
            ("a://{x}", "a://%2", None),
            ("a://{x}", "a://%ff", None),
            ("a://{x}", "a://ü", Some("x=ü")),
            ("a://b", "a://b", Some("")),
        ];
        for (template, uri, expected) in table {
            assert_eq!(one(template, uri).as_deref(), expected, "{template} {uri}");
        }
    }
}
