//! Keys that stop counting because time goes by: what they signed is stopped at
//! that moment, and whoever relies on it is told some time before.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use bulkhead_package::{KeyId, TrustedKey};
use bulkhead_registry::LoadedPlugin;
use jiff::{SignedDuration, Timestamp};

use super::Loader;
use crate::{alerts::about, hub::AlertKind};

/// How long before a key's last moment it is told of.
pub const SOON: SignedDuration = SignedDuration::from_hours(14 * 24);

/// How long after that it is told of again. Answers "an alert that is sent so
/// often that nobody reads it".
const AGAIN: SignedDuration = SignedDuration::from_hours(24);

/// Longest that nobody looks: the clock may be set, and plugins are loaded.
const LOOK: Duration = Duration::from_secs(30);

/// How long after a key's last moment it is looked at, so that it is over.
const AFTER: Duration = Duration::from_millis(20);

impl Loader {
    /// Looks at the keys when the next one expires, until the house closes.
    pub async fn watch_expiry(self: Arc<Self>) {
        loop {
            self.drop_expired();
            let now = Timestamp::now();
            self.tell_of_expiring(now);
            tokio::select! {
                () = self.house.closing.cancelled() => return,
                () = self.trust_changed.notified() => {}
                () = tokio::time::sleep(self.until_next_expiry(now)) => {}
            }
        }
    }

    fn until_next_expiry(&self, now: Timestamp) -> Duration {
        let trust = self.desk().trust.clone();
        let left = trust.keys().iter().filter_map(|key| key.not_after).map(|last| last.duration_since(now));
        let next = left.filter_map(|left| Duration::try_from(left).ok()).min();
        next.map_or(LOOK, |next| (next + AFTER).min(LOOK))
    }

    /// Tells of every key that something served relies on and that is trusted
    /// for a short time only.
    fn tell_of_expiring(&self, now: Timestamp) {
        let snapshot = self.house.registry.snapshot();
        let served = snapshot.catalogue.plugins();
        let signer = |plugin: &LoadedPlugin| plugin.compiled().granted().plugin().publisher().key_id;
        let relied_on: BTreeSet<KeyId> = served.iter().map(|plugin| signer(plugin)).collect();
        for key in self.expiring(&relied_on, now) {
            let last = key.not_after.map(|last| last.to_string()).unwrap_or_default();
            tracing::warn!(
                alert = true,
                key = %key.id,
                "trusted until {last} only; what it signed stops then: trust a newer key of this publisher, or change trust.keys: {}: notAfter",
                key.id,
            );
            for plugin in served.iter().filter(|plugin| signer(plugin) == key.public.id()) {
                self.house.alerts.raise(about(AlertKind::KeyExpiring, plugin));
            }
        }
    }

    /// Keys to be told of now. Each is due again after [`AGAIN`].
    fn expiring(&self, relied_on: &BTreeSet<KeyId>, now: Timestamp) -> Vec<TrustedKey> {
        let mut desk = self.desk();
        let trust = desk.trust.clone();
        desk.told_expiring.retain(|id, told| {
            trust.keys().iter().any(|key| key.public.id() == *id) && now.duration_since(*told) < AGAIN
        });
        let is_soon = |key: &&TrustedKey| key.not_after.is_some_and(|last| last.duration_since(now) <= SOON);
        let due = trust.keys().iter().filter(is_soon).filter(|key| {
            let id = key.public.id();
            let is_due = relied_on.contains(&id) && !desk.told_expiring.contains_key(&id);
            if is_due {
                desk.told_expiring.insert(id, now);
            }
            is_due
        });
        due.cloned().collect()
    }
}
