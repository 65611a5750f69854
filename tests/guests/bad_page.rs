//! Says that a page shows its answers, and has no such page.

use bulkhead_sdk::prelude::*;

/// Does nothing.
#[tool(ui = "ui://bad-page/view")]
fn run() {}

/// Not a page, by its type.
#[resource("ui://bad-page/view", mime_type = "text/html")]
fn view() -> &'static str {
    "<!doctype html>"
}

plugin! {
    tools: [run],
    resources: [view],
}
