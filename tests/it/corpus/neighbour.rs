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

/// What is allowed in any case: where an idle answer takes two milliseconds,
/// twenty times that is less than what other tests on the same two processors cost.
pub const FLOOR: Duration = Duration::from_millis(250);

/// Calls at least: of fewer, a p99 is the slowest one.
const LEAST: usize = 200;

/// How soon one call follows the other.
const PACE: Duration = Duration::from_millis(5);

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

/// The p99 of one neighbour's calls.
#[derive(Clone, Copy)]
pub struct Times {
    /// On an idle server.
    pub idle: Duration,
    /// While a group is tried.
    pub beside: Duration,
}

impl Times {
    fn allowed(self) -> Duration {
        (self.idle * MULTIPLE).max(FLOOR)
    }

    /// How many times as long it took.
    pub fn ratio(self) -> f64 {
        self.beside.as_secs_f64() / self.idle.as_secs_f64()
    }

    /// What is wrong, if it took longer than is allowed.
    pub fn fault(self) -> Option<String> {
        let (Self { idle, beside }, allowed) = (self, self.allowed());
        (beside > allowed)
            .then(|| format!("the neighbour's p99 was {beside:?}, allowed are {allowed:?}; idle it is {idle:?}"))
    }
}
