//! `mcp.tools.list` and `mcp.tool.invoke`.

use serde_json::{Value, json};

use super::{ALL, NONE, SOME, call, error, house, keys, over_stdio, result, serve};
use crate::harness::{Era, House, Plugin};

fn ids(tools: &Value) -> Vec<&str> {
    tools.as_array().expect("a list").iter().map(|tool| tool["toolId"].as_str().expect("an id")).collect()
}

#[test]
fn a_listing_holds_what_the_caller_may_call_in_exactly_this_shape() {
    let house = house();
    let server = serve(&house);
    let tools = result(&server, ALL, "mcp.tools.list", json!({}));
    let evaluate = &tools.as_array().expect("a list")[0];
    assert_eq!(evaluate["toolId"], "calc.evaluate", "{tools}");
    let shape = ["checksum", "contractDigest", "description", "inputSchema", "outputSchema", "schema", "toolId"];
    assert_eq!(keys(evaluate), shape);
    assert_eq!(keys(&evaluate["schema"]), ["description", "inputSchema", "outputSchema", "toolId"]);
    for part in ["description", "inputSchema", "outputSchema", "toolId"] {
        assert_eq!(evaluate[part], evaluate["schema"][part], "what is shown is what is summed");
    }
    let checksum = evaluate["checksum"].as_str().expect("a checksum");
    assert!(checksum.len() == 64 && checksum.bytes().all(|b| b.is_ascii_hexdigit()), "{checksum}");
    assert_eq!(ids(&result(&server, SOME, "mcp.tools.list", json!({}))), ["file.list", "file.read"]);
    assert_eq!(result(&server, NONE, "mcp.tools.list", json!({})), json!([]));
    // The same item as MCP lists it, under its other name.
    let mut client = server.client_with_key(Era::Modern, ALL);
    let listed = client.list("tools/list", "tools");
    let theirs = listed.iter().find(|tool| tool["name"] == "calc_evaluate").expect("calc");
    assert_eq!(theirs["inputSchema"], evaluate["inputSchema"]);
}

#[test]
fn an_answer_is_the_structured_part_or_a_lone_text_or_the_blocks() {
    let house = House::new().with(&Plugin::guest("echo")).with(&Plugin::real("everything").with("prefix", json!("e")));
    let (server, mut pipe) = house.serve_stdio_raw();
    for name in ["echo", "everything"] {
        server.lines().wait_for(&["served", &format!("plugin={name} ")]);
    }
    let mut output = |tool: &str, args: Value| {
        let answer = over_stdio(&mut pipe, "mcp.tool.invoke", json!({"toolId": tool, "args": args}));
        answer["result"]["output"].clone()
    };
    assert_eq!(output("echo.run", json!({"text": "a", "numbers": [1]})), json!({"text": "a", "numbers": [1]}));
    assert_eq!(output("e.test_simple_text", json!({})), "This is a simple text response for testing.");
    assert_eq!(output("e.test_image_content", json!({}))[0]["type"], "image");
    let blocks = output("e.test_multiple_content_types", json!({}));
    let kinds: Vec<&str> =
        blocks.as_array().expect("blocks").iter().filter_map(|block| block["type"].as_str()).collect();
    assert_eq!(kinds, ["text", "image", "resource"]);
}

#[test]
fn an_answer_tells_what_ran_and_under_which_call() {
    let house = house();
    let server = serve(&house);
    let invoke = json!({"toolId": "calc.evaluate", "args": {"expression": "6*7"}, "context": {}});
    let invoked = result(&server, ALL, "mcp.tool.invoke", invoke);
    assert_eq!(keys(&invoked), ["metadata", "output"]);
    assert_eq!(invoked["output"]["result"], "42");
    let metadata = &invoked["metadata"];
    assert_eq!(keys(metadata), ["contractDigest", "digest", "durationMs", "isError", "plugin", "recordId"]);
    assert_eq!((&metadata["plugin"], &metadata["isError"]), (&json!("calc"), &json!(false)));
    assert!(metadata["durationMs"].is_u64() && metadata["recordId"].as_str().is_some_and(|id| !id.is_empty()));
    let tools = result(&server, ALL, "mcp.tools.list", json!({}));
    assert_eq!(metadata["contractDigest"], tools[0]["contractDigest"]);
}

#[test]
fn a_tools_failure_is_a_result_and_a_denial_is_none() {
    let house = house();
    let server = serve(&house);
    let fails = json!({"toolId": "echo.fail", "args": {"text": "so it is"}});
    let failed = result(&server, ALL, "mcp.tool.invoke", fails.clone());
    assert_eq!((&failed["output"], &failed["metadata"]["isError"]), (&json!("so it is"), &json!(true)));
    let unfit = result(&server, ALL, "mcp.tool.invoke", json!({"toolId": "calc.evaluate", "args": {"expression": 5}}));
    assert_eq!(unfit["metadata"]["isError"], true);
    assert!(unfit["output"].as_str().is_some_and(|text| text.contains("input schema")), "{unfit}");
    assert_eq!(error(&server, SOME, "mcp.tool.invoke", fails), (-31403, "you may not call this tool".to_owned()));
    let unknown = json!({"toolId": "calc.evaluat", "args": {}});
    assert_eq!(error(&server, ALL, "mcp.tool.invoke", unknown), (-32602, "unknown tool".to_owned()));
}

#[test]
fn who_cannot_be_asked_is_told_so() {
    let house = house();
    let server = serve(&house);
    let (status, answer) = call(&server, ALL, "mcp.tool.invoke", json!({"toolId": "elicit.run"}));
    let told = json!({
        "code": -32021,
        "message": "the client lacks a capability that this needs",
        "data": {"requiredCapabilities": {"elicitation": {"form": {}}}},
    });
    assert_eq!((status, &answer["error"]), (400, &told), "{answer}");
}
