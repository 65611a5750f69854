//! Tells what its calls are given besides arguments, asks a model, and takes its time.

use bulkhead_sdk::prelude::*;

#[derive(Serialize, JsonSchema)]
struct Given {
    root: Option<String>,
    workspace: Option<String>,
    /// JSON text.
    sampling: Option<String>,
}

/// What the call was given.
#[tool]
fn run(ctx: &Context) -> Json<Given> {
    Json(Given {
        root: ctx.root().map(|root| root.id.clone()),
        workspace: ctx.root().and_then(|root| root.workspace.clone()),
        sampling: ctx.sampling().map(|sampling| sampling.to_string()),
    })
}

/// Passes on what a model says.
#[tool]
fn ask(ctx: &Context) -> Result<String> {
    Ok(ctx.sample("question", Sampling::new("Who is there?").max_tokens(7))?.text())
}

#[derive(Deserialize, JsonSchema)]
struct Pause {
    milliseconds: u64,
}

/// Ends after a while.
#[tool]
fn wait(args: Pause) -> String {
    std::thread::sleep(std::time::Duration::from_millis(args.milliseconds));
    "done".to_owned()
}

plugin!(run, ask, wait);
