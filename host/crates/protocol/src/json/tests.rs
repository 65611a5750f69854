use std::fmt::Write as _;

use serde_json::Value;

use super::*;
use crate::json::MAX_DEPTH;

const ALL: usize = usize::MAX;

/// Numbers without an order that a test would depend on (xorshift64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides as u64).unwrap()
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.roll(from.len())]
    }

    fn space(&mut self, out: &mut String) {
        out.push_str(self.pick(&["", "", "", " ", "\n", "\r\n\t", "    "]));
    }

    fn text(&mut self, out: &mut String) {
        out.push('"');
        for _ in 0..self.roll(12) {
            let part = self.pick(&[
                "a",
                "longer than eight",
                "ä",
                "漢",
                "😀",
                " ",
                "\\n",
                "\\\"",
                "\\\\",
                "\\/",
                "\\u00e4",
                "\\ud83d\\ude00",
                "\\u0000",
                "\u{7f}",
            ]);
            out.push_str(part);
        }
        out.push('"');
    }

    fn value(&mut self, depth: usize, out: &mut String) {
        let kinds = if depth == 0 { 5 } else { 7 };
        match self.roll(kinds) {
            0 | 1 => self.text(out),
            2 => {
                out.push_str(self.pick(&["0", "-0", "1.5", "-12e3", "1E+2", "0.1e-7", "12345678901234567890", "1e400"]))
            }
            3 => out.push_str(self.pick(&["true", "false"])),
            4 => out.push_str("null"),
            5 => self.items(depth, ['[', ']'], out),
            _ => self.items(depth, ['{', '}'], out),
        }
    }

    fn items(&mut self, depth: usize, [open, close]: [char; 2], out: &mut String) {
        out.push(open);
        self.space(out);
        for index in 0..self.roll(5) {
            if index > 0 {
                out.push(',');
                self.space(out);
            }
            if open == '{' {
                write!(out, "\"{index}\"").unwrap();
                self.space(out);
                out.push(':');
                self.space(out);
            }
            self.value(depth - 1, out);
            self.space(out);
        }
        out.push(close);
    }
}

fn is_out_of_range(error: &serde_json::Error) -> bool {
    error.to_string().starts_with("number out of range")
}

/// Whether the scan agrees with serde on `text`, which has no duplicate keys unless the scan says so.
fn agrees(text: &str) {
    match (compact(text, ALL), serde_json::from_str::<Value>(text)) {
        (Ok(compact), Ok(value)) => {
            assert_eq!(serde_json::from_str::<Value>(compact.as_str()).unwrap(), value, "{text:?}");
            assert!(!compact.as_str().contains(['\r', '\n']), "{text:?}");
            assert_eq!(super::compact(compact.as_str(), ALL), Ok(compact), "compact text stays as it is");
        }
        (Ok(_), Err(error)) => assert!(is_out_of_range(&error), "{text:?}: {error}"),
        (Err(error), Ok(_)) => assert!(error.problem.is_well_formed(), "{text:?}: {error}"),
        (Err(_), Err(_)) => {}
    }
}

#[test]
fn the_scan_reads_what_serde_reads() {
    let mut dice = Dice(0x2026_0728);
    for _ in 0..20_000 {
        let mut text = String::new();
        dice.space(&mut text);
        dice.value(4, &mut text);
        dice.space(&mut text);
        assert!(compact(&text, ALL).is_ok(), "{text:?}");
        agrees(&text);
    }
}

#[test]
fn the_scan_refuses_what_serde_refuses() {
    let mut dice = Dice(0x0bad_5eed);
    for _ in 0..20_000 {
        let mut text = String::new();
        dice.value(3, &mut text);
        let mut bytes = text.into_bytes();
        for _ in 0..=dice.roll(2) {
            let at = dice.roll(bytes.len() + 1);
            let byte = b"{}[]\",:\\u0123456789dDeE+-.tfn \n\x01\x80"[dice.roll(33)];
            match dice.roll(3) {
                0 => bytes.insert(at, byte),
                1 if at < bytes.len() => bytes[at] = byte,
                _ if at < bytes.len() && bytes.len() > 1 => drop(bytes.remove(at)),
                _ => bytes.truncate(at),
            }
        }
        if let Ok(text) = String::from_utf8(bytes) {
            agrees(&text);
        }
    }
}

