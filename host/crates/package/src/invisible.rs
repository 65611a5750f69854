//! Characters that a reviewer does not see and a model reads.
//!
//! What an operator accepts is what a model is told: a contract with an
//! invisible part is refused where it is packed and where it is verified.

use bulkhead_base::is_unseen;
use serde_json::Value;

use crate::{
    contract::Place,
    json::{Json, JsonError},
};

/// What a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One line: no control character at all.
    Line,
    /// Lines: feeds and tabs belong to it.
    Prose,
    /// What a schema compares with: control characters are data.
    Data,
}

/// Members of a schema that are written for readers.
const FOR_READERS: [&str; 3] = ["title", "description", "$comment"];

/// Refuses a text with characters that are not seen; says which and where.
pub(crate) fn check(place: &Place, text: &str, kind: Kind) -> Result<(), JsonError> {
    let Some((at, c)) = first(text, kind) else { return Ok(()) };
    let code = u32::from(c);
    place.refuse(format!("expected text that can be seen, found U+{code:04X} as its character {}", at + 1))
}

/// The same for every key and string of `json`.
pub(crate) fn check_json(place: &Place, json: &Json) -> Result<(), JsonError> {
    match serde_json::from_str(json.as_str()) {
        Ok(value) => check_value(place, &value, Kind::Data),
        Err(error) => place.refuse(error.to_string()),
    }
}

