//! Tests that drive the `bulkhead` that was just built.

#[path = "../src/mod.rs"]
mod harness;

mod faults;
mod operations;
mod protocol;
mod reload;
mod rooms;
mod security;
mod strangers;
