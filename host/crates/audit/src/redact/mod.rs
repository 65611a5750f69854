//! What must not be on the record: values at given places of a document, and
//! whatever looks like a card number.
//!
//! **Invariant:** a document is copied or digested in one pass, without white space
//! outside strings, or not at all: what cannot be read is not written.

mod card;
mod scan;
#[cfg(test)]
mod tests;

use std::{fmt, sync::Arc};

use bulkhead_base::Digest;
use scan::Scan;
use sha2::{Digest as _, Sha256};

/// Most patterns: two bits each while a document is read.
pub const MOST_PATTERNS: usize = 64;
/// What stands in place of a value.
pub(crate) const REDACTED: &str = "[redacted]";

/// What is redacted unless it is said otherwise.
const DEFAULT: &str = "/card";

/// A pattern that is none.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    #[error("{0:?}: a pattern begins with a slash: /card, /*/card")]
    NoSlash(String),
    #[error("{0:?}: ~ is followed by 0 (for ~) or 1 (for /)")]
    Escape(String),
    #[error("at most {MOST_PATTERNS} patterns")]
    TooMany,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Any,
    Key(Box<str>),
}

type Pattern = Box<[Step]>;

/// Which values are taken out of documents: JSON Pointers in which `*` stands
/// for any one key or index. Card numbers always are.
#[derive(Clone, Debug)]
pub struct Redaction(Arc<[Pattern]>);

impl Default for Redaction {
    fn default() -> Self {
        Self::new([DEFAULT]).unwrap_or(Self(Arc::new([])))
    }
}

impl Redaction {
    /// Reads patterns.
    ///
    /// # Errors
    /// One is no pattern, or there are too many.
    pub fn new<'a>(patterns: impl IntoIterator<Item = &'a str>) -> Result<Self, PatternError> {
        let patterns: Vec<Pattern> = patterns.into_iter().map(parse).collect::<Result<_, _>>()?;
        if patterns.len() > MOST_PATTERNS { Err(PatternError::TooMany) } else { Ok(Self(patterns.into())) }
    }

    /// The same, and what it says of a document also of the one that stands in
    /// another one under `key`.
    pub(crate) fn also_below(&self, key: &str) -> Self {
        let below = |pattern: &Pattern| {
            let first = std::iter::once(Step::Key(key.into()));
            first.chain(pattern.iter().cloned()).collect::<Pattern>()
        };
        Self(self.0.iter().cloned().chain(self.0.iter().map(below)).collect())
    }

    /// Copies the document to the end of `to`, without what is to be redacted.
    /// What stands in `to` after an error is worth nothing.
    pub(crate) fn copy(&self, json: &str, to: &mut Vec<u8>) -> Result<(), Unreadable> {
        Scan::new(&self.0, json, to).document()
    }

    /// The digest of what [`copy`](Self::copy) would have copied.
    pub(crate) fn digest(&self, json: &str) -> Result<Digest, Unreadable> {
        let mut hasher = Sha256::new();
        Scan::new(&self.0, json, &mut hasher).document()?;
        Ok(Digest::from_bytes(hasher.finalize().into()))
    }
}

/// Whatever takes what is kept of a document, part after part.
trait Take {
    fn take(&mut self, part: &[u8]);
}

impl Take for Vec<u8> {
    fn take(&mut self, part: &[u8]) {
        self.extend_from_slice(part);
    }
}

impl Take for Sha256 {
    fn take(&mut self, part: &[u8]) {
        self.update(part);
    }
}

/// The document is no JSON, or nested too deeply.
#[derive(Debug)]
pub(crate) struct Unreadable;

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("*"),
            Self::Key(key) => f.write_str(key),
        }
    }
}

impl Step {
    fn fits(&self, key: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Key(step) => **step == *key,
        }
    }
}

fn parse(text: &str) -> Result<Pattern, PatternError> {
    let steps = text.strip_prefix('/').ok_or_else(|| PatternError::NoSlash(text.to_owned()))?;
    let step = |step: &str| match step {
        "*" => Ok(Step::Any),
        key => unescape(key).map(Step::Key).ok_or_else(|| PatternError::Escape(text.to_owned())),
    };
    steps.split('/').map(step).collect()
}

fn unescape(key: &str) -> Option<Box<str>> {
    let mut parts = key.split('~');
    let mut plain = parts.next()?.to_owned();
    for part in parts {
        plain.push(match part.as_bytes().first()? {
            b'0' => '~',
            b'1' => '/',
            _ => return None,
        });
        plain.push_str(&part[1..]);
    }
    Some(plain.into())
}
