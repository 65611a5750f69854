//! Requests that make no sense: the exact answer, in both eras over both
//! transports.

use serde_json::{Value, json};

use super::everywhere;
use crate::harness::{Answer, Client, Era, House, Plugin};

const INVALID_PARAMS: i64 = -32602;

/// The fixture, which has something of everything.
fn fixture() -> House {
    House::new().with(&Plugin::real("everything").with("prefix", json!("")))
}

/// Status, code and text of a refusal. Over stdio, every status is 200.
fn refusal(answer: &Answer) -> (u16, i64, String) {
    (answer.status, answer.code(), answer.message["error"]["message"].as_str().unwrap_or_default().to_owned())
}

/// The status under which HTTP says what is `wrong` with a request itself.
fn bad_request(how: &str) -> u16 {
    if how.ends_with("HTTP") { 400 } else { 200 }
}

#[test]
fn malformed_parameters_say_what_was_expected() {
    let anywhere = [
        ("tools/call", json!({}), "params.name: expected a string, got nothing"),
        ("tools/call", json!({"name": 5}), "params.name: expected a string, got a number"),
        ("tools/call", json!({"name": null}), "params.name: expected a string, got nothing"),
        (
            "tools/call",
            json!({"name": "greet", "arguments": [1]}),
            "params.arguments: expected an object, got an array",
        ),
        (
            "tools/call",
            json!({"name": "greet", "arguments": "{}"}),
            "params.arguments: expected an object, got a string",
        ),
        ("resources/read", json!({}), "params.uri: expected a string, got nothing"),
        ("resources/read", json!({"uri": ["test://static-text"]}), "params.uri: expected a string, got an array"),
        ("prompts/get", json!({}), "params.name: expected a string, got nothing"),
        (
            "prompts/get",
            json!({"name": "test_prompt_with_arguments", "arguments": {"arg1": 1}}),
            "params.arguments.arg1: expected a string, got a number",
        ),
        ("tools/list", json!({"cursor": 1}), "params.cursor: expected a string, got a number"),
        ("prompts/list", json!({"cursor": {}}), "params.cursor: expected a string, got an object"),
        ("resources/list", json!({"cursor": true}), "params.cursor: expected a string, got a boolean"),
        ("completion/complete", json!({}), "params.ref: expected an object, got nothing"),
        (
            "completion/complete",
            json!({"ref": {"type": "ref/tool"}}),
            "params.ref.type: expected ref/prompt or ref/resource",
        ),
        (
            "completion/complete",
            json!({"ref": {"type": "ref/prompt", "name": "test_prompt_with_arguments"}, "argument": {"name": "arg1"}}),
            "params.argument.value: expected a string, got nothing",
        ),
    ];
    let legacy = [
        (
            "logging/setLevel",
            json!({"level": "loud"}),
            "params.level: expected one of debug, info, notice, warning, error, critical, alert, emergency",
        ),
        ("resources/subscribe", json!({}), "params.uri: expected a string, got nothing"),
        ("resources/unsubscribe", json!({"uri": 1}), "params.uri: expected a string, got a number"),
    ];
    let modern = [
        ("subscriptions/listen", json!({}), "params.notifications: expected an object, got nothing"),
        (
            "subscriptions/listen",
            json!({"notifications": {"toolsListChanged": "yes"}}),
            "params.notifications.toolsListChanged: expected true or false, got a string",
        ),
        (
            "subscriptions/listen",
            json!({"notifications": {"resourceSubscriptions": [1]}}),
            "params.notifications.resourceSubscriptions: expected an array of strings, got an array",
        ),
        ("tasks/get", json!({}), "params.taskId: expected a string, got nothing"),
        (
            "tools/call",
            json!({"name": "greet", "inputResponses": []}),
            "params.inputResponses: expected an object, got an array",
        ),
    ];
    everywhere(&fixture(), |era, client, how| {
        let own = if era == Era::Legacy { legacy.as_slice() } else { modern.as_slice() };
        for (method, params, message) in anywhere.iter().chain(own) {
            let told = refusal(&client.request(method, params.clone()));
            assert_eq!(told, (200, INVALID_PARAMS, (*message).to_owned()), "{how}: {method} {params}");
        }
    });
}

