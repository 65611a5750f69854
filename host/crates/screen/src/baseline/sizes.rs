//! How large answers are.

use std::collections::BTreeMap;

use super::prefix;

/// Answers of an item from which on its sizes are known.
const LEARNING: u32 = 64;

/// Answers in a row that make a change.
const IN_A_ROW: u32 = 5;

/// How many times as large as the largest before.
const TIMES: u64 = 4;

/// Smaller answers are no flood, whatever came before.
const FLOOR: u64 = 16 << 10;

/// Items whose sizes are kept; further ones share one. Answers "a plugin with
/// very many resources fills the memory".
const MOST_ITEMS: usize = 64;

/// Longest name of an item that is kept.
const LONGEST_NAME: usize = 128;

#[derive(Default)]
pub(super) struct Sizes {
    items: BTreeMap<Box<str>, Size>,
}

#[derive(Default)]
struct Size {
    answers: u32,
    largest: u64,
    /// How many in a row were much larger, and the largest of them.
    row: u32,
    largest_of_row: u64,
}

impl Sizes {
    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        self.items.keys().map(|name| name.len() + 64).sum()
    }

    /// What was the largest before, if this answer completes a change.
    pub(super) fn observe(&mut self, item: &str, bytes: u64) -> Option<u64> {
        let item = prefix(item, LONGEST_NAME);
        let name = if self.items.contains_key(item) || self.items.len() < MOST_ITEMS { item } else { "" };
        self.items.entry(name.into()).or_default().observe(bytes)
    }
}

impl Size {
    fn observe(&mut self, bytes: u64) -> Option<u64> {
        self.answers = self.answers.saturating_add(1);
        let is_larger = bytes > FLOOR && bytes > self.largest.saturating_mul(TIMES);
        if self.answers <= LEARNING || !is_larger {
            // A few that were much larger, and then no more: such answers happen.
            self.largest = self.largest.max(bytes).max(std::mem::take(&mut self.largest_of_row));
            self.row = 0;
            return None;
        }
        self.largest_of_row = self.largest_of_row.max(bytes);
        self.row += 1;
        if self.row < IN_A_ROW {
            return None;
        }
        let before = std::mem::replace(&mut self.largest, std::mem::take(&mut self.largest_of_row));
        self.row = 0;
        Some(before)
    }
}
