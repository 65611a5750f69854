//! Where the anchors of rules stand, and what lies around them.

use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

/// How far around an anchor a rule looks.
const REACH: usize = 600;

/// The anchors of some rules.
pub(crate) struct Anchors {
    automaton: AhoCorasick,
    /// The rules of each anchor.
    rules: Vec<Vec<usize>>,
}

impl Anchors {
    /// From anchors, each with the rules that it belongs to.
    pub(crate) fn new<'a>(
        given: impl IntoIterator<Item = (&'a str, usize)>,
    ) -> Result<Self, aho_corasick::BuildError> {
        let (mut words, mut rules): (Vec<&str>, Vec<Vec<usize>>) = (Vec::new(), Vec::new());
        for (word, rule) in given {
            match words.iter().position(|known| *known == word) {
                Some(known) => rules[known].push(rule),
                None => {
                    words.push(word);
                    rules.push(vec![rule]);
                }
            }
        }
        let automaton = AhoCorasick::builder().kind(Some(AhoCorasickKind::DFA)).build(&words)?;
        Ok(Self { automaton, rules })
    }

    /// Whether any stands in `text`.
    pub(crate) fn is_in(&self, text: &str) -> bool {
        self.automaton.is_match(text)
    }

    /// For each of `rules` rules, the parts of `text` that are near one of its anchors, in order, apart from one another.
    pub(crate) fn near(&self, text: &str, rules: usize) -> Vec<Vec<Range<usize>>> {
        let mut parts = vec![Vec::new(); rules];
        for hit in self.automaton.find_overlapping_iter(text) {
            for rule in &self.rules[hit.pattern().as_usize()] {
                extend(&mut parts[*rule], text, hit.start(), hit.end());
            }
        }
        parts
    }

    /// The first that stands in `text`: its rule.
    pub(crate) fn first(&self, text: &str) -> Option<usize> {
        let hit = self.automaton.find(text)?;
        self.rules[hit.pattern().as_usize()].first().copied()
    }
}

fn extend(parts: &mut Vec<Range<usize>>, text: &str, start: usize, end: usize) {
    let end = text.ceil_char_boundary(text.len().min(end + REACH));
    let start = text.floor_char_boundary(start.saturating_sub(REACH));
    match parts.last_mut() {
        // Hits come in the order of their ends: a part never begins before the one before the last ends.
        Some(last) if start <= last.end => last.end = last.end.max(end),
        _ => parts.push(start..end),
    }
}
