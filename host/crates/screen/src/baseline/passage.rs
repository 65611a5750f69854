//! Passages that come back, whatever was asked.

use std::{
    collections::{BTreeSet, VecDeque},
    ops::Range,
};

use super::{Lexicon, Said};
use crate::{links, script::is_unspaced};

/// Words of a window.
const WINDOW: usize = 6;

/// Shortest passage, in bytes.
pub(super) const SHORTEST: usize = 40;

/// Answers to different arguments that make a habit, this one with them.
const HABIT: usize = 5;

/// Answers remembered.
const REMEMBERED: usize = 32;

/// Most windows of one answer. Answers "what is remembered of answers fills the memory".
const MOST_WINDOWS: usize = 512;

/// How much of the arguments is looked at for an echo.
pub(super) const MOST_ASKED: usize = 64 << 10;

/// Windows of passages that were told. The oldest are forgotten, and told again.
const MOST_TOLD: usize = 512;

/// Slots that count windows roughly, so that most are not looked for.
const SLOTS: usize = 1 << 13;

pub(super) struct Passages {
    answers: VecDeque<Heard>,
    /// How many windows of remembered answers fall into each slot, or [`u8::MAX`] and never fewer.
    slots: Box<[u8]>,
    told: VecDeque<u64>,
}

impl Default for Passages {
    fn default() -> Self {
        Self { answers: VecDeque::new(), slots: vec![0; SLOTS].into(), told: VecDeque::new() }
    }
}

/// One answer: what was asked, and its windows in order of their values.
struct Heard {
    asked: u64,
    windows: Vec<u64>,
}

/// Some words in a row, and where they stand.
struct Window {
    value: u64,
    at: Range<usize>,
}

impl Passages {
    /// The passage that makes an alert, and whether it is a new one.
    pub(super) fn observe<'t>(
        &mut self,
        lexicon: &Lexicon,
        granted: &[String],
        said: &Said,
        asked: u64,
        arguments: impl Fn() -> &'t str,
    ) -> Option<(String, bool)> {
        let texts = said.folded(lexicon.folds());
        let heard: Vec<(&String, Vec<Window>)> = texts.iter().map(|text| (text, windows(text))).collect();
        let is_habit = |window: &Window| self.is_habit(asked, window.value);
        if !heard.iter().any(|(_, windows)| windows.iter().any(is_habit)) {
            self.remember(asked, values_of(heard));
            return None;
        }
        let echo: BTreeSet<u64> = values(arguments()).collect();
        let is_others = |window: &Window| echo.contains(&window.value) || lexicon.is_commonplace(window.value);
        let mut found = None;
        for (text, windows) in &heard {
            let others: Vec<bool> = windows.iter().map(is_others).collect();
            // A window that shares a word with somebody else's passage is no passage of the plugin's.
            let is_own =
                |at: usize| !others[at.saturating_sub(WINDOW - 1)..others.len().min(at + WINDOW)].contains(&true);
            let habits: Vec<bool> =
                windows.iter().enumerate().map(|(at, window)| is_habit(window) && is_own(at)).collect();
            found = found.or_else(|| {
                let mut runs =
                    runs(&habits).map(|run| (&text[windows[run.start].at.start..windows[run.end - 1].at.end], run));
                let (passage, run) =
                    runs.find(|(text, _)| text.len() >= SHORTEST && stands_out(lexicon, granted, text))?;
                Some((passage.to_owned(), windows[run].iter().map(|window| window.value).collect::<Vec<_>>()))
            });
        }
        self.remember(asked, values_of(heard));
        found.map(|(text, windows)| (text, self.is_new(&windows)))
    }

    /// Whether enough answers to other arguments had this window.
    fn is_habit(&self, asked: u64, window: u64) -> bool {
        if usize::from(self.slots[slot(window)]) < HABIT - 1 {
            return false;
        }
        let others = self.answers.iter().filter(|answer| answer.asked != asked);
        others.filter(|answer| answer.windows.binary_search(&window).is_ok()).take(HABIT - 1).count() == HABIT - 1
    }

    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        let windows: usize = self.answers.iter().map(|answer| answer.windows.capacity() + 4).sum();
        8 * (windows + self.told.capacity()) + self.slots.len()
    }

    fn remember(&mut self, asked: u64, windows: impl Iterator<Item = u64>) {
        if let Some(same) = self.answers.iter().position(|answer| answer.asked == asked) {
            self.forget(same);
        }
        if self.answers.len() >= REMEMBERED {
            self.forget(0);
        }
        let mut windows: Vec<u64> = windows.take(MOST_WINDOWS).collect();
        windows.sort_unstable();
        windows.dedup();
        windows.shrink_to_fit();
        for window in &windows {
            let count = &mut self.slots[slot(*window)];
            *count = count.saturating_add(1);
        }
        self.answers.push_back(Heard { asked, windows });
    }

    fn forget(&mut self, at: usize) {
        for window in self.answers.remove(at).into_iter().flat_map(|answer| answer.windows) {
            let count = &mut self.slots[slot(window)];
            // A slot that was full once is not counted any more.
            *count -= u8::from(*count < u8::MAX);
        }
    }

    fn is_new(&mut self, windows: &[u64]) -> bool {
        let is_new = !windows.iter().any(|window| self.told.contains(window));
        for window in windows.iter().take(MOST_TOLD / 4) {
            if !self.told.contains(window) {
                self.told.push_back(*window);
            }
        }
        let spare = self.told.len().saturating_sub(MOST_TOLD);
        self.told.drain(..spare);
        is_new
    }
}

