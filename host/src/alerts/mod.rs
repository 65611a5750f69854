//! What is suspicious, told once to everybody whom it concerns: the operator in
//! the log, the record, and whoever listens for alerts and may use the plugin.
//!
//! **Invariant:** an alert quotes nothing that a plugin said.

mod denials;

use std::sync::Arc;

use bulkhead_audit::{Entry, Kind};
use bulkhead_base::{Digest, PluginName};
use bulkhead_registry::LoadedPlugin;

use crate::{
    hub::{Alert, AlertKind, Hub, News},
    record::Recorder,
    render::alert_words,
};

use denials::Denials;

/// Where alerts are raised.
#[derive(Clone, Debug)]
pub struct Alerts {
    hub: Hub,
    recorder: Recorder,
    denials: Arc<Denials>,
}

impl Alerts {
    #[must_use]
    pub fn new(hub: Hub, recorder: Recorder) -> Self {
        Self { hub, recorder, denials: Arc::default() }
    }

    /// Tells of `alert`.
    pub fn raise(&self, alert: Alert) {
        let (kind, message) = alert_words(alert.kind);
        let digest = |digest: &Option<Digest>| digest.map(|digest| digest.to_string());
        let (tool, was, now) = (alert.tool.as_deref(), digest(&alert.was), digest(&alert.now));
        tracing::warn!(alert = kind, plugin = %alert.plugin, tool, was, now, "{message}");
        self.recorder.note(|_, at| {
            Entry::new(Kind::Alert, at)
                .text("alert", kind)
                .text("plugin", alert.plugin.as_str())
                .maybe("tool", tool)
                .maybe("was", was.as_deref())
                .maybe("now", now.as_deref())
        });
        self.hub.tell(News::Alert(Arc::new(alert)));
    }

    /// A plugin's `file` was denied something that it was not granted.
    /// `about` is asked for the alert when that happens again and again.
    pub fn denied(&self, file: Digest, about: impl FnOnce() -> Alert) {
        if self.denials.are_many(file) {
            self.raise(about());
        }
    }
}

/// An alert about a plugin that nothing more is known of here.
#[must_use]
pub fn about_name(kind: AlertKind, plugin: &PluginName) -> Alert {
    Alert { kind, plugin: plugin.clone(), tool: None, was: None, now: None, items: [].into() }
}

/// An alert about a plugin as a whole, with the digest of its file.
#[must_use]
pub fn about(kind: AlertKind, plugin: &LoadedPlugin) -> Alert {
    Alert {
        kind,
        plugin: plugin.name().clone(),
        tool: None,
        was: Some(plugin.compiled().digest()),
        now: None,
        items: plugin.known_by().into(),
    }
}
