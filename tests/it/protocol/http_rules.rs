//! What HTTP itself asks for: origins, hosts, headers, sessions.

use serde_json::{Value, json};

use super::served;
use crate::harness::{Client, Era, Server, http::Request};

const HEADER_MISMATCH: i64 = -32020;
const UNSUPPORTED_VERSION: i64 = -32022;
const INVALID_PARAMS: i64 = -32602;

/// A modern request for the tools, as it should be.
fn modern(server: &Server) -> (Value, Request) {
    let client = server.client(Era::Modern);
    let message = client.message("tools/list", json!({}));
    let request = client.http_request(&message);
    (message, request)
}

fn code(server: &Server, request: &Request) -> (u16, i64) {
    let response = server.exchange(request);
    let message: Value = serde_json::from_slice(&response.body).unwrap_or_default();
    (response.head.status, message["error"]["code"].as_i64().unwrap_or(0))
}

#[test]
fn a_web_page_cannot_call() {
    let (_house, server) = served();
    let port = server.address().port();
    let (_, request) = modern(&server);
    for (name, value) in [
        ("Origin", "https://evil.example.com"),
        ("Origin", "null"),
        ("Host", "evil.example.com"),
        ("Host", "127.0.0.1.evil.example.com"),
    ] {
        let status = server.exchange(&request.clone().header(name, value)).head.status;
        assert_eq!(status, 403, "{name}: {value}");
    }
    let preflight = Request::mcp("OPTIONS", "").header("Access-Control-Request-Method", "POST");
    let asked = server.exchange(&preflight.header("Origin", "https://evil.example.com"));
    assert!(asked.head.status >= 400 && asked.head.header("access-control-allow-origin").is_none(), "{asked:?}");
    for (name, value) in [
        ("Origin", format!("http://localhost:{port}")),
        ("Origin", format!("http://127.0.0.1:{port}")),
        ("Host", format!("localhost:{port}")),
    ] {
        let status = server.exchange(&request.clone().header(name, &value)).head.status;
        assert_eq!(status, 200, "{name}: {value}");
    }
}

#[test]
fn headers_have_to_say_what_the_body_says() {
    let (_house, server) = served();
    let (_, request) = modern(&server);
    assert_eq!(server.exchange(&request).head.status, 200);
    for broken in [
        request.clone().without("Mcp-Method"),
        request.clone().header("Mcp-Method", "tools/call"),
        request.clone().header("Mcp-Method", "TOOLS/LIST"),
        request.clone().header("MCP-Protocol-Version", "2025-11-25"),
        request.clone().without("MCP-Protocol-Version"),
    ] {
        assert_eq!(code(&server, &broken), (400, HEADER_MISMATCH), "{broken:?}");
    }
    let client = server.client(Era::Modern);
    let call = client.http_request(&client.message("tools/call", json!({"name": "echo_caller", "arguments": {}})));
    assert_eq!(server.exchange(&call).head.status, 200);
    for broken in [call.clone().without("Mcp-Name"), call.clone().header("Mcp-Name", "echo_run")] {
        assert_eq!(code(&server, &broken), (400, HEADER_MISMATCH), "{broken:?}");
    }
    let encoded = call.header("Mcp-Name", "=?base64?ZWNob19jYWxsZXI=?=");
    assert_eq!(server.exchange(&encoded).head.status, 200);
}

#[test]
fn who_names_events_first_gets_them_unless_a_status_says_more() {
    let (_house, server) = served();
    for era in Era::ALL {
        let client = server.client(era);
        let list = client.http_request(&client.message("tools/list", json!({})));
        let kind = |request: &Request| {
            let mut connection = crate::harness::http::Connection::open(server.address()).expect("a connection");
            connection.send(request).expect("sent");
            let head = connection.head().expect("a head");
            (head.status, head.header("content-type").unwrap_or_default().to_owned())
        };
        let events = list.clone().header("Accept", "text/event-stream, application/json");
        assert_eq!(kind(&events), (200, "text/event-stream".to_owned()), "{era:?}");
        assert_eq!(kind(&list), (200, "application/json".to_owned()), "{era:?}");
        let wrong = events.header("Mcp-Method", "prompts/list");
        assert_eq!(kind(&wrong), (400, "application/json".to_owned()), "{era:?}");
    }
}

