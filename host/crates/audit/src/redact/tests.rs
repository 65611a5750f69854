use serde_json::{Value, json};

use super::*;

fn redact(patterns: &[&str], json: &str) -> Option<String> {
    let mut to = Vec::new();
    let redaction = Redaction::new(patterns.iter().copied()).unwrap();
    let copied = redaction.copy(json, &mut to).ok();
    let digest = redaction.digest(json).ok();
    assert_eq!(digest, copied.map(|()| Digest::of(&to)), "{json}");
    copied.map(|()| String::from_utf8(to).unwrap())
}

#[test]
fn values_are_taken_out_where_a_pattern_says() {
    let document =
        r#" { "card" : {"n": 1}, "c\u0061rd": 2, "a": [ {"card": 3, "b": 4}, {"card": 5} ], "a/b": {"~": 6} } "#;
    for (patterns, expected) in [
        (
            &["/card"][..],
            r#"{"card":"[redacted]","c\u0061rd":"[redacted]","a":[{"card":3,"b":4},{"card":5}],"a/b":{"~":6}}"#,
        ),
        (
            &["/a/*/card"],
            r#"{"card":{"n":1},"c\u0061rd":2,"a":[{"card":"[redacted]","b":4},{"card":"[redacted]"}],"a/b":{"~":6}}"#,
        ),
        (&["/a/1"], r#"{"card":{"n":1},"c\u0061rd":2,"a":[{"card":3,"b":4},"[redacted]"],"a/b":{"~":6}}"#),
        (
            &["/a~1b/~0", "/*/n"],
            r#"{"card":{"n":"[redacted]"},"c\u0061rd":2,"a":[{"card":3,"b":4},{"card":5}],"a/b":{"~":"[redacted]"}}"#,
        ),
        (&["/*"], r#"{"card":"[redacted]","c\u0061rd":"[redacted]","a":"[redacted]","a/b":"[redacted]"}"#),
        (&[], r#"{"card":{"n":1},"c\u0061rd":2,"a":[{"card":3,"b":4},{"card":5}],"a/b":{"~":6}}"#),
    ] {
        assert_eq!(redact(patterns, document).as_deref(), Some(expected), "{patterns:?}");
    }
}

#[test]
fn card_numbers_are_taken_out_wherever_they_stand() {
    for (text, expected) in [
        (json!("4111111111111111"), json!("[redacted]")),
        (json!("pay 4111 1111 1111 1111, please"), json!("pay [redacted], please")),
        (json!("on 2026-11-27 5555-5555-5555-4444."), json!("on 2026-11-27 [redacted].")),
        // 26 and the number are one of 18 digits, by chance: rather too much than too little.
        (json!("on 2026-11-26 5555-5555-5555-4444."), json!("on 2026-11-[redacted].")),
        (json!(["378282246310005", "6011 1111 1111 1117"]), json!(["[redacted]", "[redacted]"])),
        (json!(4_111_111_111_111_111_u64), json!("[redacted]")),
        (json!({"4111111111111111": 1}), json!({"[redacted]": 1})),
        (json!("4111111111111112"), json!("4111111111111112")),
        (json!("1800000000000"), json!("1800000000000")),
        (json!("41111111111111110000000"), json!("41111111111111110000000")),
        (json!("4111  1111 1111 1111"), json!("4111  1111 1111 1111")),
        (json!(-12.5e3), json!(-12.5e3)),
    ] {
        let read = redact(&[], &text.to_string()).unwrap();
        assert_eq!(serde_json::from_str::<Value>(&read).unwrap(), expected, "{text}");
    }
    let long = "no digit in sight ".repeat(20);
    assert_eq!(
        redact(&[], &format!("\"{long}4111 1111 1111 1111{long}\"")).unwrap(),
        format!("\"{long}[redacted]{long}\"")
    );
    assert_eq!(redact(&[], r#""\n4111 1111 1111 1111\/""#).unwrap(), r#""\n[redacted]/""#);
    assert_eq!(redact(&[], r#""4111 1111\n1111 1111\/""#).unwrap(), r#""4111 1111\n1111 1111\/""#);
    assert_eq!(
        redact(&["/a"], r#"{"a":["4111111111111111", {"a": 1 }] ,"b":2}"#).unwrap(),
        r#"{"a":"[redacted]","b":2}"#
    );
    assert_eq!(redact(&[], r#""\u0034111 1111 1111 1111 \u00e9""#).unwrap(), "\"[redacted] é\"");
    assert_eq!(redact(&[], "4111111111111111.5e1").unwrap(), "\"[redacted]\"");
}

#[test]
fn what_cannot_be_read_is_not_written() {
    let deep = "[".repeat(200) + &"]".repeat(200);
    for bad in [
        "",
        " ",
        "{",
        "[1,]",
        "{\"a\"}",
        "{\"a\":1,}",
        "{a:1}",
        "1 2",
        "\"a",
        "\"a\nb\"",
        "\"\\",
        "\"\\x\"",
        "tru",
        "-",
        "1.",
        "01",
        "[1 2]",
        "{\"a\":1 \"b\":2}",
        "\"\\ud800\"",
        "\u{a0}1",
        "[,]",
        &deep,
    ] {
        assert_eq!(redact(&["/a"], bad), None, "{bad:?}");
    }
    assert!(redact(&[], &("[".repeat(100) + &"]".repeat(100))).is_some());
}

#[test]
fn a_number_is_what_json_calls_one() {
    let letters = b"-+.eE019";
    for number in 0..letters.len().pow(5) {
        let digits = (0..5).map(|place| number / letters.len().pow(place) % letters.len());
        let text: String = digits.map(|digit| char::from(letters[digit])).collect();
        for text in [&text[..], &text[..3]] {
            let is_number = serde_json::from_str::<&serde_json::value::RawValue>(text).is_ok();
            assert_eq!(redact(&["/a"], text), is_number.then(|| text.to_owned()), "{text}");
        }
    }
}

/// Documents made at random: each is copied with the same meaning when nothing
/// is to be taken out, and otherwise as a redaction of the parsed tree would be.
#[test]
fn copying_is_redacting_the_tree() {
    let mut random = 7_u64;
    for _ in 0..3_000 {
        let document = tree(&mut random, 4);
        let spaced = serde_json::to_string_pretty(&document).unwrap();
        let whole: Value = serde_json::from_str(&redact(&[], &spaced).unwrap()).unwrap();
        assert_eq!(whole, document);
        let copied: Value = serde_json::from_str(&redact(&["/a", "/*/b", "/1/*"], &spaced).unwrap()).unwrap();
        assert_eq!(copied, naive(&document, &mut Vec::new()));
    }
}

fn naive(value: &Value, path: &mut Vec<String>) -> Value {
    let path_text: Vec<&str> = path.iter().map(String::as_str).collect();
    if matches!(path_text[..], ["a"] | [_, "b"] | ["1", _]) {
        return json!("[redacted]");
    }
    let mut below = |key: String, value: &Value| {
        path.push(key);
        let below = naive(value, path);
        path.pop();
        below
    };
    match value {
        Value::Array(list) => list.iter().enumerate().map(|(at, value)| below(at.to_string(), value)).collect(),
        Value::Object(map) => {
            Value::Object(map.iter().map(|(key, value)| (key.clone(), below(key.clone(), value))).collect())
        }
        other => other.clone(),
    }
}

fn tree(random: &mut u64, depth: u32) -> Value {
    let mut next = |most: u64| {
        *random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (*random >> 33) % most
    };
    match next(if depth == 0 { 5 } else { 8 }) {
        0 => json!(null),
        1 => json!(next(2) == 0),
        2 => json!(next(1000)),
        3 => json!(-0.5),
        4 => json!(["", "a\"\\\n\u{1}é", "😀", "plain"][usize::try_from(next(4)).unwrap()]),
        5 => (0..next(4)).map(|_| tree(random, depth - 1)).collect(),
        _ => {
            let keys = ["a", "b", "1", "é\n"];
            let count = usize::try_from(next(5)).unwrap();
            Value::Object(keys[..count].iter().map(|key| ((*key).to_owned(), tree(random, depth - 1))).collect())
        }
    }
}

#[test]
fn patterns_are_read_strictly() {
    assert_eq!(Redaction::new(["card"]).unwrap_err(), PatternError::NoSlash("card".to_owned()));
    for bad in ["/a~", "/~2"] {
        assert_eq!(Redaction::new([bad]).unwrap_err(), PatternError::Escape(bad.to_owned()));
    }
    assert_eq!(Redaction::new(vec!["/a"; 65]).unwrap_err(), PatternError::TooMany);
    let last: Vec<String> = (0..64).map(|n| format!("/k{n}")).collect();
    let patterns: Vec<&str> = last.iter().map(String::as_str).collect();
    assert_eq!(
        redact(&patterns, r#"{"k63":1,"k0":2,"k64":3}"#).unwrap(),
        r#"{"k63":"[redacted]","k0":"[redacted]","k64":3}"#
    );
}