/// As deep as [`crate::limits::MAX_JSON_DEPTH`] at most: that is what a [`Json`] is.
fn check_value(place: &Place, value: &Value, kind: Kind) -> Result<(), JsonError> {
    match value {
        Value::String(text) => check(place, text, kind),
        Value::Array(items) => {
            items.iter().enumerate().try_for_each(|(position, item)| check_value(&place.at(position), item, kind))
        }
        Value::Object(members) => members.iter().try_for_each(|(key, member)| {
            check(place, key, Kind::Data)?;
            let kind = if FOR_READERS.contains(&key.as_str()) { Kind::Prose } else { Kind::Data };
            check_value(&place.at(key), member, kind)
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}

fn first(text: &str, kind: Kind) -> Option<(usize, char)> {
    let mut before = None;
    let mut rest = text.chars().enumerate().peekable();
    while let Some((at, c)) = rest.next() {
        let after = rest.peek().map(|(_, next)| *next);
        let fits = match c {
            '\n' | '\t' => kind != Kind::Line,
            // Joiners, where they join letters or parts of one picture.
            '\u{200c}' | '\u{200d}' => before.is_some_and(is_joined) && after.is_some_and(is_joined),
            // Text or picture, said once and of something.
            '\u{fe0e}' | '\u{fe0f}' => before.is_some_and(is_seen),
            c if c.is_control() => kind == Kind::Data,
            c => !is_unseen(c),
        };
        if !fits {
            return Some((at, c));
        }
        before = Some(c);
    }
    None
}

fn is_seen(c: char) -> bool {
    !c.is_whitespace() && !c.is_control() && !is_unseen(c)
}

/// A letter of a script that joins, or part of a picture that is made of several.
fn is_joined(c: char) -> bool {
    c == '\u{fe0f}' || is_seen(c) && !c.is_ascii() && (!c.is_alphanumeric() || is_joining(c))
}

/// Scripts whose letters are written otherwise where they join: from Hebrew to
/// the scripts of India and beyond. Latin, Greek, Cyrillic and Han are not.
const fn is_joining(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{109f}' | '\u{1780}'..='\u{18af}' | '\u{1900}'..='\u{1cff}' | '\u{a800}'..='\u{abff}'
        | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}' | '\u{10800}'..='\u{11fff}' | '\u{1e900}'..='\u{1e95f}')
}

#[cfg(test)]
mod tests {
    use crate::contract::Contract;

    use super::*;

    fn found(text: &str, kind: Kind) -> Option<u32> {
        first(text, kind).map(|(_, c)| c.into())
    }

    #[test]
    fn what_is_written_in_any_script_is_left_alone() {
        for text in [
            "Wetter für Köln, 東京 und القاهرة",
            "می\u{200c}خواهم",
            "क\u{94d}\u{200d}ष",
            "👩\u{200d}💻 ❤\u{fe0f}\u{200d}🔥 1\u{fe0f}\u{20e3}",
        ] {
            assert_eq!(found(text, Kind::Line), None, "{text}");
        }
        assert_eq!(found("two\n\tlines", Kind::Prose), None);
        assert_eq!(found("\r\u{1b}", Kind::Data), None, "a schema may compare with it");
    }

    #[test]
    fn what_is_not_seen_is_found() {
        for hidden in [
            '\u{e0041}',
            '\u{e0000}',
            '\u{e007f}',
            '\u{e0101}',
            '\u{202e}',
            '\u{2066}',
            '\u{2069}',
            '\u{200b}',
            '\u{2060}',
            '\u{feff}',
            '\u{200e}',
            '\u{ad}',
            '\u{2028}',
            '\u{fe00}',
            '\u{fdd0}',
            '\u{ffff}',
        ] {
            for kind in [Kind::Line, Kind::Prose, Kind::Data] {
                assert_eq!(found(&format!("a{hidden}b"), kind), Some(hidden.into()), "{hidden:?}");
            }
        }
        for (text, c) in [
            ("a\u{200d} b", 0x200d),
            ("a\u{200d}b", 0x200d),
            ("1\u{200c}2", 0x200c),
            ("и\u{200d}г", 0x200d),
            ("é\u{200d}é", 0x200d),
            ("中\u{200d}文", 0x200d),
            ("a\u{200d}👩", 0x200d),
            ("\u{200c}a", 0x200c),
            ("a\u{200c}\u{200d}b", 0x200c),
            ("a\u{fe0f}\u{fe0e}", 0xfe0e),
        ] {
            assert_eq!(found(text, Kind::Prose), Some(c), "{text:?}");
        }
        for control in ['\u{1b}', '\r', '\u{7f}', '\u{85}', '\u{9b}', '\0'] {
            assert_eq!(found(&format!("a{control}"), Kind::Prose), Some(control.into()));
        }
        assert_eq!(found("a\n", Kind::Line), Some(0xa));
    }

    #[test]
    fn a_contract_is_refused_with_the_place_and_the_code_point() {
        let schema = |rest: &str| format!(r#"{{"tools":[{{"name":"a","inputSchema":{{"type":"object",{rest}}}}}]}}"#);
        let cases = [
            (r#"{"prompts":[{"name":"p","title":"a\udb40\udc41"}]}"#.to_owned(), "/prompts/0/title", "U+E0041"),
            (r#"{"prompts":[{"name":"p","description":"a\u202eb"}]}"#.to_owned(), "/prompts/0/description", "U+202E"),
            (r#"{"resources":[{"uri":"a:b","name":"a\u200b"}]}"#.to_owned(), "/resources/0/name", "U+200B"),
            (r#"{"resources":[{"uri":"a:\u200b","name":"a"}]}"#.to_owned(), "/resources/0/uri", "U+200B"),
            (
                schema(r#""properties":{"x":{"type":"string","description":"ok\u2060"}}"#),
                "/tools/0/inputSchema/properties/x/description",
                "U+2060",
            ),
            (
                schema(r#""properties":{"x":{"title":"\u001b[2J"}}"#),
                "/tools/0/inputSchema/properties/x/title",
                "U+001B",
            ),
            (schema(r#""properties":{"x\ufeff":{}}"#), "/tools/0/inputSchema/properties", "U+FEFF"),
            (schema(r#""enum":["a\u2067"]"#), "/tools/0/inputSchema/enum/0", "U+2067"),
        ];
        for (text, place, code) in cases {
            let error = Contract::parse(&Json::parse(&text).unwrap()).unwrap_err().to_string();
            assert!(error.contains(place) && error.contains(code), "{text}: {error}");
        }
    }
}
