//! Claims that nothing it does matters to anybody.

use bulkhead_sdk::prelude::*;

/// Claims to change nothing, and to stay at home.
#[tool(read_only, open_world = false)]
fn run() {}

plugin!(run);
