use bulkhead_sdk::prelude::*;

/// Has a schema with a comma too many.
#[tool(input_schema = r#"{"type": "object",}"#)]
fn comma(_args: Value) {}

fn main() {}
