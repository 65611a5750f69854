//! Where what belongs to a configuration lies.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

use super::Config;
use crate::authn::KeySource;

impl Config {
    /// The folder that relative paths are taken from.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new("/"))
    }

    /// Where the lock lies: beside the file.
    #[must_use]
    pub fn lock_path(&self) -> PathBuf {
        self.folder().join("mcp.lock")
    }

    /// Where revocations lie: beside the lock.
    #[must_use]
    pub fn revoked_path(&self) -> PathBuf {
        self.folder().join("mcp.revoked")
    }

    /// The files besides its own that were read for this configuration: keys
    /// that are trusted, sealed or signed with, authorities, secrets. A change of one is
    /// a change of the configuration.
    pub fn read_files(&self) -> impl Iterator<Item = &Path> {
        let referenced = self.referenced.iter().map(|(_, path)| path.as_path());
        let sealing = self.state_keys.iter().map(|key| key.path.as_path());
        referenced.chain(sealing).chain(self.manifest_key.as_deref())
    }

    /// The file that the issuer's keys lie in, if they do.
    #[must_use]
    pub fn issuer_keys(&self) -> Option<&Path> {
        match &self.credentials.oauth.as_ref()?.issuer.keys {
            KeySource::File(path) => Some(path),
            KeySource::Metadata | KeySource::Url(_) => None,
        }
    }

    /// Whether `path` is the source of an entry, so that the inbox leaves it alone.
    #[must_use]
    pub fn is_source(&self, path: &Path) -> bool {
        let mut sources = self.plugins.iter().filter_map(|entry| entry.source.path());
        let real = path.canonicalize().ok();
        sources.any(|source| source == path || (real.is_some() && source.canonicalize().ok() == real))
    }

    /// Every path for which [`Config::is_source`] holds, and where links lead: for
    /// whoever asks of many.
    #[must_use]
    pub fn sources(&self) -> HashSet<PathBuf> {
        let written = self.plugins.iter().filter_map(|entry| entry.source.path());
        written.flat_map(|path| [Some(path.to_owned()), path.canonicalize().ok()]).flatten().collect()
    }

    /// Where compiled code is kept.
    #[must_use]
    pub fn cache_dir(&self) -> PathBuf {
        self.state_dir.join("cache")
    }

    /// Where the key lies that seals if `stateKeys` names none.
    #[must_use]
    pub fn seal_key_path(&self) -> PathBuf {
        self.state_dir.join("seal.key")
    }

    /// Where the key lies that manifests are signed with.
    #[must_use]
    pub fn manifest_key_path(&self) -> PathBuf {
        self.manifest_key.clone().unwrap_or_else(|| self.state_dir.join("manifest.pem"))
    }

    /// Where it is remembered which revocations were obeyed.
    #[must_use]
    pub fn seen_revocations_path(&self) -> PathBuf {
        self.state_dir.join("revoked.seen")
    }
}
