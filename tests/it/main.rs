//! Tests that drive the `bulkhead` that was just built.

#![allow(
    clippy::panic,
    clippy::print_stderr,
    clippy::disallowed_methods,
    unreachable_pub,
    reason = "tests fail by panicking, start the binary, and play the client and the upstream"
)]

#[path = "../src/mod.rs"]
mod harness;

mod call;
mod client_config;
mod corpus;
mod development;
mod docs;
mod examples;
mod faults;
mod foreign;
mod guide;
mod operations;
mod protocol;
mod reload;
mod rooms;
mod security;
mod soak;
mod strangers;
