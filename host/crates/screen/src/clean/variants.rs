//! Variants of Han letters, which a text has few of.
//!
//! A selector behind a Han letter says which of its forms is meant: of a name, an
//! old print. There are 256 of them, so that a row of them is a row of bytes.

/// Most letters of one text that have a variant. Answers "a sentence of
/// selectors, each behind a letter of its own".
const MOST_LETTERS: usize = 8;

/// Most times that they have it. Answers "eight letters as an alphabet".
const MOST: u32 = 64;

/// The variants that one text has.
#[derive(Default)]
pub(super) struct Variants {
    letters: Vec<(char, char)>,
    count: u32,
}

impl Variants {
    /// Whether `selector` stays behind `letter`, which has one variant in a text.
    pub(super) fn allow(&mut self, letter: char, selector: char) -> bool {
        let is_usual = match self.letters.iter().find(|(known, _)| *known == letter) {
            Some((_, usual)) => *usual == selector,
            None if self.letters.len() < MOST_LETTERS => {
                self.letters.push((letter, selector));
                true
            }
            None => false,
        };
        self.count += u32::from(is_usual);
        is_usual && self.count <= MOST
    }
}
