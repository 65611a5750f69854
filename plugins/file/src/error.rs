//! Why a file was not read or written.

use std::io;

use thiserror::Error;

/// What went wrong, by what the caller can do about it.
#[derive(Debug, Error)]
pub enum FileError {
    /// The request makes no sense.
    #[error("{0}")]
    Invalid(String),
    /// There is nothing there.
    #[error("{0}")]
    NotFound(String),
    /// It is there, and not for this plugin.
    #[error("{0}")]
    Denied(String),
    /// It is not what the caller thinks it is.
    #[error("{0}")]
    Conflict(String),
    /// It was tried and failed.
    #[error("{0}")]
    Failed(String),
}

impl FileError {
    /// What `error` means for `path`.
    pub(crate) fn io(path: &str, error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::NotFound(format!("there is no `{path}`")),
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                Self::Denied(format!("`{path}` may not be touched in this way: the grant does not cover it"))
            }
            io::ErrorKind::NotADirectory => Self::Invalid(format!("`{path}` is not a folder")),
            io::ErrorKind::IsADirectory => Self::Invalid(format!("`{path}` is a folder")),
            io::ErrorKind::QuotaExceeded | io::ErrorKind::StorageFull => {
                Self::Failed(format!("`{path}`: the folder's quota is used up"))
            }
            _ => Self::Failed(format!("`{path}`: {error}")),
        }
    }
}
