//! What is suspicious, told once to everybody whom it concerns: whoever listens
//! for alerts and may use the plugin.
//!
//! **Invariant:** an alert quotes nothing that a plugin said.

use std::sync::Arc;

use bulkhead_registry::LoadedPlugin;

use crate::hub::{Alert, AlertKind, Hub, News};

/// Where alerts are raised.
#[derive(Clone, Debug)]
pub struct Alerts {
    hub: Hub,
}

impl Alerts {
    #[must_use]
    pub const fn new(hub: Hub) -> Self {
        Self { hub }
    }

    /// Tells of `alert`.
    pub fn raise(&self, alert: Alert) {
        self.hub.tell(News::Alert(Arc::new(alert)));
    }
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
