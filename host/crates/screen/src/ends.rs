//! Some words, found wherever they stand in a text.
//!
//! Most of a text is no such word, so each place is asked only whether one may
//! end there: the last [`END`] bytes before it, mixed, say where in a table the
//! list of the words stands that end so, and mostly there is none.

/// Bytes of a word's end that are looked at first.
const END: usize = 4;

/// Places of the table: as many as mixed ends.
const PLACES: usize = 1 << 16;

/// Bytes of a word's end that are compared at once.
const AT_ONCE: usize = 8;

/// Some words.
pub(crate) struct Ends {
    /// Which of `lists` the words are in that end so; the first is empty.
    table: Box<[u8; PLACES]>,
    lists: Vec<Vec<Word>>,
}

/// A word, by its number.
#[derive(Clone, PartialEq)]
struct Word {
    number: usize,
    /// Its last bytes, and what of a text's are compared with them.
    last: u64,
    mask: u64,
    text: Box<[u8]>,
}

impl Word {
    fn new(number: usize, text: &str) -> Self {
        let bytes = text.as_bytes();
        let shared = bytes.len().min(AT_ONCE);
        let mut last = [0; AT_ONCE];
        last[AT_ONCE - shared..].copy_from_slice(&bytes[bytes.len() - shared..]);
        let mask = [[0; AT_ONCE], [u8::MAX; AT_ONCE]].concat();
        let mask = mask[shared..].first_chunk().map_or(0, |mask| u64::from_le_bytes(*mask));
        Self { number, last: u64::from_le_bytes(last), mask, text: bytes.into() }
    }

    /// Whether it stands at the end of `text`.
    fn ends(&self, text: &[u8]) -> bool {
        let differs = |last: &[u8; AT_ONCE]| u64::from_le_bytes(*last) & self.mask != self.last;
        !text.last_chunk().is_some_and(differs) && text.ends_with(&self.text)
    }
}

impl Ends {
    /// Of `words`, by number.
    pub(crate) fn new<'w>(words: impl IntoIterator<Item = &'w str>) -> Self {
        let mut words: Vec<Word> =
            words.into_iter().enumerate().map(|(number, word)| Word::new(number, word)).collect();
        words.sort_by_key(|word| std::cmp::Reverse(word.text.len()));
        let mut lists = vec![Vec::new(); PLACES];
        for word in &words {
            for place in places(&word.text) {
                let list: &mut Vec<Word> = &mut lists[usize::from(place)];
                if !list.contains(word) {
                    list.push(word.clone());
                }
            }
        }
        let mut ends = Self { table: Box::new([0; PLACES]), lists: vec![Vec::new()] };
        for (place, list) in lists.into_iter().enumerate() {
            let known = ends.lists.iter().position(|known| *known == list);
            let known = known.unwrap_or_else(|| ends.add(list, &words));
            // What has no number of its own is in the last list, which has all words.
            ends.table[place] = u8::try_from(known).unwrap_or(u8::MAX);
        }
        ends
    }

    fn add(&mut self, list: Vec<Word>, all: &[Word]) -> usize {
        if self.lists.len() < usize::from(u8::MAX) {
            self.lists.push(list);
        } else if self.lists.len() == usize::from(u8::MAX) {
            self.lists.push(all.to_vec());
        }
        self.lists.len() - 1
    }

    /// Hands every word in `text` to `found`, with where it ends: in the order of
    /// their ends, longer ones first.
    pub(crate) fn find(&self, text: &str, mut found: impl FnMut(usize, usize)) {
        let text = text.as_bytes();
        // A word that is a byte shorter may begin the text.
        if let Some([b, c, d]) = text.first_chunk() {
            self.compare(self.list([0, *b, *c, *d]), &text[..END - 1], &mut found);
        }
        for (at, end) in text.array_windows::<END>().enumerate() {
            let list = self.list(*end);
            if list != 0 {
                self.compare(list, &text[..at + END], &mut found);
            }
        }
    }

    fn list(&self, end: [u8; END]) -> u8 {
        self.table[usize::from(mixed(end))]
    }

    fn compare(&self, list: u8, text: &[u8], found: &mut impl FnMut(usize, usize)) {
        let words = &self.lists[usize::from(list)];
        words.iter().filter(|word| word.ends(text)).for_each(|word| found(word.number, text.len()));
    }
}

/// Where in the table a word is.
fn places(word: &[u8]) -> Vec<u16> {
    match word {
        [.., a, b, c, d] => vec![mixed([*a, *b, *c, *d])],
        // Whatever stands before it.
        [b, c, d] => (0..=u8::MAX).map(|a| mixed([a, *b, *c, *d])).collect(),
        // No anchor is as short.
        _ => (0..=u16::MAX).collect(),
    }
}

/// A place for these bytes: different ones seldom share one.
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
    fn more_words_than_there_are_lists_are_found_as_well() {
        let words: Vec<String> = (0..600).map(|number| format!("w{number}d")).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let text = format!("{} w599 w6000d ww17dd", words.join("-"));
        let mut found = Vec::new();
        Ends::new(words.iter().copied()).find(&text, |number, end| found.push((number, end)));
        assert_eq!(found, plainly(&words, &text));
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
