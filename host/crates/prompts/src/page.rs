//! One file as it was read, before anything is made of it.

use bulkhead_base::{Digest, Sampling};

use crate::Escape;

/// What a file's front matter says. What is left out is inherited from the
/// prompt in whose folder the file lies, or is nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Head {
    /// In place of the file's name.
    pub name: Option<String>,
    pub title: Option<String>,
    pub description: Option<String>,
    pub arguments: Vec<Argument>,
    pub sampling: Sampling,
    /// Sub-prompts that come first, in this order.
    pub steps: Vec<String>,
    pub escape: Option<Escape>,
}

/// One argument.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Argument {
    pub name: String,
    pub title: Option<String>,
    pub description: Option<String>,
    pub required: bool,
    /// What an argument that is not given is.
    pub default: Option<String>,
    /// What a client may suggest to its user.
    pub suggestions: Vec<String>,
}

/// One file.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// Below the folder, with slashes: `review/summary.md`.
    pub path: String,
    pub head: Head,
    pub body: String,
    /// The line of the file that the body begins on, from one.
    pub first_line: usize,
    /// Of the whole file.
    pub digest: Digest,
}

impl Page {
    /// The file's name without its ending.
    #[must_use]
    pub(crate) fn stem(&self) -> &str {
        self.path.strip_suffix(".md").unwrap_or(&self.path)
    }

    /// The last part of the prompt's name.
    pub(crate) fn name(&self) -> &str {
        let file = self.stem().rsplit('/').next().unwrap_or_default();
        self.head.name.as_deref().unwrap_or(file)
    }
}

/// A file that no prompt is made of, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}{}: {text}", line.map(|line| format!(":{line}")).unwrap_or_default())]
pub struct Fault {
    /// Below the folder; empty if it is about the folder itself.
    pub path: String,
    pub line: Option<usize>,
    pub text: String,
}
