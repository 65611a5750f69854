use std::{fmt, io, path::PathBuf};

use crate::cli::exit::Exit;

/// A place in a file, both counted from one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    pub line: usize,
    pub column: usize,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// What kind of fault a configuration has.
#[derive(Debug)]
pub(super) enum Kind {
    /// The file cannot be read.
    Read(io::Error),
    /// It says something that makes no sense.
    Content,
    /// It asks for a part that this version has not got.
    NotBuilt,
}

/// A configuration that is refused: where, and what to do about it.
#[derive(Debug)]
pub struct ConfigError {
    pub(super) file: PathBuf,
    pub(super) at: Option<Position>,
    /// The keys that lead there, dotted.
    pub(super) path: String,
    pub(super) kind: Kind,
    pub(super) text: String,
}

impl ConfigError {
    /// Where in the file, if it is about a place.
    #[must_use]
    pub const fn position(&self) -> Option<Position> {
        self.at
    }

    /// The exit code of a verb that ends by it.
    #[must_use]
    pub const fn exit(&self) -> Exit {
        match self.kind {
            Kind::NotBuilt => Exit::NOT_BUILT,
            Kind::Read(_) | Kind::Content => Exit::CONFIG,
        }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.file.display())?;
        if let Some(at) = self.at {
            write!(f, "{at}:")?;
        }
        if !self.path.is_empty() {
            write!(f, " {}:", self.path)?;
        }
        write!(f, " {}", self.text)
    }
}

impl std::error::Error for ConfigError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.kind {
            Kind::Read(source) => Some(source),
            Kind::Content | Kind::NotBuilt => None,
        }
    }
}

impl From<ConfigError> for crate::cli::exit::Failure {
    fn from(error: ConfigError) -> Self {
        Self::from_error(error.exit(), &error)
    }
}

/// A fault whose file is not known yet.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) at: Option<Position>,
    /// From the inside out.
    pub(super) path: Vec<String>,
    pub(super) kind: Kind,
    pub(super) text: String,
}

impl Fault {
    /// A fault at a place.
    pub(super) fn at(at: Position, text: impl Into<String>) -> Self {
        Self { at: Some(at), path: Vec::new(), kind: Kind::Content, text: text.into() }
    }

    /// A part that is not built: written at `at`, reached by `key`.
    pub(super) fn not_built(at: Position, key: &str) -> Self {
        let text = "not built yet in this version; take the key out, for it would have no effect".to_owned();
        Self { at: Some(at), path: vec![key.to_owned()], kind: Kind::NotBuilt, text }
    }

    /// The same fault, reached through `key`.
    #[must_use]
    pub(super) fn under(mut self, key: &str) -> Self {
        self.path.push(key.to_owned());
        self
    }

    /// The same fault, at `at` if it has no place yet.
    #[must_use]
    pub(super) fn or_at(mut self, at: Position) -> Self {
        self.at.get_or_insert(at);
        self
    }

    /// The error that an operator reads.
    pub(super) fn in_file(self, file: PathBuf) -> ConfigError {
        let mut path = String::new();
        for key in self.path.iter().rev() {
            if !path.is_empty() && !key.starts_with('[') {
                path.push('.');
            }
            path.push_str(key);
        }
        ConfigError { file, at: self.at, path, kind: self.kind, text: self.text }
    }
}