#[test]
fn a_modern_request_says_what_it_has_to() {
    let (_house, server) = served();
    let (message, request) = modern(&server);
    for member in ["io.modelcontextprotocol/protocolVersion", "io.modelcontextprotocol/clientCapabilities"] {
        let mut without = message.clone();
        without["params"]["_meta"].as_object_mut().expect("_meta").remove(member);
        let mut request = request.clone();
        request.body = without.to_string().into_bytes();
        let (status, code) = code(&server, &request);
        assert_eq!(status, 400, "without {member}");
        assert!([INVALID_PARAMS, HEADER_MISMATCH].contains(&code), "without {member}: {code}");
    }
    let mut future = message;
    future["params"]["_meta"]["io.modelcontextprotocol/protocolVersion"] = json!("2099-01-01");
    let mut request = request.header("MCP-Protocol-Version", "2099-01-01");
    request.body = future.to_string().into_bytes();
    let response = server.exchange(&request);
    let answer: Value = serde_json::from_slice(&response.body).expect("JSON");
    assert_eq!((response.head.status, answer["error"]["code"].as_i64()), (400, Some(UNSUPPORTED_VERSION)));
    assert_eq!(answer["error"]["data"]["requested"], "2099-01-01");
    assert!(answer["error"]["data"]["supported"].as_array().is_some_and(|all| all.contains(&json!("2026-07-28"))));
}

#[test]
fn a_session_belongs_to_the_handshake() {
    let (_house, server) = served();
    let client = server.client(Era::Legacy);
    let session = client.session().expect("a session").to_owned();
    assert!(session.len() >= 16 && session.bytes().all(|byte| (0x21..=0x7e).contains(&byte)), "{session}");
    let other = server.client(Era::Legacy);
    assert_ne!(other.session(), Some(session.as_str()));

    let list = client.http_request(&client.message("tools/list", json!({})));
    assert_eq!(server.exchange(&list).head.status, 200);
    assert_eq!(server.exchange(&list.clone().without("MCP-Session-Id")).head.status, 400);
    assert_eq!(server.exchange(&list.clone().header("MCP-Session-Id", "made-up-made-up-made-up")).head.status, 404);
    assert_eq!(server.exchange(&list.clone().header("MCP-Protocol-Version", "1999-01-01")).head.status, 400);

    let end =
        Request::mcp("DELETE", "").header("MCP-Session-Id", &session).header("MCP-Protocol-Version", "2025-11-25");
    assert!((200..300).contains(&server.exchange(&end).head.status));
    assert_eq!(server.exchange(&list).head.status, 404);
}

#[test]
fn other_paths_and_methods_are_refused() {
    let (_house, server) = served();
    for path in ["/", "/mcp/", "/admin", "/metrics", "/healthz", "/mcp/../mcp", "//mcp"] {
        let status = server.exchange(&Request { path: path.to_owned(), ..Request::mcp("POST", "{}") }).head.status;
        assert!((400..500).contains(&status), "{path}: {status}");
    }
    for method in ["PUT", "PATCH", "TRACE", "GET"] {
        let request = Request::mcp(method, "").header("MCP-Protocol-Version", "2026-07-28");
        let status = server.exchange(&request).head.status;
        assert!((400..500).contains(&status), "{method}: {status}");
    }
}

#[test]
fn a_key_opens_the_door_and_nothing_else_does() {
    let house = super::plain().set("allowAnonymous", json!(false)).set("apiKey", json!("correct-horse-battery-staple"));
    let server = house.serve();
    let (_, request) = modern_with(&Client::http(server.address(), Era::Modern, None));
    for headers in [
        vec![],
        vec![("Authorization", "Bearer wrong")],
        vec![("Authorization", "Bearer correct-horse-battery-stapl")],
        vec![("Authorization", "Basic correct-horse-battery-staple")],
        vec![("Authorization", "")],
    ] {
        let mut request = request.clone();
        for (name, value) in &headers {
            request = request.header(name, value);
        }
        let response = server.exchange(&request);
        assert_eq!(response.head.status, 401, "{headers:?}");
        assert!(
            response.head.header("www-authenticate").is_some_and(|value| value.starts_with("Bearer")),
            "{response:?}"
        );
        assert!(!response.text().contains("echo"), "{response:?}");
    }
    let mut client = server.client_with_key(Era::Modern, "correct-horse-battery-staple");
    assert!(client.call("echo_run", json!({"text": "a"})).is_ok());
}

fn modern_with(client: &Client) -> (Value, Request) {
    let message = client.message("tools/list", json!({}));
    let request = client.http_request(&message);
    (message, request)
}
