//! The smallest tool that is worth a call, as an author writes it, and two that
//! a neighbour would rather not have.

use bulkhead_sdk::prelude::*;

#[derive(Deserialize, JsonSchema)]
struct Add {
    a: i64,
    b: i64,
}

/// Adds two integers.
#[tool]
fn add(args: Add) -> String {
    args.a.wrapping_add(args.b).to_string()
}

#[derive(Deserialize, JsonSchema)]
struct Echo {
    #[schemars(length(max = 8388608))]
    text: String,
}

/// Gives the text back.
#[tool]
fn echo(args: Echo) -> String {
    args.text
}

#[derive(Deserialize, JsonSchema)]
struct Nothing {}

/// Never ends by itself.
#[tool]
fn spin(_: Nothing) -> String {
    let mut turns = 0_u64;
    loop {
        turns = std::hint::black_box(turns.wrapping_add(1));
    }
}

plugin! { tools: [add, echo, spin], std: none }
