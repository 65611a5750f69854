//! Whether a text is JSON, answered while the plugin compiles.

/// Deeper nesting refuses the answer in every host.
const MAX_DEPTH: usize = 64;

/// Whether `text` is one JSON object.
pub const fn is_object(text: &str) -> bool {
    let text = text.as_bytes();
    let start = blank(text, 0);
    start < text.len()
        && text[start] == b'{'
        && matches!(value(text, start, 0), Some(end) if blank(text, end) == text.len())
}

const fn blank(text: &[u8], mut at: usize) -> usize {
    while at < text.len() && matches!(text[at], b' ' | b'\t' | b'\r' | b'\n') {
        at += 1;
    }
    at
}

/// Where the value that begins at `at` ends.
const fn value(text: &[u8], at: usize, depth: usize) -> Option<usize> {
    if at >= text.len() || depth > MAX_DEPTH {
        return None;
    }
    match text[at] {
        b'{' => list(text, at + 1, b'}', true, depth),
        b'[' => list(text, at + 1, b']', false, depth),
        b'"' => string(text, at + 1),
        b't' => word(text, at, b"true"),
        b'f' => word(text, at, b"false"),
        b'n' => word(text, at, b"null"),
        _ => number(text, at),
    }
}

const fn list(text: &[u8], at: usize, close: u8, named: bool, depth: usize) -> Option<usize> {
    let mut at = blank(text, at);
    if at < text.len() && text[at] == close {
        return Some(at + 1);
    }
    loop {
        if named {
            at = match member_name(text, at) {
                Some(at) => at,
                None => return None,
            };
        }
        at = match value(text, at, depth + 1) {
            Some(at) => blank(text, at),
            None => return None,
        };
        if at >= text.len() {
            return None;
        }
        if text[at] == close {
            return Some(at + 1);
        }
        if text[at] != b',' {
            return None;
        }
        at = blank(text, at + 1);
    }
}

const fn member_name(text: &[u8], at: usize) -> Option<usize> {
    if at >= text.len() || text[at] != b'"' {
        return None;
    }
    let at = match string(text, at + 1) {
        Some(at) => blank(text, at),
        None => return None,
    };
    if at < text.len() && text[at] == b':' { Some(blank(text, at + 1)) } else { None }
}

const fn string(text: &[u8], mut at: usize) -> Option<usize> {
    while at < text.len() {
        match text[at] {
            b'"' => return Some(at + 1),
            b'\\' if at + 1 < text.len() && text[at + 1] == b'u' => {
                let mut digit = 2;
                while digit < 6 {
                    if at + digit >= text.len() || !text[at + digit].is_ascii_hexdigit() {
                        return None;
                    }
                    digit += 1;
                }
                at += 6;
            }
            b'\\' if at + 1 < text.len() => match text[at + 1] {
                b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => at += 2,
                _ => return None,
            },
            0..0x20 | b'\\' => return None,
            _ => at += 1,
        }
    }
    None
}

const fn word(text: &[u8], at: usize, word: &[u8]) -> Option<usize> {
    let mut next = 0;
    while next < word.len() {
        if at + next >= text.len() || text[at + next] != word[next] {
            return None;
        }
        next += 1;
    }
    Some(at + word.len())
}

const fn number(text: &[u8], at: usize) -> Option<usize> {
    let mut at = if text[at] == b'-' { at + 1 } else { at };
    let whole = digits(text, at);
    if whole == at || (text[at] == b'0' && whole > at + 1) {
        return None;
    }
    at = whole;
    if at < text.len() && text[at] == b'.' {
        let end = digits(text, at + 1);
        if end == at + 1 {
            return None;
        }
        at = end;
    }
    if at < text.len() && matches!(text[at], b'e' | b'E') {
        let sign = at + 1 < text.len() && matches!(text[at + 1], b'+' | b'-');
        let from = if sign { at + 2 } else { at + 1 };
        at = digits(text, from);
        if at == from {
            return None;
        }
    }
    Some(at)
}

const fn digits(text: &[u8], mut at: usize) -> usize {
    while at < text.len() && text[at].is_ascii_digit() {
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value};

    use super::is_object;

    #[test]
    fn it_agrees_with_serde_json() {
        let values = [
            "{}",
            " { } ",
            "{\"a\":1}",
            "{\"a\" : [ 1 , -2.5e+3 , true , null , \"x\\u00e9\\n\" ]}",
            "{\"a\":{\"b\":{}}}",
            "",
            "[]",
            "1",
            "{",
            "{}x",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1,}",
            "{a:1}",
            "{\"a\":01}",
            "{\"a\":1.}",
            "{\"a\":.5}",
            "{\"a\":+1}",
            "{\"a\":1e}",
            "{\"a\":-}",
            "{\"a\":tru}",
            "{\"a\":\"\\x\"}",
            "{\"a\":\"\\u12g4\"}",
            "{\"a\":\"\n\"}",
            "{\"a\":\"",
            "{\"a\":\"\\",
            "{\"a\":[1 2]}",
            "{\"a\":[,]}",
            "{\"a\":[1,]}",
            "{'a':1}",
        ];
        for text in values {
            assert_eq!(is_object(text), serde_json::from_str::<Map<String, Value>>(text).is_ok(), "{text}");
        }
    }
}
