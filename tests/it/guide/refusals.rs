//! What is refused, and in which words: without a key, without a scope,
//! malformed, unknown, switched off.

use serde_json::{Value, json};

use super::{ALL, NONE, call, error, house, over_stdio, request, serve, serve_stdio};
use crate::harness::{House, Plugin};

/// Every method of this page, with parameters that make sense.
fn methods() -> Vec<(&'static str, Value)> {
    vec![
        ("mcp.tools.list", json!({})),
        ("mcp.tool.invoke", json!({"toolId": "calc.evaluate", "args": {"expression": "1"}})),
        ("mcp.resource.list", json!({})),
        ("mcp.resource.read", json!({"uri": "file:///data/a.txt"})),
        ("mcp.resource.write", json!({"uri": "file:///data/w.txt", "content": "x"})),
        ("mcp.routing", json!({})),
        ("mcp.routing.set", json!({"routes": []})),
        ("mcp.trust.registry", json!({})),
    ]
}

#[test]
fn nothing_is_answered_without_a_key() {
    let house = house();
    let server = serve(&house);
    for (method, params) in methods().into_iter().chain([("mcp.event.subscribe", json!({}))]) {
        for wrong in [None, Some("no-key-of-this-house")] {
            let response = server.exchange(&request(method, params.clone(), wrong));
            assert_eq!(response.head.status, 401, "{method}");
            assert!(
                response.head.header("www-authenticate").is_some_and(|told| told.starts_with("Bearer")),
                "{method}"
            );
        }
        if method != "mcp.event.subscribe" {
            let (status, answer) = call(&server, ALL, method, params);
            assert!(status == 200 && answer.get("result").is_some(), "{method}: {answer}");
        }
    }
}

#[test]
fn without_a_scope_nothing_is_done_and_nothing_is_listed() {
    let house = house();
    let server = serve(&house);
    let denied = |method: &str, told: &str| {
        let params = methods().into_iter().find(|(name, _)| *name == method).expect("a method").1;
        assert_eq!(error(&server, NONE, method, params), (-31403, told.to_owned()), "{method}");
    };
    denied("mcp.tool.invoke", "you may not call this tool");
    denied("mcp.resource.read", "you may not read this resource");
    denied("mcp.resource.write", "you may not write this resource");
    denied("mcp.routing.set", "you may not do this");
    denied("mcp.trust.registry", "you may not do this");
    for method in ["mcp.tools.list", "mcp.resource.list"] {
        assert_eq!(call(&server, NONE, method, json!({})).1["result"], json!([]), "{method}");
    }
    server.lines().wait_for(&["\"none\" may not do this", "give \"none\" the scope \"everything\" in mcp.yaml"]);
}

#[test]
fn malformed_parameters_are_told_with_their_place() {
    let house = house();
    let server = serve(&house);
    let (_stdio, mut pipe) = serve_stdio(&house);
    let table = [
        ("mcp.tool.invoke", json!({}), "params.toolId: expected a string, got nothing"),
        ("mcp.tool.invoke", json!({"toolId": 5}), "params.toolId: expected a string, got a number"),
        ("mcp.tool.invoke", json!({"toolId": "a", "args": []}), "params.args: expected an object, got an array"),
        (
            "mcp.tool.invoke",
            json!({"toolId": "a", "context": {"timeoutMs": -1}}),
            "params.context.timeoutMs: expected a whole number, got a number",
        ),
        ("mcp.resource.read", json!({}), "params: expected either uri, or resourceId and params"),
        (
            "mcp.resource.read",
            json!({"uri": "a:b", "resourceId": "c"}),
            "params: expected either uri, or resourceId and params",
        ),
        (
            "mcp.resource.read",
            json!({"resourceId": "a", "params": 1}),
            "params.params: expected an object, got a number",
        ),
        (
            "mcp.resource.write",
            json!({"uri": "a:b", "content": "x", "ifmatch": "y"}),
            "params.ifmatch: expected one of uri, resourceId, params, content, blob, ifMatch, context, _meta",
        ),
        ("mcp.resource.write", json!({"uri": "a:b"}), "params: expected either content (a string) or blob (base64)"),
        ("mcp.routing.set", json!({}), "params.routes: expected an array of {prefix, server}, got nothing"),
        ("mcp.routing.set", json!({"routes": [7]}), "params.routes[0]: expected an object, got a number"),
        (
            "mcp.routing.set",
            json!({"routes": [{"prefix": "calc", "server": "local"}, {"prefix": "calc"}]}),
            "params.routes[1].server: expected a string, got nothing",
        ),
        ("mcp.event.subscribe", json!({"events": "all"}), "params.events: expected an array of strings, got a string"),
        (
            "mcp.event.subscribe",
            json!({"uris": "file:///a"}),
            "params.uris: expected an array of strings, got a string",
        ),
        (
            "mcp.event.subscribe",
            json!({"events": ["securityAlert", "x"]}),
            "params.events[1]: expected one of mcp.event.resourceUpdated, mcp.event.securityAlert",
        ),
    ];
    for (method, params, told) in table {
        assert_eq!(error(&server, ALL, method, params.clone()), (-32602, told.to_owned()), "{method} {params}");
        let answer = over_stdio(&mut pipe, method, params);
        assert_eq!(answer["error"], json!({"code": -32602, "message": told}), "over stdio");
    }
}

#[test]
fn names_that_there_are_none_of_are_not_found() {
    let house = house();
    let server = serve(&house);
    for method in ["mcp.tool.list", "mcp.tools", "mcp.", "mcp.tool.invoke.now", "mcp.admin.grant"] {
        assert_eq!(error(&server, ALL, method, json!({})), (-32601, format!("method not found: {method}")));
    }
    // What another dialect calls a method is none here, and the other way round.
    assert_eq!(error(&server, ALL, "mcp.tools/list", json!({})).0, -32601);
}

#[test]
fn without_the_guide_among_the_protocols_its_names_are_unknown() {
    let house = House::new().with(&Plugin::guest("echo")).set("protocols", json!(["2026-07-28", "2025-11-25"]));
    let server = house.serve();
    let (_stdio, mut pipe) = house.serve_stdio_raw();
    for (method, params) in methods() {
        let response = server.exchange(&request(method, params.clone(), None));
        let answer: Value = serde_json::from_slice(&response.body).expect("JSON");
        assert_eq!(answer["error"]["code"], -32601, "{method}: {answer}");
        assert_eq!(over_stdio(&mut pipe, method, params)["error"]["code"], -32601, "{method}");
    }
    let alone = House::new().with(&Plugin::guest("echo")).set("protocols", json!(["guide"]));
    let server = alone.serve();
    let listed = server.exchange(&request("mcp.tools.list", json!({}), None));
    assert!(listed.text().contains("echo.run"), "{listed:?}");
    assert!(!server.exchange(&request("tools/list", json!({}), None)).text().contains("echo"));
}
