//! Where the anchors of rules stand, and what lies around them.

use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickKind, BuildError, MatchKind};

/// How far around an anchor a rule looks.
const REACH: usize = 600;

/// Words that vector instructions look for at once.
const FEW: usize = 64;

/// The anchors of some rules.
pub(crate) struct Anchors {
    ascii: Words,
    /// Looked for only in texts that are not ASCII.
    other: Words,
}

/// Some words, with the rules of each.
struct Words {
    /// Says only whether there is any, and is quicker at that.
    any: AhoCorasick,
    all: AhoCorasick,
    rules: Vec<Vec<usize>>,
}

impl Anchors {
    /// From anchors, each with the rule that it belongs to.
    pub(crate) fn new<'a>(given: impl IntoIterator<Item = (&'a str, usize)>) -> Result<Self, BuildError> {
        let (ascii, other): (Vec<_>, Vec<_>) = given.into_iter().partition(|(word, _)| word.is_ascii());
        Ok(Self { ascii: Words::new(&ascii)?, other: Words::new(&other)? })
    }

    fn all(&self, text: &str) -> impl Iterator<Item = &Words> {
        std::iter::once(&self.ascii).chain((!text.is_ascii()).then_some(&self.other))
    }

    /// For each of `rules` rules, the parts of `text` that are near one of its
    /// anchors. `None`: there is no anchor.
    pub(crate) fn near(&self, text: &str, rules: usize) -> Option<Vec<Vec<Range<usize>>>> {
        let mut parts = None;
        for words in self.all(text).filter(|words| words.any.is_match(text)) {
            let parts = parts.get_or_insert_with(|| vec![Vec::new(); rules]);
            for hit in words.all.find_overlapping_iter(text) {
                for rule in &words.rules[hit.pattern().as_usize()] {
                    extend(&mut parts[*rule], text, hit.start(), hit.end());
                }
            }
        }
        parts
    }

    /// The first that stands in `text`: its rule.
    pub(crate) fn first(&self, text: &str) -> Option<usize> {
        self.all(text).find_map(|words| {
            let hit = words.all.find(text)?;
            words.rules[hit.pattern().as_usize()].first().copied()
        })
    }
}

impl Words {
    fn new(given: &[(&str, usize)]) -> Result<Self, BuildError> {
        let (mut words, mut rules): (Vec<&str>, Vec<Vec<usize>>) = (Vec::new(), Vec::new());
        for (word, rule) in given {
            match words.iter().position(|known| known == word) {
                Some(known) => rules[known].push(*rule),
                None => {
                    words.push(word);
                    rules.push(vec![*rule]);
                }
            }
        }
        // Few words are looked for by vector instructions, many by a table.
        let kind = (words.len() > FEW).then_some(AhoCorasickKind::DFA);
        let any = AhoCorasick::builder().kind(kind).match_kind(MatchKind::LeftmostFirst).build(&words)?;
        Ok(Self { any, all: AhoCorasick::builder().kind(kind).build(&words)?, rules })
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
