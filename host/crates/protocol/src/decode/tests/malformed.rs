//! Malformed messages, each with the exact answer.

use super::*;

/// Answers over HTTP: frame, status, error object after `"error":`.
fn answers(table: &[(&str, u16, &str)]) {
    for (frame, status, answer) in table {
        let fault = on_http(frame, &[]).expect_err(frame);
        assert_eq!((fault.status, fault.encode().as_str()), (*status, *answer), "{frame}");
    }
}

#[test]
fn what_is_no_json() {
    answers(&[
        (
            "",
            400,
            r#"{"jsonrpc":"2.0","error":{"code":-32700,"message":"not valid JSON: expected a value at byte 0"}}"#,
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"ping""#,
            400,
            r#"{"jsonrpc":"2.0","error":{"code":-32700,"message":"not valid JSON: expected a comma or the end of an object at byte 39"}}"#,
        ),
        (
            "{} {}",
            400,
            r#"{"jsonrpc":"2.0","error":{"code":-32700,"message":"not valid JSON: text after the value at byte 3"}}"#,
        ),
        (
            "\u{feff}{}",
            400,
            r#"{"jsonrpc":"2.0","error":{"code":-32700,"message":"not valid JSON: expected a value at byte 0"}}"#,
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"\ud800"}"#,
            400,
            r#"{"jsonrpc":"2.0","error":{"code":-32700,"message":"not valid JSON: lone surrogate at byte 34"}}"#,
        ),
    ]);
    let hearing = Hearing { offered: Revisions::ALL, session: None, wire: WireFacts::Stdio };
    let fault = decode(b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\xff\"}", &hearing).expect_err("not UTF-8");
    assert_eq!((fault.status, fault.code, &*fault.message), (400, -32700, "not valid JSON: invalid UTF-8 at byte 34"));
}

