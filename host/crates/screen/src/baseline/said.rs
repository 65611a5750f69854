use std::collections::VecDeque;

use super::digest;
use crate::{fold::Folds, links};

/// How much of the beginning and of the end of each text is heard.
const EDGE: usize = 1 << 10;

/// How much of the beginning and of the end of the answer is kept. Answers
/// "what is remembered of answers fills the memory".
const KEPT: usize = 4 << 10;

/// What each kept text counts for at least. Answers "so many short texts that
/// each is compared with hundreds".
const LEAST: usize = 64;

/// Shortest text that is listened to: a passage does not fit into less.
const SHORTEST: usize = 20;

/// Most hosts of one answer.
const MOST_HOSTS: usize = 16;

/// Longest host that is heard: no name of DNS is longer.
const LONGEST_HOST: usize = 253;

/// What a baseline needs of one answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Said {
    /// Bytes of all texts.
    pub(crate) bytes: u64,
    /// Hosts of the first links, in lower case.
    pub(crate) hosts: Vec<String>,
    first: Vec<Kept>,
    last: VecDeque<Kept>,
    first_bytes: usize,
    last_bytes: usize,
}

/// A text, and a number that others seldom have.
#[derive(Clone, Debug)]
struct Kept {
    number: u64,
    text: String,
}

impl Kept {
    fn weight(&self) -> usize {
        self.text.len().max(LEAST)
    }
}

impl Said {
    pub(crate) fn hear(&mut self, text: &str) {
        self.bytes = self.bytes.saturating_add(text.len() as u64);
        if text.len() < SHORTEST {
            return;
        }
        if self.hosts.len() < MOST_HOSTS {
            self.hear_hosts(text);
        }
        if text.len() <= 2 * EDGE {
            return self.keep(text);
        }
        self.keep(&text[..text.floor_char_boundary(EDGE)]);
        self.keep(&text[text.ceil_char_boundary(text.len() - EDGE)..]);
    }

    fn hear_hosts(&mut self, text: &str) {
        for host in links::hosts(text).filter(|host| host.len() <= LONGEST_HOST) {
            if self.hosts.iter().any(|known| known.eq_ignore_ascii_case(host)) {
                continue;
            }
            let host = host.to_lowercase();
            if !self.hosts.contains(&host) {
                self.hosts.push(host);
            }
            if self.hosts.len() >= MOST_HOSTS {
                return;
            }
        }
    }

    fn keep(&mut self, text: &str) {
        let number = digest(text);
        let is_kept = |kept: &Kept| kept.number == number && kept.text == text;
        if self.first.iter().chain(&self.last).any(is_kept) {
            return;
        }
        let mut kept = Kept { number, text: String::new() };
        if self.first_bytes < KEPT {
            kept.text.push_str(text);
            self.first_bytes += kept.weight();
            return self.first.push(kept);
        }
        while self.last_bytes + text.len().max(LEAST) > KEPT {
            let Some(oldest) = self.last.pop_front() else { break };
            self.last_bytes -= oldest.weight();
            kept.text = oldest.text;
        }
        kept.text.clear();
        kept.text.push_str(text);
        self.last_bytes += kept.weight();
        self.last.push_back(kept);
    }

    /// What was kept, folded.
    pub(crate) fn folded(&self, folds: &Folds) -> Vec<String> {
        self.first.iter().chain(&self.last).map(|kept| folds.fold(&kept.text)).collect()
    }
}
