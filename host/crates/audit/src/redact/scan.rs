use std::borrow::Cow;

use super::{Pattern, REDACTED, Unreadable, card};

/// Deepest nesting. Answers "a document that is all brackets".
const DEPTH: usize = 128;

/// Reads a document and writes it, both once.
pub(super) struct Scan<'a> {
    patterns: &'a [Pattern],
    text: &'a str,
    at: usize,
    to: &'a mut Vec<u8>,
}

impl<'a> Scan<'a> {
    pub(super) fn new(patterns: &'a [Pattern], text: &'a str, to: &'a mut Vec<u8>) -> Self {
        Self { patterns, text, at: 0, to }
    }

    pub(super) fn document(mut self) -> Result<(), Unreadable> {
        // Bit n is set while the path so far is a beginning of pattern n.
        let all = u128::MAX.checked_shr(128 - u32::try_from(self.patterns.len()).unwrap_or(128)).unwrap_or(0);
        self.value(0, all)?;
        self.blank();
        if self.at == self.text.len() { Ok(()) } else { Err(Unreadable) }
    }

    fn value(&mut self, depth: usize, begun: u128) -> Result<(), Unreadable> {
        self.blank();
        match self.peek().ok_or(Unreadable)? {
            b'{' => self.members(b'}', depth, begun, Self::member),
            b'[' => self.members(b']', depth, begun, Self::element),
            b'"' => self.string().map(drop),
            b't' => self.word("true"),
            b'f' => self.word("false"),
            b'n' => self.word("null"),
            _ => self.number(),
        }
    }

    fn members(
        &mut self,
        end: u8,
        depth: usize,
        begun: u128,
        member: fn(&mut Self, usize, usize, u128) -> Result<(), Unreadable>,
    ) -> Result<(), Unreadable> {
        if depth >= DEPTH {
            return Err(Unreadable);
        }
        self.pass();
        self.blank();
        let mut index = 0;
        while index > 0 || self.peek() != Some(end) {
            member(self, index, depth, begun)?;
            index += 1;
            self.blank();
            match self.peek() {
                Some(b',') => self.pass(),
                Some(last) if last == end => break,
                _ => return Err(Unreadable),
            }
        }
        self.pass();
        Ok(())
    }

    fn member(&mut self, _: usize, depth: usize, begun: u128) -> Result<(), Unreadable> {
        self.blank();
        let key = self.string()?;
        self.blank();
        self.word(":")?;
        self.at_step(&key, depth, begun)
    }

    fn element(&mut self, index: usize, depth: usize, begun: u128) -> Result<(), Unreadable> {
        if begun == 0 {
            return self.value(depth + 1, 0);
        }
        self.at_step(&index.to_string(), depth, begun)
    }

    /// The value under `key`, or what stands in place of it.
    fn at_step(&mut self, key: &str, depth: usize, begun: u128) -> Result<(), Unreadable> {
        let (mut further, mut hit) = (0, false);
        for (bit, pattern) in self.patterns.iter().enumerate().filter(|(bit, _)| begun & 1 << bit != 0) {
            if pattern.get(depth).is_some_and(|step| step.fits(key)) {
                further |= 1 << bit;
                hit |= pattern.len() == depth + 1;
            }
        }
        let begin = self.to.len();
        self.value(depth + 1, further)?;
        if hit {
            self.to.truncate(begin);
            self.quote(REDACTED);
        }
        Ok(())
    }

    /// A string, copied as it stands unless something is in it.
    fn string(&mut self) -> Result<Cow<'a, str>, Unreadable> {
        if self.peek() != Some(b'"') {
            return Err(Unreadable);
        }
        let raw = self.raw_string().ok_or(Unreadable)?;
        let plain = match raw[1..raw.len() - 1].contains('\\') {
            true => Cow::Owned(serde_json::from_str(raw).map_err(|_| Unreadable)?),
            false => Cow::Borrowed(&raw[1..raw.len() - 1]),
        };
        match card::without_cards(&plain) {
            Some(rest) => self.quote(&rest),
            None => self.to.extend(raw.as_bytes()),
        }
        Ok(plain)
    }

    /// The string that begins here, with its quotes.
    fn raw_string(&mut self) -> Option<&'a str> {
        let begin = self.at;
        self.at += 1;
        loop {
            match self.peek()? {
                b'"' => break,
                b'\\' => self.at += 2,
                byte if byte < b' ' => return None,
                _ => self.at += 1,
            }
        }
        self.at += 1;
        self.text.get(begin..self.at)
    }

    fn number(&mut self) -> Result<(), Unreadable> {
        let rest = &self.text[self.at..];
        let length = rest.bytes().take_while(|byte| byte.is_ascii_digit() || b"+-.eE".contains(byte)).count();
        let number = &rest[..length];
        // It is of no interest which number it is, but that it is one.
        serde_json::from_str::<&serde_json::value::RawValue>(number).map_err(|_| Unreadable)?;
        self.at += length;
        let digits: &str = number.split(['.', 'e', 'E']).next().unwrap_or_default();
        match card::without_cards(digits) {
            Some(_) => self.quote(REDACTED),
            None => self.to.extend(number.as_bytes()),
        }
        Ok(())
    }

    fn word(&mut self, word: &str) -> Result<(), Unreadable> {
        if !self.text[self.at..].starts_with(word) {
            return Err(Unreadable);
        }
        self.at += word.len();
        self.to.extend(word.as_bytes());
        Ok(())
    }

    fn quote(&mut self, text: &str) {
        // A string always serialises, and a vector always takes it.
        let _ = serde_json::to_writer(&mut *self.to, text);
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Copies one byte, which was looked at.
    fn pass(&mut self) {
        self.to.extend(self.peek());
        self.at += 1;
    }

    fn blank(&mut self) {
        while self.peek().is_some_and(|byte| b" \t\r\n".contains(&byte)) {
            self.at += 1;
        }
    }
}
