//! What a process says on standard error, line by line.
//!
//! **Invariant:** whoever looks reads first what lies in the pipe: what was
//! written before an answer left is there for whoever has that answer.

use std::{
    io::{ErrorKind, Read as _},
    net::SocketAddr,
    os::fd::AsFd as _,
    process::ChildStderr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use rustix::{
    event::{PollFd, PollFlags, poll},
    fs::{OFlags, fcntl_setfl},
};

use super::PATIENCE;

/// What a server says that opens its doors before it has looked at every plugin, and once it has.
const EARLY: &str = "plugins are still being loaded";
const SETTLED: &str = "every plugin has been looked at";

/// How much is shown where something failed: the last lines, and of each its beginning.
const SHOWN_LINES: usize = 300;
const SHOWN_OF_EACH: usize = 400;

/// The lines that a process wrote to standard error.
#[derive(Clone, Default)]
pub struct Lines(Arc<Mutex<Said>>);

#[derive(Default)]
struct Said {
    /// Until it has ended.
    pipe: Option<ChildStderr>,
    /// The line that is not whole yet.
    begun: Vec<u8>,
    lines: Vec<String>,
}

impl Said {
    /// Takes in what lies in the pipe, without waiting for more.
    fn catch_up(&mut self) {
        let mut part = [0; 1 << 14];
        while let Some(pipe) = &mut self.pipe {
            match pipe.read(&mut part) {
                Ok(read @ 1..) => self.take_in(&part[..read]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Ok(0) | Err(_) => self.pipe = None,
            }
        }
        if !self.begun.is_empty() {
            self.take_in(b"\n");
        }
    }

    fn take_in(&mut self, bytes: &[u8]) {
        self.begun.extend(bytes);
        while let Some(end) = self.begun.iter().position(|byte| *byte == b'\n') {
            self.lines.push(String::from_utf8_lossy(&self.begun[..end]).into_owned());
            self.begun.drain(..=end);
        }
    }
}

impl Lines {
    /// Reads what is written to `pipe`, so that nobody waits for room in it.
    pub(super) fn follow(&self, pipe: ChildStderr) {
        let written = pipe.as_fd().try_clone_to_owned().expect("another descriptor");
        fcntl_setfl(&pipe, OFlags::NONBLOCK).expect("a mode");
        self.said().pipe = Some(pipe);
        let lines = self.clone();
        thread::spawn(move || {
            while lines.said().pipe.is_some() {
                // A signal is no reason to stop.
                let _ = poll(&mut [PollFd::new(&written, PollFlags::IN)], None);
            }
        });
    }

    /// What was said until now.
    fn said(&self) -> MutexGuard<'_, Said> {
        let mut said = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        said.catch_up();
        said
    }

    /// All of them.
    pub fn all(&self) -> Vec<String> {
        self.said().lines.clone()
    }

    /// Those after the first `known`.
    pub fn since(&self, known: usize) -> Vec<String> {
        self.said().lines[known..].to_vec()
    }

    /// How many there are.
    pub fn total(&self) -> usize {
        self.said().lines.len()
    }

    /// The last of them, each cut where it is long: for a person to read.
    pub(super) fn ending(&self) -> String {
        let lines = &self.said().lines;
        let left_out = lines.len().saturating_sub(SHOWN_LINES);
        let shown = lines[left_out..].iter().map(|line| format!("{line:.SHOWN_OF_EACH$}\n"));
        format!("({left_out} lines, then)\n{}", shown.collect::<String>())
    }

    /// Whether one holds all of `words`.
    pub fn have(&self, words: &[&str]) -> bool {
        self.count(words) > 0
    }

    /// How many hold all of `words`.
    pub fn count(&self, words: &[&str]) -> usize {
        let holds = |line: &&String| words.iter().all(|word| line.contains(word));
        self.said().lines.iter().filter(holds).count()
    }

    /// Waits until one holds all of `words`.
    pub fn wait_for(&self, words: &[&str]) {
        self.wait_for_more(words, 0);
    }

    /// Waits until more than `known` hold all of `words`.
    pub fn wait_for_more(&self, words: &[&str], known: usize) {
        let began = Instant::now();
        while self.count(words) <= known {
            assert!(began.elapsed() < PATIENCE, "{known} lines and no more hold {words:?}:\n{self}");
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits until every plugin was looked at, if that was not awaited.
    pub(super) fn settle(&self) {
        if self.have(&[EARLY]) {
            self.wait_for(&[SETTLED]);
        }
    }

    /// Where the process said that it listens.
    pub fn listening(&self) -> Option<SocketAddr> {
        self.all().iter().find_map(|line| {
            let (_, url) = line.split_once("listening on http")?;
            let (_, rest) = url.split_once("://")?;
            rest.split('/').next()?.trim().parse().ok()
        })
    }
}

impl std::fmt::Display for Lines {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.all().join("\n"))
    }
}
