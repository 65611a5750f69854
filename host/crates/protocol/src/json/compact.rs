use std::fmt;

use serde::Serialize;

use super::{
    Json, JsonError, Kind, Problem,
    scan::{Gaps, Scanner},
};
use crate::write::{Array, Object, Slot};

/// JSON that may be spliced into any frame as it is: scanned, and without
/// white space outside strings.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Compact(String);

/// Keeps what stands between the gaps.
struct Kept<'a> {
    text: &'a str,
    out: String,
    from: usize,
}

impl Gaps for Kept<'_> {
    fn gap(&mut self, from: usize, to: usize) {
        if self.out.capacity() == 0 {
            self.out.reserve(self.text.len());
        }
        self.out.push_str(&self.text[self.from..from]);
        self.from = to;
    }
}

/// Scans `text`, at most `max_bytes` of it, and drops white space outside
/// strings, in one go. Everything else stays as it was written.
///
/// # Errors
/// It is longer, is not JSON, or has what this module refuses.
pub fn compact(text: &str, max_bytes: usize) -> Result<Compact, JsonError> {
    if text.len() > max_bytes {
        return Err(JsonError { at: max_bytes, problem: Problem::TooLong(max_bytes) });
    }
    let mut scanner = Scanner::with_gaps(text, Kept { text, out: String::new(), from: 0 });
    scanner.whole(Scanner::value)?;
    let Kept { mut out, from, .. } = scanner.gaps;
    out.push_str(&text[from..]);
    Ok(Compact(out))
}

impl Compact {
    /// `text` as it is, whatever it is: for the build that has no defences.
    #[cfg(feature = "undefended")]
    #[must_use]
    pub fn unread(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// Like [`compact`], for text that has to be an object.
    ///
    /// # Errors
    /// It is something else, or what [`compact`] refuses.
    pub fn object(text: &str, max_bytes: usize) -> Result<Self, JsonError> {
        let json = compact(text, max_bytes)?;
        if json.kind() == Kind::Object {
            Ok(json)
        } else {
            Err(JsonError { at: 0, problem: Problem::Expected("an object") })
        }
    }

    /// What serde makes of `value`, scanned: a `RawValue` inside may hold anything.
    ///
    /// # Errors
    /// `value` has no JSON form, or one that [`compact`] refuses.
    pub fn of(value: &impl Serialize) -> Result<Self, JsonError> {
        let no_form = |_| JsonError { at: 0, problem: Problem::Expected("a value that JSON has a form for") };
        compact(&serde_json::to_string(value).map_err(no_form)?, usize::MAX)
    }

    /// The value that `write` writes.
    pub fn value(write: impl FnOnce(Slot<'_>)) -> Self {
        let mut out = String::new();
        write(Slot::new(&mut out));
        Self(out)
    }

    /// The object whose members `write` writes.
    pub fn write(write: impl FnOnce(&mut Object<'_>)) -> Self {
        Self::value(|slot| slot.object(write))
    }

    /// The array whose elements `write` writes.
    pub fn array(write: impl FnOnce(&mut Array<'_>)) -> Self {
        Self::value(|slot| slot.array(write))
    }

    /// Text of which every part was scanned, or written here.
    pub(super) const fn scanned(text: String) -> Self {
        Self(text)
    }

    /// The JSON text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The JSON text, as a value whose parts can be looked at.
    #[must_use]
    pub fn json(&self) -> Json<'_> {
        Json::scanned(&self.0)
    }

    /// What the value is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.json().kind()
    }

    /// The JSON text.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

impl fmt::Debug for Compact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Compact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
