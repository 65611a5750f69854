//! The guide's events.

use bulkhead_base::PluginName;
use bulkhead_protocol::write::notice;

use crate::hub::{Alert, AlertKind};

/// A resource changed.
pub const RESOURCE_UPDATED: &str = "mcp.event.resourceUpdated";
/// Something that whoever relies on a plugin should look at.
pub const SECURITY_ALERT: &str = "mcp.event.securityAlert";
/// Every event that can be asked for.
pub const EVENTS: [&str; 2] = [RESOURCE_UPDATED, SECURITY_ALERT];

/// First words on a stream of events: what it brings.
#[must_use]
pub fn subscribed(updates: bool, alerts: bool) -> String {
    let events = EVENTS.into_iter().zip([updates, alerts]).filter(|(_, is_heard)| *is_heard);
    notice("mcp.event.subscribed", None, |params| {
        params.array("events", |list| events.for_each(|(name, _)| list.str(name)));
    })
}

/// `uri`, of this plugin, has changed.
#[must_use]
pub fn resource_updated(plugin: &PluginName, uri: &str) -> String {
    notice(RESOURCE_UPDATED, None, |params| {
        params.str("uri", uri);
        params.str("plugin", plugin.as_str());
    })
}

/// An alert, as a client reads it.
#[must_use]
pub fn security_alert(alert: &Alert) -> String {
    let (kind, message) = alert_words(alert.kind);
    notice(SECURITY_ALERT, None, |params| {
        params.str("kind", kind);
        params.str("plugin", alert.plugin.as_str());
        params.maybe_str("tool", alert.tool.as_deref());
        // A tool's digests are compared with the listing's checksums, which are bare hex.
        let digest = |digest: &bulkhead_base::Digest| match alert.kind {
            AlertKind::ToolChanged => digest.hex(),
            _ => digest.to_string(),
        };
        params.maybe_str("was", alert.was.as_ref().map(digest).as_deref());
        params.maybe_str("now", alert.now.as_ref().map(digest).as_deref());
        params.str("message", message);
    })
}

/// The stream was read too slowly.
#[must_use]
pub fn missed_events() -> String {
    notice(SECURITY_ALERT, None, |params| {
        params.str("kind", "eventsMissed");
        params.str("message", "events were missed; list the tools again and compare their checksums");
    })
}

/// One word for what happened, and what it means.
#[must_use]
pub const fn alert_words(kind: AlertKind) -> (&'static str, &'static str) {
    match kind {
        AlertKind::ToolChanged => ("toolChanged", "the tool's description or schema has changed"),
        AlertKind::ContractChanged => ("contractChanged", "the plugin offers something else than before"),
        AlertKind::Quarantined => {
            ("quarantined", "a changed file of the plugin waits for the operator; what was accepted goes on")
        }
        AlertKind::Revoked => ("revoked", "the plugin's file or its publisher's key is trusted no longer"),
        AlertKind::Refused => ("refused", "a file in the plugin's place is not believed"),
        AlertKind::KeyExpiring => ("keyExpiring", "the key of the plugin's publisher is trusted for a short time only"),
        AlertKind::Denied => ("denied", "the plugin asks again and again for what it was not granted"),
        AlertKind::Flagged => ("flagged", "something that the plugin said looks like an attack on its reader"),
        AlertKind::Unusual => ("unusual", "the plugin says something else than it usually does"),
    }
}
