//! What changes while the house is open: configuration, lock, revocations.
//!
//! Trust is narrowed first and at once, on the caller's thread: the epoch
//! rises, and calls that relied on what is gone are cancelled. Loading what
//! takes its place comes after.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use bulkhead_base::PluginName;
use bulkhead_package::{RevocationError, Revocations};
use bulkhead_registry::{Change, LoadedPlugin, Lock, Mode};
use bulkhead_sandbox::CompiledPlugin;
use tokio::time::sleep;

use super::{Desk, Job, Loader, desk, flow::is_by_named, narrowed::narrowed};
use crate::config::Config;

/// How long a generation with fewer grants has to take over before the older
/// one is cut off. The promise is one second.
const CUT_OFF: Duration = Duration::from_millis(700);

/// A configuration that changes nothing, because it cannot be served.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct NotApplied(String);

impl Loader {
    /// Takes over what of `new` can change while the house is open. What
    /// cannot stays as it was, and the log says so.
    ///
    /// # Errors
    /// Serving it would not be safe: all of it is refused.
    pub fn apply(self: &Arc<Self>, mut new: Config) -> Result<(), NotApplied> {
        let old = self.config();
        for key in keep(&old, &mut new) {
            tracing::warn!(
                key,
                "cannot change while the server runs, and stays as it was; restart the server to change it"
            );
        }
        self.refuse_unsafe(&new)?;
        self.refuse_outside(&old, &new)?;
        let lesser = lesser(&old, &new);
        let gone: Vec<PluginName> = names(&old).difference(&names(&new)).cloned().collect();
        // What is served is what `--listen` says, if it says so.
        let mut served = new.clone();
        served.listen = self.http.unwrap_or(new.listen);
        self.house.apply(&served);
        {
            let mut desk = self.desk();
            desk.trust = Arc::new(desk::trust(&new, desk.trust.revocations().clone(), self.development.clone()));
            self.house.believe(desk.trust.clone());
            let named = names(&new);
            let elsewhere = old.plugin_dir != new.plugin_dir;
            desk.dropped.retain(|_, name| !named.contains(name) && !elsewhere);
            desk.config = Arc::new(new);
        }
        let watched = lesser.into_iter().filter_map(|name| self.running(&name).map(|running| (name, running)));
        let watched: Vec<_> = watched.collect();
        self.drop_distrusted(true);
        self.trust_changed.notify_one();
        gone.iter().for_each(|name| self.remove(name));
        self.drop_unnamed();
        watched.into_iter().for_each(|(name, running)| self.cut_off(name, running));
        self.push_all();
        Ok(())
    }

    fn refuse_unsafe(&self, new: &Config) -> Result<(), NotApplied> {
        let files = new.unsafe_files().into_iter().map(|file| file.to_string());
        let mounts = new.unsafe_mounts().into_iter().map(|mount| mount.to_string());
        let exposed = self.http.and_then(|listen| new.exposed(listen).err()).map(|exposed| exposed.to_string());
        let reasons: Vec<String> = files.chain(mounts).chain(exposed).collect();
        if reasons.is_empty() { Ok(()) } else { Err(NotApplied(reasons.join("; "))) }
    }

    /// Refuses what the process can no longer reach. What was out of reach
    /// before is no news.
    fn refuse_outside(&self, old: &Config, new: &Config) -> Result<(), NotApplied> {
        let before = self.wall.refuses(old);
        let outside = self.wall.refuses(new).into_iter().filter(|outside| !before.contains(outside));
        let reasons: Vec<String> = outside.map(|outside| outside.to_string()).collect();
        if reasons.is_empty() { Ok(()) } else { Err(NotApplied(reasons.join("; "))) }
    }

    /// Reads the revocations again and obeys them at once.
    pub fn obey_revocations(self: &Arc<Self>) {
        let mended = {
            let mut desk = self.desk();
            match revocations(&desk) {
                Ok(revocations) => {
                    self.house.recorder.changed("revocations", |entry| entry);
                    desk.trust = Arc::new(desk::trust(&desk.config, revocations, self.development.clone()));
                    self.house.believe(desk.trust.clone());
                    desk.revocation_trouble.take().is_some()
                }
                Err(error) => {
                    tracing::error!("{error}; what is served still is, and nothing is loaded until this is mended");
                    desk.revocation_trouble = Some(error.to_string());
                    return;
                }
            }
        };
        self.remember_revocations();
        self.drop_distrusted(true);
        if mended {
            self.push_all();
        }
    }

