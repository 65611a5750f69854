//! Answers against its own output schema.

use bulkhead_sdk::prelude::*;

#[derive(Deserialize, JsonSchema)]
struct Which {
    /// Whether to keep to the schema.
    honest: bool,
}

/// Promises a whole number and may answer with a text.
#[tool(output_schema = r#"{"type":"object","properties":{"count":{"type":"integer"}},"required":["count"]}"#)]
fn run(args: Which) -> ToolResult {
    let structured = if args.honest { "{\"count\":3}" } else { "{\"count\":\"three\"}" };
    ToolResult { structured: Some(structured.to_owned()), ..ToolResult::new([]) }
}

plugin!(run);
