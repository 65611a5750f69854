//! What must outlive a call: the plugins' key-value stores, tasks, callers'
//! roots, which sealed states were used; and, in memory, what sessions have.
//!
//! A [`Store`] is one database. Each thing kept in it has a handle of its own
//! ([`Store::kv`]), its tables in the schema and its statements in `sql`;
//! nothing outside this crate sees SQL.
//!
//! **Invariant:** no statement reads or writes a plugin's entry without naming
//! its partition, or a task without naming its principal. No database work runs
//! on a thread that does I/O for others.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking"))]

mod connections;
mod error;
mod kv;
mod partition;
mod questions;
pub mod replay;
mod roots;
mod schema;
mod sessions;
mod spent;
mod sql;
mod tasks;

use std::{path::Path, sync::Arc};

use connections::Connections;

pub use error::StateError;
pub use kv::{KEY_BYTES, KeyPage, Kv, PAGE_KEYS, PARTITION_BYTES, PARTITION_KEYS, Quota, VALUE_BYTES};
pub use partition::{Holder, Partition};
pub use questions::{Outcome, Question, Questions};
pub use roots::{OWN_ROOT, RootRow, Roots};
pub use sessions::{IDLE, MOST_OF_ONE, MOST_SESSIONS, Serial, Sessions};
pub use spent::{MOST_SPENT, Spent};
pub use tasks::{
    Answered, KEPT_BYTES, KEPT_TASKS, Millis, NewTask, Stamp, Task, TaskEnd, TaskHold, TaskInput, TaskStatus, Tasks,
};

/// The database. Cheap to clone; all clones are the same database.
#[derive(Clone, Debug)]
pub struct Store {
    connections: Arc<Connections>,
}

impl Store {
    /// Opens the SQLite database at `path`, creating it for its owner alone
    /// (mode 0600), and brings its schema up to date. Blocks on the disk.
    ///
    /// # Errors
    /// The file cannot be opened, is no database, is a symbolic link, or was
    /// written by a newer version.
    pub fn open(path: &Path) -> Result<Self, StateError> {
        let connections = Connections::open(path)?;
        Ok(Self { connections: Arc::new(connections) })
    }

    /// The key-value store of one partition, under the default [`Quota`].
    #[must_use]
    pub fn kv(&self, partition: Partition) -> Kv {
        Kv::new(Arc::clone(&self.connections), partition)
    }

    /// The tasks.
    #[must_use]
    pub fn tasks(&self) -> Tasks {
        Tasks::new(Arc::clone(&self.connections))
    }

    /// The memory of what may be used once.
    #[must_use]
    pub fn spent(&self) -> Spent {
        Spent::new(Arc::clone(&self.connections))
    }

    /// Everybody's roots.
    #[must_use]
    pub fn roots(&self) -> Roots {
        Roots::new(Arc::clone(&self.connections))
    }
}
