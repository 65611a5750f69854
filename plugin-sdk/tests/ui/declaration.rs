use bulkhead_sdk::prelude::*;

/// One.
#[tool]
fn one() {}

/// Also one.
#[tool(name = "one")]
fn other() {}

/// A prompt.
#[prompt]
fn greeting() -> &'static str {
    "hello"
}

fn unmarked() {}

mod same_name {
    use super::{one, other};
    bulkhead_sdk::plugin!(one, other);
}

mod of_another_kind {
    use super::greeting;
    bulkhead_sdk::plugin!(greeting);
}

mod not_marked {
    use super::unmarked;
    bulkhead_sdk::plugin!(unmarked);
}

mod unknown_section {
    bulkhead_sdk::plugin! { tool: [super::one] }
}

mod nothing {
    bulkhead_sdk::plugin!();
}

mod bad_scheme {
    bulkhead_sdk::plugin! { schemes: { "file:": super::read } }
}

mod bad_std {
    bulkhead_sdk::plugin! { tools: [super::one], std: nothing }
}

fn main() {}
