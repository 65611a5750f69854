//! Where an answer ended, so that the next one begins there.

use std::{fmt, str::FromStr};

use bulkhead_sdk::Error;

use crate::limits::MAX_PATH_BYTES;

/// What stands for "all lines of that file".
const WHOLE: &str = "end";

/// The last thing that an answer covered. Files go in the order of their
/// paths, name by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The file.
    pub path: String,
    /// Its last line that was covered, or all of it.
    pub line: Option<u64>,
}

impl Cursor {
    /// Everything up to the end of the file at `path`.
    pub fn after(path: &str) -> Self {
        Self { path: path.to_owned(), line: None }
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{line}:{}", self.path),
            None => write!(f, "{WHOLE}:{}", self.path),
        }
    }
}

impl FromStr for Cursor {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let bad = || Error::invalid("no such cursor; expected the `cursor` of an earlier answer");
        let (line, path) = text.split_once(':').filter(|_| text.len() <= MAX_PATH_BYTES).ok_or_else(bad)?;
        let line = if line == WHOLE { None } else { Some(line.parse().map_err(|_| bad())?) };
        Ok(Self { path: path.to_owned(), line })
    }
}
