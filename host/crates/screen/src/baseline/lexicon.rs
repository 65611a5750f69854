//! Words that tell somebody to do something, and texts that everybody says.

use std::{collections::HashSet, sync::Arc};

use aho_corasick::AhoCorasick;
use serde::Deserialize;

use super::passage;
use crate::{RuleError, fold::Folds};

const FILE: &str = "passages.toml";

/// Kinds of words that an instruction is made of, an act among them.
const KINDS: usize = 3;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    words: RawWords,
    /// Texts in which nothing stands out.
    commonplace: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawWords {
    act: Vec<String>,
    whom: Vec<String>,
    must: Vec<String>,
    with: Vec<String>,
}

pub(crate) struct Lexicon {
    folds: Arc<Folds>,
    words: AhoCorasick,
    /// Where in `words` acts end, those whom, those that one must.
    ends: [usize; 3],
    commonplace: HashSet<u64>,
}

impl Lexicon {
    pub(crate) fn standard(folds: Arc<Folds>) -> Result<Self, RuleError> {
        let wrong = |text: String| RuleError { file: FILE.to_owned(), text };
        let raw: Raw = toml::from_str(include_str!("../../rules/passages.toml")).map_err(|e| wrong(e.to_string()))?;
        let RawWords { act, whom, must, with } = raw.words;
        let ends = [act.len(), act.len() + whom.len(), act.len() + whom.len() + must.len()];
        let words = [act, whom, must, with].concat().iter().map(|word| folds.fold(word)).collect::<Vec<_>>();
        let words = AhoCorasick::new(words).map_err(|error| wrong(error.to_string()))?;
        let commonplace =
            raw.commonplace.iter().flat_map(|text| passage::values(&folds.fold(text)).collect::<Vec<_>>());
        Ok(Self { words, ends, commonplace: commonplace.collect(), folds })
    }

    pub(crate) fn folds(&self) -> &Folds {
        &self.folds
    }

    pub(super) fn is_commonplace(&self, window: u64) -> bool {
        self.commonplace.contains(&window)
    }

    /// Whether a folded text tells somebody to do something.
    pub(super) fn is_instruction(&self, text: &str) -> bool {
        let mut kinds = [false; 4];
        for hit in self.words.find_overlapping_iter(text) {
            if is_word(text, hit.start(), hit.end()) {
                let word = hit.pattern().as_usize();
                kinds[self.ends.iter().filter(|end| word >= **end).count()] = true;
            }
        }
        kinds[0] && kinds.iter().filter(|kind| **kind).count() >= KINDS
    }
}

/// Whether letters of ASCII end where the word does. Others have endings.
fn is_word(text: &str, start: usize, end: usize) -> bool {
    if !text[start..end].is_ascii() {
        return true;
    }
    let goes_on = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    let bytes = text.as_bytes();
    !goes_on(start.checked_sub(1).and_then(|before| bytes.get(before))) && !goes_on(bytes.get(end))
}
