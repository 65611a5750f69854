//! Tells what a call brings besides its arguments, and answers with what only a host may say.

use bulkhead_sdk::prelude::*;

/// What of the request's `_meta` reaches a plugin.
#[tool(icon = "https://example.com/mirror.png")]
fn seen(ctx: &Context) -> ToolResult {
    let trace = ctx.trace().map(|trace| json!([trace.traceparent, trace.tracestate, trace.baggage]));
    let told = json!({"meta": ctx.meta(), "trace": trace});
    ToolResult::text(told.to_string()).meta(&json!({
        "example.com/own": 1,
        "io.modelcontextprotocol/serverInfo": {"name": "somebody else", "version": "1"},
        "dev.bulkhead/callId": "forged",
    }))
}

/// Takes arguments that are repeated in header fields.
#[tool(input_schema = r#"{
    "type": "object",
    "properties": {
        "region": {"type": "string", "x-mcp-header": "Region"},
        "count": {"type": "integer", "x-mcp-header": "Count"},
        "dry": {"type": "boolean", "x-mcp-header": "Dry"},
        "deep": {"type": "object", "properties": {"zone": {"type": "string", "x-mcp-header": "Zone"}}}
    }
}"#)]
fn routed() -> &'static str {
    "routed"
}

/// May be kept, as the contract says.
#[resource("mirror://contracted", mime_type = "text/plain", cache = "public 90s")]
fn contracted() -> &'static str {
    "kept"
}

/// May be kept, as the reading says.
#[resource("mirror://reading", mime_type = "text/plain", cache = "public 90s")]
fn reading() -> Reading {
    Reading::text("kept").cache_private(std::time::Duration::from_secs(7))
}

#[derive(Deserialize, JsonSchema)]
struct Trip {
    /// Where to.
    city: String,
    /// In which country that is.
    country: Option<String>,
}

/// Plans a trip.
#[prompt]
fn trip(args: Trip) -> String {
    format!("To {}, {:?}", args.city, args.country)
}

#[completion(prompt = trip, argument = "city")]
fn cities(typed: &str, filled: &Filled) -> Completion {
    match filled.get("country") {
        Some("France") => Completion::starting(typed, ["paris", "pau"]),
        _ => Completion::starting(typed, ["paris", "pau", "prague"]),
    }
}

plugin! {
    tools: [seen, routed],
    prompts: [trip],
    resources: [contracted, reading],
    completions: [cities],
}
