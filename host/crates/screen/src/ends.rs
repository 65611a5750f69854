//! Some words, found wherever they stand in a text.
//!
//! Most of a text is no such word, so each place is asked only whether one may
//! end there: the last [`END`] bytes before it, mixed, are one bit of a table
//! that the processor keeps near. Where the bit is set, the words that end so
//! are compared.

use std::collections::BTreeMap;

/// Bytes of a word's end that are looked at first.
const END: usize = 4;

/// Bits of the table.
const BITS: usize = 1 << 16;

/// Places looked at in one step: bits of a mask.
const STEP: usize = 32;

/// Some words.
pub(crate) struct Ends {
    table: Box<[u8; BITS / 8]>,
    /// The words that end with what sets a bit, longest first: their numbers.
    ending: BTreeMap<u16, Vec<usize>>,
    words: Vec<Box<[u8]>>,
}

impl Ends {
    /// Of `words`, by number. Each has [`END`] bytes, or one less.
    pub(crate) fn new<'w>(words: impl IntoIterator<Item = &'w str>) -> Self {
        let words: Vec<Box<[u8]>> = words.into_iter().map(|word| word.as_bytes().into()).collect();
        let mut ends = Self { table: Box::new([0; BITS / 8]), ending: BTreeMap::new(), words };
        let mut numbers: Vec<usize> = (0..ends.words.len()).collect();
        numbers.sort_by_key(|number| std::cmp::Reverse(ends.words[*number].len()));
        for number in numbers {
            ends.add(number);
        }
        ends
    }

    fn add(&mut self, number: usize) {
        let places: Vec<u16> = match &*self.words[number] {
            [.., a, b, c, d] => vec![mixed([*a, *b, *c, *d])],
            // Whatever stands before it.
            [b, c, d] => (0..=u8::MAX).map(|a| mixed([a, *b, *c, *d])).collect(),
            // No anchor is as short.
            _ => (0..=u16::MAX).collect(),
        };
        for place in places {
            self.table[usize::from(place >> 3)] |= 1 << (place & 7);
            let known = self.ending.entry(place).or_default();
            if !known.contains(&number) {
                known.push(number);
            }
        }
    }

    /// Hands every word in `text` to `found`, with where it ends: in the order of
    /// their ends, longer ones first.
    pub(crate) fn find(&self, text: &str, mut found: impl FnMut(usize, usize)) {
        let text = text.as_bytes();
        let mut at = 0;
        // One that is a byte shorter may begin the text.
        if let Some([b, c, d]) = text.first_chunk() {
            self.compare([0, *b, *c, *d], text, END - 1, &mut found);
        }
        while let Some(block) = text[at..].first_chunk::<{ STEP + END - 1 }>() {
            let mut met = 0_u32;
            for place in 0..STEP {
                let end = [block[place], block[place + 1], block[place + 2], block[place + 3]];
                met |= u32::from(self.bit(mixed(end))) << place;
            }
            while met != 0 {
                let place = at + met.trailing_zeros() as usize;
                self.compare(
                    [text[place], text[place + 1], text[place + 2], text[place + 3]],
                    text,
                    place + END,
                    &mut found,
                );
                met &= met - 1;
            }
            at += STEP;
        }
        for (place, end) in text[at..].windows(END).enumerate() {
            self.compare([end[0], end[1], end[2], end[3]], text, at + place + END, &mut found);
        }
    }

    fn bit(&self, place: u16) -> u8 {
        self.table[usize::from(place >> 3)] >> (place & 7) & 1
    }

    fn compare(&self, last: [u8; END], text: &[u8], end: usize, found: &mut impl FnMut(usize, usize)) {
        let place = mixed(last);
        if self.bit(place) == 0 {
            return;
        }
        for number in self.ending.get(&place).into_iter().flatten() {
            if text[..end].ends_with(&self.words[*number]) {
                found(*number, end);
            }
        }
    }
}

/// A bit for these bytes: different ones seldom share one.
const fn mixed(end: [u8; END]) -> u16 {
    (u32::from_le_bytes(end).wrapping_mul(0x9e37_79b1) >> 16) as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is found by looking everywhere.
    fn plainly(words: &[&str], text: &str) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        for end in 0..=text.len() {
            let here = |number: &usize| text.as_bytes()[..end].ends_with(words[*number].as_bytes());
            let mut numbers: Vec<usize> = (0..words.len()).filter(here).collect();
            numbers.sort_by_key(|number| std::cmp::Reverse(words[*number].len()));
            found.extend(numbers.into_iter().map(|number| (number, end)));
        }
        found
    }

    #[test]
    fn every_word_is_found_at_every_place() {
        let words = ["bcc", "the user", "user", "to the user", "ignore", "이전", "abc", "bcb"];
        let ends = Ends::new(words);
        let look = |text: &str| {
            let mut found = Vec::new();
            ends.find(text, |number, end| found.push((number, end)));
            found
        };
        for word in words {
            for before in 0..80 {
                for after in [0, 1, 2, 3, 50] {
                    let text = format!("{}{word}{}", &"-".repeat(before), "-".repeat(after));
                    assert_eq!(look(&text), plainly(&words, &text), "{text}");
                }
            }
        }
        for text in ["", "b", "bc", "bcc", "bccbcc", "bccb", "abcbccabc", "이전이전"] {
            assert_eq!(look(text), plainly(&words, text), "{text}");
        }
    }

    #[test]
    fn texts_at_random_hold_what_looking_everywhere_finds() {
        let words = ["aab", "abab", "baab", "abba", "bbb", "ababab", "aaaaaaa"];
        let ends = Ends::new(words);
        let mut random = 7_u64;
        for length in 0..400 {
            let mut letter = || {
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                if random >> 63 == 0 { 'a' } else { 'b' }
            };
            let text: String = (0..length).map(|_| letter()).collect();
            let mut found = Vec::new();
            ends.find(&text, |number, end| found.push((number, end)));
            assert_eq!(found, plainly(&words, &text), "{text}");
        }
    }
}
