//! Traps.

use bulkhead_sdk::prelude::*;

/// Runs into `unreachable`.
#[tool]
fn run() -> &'static str {
    #[cfg(target_arch = "wasm32")]
    core::arch::wasm32::unreachable();
    #[cfg(not(target_arch = "wasm32"))]
    "it takes a component to trap"
}

plugin!(run);
