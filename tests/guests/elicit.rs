//! Asks its user.

use bulkhead_sdk::prelude::*;

#[derive(Deserialize, JsonSchema)]
struct Who {
    /// Your name
    name: String,
}

/// Greets whoever calls.
#[tool]
fn run(ctx: &Context) -> Result<String> {
    let who: Who = ctx.elicit("user_name", "Who are you?")?;
    Ok(format!("Hello, {}!", who.name))
}

plugin!(run);