fn slot(window: u64) -> usize {
    usize::try_from(window % SLOTS as u64).unwrap_or_default()
}

/// Where `habits` are true in a row.
fn runs(habits: &[bool]) -> impl Iterator<Item = Range<usize>> {
    let mut end = 0;
    std::iter::from_fn(move || {
        let start = end + habits[end..].iter().position(|habit| *habit)?;
        end = habits[start..].iter().position(|habit| !habit).map_or(habits.len(), |length| start + length);
        Some(start..end)
    })
}

fn stands_out(lexicon: &Lexicon, granted: &[String], passage: &str) -> bool {
    let is_foreign = |host: &str| !granted.iter().any(|known| links::is_related(host, known));
    lexicon.is_instruction(passage) || links::hosts(passage).chain(links::mail(passage)).any(is_foreign)
}

fn values_of(heard: Vec<(&String, Vec<Window>)>) -> impl Iterator<Item = u64> {
    heard.into_iter().flat_map(|(_, windows)| windows).map(|window| window.value)
}

/// The values of all windows of a folded text.
pub(super) fn values(text: &str) -> impl Iterator<Item = u64> {
    windows(text).into_iter().map(|window| window.value)
}

fn windows(text: &str) -> Vec<Window> {
    let words = words(text);
    let window = |words: &[(u64, Range<usize>)]| {
        let at = words.first()?.1.start..words.last()?.1.end;
        Some(Window { value: words.iter().fold(0, |sum, (value, _)| mixed(sum, *value)), at })
    };
    words.windows(WINDOW).filter_map(window).take(MOST_WINDOWS).collect()
}

fn value(word: &str) -> u64 {
    word.bytes().fold(0, |sum, byte| mixed(sum, u64::from(byte)))
}

/// Quick rather than safe from who chooses the words: a plugin that makes two
/// passages look alike only accuses itself.
fn mixed(sum: u64, next: u64) -> u64 {
    let mixed = (sum.rotate_left(23) ^ next).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed ^ (mixed >> 32)
}

/// Words, with digits all alike; links without their paths.
fn words(text: &str) -> Vec<(u64, Range<usize>)> {
    let mut words = Vec::new();
    let mut rest = text.char_indices().peekable();
    while let Some((start, c)) = rest.next() {
        if text[start..].starts_with("://") {
            let behind = &text[start + 3..];
            let host = links::host_of(behind);
            // Behind a name and a password, if there are.
            let at = start + 3 + behind.find(host).unwrap_or_default();
            words.push((value(host), start..at + host.len()));
            while rest.next_if(|(_, c)| !c.is_whitespace() && !matches!(c, '"' | ')' | '>' | ']')).is_some() {}
            continue;
        }
        if !c.is_alphanumeric() {
            continue;
        }
        let mut end = start + c.len_utf8();
        if !is_unspaced(c) {
            while let Some((at, c)) = rest.next_if(|(_, c)| c.is_alphanumeric() && !is_unspaced(*c)) {
                end = at + c.len_utf8();
            }
        }
        let word = &text[start..end];
        let is_number = word.bytes().any(|byte| byte.is_ascii_digit());
        words.push((value(if is_number { "0" } else { word }), start..end));
    }
    words
}
