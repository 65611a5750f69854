//! Draws random bytes, through the hasher that the standard library seeds with them.

use std::hash::{BuildHasher as _, RandomState};

use bulkhead_sdk::prelude::*;

/// Two draws, which are the same only by chance.
#[tool]
fn run() -> String {
    format!("{:016x}", RandomState::new().hash_one(0))
}

plugin!(run);