    /// So that a list which is emptied while nobody serves takes nothing back.
    fn remember_revocations(&self) {
        if self.mode == Mode::Develop {
            return;
        }
        let (config, trust) = {
            let desk = self.desk();
            (desk.config.clone(), desk.trust.clone())
        };
        if let Err(error) = trust.revocations().remember(&config.seen_revocations_path()) {
            tracing::error!(alert = true, "{error}; what is revoked now is not remembered over a restart");
        }
    }

    /// Drops what is no longer to be believed because time went by.
    pub fn drop_expired(self: &Arc<Self>) {
        self.drop_distrusted(false);
    }

    /// Reads the lock again, and loads what is accepted otherwise than before.
    pub fn read_lock(self: &Arc<Self>) {
        let changed: Vec<PluginName> = {
            let mut desk = self.desk();
            let lock = match Lock::read(&desk.config.lock_path(), desk.store.folder()) {
                Ok(lock) => lock,
                Err(error) => {
                    tracing::error!("{error}; what is served still is, and nothing is loaded until this is mended");
                    desk.lock_trouble = Some(error.to_string());
                    return;
                }
            };
            let mended = desk.lock_trouble.take().is_some();
            let known = desk.lock.iter().chain(lock.iter()).map(|(name, _)| name.clone());
            let known: BTreeSet<PluginName> = known.collect();
            let changed = known.into_iter().filter(|name| mended || desk.lock.get(name) != lock.get(name)).collect();
            desk.lock = lock;
            changed
        };
        for name in changed {
            self.house.recorder.changed("lock", |entry| entry.text("plugin", name.as_str()));
            self.push(Job::Entry(name));
        }
    }

    /// Serves nothing of this entry any more. Calls under way end by themselves.
    pub(super) fn remove(&self, name: &PluginName) {
        {
            let mut desk = self.desk();
            desk.served.remove(name);
            desk.told.remove(name);
            desk.waiting.remove(name);
        }
        self.house.readiness.forget(name);
        self.house.recorder.changed("plugin", |entry| entry.text("plugin", name.as_str()).text("state", "removed"));
        while self.serves(name) {
            let removal = vec![Change::Remove(name.clone())];
            if let Ok(published) = self.house.registry.publish(self.house.registry.epoch(), removal) {
                self.announce(published.changed);
            }
        }
    }

    /// Raises the epoch and stops what is not to be believed any more; if
    /// `always` is not set, only if there is something of the kind.
    fn drop_distrusted(self: &Arc<Self>, always: bool) {
        let (config, trust) = {
            let desk = self.desk();
            (desk.config.clone(), desk.trust.clone())
        };
        let now = jiff::Timestamp::now();
        let holds = |plugin: &LoadedPlugin| {
            let verified = plugin.compiled().granted().plugin();
            let entry = config.plugins.iter().find(|entry| entry.name == *plugin.name());
            trust.still_holds(verified, now) && entry.is_none_or(|entry| is_by_named(entry, verified))
        };
        let snapshot = self.house.registry.snapshot();
        let lost: Vec<_> = snapshot.catalogue.plugins().iter().filter(|plugin| !holds(plugin)).collect();
        let runs_on = lost.is_empty() && self.house.registry.runs_older(|plugin| !holds(plugin));
        if !always && lost.is_empty() && !runs_on {
            return;
        }
        let published = self.house.registry.raise(holds);
        self.announce(published.changed);
        for plugin in lost {
            let name = plugin.name();
            tracing::warn!(plugin = %name, "stopped: who signed it, or the file itself, is trusted no longer");
            self.alert_of_distrust(plugin);
            self.desk().served.remove(name);
            self.push(Job::Entry(name.clone()));
        }
    }