#[test]
fn what_is_no_message() {
    const NEITHER: &str =
        r#""error":{"code":-32600,"message":"expected either a method, or an id with a result or an error"}}"#;
    let with_id = format!(r#"{{"jsonrpc":"2.0","id":1,{NEITHER}"#);
    let without = format!(r#"{{"jsonrpc":"2.0",{NEITHER}"#);
    const VERSION: &str = r#"{"jsonrpc":"2.0","id":1,"error":{"code":-32600,"message":"jsonrpc: expected \"2.0\""}}"#;
    const ID: &str = r#"{"jsonrpc":"2.0","error":{"code":-32600,"message":"id: expected a string or an integer"}}"#;
    const METHOD: &str = r#"{"jsonrpc":"2.0","id":1,"error":{"code":-32600,"message":"method: expected a string"}}"#;
    const BATCH: &str =
        r#"{"jsonrpc":"2.0","error":{"code":-32600,"message":"expected one message: batches are not taken"}}"#;
    const SCALAR: &str = r#"{"jsonrpc":"2.0","error":{"code":-32600,"message":"expected a JSON-RPC message object"}}"#;
    answers(&[
        ("[]", 400, BATCH),
        (r#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#, 400, BATCH),
        ("\"ping\"", 400, SCALAR),
        ("null", 400, SCALAR),
        ("{}", 400, r#"{"jsonrpc":"2.0","error":{"code":-32600,"message":"jsonrpc: expected \"2.0\""}}"#),
        (r#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#, 400, VERSION),
        (r#"{"jsonrpc":2.0,"id":1,"method":"ping"}"#, 400, VERSION),
        (r#"{"id":1,"method":"ping"}"#, 400, VERSION),
        (r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#, 400, ID),
        (r#"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#, 400, ID),
        (r#"{"jsonrpc":"2.0","id":{},"method":"ping"}"#, 400, ID),
        (r#"{"jsonrpc":"2.0","id":true,"method":"ping"}"#, 400, ID),
        (r#"{"jsonrpc":"2.0","id":9223372036854775808,"method":"ping"}"#, 400, ID),
        (r#"{"jsonrpc":"2.0","id":1,"method":5}"#, 400, METHOD),
        (r#"{"jsonrpc":"2.0","id":1,"method":null}"#, 400, METHOD),
        (r#"{"jsonrpc":"2.0","id":1}"#, 400, &with_id),
        (r#"{"jsonrpc":"2.0"}"#, 400, &without),
        (r#"{"jsonrpc":"2.0","result":{}}"#, 400, &without),
        (r#"{"jsonrpc":"2.0","id":1,"result":{},"error":{"code":1,"message":""}}"#, 400, &with_id),
        (r#"{"jsonrpc":"2.0","id":1,"method":"ping","result":{}}"#, 400, &with_id),
        (r#"{"jsonrpc":"2.0","id":1,"error":"no"}"#, 400, &with_id),
        (
            r#"{"jsonrpc":"2.0","id":"7","method":"ping","params":[]}"#,
            400,
            r#"{"jsonrpc":"2.0","id":"7","error":{"code":-32602,"message":"params: expected an object"}}"#,
        ),
    ]);
}

#[test]
fn what_says_two_things() {
    answers(&[
        (
            r#"{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}"#,
            400,
            r#"{"jsonrpc":"2.0","error":{"code":-32600,"message":"duplicate key \"id\" at byte 24"}}"#,
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/call"}"#,
            400,
            r#"{"jsonrpc":"2.0","id":1,"error":{"code":-32600,"message":"duplicate key \"method\" at byte 40"}}"#,
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","na\u006de":"b"}}"#,
            400,
            r#"{"jsonrpc":"2.0","id":1,"error":{"code":-32600,"message":"duplicate key \"name\" at byte 67"}}"#,
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","arguments":{"x":1,"x":2}}}"#,
            400,
            r#"{"jsonrpc":"2.0","id":1,"error":{"code":-32600,"message":"duplicate key \"x\" at byte 86"}}"#,
        ),
    ]);
}

#[test]
fn what_is_too_deep_or_has_a_giant_id() {
    let deep = |levels: usize| {
        let arguments = format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        legacy("tools/call", &format!(r#"{{"name":"a","arguments":{{"x":{arguments}}}}}"#))
    };
    assert!(on_stdio(&deep(61)).is_ok());
    assert_eq!(refusal(on_stdio(&deep(62))), (400, code::INVALID_REQUEST, Some(1.into())));
    let long = format!(r#"{{"jsonrpc":"2.0","id":"{}","method":"ping"}}"#, "x".repeat(1025));
    assert_eq!(refusal(on_stdio(&long)), (400, code::INVALID_REQUEST, None));
}

#[test]
fn a_giant_key_does_not_make_its_own_error_large() {
    let key = "x".repeat(100_000);
    let twice = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"ping","{key}":1,"{key}":2}}"#);
    let fault = on_stdio(&twice).expect_err("a key twice");
    assert_eq!((fault.code, fault.id.clone()), (code::INVALID_REQUEST, Some(1.into())));
    assert!(fault.encode().len() < 200, "{}", fault.encode().len());
}

#[test]
fn parameters_that_make_no_sense_say_what_was_expected() {
    for (method, params, message) in [
        ("tools/call", "{}", "params.name: expected a string, got nothing"),
        ("tools/call", r#"{"name":5}"#, "params.name: expected a string, got a number"),
        ("tools/call", r#"{"name":"a","arguments":[1]}"#, "params.arguments: expected an object, got an array"),
        ("tools/call", r#"{"name":"a","arguments":"{}"}"#, "params.arguments: expected an object, got a string"),
        ("resources/read", "{}", "params.uri: expected a string, got nothing"),
        ("resources/read", r#"{"uri":null}"#, "params.uri: expected a string, got nothing"),
        ("resources/subscribe", r#"{"uri":[]}"#, "params.uri: expected a string, got an array"),
        ("prompts/get", r#"{"name":"p","arguments":{"a":1}}"#, "params.arguments.a: expected a string, got a number"),
        ("prompts/get", r#"{"arguments":{}}"#, "params.name: expected a string, got nothing"),
        ("tools/list", r#"{"cursor":1}"#, "params.cursor: expected a string, got a number"),
        ("completion/complete", "{}", "params.ref: expected an object, got nothing"),
        ("completion/complete", r#"{"ref":{"type":"ref/x"}}"#, "params.ref.type: expected ref/prompt or ref/resource"),
        (
            "completion/complete",
            r#"{"ref":{"type":"ref/prompt","name":"p"},"argument":{"name":"a"}}"#,
            "params.argument.value: expected a string, got nothing",
        ),
        (
            "logging/setLevel",
            r#"{"level":"loud"}"#,
            "params.level: expected one of debug, info, notice, warning, error, critical, alert, emergency",
        ),
        ("initialize", "{}", "params.protocolVersion: expected a string, got nothing"),
        (
            "initialize",
            r#"{"protocolVersion":"2025-11-25","capabilities":{"sampling":true}}"#,
            "params.capabilities.sampling: expected an object",
        ),
        ("ping", r#"{"_meta":{"progressToken":[]}}"#, "params._meta.progressToken: expected a string or an integer"),
        ("mcp.tool.invoke", r#"{"name":"a"}"#, "params.toolId: expected a string, got nothing"),
        (
            "mcp.tool.invoke",
            r#"{"toolId":"a","context":{"timeoutMs":-1}}"#,
            "params.context.timeoutMs: expected a whole number, got a number",
        ),
        ("mcp.resource.read", "{}", "params: expected either uri, or resourceId and params"),
        (
            "mcp.resource.write",
            r#"{"uri":"a:b","content":"x","ifmatch":"1"}"#,
            "params.ifmatch: expected one of uri, resourceId, params, content, blob, ifMatch, context, _meta",
        ),
        ("mcp.resource.write", r#"{"uri":"a:b"}"#, "params: expected either content (a string) or blob (base64)"),
        ("mcp.resource.write", r#"{"uri":"a:b","blob":"*"}"#, "params.blob: expected base64"),
    ] {
        let frame = legacy(method, params);
        let fault = on_http(&frame, &[]).expect_err(&frame);
        assert_eq!((fault.code, &*fault.message, fault.id), (code::INVALID_PARAMS, message, Some(1.into())), "{frame}");
    }
}
