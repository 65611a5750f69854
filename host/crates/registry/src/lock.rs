//! `mcp.lock`: what was accepted, by whom signed, in which version.
//!
//! **Invariant:** a lock that cannot be read is never taken for an empty one,
//! and one that is missing beside a store that holds something is an error:
//! otherwise deleting a file would accept whatever lies in the inbox.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use bulkhead_base::{Digest, PluginName};
use semver::Version;
use serde::{Deserialize, Serialize};

use crate::atomic;

/// The format this build writes and reads.
const FORMAT: u32 = 1;

/// Largest lock that is read. Answers "a lock grown without bound eats the
/// host's memory at start": 10,000 plugins take about 5 MiB.
const MAX_BYTES: u64 = 16 << 20;

/// What is remembered of one accepted plugin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Locked {
    /// Key id of the publisher, the SHA-256 of its SPKI.
    pub publisher: Digest,
    pub version: Version,
    /// SHA-256 of the bytes before the signature section.
    pub digest: Digest,
    /// Digest of the contract in canonical form.
    pub contract: Digest,
    /// Digest of what it asks for, in canonical form.
    pub requests: Digest,
}

/// Every accepted plugin, by the name of its entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lock {
    plugins: BTreeMap<PluginName, Locked>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct OnDisk {
    format: u32,
    plugins: BTreeMap<PluginName, Locked>,
}

/// A lock that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    #[error("{}: the lock is missing although plugins were accepted before; put it back from a backup, or run `bulkhead accept` for each plugin again after deleting {}", path.display(), store.display())]
    Missing { path: PathBuf, store: PathBuf },
    #[error("{}: cannot be read", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("{}: larger than {MAX_BYTES} bytes", path.display())]
    TooLarge { path: PathBuf },
    #[error("{}:{}: not a lock: {source}; put it back from a backup", path.display(), source.line())]
    Malformed { path: PathBuf, source: serde_json::Error },
    #[error("{}: written by a newer bulkhead (format {format}, this one reads {FORMAT})", path.display())]
    Newer { path: PathBuf, format: u32 },
    #[error("{}: cannot be written", path.display())]
    Write { path: PathBuf, source: io::Error },
}

impl Lock {
    /// Reads the lock at `path`. A missing one is empty only while `store`
    /// holds nothing, that is, at the first start.
    ///
    /// # Errors
    /// It is missing after the first start, unreadable, malformed or newer.
    pub fn read(path: &Path, store: &Path) -> Result<Self, LockError> {
        let size = match fs::metadata(path) {
            Ok(found) => found.len(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Self::first(path, store),
            Err(source) => return Err(LockError::Read { path: path.into(), source }),
        };
        if size > MAX_BYTES {
            return Err(LockError::TooLarge { path: path.into() });
        }
        let text = fs::read(path).map_err(|source| LockError::Read { path: path.into(), source })?;
        let on_disk: OnDisk =
            serde_json::from_slice(&text).map_err(|source| LockError::Malformed { path: path.into(), source })?;
        if on_disk.format != FORMAT {
            return Err(LockError::Newer { path: path.into(), format: on_disk.format });
        }
        Ok(Self { plugins: on_disk.plugins })
    }

    fn first(path: &Path, store: &Path) -> Result<Self, LockError> {
        let holds_something = fs::read_dir(store).is_ok_and(|mut entries| entries.next().is_some());
        if holds_something {
            return Err(LockError::Missing { path: path.into(), store: store.into() });
        }
        Ok(Self::default())
    }

    /// Writes the lock so that a crash leaves either the old one or the new one.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), LockError> {
        let on_disk = OnDisk { format: FORMAT, plugins: self.plugins.clone() };
        let failed = |source| LockError::Write { path: path.into(), source };
        let mut text = serde_json::to_vec_pretty(&on_disk).map_err(|error| failed(error.into()))?;
        text.push(b'\n');
        atomic::write(path, &text).map_err(failed)
    }

    /// What was accepted for `name`.
    #[must_use]
    pub fn get(&self, name: &PluginName) -> Option<&Locked> {
        self.plugins.get(name)
    }

    /// Every accepted plugin, in order of names.
    pub fn iter(&self) -> impl Iterator<Item = (&PluginName, &Locked)> {
        self.plugins.iter()
    }

    /// Remembers an acceptance. True if anything changed.
    pub fn insert(&mut self, name: PluginName, locked: Locked) -> bool {
        self.plugins.get(&name) != Some(&locked) && {
            self.plugins.insert(name, locked);
            true
        }
    }

    /// Remembers of `name` what `before` did.
    pub fn restore(&mut self, name: &PluginName, before: &Self) {
        match before.plugins.get(name) {
            Some(locked) => drop(self.plugins.insert(name.clone(), locked.clone())),
            None => drop(self.plugins.remove(name)),
        }
    }

    /// Forgets a plugin, so that the next one of that name is a first load.
    pub fn remove(&mut self, name: &PluginName) -> Option<Locked> {
        self.plugins.remove(name)
    }
}
