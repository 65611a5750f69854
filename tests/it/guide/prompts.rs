//! Prompts in the guide's words: the tree, its steps, and the parameters of each.

use std::fs;

use serde_json::{Value, json};

use super::{error, result};
use crate::harness::{House, Plugin};

const ALICE: &str = "key-of-alice-who-gets-all-prompts";
const BOB: &str = "key-of-bob-who-gets-but-one-prompt";

fn house() -> House {
    let house = House::new()
        .with(&Plugin::guest("context_probe"))
        .set("prompts", json!("prompts"))
        .set("allowAnonymous", json!(false))
        .set(
            "scopes",
            json!({
                "all": ["*", {"prompt": "*"}, "sampling", "root"],
                "one": [{"prompt": "prompt.review"}],
            }),
        )
        .set(
            "apiKeys",
            json!([{"name": "alice", "key": ALICE, "scopes": ["all"]}, {"name": "bob", "key": BOB, "scopes": ["one"]}]),
        );
    let files = [
        ("codeContext.md", "---\narguments: [{name: file, required: true}]\n---\nI am editing {{ file }}."),
        (
            "review.md",
            "---\ntitle: Review\narguments: [{name: code, required: true}]\nsampling: {temperature: 0.2}\nsteps: [verify]\n---\nReview {{ code }}\n## assistant\nYes.",
        ),
        ("review/summary.md", "---\narguments: [{name: tone, required: true}]\n---\nSum {{ code }} up, {{ tone }}."),
        ("review/verify.md", "---\nsampling: {temperature: 1, topP: 0.5}\n---\nVerify."),
    ];
    for (name, text) in files {
        let path = house.join("prompts").join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
    house
}

fn said(role: &str, text: &str) -> Value {
    json!({"role": role, "content": {"type": "text", "text": text}})
}

#[test]
fn the_tree_is_listed() {
    let house = house();
    let server = house.serve();
    let listed = result(&server, ALICE, "mcp.prompt.list", json!({}));
    let ids: Vec<&Value> = listed.as_array().expect("a list").iter().map(|prompt| &prompt["promptId"]).collect();
    assert_eq!(ids, ["prompt.codeContext", "prompt.review", "prompt.review.summary", "prompt.review.verify"]);
    assert_eq!(
        listed[1],
        json!({
            "promptId": "prompt.review", "title": "Review",
            "arguments": [{"name": "code", "required": true}],
            "sampling": {"temperature": 0.2},
            "steps": ["prompt.review.verify", "prompt.review.summary"],
        })
    );
    assert_eq!(listed[2]["parentId"], "prompt.review");
    let one = result(&server, BOB, "mcp.prompt.list", json!({}));
    assert_eq!((one.as_array().map(Vec::len), &one[0]["steps"]), (Some(1), &json!([])));
}

#[test]
fn a_prompt_comes_with_its_steps() {
    let house = house();
    let server = house.serve();
    let params = json!({"promptId": "prompt.codeContext", "args": {"file": "a.rs"}});
    assert_eq!(
        result(&server, ALICE, "mcp.prompt.get", params),
        json!({
            "promptId": "prompt.codeContext", "messages": [said("user", "I am editing a.rs.")],
            "sampling": {}, "steps": [],
        })
    );
    let params = json!({"promptId": "prompt.review", "args": {"code": "x"}});
    let verify = json!({
        "promptId": "prompt.review.verify", "messages": [said("user", "Verify.")],
        "sampling": {"temperature": 1, "topP": 0.5},
    });
    let lacking = json!({"promptId": "prompt.review.summary", "missing": ["tone"], "sampling": {"temperature": 0.2}});
    assert_eq!(
        result(&server, ALICE, "mcp.prompt.get", params.clone()),
        json!({
            "promptId": "prompt.review", "messages": [said("user", "Review x"), said("assistant", "Yes.")],
            "sampling": {"temperature": 0.2}, "steps": [verify, lacking],
        })
    );
    let whole = json!({"promptId": "prompt.review", "args": {"code": "x", "tone": "kindly"}});
    let whole = result(&server, ALICE, "mcp.prompt.get", whole);
    assert_eq!(whole["steps"][1]["messages"], json!([said("user", "Sum x up, kindly.")]));
    // What may not be got is no step either, and its argument none of the prompt's.
    assert_eq!(result(&server, BOB, "mcp.prompt.get", params)["steps"], json!([]));
    let told = "params.arguments.tone: expected one of code".to_owned();
    let params = json!({"promptId": "prompt.review", "args": {"code": "x", "tone": "y"}});
    assert_eq!(error(&server, BOB, "mcp.prompt.get", params), (-32602, told));
    let denied = (-31403, "you may not use this prompt".to_owned());
    let params = json!({"promptId": "prompt.review.verify", "args": {"code": "x"}});
    assert_eq!(error(&server, BOB, "mcp.prompt.get", params), denied);
    let unknown = (-32602, "unknown prompt".to_owned());
    assert_eq!(error(&server, ALICE, "mcp.prompt.get", json!({"promptId": "prompt.none"})), unknown);
}

#[test]
fn parameters_come_from_call_prompt_and_root_in_that_order() {
    let house = house();
    let server = house.serve();
    let made = result(&server, ALICE, "mcp.root.create", json!({"sampling": {"temperature": 0.9, "seed": 4}}));
    let root = made["rootId"].as_str().expect("an id");
    let given = |context: Value| {
        let params = json!({"toolId": "context-probe.run", "args": {}, "context": context});
        let output = result(&server, ALICE, "mcp.tool.invoke", params)["output"]["sampling"].clone();
        output.as_str().map(|text| serde_json::from_str::<Value>(text).expect("JSON"))
    };
    assert_eq!(given(json!({"rootId": root})), Some(json!({"temperature": 0.9, "seed": 4})));
    let step = json!({"rootId": root, "promptId": "prompt.review"});
    assert_eq!(given(step), Some(json!({"temperature": 0.2, "seed": 4})));
    let own = json!({"rootId": root, "promptId": "prompt.review", "sampling": {"temperature": 0}});
    assert_eq!(given(own), Some(json!({"temperature": 0, "seed": 4})));
    assert_eq!(given(json!({"promptId": "prompt.codeContext"})), None);
    // A root that gets a prompt is at it from then on.
    let get = json!({"promptId": "prompt.review.verify", "args": {"code": "x"}, "context": {"rootId": root}});
    let got = result(&server, ALICE, "mcp.prompt.get", get);
    assert_eq!(got["sampling"], json!({"temperature": 1, "topP": 0.5, "seed": 4}));
    assert_eq!(given(json!({"rootId": root})), Some(json!({"temperature": 1, "topP": 0.5, "seed": 4})));
    assert_eq!(result(&server, ALICE, "mcp.root.list", json!({}))[0]["promptId"], "prompt.review.verify");
    let unknown = json!({"toolId": "context-probe.run", "args": {}, "context": {"promptId": "prompt.none"}});
    let told = (-32602, "params.context.promptId: unknown prompt".to_owned());
    assert_eq!(error(&server, ALICE, "mcp.tool.invoke", unknown), told);
}
