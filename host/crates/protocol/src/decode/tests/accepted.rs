//! What well-formed messages become.

use super::*;
use crate::{
    method::methods,
    request::{CompletionTarget, Content, Filter, GuideRequest, ResourceRef, Retry},
    speech::{ClientCapabilities, LogLevel},
};

fn request(frame: &str) -> Request<'_> {
    call(on_stdio(frame)).request
}

fn json(text: &str) -> Json<'_> {
    Json::parse(text).unwrap()
}

#[test]
fn a_call_is_borrowed_from_its_frame() {
    let frame = modern(
        "tools/call",
        r#""arguments": {"a" : [1, 2]},"name":"calc_add","requestState":"s","inputResponses":{"k":{}}"#,
    );
    let call = call(on_stdio(&frame));
    let Request::CallTool { name, arguments, retry } = &call.request else { panic!("{call:?}") };
    assert!(matches!(name, Cow::Borrowed("calc_add")));
    assert_eq!(arguments.map(Json::get), Some(r#"{"a" : [1, 2]}"#));
    assert_eq!(*retry, Retry { input_responses: Some(json(r#"{"k":{}}"#)), request_state: Some("s".into()) });
    assert!(!retry.is_first());
}

#[test]
fn answers_to_questions_exist_in_the_modern_era_alone() {
    let frame = legacy("tools/call", r#"{"name":"a","arguments":null,"requestState":5,"inputResponses":[]}"#);
    assert_eq!(request(&frame), Request::CallTool { name: "a".into(), arguments: None, retry: Retry::default() });
}

#[test]
fn what_a_modern_client_says_about_itself_is_kept() {
    let meta = r#"{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",
        "io.modelcontextprotocol/clientCapabilities":{"sampling":{"tools":{}},"elicitation":{"url":{}},"roots":{},"x":1,
            "extensions":{"io.modelcontextprotocol/tasks":{}}},
        "io.modelcontextprotocol/clientInfo":{"name":"desk\u0074op","version":"1"},
        "io.modelcontextprotocol/logLevel":"warning","io.modelcontextprotocol/future":1,
        "progressToken":"t","traceparent":"00-1-2-01","tracestate":5,"com.example/x":{ "a" : 1 }}}"#;
    let frame = legacy("tools/list", meta);
    let call = call(on_stdio(&frame));
    let client = ClientCapabilities {
        elicitation_url: true,
        sampling: true,
        sampling_tools: true,
        roots: true,
        tasks: true,
        ..Default::default()
    };
    let speech = Speech {
        revision: Revision::V2026_07_28,
        client,
        log_level: Some(LogLevel::Warning),
        client_name: Some("desktop".into()),
    };
    assert_eq!(*call.speech, speech);
    assert_eq!(call.meta.progress_token, Some("t".into()));
    assert_eq!((call.meta.traceparent.as_deref(), call.meta.tracestate), (Some("00-1-2-01"), None));
    assert_eq!(call.meta.rest.map(|rest| rest.into_string()).as_deref(), Some(r#"{"com.example/x":{"a":1}}"#));
}

#[test]
fn a_handshake_agrees_on_a_revision_and_hears_what_the_client_can() {
    let params = r#"{"protocolVersion":"2025-06-18","capabilities":{"elicitation":{},"roots":{"listChanged":true},"sampling":null},"clientInfo":{"name":"c","version":"1"}}"#;
    let frame = legacy("initialize", params);
    let greeting = call(on_http(&frame, &[("MCP-Protocol-Version", "2026-07-28")]));
    assert_eq!(greeting.request, Request::Initialize);
    let client = ClientCapabilities { elicitation_form: true, roots: true, ..Default::default() };
    let speech = Speech { revision: Revision::V2025_06_18, client, log_level: None, client_name: Some("c".into()) };
    assert_eq!(*greeting.speech, speech);
    let frame = frame.replace("2025-06-18", "2099-01-01");
    assert_eq!(call(on_stdio(&frame)).speech.revision, Revision::V2025_11_25);
}

#[test]
fn the_same_operation_is_the_same_request_in_every_dialect() {
    let invoke = legacy(
        "mcp.tool.invoke",
        r#"{"toolId":"weather.getCurrent","args":{"location":"Seoul"},"context":{"rootId":"r","timeoutMs":500,"sampling":{"temperature":1}}}"#,
    );
    let invoke = call(on_stdio(&invoke));
    let call_tool = legacy("tools/call", r#"{"name":"weather.getCurrent","arguments":{"location":"Seoul"}}"#);
    assert_eq!(invoke.request, request(&call_tool));
    assert_eq!((invoke.era(), &*invoke.method), (Era::Guide, "mcp.tool.invoke"));
    assert_eq!((invoke.context.root_id.as_deref(), invoke.context.timeout_ms), (Some("r"), Some(500)));
    assert_eq!(invoke.context.sampling, Some(json(r#"{"temperature":1}"#)));

    for (guide, guide_params, mcp, mcp_params) in [
        ("mcp.tools.list", "{}", "tools/list", "{}"),
        ("mcp.prompt.list", "{}", "prompts/list", "{}"),
        ("mcp.resource.list", "{}", "resources/list", "{}"),
        ("mcp.resource.read", r#"{"uri":"a:b"}"#, "resources/read", r#"{"uri":"a:b"}"#),
        (
            "mcp.prompt.get",
            r#"{"promptId":"p","args":{"n":1}}"#,
            "prompts/get",
            r#"{"name":"p","arguments":{"n":"1"}}"#,
        ),
    ] {
        assert_eq!(request(&legacy(guide, guide_params)), request(&legacy(mcp, mcp_params)), "{guide}");
    }
    let bare = r#"{"jsonrpc":"2.0","id":1,"method":"mcp.tools.list"}"#;
    assert_eq!(request(bare), Request::ListTools { cursor: None });
}

#[test]
fn the_guide_names_resources_and_writes_them() {
    let frame = legacy("mcp.resource.read", r#"{"resourceId":"file.read","params":{"path":"a"}}"#);
    let resource = ResourceRef::Named { id: "file.read".into(), params: Some(json(r#"{"path":"a"}"#)) };
    assert_eq!(request(&frame), Request::ReadResource { resource, retry: Retry::default() });
    let frame = legacy("mcp.resource.write", r#"{"uri":"a:b","blob":"SGk=","ifMatch":"7"}"#);
    let (resource, content) = (ResourceRef::Uri("a:b".into()), Content::Blob(b"Hi".to_vec()));
    assert_eq!(request(&frame), Request::WriteResource { resource, content, if_match: Some("7".into()) });
    let frame = legacy("mcp.sampling.update", r#"{"rootId":"r","topP":0.5}"#);
    let parameters = json(r#"{"rootId":"r","topP":0.5}"#);
    assert_eq!(request(&frame), Request::Guide(GuideRequest::UpdateSampling { root_id: Some("r".into()), parameters }));
}

#[test]
fn a_subscription_says_what_it_wants_to_hear() {
    let frame = modern(
        "subscriptions/listen",
        r#""notifications":{"toolsListChanged":true,"promptsListChanged":false,"resourceSubscriptions":["a:b"],"taskIds":[]}"#,
    );
    let filter = Filter {
        tools: true,
        resource_subscriptions: Some(vec!["a:b".into()]),
        task_ids: Some(Vec::new()),
        ..Filter::default()
    };
    assert_eq!(request(&frame), Request::Listen { filter });
    let many = format!(r#""notifications":{{"taskIds":[{}"t"]}}"#, r#""t","#.repeat(1024));
    assert_eq!(refusal(on_stdio(&modern("subscriptions/listen", &many))).1, code::INVALID_PARAMS);
}

#[test]
fn a_completion_knows_what_is_filled_in() {
    let params = r#"{"ref":{"type":"ref/resource","uri":"a:{x}"},"argument":{"name":"x","value":"1"},"context":{"arguments":{"y":"2"}}}"#;
    let expected = Request::Complete {
        target: CompletionTarget::Resource("a:{x}".into()),
        argument: "x".into(),
        value: "1".into(),
        context: vec![("y".into(), "2".into())],
    };
    assert_eq!(request(&legacy("completion/complete", params)), expected);
}

#[test]
fn a_notification_is_never_an_error() {
    for (method, params, expected) in [
        ("notifications/initialized", "{}", Notification::Initialized),
        ("notifications/roots/list_changed", "{}", Notification::RootsListChanged),
        (
            "notifications/cancelled",
            r#"{"requestId":"7","reason":"bored"}"#,
            Notification::Cancelled { request_id: "7".into(), reason: Some("bored".into()) },
        ),
        ("notifications/cancelled", "{}", Notification::Ignored { method: "notifications/cancelled".into() }),
        ("tools/call", "{}", Notification::Ignored { method: "tools/call".into() }),
    ] {
        let frame = format!(r#"{{"jsonrpc":"2.0","method":"{method}","params":{params}}}"#);
        match on_stdio(&frame) {
            Ok(Incoming::Notification(notification)) => assert_eq!(notification, expected, "{frame}"),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn an_answer_of_the_client_keeps_its_result_as_it_is() {
    let answer = |frame| match on_stdio(frame) {
        Ok(Incoming::Response(response)) => response,
        other => panic!("{other:?}"),
    };
    let result = answer(r#"{"jsonrpc":"2.0","id":7,"result":{"action" : "accept"}}"#);
    assert_eq!((result.id, result.outcome.map(Json::get)), (Some(7.into()), Ok(r#"{"action" : "accept"}"#)));
    let error = answer(r#"{"jsonrpc":"2.0","id":null,"error":{"code":1,"message":"no"}}"#);
    assert_eq!((error.id, error.outcome.is_err()), (None, true));
}

/// Parameters with which a method is understood.
fn example(method: &str) -> &'static str {
    match method {
        "initialize" => r#""protocolVersion":"2025-11-25""#,
        "logging/setLevel" => r#""level":"info""#,
        "completion/complete" => r#""ref":{"type":"ref/prompt","name":"p"},"argument":{"name":"a","value":""}"#,
        "subscriptions/listen" => r#""notifications":{}"#,
        "mcp.routing.set" => r#""routes":[{"prefix":"p","server":"local"}]"#,
        _ => {
            r#""name":"n","uri":"a:b","taskId":"t","inputResponses":{},"toolId":"t","rootId":"r","content":"","promptId":"p""#
        }
    }
}

#[test]
fn every_method_of_every_era_is_read() {
    for method in methods(Era::Modern) {
        let frame = modern(method, example(method));
        assert_eq!(call(on_stdio(&frame)).era(), Era::Modern, "{method}");
    }
    for era in [Era::Legacy, Era::Guide] {
        for method in methods(era) {
            let params = if method == "mcp.resource.write" { r#""uri":"a:b","content":"""# } else { example(method) };
            let frame = legacy(method, &format!("{{{params}}}"));
            assert_eq!(call(on_stdio(&frame)).era(), era, "{method}");
        }
    }
    assert_eq!((methods(Era::Legacy).count(), methods(Era::Modern).count(), methods(Era::Guide).count()), (16, 16, 15));
}
