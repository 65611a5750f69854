//! What is counted. Plain atomics: counting never waits for anybody.

mod screened;

use std::{
    fmt::Write as _,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use super::{footprint::Footprint, ready::Readiness};
use screened::Screened;

macro_rules! labels {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $label:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$variant_doc])* $variant,)+ }

        impl $name {
            /// Every one, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The label's value.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $label,)+ }
            }
        }
    };
}

labels! {
    /// What was asked for.
    Kind {
        /// A tool was called.
        Tool = "tool",
        /// A prompt was filled.
        Prompt = "prompt",
        /// A resource was read.
        Read = "read",
        /// A resource was written.
        Write = "write",
        /// A plugin listed its resources.
        List = "list",
        /// Values were suggested.
        Complete = "complete",
        /// A call of a tool went on as a task.
        Task = "task",
    }
}

labels! {
    /// How a call ended.
    Ending {
        Answered = "answered",
        /// The tool ran and says that it failed.
        ToolError = "tool_error",
        /// The arguments do not fit the schema.
        Invalid = "invalid",
        /// The plugin wants something of the client first.
        InputRequired = "input_required",
        /// It goes on as a task, which ends with a count of its own.
        Task = "task",
        /// The client was asked and gave no answer.
        Unanswered = "unanswered",
        /// The plugin's own error.
        Plugin = "plugin_error",
        /// The caller may not.
        Denied = "denied",
        /// The client gave it up.
        Abandoned = "abandoned",
        /// The client cancelled the task.
        Cancelled = "cancelled",
        /// What let the caller or the plugin in was taken away.
        Revoked = "revoked",
        Trap = "trap",
        Time = "time",
        Cpu = "cpu",
        Memory = "memory",
        /// The answer was too large, or made no sense.
        Output = "output",
        Busy = "busy",
        /// What the plugin said was refused.
        Screened = "screened",
        /// The host failed.
        Host = "host",
    }
}

/// Upper bounds of the latency histogram, in microseconds.
const BOUNDS: [u64; 12] = [100, 250, 500, 1_000, 2_500, 5_000, 10_000, 50_000, 100_000, 500_000, 1_000_000, 10_000_000];

const KINDS: usize = Kind::ALL.len();
const ENDINGS: usize = Ending::ALL.len();

/// Everything that is counted.
#[derive(Debug, Default)]
pub struct Metrics {
    endings: [[AtomicU64; ENDINGS]; KINDS],
    allowed: [AtomicU64; KINDS],
    denied: [AtomicU64; KINDS],
    latency: Histogram,
    /// Requests of any kind.
    pub requests: AtomicU64,
    /// Requests that were no valid message.
    pub malformed: AtomicU64,
    /// Requests turned away without a valid credential.
    pub unauthenticated: AtomicU64,
    /// Reaches for something that a plugin was not granted.
    pub capability_denials: AtomicU64,
    /// Published generations.
    pub generations: AtomicU64,
    /// Tasks that run or wait in this process.
    pub live_tasks: AtomicU64,
    /// Keys that tokens are verified with.
    pub issuer_keys: AtomicU64,
    /// How often the issuer's keys could not be had.
    pub issuer_failures: AtomicU64,
    /// What was found in what plugins say.
    pub screened: Screened,
}

#[derive(Debug, Default)]
struct Histogram {
    buckets: [AtomicU64; BOUNDS.len() + 1],
    sum: AtomicU64,
}

/// Adds one.
pub(crate) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

impl Metrics {
    /// A decision was made on a call.
    pub fn decided(&self, kind: Kind, allowed: bool) {
        let counters = if allowed { &self.allowed } else { &self.denied };
        count(&counters[kind as usize]);
    }

    /// A call ended.
    pub fn ended(&self, kind: Kind, ending: Ending, took: Duration) {
        count(&self.endings[kind as usize][ending as usize]);
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let bucket = BOUNDS.iter().position(|bound| micros <= *bound).unwrap_or(BOUNDS.len());
        count(&self.latency.buckets[bucket]);
        self.latency.sum.fetch_add(micros, Ordering::Relaxed);
    }

