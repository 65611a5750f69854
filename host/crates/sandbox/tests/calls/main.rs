//! Calls into real components, through the crate's public surface alone.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod fetch;
mod files;
mod given;
mod harness;
mod http;
mod limits;
mod load;
mod script;
mod tcp;
