//! Why a repository was not read or made.

use std::{fmt, io};

/// What a function here returns.
pub(crate) type Result<T, E = GitError> = std::result::Result<T, E>;

/// What went wrong, by what the caller can do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GitError {
    /// The request makes no sense.
    Invalid(String),
    /// There is nothing there.
    NotFound(String),
    /// It is there, and not for this plugin.
    Denied(String),
    /// It was tried and failed.
    Failed(String),
}

impl GitError {
    pub(crate) fn invalid(text: impl Into<String>) -> Self {
        Self::Invalid(text.into())
    }

    pub(crate) fn not_found(text: impl Into<String>) -> Self {
        Self::NotFound(text.into())
    }

    pub(crate) fn denied(text: impl Into<String>) -> Self {
        Self::Denied(text.into())
    }

    pub(crate) fn failed(text: impl Into<String>) -> Self {
        Self::Failed(text.into())
    }

    /// What `error` means for `what`.
    pub(crate) fn io(what: &str, error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::NotFound(format!("there is no `{what}`")),
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                Self::Denied(format!("`{what}` may not be touched in this way: the grant does not cover it"))
            }
            io::ErrorKind::QuotaExceeded | io::ErrorKind::StorageFull => {
                Self::Failed(format!("`{what}`: the folder's quota is used up; the operator can raise it"))
            }
            _ => Self::Failed(format!("`{what}`: {error}")),
        }
    }
}

impl fmt::Display for GitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(text) | Self::NotFound(text) | Self::Denied(text) | Self::Failed(text) => f.write_str(text),
        }
    }
}

impl std::error::Error for GitError {}
