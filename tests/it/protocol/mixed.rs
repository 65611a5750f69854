//! Eras that meet in one message, and eras that the operator switched off.

use serde_json::{Value, json};

use super::{plain, served};
use crate::harness::{
    Answer, Era, House, Server,
    http::{Request, Response},
};

const METHOD_NOT_FOUND: i64 = -32601;
const INVALID_REQUEST: i64 = -32600;
const HEADER_MISMATCH: i64 = -32020;
const UNSUPPORTED_VERSION: i64 = -32022;

fn told(response: &Response) -> (u16, i64, String) {
    let message: Value = serde_json::from_slice(&response.body).unwrap_or_else(|error| panic!("{error}: {response:?}"));
    let error = &message["error"];
    (
        response.head.status,
        error["code"].as_i64().unwrap_or_default(),
        error["message"].as_str().unwrap_or_default().to_owned(),
    )
}

fn mismatch(what: &str) -> (u16, i64, String) {
    (400, HEADER_MISMATCH, what.to_owned())
}

/// A legacy client's call of a tool, as it should be.
fn legacy_call(server: &Server) -> Request {
    let client = server.client(Era::Legacy);
    let message = client.message("tools/call", json!({"name": "echo_caller", "arguments": {}}));
    client.http_request(&message)
}

#[test]
fn a_header_that_disagrees_is_refused_in_the_older_era_too() {
    let (_house, server) = served();
    let call = legacy_call(&server);
    assert_eq!(server.exchange(&call).head.status, 200, "it need not be there");
    let agreeing = call.clone().header("Mcp-Method", "tools/call").header("Mcp-Name", "echo_caller");
    assert_eq!(server.exchange(&agreeing).head.status, 200);
    for (name, value, answer) in [
        ("Mcp-Method", "tools/list", "header Mcp-Method does not agree with the body"),
        ("Mcp-Method", "Tools/Call", "header Mcp-Method does not agree with the body"),
        ("Mcp-Method", "", "header Mcp-Method does not agree with the body"),
        ("Mcp-Name", "echo_run", "header Mcp-Name does not agree with the body"),
        (
            "Mcp-Name",
            "=?base64?ZWNobw?=",
            "header Mcp-Name: expected valid base64 of UTF-8 text between =?base64? and ?=",
        ),
    ] {
        let response = server.exchange(&call.clone().header(name, value));
        assert_eq!(told(&response), mismatch(answer), "{name}: {value}");
    }
    let mut twice = call.header("Mcp-Method", "tools/call");
    twice.headers.push(("Mcp-Method".to_owned(), "tools/call".to_owned()));
    let answer = told(&server.exchange(&twice));
    assert_eq!(answer, mismatch("header Mcp-Method does not agree with the body"), "said twice");
}

#[test]
fn a_modern_request_inside_a_session_is_modern() {
    let (_house, server) = served();
    let session = server.client(Era::Legacy).session().expect("a session").to_owned();
    let client = server.client(Era::Modern);
    let message = client.message("tools/list", json!({}));
    let request = client.http_request(&message).header("MCP-Session-Id", &session);
    let response = server.exchange(&request);
    let answer: Value = serde_json::from_slice(&response.body).expect("JSON");
    assert_eq!((response.head.status, &answer["result"]["resultType"]), (200, &json!("complete")));
    assert!(response.head.header("mcp-session-id").is_none(), "{response:?}");

    let older = request.header("MCP-Protocol-Version", "2025-11-25");
    let answer = told(&server.exchange(&older));
    assert_eq!(answer, mismatch("header MCP-Protocol-Version does not agree with the body"));

    // The other way round: a legacy message under the modern era's header.
    let call = legacy_call(&server).header("MCP-Protocol-Version", "2026-07-28");
    assert_eq!(server.exchange(&call).head.status, 400);
    // A dead session is nothing to a modern request.
    let dead = client.http_request(&message).header("MCP-Session-Id", "made-up-made-up-made-up");
    assert_eq!(server.exchange(&dead).head.status, 200);
    // Removed with sessions: nothing is resumed.
    let resuming = client.http_request(&message).header("Last-Event-ID", "1");
    assert_eq!(server.exchange(&resuming).head.status, 200);
}

