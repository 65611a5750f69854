//! Arguments fit the tool's input schema, results its output schema.

use serde_json::json;

use super::{everywhere, plain};
use crate::harness::{Answer, Era, House, Plugin};

/// The text of a tool error, which is no JSON-RPC error.
fn tool_error(answer: &Answer) -> String {
    assert_eq!(answer.result()["isError"], true, "{answer:?}");
    answer.text()
}

#[test]
fn arguments_that_do_not_fit_never_reach_the_plugin() {
    everywhere(&plain(), |_, client, how| {
        for (arguments, pointer) in [
            (json!({}), "text"),
            (json!({"text": 5}), "/text"),
            (json!({"text": "a", "numbers": [1, "two"]}), "/numbers/1"),
            (json!({"text": "a", "numbers": [1.5]}), "/numbers/0"),
            (json!({"text": null}), "/text"),
        ] {
            let told = tool_error(&client.call("echo_run", arguments.clone()));
            assert!(told.contains(pointer), "{how}: {arguments}: {told}");
        }
        let wrong = client.request("tools/call", json!({"name": "echo_run", "arguments": ["text"]}));
        assert!(!wrong.is_ok(), "{how}: {wrong:?}");
    });
}

#[test]
fn what_has_no_bound_gets_the_hosts() {
    let house = plain();
    let server = house.serve();
    let mut client = server.client(Era::Modern);
    assert!(client.call("echo_run", json!({"text": "x".repeat(256 * 1024)})).is_ok());
    let told = tool_error(&client.call("echo_run", json!({"text": "x".repeat(256 * 1024 + 1)})));
    assert!(told.contains("/text"), "{told}");
    assert!(client.call("echo_run", json!({"text": "a", "numbers": vec![1; 10_000]})).is_ok());
    let told = tool_error(&client.call("echo_run", json!({"text": "a", "numbers": vec![1; 10_001]})));
    assert!(told.contains("/numbers"), "{told}");
}

#[test]
fn a_result_against_its_own_schema_is_not_passed_on() {
    let house = House::new().with(&Plugin::guest("bad_output"));
    let server = house.serve();
    for era in Era::ALL {
        let mut client = server.client(era);
        assert_eq!(client.call("bad-output_run", json!({"honest": true})).structured(), &json!({"count": 3}));
        let answer = client.call("bad-output_run", json!({"honest": false}));
        assert!(!answer.is_ok() && !answer.message.to_string().contains("three"), "{answer:?}");
    }
    server.lines().wait_for(&["bad-output", "count"]);
}

#[test]
fn json_that_is_none_is_not_passed_on() {
    let house = House::new().with(&Plugin::guest("bad_json"));
    everywhere(&house, |era, client, how| {
        for kind in
            ["duplicate_key", "hidden_duplicate_key", "lone_surrogate", "deep", "trailing", "raw_control", "not_json"]
        {
            let answer = client.call("bad-json_run", json!({"kind": kind}));
            assert!(!answer.is_ok(), "{how}: {kind}: {answer:?}");
            assert!(answer.message.get("result").is_none_or(|result| result.get("structuredContent").is_none()));
        }
        assert_eq!(client.call("bad-json_run", json!({"kind": "good"})).structured(), &json!({"a": 1}), "{how}");
        let array = client.call("bad-json_run", json!({"kind": "not_an_object"}));
        if era == Era::Legacy {
            let structured = array.message["result"].get("structuredContent");
            assert!(structured.is_none_or(serde_json::Value::is_object), "{how}: {array:?}");
        }
    });
}

#[test]
fn a_forged_frame_stays_inside_its_answer() {
    let house = House::new().with(&Plugin::guest("forge_frame"));
    everywhere(&house, |era, client, how| {
        client.meta.insert("progressToken".to_owned(), json!("p"));
        match era {
            Era::Legacy => drop(client.request("logging/setLevel", json!({"level": "debug"}))),
            Era::Modern => drop(client.meta.insert("io.modelcontextprotocol/logLevel".to_owned(), json!("debug"))),
        }
        let answer = client.call("forge-frame_run", json!({}));
        assert!(answer.text().contains("notifications/tools/list_changed"), "{how}: {answer:?}");
        assert_eq!(answer.structured(), &json!({"a": "\n\n", "forged": [1, 2]}), "{how}");
        for message in &answer.before {
            assert_ne!(message["method"], "notifications/tools/list_changed", "{how}");
            assert!(message["result"].get("forged").is_none(), "{how}");
        }
        // The next answer is the next request's.
        let next = client.request("tools/list", json!({}));
        assert!(next.result()["tools"].is_array(), "{how}: {next:?}");
        assert_eq!(next.before, Vec::<serde_json::Value>::new(), "{how}");
    });
}