    /// Removes plugins whose inbox, or whose place in it, is gone.
    fn drop_unnamed(&self) {
        let snapshot = self.house.registry.snapshot();
        let served = snapshot.catalogue.plugins().iter().map(|plugin| plugin.name().clone());
        let unnamed: Vec<PluginName> = served.filter(|name| self.desk().entry(name).is_none()).collect();
        unnamed.iter().for_each(|name| self.remove(name));
    }

    fn running(&self, name: &PluginName) -> Option<Arc<CompiledPlugin>> {
        self.house.registry.snapshot().plugin(name).map(|plugin| plugin.compiled().clone())
    }

    /// Stops `running` soon if nothing has taken its place by then: it holds
    /// grants that were taken away.
    fn cut_off(self: &Arc<Self>, name: PluginName, running: Arc<CompiledPlugin>) {
        let loader = self.clone();
        self.push(Job::Entry(name.clone()));
        tokio::spawn(async move {
            sleep(CUT_OFF).await;
            let still = loader.house.registry.snapshot().plugin(&name).is_some_and(|plugin| plugin.runs(&running));
            if still {
                tracing::warn!(plugin = %name, "stopped until it is loaded with the grants that it has left");
                let published = loader.house.registry.raise(|plugin| !plugin.runs(&running));
                loader.desk().served.remove(&name);
                loader.announce(published.changed);
                loader.push(Job::Entry(name));
            }
        });
    }
}

/// What is revoked now: what the list has, and whatever it had before. A list
/// that vanishes or shrinks while the server runs takes nothing back: it is as
/// likely to be lost as to be meant.
fn revocations(desk: &Desk) -> Result<Revocations, RevocationError> {
    let path = desk.config.revoked_path();
    let mut revoked = desk.trust.revocations().clone();
    let missing = revoked.extend(Revocations::read(&path)?);
    if let Some(first) = missing.first() {
        tracing::error!(
            alert = true,
            missing = missing.len(),
            "{}: {first} is missing from the list of revocations and stays revoked; put the list back. What is meant to be trusted again has to be taken out of {} too, and the server restarted",
            path.display(),
            desk.config.seen_revocations_path().display(),
        );
    }
    Ok(revoked)
}

fn names(config: &Config) -> BTreeSet<PluginName> {
    config.plugins.iter().map(|entry| entry.name.clone()).collect()
}

/// Entries that are given less than before.
fn lesser(old: &Config, new: &Config) -> Vec<PluginName> {
    let pairs = new.plugins.iter().filter_map(|entry| {
        let before = old.plugins.iter().find(|before| before.name == entry.name)?;
        Some((entry, before))
    });
    pairs
        .filter(|(entry, before)| narrowed(&before.grants, &entry.grants))
        .map(|(entry, _)| entry.name.clone())
        .collect()
}

/// Puts back into `new` what cannot change while the house is open. Returns
/// the keys that somebody tried to change.
fn keep(old: &Config, new: &mut Config) -> Vec<&'static str> {
    let mut kept = Vec::new();
    let mut hold = |key, differs: bool| {
        if differs {
            kept.push(key);
        }
    };
    hold("host, port", std::mem::replace(&mut new.listen, old.listen) != old.listen);
    hold("tls", std::mem::replace(&mut new.tls, old.tls.clone()) != old.tls);
    hold("admin", std::mem::replace(&mut new.admin, old.admin.clone()) != old.admin);
    hold("watch", std::mem::replace(&mut new.watch, old.watch) != old.watch);
    hold("stateDir", std::mem::replace(&mut new.state_dir, old.state_dir.clone()) != old.state_dir);
    hold("state.url", std::mem::replace(&mut new.database, old.database.clone()) != old.database);
    hold("limits", std::mem::replace(&mut new.limits, old.limits) != old.limits);
    hold("audit", std::mem::replace(&mut new.audit, old.audit.clone()) != old.audit);
    hold("hardening", std::mem::replace(&mut new.hardening, old.hardening.clone()) != old.hardening);
    hold("shutdownGrace", std::mem::replace(&mut new.shutdown_grace, old.shutdown_grace) != old.shutdown_grace);
    kept
}
