use std::{io, path::PathBuf};

use bulkhead_base::ByteSize;

/// Why nothing was read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StateError {
    /// The database file cannot be used.
    #[error("cannot open {}", path.display())]
    File { path: PathBuf, source: io::Error },
    /// The database itself failed.
    #[error("database failed")]
    Database(#[from] rusqlite::Error),
    /// A schema that this version does not know.
    #[error("the database has schema {found}, this version knows {known}: it was written by a newer one")]
    NewerSchema { found: i64, known: i64 },
    /// The blocking pool is gone: the process is shutting down.
    #[error("shutting down")]
    ShuttingDown,
    /// The key is too long.
    #[error("a key has at most {limit}")]
    KeyTooLong { limit: ByteSize },
    /// The value is too large.
    #[error("a value has at most {limit}")]
    ValueTooLarge { limit: ByteSize },
    /// The partition would hold more bytes than its quota.
    #[error("the store is full: at most {limit} of keys and values")]
    BytesExhausted { limit: ByteSize },
    /// The partition would hold more keys than its quota.
    #[error("the store is full: at most {limit} keys")]
    KeysExhausted { limit: u64 },
    /// The principal keeps as many tasks as it may.
    #[error("at most {limit} tasks are kept")]
    TooManyTasks { limit: u64 },
    /// The results of the principal's tasks take all the room they may.
    #[error("results of tasks take at most {limit}")]
    TasksExhausted { limit: ByteSize },
    /// The principal would have more roots than it may.
    #[error("at most {limit} roots are open at once; close one first")]
    RootsExhausted { limit: u64 },
    /// What is to be incremented is not a number.
    #[error("the value is not a whole number in decimal digits")]
    NotANumber,
    /// The number would not fit into 64 bits.
    #[error("the number would be too large")]
    Overflow,
}

impl StateError {
    /// Whether the caller asked for something that no retry will give. The text
    /// of such an error names no path and may be shown to a plugin.
    #[must_use]
    pub const fn is_refusal(&self) -> bool {
        !matches!(self, Self::File { .. } | Self::Database(_) | Self::NewerSchema { .. } | Self::ShuttingDown)
    }
}
