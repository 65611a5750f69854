use std::borrow::Cow;

use bulkhead_base::plain_until;

use super::{Pattern, REDACTED, Take, Unreadable, card};

/// Deepest nesting. Answers "a document that is all brackets".
const DEPTH: usize = 128;

/// Reads a document once, and hands on what is kept of it, in as few parts as
/// there are.
pub(super) struct Scan<'a, T> {
    patterns: &'a [Pattern],
    text: &'a str,
    at: usize,
    /// From where on nothing was handed on yet.
    from: usize,
    /// In a value that is taken out.
    is_out: bool,
    to: &'a mut T,
}

impl<'a, T: Take> Scan<'a, T> {
    pub(super) fn new(patterns: &'a [Pattern], text: &'a str, to: &'a mut T) -> Self {
        Self { patterns, text, at: 0, from: 0, is_out: false, to }
    }

    pub(super) fn document(mut self) -> Result<(), Unreadable> {
        // Bit n is set while the path so far is a beginning of pattern n.
        let all = u128::MAX.checked_shr(128 - u32::try_from(self.patterns.len()).unwrap_or(128)).unwrap_or(0);
        self.value(0, all)?;
        self.blank();
        self.hand_on(self.at);
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
        self.at += 1;
        self.blank();
        let mut index = 0;
        while index > 0 || self.peek() != Some(end) {
            member(self, index, depth, begun)?;
            index += 1;
            self.blank();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(last) if last == end => break,
                _ => return Err(Unreadable),
            }
        }
        self.at += 1;
        Ok(())
    }

    fn member(&mut self, _: usize, depth: usize, begun: u128) -> Result<(), Unreadable> {
        self.blank();
        let key = self.string()?;
        self.blank();
        self.word(":")?;
        if begun == 0 {
            return self.value(depth + 1, 0);
        }
        self.at_step(&meant(key)?, depth, begun)
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
        if !hit || self.is_out {
            return self.value(depth + 1, further);
        }
        self.blank();
        let begin = self.at;
        self.is_out = true;
        self.value(depth + 1, further)?;
        self.is_out = false;
        self.replace(begin, REDACTED);
        Ok(())
    }

    /// Reads a string and returns it with its quotes.
    fn string(&mut self) -> Result<&'a str, Unreadable> {
        let begin = self.at;
        let is_coded = self.pass_string().ok_or(Unreadable)?;
        let raw = &self.text[begin..self.at];
        // Digits, spaces and dashes are spelt as they are, or by their codes.
        if (is_coded || card::without_cards(inside(raw)).is_some())
            && let Some(rest) = card::without_cards(&meant(raw)?)
        {
            self.replace(begin, &rest);
        }
        Ok(raw)
    }

    /// Goes behind the string that begins here, and says whether a character of
    /// it is spelt by its code.
    fn pass_string(&mut self) -> Option<bool> {
        let bytes = self.text.as_bytes();
        let mut is_coded = false;
        self.peek().filter(|byte| *byte == b'"')?;
        self.at += 1;
        loop {
            self.at = plain_until(bytes, self.at);
            match (self.peek()?, bytes.get(self.at + 1)) {
                (b'"', _) => break,
                (b'\\', Some(b'u')) => is_coded = true,
                (b'\\', Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't')) => {}
                _ => return None,
            }
            self.at += 2;
        }
        self.at += 1;
        Some(is_coded)
    }

    fn number(&mut self) -> Result<(), Unreadable> {
        let (begin, rest) = (self.at, &self.text[self.at..]);
        let length = rest.bytes().take_while(|byte| byte.is_ascii_digit() || b"+-.eE".contains(byte)).count();
        let number = &rest[..length];
        // It is of no interest which number it is, but that it is one.
        serde_json::from_str::<&serde_json::value::RawValue>(number).map_err(|_| Unreadable)?;
        self.at += length;
        let digits: &str = number.split(['.', 'e', 'E']).next().unwrap_or_default();
        if card::without_cards(digits).is_some() {
            self.replace(begin, REDACTED);
        }
        Ok(())
    }

    fn word(&mut self, word: &str) -> Result<(), Unreadable> {
        if !self.text[self.at..].starts_with(word) {
            return Err(Unreadable);
        }
        self.at += word.len();
        Ok(())
    }

    /// Hands on what was read, up to `to`.
    fn hand_on(&mut self, to: usize) {
        if !self.is_out {
            self.to.take(&self.text.as_bytes()[self.from..to]);
            self.from = to;
        }
    }

    /// Hands on `text` as a string, in place of what was read since `begin`.
    fn replace(&mut self, begin: usize, text: &str) {
        if !self.is_out {
            self.hand_on(begin);
            // A string always serialises.
            self.to.take(&serde_json::to_vec(text).unwrap_or_default());
            self.from = self.at;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// White space, which is not handed on.
    fn blank(&mut self) {
        let begin = self.at;
        while self.peek().is_some_and(|byte| b" \t\r\n".contains(&byte)) {
            self.at += 1;
        }
        if self.at > begin && !self.is_out {
            self.hand_on(begin);
            self.from = self.at;
        }
    }
}

fn inside(raw: &str) -> &str {
    raw.get(1..raw.len() - 1).unwrap_or_default()
}

/// The text that a string stands for.
fn meant(raw: &str) -> Result<Cow<'_, str>, Unreadable> {
    let inside = inside(raw);
    if !inside.contains('\\') {
        return Ok(Cow::Borrowed(inside));
    }
    serde_json::from_str(raw).map(Cow::Owned).map_err(|_| Unreadable)
}