#[test]
fn a_modern_request_after_a_handshake_is_modern_over_stdio() {
    let house = plain();
    let (_server, mut client) = house.serve_stdio(Era::Legacy);
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let modern = client.request("tools/list", json!({"_meta": meta}));
    assert_eq!(modern.result()["resultType"], "complete");
    let removed = client.request("ping", json!({"_meta": meta}));
    assert_eq!(removed.code(), METHOD_NOT_FOUND);
    assert_eq!(client.request("ping", json!({})).result(), &json!({}), "and the session goes on");
}

/// A house that speaks only these.
fn speaking(protocols: Value) -> House {
    plain().set("protocols", protocols)
}

fn initialize(revision: &str) -> Value {
    json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": revision, "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}})
}

fn post(server: &Server, message: &Value) -> Response {
    server.exchange(&Request::mcp("POST", message.to_string()))
}

fn refusal(answer: &Answer) -> (i64, String) {
    (answer.code(), answer.message["error"]["message"].as_str().unwrap_or_default().to_owned())
}

#[test]
fn without_the_older_era_a_handshake_names_what_is_spoken() {
    let house = speaking(json!(["2026-07-28"]));
    let server = house.serve();
    let text = "no handshake is spoken here; supported versions: 2026-07-28".to_owned();
    let response = post(&server, &initialize("2025-11-25"));
    assert_eq!(told(&response), (404, METHOD_NOT_FOUND, text.clone()));
    let message: Value = serde_json::from_slice(&response.body).expect("JSON");
    assert_eq!(message["error"]["data"]["supported"], json!(["2026-07-28"]));
    assert!(server.client(Era::Modern).call("echo_run", json!({"text": "a"})).is_ok());
    // What is not marked as modern is taken for it, and told what it lacks.
    let bare = post(&server, &json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"}));
    assert_eq!((told(&bare).0, told(&bare).1), (400, -32602));
    let guide = post(&server, &json!({"jsonrpc": "2.0", "id": 1, "method": "mcp.tools.list"}));
    assert_eq!(told(&guide), (200, METHOD_NOT_FOUND, "method not found: mcp.tools.list".to_owned()));
    for method in ["GET", "DELETE"] {
        let head = server.exchange(&Request::mcp(method, "")).head;
        assert_eq!((head.status, head.header("Allow")), (405, Some("POST, OPTIONS")), "{method}");
    }

    let (_server, mut client) = house.serve_stdio(Era::Modern);
    client.pipe().send(&initialize("2025-11-25"));
    let answer = client.pipe().receive();
    assert_eq!((&answer["error"]["code"], &answer["error"]["message"]), (&json!(METHOD_NOT_FOUND), &json!(text)));
    assert!(client.call("echo_run", json!({"text": "a"})).is_ok());
}

#[test]
fn without_the_newer_era_its_requests_are_told_to_begin_with_a_handshake() {
    let house = speaking(json!(["2025-11-25", "2025-03-26"]));
    let server = house.serve();
    let text = "requests without a handshake are not spoken here: initialize first".to_owned();
    let mut modern = server.client(Era::Modern);
    for method in ["server/discover", "tools/list"] {
        let answer = modern.request(method, json!({}));
        assert_eq!((answer.status, refusal(&answer)), (400, (INVALID_REQUEST, text.clone())), "{method}");
    }
    assert!(server.client(Era::Legacy).call("echo_run", json!({"text": "a"})).is_ok());
    // A revision that is off is not agreed on, and not taken in a header.
    let agreed: Value = serde_json::from_slice(&post(&server, &initialize("2025-06-18")).body).expect("JSON");
    assert_eq!(agreed["result"]["protocolVersion"], "2025-11-25");
    let agreed: Value = serde_json::from_slice(&post(&server, &initialize("2025-03-26")).body).expect("JSON");
    assert_eq!(agreed["result"]["protocolVersion"], "2025-03-26");
    let call = legacy_call(&server).header("MCP-Protocol-Version", "2025-06-18");
    let response = server.exchange(&call);
    assert_eq!((told(&response).0, told(&response).1), (400, UNSUPPORTED_VERSION));

    let (_server, mut client) = house.serve_stdio(Era::Modern);
    assert_eq!(refusal(&client.request("server/discover", json!({}))), (INVALID_REQUEST, text));
    client.pipe().send(&initialize("2025-11-25"));
    assert_eq!(client.pipe().receive()["result"]["protocolVersion"], "2025-11-25");
}
