//! Says which version it is. The tests rewrite the text in the built file, so that one build gives as many
//! versions as a test wants.

use std::{thread, time::Duration};

use bulkhead_sdk::prelude::*;

static VERSION: &str = "@version-00000000@";

#[derive(Deserialize, JsonSchema)]
struct Nap {
    /// How long to take.
    milliseconds: Option<u64>,
}

/// Says which version this is.
#[tool]
fn run(args: Nap) -> &'static str {
    thread::sleep(Duration::from_millis(args.milliseconds.unwrap_or(0)));
    std::hint::black_box(VERSION)
}

plugin!(run);
