//! Tells all that it was given: variables, arguments, configuration.

use std::collections::BTreeMap;

use bulkhead_sdk::prelude::*;

#[derive(Serialize, JsonSchema)]
struct Given {
    env: BTreeMap<String, String>,
    args: Vec<String>,
    config: BTreeMap<String, String>,
    config_error: Option<String>,
}

/// Tells what it was given.
#[tool]
fn run(ctx: &Context) -> Json<Given> {
    let (config, config_error) = match ctx.config().all() {
        Ok(all) => (all.into_iter().collect(), None),
        Err(error) => (BTreeMap::new(), Some(error.to_string())),
    };
    Json(Given { env: std::env::vars().collect(), args: std::env::args().collect(), config, config_error })
}

plugin!(run);
