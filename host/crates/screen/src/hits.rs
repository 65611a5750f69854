//! Where the anchors of rules stand, and what lies around them.

use std::ops::Range;

use crate::ends::Ends;

/// How far around an anchor a rule looks.
const REACH: usize = 600;

/// The anchors of some rules.
pub(crate) struct Anchors {
    ends: Ends,
    anchors: Vec<Anchor>,
}

/// A word, and the rules that it belongs to.
struct Anchor {
    length: usize,
    is_ascii: bool,
    rules: Vec<usize>,
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
        let (mut words, mut anchors): (Vec<&str>, Vec<Anchor>) = (Vec::new(), Vec::new());
        for (word, rule) in given {
            match words.iter().position(|known| *known == word) {
                Some(known) => anchors[known].rules.push(rule),
                None => {
                    words.push(word);
                    anchors.push(Anchor { length: word.len(), is_ascii: word.is_ascii(), rules: vec![rule] });
                }
            }
        }
        Self { ends: Ends::new(words), anchors }
    }

    /// Looks where in `text` something is `near` an anchor of a rule that is
    /// `wanted`, and says whether anything is.
    pub(crate) fn look(&self, text: &str, wanted: impl Fn(usize) -> bool, near: &mut Near) -> bool {
        near.clear();
        let mut add = |anchor: &Anchor, end: usize| {
            for rule in anchor.rules.iter().filter(|rule| wanted(**rule)) {
                near.add(*rule, text, end - anchor.length..end);
            }
        };
        let mut has_others = false;
        self.ends.find(text, |word, end| match &self.anchors[word] {
            anchor if anchor.is_ascii => add(anchor, end),
            _ => has_others = true,
        });
        if has_others {
            self.ends.find(text, |word, end| match &self.anchors[word] {
                anchor if anchor.is_ascii => {}
                anchor => add(anchor, end),
            });
        }
        near.rules.sort_unstable();
        !near.rules.is_empty()
    }

    /// The first that stands in `text`, if possible one of ASCII: its rule.
    pub(crate) fn first(&self, text: &str) -> Option<usize> {
        let (mut first, mut other) = (None, None);
        self.ends.find(text, |word, _| {
            let Anchor { is_ascii, rules, .. } = &self.anchors[word];
            let first = if *is_ascii { &mut first } else { &mut other };
            *first = first.or(rules.first().copied());
        });
        first.or(other)
    }
}
