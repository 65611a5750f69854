use std::{fmt, sync::Arc};

use bulkhead_base::{Digest, PluginName};

/// Who shares a store: entries of one partition are invisible to all others.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Partition {
    /// The key that signed the plugin: a plugin of the same name by somebody
    /// else inherits nothing.
    pub publisher: Digest,
    /// The configuration entry that is granted the store.
    pub plugin: PluginName,
    /// On whose behalf.
    pub holder: Holder,
}

/// On whose behalf a plugin stores.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Holder {
    /// One principal: callers do not see each other's entries.
    Principal(Arc<str>),
    /// All callers together, where the operator wrote `shared`.
    Shared,
}

impl fmt::Display for Holder {
    /// As the database has it; a principal called `shared` stays a principal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Principal(id) => write!(f, "principal:{id}"),
            Self::Shared => f.write_str("shared"),
        }
    }
}
