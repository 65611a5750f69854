//! Where the anchors of rules stand, and what lies around them.

use std::ops::Range;

use crate::ends::Ends;

/// How far around an anchor a rule looks.
const REACH: usize = 600;

/// The anchors of some rules.
pub(crate) struct Anchors {
    ascii: Words,
    /// Looked for only in texts that are not ASCII.
    other: Words,
}

/// Some words, with the rules of each.
struct Words {
    all: Ends,
    lengths: Vec<usize>,
    rules: Vec<Vec<usize>>,
}

/// For each rule, the parts of one text that are near one of its anchors. It is
/// used for one text after the other.
#[derive(Default)]
pub(crate) struct Near {
    parts: Vec<Vec<Range<usize>>>,
    /// The rules that have any.
    rules: Vec<usize>,
}

impl Near {
    fn clear(&mut self) {
        self.rules.drain(..).for_each(|rule| self.parts[rule].clear());
    }

    /// The parts that are near an anchor of `rule`.
    pub(crate) fn of(&self, rule: usize) -> &[Range<usize>] {
        self.parts.get(rule).map_or(&[], Vec::as_slice)
    }

    /// The rules that have any, in their order.
    pub(crate) fn rules(&self) -> &[usize] {
        &self.rules
    }

    fn add(&mut self, rule: usize, text: &str, hit: Range<usize>) {
        if self.parts.len() <= rule {
            self.parts.resize_with(rule + 1, Vec::new);
        }
        let start = text.floor_char_boundary(hit.start.saturating_sub(REACH));
        let end = text.ceil_char_boundary(text.len().min(hit.end + REACH));
        let parts = &mut self.parts[rule];
        match parts.last_mut() {
            // Hits come in the order of their ends, those of words that are not ASCII from the beginning again.
            Some(last) if start <= last.end && end >= last.start => {
                *last = start.min(last.start)..end.max(last.end);
            }
            last => {
                if last.is_none() {
                    self.rules.push(rule);
                }
                parts.push(start..end);
            }
        }
    }
}

impl Anchors {
    /// From anchors, each with the rule that it belongs to.
    pub(crate) fn new<'a>(given: impl IntoIterator<Item = (&'a str, usize)>) -> Self {
        let (ascii, other): (Vec<_>, Vec<_>) = given.into_iter().partition(|(word, _)| word.is_ascii());
        Self { ascii: Words::new(&ascii), other: Words::new(&other) }
    }

    fn all(&self, text: &str) -> impl Iterator<Item = &Words> {
        std::iter::once(&self.ascii).chain((!text.is_ascii()).then_some(&self.other))
    }

    /// Looks where in `text` something is `near` an anchor of a rule that is
    /// `wanted`, and says whether anything is.
    pub(crate) fn look(&self, text: &str, wanted: impl Fn(usize) -> bool, near: &mut Near) -> bool {
        near.clear();
        for words in self.all(text) {
            words.all.find(text, |word, end| {
                for rule in words.rules[word].iter().filter(|rule| wanted(**rule)) {
                    near.add(*rule, text, end - words.lengths[word]..end);
                }
            });
        }
        near.rules.sort_unstable();
        !near.rules.is_empty()
    }

    /// The first that stands in `text`: its rule.
    pub(crate) fn first(&self, text: &str) -> Option<usize> {
        self.all(text).find_map(|words| {
            let mut first = None;
            words.all.find(text, |word, _| first = first.or(words.rules[word].first().copied()));
            first
        })
    }
}

impl Words {
    fn new(given: &[(&str, usize)]) -> Self {
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
        let lengths = words.iter().map(|word| word.len()).collect();
        Self { all: Ends::new(words), lengths, rules }
    }
}
