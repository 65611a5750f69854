//! Reads the clocks as finely as it may.

use std::time::{Instant, SystemTime};

use bulkhead_sdk::prelude::*;

const SAMPLES: usize = 2_000;

#[derive(Serialize, JsonSchema)]
struct Times {
    /// Nanoseconds since 1970 of every reading of the wall clock.
    wall: Vec<u64>,
    /// Nanoseconds since the first reading, of every reading of the other.
    monotonic: Vec<u64>,
}

/// Reads both clocks many times.
#[tool]
fn run() -> Json<Times> {
    let first = Instant::now();
    let nanoseconds = |time: std::time::Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
    let wall =
        (0..SAMPLES).map(|_| SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, nanoseconds)).collect();
    let monotonic = (0..SAMPLES).map(|_| nanoseconds(first.elapsed())).collect();
    Json(Times { wall, monotonic })
}

plugin!(run);