#[test]
fn only_white_space_outside_strings_is_dropped() {
    let text = " {\r\n \"b\" : [ 1.50 , \"a  b\\n\" ] , \"a\" :\t{ } } ";
    assert_eq!(compact(text, ALL).unwrap().as_str(), r#"{"b":[1.50,"a  b\n"],"a":{}}"#);
}

#[test]
fn each_refusal_says_what_and_where() {
    let deep = "[".repeat(MAX_DEPTH + 1);
    for (text, at, problem) in [
        ("", 0, Problem::Expected("a value")),
        ("{\"a\":1,}", 7, Problem::Expected("a string")),
        ("[1,]", 3, Problem::Expected("a value")),
        ("[1 2]", 3, Problem::Expected("a comma or the end of an array")),
        ("{\"a\" 1}", 5, Problem::Expected("a colon")),
        ("01", 1, Problem::Trailing),
        ("1.", 2, Problem::Expected("a digit")),
        ("+1", 0, Problem::Expected("a value")),
        ("nul", 0, Problem::Expected("a value")),
        ("NaN", 0, Problem::Expected("a value")),
        ("{} {}", 3, Problem::Trailing),
        ("\"a", 2, Problem::Expected("the end of a string")),
        ("\"a\nb\"", 2, Problem::Control),
        ("\"\\x\"", 1, Problem::Escape),
        ("\"\\u12g4\"", 1, Problem::Escape),
        ("\"\\ud800\"", 1, Problem::Surrogate),
        ("\"\\ud800\\u0041\"", 1, Problem::Surrogate),
        ("\"\\udc00\\ud800\"", 1, Problem::Surrogate),
        ("\u{feff}{}", 0, Problem::Expected("a value")),
        (deep.as_str(), MAX_DEPTH, Problem::TooDeep),
        ("{\"a\":1,\"a\":2}", 7, Problem::DuplicateKey("a".into())),
        ("{\"a\":1,\"\\u0061\":2}", 7, Problem::DuplicateKey("a".into())),
        ("[{\"x\":{\"a\":1},\"y\":{\"b\":1,\"b\":2}}]", 25, Problem::DuplicateKey("b".into())),
    ] {
        assert_eq!(compact(text, ALL), Err(JsonError { at, problem }), "{text:?}");
    }
}

#[test]
fn the_deepest_nesting_that_is_allowed_is_read() {
    let text = format!("{}{}", "[".repeat(MAX_DEPTH), "]".repeat(MAX_DEPTH));
    assert_eq!(compact(&text, ALL).unwrap().as_str(), text);
}

#[test]
fn a_duplicate_is_found_among_many_keys_in_time() {
    let mut text = String::from("{");
    for key in 0..100_000 {
        write!(text, "\"{key}\":0,").unwrap();
    }
    let unique = format!("{text}\"last\":0}}");
    assert!(compact(&unique, ALL).is_ok());
    let twice = format!("{text}\"3\":0}}");
    assert_eq!(compact(&twice, ALL).unwrap_err().problem, Problem::DuplicateKey("3".into()));
}

#[test]
fn text_beyond_the_limit_is_not_read() {
    assert!(compact("[1]", 3).is_ok());
    assert_eq!(compact("[1] ", 3), Err(JsonError { at: 3, problem: Problem::TooLong(3) }));
}

#[test]
fn an_object_is_an_object() {
    assert!(Compact::object(" { } ", ALL).is_ok());
    for other in ["[]", "\"{}\"", "null", "1"] {
        assert!(Compact::object(other, ALL).is_err(), "{other}");
    }
}

#[test]
fn parts_are_borrowed_and_strings_are_decoded() {
    let text = r#"{"a":"x\u00e4\ud83d\ude00\n\/","b":[1,true,null],"c":{"d":18446744073709551615}}"#;
    let json = Json::parse(text).unwrap();
    assert_eq!(json.member("a").and_then(Json::text).as_deref(), Some("xä😀\n/"));
    let elements: Vec<_> = json.member("b").and_then(Json::elements).unwrap().into_iter().map(Json::get).collect();
    assert_eq!(elements, ["1", "true", "null"]);
    assert_eq!(json.member("c").and_then(|c| c.member("d")).and_then(Json::unsigned), Some(u64::MAX));
    assert!(json.member("a").unwrap().members().is_none());
    assert!(json.elements().is_none());
}

#[test]
fn decoded_strings_are_what_serde_decodes() {
    let mut dice = Dice(0x7e57);
    for _ in 0..5_000 {
        let mut text = String::new();
        dice.text(&mut text);
        assert_eq!(
            Json::parse(&text).unwrap().text().as_deref(),
            serde_json::from_str::<String>(&text).ok().as_deref()
        );
    }
}

#[test]
fn raw_values_inside_typed_ones_are_scanned_too() {
    let raw = serde_json::value::RawValue::from_string("{ \"a\" :\n1 }".into()).unwrap();
    assert_eq!(Compact::of(&vec![raw]).unwrap().as_str(), r#"[{"a":1}]"#);
    let twice = serde_json::value::RawValue::from_string(r#"{"a":1,"a":1}"#.into()).unwrap();
    assert!(Compact::of(&twice).is_err());
}
