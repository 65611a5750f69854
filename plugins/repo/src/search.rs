//! Lines that a pattern matches, with the lines around them.

use bulkhead_sdk::{Error, Result};
use grep_matcher::Matcher as _;
use grep_regex::{RegexMatcher, RegexMatcherBuilder};
use grep_searcher::{Searcher, SearcherBuilder, Sink, SinkContext, SinkContextKind, SinkMatch};

use crate::{
    cursor::Cursor,
    excerpt::excerpt,
    file::bytes,
    limits::{
        MAX_ANSWER_BYTES, MAX_AUTOMATON_MEMORY, MAX_CONTEXT_LINES, MAX_FILE_BYTES, MAX_MATCHES, MAX_PATTERN_BYTES,
        MAX_PATTERN_MEMORY,
    },
    pace::Pace,
    root::{Place, Root},
    walk::{Scope, walk},
};

/// What text in UTF-16 begins with.
const UTF_16_MARKS: [[u8; 2]; 2] = [[0xff, 0xfe], [0xfe, 0xff]];

/// How upper and lower case are told apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Case {
    /// Only where the pattern holds an upper-case letter.
    #[default]
    Smart,
    /// Always.
    Sensitive,
    /// Never.
    Ignore,
}

/// What to look for.
#[derive(Clone, Debug, Default)]
pub struct Pattern {
    /// A regular expression, or plain text.
    pub text: String,
    /// Whether it is plain text.
    pub is_plain: bool,
    /// Whether it has to begin and end at the border of a word.
    pub whole_words: bool,
    /// How case is told apart.
    pub case: Case,
}

/// How much to answer with.
#[derive(Clone, Copy, Debug)]
pub struct Extent {
    /// Lines before and after each match.
    pub context: usize,
    /// Most matches.
    pub matches: usize,
    /// Whether the first match of a file stands for all of them.
    pub first_only: bool,
}

/// A line that matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Its file.
    pub path: String,
    /// Its number, from 1.
    pub line: u64,
    /// The character at which the first match begins, from 1.
    pub column: usize,
    /// The line around the match.
    pub text: String,
    /// Lines before it that no earlier hit quotes.
    pub before: Vec<String>,
    /// Lines after it.
    pub after: Vec<String>,
}

/// What a search found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// In the order of paths and lines.
    pub hits: Vec<Hit>,
    /// How many files were searched.
    pub files: usize,
    /// Where to go on, if there is more.
    pub cursor: Option<Cursor>,
    /// Whether a folder or a file was passed over for its size.
    pub passed_over: bool,
}

impl Pattern {
    /// Compiles it. The engine is linear in the text, whatever the pattern.
    ///
    /// # Errors
    /// It is no regular expression of this engine, or too large.
    pub fn compile(&self) -> Result<RegexMatcher> {
        if self.text.is_empty() || self.text.len() > MAX_PATTERN_BYTES {
            return Err(Error::invalid(format!("a pattern has 1 to {MAX_PATTERN_BYTES} bytes")));
        }
        RegexMatcherBuilder::new()
            .fixed_strings(self.is_plain)
            .word(self.whole_words)
            .case_insensitive(self.case == Case::Ignore)
            .case_smart(self.case == Case::Smart)
            .line_terminator(Some(b'\n'))
            .size_limit(MAX_PATTERN_MEMORY)
            .dfa_size_limit(MAX_AUTOMATON_MEMORY)
            .build(&self.text)
            .map_err(|error| Error::invalid(format!("the pattern is refused: {error}")))
    }
}

/// Searches the files of `scope`.
///
/// # Errors
/// The pattern is refused, or the caller has given up.
pub fn search(root: &Root, scope: &Scope, pattern: &Pattern, extent: Extent, pace: &mut Pace<'_>) -> Result<Found> {
    let matcher = pattern.compile()?;
    let context = extent.context.min(MAX_CONTEXT_LINES);
    let mut searcher = SearcherBuilder::new().line_number(true).before_context(context).after_context(context).build();
    let mut found = Found::default();
    let mut quoted = 0;
    let walked = walk(root, scope, pace, &mut |place| {
        // What went away, or may not be read, hides only itself.
        let Ok(bytes) = bytes(place, MAX_FILE_BYTES) else {
            found.passed_over = true;
            return Ok(None);
        };
        if is_binary(&bytes) {
            return Ok(None);
        }
        found.files += 1;
        let mut lines = Lines {
            matcher: &matcher,
            extent,
            place,
            covered: scope.covered(&place.path),
            earlier: found.hits.len(),
            hits: &mut found.hits,
            before: Vec::new(),
            quoted,
            stop: None,
        };
        searcher.search_slice(&matcher, &bytes, &mut lines).map_err(|error| Error::failed(error.kind().to_string()))?;
        quoted = lines.quoted;
        Ok(lines.stop)
    })?;
    found.cursor = walked.cursor;
    found.passed_over |= walked.passed_over;
    Ok(found)
}

/// Whether `bytes` are no text: they hold a NUL, and no mark of UTF-16 before it.
fn is_binary(bytes: &[u8]) -> bool {
    bytes.contains(&0) && !UTF_16_MARKS.iter().any(|mark| bytes.starts_with(mark))
}

/// Takes up the lines of one file.
struct Lines<'a> {
    matcher: &'a RegexMatcher,
    extent: Extent,
    place: &'a Place,
    /// Lines up to this one stood in an earlier answer.
    covered: u64,
    hits: &'a mut Vec<Hit>,
    /// How many hits there were before this file.
    earlier: usize,
    before: Vec<String>,
    quoted: usize,
    stop: Option<Cursor>,
}

impl Lines<'_> {
    fn quote(&mut self, line: &[u8], at: usize) -> String {
        let text = excerpt(line, at);
        self.quoted += text.len();
        text
    }

    /// Where the answer ends, if it is full before `line`.
    fn full(&self, line: u64) -> Option<Cursor> {
        let most = self.extent.matches.clamp(1, MAX_MATCHES);
        let is_full = self.hits.len() >= most || (self.quoted >= MAX_ANSWER_BYTES && !self.hits.is_empty());
        is_full.then(|| Cursor { path: self.place.path.clone(), line: Some(line.saturating_sub(1)) })
    }
}

impl Sink for Lines<'_> {
    type Error = std::io::Error;

    fn matched(&mut self, _: &Searcher, found: &SinkMatch<'_>) -> Result<bool, Self::Error> {
        let line = found.line_number().unwrap_or(0);
        if line <= self.covered {
            return Ok(true);
        }
        self.stop = self.full(line);
        if self.stop.is_some() {
            return Ok(false);
        }
        let at = self.matcher.find(found.bytes()).ok().flatten().map_or(0, |found| found.start());
        let text = self.quote(found.bytes(), at);
        self.hits.push(Hit {
            path: self.place.path.clone(),
            line,
            column: String::from_utf8_lossy(&found.bytes()[..at]).chars().count() + 1,
            text,
            before: std::mem::take(&mut self.before),
            after: Vec::new(),
        });
        Ok(!self.extent.first_only)
    }

    fn context(&mut self, _: &Searcher, found: &SinkContext<'_>) -> Result<bool, Self::Error> {
        if found.line_number().unwrap_or(0) <= self.covered {
            return Ok(true);
        }
        let text = self.quote(found.bytes(), 0);
        match (found.kind(), self.hits.get_mut(self.earlier..).and_then(<[Hit]>::last_mut)) {
            (SinkContextKind::After, Some(hit)) => hit.after.push(text),
            _ => self.before.push(text),
        }
        Ok(true)
    }
}
