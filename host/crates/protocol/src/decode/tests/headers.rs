//! Which era a request belongs to, and what the headers have to say about it.

use super::*;

const LIST: (&str, &str) = ("Mcp-Method", "tools/list");
const CALL: (&str, &str) = ("Mcp-Method", "tools/call");
const MISMATCH: (u16, i64, Option<RequestId>) = (400, code::HEADER_MISMATCH, Some(RequestId::Int(1)));

fn unsupported() -> (u16, i64, Option<RequestId>) {
    (400, code::UNSUPPORTED_VERSION, Some(1.into()))
}

fn invalid_meta() -> (u16, i64, Option<RequestId>) {
    (400, code::INVALID_PARAMS, Some(1.into()))
}

fn offering<'a>(frame: &'a str, offered: &[Revision]) -> Result<Incoming<'a>, Fault> {
    let offered = offered.iter().copied().collect();
    decode(frame.as_bytes(), &Hearing { offered, session: None, wire: WireFacts::Http(&Head(&[VERSION, LIST])) })
}

#[test]
fn a_modern_request_needs_its_headers_on_http_and_none_on_stdio() {
    let frame = modern("tools/call", r#""name":"a""#);
    assert_eq!(call(on_stdio(&frame)).era(), Era::Modern);
    let name = ("Mcp-Name", "a");
    assert_eq!(call(on_http(&frame, &[VERSION, CALL, name])).era(), Era::Modern);
    assert_eq!(
        call(on_http(&frame, &[VERSION, ("mcp-method", "tools/call"), ("MCP-NAME", "=?base64?YQ==?=")])).era(),
        Era::Modern
    );
    for head in [
        &[CALL, name][..],
        &[VERSION, name],
        &[VERSION, CALL],
        &[("MCP-Protocol-Version", "2025-11-25"), CALL, name],
        &[VERSION, ("Mcp-Method", "TOOLS/CALL"), name],
        &[VERSION, CALL, CALL, name],
        &[VERSION, CALL, ("Mcp-Name", "b")],
        &[VERSION, CALL, ("Mcp-Name", "=?base64?YQ?=")],
        &[VERSION, CALL, ("Mcp-Name", "ä")],
        &[VERSION, CALL, name, name],
    ] {
        assert_eq!(refusal(on_http(&frame, head)), MISMATCH, "{head:?}");
    }
}

#[test]
fn a_header_that_is_there_agrees_with_the_body_in_every_era() {
    for method in ["tools/call", "mcp.tool.invoke"] {
        let frame = legacy(method, r#"{"name":"a","toolId":"a"}"#);
        assert!(on_http(&frame, &[("Mcp-Method", method), ("Mcp-Name", "a")]).is_ok());
        assert_eq!(refusal(on_http(&frame, &[("Mcp-Method", "ping")])), MISMATCH);
        assert_eq!(refusal(on_http(&frame, &[("Mcp-Name", "b")])), MISMATCH);
    }
    assert_eq!(refusal(on_http(&legacy("tools/list", "{}"), &[("Mcp-Name", "a")])), MISMATCH, "the body names nothing");
    let aside = (400, code::HEADER_MISMATCH, None);
    let notification = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;
    assert!(on_http(notification, &[("Mcp-Method", "notifications/initialized")]).is_ok());
    assert_eq!(refusal(on_http(notification, &[LIST])), aside);
    assert_eq!(refusal(on_http(r#"{"jsonrpc":"2.0","id":1,"result":{}}"#, &[LIST])), aside);
}

#[test]
fn metadata_that_is_missing_or_malformed_is_named() {
    let whole =
        "\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\",\"io.modelcontextprotocol/clientCapabilities\":{}";
    for (meta, message) in [
        ("", "params._meta[\"io.modelcontextprotocol/protocolVersion\"]: expected a protocol version"),
        (
            "\"io.modelcontextprotocol/clientCapabilities\":{}",
            "params._meta[\"io.modelcontextprotocol/protocolVersion\"]: expected a protocol version",
        ),
        (
            "\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\"",
            "params._meta[\"io.modelcontextprotocol/clientCapabilities\"]: expected an object",
        ),
        (
            &format!("{whole},\"io.modelcontextprotocol/logLevel\":\"loud\""),
            "params._meta[\"io.modelcontextprotocol/logLevel\"]: expected one of debug, info, notice, warning, error, critical, alert, emergency",
        ),
        (
            &format!("{whole},\"io.modelcontextprotocol/clientInfo\":1"),
            "params._meta[\"io.modelcontextprotocol/clientInfo\"]: expected an object with a name",
        ),
        (&format!("{whole},\"progressToken\":1.5"), "params._meta.progressToken: expected a string or an integer"),
    ] {
        let frame = legacy("tools/list", &format!(r#"{{"_meta":{{{meta}}}}}"#));
        let fault = on_http(&frame, &[VERSION, LIST]).expect_err(&frame);
        assert_eq!(*fault.message, *message);
        assert_eq!((fault.status, fault.code, fault.id), invalid_meta(), "{frame}");
    }
    assert_eq!(
        refusal(on_http(&legacy("server/discover", "{}"), &[])),
        invalid_meta(),
        "only the modern era has this method"
    );
}

#[test]
fn a_version_that_is_not_offered_is_refused_with_those_that_are() {
    let frame = modern("tools/list", "").replace("2026-07-28", "v999.0.0");
    assert_eq!(refusal(on_http(&frame, &[("MCP-Protocol-Version", "v999.0.0"), LIST])), unsupported());
    assert_eq!(refusal(on_http(&frame, &[VERSION, LIST])), MISMATCH);
    let fault = on_stdio(&frame).expect_err("unknown version");
    let data =
        r#"{"supported":["2026-07-28","2025-11-25","2025-06-18","2025-03-26","2024-11-05"],"requested":"v999.0.0"}"#;
    assert_eq!(fault.data.map(|data| data.into_string()).as_deref(), Some(data));
    let older = modern("tools/list", "").replace("2026-07-28", "2025-11-25");
    assert_eq!(refusal(on_stdio(&older)), unsupported(), "a modern _meta means the modern era");
}

#[test]
fn who_says_no_version_speaks_one_that_is_spoken_here() {
    let frame = legacy("tools/list", "{}");
    let silent = |offered: &[Revision]| {
        let offered = offered.iter().copied().collect();
        decode(frame.as_bytes(), &Hearing { offered, session: None, wire: WireFacts::Stdio })
    };
    let revision = |offered| call(silent(offered)).speech.revision;
    assert_eq!(revision(&[Revision::V2025_11_25, Revision::V2025_03_26]), Revision::V2025_03_26);
    assert_eq!(revision(&[Revision::V2024_11_05, Revision::V2025_06_18]), Revision::V2025_06_18);
    assert!(silent(&[Revision::V2026_07_28]).is_err());
}

#[test]
fn an_older_client_says_its_version_or_none() {
    let frame = legacy("tools/list", "{}");
    let revision = |head| call(on_http(&frame, head)).speech.revision;
    assert_eq!(revision(&[]), Revision::V2025_03_26);
    assert_eq!(revision(&[("MCP-Protocol-Version", "2025-06-18")]), Revision::V2025_06_18);
    for version in ["1999-01-01", "", "guide", "2025-06-18x"] {
        assert_eq!(refusal(on_http(&frame, &[("MCP-Protocol-Version", version)])), unsupported(), "{version}");
    }
    let twice = [("MCP-Protocol-Version", "2025-06-18"), ("MCP-Protocol-Version", "2025-06-18")];
    assert_eq!(refusal(on_http(&frame, &twice)), MISMATCH);
    let garbage = [("MCP-Protocol-Version", "x")];
    assert_eq!(
        refusal(on_http(r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#, &garbage)),
        (400, code::UNSUPPORTED_VERSION, None)
    );
}

#[test]
fn a_session_speaks_as_agreed() {
    let agreed = Arc::new(Speech { log_level: Some(crate::LogLevel::Error), ..Speech::of(Revision::V2025_11_25) });
    let hearing = Hearing { offered: Revisions::ALL, session: Some(&agreed), wire: WireFacts::Stdio };
    let frame = legacy("tools/list", "{}");
    assert_eq!(call(decode(frame.as_bytes(), &hearing)).speech, agreed);
    let frame = modern("tools/list", "");
    assert_eq!(call(decode(frame.as_bytes(), &hearing)).speech.revision, Revision::V2026_07_28);
    let frame = legacy("server/discover", "{}");
    assert_eq!(refusal(decode(frame.as_bytes(), &hearing)), (200, code::METHOD_NOT_FOUND, Some(1.into())));
}

#[test]
fn each_era_refuses_what_only_the_other_has() {
    for method in [
        "initialize",
        "ping",
        "logging/setLevel",
        "resources/subscribe",
        "resources/unsubscribe",
        "tasks/result",
        "tasks/list",
        "mcp.tools.list",
        "x",
    ] {
        let frame = modern(method, r#""uri":"a:b""#);
        let head = [VERSION, ("Mcp-Method", method)];
        assert_eq!(refusal(on_http(&frame, &head)), (404, code::METHOD_NOT_FOUND, Some(1.into())), "{method}");
    }
    for method in ["tasks/get", "tasks/update", "tasks/result", "x", "notifications/initialized", "mcp.tools", "mcp.x"]
    {
        let frame = legacy(method, "{}");
        let session = Arc::new(Speech::of(Revision::V2025_11_25));
        let hearing = Hearing { offered: Revisions::ALL, session: Some(&session), wire: WireFacts::Http(&Head(&[])) };
        let fault = decode(frame.as_bytes(), &hearing).expect_err(method);
        assert_eq!((fault.status, fault.code), (200, code::METHOD_NOT_FOUND), "{method}");
        assert_eq!(fault.message, format!("method not found: {method}"));
    }
}

#[test]
fn an_era_that_is_switched_off_is_refused() {
    let hello = legacy("initialize", r#"{"protocolVersion":"2025-11-25"}"#);
    let fault = offering(&hello, &[Revision::V2026_07_28]).expect_err("no handshake");
    assert_eq!((fault.status, fault.code), (404, code::METHOD_NOT_FOUND));
    assert_eq!(fault.message, "no handshake is spoken here; supported versions: 2026-07-28");
    assert_eq!(refusal(offering(&legacy("tools/list", "{}"), &[Revision::V2026_07_28])), invalid_meta());

    let modern_only = refusal(offering(&modern("tools/list", ""), &[Revision::V2025_11_25]));
    assert_eq!(modern_only, (400, code::INVALID_REQUEST, Some(1.into())), "a client of both eras falls back on it");

    let guide = legacy("mcp.tools.list", "{}");
    assert_eq!(refusal(offering(&guide, &[Revision::V2025_11_25])), (200, code::METHOD_NOT_FOUND, Some(1.into())));
}
