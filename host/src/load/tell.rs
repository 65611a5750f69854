//! What the loader tells: the operator in the log, the house in its board,
//! listeners through the hub.

use bulkhead_base::PluginName;
use bulkhead_package::{Package, VerifiedPlugin, diff, display::safe};
use bulkhead_policy::Shortfall;
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

    /// Tells how a load ended; in the log only if it ended otherwise than last time.
    pub(super) fn tell(&self, name: &PluginName, fate: &Fate) {
        let Some(state) = self.state(name, fate) else { return };
        self.house.readiness.set(name, state.clone());
        let before = self.desk().told.insert(name.clone(), state.clone());
        if before.as_ref() == Some(&state) && !matches!(fate, Fate::Served { .. }) {
            return;
        }
        let still = if self.serves(name) { "what was served before still is" } else { "it is not served" };
        self.record(name, &state);
        if let Fate::Refused(trouble) = fate {
            self.alert_of_refusal(name, trouble);
        }
        match (fate, state) {
            (Fate::Served { version, digest }, _) => tracing::info!(plugin = %name, %version, %digest, "served"),
            (_, PluginState::Quarantined { why, .. }) => {
                tracing::warn!(plugin = %name, "waits, and {still}: {why}. To look at it and accept it: bulkhead accept {name}");
            }
            (_, PluginState::Refused { why, .. }) => tracing::warn!(plugin = %name, "not loaded, and {still}: {why}"),
            _ => {}
        }
    }

    fn record(&self, name: &PluginName, state: &PluginState) {
        self.house.recorder.changed("plugin", |entry| {
            let entry = entry.text("plugin", name.as_str()).text("state", state.name());
            match state {
                PluginState::Loaded { version, digest } => entry.text("version", version).digest("digest", digest),
                PluginState::Quarantined { why, serving } | PluginState::Refused { why, serving } => {
                    entry.text("reason", why).flag("serving", *serving)
                }
                PluginState::Loading => entry,
            }
        });
    }

    /// Where `fate` leaves a plugin. `None` if there is none.
    fn state(&self, name: &PluginName, fate: &Fate) -> Option<PluginState> {
        let serving = self.serves(name);
        Some(match fate {
            Fate::Served { version, digest } => PluginState::Loaded { version: version.to_string(), digest: *digest },
            Fate::Unchanged => {
                let snapshot = self.house.registry.snapshot();
                let plugin = snapshot.plugin(name)?;
                let (version, digest) = (plugin.manifest().version.to_string(), plugin.compiled().digest());
                PluginState::Loaded { version, digest }
            }
            Fate::Waits(concerns) => PluginState::Quarantined { why: listed(concerns), serving },
            Fate::Refused(trouble) => PluginState::Refused { why: trouble.told(), serving },
        })
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
        if self.desk().waiting.insert(name.clone(), digest) == Some(digest) {
            return;
        }
        let publisher = safe(&plugin.publisher().name).into_owned();
        tracing::warn!(plugin = %name, %digest, publisher, "quarantined: {}", listed(concerns));
        self.alert_of_quarantine(name, digest);
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
pub(super) fn shortfalls(entry: &PluginEntry, shortfalls: &[Shortfall]) {
    for shortfall in shortfalls {
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
    for (item, domain) in loaded.capped() {
        let (item, domain) = (safe(item), safe(domain));
        tracing::warn!(plugin = %loaded.name(), %item, "its page names {domain}, which no http grant covers: left out");
    }
}