    /// Everything in Prometheus' text format (version 0.0.4).
    #[must_use]
    pub fn text(&self, readiness: &Readiness, in_flight: usize) -> String {
        let mut page = Page(String::with_capacity(8 << 10));
        page.family("bulkhead_requests_total", "counter", "Messages that came in.");
        page.plain("bulkhead_requests_total", &self.requests);
        page.family("bulkhead_malformed_total", "counter", "Messages that were refused as malformed.");
        page.plain("bulkhead_malformed_total", &self.malformed);
        page.family("bulkhead_unauthenticated_total", "counter", "Requests without a valid credential.");
        page.plain("bulkhead_unauthenticated_total", &self.unauthenticated);
        page.family("bulkhead_decisions_total", "counter", "Decisions on operations, by what was decided.");
        for (decision, counters) in [("allow", &self.allowed), ("deny", &self.denied)] {
            for (kind, counter) in Kind::ALL.iter().zip(counters) {
                page.value(
                    "bulkhead_decisions_total",
                    &[("kind", kind.as_str()), ("decision", decision)],
                    get(counter),
                );
            }
        }
        self.calls(&mut page);
        page.family("bulkhead_capability_denials_total", "counter", "Reaches of plugins for what was not granted.");
        page.plain("bulkhead_capability_denials_total", &self.capability_denials);
        self.screened.write(&mut page);
        page.family("bulkhead_generations_total", "counter", "Snapshots published.");
        page.plain("bulkhead_generations_total", &self.generations);
        page.family("bulkhead_calls_in_flight", "gauge", "Calls under way.");
        page.value("bulkhead_calls_in_flight", &[], in_flight as u64);
        page.family("bulkhead_tasks_live", "gauge", "Tasks that run or wait in this process.");
        page.plain("bulkhead_tasks_live", &self.live_tasks);
        page.family("bulkhead_issuer_keys", "gauge", "Keys that tokens are verified with.");
        page.plain("bulkhead_issuer_keys", &self.issuer_keys);
        page.family("bulkhead_issuer_failures_total", "counter", "Times that the issuer's keys could not be had.");
        page.plain("bulkhead_issuer_failures_total", &self.issuer_failures);
        page.family("bulkhead_plugin_state", "gauge", "1 for the state that a plugin is in.");
        for (plugin, state) in readiness.states() {
            page.value("bulkhead_plugin_state", &[("plugin", plugin.as_str()), ("state", state.name())], 1);
        }
        if let Some(Footprint { memory, files }) = Footprint::now() {
            page.family("process_resident_memory_bytes", "gauge", "Memory that the process holds.");
            page.value("process_resident_memory_bytes", &[], memory);
            page.family("process_open_fds", "gauge", "Files and connections that the process has open.");
            page.value("process_open_fds", &[], files);
        }
        page.0
    }

    fn calls(&self, page: &mut Page) {
        page.family("bulkhead_calls_total", "counter", "Calls of plugins, by how they ended.");
        for (kind, endings) in Kind::ALL.iter().zip(&self.endings) {
            for (ending, counter) in Ending::ALL.iter().zip(endings) {
                let labels = [("kind", kind.as_str()), ("ending", ending.as_str())];
                page.value("bulkhead_calls_total", &labels, get(counter));
            }
        }
        page.family("bulkhead_call_seconds", "histogram", "How long calls of plugins took.");
        let mut below = 0;
        for (bound, bucket) in BOUNDS.iter().zip(&self.latency.buckets) {
            below += get(bucket);
            let _ = writeln!(page.0, "bulkhead_call_seconds_bucket{{le=\"{}\"}} {below}", seconds(*bound));
        }
        below += self.latency.buckets.last().map_or(0, get);
        let _ = writeln!(page.0, "bulkhead_call_seconds_bucket{{le=\"+Inf\"}} {below}");
        let _ = writeln!(page.0, "bulkhead_call_seconds_sum {}", seconds(get(&self.latency.sum)));
        let _ = writeln!(page.0, "bulkhead_call_seconds_count {below}");
    }
}

fn get(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

/// Microseconds as seconds, exactly.
fn seconds(micros: u64) -> String {
    let text = format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000);
    let trimmed = text.trim_end_matches('0').trim_end_matches('.');
    trimmed.to_owned()
}

struct Page(String);

impl Page {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn plain(&mut self, name: &str, counter: &AtomicU64) {
        self.value(name, &[], get(counter));
    }

    /// Labels are names and words of ours: nothing in them needs escaping.
    fn value(&mut self, name: &str, labels: &[(&str, &str)], value: u64) {
        self.0.push_str(name);
        for (number, (label, text)) in labels.iter().enumerate() {
            let _ = write!(self.0, "{}{label}=\"{text}\"", if number == 0 { '{' } else { ',' });
        }
        let _ = writeln!(self.0, "{} {value}", if labels.is_empty() { "" } else { "}" });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_counted_by_kind_and_ending_and_timed() {
        let metrics = Metrics::default();
        metrics.decided(Kind::Tool, true);
        metrics.decided(Kind::Read, false);
        metrics.ended(Kind::Tool, Ending::Trap, Duration::from_micros(300));
        metrics.ended(Kind::Tool, Ending::Answered, Duration::from_secs(60));
        let text = metrics.text(&Readiness::default(), 3);
        for line in [
            "bulkhead_decisions_total{kind=\"tool\",decision=\"allow\"} 1",
            "bulkhead_decisions_total{kind=\"read\",decision=\"deny\"} 1",
            "bulkhead_calls_total{kind=\"tool\",ending=\"trap\"} 1",
            "bulkhead_call_seconds_bucket{le=\"0.00025\"} 0",
            "bulkhead_call_seconds_bucket{le=\"0.0005\"} 1",
            "bulkhead_call_seconds_bucket{le=\"10\"} 1",
            "bulkhead_call_seconds_bucket{le=\"+Inf\"} 2",
            "bulkhead_call_seconds_sum 60.0003",
            "bulkhead_calls_in_flight 3",
        ] {
            assert!(text.lines().any(|told| told == line), "{line} in\n{text}");
        }
    }
}
