//! What no text may carry, whatever the policy.
//!
//! Control characters and the beginnings of escape sequences are made visible
//! (`␛[31m`): what a terminal would have obeyed is now read. What is not seen
//! is removed: it says nothing to people. What a script or a picture needs
//! stays: joiners in Persian and Hindi, word marks in Thai and Khmer, direction
//! marks in lines with Arabic or Hebrew, selectors and joiners of emoji, the
//! three flags that are written with tags, a hyphen that may break a word.
//! Embeddings and isolates go: they only arrange what is also read without.
//!
//! A character stays because of the one kept before it and the next one kept,
//! never because of one that is removed: cleaning twice is cleaning once.

mod cleaned;
mod variants;

use std::borrow::Cow;

use bulkhead_base::is_unseen;

use crate::{
    place::Treatment,
    script::{belongs, is_han, is_right_to_left, is_tag, joins, selects},
};
pub use cleaned::Cleaned;
use variants::Variants;

/// Bytes looked at in one step while nothing is special.
const BLOCK: usize = 32;

/// The flags that are written with tags: England, Scotland, Wales.
const FLAGS: [&str; 3] = [
    "\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
    "\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}",
    "\u{e0067}\u{e0062}\u{e0077}\u{e006c}\u{e0073}\u{e007f}",
];

/// Ends a flag.
const FLAG_END: char = '\u{e007f}';

/// `text` without what may not leave, and what that was. `None`: nothing.
pub(crate) fn clean(text: &str, treatment: Treatment) -> (Cow<'_, str>, Option<(usize, Cleaned)>) {
    let Some(first) = first_special(text, 0, treatment) else { return (Cow::Borrowed(text), None) };
    let mut cleaner = Cleaner {
        text,
        keeps_lines: treatment == Treatment::Lines,
        out: String::with_capacity(text.len()),
        last: None,
        pending: None,
        run: 0,
        line: (0, false),
        variants: Variants::default(),
        first_change: None,
        cleaned: Cleaned::default(),
    };
    let mut at = 0;
    let mut next = Some(first);
    while at < text.len() {
        let special = next.unwrap_or(text.len());
        cleaner.keep_all(&text[at..special]);
        at = special;
        if let Some(c) = text[special..].chars().next() {
            cleaner.read(special, c);
            at += c.len_utf8();
        }
        next = first_special(text, at, treatment);
    }
    cleaner.settle(None);
    match cleaner.first_change {
        Some(at) => (Cow::Owned(cleaner.out), Some((at, cleaner.cleaned))),
        None => (Cow::Borrowed(text), None),
    }
}

/// Where something stands, from `at` on, that may have to go.
fn first_special(text: &str, mut at: usize, treatment: Treatment) -> Option<usize> {
    let bytes = text.as_bytes();
    let keeps_lines = treatment == Treatment::Lines;
    let is_plain = |byte: u8| (0x20..0x7f).contains(&byte) || keeps_lines && (byte == b'\n' || byte == b'\t');
    while at < bytes.len() {
        let end = bytes.len().min(at + BLOCK);
        if !bytes[at..end].iter().fold(false, |special, byte| special | !is_plain(*byte)) {
            at = end;
            continue;
        }
        let found = (at..end).find(|at| may_begin_special(bytes[*at]) && is_special(text, *at, keeps_lines));
        if found.is_some() {
            return found;
        }
        at = end;
    }
    None
}

/// Whether a character that begins with `byte` may be special.
const fn may_begin_special(byte: u8) -> bool {
    matches!(byte, 0..0x20 | 0x7f | 0xc2 | 0xcd | 0xd8 | 0xe1..=0xe3 | 0xef | 0xf0 | 0xf3)
}

fn is_special(text: &str, at: usize, keeps_lines: bool) -> bool {
    let mut rest = text[at..].chars();
    match rest.next() {
        Some('\n' | '\t') => !keeps_lines,
        Some('\r') => !keeps_lines || rest.next() != Some('\n'),
        Some(c) => c.is_control() || is_unseen(c),
        None => false,
    }
}

struct Cleaner<'t> {
    text: &'t str,
    keeps_lines: bool,
    out: String,
    /// The last character that was kept.
    last: Option<char>,
    /// One that stays if it joins `last` to what comes, with its place.
    pending: Option<(usize, char)>,
    /// How many were removed since one was kept.
    run: u32,
    /// Where the line ends that was looked at last, and whether letters in it run from right to left.
    line: (usize, bool),
    variants: Variants,
    first_change: Option<usize>,
    cleaned: Cleaned,
}

