//! What the loader tells: the operator in the log, the house in its board,
//! listeners through the hub.

use bulkhead_base::PluginName;
use bulkhead_package::{Package, VerifiedPlugin, diff, display::safe};
use bulkhead_policy::{GrantedPlugin, Shortfall};
use bulkhead_registry::{Changed, Concern, LoadedPlugin};

use super::{Fate, Loader};
use crate::{
    admin::PluginState,
    config::PluginEntry,
    hub::{Listings, News},
};

/// Most lines of a difference that go into the log; `bulkhead accept` shows all.
const MAX_DIFFERENCES: usize = 40;

impl Loader {
    pub(super) fn serves(&self, name: &PluginName) -> bool {
        self.house.registry.snapshot().plugin(name).is_some()
    }

    /// Tells how a load ended.
    pub(super) fn tell(&self, name: &PluginName, fate: &Fate) {
        let serving = self.serves(name);
        let still = if serving { "what was served before still is" } else { "it is not served" };
        let state = match fate {
            Fate::Served { version, digest } => {
                tracing::info!(plugin = %name, %version, %digest, "served");
                PluginState::Loaded { version: version.to_string(), digest: *digest }
            }
            Fate::Unchanged => match self.house.registry.snapshot().plugin(name) {
                Some(plugin) => PluginState::Loaded {
                    version: plugin.manifest().version.to_string(),
                    digest: plugin.compiled().digest(),
                },
                None => return,
            },
            Fate::Waits(concerns) => {
                let why = listed(concerns);
                tracing::warn!(plugin = %name, "waits, and {still}: {why}. To look at it and accept it: bulkhead accept {name}");
                PluginState::Quarantined { why, serving }
            }
            Fate::Refused(trouble) => {
                let why = trouble.told();
                tracing::warn!(plugin = %name, "not loaded, and {still}: {why}");
                PluginState::Refused { why, serving }
            }
        };
        self.house.readiness.set(name, state);
    }

    /// Tells whoever listens which listings changed.
    pub(super) fn announce(&self, changed: Changed) {
        crate::admin::count(&self.house.metrics.generations);
        let Changed { tools, prompts, resources } = changed;
        let listings = Listings { tools, prompts, resources };
        if !listings.is_empty() {
            self.house.hub.tell(News::Listings(listings));
        }
    }

    /// Tells what a file that waits would change.
    pub(super) fn tell_difference(&self, entry: &PluginEntry, plugin: &VerifiedPlugin, concerns: &[Concern]) {
        let (name, digest) = (&entry.name, plugin.digest());
        let publisher = safe(&plugin.publisher().name).into_owned();
        tracing::warn!(plugin = %name, %digest, publisher, alert = true, "quarantined: {}", listed(concerns));
        let desk = self.desk();
        let Some(accepted) = desk.lock.get(name) else { return };
        let kept = desk.store.read(&accepted.digest).ok().and_then(|bytes| Package::parse(bytes, None).ok());
        drop(desk);
        let Some(kept) = kept else { return };
        for change in diff(kept.manifest(), plugin.manifest()).into_iter().take(MAX_DIFFERENCES) {
            tracing::warn!(plugin = %name, "  {change}");
        }
    }
}

fn listed(concerns: &[Concern]) -> String {
    concerns.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// Tells where asking and giving did not meet.
pub(super) fn shortfalls(entry: &PluginEntry, granted: &GrantedPlugin) {
    for shortfall in granted.shortfalls() {
        match shortfall {
            Shortfall::NotGiven { .. } => tracing::info!(plugin = %entry.name, "{}", safe(&shortfall.to_string())),
            _ => tracing::warn!(plugin = %entry.name, "{}", safe(&shortfall.to_string())),
        }
    }
}

/// Tells which claims of safety the grants do not bear out.
pub(super) fn corrections(loaded: &LoadedPlugin) {
    for (tool, correction) in loaded.corrections() {
        tracing::warn!(plugin = %loaded.name(), tool, "{correction}");
    }
}
