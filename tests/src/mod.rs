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
pub mod lines;
pub mod metrics;
pub mod ports;
pub mod press;
pub mod proxy;
mod reasons;
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

/// What `measure` gives once it is good, of three tries at most: a machine that
/// is busy elsewhere is late now and then, what is slow is late every time.
pub fn best_of_three<T>(mut measure: impl FnMut() -> T, is_good: impl Fn(&T) -> bool) -> T {
    for _ in 0..2 {
        let measured = measure();
        if is_good(&measured) {
            return measured;
        }
    }
    measure()
}
