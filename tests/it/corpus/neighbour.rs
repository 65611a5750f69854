//! A well-behaved caller at a steady pace.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::harness::{Era, Server};

/// How many times as long as on an idle server an answer may take at p99.
pub const MULTIPLE: u32 = 20;

/// What is allowed in any case: on two processors that other tests use, too, an
/// idle p99 of two milliseconds says nothing about the next second.
pub const FLOOR: Duration = Duration::from_secs(2);

/// Calls a minute's worth of which tell something.
const LEAST: usize = 60;

/// How soon one call follows the other.
const PACE: Duration = Duration::from_millis(10);

/// Calls until `done`, and at least [`LEAST`] times. The p99 of what it took.
pub fn p99(server: &Server, key: &str, done: &AtomicBool) -> Duration {
    let mut client = server.client_with_key(Era::Modern, key);
    let mut times = Vec::new();
    while times.len() < LEAST || !done.load(Ordering::SeqCst) {
        let began = Instant::now();
        let answer = client.call("echo_run", json!({"text": "still here"}));
        times.push(began.elapsed());
        assert_eq!(answer.structured()["text"], "still here");
        thread::sleep(PACE);
    }
    times.sort();
    times[(times.len() * 99).div_ceil(100) - 1]
}

/// What is allowed, for one that takes `idle` on an idle server.
pub fn bound(idle: Duration) -> Duration {
    (idle * MULTIPLE).max(FLOOR)
}
