use std::{borrow::Cow, collections::HashSet};

use bulkhead_base::plain_until;

use super::{
    JsonError, Problem,
    part::{Json, Member},
    text::{code_unit, unescape},
};
use crate::fault::echo;

/// Deepest nesting that is read. Answers "brackets that overflow a parser's stack".
pub const MAX_DEPTH: usize = 64;

/// Objects with more keys than this look for duplicates in a set, so that
/// many keys cost no more than their number.
const FEW_KEYS: usize = 16;

/// Is told of white space between tokens.
pub(crate) trait Gaps {
    fn gap(&mut self, from: usize, to: usize);
}

impl Gaps for () {
    fn gap(&mut self, _from: usize, _to: usize) {}
}

/// The one reader of JSON from outside: checks everything, builds nothing.
pub(crate) struct Scanner<'a, G = ()> {
    text: &'a str,
    at: usize,
    depth: usize,
    /// The keys of the objects that are open, outermost first.
    keys: Vec<Cow<'a, str>>,
    pub(super) gaps: G,
}

type Scanned<T = ()> = Result<T, JsonError>;

impl<'a> Scanner<'a> {
    pub(crate) const fn new(text: &'a str) -> Self {
        Scanner::with_gaps(text, ())
    }
}

impl<'a, G> Scanner<'a, G> {
    pub(super) const fn with_gaps(text: &'a str, gaps: G) -> Self {
        Self { text, at: 0, depth: 0, keys: Vec::new(), gaps }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    const fn error(&self, problem: Problem) -> JsonError {
        JsonError { at: self.at, problem }
    }

    fn eat(&mut self, byte: u8, expected: &'static str) -> Scanned {
        if self.peek() != Some(byte) {
            return Err(self.error(Problem::Expected(expected)));
        }
        self.at += 1;
        Ok(())
    }

    fn descend(&mut self) -> Scanned {
        if self.depth == MAX_DEPTH {
            return Err(self.error(Problem::TooDeep));
        }
        self.depth += 1;
        self.at += 1;
        Ok(())
    }

    fn literal(&mut self, word: &'static str) -> Scanned {
        if !self.text.as_bytes()[self.at..].starts_with(word.as_bytes()) {
            return Err(self.error(Problem::Expected("a value")));
        }
        self.at += word.len();
        Ok(())
    }

    fn digits(&mut self) -> Scanned {
        let from = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at == from { Err(self.error(Problem::Expected("a digit"))) } else { Ok(()) }
    }

    fn number(&mut self) -> Scanned {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        match self.peek() {
            Some(b'0') => self.at += 1,
            _ => self.digits()?,
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    /// Reads a string and returns its text.
    fn string(&mut self) -> Scanned<(&'a str, bool)> {
        self.eat(b'"', "a string")?;
        let from = self.at;
        let mut escaped = false;
        loop {
            self.at = plain_until(self.text.as_bytes(), self.at);
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => {
                    escaped = true;
                    self.escape()?;
                }
                Some(_) => return Err(self.error(Problem::Control)),
                None => return Err(self.error(Problem::Expected("the end of a string"))),
            }
        }
        let inside = &self.text[from..self.at];
        self.at += 1;
        Ok((inside, escaped))
    }

    fn unit_at(&self, at: usize) -> Option<u16> {
        let bytes = self.text.as_bytes().get(at..)?;
        code_unit(bytes.strip_prefix(b"\\u")?)
    }

    fn escape(&mut self) -> Scanned {
        match self.text.as_bytes().get(self.at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 2,
            Some(b'u') => {
                let unit = self.unit_at(self.at).ok_or_else(|| self.error(Problem::Escape))?;
                let low = || self.unit_at(self.at + 6).is_some_and(|unit| (0xdc00..0xe000).contains(&unit));
                self.at += match unit {
                    0xd800..0xdc00 if low() => 12,
                    0xd800..0xe000 => return Err(self.error(Problem::Surrogate)),
                    _ => 6,
                };
            }
            _ => return Err(self.error(Problem::Escape)),
        }
        Ok(())
    }
}

impl<'a, G: Gaps> Scanner<'a, G> {
    pub(super) fn space(&mut self) {
        let from = self.at;
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
        if self.at > from {
            self.gaps.gap(from, self.at);
        }
    }

    /// Reads one value, without the space around it.
    pub(super) fn value(&mut self) -> Scanned {
        match self.peek() {
            Some(b'{') => self.object(|scan, _| scan.value()).map(drop),
            Some(b'[') => self.array(Self::value),
            Some(b'"') => self.string().map(drop),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.literal("true"),
            Some(b'f') => self.literal("false"),
            Some(b'n') => self.literal("null"),
            _ => Err(self.error(Problem::Expected("a value"))),
        }
    }

    /// Reads an object; `member` reads each value.
    pub(crate) fn object(&mut self, mut member: impl FnMut(&mut Self, Cow<'a, str>) -> Scanned) -> Scanned<Json<'a>> {
        let from = self.at;
        self.descend()?;
        let outer = self.keys.len();
        let mut many = None;
        self.space();
        while self.peek() != Some(b'}') {
            if self.keys.len() > outer {
                self.eat(b',', "a comma or the end of an object")?;
                self.space();
            }
            let key = self.key(outer, &mut many)?;
            self.space();
            self.eat(b':', "a colon")?;
            self.space();
            member(self, key)?;
            self.space();
        }
        self.keys.truncate(outer);
        self.depth -= 1;
        self.at += 1;
        Ok(Json::scanned(&self.text[from..self.at]))
    }

    fn key(&mut self, outer: usize, many: &mut Option<HashSet<Cow<'a, str>>>) -> Scanned<Cow<'a, str>> {
        let from = self.at;
        let (inside, escaped) = self.string()?;
        let key = if escaped { Cow::Owned(unescape(inside)) } else { Cow::Borrowed(inside) };
        let siblings = &self.keys[outer..];
        let is_new = if siblings.len() < FEW_KEYS {
            !siblings.contains(&key)
        } else {
            many.get_or_insert_with(|| siblings.iter().cloned().collect()).insert(key.clone())
        };
        if !is_new {
            return Err(JsonError { at: from, problem: Problem::DuplicateKey(echo(&key)) });
        }
        self.keys.push(key.clone());
        Ok(key)
    }

    fn array(&mut self, mut element: impl FnMut(&mut Self) -> Scanned) -> Scanned {
        self.descend()?;
        let mut first = true;
        self.space();
        while self.peek() != Some(b']') {
            if !std::mem::take(&mut first) {
                self.eat(b',', "a comma or the end of an array")?;
                self.space();
            }
            element(self)?;
            self.space();
        }
        self.depth -= 1;
        self.at += 1;
        Ok(())
    }

    /// Reads one value and returns it.
    pub(crate) fn part(&mut self) -> Scanned<Json<'a>> {
        let from = self.at;
        self.value()?;
        Ok(Json::scanned(&self.text[from..self.at]))
    }

    /// Reads an object and keeps its members.
    pub(crate) fn members(&mut self, members: &mut Vec<Member<'a>>) -> Scanned<Json<'a>> {
        self.object(|scan, key| {
            let value = scan.part()?;
            members.push(Member { key, value });
            Ok(())
        })
    }

    pub(super) fn elements(&mut self, elements: &mut Vec<Json<'a>>) -> Scanned {
        self.array(|scan| {
            elements.push(scan.part()?);
            Ok(())
        })
    }

    /// Whether an object comes next.
    pub(crate) fn at_object(&self) -> bool {
        self.peek() == Some(b'{')
    }

    /// Reads the whole text with `value`: one value and space, no more.
    pub(crate) fn whole<T>(&mut self, value: impl FnOnce(&mut Self) -> Scanned<T>) -> Scanned<T> {
        self.space();
        let read = value(self)?;
        self.space();
        if self.at == self.text.len() { Ok(read) } else { Err(self.error(Problem::Trailing)) }
    }
}
