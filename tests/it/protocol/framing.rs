//! Messages that are none, over both transports.

use std::time::Duration;

use serde_json::{Value, json};

use super::{plain, served};
use crate::harness::{Era, http::Request};

const PARSE_ERROR: i64 = -32700;
const INVALID_REQUEST: i64 = -32600;

/// What is sent, and the code of the answer.
const MALFORMED: [(&str, i64); 10] = [
    ("{", PARSE_ERROR),
    ("", PARSE_ERROR),
    ("nothing", PARSE_ERROR),
    ("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"", PARSE_ERROR),
    ("[]", INVALID_REQUEST),
    ("[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}]", INVALID_REQUEST),
    ("{\"id\":1,\"method\":\"ping\"}", INVALID_REQUEST),
    ("{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"ping\"}", INVALID_REQUEST),
    ("{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"ping\"}", INVALID_REQUEST),
    ("{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"ping\"}", INVALID_REQUEST),
];

#[test]
fn what_is_no_message_is_refused_over_http() {
    let (_house, server) = served();
    for (body, code) in MALFORMED {
        let response = server.exchange(&Request::mcp("POST", body));
        assert_eq!(response.head.status, 400, "{body:?}: {response:?}");
        let message: Value = serde_json::from_slice(&response.body).expect("a JSON-RPC error");
        assert_eq!(message["error"]["code"], code, "{body:?}: {message}");
    }
    let invalid = server.exchange(&Request::mcp(
        "POST",
        [b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"".as_slice(), &[0xff], b"\"}"].concat(),
    ));
    assert_eq!(invalid.head.status, 400, "UTF-8 that is none");
    let mut deep = String::from(
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"echo_run\",\"arguments\":",
    );
    deep.push_str(&format!("{}1{}}}}}", "{\"a\":".repeat(2_000), "}".repeat(2_000)));
    let deep = server.exchange(&Request::mcp("POST", deep));
    assert!((400..500).contains(&deep.head.status), "{deep:?}");
    // And it goes on.
    assert!(server.client(Era::Modern).call("echo_run", json!({"text": "a"})).is_ok());
}

#[test]
fn what_is_no_message_does_not_end_stdio() {
    let house = plain();
    let (_server, mut pipe) = house.serve_stdio_raw();
    for (line, code) in MALFORMED.iter().filter(|(line, _)| !line.is_empty()) {
        pipe.send_raw(format!("{line}\n").as_bytes());
        assert_eq!(pipe.receive()["error"]["code"], *code, "{line:?}");
    }
    pipe.send_raw(b"\n\r\n");
    pipe.send(&json!({"jsonrpc": "2.0", "id": "still", "method": "initialize", "params": {
        "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}}));
    assert_eq!(pipe.answer_to(&json!("still")).0["result"]["protocolVersion"], "2025-11-25");
}

#[test]
fn a_line_without_end_does_not_fill_memory() {
    let house = plain();
    let (mut server, mut pipe) = house.serve_stdio_raw();
    let part = vec![b'x'; 1 << 20];
    for _ in 0..8 {
        pipe.send_raw(&part);
    }
    pipe.send_raw(b"\n");
    let answer = pipe.receive();
    assert!(answer["error"]["code"].is_i64(), "{answer}");
    pipe.send(&json!({"jsonrpc": "2.0", "id": 7, "method": "initialize", "params": {
        "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}}));
    assert!(pipe.answer_to(&json!(7)).0.get("result").is_some());
    assert!(server.is_running());
}

#[test]
fn a_body_that_is_too_large_is_not_read() {
    let house = plain().set("limits", json!({"requestBody": "64KiB"}));
    let server = house.serve();
    let response = server.exchange(&Request::mcp("POST", vec![b' '; 65 * 1024]));
    assert_eq!(response.head.status, 413, "{response:?}");
    let promised = Request::mcp("POST", "{}").header("Content-Length", "99999999999");
    assert_eq!(server.exchange(&promised).head.status, 413);
}

#[test]
fn the_end_of_input_ends_the_process() {
    for era in Era::ALL {
        let house = plain();
        let (mut server, mut client) = house.serve_stdio(era);
        assert!(client.call("echo_run", json!({"text": "a"})).is_ok());
        client.pipe().close();
        assert_eq!(server.ended_within(Duration::from_secs(10)), 0, "{era:?}");
    }
}

#[test]
fn ids_come_back_as_they_were() {
    let (_house, server) = served();
    for id in ["1", "\"1\"", "\"\u{fc}\\n\"", "9007199254740993", "-5"] {
        let body = format!(
            "{{\"jsonrpc\":\"2.0\",\"id\":{id},\"method\":\"tools/list\",\"params\":{{\"_meta\":{{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\",\"io.modelcontextprotocol/clientCapabilities\":{{}}}}}}}}"
        );
        let request = Request::mcp("POST", body)
            .header("MCP-Protocol-Version", "2026-07-28")
            .header("Mcp-Method", "tools/list")
            .header("Accept", "application/json");
        let answer: Value = serde_json::from_slice(&server.exchange(&request).body).expect("JSON");
        let expected: Value = serde_json::from_str(id).expect("an id");
        assert_eq!(answer["id"], expected, "{answer}");
        assert!(answer.get("result").is_some(), "{answer}");
    }
}
