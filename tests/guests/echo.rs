//! Gives back what it got, in every way that there is.

use bulkhead_sdk::prelude::*;

#[derive(Deserialize, Serialize, JsonSchema)]
struct Echo {
    text: String,
    #[serde(default)]
    numbers: Vec<i64>,
}

/// Gives the arguments back.
#[tool]
fn run(args: Echo) -> Json<Echo> {
    Json(args)
}

/// Says who calls, as far as a plugin is told.
#[tool]
fn caller(ctx: &Context) -> String {
    let modern = ctx.protocol_version();
    let client = ctx.client();
    format!("{modern} form={} sampling={} roots={}", client.elicitation_form, client.sampling, client.roots)
}

/// Fails in a way that the model should read.
#[tool]
fn fail(args: Echo) -> Result<String> {
    Err(Error::failed(args.text))
}

plugin!(run, caller, fail);
