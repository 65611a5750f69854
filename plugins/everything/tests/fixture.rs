//! What the conformance suite expects of each item, natively.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails where it stands")]

use bulkhead_plugin_everything as everything;
use bulkhead_plugin_everything::Plugin;
use bulkhead_sdk::prelude::*;
use bulkhead_sdk::types::{ContentKind, InputKind, ItemKind};

fn accepting() -> Harness {
    Harness::new()
        .accept("user", json!({"username": "ann", "email": "ann@example.com"}))
        .accept("user_name", json!({"name": "Alice"}))
        .accept("confirm", json!({"ok": true, "confirm": true, "confirmed": true}))
        .accept("step1", json!({"name": "Alice"}))
        .accept("step2", json!({"color": "blue"}))
        .accept("first", json!({"name": "Ann"}))
        .accept("second", json!({"name": "Bob"}))
        .accept("user_context", json!({"context": "a test"}))
        .answer("reply", sampled("hello"))
        .answer("capital_question", sampled("Paris"))
        .answer("greeting", sampled("Good day"))
        .answer("client_roots", json!({"roots": [{"uri": "file:///home/ann", "name": "home"}]}))
}

fn sampled(text: &str) -> Value {
    json!({"role": "assistant", "model": "m", "content": {"type": "text", "text": text}})
}

fn asked(error: Error) -> Vec<(String, InputKind, Value)> {
    match error {
        Error::InputRequired(requests) => {
            requests.into_iter().map(|request| (request.key, request.kind, serde_json_of(&request.params))).collect()
        }
        other => panic!("expected questions, found {other:?}"),
    }
}

fn serde_json_of(text: &str) -> Value {
    bulkhead_sdk::serde_json::from_str(text).unwrap()
}

#[test]
fn the_contract_lists_what_the_suite_looks_for() {
    let contract = serde_json_of(&Harness::new().contract::<Plugin>().to_json());
    let tools = contract["tools"].as_array().unwrap();
    assert_eq!(tools[0]["name"], "test_simple_text", "the suite calls the first tool without arguments");
    for tool in tools {
        assert!(!tool["description"].as_str().unwrap().is_empty(), "{tool}");
        assert_eq!(tool["inputSchema"]["type"], "object", "{tool}");
    }
    let tool = |name: &str| tools.iter().find(|tool| tool["name"] == name).unwrap();
    assert_eq!(tool("failing_job")["execution"]["taskSupport"], "required");
    assert_eq!(tool("slow_compute")["execution"]["taskSupport"], "optional");
    assert!(tool("greet").get("execution").is_none());
    assert_eq!(tool("test_missing_capability")["requiredCapabilities"], json!(["sampling"]));
    assert_eq!(tool("test_custom_header")["inputSchema"]["properties"]["region"]["x-mcp-header"], "Region");
    let schema = &tool("json_schema_2020_12_tool")["inputSchema"];
    for keyword in ["$schema", "$defs", "allOf", "if", "then", "else", "additionalProperties"] {
        assert!(schema.get(keyword).is_some(), "{keyword} is gone");
    }
    for resource in contract["resources"].as_array().unwrap() {
        assert!(resource["description"].is_string() && resource["name"].is_string(), "{resource}");
    }
    assert_eq!(contract["resourceTemplates"][0]["uriTemplate"], "test://template/{id}/data");
    let arguments = contract["prompts"].as_array().unwrap();
    let prompt = arguments.iter().find(|prompt| prompt["name"] == "test_prompt_with_arguments").unwrap();
    assert_eq!(
        prompt["arguments"][0],
        json!({"name": "arg1", "description": "First test argument.", "required": true})
    );
}

#[test]
fn content_is_of_every_kind() {
    assert_eq!(everything::test_simple_text(), "This is a simple text response for testing.");
    let kinds: Vec<ContentKind> =
        everything::test_multiple_content_types().into_iter().map(|block| block.content).collect();
    assert!(matches!(&kinds[..], [ContentKind::Text(_), ContentKind::Image(_), ContentKind::Embedded(_)]));
    let ContentKind::Audio(audio) = everything::test_audio_content().content else { panic!("a sound") };
    assert_eq!((audio.mime_type.as_str(), &audio.data[..4]), ("audio/wav", &b"RIFF"[..]));
    let ContentKind::Embedded(embedded) = everything::test_embedded_resource().content else { panic!("a resource") };
    assert_eq!(embedded.uri, "test://embedded-resource");
    let failed = everything::test_error_handling();
    assert!(failed.is_error);
    assert_eq!(failed.all_text(), "This tool intentionally returns an error for testing");
}

