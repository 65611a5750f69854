//! Asks, and takes each answer once.

use bulkhead_sdk::prelude::*;

#[derive(Deserialize, JsonSchema)]
struct Consent {
    /// Pay?
    pay: bool,
}

/// Pays, if its user says so.
#[tool(single_use)]
fn run(ctx: &Context) -> Result<&'static str> {
    let consent: Consent = ctx.elicit("consent", "Pay?")?;
    Ok(if consent.pay { "paid" } else { "kept" })
}

plugin!(run);
