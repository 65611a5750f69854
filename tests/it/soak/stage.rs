//! What all share, and what is counted.

use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    thread,
    time::Duration,
};

use serde_json::{Value, json};

use super::{
    STEADY,
    gauge::{Gauge, Look},
};
use crate::harness::{Answer, Client, Era, Server};

/// What the clients counted.
#[derive(Default)]
pub(super) struct Tally {
    /// Messages that were sent with a good credential.
    pub(super) messages: AtomicU64,
    /// Calls of tools that were answered, and the tool did well.
    pub(super) answered: AtomicU64,
    /// Calls that failed as they had to.
    pub(super) failed: AtomicU64,
    /// Calls whose client went away or gave them up.
    pub(super) left: AtomicU64,
    /// Requests without a good credential.
    pub(super) strangers: AtomicU64,
    pub(super) tasks: AtomicU64,
    pub(super) sessions: AtomicU64,
    pub(super) reloads: AtomicU64,
    pub(super) revocations: AtomicU64,
    pub(super) rotations: AtomicU64,
}

/// Counts one.
pub(super) fn one(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::SeqCst);
}

/// Where it all happens.
pub(super) struct Stage<'a> {
    pub(super) server: &'a Server,
    pub(super) gauge: &'a Gauge,
    pub(super) tally: Tally,
    /// Which key of the rotated holder is good now.
    pub(super) turn: AtomicU64,
    /// Which of them its caller uses.
    pub(super) used: AtomicU64,
    over: AtomicBool,
}

impl<'a> Stage<'a> {
    pub(super) fn new(server: &'a Server, gauge: &'a Gauge, tally: Tally) -> Self {
        Self { server, gauge, tally, turn: AtomicU64::new(0), used: AtomicU64::new(0), over: AtomicBool::new(false) }
    }

    pub(super) fn is_over(&self) -> bool {
        self.over.load(Ordering::SeqCst)
    }

    pub(super) fn end(&self) {
        self.over.store(true, Ordering::SeqCst);
    }

    /// Does `turn` again and again until all is over, which it is once anybody fails.
    pub(super) fn again(&self, mut turn: impl FnMut()) {
        struct Alarm<'a>(&'a AtomicBool);
        impl Drop for Alarm<'_> {
            fn drop(&mut self) {
                if thread::panicking() {
                    self.0.store(true, Ordering::SeqCst);
                }
            }
        }
        let _alarm = Alarm(&self.over);
        while !self.is_over() {
            turn();
        }
    }

    /// A client, whose handshake is counted.
    pub(super) fn client(&self, era: Era, key: &str) -> Client {
        let client = self.server.client_with_key(era, key);
        if era == Era::Legacy {
            self.tally.messages.fetch_add(2, Ordering::SeqCst);
        }
        client
    }

    pub(super) fn steady(&self, era: Era) -> Client {
        self.client(era, STEADY)
    }

    pub(super) fn request(&self, client: &mut Client, method: &str, params: Value) -> Answer {
        one(&self.tally.messages);
        client.request(method, params)
    }

    /// Calls a tool; how it ended is counted.
    pub(super) fn call(&self, client: &mut Client, tool: &str, arguments: Value) -> Answer {
        let answer = self.request(client, "tools/call", json!({"name": tool, "arguments": arguments}));
        one(if answer.is_ok() { &self.tally.answered } else { &self.tally.failed });
        answer
    }

    /// Calls a tool that has to do well.
    pub(super) fn must(&self, client: &mut Client, tool: &str, arguments: Value) -> Answer {
        let answer = self.call(client, tool, arguments);
        assert!(answer.is_ok(), "{tool}: {answer:?}");
        answer
    }

    /// Waits a little.
    pub(super) fn rest(&self, milliseconds: u64) {
        thread::sleep(Duration::from_millis(milliseconds));
    }

    /// That the server counted what its clients counted.
    pub(super) fn adds_up(&self) {
        let told = self.gauge.read();
        let counted = |counter: &AtomicU64| counter.load(Ordering::SeqCst);
        let (sent, left, came) =
            (counted(&self.tally.messages), counted(&self.tally.left), told.get("bulkhead_requests_total"));
        // Whoever hangs up at once may take the message along.
        assert!(came <= sent && came + left >= sent, "{sent} messages sent, {came} came in");
        assert_eq!(told.get("bulkhead_unauthenticated_total"), counted(&self.tally.strangers), "strangers");
        assert_eq!(told.get("bulkhead_malformed_total"), 0);
        // Every call that began has ended, once.
        let calls = |kind: &str| told.sum(&format!("bulkhead_calls_total{{kind=\"{kind}\""));
        let allowed = |kind: &str| told.get(&format!("bulkhead_decisions_total{{kind=\"{kind}\",decision=\"allow\"}}"));
        assert_eq!(calls("tool"), allowed("tool"), "calls that were allowed, and calls that ended");
        let ended =
            |kind: &str, how: &str| told.get(&format!("bulkhead_calls_total{{kind=\"{kind}\",ending=\"{how}\"}}"));
        assert_eq!(ended("tool", "task"), counted(&self.tally.tasks), "tasks that began");
        assert_eq!(calls("task"), counted(&self.tally.tasks), "and ended");
        assert_eq!(told.sum("bulkhead_calls_total{"), told.get("bulkhead_call_seconds_count"));
        // Whoever left may have been answered before it was noticed.
        let answered = counted(&self.tally.answered);
        let theirs = ended("tool", "answered");
        assert!(theirs >= answered && theirs <= answered + left, "{answered} answers, {left} left, {theirs} told");
        assert!(ended("tool", "abandoned") <= left, "nobody else gave anything up");
    }

    pub(super) fn summary(&self, took: Duration, quiet: &Look) -> String {
        let counted = |counter: &AtomicU64| counter.load(Ordering::SeqCst);
        let tally = &self.tally;
        format!(
            "soak of {} s: {} messages; calls: {} answered, {} failed as they had to, {} left; {} tasks; {} sessions; \
             {} strangers; {} reloads, {} revocations, {} rotations\n{}",
            took.as_secs(),
            counted(&tally.messages),
            counted(&tally.answered),
            counted(&tally.failed),
            counted(&tally.left),
            counted(&tally.tasks),
            counted(&tally.sessions),
            counted(&tally.strangers),
            counted(&tally.reloads),
            counted(&tally.revocations),
            counted(&tally.rotations),
            self.gauge.summary(quiet),
        )
    }
}
