//! Sleeps.

use std::{thread, time::Duration};

use bulkhead_sdk::prelude::*;

#[derive(Deserialize, JsonSchema)]
struct Nap {
    milliseconds: u64,
}

/// Sleeps for so long.
#[tool]
fn run(args: Nap) -> &'static str {
    thread::sleep(Duration::from_millis(args.milliseconds));
    "awake"
}

plugin!(run);
