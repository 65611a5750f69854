//! Takes memory until it is told that there is enough.

use bulkhead_sdk::prelude::*;

#[derive(Deserialize, JsonSchema)]
struct Hunger {
    /// How much to take, in MiB.
    mebibytes: usize,
}

/// Takes memory, and touches all of it.
#[tool]
fn run(args: Hunger) -> usize {
    let blocks: Vec<Vec<u8>> =
        (0..args.mebibytes).map(|n| vec![u8::try_from(n % 251).unwrap_or(1) + 1; 1 << 20]).collect();
    std::hint::black_box(&blocks).iter().filter(|block| block.last() != Some(&0)).count()
}

plugin!(run);
