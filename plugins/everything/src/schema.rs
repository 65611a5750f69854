//! Input schemas that go out as they were written.

use bulkhead_sdk::prelude::*;

/// Tool with JSON Schema 2020-12 features.
#[tool(input_schema = include_str!("schema_2020_12.json"), read_only, open_world = false)]
pub fn json_schema_2020_12_tool(args: Value) -> String {
    format!("JSON Schema 2020-12 tool called with: {args}")
}

#[derive(Deserialize)]
pub struct Region {
    pub region: String,
}

/// Takes an argument that the client repeats in a header.
#[tool(input_schema = include_str!("schema_custom_header.json"), read_only, open_world = false)]
pub fn test_custom_header(args: Region) -> String {
    format!("region: {}", args.region)
}
