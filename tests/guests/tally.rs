//! Counts its calls in its own memory, and ends them in several ways.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use bulkhead_sdk::prelude::*;

static CALLS: AtomicU32 = AtomicU32::new(0);

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Ending {
    /// With an answer.
    Answer,
    /// With an error of its own.
    Fail,
    /// In a trap.
    Trap,
    /// Not at all.
    Spin,
    /// With an answer and forty megabytes.
    Grow,
    /// With an answer and something of the host's in its hands.
    Hold,
}

#[derive(Deserialize, JsonSchema)]
struct Call {
    ending: Ending,
}

/// Says how many calls this instance has met.
#[tool]
fn run(args: Call) -> Result<String> {
    let calls = (CALLS.fetch_add(1, Relaxed) + 1).to_string();
    match args.ending {
        Ending::Answer => {}
        Ending::Fail => return Err(Error::failed(calls)),
        Ending::Trap => trap(),
        Ending::Spin => loop {
            std::hint::spin_loop();
        },
        Ending::Grow => std::mem::forget(std::hint::black_box(vec![1_u8; 40 << 20])),
        Ending::Hold => std::mem::forget(wasip2::clocks::monotonic_clock::subscribe_duration(1)),
    }
    Ok(calls)
}

fn trap() {
    #[cfg(target_arch = "wasm32")]
    core::arch::wasm32::unreachable();
}

plugin!(run);
