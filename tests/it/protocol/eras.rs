//! One endpoint, one process, two eras.

use serde_json::{Value, json};

use super::{everywhere, plain, served};
use crate::harness::{Era, http::Request};

const UNKNOWN_METHOD: i64 = -32601;
const INVALID_PARAMS: i64 = -32602;

#[test]
fn a_tool_is_listed_and_called() {
    everywhere(&plain(), |era, client, how| {
        let tools = client.list("tools/list", "tools");
        let names: Vec<&str> = tools.iter().filter_map(|tool| tool["name"].as_str()).collect();
        assert_eq!(names, ["echo_caller", "echo_fail", "echo_run"], "{how}");
        let run = &tools[2];
        assert_eq!(run["inputSchema"]["type"], "object", "{how}");
        assert_eq!(run["inputSchema"]["required"], json!(["text"]), "{how}");
        assert_eq!(run["outputSchema"]["type"], "object", "{how}");
        assert!(run["description"].as_str().is_some_and(|text| !text.is_empty()), "{how}");

        let answer = client.call("echo_run", json!({"text": "hi", "numbers": [1, 2]}));
        assert_eq!(answer.structured(), &json!({"text": "hi", "numbers": [1, 2]}), "{how}");
        let text: Value = serde_json::from_str(&answer.text()).expect("the same as text");
        assert_eq!(&text, answer.structured(), "{how}");
        // The guide's spelling.
        assert!(client.call("echo.run", json!({"text": "hi"})).is_ok(), "{how}");
        assert_eq!(answer.result().get("resultType").is_some(), era == Era::Modern, "{how}");
    });
}

#[test]
fn results_are_those_of_their_revision() {
    everywhere(&plain(), |era, client, how| {
        let list = client.request("tools/list", json!({}));
        let result = list.result();
        if era == Era::Modern {
            assert_eq!(result["resultType"], "complete", "{how}");
            assert!(result["ttlMs"].is_u64() && result["cacheScope"].is_string(), "{how}: {result}");
            assert_eq!(result["_meta"]["io.modelcontextprotocol/serverInfo"]["name"], "bulkhead", "{how}");
        } else {
            for member in ["resultType", "ttlMs", "cacheScope"] {
                assert!(result.get(member).is_none(), "{how}: {result}");
            }
        }
    });
}

#[test]
fn what_only_one_era_has() {
    everywhere(&plain(), |era, client, how| {
        let ping = client.request("ping", json!({}));
        let discover = client.request("server/discover", json!({}));
        match era {
            Era::Legacy => assert_eq!(ping.result(), &json!({}), "{how}"),
            Era::Modern => {
                assert_eq!(ping.code(), UNKNOWN_METHOD, "{how}");
                let versions = discover.result()["supportedVersions"].as_array().expect("versions").clone();
                assert!(versions.contains(&json!("2026-07-28")), "{how}: {versions:?}");
                assert!(discover.result()["capabilities"]["tools"].is_object(), "{how}");
            }
        }
    });
}

#[test]
fn what_is_not_there_is_told_as_the_protocol_says() {
    everywhere(&plain(), |era, client, how| {
        let unknown = client.request("no/such", json!({}));
        assert_eq!(unknown.code(), UNKNOWN_METHOD, "{how}");
        if how.ends_with("HTTP") {
            assert_eq!(unknown.status, if era == Era::Modern { 404 } else { 200 }, "{how}");
        }
        assert_eq!(client.call("echo_none", json!({})).code(), INVALID_PARAMS, "{how}");
        assert_eq!(client.call("none_run", json!({})).code(), INVALID_PARAMS, "{how}");
        assert_eq!(client.request("tools/list", json!({"cursor": "made up"})).code(), INVALID_PARAMS, "{how}");
        assert_eq!(client.request("tools/call", json!({"arguments": {}})).code(), INVALID_PARAMS, "{how}");
    });
}

#[test]
fn every_legacy_revision_is_spoken() {
    let (_house, server) = served();
    for revision in ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"] {
        let initialize = json!({
            "jsonrpc": "2.0", "id": "a", "method": "initialize",
            "params": {"protocolVersion": revision, "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}},
        });
        let response = server.exchange(&Request::mcp("POST", initialize.to_string()));
        let message = message(&response.text());
        assert_eq!(message["result"]["protocolVersion"], revision, "{message}");
        assert_eq!(message["id"], "a");
        assert!(message["result"]["serverInfo"]["name"].is_string());
    }
    let unknown = json!({
        "jsonrpc": "2.0", "id": 1, "method": "initialize",
        "params": {"protocolVersion": "1999-01-01", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}},
    });
    let message = message(&server.exchange(&Request::mcp("POST", unknown.to_string())).text());
    assert_eq!(message["result"]["protocolVersion"], "2025-11-25", "its own newest: {message}");
}

/// The message in a body, whether it came as JSON or as an event.
fn message(body: &str) -> Value {
    let data = body.lines().filter_map(|line| line.strip_prefix("data:")).map(str::trim).find(|data| !data.is_empty());
    serde_json::from_str(data.unwrap_or(body)).unwrap_or_else(|error| panic!("{error}: {body}"))
}

#[test]
fn both_eras_live_in_one_stdio_process() {
    let house = plain();
    let (_server, mut client) = house.serve_stdio_raw();
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    client.send(&json!({"jsonrpc": "2.0", "id": 1, "method": "server/discover", "params": {"_meta": meta}}));
    assert_eq!(client.receive()["result"]["resultType"], "complete");
    client.send(&json!({"jsonrpc": "2.0", "id": 2, "method": "initialize", "params": {
        "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}}));
    assert_eq!(client.receive()["result"]["protocolVersion"], "2025-06-18");
    client.send(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}));
    client.send(&json!({"jsonrpc": "2.0", "id": 3, "method": "tools/list"}));
    assert!(client.receive()["result"].get("resultType").is_none());
    client.send(&json!({"jsonrpc": "2.0", "id": 4, "method": "tools/list", "params": {"_meta": meta}}));
    assert_eq!(client.receive()["result"]["resultType"], "complete", "a modern request is one wherever it comes");
}
