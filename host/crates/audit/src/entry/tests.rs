use std::time::{Duration, UNIX_EPOCH};

use bulkhead_base::{CallId, Operation, OperationKind};
use serde_json::{Value, json};

use super::*;

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
    let outcome = Outcome { call, outcome: "error", reason: Some("no grant"), result: None, cost };
    let outcome = read(outcome.entry(at(), &detail));
    assert_eq!((&outcome["outcome"], &outcome["reason"]), (&json!("error"), &json!("no grant")));
    assert_eq!(
        [&outcome["micros"], &outcome["cpuMicros"], &outcome["memory"], &outcome["output"]],
        [&json!(2000), &json!(3), &json!(4), &json!(5)]
    );
    let decision = Decision { id, principal: "bob", operation: &operation, allowed: false, reason: "no scope" };
    assert_eq!(read(decision.entry(at()))["allowed"], json!(false));
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
