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
