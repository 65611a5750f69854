//! Has skills. The tests rewrite a text in the built file, so that it is not what the contract says.

use bulkhead_sdk::prelude::*;

/// Greets.
#[tool]
fn run() -> &'static str {
    "hello"
}

plugin! {
    tools: [run],
    skills: "skills",
}
