//! A tool whose answer a page shows (MCP Apps).

use bulkhead_sdk::prelude::*;

#[derive(Deserialize, JsonSchema)]
pub struct Numbers {
    /// What is added up.
    pub numbers: Vec<f64>,
}

#[derive(Serialize, JsonSchema)]
pub struct Sum {
    pub sum: f64,
}

/// Adds numbers up.
#[tool(ui = "ui://everything/sum", read_only, open_world = false)]
pub fn add_up(args: Numbers) -> Json<Sum> {
    Json(Sum { sum: args.numbers.iter().sum() })
}

/// Shows what `add_up` answered. It connects to nothing.
#[resource(
    "ui://everything/sum",
    name = "Sum",
    mime_type = "text/html;profile=mcp-app",
    meta = r#"{"ui":{"csp":{"connectDomains":[]},"prefersBorder":true}}"#
)]
pub fn sum_page() -> Reading {
    Reading::text(include_str!("page.html"))
        .contents_meta(&json!({"ui": {"csp": {"connectDomains": []}, "prefersBorder": true}}))
}
