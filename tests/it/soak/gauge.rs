//! What the server holds and what it counts, as its admin listener tells it.

use std::{net::SocketAddr, sync::Mutex};

use crate::harness::http::{Connection, Request};

/// How much more memory the last third of the time may take than the middle
/// one, in the mean. With five hundred calls a second, a leak of three kilobytes
/// a call is beyond it within a minute, and one of three hundred bytes within ten.
const MORE_MEMORY: u64 = 24 << 20;

/// How many more files may be open at the end than before.
pub(super) const FEW_FILES: u64 = 32;

const MEMORY: &str = "process_resident_memory_bytes";
const FILES: &str = "process_open_fds";

/// What is held at one moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    pub(super) memory: u64,
    pub(super) files: u64,
}

pub(super) struct Gauge {
    admin: SocketAddr,
    looks: Mutex<Vec<Look>>,
}

/// One page of metrics.
pub(super) struct Page(String);

impl Page {
    /// The value of one line.
    pub(super) fn get(&self, name: &str) -> u64 {
        let value = self.0.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        value.and_then(|value| value.parse().ok()).unwrap_or_else(|| panic!("no {name} in\n{}", self.0))
    }

    /// The sum of all lines that begin so.
    pub(super) fn sum(&self, begins: &str) -> u64 {
        let lines = self.0.lines().filter(|line| line.starts_with(begins));
        lines.filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok()).sum()
    }
}

impl Gauge {
    pub(super) fn new(admin: SocketAddr) -> Self {
        Self { admin, looks: Mutex::default() }
    }

    pub(super) fn read(&self) -> Page {
        let page =
            Connection::open(self.admin).and_then(|mut connection| connection.exchange(&Request::get("/metrics")));
        Page(page.expect("the metrics").text())
    }

    pub(super) fn look(&self) -> Look {
        let page = self.read();
        Look { memory: page.get(MEMORY), files: page.get(FILES) }
    }

    pub(super) fn sample(&self) {
        let look = self.look();
        self.looks.lock().expect("no panic").push(look);
    }

    /// The mean of the middle third, and of the last.
    fn thirds(&self) -> [Look; 2] {
        let looks = self.looks.lock().expect("no panic");
        let third = looks.len() / 3;
        assert!(third > 0, "it was too short to tell");
        let mean = |part: &[Look], of: fn(&Look) -> u64| part.iter().map(of).sum::<u64>() / part.len() as u64;
        [&looks[third..2 * third], &looks[2 * third..]]
            .map(|part| Look { memory: mean(part, |look| look.memory), files: mean(part, |look| look.files) })
    }

    /// That memory and files do not grow once it is warm.
    pub(super) fn is_flat(&self) {
        let [middle, last] = self.thirds();
        assert!(last.memory <= middle.memory + MORE_MEMORY, "memory grows: {middle:?}, then {last:?}");
        assert!(last.files <= middle.files + FEW_FILES, "open files grow: {middle:?}, then {last:?}");
    }

    /// Looks twice a second at what grows by so much with each of so many calls.
    fn of(seconds: u64, calls_a_second: u64, leaked: u64) -> Self {
        let look = |half: u64| Look { memory: (100 << 20) + half * calls_a_second * leaked / 2, files: 60 };
        Self { admin: ([127, 0, 0, 1], 0).into(), looks: Mutex::new((0..2 * seconds).map(look).collect()) }
    }

    pub(super) fn summary(&self, quiet: &Look) -> String {
        let ([middle, last], end) = (self.thirds(), self.look());
        let told = |look: &Look| format!("{} MiB, {} files", look.memory >> 20, look.files);
        format!(
            "before: {}; middle third: {}; last third: {}; at the end: {}",
            told(quiet),
            told(&middle),
            told(&last),
            told(&end)
        )
    }
}

#[test]
fn what_does_not_grow_is_flat() {
    Gauge::of(60, 500, 0).is_flat();
}

#[test]
#[should_panic(expected = "memory grows")]
fn a_leak_is_seen_within_a_minute() {
    Gauge::of(60, 500, 3 << 10).is_flat();
}

#[test]
#[should_panic(expected = "memory grows")]
fn a_small_leak_is_seen_within_ten() {
    Gauge::of(600, 500, 300).is_flat();
}
