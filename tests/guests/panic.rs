//! Panics, with words that are nobody's business.

use bulkhead_sdk::prelude::*;

/// Panics.
#[tool]
fn run() -> String {
    let nothing: Option<String> = std::hint::black_box(None);
    nothing.expect("the guest's own words")
}

plugin!(run);