impl Cleaner<'_> {
    fn read(&mut self, at: usize, c: char) {
        match c {
            '\n' if !self.keeps_lines && self.last_was_carriage_return(at) => {}
            '\n' | '\t' => self.keep_or(at, c, self.keeps_lines, ' '),
            '\r' => {
                let is_crlf = self.text[at + 1..].starts_with('\n');
                self.keep_or(at, c, self.keeps_lines && is_crlf, if self.keeps_lines { '\n' } else { ' ' });
            }
            '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => {
                self.keep_or(at, c, false, if self.keeps_lines { '\n' } else { ' ' });
            }
            c if c.is_control() => self.show(at, c),
            c if is_unseen(c) => self.read_unseen(at, c),
            c => self.keep(c),
        }
    }

    /// The `\n` of a `\r\n` on one line: its `\r` is a space already.
    fn last_was_carriage_return(&self, at: usize) -> bool {
        self.text[..at].ends_with('\r')
    }

    fn read_unseen(&mut self, at: usize, c: char) {
        match (c, self.last) {
            // A mark at the very start of a file is where it belongs.
            ('\u{feff}', _) if at == 0 => self.keep(c),
            ('\u{200b}'..='\u{200d}' | '\u{ad}', Some(_)) if self.pending.is_none() => self.pending = Some((at, c)),
            ('\u{200e}' | '\u{200f}' | '\u{61c}', last) => {
                let is_first = !matches!(last, Some('\u{200e}' | '\u{200f}' | '\u{61c}'));
                if is_first && self.line_runs_from_right(at) { self.keep(c) } else { self.remove(at, c) }
            }
            (c, Some('\u{1f3f4}')) if is_tag(c) && FLAGS.iter().any(|flag| self.text[at..].starts_with(flag)) => {
                self.keep(c);
            }
            (c, Some(last)) if is_tag(c) && is_tag(last) && last != FLAG_END => self.keep(c),
            (c, Some(last)) if self.pending.is_none() && is_han(last) && selects(last, c) => {
                if self.variants.allow(last, c) { self.keep(c) } else { self.remove_variant(at) }
            }
            (c, Some(last)) if self.pending.is_none() && (selects(last, c) || belongs(last, c)) => self.keep(c),
            (c, _) => self.remove(at, c),
        }
    }

    fn line_runs_from_right(&mut self, at: usize) -> bool {
        let ends = |c: char| matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}');
        if at >= self.line.0 {
            let begin = self.text[..at].rfind(ends).map_or(0, |at| at + 1);
            let begin = self.text.ceil_char_boundary(begin);
            let end = self.text[at..].find(ends).map_or(self.text.len(), |end| at + end);
            self.line = (end, self.text[begin..end].chars().any(is_right_to_left));
        }
        self.line.1
    }

    fn keep(&mut self, c: char) {
        self.settle(Some(c));
        self.out.push(c);
        self.last = Some(c);
        self.run = 0;
    }

    /// A part in which nothing is special.
    fn keep_all(&mut self, part: &str) {
        let Some(first) = part.chars().next() else { return };
        self.settle(Some(first));
        self.out.push_str(part);
        self.last = part.chars().next_back();
        self.run = 0;
    }

    fn keep_or(&mut self, at: usize, c: char, keeps: bool, instead: char) {
        if !keeps {
            self.first_change.get_or_insert(at);
            self.cleaned.controls += u32::from(!matches!(c, '\n' | '\t'));
        }
        self.keep(if keeps { c } else { instead });
    }

    /// Decides about what may join, now that the next character is known.
    fn settle(&mut self, next: Option<char>) {
        let Some((at, c)) = self.pending.take() else { return };
        if self.last.is_some_and(|last| joins(last, c, next)) {
            self.out.push(c);
        } else {
            self.remove(at, c);
        }
    }

    fn remove(&mut self, at: usize, c: char) {
        self.first_change.get_or_insert(at);
        self.run += 1;
        self.cleaned.remove(c, self.run);
    }

    fn remove_variant(&mut self, at: usize) {
        self.first_change.get_or_insert(at);
        self.run += 1;
        self.cleaned.remove_variant(self.run);
    }

    /// A control character, as a picture of itself.
    fn show(&mut self, at: usize, c: char) {
        self.settle(None);
        self.first_change.get_or_insert(at);
        self.cleaned.controls += 1;
        let next = self.text[at + c.len_utf8()..].chars().next();
        let is_escape = matches!(c, '\u{1b}' | '\u{90}' | '\u{98}' | '\u{9b}' | '\u{9d}'..='\u{9f}');
        let is_command = c == '\u{1b}' && matches!(next, Some(']' | 'P' | '_' | '^' | 'X'))
            || is_escape && !matches!(c, '\u{1b}' | '\u{9b}');
        self.cleaned.escapes += u32::from(is_escape);
        self.cleaned.commands += u32::from(is_command);
        match u32::from(c) {
            code @ 0..0x20 => self.out.extend(char::from_u32(0x2400 + code)),
            0x7f => self.out.push('\u{2421}'),
            _ => self.out.extend(c.escape_unicode()),
        }
        self.last = self.out.chars().next_back();
        self.run = 0;
    }
}
