//! The house: configuration, transports, the call path, the load flow, the
//! command line. `main.rs` only starts it; tests drive the binary.
//!
//! Read `app.rs` first: it wires everything.

pub mod admin;
pub mod alerts;
pub mod app;
pub mod authn;
pub mod cli;
pub mod client;
mod clock;
pub mod config;
pub mod confine;
pub mod descriptors;
pub mod folders;
pub mod forge;
pub mod hub;
pub mod inflight;
pub mod load;
pub mod logging;
pub mod manifest;
pub mod pipeline;
pub mod prompts;
pub mod record;
pub mod reload;
pub mod render;
pub mod roots;
pub mod screening;
pub mod session;
pub mod shares;
pub mod transport;
