use std::fs;

use serde_json::json;

use super::{end, holds, serve};
use crate::harness::{Era, House, Plugin};

const KEY: &str = "key-that-must-not-be-on-any-record-at-all";
/// A number that cards might have.
const CARD: &str = "4111 1111 1111 1111";

fn bytes(house: &House) -> String {
    let mut all = String::new();
    for entry in fs::read_dir(house.join("audit")).expect("the record") {
        let path = entry.expect("a file").path();
        all.push_str(&String::from_utf8_lossy(&fs::read(path).unwrap_or_default()));
    }
    all
}

fn served(audit: serde_json::Value) -> String {
    let house = House::new()
        .with(&Plugin::guest("echo"))
        .set("allowAnonymous", json!(false))
        .set("apiKey", json!(KEY))
        .set("audit", audit);
    let server = serve(&house, &["echo"]);
    let mut client = server.client_with_key(Era::Modern, KEY);
    for text in ["plain text", CARD] {
        assert!(client.call("echo_run", json!({"text": text})).is_ok());
    }
    end(server);
    holds(&house);
    bytes(&house)
}

#[test]
fn keys_and_card_numbers_are_on_no_record() {
    for arguments in ["digest", "full"] {
        let record = served(json!({"mode": "record", "arguments": arguments}));
        assert!(!record.contains(KEY), "{arguments}");
        assert!(!record.contains("1111 1111"), "{arguments}: {record}");
        assert_eq!(record.contains("plain text"), arguments == "full");
    }
}

#[test]
fn what_is_to_be_redacted_is() {
    let redact = ["/text", "/structuredContent/text", "/content/*/text"];
    let record = served(json!({"mode": "record", "arguments": "full", "redact": redact}));
    assert!(!record.contains("plain text"), "{record}");
    assert!(record.contains("[redacted]"), "{record}");
    assert!(record.contains("\"numbers\""), "the rest is there: {record}");
}
