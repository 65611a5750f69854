//! Answers with structured content that is not what it should be.

use bulkhead_sdk::prelude::*;

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Kind {
    DuplicateKey,
    HiddenDuplicateKey,
    LoneSurrogate,
    Deep,
    Trailing,
    RawControl,
    NotJson,
    NotAnObject,
    Good,
}

#[derive(Deserialize, JsonSchema)]
struct Which {
    kind: Kind,
}

/// Answers with JSON of this kind.
#[tool]
fn run(args: Which) -> ToolResult {
    let structured = match args.kind {
        Kind::DuplicateKey => "{\"a\":1,\"a\":2}".to_owned(),
        Kind::HiddenDuplicateKey => "{\"a\":1,\"\\u0061\":2}".to_owned(),
        Kind::LoneSurrogate => "{\"a\":\"\\ud800\"}".to_owned(),
        Kind::Deep => format!("{{\"a\":{}1{}}}", "[".repeat(100), "]".repeat(100)),
        Kind::Trailing => "{\"a\":1} {\"b\":2}".to_owned(),
        Kind::RawControl => "{\"a\":\"\u{1}\"}".to_owned(),
        Kind::NotJson => "no JSON at all".to_owned(),
        Kind::NotAnObject => "[1,2]".to_owned(),
        Kind::Good => "{\"a\":1}".to_owned(),
    };
    ToolResult { structured: Some(structured), ..ToolResult::text("bad") }
}

plugin!(run);
