//! What of a plugin's fate concerns whoever relies on it.

use bulkhead_base::{Digest, PluginName};
use bulkhead_registry::LoadedPlugin;

use super::{Loader, Trouble};
use crate::{
    alerts::{about, about_name},
    hub::{Alert, AlertKind},
};

/// Most tools that one change is told of one by one; the plugin's own alert
/// stands for the rest. Answers "a change that drives all other news out".
const MOST_TOOLS: usize = 32;

impl Loader {
    /// A generation took another's place: tells what of it reads otherwise.
    pub(super) fn alert_of_change(&self, before: &LoadedPlugin, after: &LoadedPlugin) {
        let contract = |plugin: &LoadedPlugin| plugin.manifest().contract_digest.canonical;
        let (was, now) = (contract(before), contract(after));
        if was == now {
            return;
        }
        self.alert(Alert { was: Some(was), now: Some(now), ..about(AlertKind::ContractChanged, before) });
        let changed = after.tools().iter().filter_map(|tool| {
            let older = before.tools().iter().find(|older| older.dotted() == tool.dotted())?;
            (older.checksum != tool.checksum).then_some((older, tool))
        });
        for (older, tool) in changed.take(MOST_TOOLS) {
            let operation = tool.operation();
            self.alert(Alert {
                tool: Some(tool.dotted().clone()),
                was: Some(older.checksum),
                now: Some(tool.checksum),
                items: [(operation.kind, operation.item)].into(),
                ..about(AlertKind::ToolChanged, after)
            });
        }
    }

    /// What was served stops: it is not to be believed any more.
    pub(super) fn alert_of_distrust(&self, plugin: &LoadedPlugin) {
        self.alert(about(AlertKind::Revoked, plugin));
    }

    /// A file waits, and another one may be served meanwhile.
    pub(super) fn alert_of_quarantine(&self, name: &PluginName, waiting: Digest) {
        self.alert(Alert { now: Some(waiting), ..self.about_entry(AlertKind::Quarantined, name) });
    }

    /// A file is refused; only one that is not believed is worth an alert.
    pub(super) fn alert_of_refusal(&self, name: &PluginName, trouble: &Trouble) {
        if trouble.is_disbelief() {
            self.alert(self.about_entry(AlertKind::Refused, name));
        }
    }

    /// About whatever is served under `name`. If nothing is, no caller knows it.
    fn about_entry(&self, kind: AlertKind, name: &PluginName) -> Alert {
        match self.house.registry.snapshot().plugin(name) {
            Some(served) => about(kind, served),
            None => about_name(kind, name),
        }
    }

    fn alert(&self, alert: Alert) {
        self.house.alerts.raise(alert);
    }
}
