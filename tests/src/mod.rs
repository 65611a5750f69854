//! What the integration tests stand on: guests built from source, a house to
//! serve them from, clients of both eras over both transports, and an upstream
//! that does as it is told.
//!
//! Everything is real: the binary just built, real sockets, real files. What
//! is missing makes a test fail and say what; nothing is skipped. Every message
//! that a server sends is held against the published schema of its revision.

pub mod binary;
pub mod client;
pub mod guests;
pub mod house;
pub mod http;
pub mod issuer;
pub mod ledger;
pub mod press;
pub mod proxy;
pub mod schema;
pub mod server;
pub mod shelf;
pub mod stdio;
pub mod tls;
pub mod undefended;
pub mod upstream;

pub use client::{Answer, Client, Era};
pub use house::{House, Plugin};
pub use press::Press;
pub use server::Server;
pub use upstream::{Reaction, Upstream};

use std::time::{Duration, Instant};

/// How long something may take on a busy machine before a test calls it hung.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until `done` says so.
///
/// # Panics
/// It never does; `what` says what was waited for.
pub fn wait_until(what: &str, mut done: impl FnMut() -> bool) {
    let began = Instant::now();
    while !done() {
        assert!(began.elapsed() < PATIENCE, "waited {PATIENCE:?} in vain: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