#[test]
fn what_is_not_there_has_its_own_code() {
    everywhere(&fixture(), |era, client, how| {
        let unknown = |client: &mut Client, method: &str, params: Value| refusal(&client.request(method, params));
        for name in ["nothing", "", "everything.nothing", "../greet", "Greet"] {
            let told = unknown(client, "tools/call", json!({"name": name}));
            assert_eq!(told, (200, INVALID_PARAMS, "unknown tool".to_owned()), "{how}: {name:?}");
            let told = unknown(client, "prompts/get", json!({"name": name}));
            assert_eq!(told, (200, INVALID_PARAMS, "unknown prompt".to_owned()), "{how}: {name:?}");
        }
        for uri in ["test://nothing", "file:///etc/passwd", "test://static-text/", "nothing"] {
            let answer = client.request("resources/read", json!({"uri": uri}));
            let code = if era == Era::Legacy { -32002 } else { INVALID_PARAMS };
            assert_eq!(refusal(&answer), (200, code, "resource not found".to_owned()), "{how}: {uri}");
            assert_eq!(answer.message["error"]["data"]["uri"], uri, "{how}");
        }
        for (method, params) in [
            ("tools/list", json!({"cursor": "made up"})),
            ("prompts/list", json!({"cursor": ""})),
            ("resources/list", json!({"cursor": "AAAA"})),
            ("resources/templates/list", json!({"cursor": "%"})),
        ] {
            let told = unknown(client, method, params);
            assert_eq!((told.0, told.1), (200, INVALID_PARAMS), "{how}: {method}: {told:?}");
            assert!(told.2.contains("cursor"), "{how}: {method}: {told:?}");
        }
        let lacking = unknown(client, "prompts/get", json!({"name": "test_prompt_with_arguments"}));
        assert_eq!((lacking.0, lacking.1), (200, INVALID_PARAMS), "{how}: {lacking:?}");
        assert!(lacking.2.contains("arg1"), "{how}: {lacking:?}");
    });
}

#[test]
fn an_argument_of_the_wrong_type_is_the_tools_error_and_not_the_protocols() {
    everywhere(&fixture(), |_, client, how| {
        for arguments in [json!({"name": 5}), json!({}), json!({"name": null})] {
            let answer = client.call("greet", arguments.clone());
            assert_eq!(answer.result()["isError"], true, "{how}: {arguments}");
            assert!(answer.text().contains("name"), "{how}: {arguments}: {answer:?}");
        }
        assert_eq!(client.call("greet", json!({"name": "Alice"})).text(), "Hello, Alice!", "{how}");
    });
}

#[test]
fn every_modern_result_says_who_answered() {
    let who = "io.modelcontextprotocol/serverInfo";
    everywhere(&fixture(), |era, client, how| {
        for (method, params) in [
            ("tools/list", json!({})),
            ("tools/call", json!({"name": "greet", "arguments": {"name": "Alice"}})),
            ("tools/call", json!({"name": "greet", "arguments": {}})),
            ("prompts/get", json!({"name": "test_simple_prompt"})),
            ("resources/read", json!({"uri": "test://static-text"})),
            (
                "completion/complete",
                json!({"ref": {"type": "ref/prompt", "name": "test_prompt_with_arguments"},
                       "argument": {"name": "arg1", "value": "pa"}}),
            ),
        ] {
            let answer = client.request(method, params);
            let name = &answer.result()["_meta"][who]["name"];
            assert_eq!(name == "bulkhead", era == Era::Modern, "{how}: {method}: {answer:?}");
        }
    });
}

#[test]
fn wrong_metadata_is_refused() {
    const META: &str = "io.modelcontextprotocol";
    let cases = [
        ("protocolVersion", json!(null), "expected a protocol version"),
        ("protocolVersion", json!(20_260_728), "expected a protocol version"),
        ("clientCapabilities", json!(null), "expected an object"),
        ("clientCapabilities", json!([]), "expected an object of objects"),
        ("clientCapabilities", json!({"sampling": true}), "expected an object of objects"),
        ("clientInfo", json!("me"), "expected an object with a name"),
        ("logLevel", json!("loud"), "expected one of debug, info, notice, warning, error, critical, alert, emergency"),
    ];
    everywhere(&fixture(), |era, client, how| {
        if era == Era::Legacy {
            return;
        }
        for (member, value, expected) in &cases {
            let mut message = client.message("tools/list", json!({}));
            message["params"]["_meta"][format!("{META}/{member}")] = value.clone();
            let told = refusal(&client.deliver(&message).expect("an answer"));
            let text = format!("params._meta[\"{META}/{member}\"]: {expected}");
            assert_eq!(told, (bad_request(how), INVALID_PARAMS, text), "{how}: {member}: {value}");
        }
        let mut message = client.message("tools/list", json!({}));
        message["params"]["_meta"]["progressToken"] = json!({});
        let told = refusal(&client.deliver(&message).expect("an answer"));
        let text = "params._meta.progressToken: expected a string or an integer".to_owned();
        assert_eq!((told.1, told.2), (INVALID_PARAMS, text), "{how}");
    });
}

#[test]
fn messages_that_want_no_answer_get_none() {
    everywhere(&fixture(), |era, client, how| {
        // `notify` sees to it that HTTP says 202.
        client.notify("notifications/cancelled", json!({"requestId": "never asked"}));
        client.notify("notifications/cancelled", json!({"requestId": {}}));
        client.notify("notifications/made/up", json!({"a": 1}));
        if era == Era::Legacy {
            client.notify("notifications/roots/list_changed", json!({}));
        }
        let next = client.request("tools/list", json!({}));
        assert_eq!(next.before, Vec::<Value>::new(), "{how}");
    });
}
