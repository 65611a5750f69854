//! Reports progress and log lines while it works.

use std::{thread, time::Duration};

use bulkhead_sdk::prelude::*;

#[derive(Deserialize, JsonSchema)]
struct Work {
    steps: u32,
    pause_ms: u64,
}

/// Works in so many steps.
#[tool]
fn run(args: Work, ctx: &Context) -> String {
    for step in 1..=args.steps {
        ctx.progress(f64::from(step), f64::from(args.steps), Some("working"));
        ctx.log(LogLevel::Info, format!("step {step}"));
        thread::sleep(Duration::from_millis(args.pause_ms));
    }
    format!("{} steps", args.steps)
}

plugin!(run);
