//! Answers with more than anybody asked for.

use bulkhead_sdk::prelude::*;

#[derive(Deserialize, JsonSchema)]
struct Flood {
    bytes: usize,
}

/// Answers with so many bytes of text.
#[tool]
fn run(args: Flood) -> String {
    "x".repeat(args.bytes)
}

plugin!(run);
