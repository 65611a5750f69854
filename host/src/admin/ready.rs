//! Whether the house is ready: every configured plugin is loaded, or has said
//! why it is not.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use bulkhead_base::{Digest, PluginName};

/// Where one plugin is on its way to being served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PluginState {
    /// On its way.
    Loading,
    /// Served.
    Loaded { version: String, digest: Digest },
    /// A changed one waits for `accept`; what was accepted before is served, if
    /// there is any.
    Quarantined { why: String, serving: bool },
    /// Refused. The reason is for the operator.
    Refused { why: String, serving: bool },
}

impl PluginState {
    /// One word for metrics and listings.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Loading => "loading",
            Self::Loaded { .. } => "loaded",
            Self::Quarantined { .. } => "quarantined",
            Self::Refused { .. } => "refused",
        }
    }
}

impl fmt::Display for PluginState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Loading => f.write_str("loading"),
            Self::Loaded { version, digest } => write!(f, "loaded {version} {digest}"),
            Self::Quarantined { why, .. } => write!(f, "quarantined: {why}"),
            Self::Refused { why, .. } => write!(f, "refused: {why}"),
        }
    }
}

/// Every plugin's state. Told by the load flow, read by the admin listener.
#[derive(Clone, Debug, Default)]
pub struct Readiness(Arc<Mutex<Board>>);

#[derive(Debug, Default)]
struct Board {
    /// The first round of loading is over.
    settled: bool,
    plugins: BTreeMap<PluginName, PluginState>,
}

impl Readiness {
    fn with<T>(&self, act: impl FnOnce(&mut Board) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Tells where a plugin is.
    pub fn set(&self, plugin: &PluginName, state: PluginState) {
        self.with(|board| board.plugins.insert(plugin.clone(), state));
    }

    /// A plugin is no longer configured.
    pub fn forget(&self, plugin: &PluginName) {
        self.with(|board| board.plugins.remove(plugin));
    }

    /// The first round of loading is over.
    pub fn settle(&self) {
        self.with(|board| board.settled = true);
    }

    /// Whether every configured plugin is loaded or has said why not.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.with(|board| board.settled && board.plugins.values().all(|state| *state != PluginState::Loading))
    }

    /// Every plugin's state, in order of names.
    #[must_use]
    pub fn states(&self) -> Vec<(PluginName, PluginState)> {
        self.with(|board| board.plugins.iter().map(|(name, state)| (name.clone(), state.clone())).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ready_means_that_nobody_is_still_on_the_way() {
        let readiness = Readiness::default();
        assert!(!readiness.is_ready(), "nothing was tried yet");
        let (good, bad) = ("good".parse().unwrap(), "bad".parse().unwrap());
        readiness.set(&good, PluginState::Loading);
        readiness.settle();
        assert!(!readiness.is_ready());
        readiness.set(&good, PluginState::Loaded { version: "1.0.0".to_owned(), digest: Digest::of(b"") });
        readiness.set(&bad, PluginState::Refused { why: "unsigned".to_owned(), serving: false });
        assert!(readiness.is_ready(), "a refusal is an answer");
        readiness.set(&bad, PluginState::Loading);
        assert!(!readiness.is_ready());
        readiness.forget(&bad);
        assert!(readiness.is_ready());
    }
}
