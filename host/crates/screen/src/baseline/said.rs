use std::collections::VecDeque;

use crate::{fold::Folds, links};

/// How much of the beginning and of the end of each text is heard.
const EDGE: usize = 1 << 10;

/// How much of the beginning and of the end of the answer is kept. Answers
/// "what is remembered of answers fills the memory".
const KEPT: usize = 4 << 10;

/// Shortest text that is listened to: a passage does not fit into less.
const SHORTEST: usize = 20;

/// Most hosts of one answer.
const MOST_HOSTS: usize = 16;

/// What a baseline needs of one answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Said {
    /// Bytes of all texts.
    pub(crate) bytes: u64,
    /// Hosts of the first links, in lower case.
    pub(crate) hosts: Vec<String>,
    first: Vec<Box<str>>,
    last: VecDeque<Box<str>>,
    first_bytes: usize,
    last_bytes: usize,
}

impl Said {
    pub(crate) fn hear(&mut self, text: &str) {
        self.bytes = self.bytes.saturating_add(text.len() as u64);
        if text.len() < SHORTEST {
            return;
        }
        for host in links::hosts(text) {
            if self.hosts.len() >= MOST_HOSTS {
                break;
            }
            let host = host.to_lowercase();
            if !self.hosts.contains(&host) {
                self.hosts.push(host);
            }
        }
        if text.len() <= 2 * EDGE {
            return self.keep(text);
        }
        self.keep(&text[..text.floor_char_boundary(EDGE)]);
        self.keep(&text[text.ceil_char_boundary(text.len() - EDGE)..]);
    }

    fn keep(&mut self, text: &str) {
        if self.first.iter().chain(&self.last).any(|kept| **kept == *text) {
            return;
        }
        if self.first_bytes < KEPT {
            self.first_bytes += text.len();
            return self.first.push(text.into());
        }
        self.last_bytes += text.len();
        self.last.push_back(text.into());
        while self.last_bytes > KEPT {
            let Some(oldest) = self.last.pop_front() else { return };
            self.last_bytes -= oldest.len();
        }
    }

    /// What was kept, folded.
    pub(crate) fn folded(&self, folds: &Folds) -> Vec<String> {
        self.first.iter().chain(&self.last).map(|text| folds.fold(text)).collect()
    }
}
