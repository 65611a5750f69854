//! Messages that are none, over both transports.

use std::time::Duration;

use serde_json::{Value, json};

use super::{plain, served};
use crate::harness::{Era, http::Request};

const PARSE_ERROR: i64 = -32700;
const INVALID_REQUEST: i64 = -32600;
const INVALID_PARAMS: i64 = -32602;

const NO_VERSION: &str = "jsonrpc: expected \"2.0\"";
const NO_ID: &str = "id: expected a string or an integer";
const NO_METHOD: &str = "method: expected a string";
const NEITHER: &str = "expected either a method, or an id with a result or an error";
const BATCH: &str = "expected one message: batches are not taken";
const SCALAR: &str = "expected a JSON-RPC message object";

/// What is sent, and the code, text and id of the answer; no id where none could be believed.
const MALFORMED: [(&str, i64, &str, Option<i64>); 22] = [
    ("{", PARSE_ERROR, "not valid JSON: expected a string at byte 1", None),
    ("nothing", PARSE_ERROR, "not valid JSON: expected a value at byte 0", None),
    (
        r#"{"jsonrpc":"2.0","id":1,"method":"ping""#,
        PARSE_ERROR,
        "not valid JSON: expected a comma or the end of an object at byte 39",
        None,
    ),
    ("{} {}", PARSE_ERROR, "not valid JSON: text after the value at byte 3", None),
    (r#"{"jsonrpc":"2.0","id":1,"method":"\ud800"}"#, PARSE_ERROR, "not valid JSON: lone surrogate at byte 34", None),
    ("[]", INVALID_REQUEST, BATCH, None),
    (r#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#, INVALID_REQUEST, BATCH, None),
    ("\"ping\"", INVALID_REQUEST, SCALAR, None),
    ("null", INVALID_REQUEST, SCALAR, None),
    (r#"{"id":1,"method":"ping"}"#, INVALID_REQUEST, NO_VERSION, Some(1)),
    (r#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#, INVALID_REQUEST, NO_VERSION, Some(1)),
    (r#"{"jsonrpc":2.0,"id":1,"method":"ping"}"#, INVALID_REQUEST, NO_VERSION, Some(1)),
    (r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#, INVALID_REQUEST, NO_ID, None),
    (r#"{"jsonrpc":"2.0","id":{},"method":"ping"}"#, INVALID_REQUEST, NO_ID, None),
    (r#"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#, INVALID_REQUEST, NO_ID, None),
    (r#"{"jsonrpc":"2.0","id":1,"method":5}"#, INVALID_REQUEST, NO_METHOD, Some(1)),
    (r#"{"jsonrpc":"2.0","id":1}"#, INVALID_REQUEST, NEITHER, Some(1)),
    (r#"{"jsonrpc":"2.0","id":1,"method":"ping","result":{}}"#, INVALID_REQUEST, NEITHER, Some(1)),
    (r#"{"jsonrpc":"2.0","id":1,"result":{},"error":{"code":1,"message":""}}"#, INVALID_REQUEST, NEITHER, Some(1)),
    (r#"{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}"#, INVALID_REQUEST, "duplicate key \"id\" at byte 24", None),
    (
        r#"{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/call"}"#,
        INVALID_REQUEST,
        "duplicate key \"method\" at byte 40",
        Some(1),
    ),
    (r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}"#, INVALID_PARAMS, "params: expected an object", Some(1)),
];

/// A message of `MALFORMED` as it is answered.
fn answer(code: i64, message: &str, id: Option<i64>) -> Value {
    let mut answer = json!({"jsonrpc": "2.0", "error": {"code": code, "message": message}});
    if let Some(id) = id {
        answer["id"] = id.into();
    }
    answer
}

#[test]
fn what_is_no_message_is_refused_over_http() {
    let (_house, server) = served();
    for era in Era::ALL {
        // With all that a client of the era says in its headers, and with nothing.
        let client = server.client(era);
        let headed = client.http_request(&json!({"method": "ping"}));
        for request in [headed, Request::mcp("POST", "")] {
            for (body, code, message, id) in MALFORMED {
                let response = server.exchange(&Request { body: body.into(), ..request.clone() });
                let told: Value = serde_json::from_slice(&response.body).expect("a JSON-RPC error");
                assert_eq!((response.head.status, told), (400, answer(code, message, id)), "{era:?}: {body:?}");
            }
        }
    }
    let empty = server.exchange(&Request::mcp("POST", ""));
    assert_eq!(empty.head.status, 400);
    let told: Value = serde_json::from_slice(&empty.body).expect("a JSON-RPC error");
    assert_eq!(told, answer(PARSE_ERROR, "not valid JSON: expected a value at byte 0", None));
    let not_text = [b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"".as_slice(), &[0xff], b"\"}"].concat();
    let invalid = server.exchange(&Request::mcp("POST", not_text));
    assert_eq!(invalid.head.status, 400);
    let told: Value = serde_json::from_slice(&invalid.body).expect("a JSON-RPC error");
    assert_eq!(told, answer(PARSE_ERROR, "not valid JSON: invalid UTF-8 at byte 34", None));
    let mut deep = String::from(
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"echo_run\",\"arguments\":",
    );
    deep.push_str(&format!("{}1{}}}}}", "{\"a\":".repeat(2_000), "}".repeat(2_000)));
    let deep = server.exchange(&Request::mcp("POST", deep));
    let told: Value = serde_json::from_slice(&deep.body).expect("a JSON-RPC error");
    assert_eq!((deep.head.status, &told["error"]["code"], &told["id"]), (400, &json!(INVALID_REQUEST), &json!(1)));
    // And it goes on.
    assert!(server.client(Era::Modern).call("echo_run", json!({"text": "a"})).is_ok());
}

#[test]
fn what_is_no_message_does_not_end_stdio() {
    for era in Era::ALL {
        let house = plain();
        let (_server, mut client) = house.serve_stdio(era);
        for (line, code, message, id) in MALFORMED {
            client.pipe().send_raw(format!("{line}\n").as_bytes());
            assert_eq!(client.pipe().receive(), answer(code, message, id), "{era:?}: {line:?}");
        }
        client.pipe().send_raw(b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\xff\"}\n");
        let told = client.pipe().receive();
        assert_eq!(told, answer(PARSE_ERROR, "not valid JSON: invalid UTF-8 at byte 34", None), "{era:?}");
        // Empty lines are nothing, and it goes on.
        client.pipe().send_raw(b"\n\r\n");
        assert!(client.call("echo_run", json!({"text": "a"})).is_ok(), "{era:?}");
    }
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
