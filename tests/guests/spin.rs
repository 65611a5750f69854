//! Never ends and never waits.

use bulkhead_sdk::prelude::*;

/// Spins for ever.
#[tool]
fn run() -> u64 {
    let mut turns = 0_u64;
    loop {
        turns = std::hint::black_box(turns.wrapping_add(1));
    }
}

plugin!(run);
