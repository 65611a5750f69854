//! Marks an argument for a header field that no client would send.

use bulkhead_sdk::prelude::*;

/// Does nothing.
#[tool(input_schema = r#"{"type": "object", "properties": {"price": {"type": "number", "x-mcp-header": "Price"}}}"#)]
fn run() {}

plugin!(run);
