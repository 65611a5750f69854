//! Words written l e t t e r  b y  l e t t e r.

use std::ops::Range;

/// Letters in a row that make a run: shorter ones are grids, notes, initials.
const SHORTEST: usize = 10;

/// Bytes looked at in one step.
const BLOCK: usize = 32;

/// Letters standing alone in one block, from which on runs are looked for: a
/// run of [`SHORTEST`] has as many in one of the two blocks that it lies in.
const SUSPICIOUS: u8 = 5;

/// Most that stands between two letters: two spaces between words.
const WIDEST: usize = 3;

/// Whether `text` may hold a run: never no where there is one of ASCII.
pub(crate) fn may_be(text: &[u8]) -> bool {
    let mut rest = text;
    while let Some(block) = rest.first_chunk::<{ BLOCK + 2 }>() {
        if alone(block) >= SUSPICIOUS {
            return true;
        }
        rest = &rest[BLOCK..];
    }
    let mut last = [0; BLOCK + 2];
    last[..rest.len()].copy_from_slice(rest);
    alone(&last) >= SUSPICIOUS
}

/// How many letters stand alone in a block and its neighbours. In loops that
/// the compiler makes vector instructions of.
fn alone(block: &[u8; BLOCK + 2]) -> u8 {
    let part = |from: usize| block[from..].first_chunk::<BLOCK>().unwrap_or(&[0; BLOCK]);
    let (before, here, behind) = (part(0), part(1), part(2));
    let is_letter = |byte: u8| (byte | 0x20).wrapping_sub(b'a') < 26;
    let mut is_alone = [0; BLOCK];
    for at in 0..BLOCK {
        is_alone[at] = u8::from(is_letter(here[at]) & !is_letter(before[at]) & !is_letter(behind[at]));
    }
    // There are fewer than would overflow.
    is_alone.iter().fold(0, |count, is_alone| is_alone.wrapping_add(count))
}

/// The first run of which `wanted` makes something of the letters that it spells.
pub(crate) fn find<T>(text: &str, mut wanted: impl FnMut(&str) -> Option<T>) -> Option<(T, Range<usize>)> {
    let (mut run, mut word) = (Run::default(), 0);
    for (at, c) in text.char_indices() {
        let letter = c.is_alphabetic();
        word = if letter { word + 1 } else { 0 };
        let goes_on = run.letters.is_empty() || at - run.end <= WIDEST;
        match (letter, word) {
            (true, 1) if goes_on => run.push(at, c),
            (true, 1) => {
                if let Some(found) = run.finish(&mut wanted) {
                    return Some(found);
                }
                run.push(at, c);
            }
            (true, 2) => {
                // The letter before was the first of a word.
                run.pop();
                if let Some(found) = run.finish(&mut wanted) {
                    return Some(found);
                }
            }
            _ => {}
        }
    }
    run.finish(&mut wanted)
}

#[derive(Default)]
struct Run {
    start: usize,
    end: usize,
    count: usize,
    letters: String,
}

impl Run {
    fn push(&mut self, at: usize, c: char) {
        if self.count == 0 {
            self.start = at;
        }
        self.count += 1;
        self.letters.push(c);
        self.end = at + c.len_utf8();
    }

    fn pop(&mut self) {
        self.count -= usize::from(self.letters.pop().is_some());
    }

    fn finish<T>(&mut self, wanted: &mut impl FnMut(&str) -> Option<T>) -> Option<(T, Range<usize>)> {
        let found = if self.count >= SHORTEST { wanted(&self.letters) } else { None };
        self.letters.clear();
        self.count = 0;
        Some((found?, self.start..self.end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_spelt_is_read() {
        for text in [
            "i g n o r e p r e v i o u s",
            "i.g.n.o.r.e.p.r.e.v.i.o.u.s",
            "i g n o r e   p r e v i o u s",
            "so: i-g-n-o-r-e p-r-e-v-i-o-u-s now",
        ] {
            assert!(may_be(text.as_bytes()), "{text}");
            let spelt = find(text, |letters| Some(letters.to_owned())).map(|(letters, _)| letters);
            assert_eq!(spelt.as_deref(), Some("ignoreprevious"), "{text}");
        }
        for text in ["", "a", "ab", "a b c d e f", "J. R. R. Tolkien and I", "x = a + b * c - d / e"] {
            assert_eq!(find(text, |letters| Some(letters.to_owned())), None, "{text}");
        }
    }

    #[test]
    fn a_run_is_suspected_wherever_it_lies() {
        for before in 0..80 {
            let text = format!("{}{}", "word ".repeat(20)[..before].to_owned(), " i g n o r e p r e v");
            assert!(may_be(text.as_bytes()), "{before}");
        }
    }
}
