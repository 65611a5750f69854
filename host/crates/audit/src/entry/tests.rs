use std::time::{Duration, UNIX_EPOCH};

use bulkhead_base::{CallId, Operation, OperationKind};
use serde_json::{Value, json};

use super::*;
use crate::line;

fn read(entry: Entry) -> Value {
    let text = String::from_utf8([b"{".as_slice(), &entry.finish()].concat()).unwrap();
    assert!(!text.contains('\n'), "{text}");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn at() -> SystemTime {
    UNIX_EPOCH + Duration::from_micros(1_800_000_000_000_001)
}

fn operation() -> Operation {
    Operation { kind: OperationKind::CallTool, plugin: "weather".parse().unwrap(), item: "weather.get".into() }
}

#[test]
fn a_call_is_an_intent_and_an_outcome() {
    let (id, operation, digest) = (CallId::fresh().unwrap(), operation(), Digest::of(b"plugin"));
    let call = Call { id, principal: "alice", operation: &operation, digest: Some(&digest), contract: Some(&digest) };
    let detail = Detail { full: true, ..Detail::default() };
    let arguments = "{ \"city\": \"Bern\",\n \"card\": 1 }";
    let intent = read(Intent { call, arguments }.entry(at(), &detail));
    let named = json!({
        "kind": "intent", "time": "2027-01-15T08:00:00.000001Z", "call": id.to_string(), "principal": "alice",
        "operation": "callTool", "plugin": "weather", "item": "weather.get",
        "digest": digest.to_string(), "contract": digest.to_string(),
        "arguments": {"bytes": arguments.len(), "full": {"city": "Bern", "card": "[redacted]"}},
    });
    assert_eq!(intent, named);
    let cost = Cost { time: Duration::from_millis(2), cpu: Some(Duration::from_micros(3)), memory: Some(4), output: 5 };
    let flagged = [Found { rule: "injection.a", place: "content" }, Found { rule: "hidden.b", place: "_meta" }];
    let outcome = Outcome {
        call,
        outcome: "error",
        reason: Some("no grant"),
        result: None,
        flagged: &flagged,
        screen: "flag",
        cost,
    };
    let outcome = read(outcome.entry(at(), &detail));
    assert_eq!((&outcome["outcome"], &outcome["reason"]), (&json!("error"), &json!("no grant")));
    assert_eq!(
        [&outcome["micros"], &outcome["cpuMicros"], &outcome["memory"], &outcome["output"]],
        [&json!(2000), &json!(3), &json!(4), &json!(5)]
    );
    assert_eq!(
        (&outcome["flagged"], &outcome["screen"]),
        (&json!([{"rule": "injection.a", "place": "content"}, {"rule": "hidden.b", "place": "_meta"}]), &json!("flag"))
    );
    let decision = Decision { id, principal: "bob", operation: &operation, allowed: false, reason: "no scope" };
    assert_eq!(read(decision.entry(at()))["allowed"], json!(false));
}

#[test]
fn what_is_redacted_of_arguments_is_redacted_of_a_form_too() {
    let (id, operation) = (CallId::fresh().unwrap(), operation());
    let call = Call { id, principal: "alice", operation: &operation, digest: None, contract: None };
    let detail = Detail { full: true, redaction: Redaction::new(["/pin", "/a/*"]).unwrap() };
    let message = r#"{"action":"accept","pin":1,"content":{"pin":2,"a":[3],"b":{"pin":4}}}"#;
    let heard = Heard { call, question: "name", what: "accept", message };
    let heard = read(heard.entry(at(), &detail));
    assert_eq!(
        (&heard["kind"], &heard["what"], &heard["question"]),
        (&json!("heard"), &json!("accept"), &json!("name"))
    );
    let rest = json!({"action": "accept", "pin": "[redacted]", "content": {"pin": "[redacted]", "a": ["[redacted]"], "b": {"pin": 4}}});
    assert_eq!(heard["message"]["full"], rest);
    let most: Vec<String> = (0..crate::MOST_PATTERNS).map(|n| format!("/{n}")).collect();
    let detail = Detail { full: true, redaction: Redaction::new(most.iter().map(String::as_str)).unwrap() };
    let message = r#"{"63":1,"content":{"0":2,"63":3,"64":4}}"#;
    let heard = read(Heard { call, question: "name", what: "accept", message }.entry(at(), &detail));
    assert_eq!(
        heard["message"]["full"],
        json!({"63": "[redacted]", "content": {"0": "[redacted]", "63": "[redacted]", "64": 4}})
    );
}

/// Whoever reads the record finds every kind of line in its documentation.
#[test]
fn every_kind_of_line_is_documented() {
    let page = include_str!("../../../../../docs/record.md");
    for kind in
        Kind::ALL.map(Kind::as_str).iter().chain(&[line::HEAD, line::CHECKPOINT, line::RECOVERED, line::RETIRED])
    {
        let row = |line: &str| {
            line.starts_with("| `") && line.split('|').nth(1).is_some_and(|cell| cell.contains(&format!("`{kind}`")))
        };
        assert!(page.lines().any(row), "{kind}");
    }
}

#[test]
fn a_digest_is_of_what_is_left_after_redaction() {
    let one = |json| read(Entry::new(Kind::Alert, at()).document("arguments", json, &Detail::default()));
    let digest = one("{\"card\": \"4111111111111111\"}")["arguments"]["digest"].clone();
    assert_eq!(digest, json!(Digest::of(b"{\"card\":\"[redacted]\"}").to_string()));
    assert_eq!(one("{\"card\":  \"5555555555554444\"}")["arguments"]["digest"], digest);
    assert_eq!(one("{\"card\"")["arguments"], json!({"bytes": 7, "unreadable": true}));
}

#[test]
fn nothing_makes_an_entry_large() {
    let detail = Detail { full: true, ..Detail::default() };
    let long = "\u{1}é".repeat(1 << 20);
    let entry = Entry::new(Kind::Alert, at()).text("what", &long);
    let document = serde_json::to_string(&long).unwrap();
    let entry = entry.document("arguments", &document, &detail);
    assert!(entry.bytes.len() < 64 << 10, "{}", entry.bytes.len());
    let read = read(entry);
    assert!(read["what"].as_str().unwrap().ends_with(&format!(
        "({} bytes, {})",
        long.len(),
        Digest::of(long.as_bytes())
    )));
    assert_eq!(read["arguments"]["digest"], json!(Digest::of(document.as_bytes()).to_string()));
}