#[test]
fn a_call_reports_while_it_runs() {
    let ctx = Context::test();
    everything::test_tool_with_progress(&ctx);
    everything::test_tool_with_logging(&ctx);
    everything::test_reconnection(&ctx);
    everything::test_trigger_tool_change(&ctx).unwrap();
    let recorded = ctx.recorded();
    assert_eq!(recorded.progress.iter().map(|report| report.progress).collect::<Vec<_>>(), [0.0, 50.0, 100.0]);
    assert_eq!(recorded.log.len(), 3);
    assert_eq!(recorded.log[0].data, "Tool execution started");
    assert_eq!(recorded.closed_streams, [Some(500)]);
    let tool = "test_dynamic_tool".to_owned();
    assert_eq!(recorded.visible, [(ItemKind::Tool, tool.clone(), false), (ItemKind::Tool, tool, true)]);

    let quiet = Harness::new().with(|call| (call.log_level, call.progress) = (None, false));
    quiet.tool::<everything::test_logging_tool>(json!({})).unwrap();
    quiet.tool::<everything::test_tool_with_progress>(json!({})).unwrap();
    assert_eq!(quiet.recorded(), Default::default(), "nobody asked for lines or progress");
}

#[test]
fn questions_have_the_shape_that_the_suite_reads() {
    let harness = Harness::new();
    let error = harness.tool::<everything::test_elicitation_sep1330_enums>(json!({})).unwrap_err();
    let (_, kind, params) = asked(error).remove(0);
    let fields = &params["requestedSchema"]["properties"];
    assert_eq!(kind, InputKind::Elicitation);
    assert_eq!(fields["titledSingle"]["oneOf"][1], json!({"const": "value2", "title": "Second Option"}));
    assert_eq!(fields["titledMulti"]["items"]["anyOf"][2], json!({"const": "value3", "title": "Third Choice"}));
    assert_eq!(fields["legacyEnum"]["enumNames"][0], "Option One");

    let error = harness.tool::<everything::test_elicitation_sep1034_defaults>(json!({})).unwrap_err();
    let (_, _, params) = asked(error).remove(0);
    let default = |field: &str| params["requestedSchema"]["properties"][field]["default"].clone();
    assert_eq!(
        json!([default("name"), default("age"), default("score"), default("status"), default("verified")]),
        json!(["John Doe", 30, 95.5, "active", true])
    );

    let error = harness.tool::<everything::test_input_required_result_elicitation>(json!({})).unwrap_err();
    let (key, _, params) = asked(error).remove(0);
    let schema = json!({"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]});
    assert_eq!((key.as_str(), &params["requestedSchema"]), ("user_name", &schema));

    let error = harness.tool::<everything::test_sampling>(json!({"prompt": "Hi"})).unwrap_err();
    let (_, kind, params) = asked(error).remove(0);
    assert_eq!(kind, InputKind::Sampling);
    assert_eq!(params["maxTokens"], 100);
    assert_eq!(params["messages"], json!([{"role": "user", "content": {"type": "text", "text": "Hi"}}]));

    let error = harness.tool::<everything::test_input_required_result_multiple_inputs>(json!({})).unwrap_err();
    let keys: Vec<String> = asked(error).into_iter().map(|(key, ..)| key).collect();
    assert_eq!(keys, ["user_name", "greeting", "client_roots"]);
}

#[test]
fn answers_are_worked_with() {
    type Call = fn(&Harness) -> Result<ToolResult>;
    let table: [(Call, usize, &str); 10] = [
        (|h| h.tool::<everything::test_sampling>(json!({"prompt": "Hi"})), 2, "LLM response: hello"),
        (
            |h| h.tool::<everything::test_elicitation>(json!({"message": "Who?"})),
            2,
            r#"User response: action=accept, content={"email":"ann@example.com","username":"ann"}"#,
        ),
        (|h| h.tool::<everything::test_input_required_result_elicitation>(json!({})), 2, "Hello, Alice!"),
        (|h| h.tool::<everything::test_input_required_result_sampling>(json!({})), 2, "Paris"),
        (
            |h| h.tool::<everything::test_input_required_result_list_roots>(json!({})),
            2,
            "Client roots: file:///home/ann",
        ),
        (
            |h| h.tool::<everything::test_input_required_result_request_state>(json!({})),
            2,
            "state-ok: began=true, confirmed=true",
        ),
        (
            |h| h.tool::<everything::test_input_required_result_multiple_inputs>(json!({})),
            2,
            "Good day Alice (1 roots)",
        ),
        (|h| h.tool::<everything::test_input_required_result_multi_round>(json!({})), 3, "Alice likes blue"),
        (|h| h.tool::<everything::confirm_delete>(json!({"filename": "a.txt"})), 3, "Deleted a.txt"),
        (|h| h.tool::<everything::test_tool_with_task>(json!({})), 3, "Hello, Alice!"),
    ];
    for (call, rounds, expected) in table {
        let harness = accepting();
        let answer = call(&harness).unwrap();
        assert_eq!((answer.all_text().as_str(), harness.rounds()), (expected, rounds));
    }
}

#[test]
fn only_what_the_client_can_answer_is_asked() {
    let sampling_only = Harness::new().client(|client| client.elicitation_form = false);
    let error = sampling_only.tool::<everything::test_input_required_result_capabilities>(json!({})).unwrap_err();
    assert!(asked(error).iter().all(|(_, kind, _)| *kind == InputKind::Sampling));
    let nothing = Harness::new().client(|client| *client = Default::default());
    let error = nothing.tool::<everything::test_missing_capability>(json!({})).unwrap_err();
    assert_eq!(error, Error::missing_capability(|need| need.sampling = true));
    let declined =
        Harness::new().decline("user_name").tool::<everything::test_input_required_result_elicitation>(json!({}));
    assert_eq!(declined, Err(Error::denied("the user declined")));
    let odd = Harness::new().answer("user_name", json!("Alice"));
    let error = odd.tool::<everything::test_input_required_result_elicitation>(json!({})).unwrap_err();
    assert!(matches!(error, Error::Protocol { code: -32602, .. }), "{error:?}");
}

#[test]
fn tasks_run_as_tasks_where_the_client_follows_them() {
    let harness = Harness::new();
    let answer = harness.tool::<everything::slow_compute>(json!({"seconds": 0, "label": "x"})).unwrap();
    assert_eq!((answer.all_text().as_str(), harness.rounds()), ("x took 0 seconds", 2));
    assert_eq!(harness.recorded().task_status, ["computing x"]);
    let alone = Harness::new().client(|client| client.tasks = false);
    alone.tool::<everything::slow_compute>(json!({"seconds": 0})).unwrap();
    assert_eq!(alone.rounds(), 1, "it runs directly");
    let refused = alone.tool::<everything::failing_job>(json!({}));
    assert_eq!(refused, Err(Error::missing_capability(|need| need.tasks = true)));
    let cancelled = Harness::new().cancelled().tool::<everything::slow_compute>(json!({"seconds": 60, "label": "x"}));
    assert_eq!(cancelled, Err(Error::failed("x was cancelled")));
}

#[test]
fn resources_and_prompts_read_as_the_suite_expects() {
    let harness = accepting();
    let reading = harness.template::<everything::template_data>("test://template/123/data").unwrap();
    let expected = ResourceContents::text(
        "test://template/123/data",
        r#"{"data":"Data for ID: 123","id":"123","templateTest":true}"#,
    );
    assert_eq!(reading.contents, [expected.mime_type("application/json")]);
    let picture = harness.resource::<everything::static_binary>().unwrap();
    assert_eq!(picture.contents[0].mime_type.as_deref(), Some("image/png"));
    assert_ne!(picture.etag, harness.resource::<everything::static_text>().unwrap().etag);

    let text = |prompt: bulkhead_sdk::prompt::PromptResult| match prompt.messages[0].content.content.clone() {
        ContentKind::Text(text) => text,
        other => panic!("expected text, found {other:?}"),
    };
    let filled = harness.prompt::<everything::test_prompt_with_arguments>(&[("arg1", "hello"), ("arg2", "world")]);
    assert_eq!(text(filled.unwrap()), "Prompt with arguments: arg1='hello', arg2='world'");
    let missing = harness.prompt::<everything::test_prompt_with_arguments>(&[("arg1", "hello")]);
    assert_eq!(missing, Err(Error::invalid("missing field `arg2`")));
    let asked = harness.prompt::<everything::test_input_required_result_prompt>(&[]).unwrap();
    assert_eq!(text(asked), "Answer with this in mind: a test");
    let completed = harness.complete::<everything::prompt_places>("par", &[]).unwrap();
    assert_eq!(completed.values, ["paris", "park", "party"]);
}
