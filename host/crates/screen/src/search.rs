//! What the rules find in the texts of one answer.
//!
//! **Invariant:** what expressions read is bounded by how much was said. A text
//! that is all beginnings of what they look for is itself a finding, and a rule
//! that was met in a place is not looked for there again.

use std::ops::Range;

use crate::{
    Finding, Place, Rule, Screen,
    hits::Near,
    rule::{Form, Pattern},
    spaced,
};

/// Longest text that rules read to its end. Answers "a text so long that
/// reading it keeps everybody waiting"; a longer one is itself a finding.
pub const LONGEST: usize = 8 << 20;

/// How many times what was said all expressions together may read. Answers "an
/// anchor of every rule in every line".
pub(crate) const TIMES: usize = 8;

/// What they may read besides, in every answer: a page about attacks is read whole.
pub(crate) const SPARE: usize = 512 << 10;

/// What it costs to begin to read, in bytes.
const BEGINNING: usize = 64;

/// What an answer is read with: one text after the other, in the same memory.
#[derive(Default)]
pub(crate) struct Search {
    folded: String,
    near: Near,
    near_raw: Near,
    met: Met,
    read: usize,
    said: usize,
}

/// In which places each rule was met.
#[derive(Default)]
struct Met(Vec<u16>);

impl Met {
    fn has(&self, rule: usize, place: Place) -> bool {
        self.0.get(rule).is_some_and(|places| places & place.bit() != 0)
    }

    fn add(&mut self, rule: usize, place: Place) {
        if self.0.len() <= rule {
            self.0.resize(rule + 1, 0);
        }
        self.0[rule] |= place.bit();
    }
}

/// A rule, and where it was met.
type Hit = (usize, Range<usize>);

impl Search {
    #[cfg(test)]
    pub(crate) fn read(&self) -> usize {
        self.read
    }

    /// What the rules find in `text` that they did not find in its place before.
    pub(crate) fn find(&mut self, screen: &Screen, place: Place, text: &str) -> Vec<Finding> {
        let read = &text[..text.floor_char_boundary(LONGEST)];
        let mut findings = Vec::new();
        if read.len() < text.len() {
            findings.push(Finding { rule: screen.hidden.too_long.clone(), place, at: read.len()..text.len() });
        }
        self.said += read.len();
        self.folded.clear();
        screen.folds.fold_into(read, &mut self.folded);
        let (mut hits, mut raw_hits) = (Vec::new(), Vec::new());
        let wanted = |rule: usize| screen.rules[rule].applies(place) && !self.met.has(rule, place);
        let mut is_read = true;
        if screen.folded.look(&self.folded, wanted, &mut self.near) {
            let mut left = Left { most: SPARE + TIMES * self.said, read: self.read };
            is_read = left.expressions(screen, Form::Folded, &self.folded, &self.near, &mut hits);
            if self.near.rules().iter().any(|rule| screen.rules[*rule].form == Form::Raw) {
                screen.raw.look(read, wanted, &mut self.near_raw);
                is_read &= left.expressions(screen, Form::Raw, read, &self.near_raw, &mut raw_hits);
            }
            self.read = left.read;
        }
        if spaced::may_be(self.folded.as_bytes()) {
            let spelt = spaced::find(&self.folded, |letters| screen.spelt.first(letters).filter(|rule| wanted(*rule)));
            hits.extend(spelt.filter(|(rule, _)| hits.iter().all(|(known, _): &Hit| known != rule)));
        }
        if !hits.is_empty() {
            screen.folds.unfold(read, hits.iter_mut().map(|(_, at)| at).collect());
        }
        for (rule, at) in hits.into_iter().chain(raw_hits) {
            self.met.add(rule, place);
            findings.push(Finding { rule: screen.rules[rule].clone(), place, at });
        }
        if !is_read {
            findings.push(Finding { rule: screen.hidden.crowded.clone(), place, at: 0..text.len() });
        }
        findings
    }
}

/// What expressions may still read.
struct Left {
    most: usize,
    read: usize,
}

impl Left {
    fn take(&mut self, bytes: usize) -> bool {
        self.read += BEGINNING + bytes;
        self.read <= self.most
    }

    /// Adds to `hits` where in `text` rules of this form are met first, of those
    /// parts of it that are `near` their anchors. False: there was too much to read.
    fn expressions(&mut self, screen: &Screen, form: Form, text: &str, near: &Near, hits: &mut Vec<Hit>) -> bool {
        for (rule, compiled) in near.rules().iter().map(|rule| (*rule, &screen.rules[*rule])) {
            if compiled.form != form {
                continue;
            }
            for part in near.of(rule) {
                match self.first(compiled, text, part) {
                    Ok(None) => {}
                    Ok(Some(at)) => {
                        hits.push((rule, at));
                        break;
                    }
                    Err(TooMuch) => return false,
                }
            }
        }
        true
    }

    /// Where in this part of `text` the rule is met first.
    fn first(&mut self, rule: &Rule, text: &str, part: &Range<usize>) -> Result<Option<Range<usize>>, TooMuch> {
        let text = &text[..part.end];
        for pattern in &rule.patterns {
            let mut from = part.start;
            loop {
                let found = pattern.find(text, from);
                let until = found.as_ref().map_or(part.end, |found| found.end);
                if !self.take(until.saturating_sub(from)) {
                    return Err(TooMuch);
                }
                let Some(found) = found else { break };
                let is_innocent = |unless: &Pattern| unless.find(&text[found.clone()], 0).is_some();
                if !rule.unless.as_ref().is_some_and(is_innocent) {
                    return Ok(Some(found));
                }
                // What is found is never empty: an anchor stands in it.
                from = found.end;
            }
        }
        Ok(None)
    }
}

/// There is more than may be read.
struct TooMuch;
