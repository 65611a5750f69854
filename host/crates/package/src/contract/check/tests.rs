use super::*;

fn refusal(text: &str) -> String {
    let json = Json::parse(text).unwrap();
    Contract::parse(&json).map_or_else(|error| error.to_string(), |_| "accepted".to_owned())
}

#[test]
fn a_full_contract_is_read_and_its_schemas_keep_their_spelling() {
    let text = r#"{"tools":[{"name":"get.Current-1_x","title":"T","description":"two\nlines","inputSchema":{ "type":"object", "z":1.0,"a":{"é":[]} },
        "outputSchema":{"type":"object"},"annotations":{"readOnlyHint":true},"icons":[{"src":"https://a/b.png","theme":"dark"}],
        "_meta":{"k":1},"execution":{"taskSupport":"optional"},"singleUse":true,"cache":{"ttlMs":1000,"scope":"public"},
        "requiredCapabilities":["elicitation.form","sampling"]}],
        "prompts":[{"name":"p","arguments":[{"name":"a","required":true}]}],
        "resources":[{"uri":"notes:///today","name":"today","size":3,"annotations":{"audience":["user"],"priority":0.5}}],
        "resourceTemplates":[{"uriTemplate":"notes:///{day}","name":"a day"}],
        "schemes":["notes"],"dynamicResources":true}"#;
    let contract = Contract::parse(&Json::parse(text).unwrap()).unwrap();
    let tool = &contract.tools[0];
    assert_eq!(tool.input_schema.as_str(), r#"{"type":"object","z":1.0,"a":{"é":[]}}"#);
    assert_eq!(tool.task_support(), super::super::TaskSupport::Optional);
    assert!(contract.dynamic_resources);
}

#[test]
fn what_does_not_belong_is_named() {
    let tool = |rest: &str| format!(r#"{{"tools":[{{"name":"a","inputSchema":{{"type":"object"}}{rest}}}]}}"#);
    let cases = [
        (tool(r#","color":"red""#), "unknown field `color`"),
        (tool(r#","title":"\u001b[31m""#), "/tools/0/title"),
        (tool(r#","description":"\r""#), "/tools/0/description"),
        (tool(r#","icons":[{"src":"javascript:alert(1)"}]"#), "/tools/0/icons/0/src"),
        (tool(r#","icons":[{"src":"data:image/svg+xml,<svg/>"}]"#), "/tools/0/icons/0/src"),
        (tool(r#","icons":[{"src":"data:image/SVG+xml;base64,AA"}]"#), "/tools/0/icons/0/src"),
        (tool(r#","icons":[{"src":"data:image/s\tvg+xml,AA"}]"#), "/tools/0/icons/0/src"),
        (tool(r#","icons":[{"src":"data:image/png,AA","mimeType":"image/svg+xml"}]"#), "/tools/0/icons/0/src"),
        (tool(r#","_meta":[]"#), "/tools/0/_meta"),
        (tool(r#","outputSchema":true"#), "/tools/0/outputSchema"),
        (tool(r#","requiredCapabilities":["mind-reading"]"#), "unknown variant"),
        (r#"{"tools":[{"name":"a b","inputSchema":{"type":"object"}}]}"#.to_owned(), "/tools/0/name"),
        (r#"{"tools":[{"name":"a","inputSchema":{}}]}"#.to_owned(), "/tools/0/inputSchema"),
        (r#"{"prompts":[{"name":"p"},{"name":"p"}]}"#.to_owned(), "twice"),
        (r#"{"resources":[{"uri":"today","name":"t"}]}"#.to_owned(), "/resources/0/uri"),
        (r#"{"resources":[{"uri":"a:{b}","name":"t"}]}"#.to_owned(), "resourceTemplates"),
        (
            format!(r#"{{"resourceTemplates":[{{"uriTemplate":"a:{{/b{}}}","name":"t"}}]}}"#, ",b".repeat(16)),
            "/resourceTemplates/0/uriTemplate: expected at most 16 variables, found 17",
        ),
        (r#"{"schemes":["Notes"]}"#.to_owned(), "/schemes/0"),
        (format!(r#"{{"prompts":[{{"name":"{}"}}]}}"#, "a".repeat(65)), "/prompts/0/name"),
    ];
    for (text, part) in cases {
        let told = refusal(&text);
        assert!(told.contains(part), "{text}: {told}");
    }
}

#[test]
fn too_many_and_too_long_are_refused() {
    let many: Vec<String> = (0..=MAX_ITEMS).map(|i| format!(r#"{{"name":"p{i}"}}"#)).collect();
    assert!(refusal(&format!(r#"{{"prompts":[{}]}}"#, many.join(","))).contains("at most 512 prompts"));
    let long = "x".repeat(MAX_DESCRIPTION_BYTES + 1);
    assert!(refusal(&format!(r#"{{"prompts":[{{"name":"p","description":"{long}"}}]}}"#)).contains("description"));
}
