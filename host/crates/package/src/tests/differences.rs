use super::*;
use crate::diff;

fn lines(old: &ManifestDraft, new: &ManifestDraft) -> Vec<String> {
    let manifest =
        |draft: &ManifestDraft| Package::parse(pack(&component(), draft).unwrap(), None).unwrap().manifest().clone();
    diff(&manifest(old), &manifest(new)).iter().map(ToString::to_string).collect()
}

#[test]
fn what_changed_is_told_in_lines() {
    let old = draft();
    let mut new = draft();
    new.version = "1.3.0".parse().unwrap();
    new.requests = serde_json::from_str(r#"{"kv":{"why":"the notes"},"http":[{"host":"evil.example"}]}"#).unwrap();
    new.contract = Json::parse(
        r#"{"tools":[{"name":"add","description":"Adds \ue000[31m a note","inputSchema":{"type":"object","required":["x"]}},
            {"name":"drop","description":"Drops all","inputSchema":{"type":"object"}}],"dynamicResources":true}"#,
    )
    .unwrap();
    assert_eq!(
        lines(&old, &new),
        [
            "+ asks http https evil.example: host evil.example, scheme https",
            "~ tool add /description: Adds a note → Adds \\u{e000}[31m a note",
            "+ tool add /inputSchema/required/0: x",
            "+ contract: dynamicResources true",
            "+ tool drop: Drops all",
            "~ version: 1.2.3 → 1.3.0",
        ]
    );
    assert!(lines(&new, &old).contains(&"- tool drop: Drops all".to_owned()));
    assert!(lines(&old, &old).is_empty());
}

/// A draft whose one tool has this for its schema's property `x`.
fn with_property(property: &str) -> ManifestDraft {
    let schema = format!(r#"{{"type":"object","properties":{{"x":{property}}}}}"#);
    let contract = format!(r#"{{"tools":[{{"name":"add","inputSchema":{schema}}}]}}"#);
    ManifestDraft { contract: Json::parse(&contract).unwrap(), ..draft() }
}

#[test]
fn what_only_reads_alike_is_a_change() {
    let place = "~ tool add /inputSchema/properties/x";
    let pairs = [
        (r#"{"const":1}"#, r#"{"const":"1"}"#, format!("{place}/const: 1 → \"1\"")),
        (r#"{"default":"null"}"#, r#"{"default":null}"#, format!("{place}/default: \"null\" → null")),
        (r#"{"default":{}}"#, r#"{"default":"{}"}"#, format!("{place}/default: {{}} → \"{{}}\"")),
        (r#"{"default":"\"a\""}"#, r#"{"default":"a"}"#, format!("{place}/default: \"\\\"a\\\"\" → a")),
    ];
    for (old, new, line) in pairs {
        assert_eq!(lines(&with_property(old), &with_property(new)), [line]);
    }
    let list = with_property(r#"{"default":["a"]}"#);
    let map = with_property(r#"{"default":{"0":"a"}}"#);
    let shown = lines(&list, &map);
    assert_eq!(
        shown,
        ["- tool add /inputSchema/properties/x/default/0: a", "+ tool add /inputSchema/properties/x/default/\"0\": a",]
    );
}

#[test]
fn what_differs_far_behind_is_shown() {
    let description = |end: &str| ManifestDraft { description: format!("{}{end}", "a".repeat(400)), ..draft() };
    let lead = "a".repeat(60);
    assert_eq!(
        lines(&description("safe"), &description("evil")),
        [format!("~ description: …{lead}safe → …{lead}evil")]
    );
    let long = "z".repeat(500);
    let shown = lines(&description(""), &description(&long));
    assert_eq!(shown, [format!("~ description: …{lead} → …{lead}{}… (900 bytes)", "z".repeat(240))]);
}
