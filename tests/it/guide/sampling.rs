//! Sampling parameters: whose they are, what may be set, and who is given them.

use serde_json::{Value, json};

use super::{ALICE, BOB, CAROL, authors, error, result};
use crate::harness::{Client, Era, Server};

/// What a call of the guide's is given.
fn given(server: &Server, key: &str, context: Value) -> Value {
    let params = json!({"toolId": "context-probe.run", "args": {}, "context": context});
    sampling(&result(server, key, "mcp.tool.invoke", params)["output"])
}

fn sampling(output: &Value) -> Value {
    match output["sampling"].as_str() {
        Some(text) => serde_json::from_str(text).expect("JSON"),
        None => Value::Null,
    }
}

fn given_to(client: &mut Client) -> Value {
    sampling(client.call("context-probe_run", json!({})).structured())
}

fn update(server: &Server, key: &str, params: Value) -> Value {
    result(server, key, "mcp.sampling.update", params)
}

#[test]
fn what_is_set_is_given_to_every_call_of_who_set_it() {
    let house = authors();
    let server = house.serve();
    assert_eq!(given(&server, ALICE, json!({})), Value::Null);
    let set = update(&server, ALICE, json!({"temperature": 0.7, "topP": 0.9}));
    assert_eq!(set, json!({"temperature": 0.7, "topP": 0.9}));
    let set = update(&server, ALICE, json!({"topP": null, "maxTokens": 64, "stopSequences": ["END"]}));
    let all = json!({"temperature": 0.7, "maxTokens": 64, "stopSequences": ["END"]});
    assert_eq!(set, all);
    assert_eq!(given(&server, ALICE, json!({})), all);
    for era in Era::ALL {
        assert_eq!(given_to(&mut server.client_with_key(era, ALICE)), all, "{era:?}");
        assert_eq!(given_to(&mut server.client_with_key(era, BOB)), Value::Null, "{era:?}");
    }
    assert_eq!(given(&server, BOB, json!({})), Value::Null);
    // The call's own come first, the others stay.
    let own = given(&server, ALICE, json!({"sampling": {"temperature": 0, "seed": 1}}));
    assert_eq!(own, json!({"temperature": 0, "maxTokens": 64, "stopSequences": ["END"], "seed": 1}));
    drop(server);
    let server = house.serve();
    assert_eq!(given(&server, ALICE, json!({})), all, "a restart keeps them");
}

#[test]
fn wrong_parameters_change_nothing() {
    let house = authors();
    let server = house.serve();
    let cases = [
        (json!({"temperature": 2.5}), "params.temperature: expected a number from 0 to 2"),
        (json!({"temperature": "1"}), "params.temperature: expected a number from 0 to 2"),
        (json!({"topP": -0.1}), "params.topP: expected a number from 0 to 1"),
        (json!({"maxTokens": 0}), "params.maxTokens: expected a whole number from 1 to 100000000"),
        (json!({"stopSequences": [""]}), "params.stopSequences: expected at most 16 texts of 1 to 256 bytes"),
        (json!({"seed": 1, "rootId": "none"}), "params.rootId: there is no such root"),
    ];
    for (params, told) in cases {
        let both = json!({"seed": 1});
        let mut params = params;
        params.as_object_mut().expect("an object").extend(both.as_object().expect("an object").clone());
        assert_eq!(error(&server, ALICE, "mcp.sampling.update", params), (-32602, told.to_owned()));
    }
    let (code, told) = error(&server, ALICE, "mcp.sampling.update", json!({"top_p": 1}));
    assert!(code == -32602 && told.starts_with("params.top_p: expected one of temperature, topP"), "{told}");
    assert_eq!(given(&server, ALICE, json!({})), Value::Null);
    let params = json!({"toolId": "context-probe.run", "args": {}, "context": {"sampling": {"topP": 7}}});
    let told = "params.context.sampling.topP: expected a number from 0 to 1";
    assert_eq!(error(&server, ALICE, "mcp.tool.invoke", params), (-32602, told.to_owned()));
}

#[test]
fn parameters_need_their_right() {
    let house = authors();
    let server = house.serve();
    let no = (-31403, "you may not do this".to_owned());
    assert_eq!(error(&server, CAROL, "mcp.sampling.update", json!({"seed": 1})), no);
    server.lines().wait_for(&["\"carol\" may not do this", "give \"carol\" the scope \"author\" in mcp.yaml"]);
    let params = json!({"toolId": "context-probe.run", "args": {}, "context": {"sampling": {"seed": 1}}});
    assert_eq!(error(&server, CAROL, "mcp.tool.invoke", params), no);
    assert_eq!(given(&server, CAROL, json!({})), Value::Null);
}

#[test]
fn what_a_plugin_asks_of_a_model_is_filled_in() {
    let house = authors();
    let server = house.serve();
    update(&server, ALICE, json!({"temperature": 0.3, "topP": 0.8, "maxTokens": 500}));
    let mut client = server.client_with_key(Era::Modern, ALICE);
    client.capabilities = json!({"sampling": {}});
    let asked = client.call("context-probe_ask", json!({}));
    let params = &asked.result()["inputRequests"]["question"]["params"];
    assert_eq!((&params["temperature"], &params["maxTokens"]), (&json!(0.3), &json!(7)), "{asked:?}");
    assert_eq!(params["topP"], 0.8, "{asked:?}");
}
