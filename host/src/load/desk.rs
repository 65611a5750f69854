//! What the loader knows: configuration, trust, lock, and what came of them.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use bulkhead_base::{Digest, PluginName};
use bulkhead_package::{KeyId, Revocations, Trust, TrustedKey};
use bulkhead_policy::Grants;
use bulkhead_prompts::Library;
use bulkhead_registry::{Lock, Placement, Store};
use jiff::Timestamp;

use crate::{
    admin::PluginState,
    config::{Config, PluginEntry},
};

/// Everything that loading depends on. Held for moments, never while waiting.
pub(super) struct Desk {
    pub(super) config: Arc<Config>,
    pub(super) trust: Arc<Trust>,
    pub(super) lock: Lock,
    pub(super) store: Store,
    /// Why nothing is loaded: the lock, or the revocations, are unreadable.
    pub(super) lock_trouble: Option<String>,
    pub(super) revocation_trouble: Option<String>,
    /// Which plugin each file of the inbox is.
    pub(super) dropped: BTreeMap<PathBuf, PluginName>,
    /// Under which grants each served plugin was loaded.
    pub(super) served: BTreeMap<PluginName, Grants>,
    /// What was told of each plugin last: nobody reads the same line twice.
    pub(super) told: BTreeMap<PluginName, PluginState>,
    /// Which waiting file of each plugin was told of last.
    pub(super) waiting: BTreeMap<PluginName, Digest>,
    /// When it was told last that a key expires soon. No more than are trusted.
    pub(super) told_expiring: BTreeMap<KeyId, Timestamp>,
    /// The prompts of the folder, and what was told of it last.
    pub(super) library: Library,
    pub(super) prompt_faults: Vec<bulkhead_prompts::Fault>,
}

impl Desk {
    pub(super) fn new(config: Config, lock: Lock, revocations: Revocations, development: Option<TrustedKey>) -> Self {
        Self {
            trust: Arc::new(trust(&config, revocations, development)),
            store: Store::below(&config.state_dir),
            config: Arc::new(config),
            lock,
            lock_trouble: None,
            revocation_trouble: None,
            dropped: BTreeMap::new(),
            served: BTreeMap::new(),
            told: BTreeMap::new(),
            waiting: BTreeMap::new(),
            told_expiring: BTreeMap::new(),
            library: Library::default(),
            prompt_faults: Vec::new(),
        }
    }

    /// The entry called `name`: one of the configuration, or a dropped file's.
    pub(super) fn entry(&self, name: &PluginName) -> Option<super::Subject> {
        if let Some(entry) = self.config.plugins.iter().find(|entry| entry.name == *name) {
            return Some(super::Subject { entry: entry.clone(), dropped: None });
        }
        let (path, name) = self.dropped.iter().find(|(_, held)| *held == name)?;
        Some(super::Subject { entry: PluginEntry::dropped_in(name.clone()), dropped: Some(path.clone()) })
    }

    /// Where `entry` puts its plugin.
    pub(super) fn placement(&self, entry: &PluginEntry) -> Placement {
        Placement {
            name: entry.name.clone(),
            prefix: entry.prefix.clone(),
            separator: self.config.separator,
            tools: entry.tools.clone(),
            screen: entry.screen,
        }
    }

    /// What `entry` is given, within what any plugin may take up.
    pub(super) fn given(&self, entry: &PluginEntry) -> Grants {
        let mut grants = entry.grants.clone();
        grants.limits.concurrency = grants.limits.concurrency.min(self.config.limits.calls_per_plugin);
        grants
    }

    pub(super) fn standstill(&self) -> Option<String> {
        self.lock_trouble.clone().or_else(|| self.revocation_trouble.clone())
    }
}

pub(super) fn trust(config: &Config, revocations: Revocations, development: Option<TrustedKey>) -> Trust {
    match development {
        Some(own) => Trust::for_development(config.trusted_keys.clone(), revocations, own),
        None => Trust::new(config.trusted_keys.clone(), revocations),
    }
}
