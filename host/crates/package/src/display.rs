//! A stranger's text, made safe to show.

use std::{borrow::Cow, fmt};

use bulkhead_base::is_unseen;

/// `text` with everything made visible that would move the cursor, turn the
/// direction of writing, or hide: control characters and escape sequences,
/// bidirectional overrides, zero-width and other invisible characters. Line
/// feeds are escaped too: a stranger's text stays on its line.
///
/// ```
/// assert_eq!(bulkhead_package::display::safe("a\u{1b}[2Jb\u{202e}"), "a\\u{1b}[2Jb\\u{202e}");
/// ```
#[must_use]
pub fn safe(text: &str) -> Cow<'_, str> {
    // Most of what is looked at: names, and words of our own.
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) || !text.chars().any(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if is_hidden(c) => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Passes on to a writer what [`safe`] makes of what is written to it.
pub struct Safe<W>(pub W);

impl<W: fmt::Write> fmt::Write for Safe<W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.write_str(&safe(text))
    }
}

/// As [`safe`], but line feeds stay, each followed by `indent`.
#[must_use]
pub fn safe_lines(text: &str, indent: &str) -> String {
    text.lines().map(safe).collect::<Vec<_>>().join(&format!("\n{indent}"))
}

/// A JSON text in which what [`safe`] makes visible is written as JSON escapes
/// it: the same text to whoever parses it. Control characters that JSON itself
/// must escape are taken to be escaped.
#[must_use]
pub fn safe_json(json: &str) -> Cow<'_, str> {
    let raw = |c: char| !c.is_ascii_control() && is_hidden(c);
    if !json.chars().any(raw) {
        return Cow::Borrowed(json);
    }
    let mut out = String::with_capacity(json.len() + 16);
    for c in json.chars() {
        if raw(c) {
            c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| out.push_str(&format!("\\u{unit:04x}")));
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// Whether a reader would not see `c` for what it is.
fn is_hidden(c: char) -> bool {
    let is_private = matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}');
    c.is_control() || is_unseen(c) || is_private
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_is_left_alone() {
        for text in ["", "Wetter für Köln, 東京 und القاهرة 😀", "a \"b\" \\ c"] {
            assert!(matches!(safe(text), Cow::Borrowed(same) if same == text));
        }
    }

    #[test]
    fn what_hides_is_shown() {
        let cases = [
            ("\u{1b}]0;title\u{7}", "\\u{1b}]0;title\\u{7}"),
            ("a\u{9b}31m", "a\\u{9b}31m"),
            ("x\r\ny\tz", "x\\r\\ny\\tz"),
            ("\u{202e}gpj.exe\u{2066}", "\\u{202e}gpj.exe\\u{2066}"),
            ("zero\u{200b}width\u{feff}", "zero\\u{200b}width\\u{feff}"),
            ("tag\u{e0041}", "tag\\u{e0041}"),
        ];
        for (text, shown) in cases {
            assert_eq!(safe(text), shown);
        }
        let json = "{\"a\":\"\\r\u{202e}\u{9b}\u{e0041}\"}\n";
        assert_eq!(safe_json(json), "{\"a\":\"\\r\\u202e\\u009b\\udb40\\udc41\"}\n");
        assert_eq!(safe_lines("a\nb\u{1b}", "  "), "a\n  b\\u{1b}");
    }
}
