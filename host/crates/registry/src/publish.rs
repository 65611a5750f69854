//! The one place where what is served changes.
//!
//! **Invariant:** every change happens under one lock, and readers see it as
//! one swap. A revocation raises the epoch under that lock, so work that
//! began before it is refused however late it comes.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use arc_swap::ArcSwap;
use bulkhead_base::PluginName;

use crate::{
    Catalogue, Collision, Epoch, Item, LoadedPlugin, OwnPrompts, Snapshot,
    shelf::{Listed, Shelf},
};

/// One change of what is served.
pub enum Change {
    /// Serves a generation, in place of an older one of the same entry.
    Serve(LoadedPlugin),
    /// As [`Change::Serve`], and ends the calls of the older one: it was
    /// granted what the newer one is not.
    Supersede(LoadedPlugin),
    /// Serves the entry no longer. Calls under way end by themselves.
    Remove(PluginName),
}

impl Change {
    fn name(&self) -> &PluginName {
        match self {
            Self::Serve(plugin) | Self::Supersede(plugin) => plugin.name(),
            Self::Remove(name) => name,
        }
    }
}

/// Which listings a publish changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changed {
    pub tools: bool,
    pub prompts: bool,
    /// Resources or templates.
    pub resources: bool,
}

/// What became of a publish.
#[derive(Debug, Default)]
pub struct Published {
    pub changed: Changed,
    /// Newcomers that were left out; what was served before them still is.
    pub refused: Vec<Collision>,
}

/// The work was begun under an epoch that has passed: begin again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("what is trusted or granted changed while the plugin was being loaded")]
pub struct Stale;

/// What is served, and what was.
#[derive(Default)]
pub struct Registry {
    current: ArcSwap<Snapshot>,
    publishing: Mutex<Publishing>,
}

/// Held while something changes.
#[derive(Default)]
struct Publishing {
    /// In the order in which entries were first served.
    plugins: Vec<Arc<LoadedPlugin>>,
    /// Prompts of the operator's own.
    own_prompts: OwnPrompts,
    epoch: Epoch,
    retired: Vec<Retired>,
}

/// A generation that was replaced, for as long as anybody may run on it: a call
/// that waits for its client's answer holds no lease.
struct Retired {
    plugin: Arc<LoadedPlugin>,
    since: Instant,
}

impl Retired {
    fn is_used(&self) -> bool {
        Arc::strong_count(&self.plugin) > 1 || Arc::strong_count(&self.plugin.life) > 1
    }

    fn stop(&self) {
        self.plugin.life.stop.cancel();
    }
}

impl Registry {
    fn lock(&self) -> MutexGuard<'_, Publishing> {
        self.publishing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is served right now. Take one per request and keep it.
    #[must_use]
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.current.load_full()
    }

    /// The epoch that work which begins now belongs to.
    #[must_use]
    pub fn epoch(&self) -> Epoch {
        self.lock().epoch
    }

    /// Publishes all `changes` in one swap.
    ///
    /// # Errors
    /// [`Stale`]: nothing was published, because the work was begun before the
    /// last change of what is trusted or granted.
    pub fn publish(&self, begun: Epoch, changes: Vec<Change>) -> Result<Published, Stale> {
        let mut publishing = self.lock();
        if publishing.epoch != begun {
            return Err(Stale);
        }
        let refused = publishing.take(changes);
        Ok(Published { changed: self.swap(&publishing), refused })
    }

    /// Raises the epoch. What `still_holds` denies is served no longer, and
    /// the calls that rely on it are cancelled now.
    pub fn raise(&self, still_holds: impl Fn(&LoadedPlugin) -> bool) -> Published {
        let mut publishing = self.lock();
        publishing.epoch = publishing.epoch.next();
        for plugin in publishing.plugins.extract_if(.., |plugin| !still_holds(plugin)) {
            plugin.life.stop.cancel();
        }
        publishing.retired.iter().filter(|old| !still_holds(&old.plugin)).for_each(Retired::stop);
        Published { changed: self.swap(&publishing), refused: Vec::new() }
    }

    /// Shows or hides one contracted item.
    pub fn set_visible(&self, name: &PluginName, item: Item, visible: bool) -> Changed {
        let mut publishing = self.lock();
        let Some(place) = publishing.plugins.iter_mut().find(|plugin| plugin.name() == name) else {
            return Changed::default();
        };
        let Some(next) = place.with_visibility(item, visible) else { return Changed::default() };
        *place = Arc::new(next);
        self.swap(&publishing)
    }

    /// Serves these prompts of the operator's own, in place of the earlier ones.
    pub fn publish_prompts(&self, prompts: OwnPrompts) -> Changed {
        let mut publishing = self.lock();
        publishing.own_prompts = prompts;
        self.swap(&publishing)
    }

    /// Cancels what still runs on generations that were replaced longer ago
    /// than `allowed`. Returns how many older generations are still in use.
    pub fn sweep(&self, allowed: Duration) -> usize {
        let mut publishing = self.lock();
        publishing.retired.retain(Retired::is_used);
        publishing.retired.iter().filter(|old| old.since.elapsed() > allowed).for_each(Retired::stop);
        publishing.retired.len()
    }

    /// Whether a generation that was replaced and may still be run on is one of `which`.
    #[must_use]
    pub fn runs_older(&self, which: impl Fn(&LoadedPlugin) -> bool) -> bool {
        let publishing = self.lock();
        let live = publishing.retired.iter().filter(|old| old.is_used() && !old.plugin.life.stop.is_cancelled());
        live.into_iter().any(|old| which(&old.plugin))
    }

    fn swap(&self, publishing: &Publishing) -> Changed {
        let before = self.current.load();
        let plugins = publishing.plugins.iter().cloned();
        let (catalogue, collisions) = Catalogue::with_own_prompts(&publishing.own_prompts, plugins);
        for collision in collisions {
            tracing::error!(%collision, "two served plugins meet");
        }
        let changed = differences(&before.catalogue, &catalogue);
        let number = before.number + 1;
        self.current.store(Arc::new(Snapshot { catalogue, epoch: publishing.epoch, number }));
        changed
    }
}

impl Publishing {
    /// Takes over what fits: everything at once if it can, else one by one.
    fn take(&mut self, changes: Vec<Change>) -> Vec<Collision> {
        let changes: Vec<Prepared> = changes.into_iter().map(Prepared::from).collect();
        let all = changes.iter().fold(self.plugins.clone(), |plugins, change| change.applied(&plugins));
        if Catalogue::assemble(all.iter().cloned()).1.is_empty() {
            changes.iter().for_each(|change| self.retire(change));
            self.plugins = all;
            return Vec::new();
        }
        let mut refused = Vec::new();
        for change in changes {
            let next = change.applied(&self.plugins);
            match change.collision(&next) {
                Some(collision) => refused.push(collision),
                None => {
                    self.retire(&change);
                    self.plugins = next;
                }
            }
        }
        refused
    }

    /// The generation that `change` takes the place of goes on until its calls end.
    fn retire(&mut self, change: &Prepared) {
        let Some(old) = self.plugins.iter().find(|plugin| *plugin.name() == change.name) else { return };
        if change.cancels {
            old.life.stop.cancel();
            self.retired.iter().filter(|older| older.plugin.name() == old.name()).for_each(Retired::stop);
        } else {
            self.retired.push(Retired { plugin: old.clone(), since: Instant::now() });
        }
    }
}

/// A change that can be tried more than once.
struct Prepared {
    name: PluginName,
    plugin: Option<Arc<LoadedPlugin>>,
    cancels: bool,
}

impl From<Change> for Prepared {
    fn from(change: Change) -> Self {
        let name = change.name().clone();
        let (plugin, cancels) = match change {
            Change::Serve(plugin) => (Some(Arc::new(plugin)), false),
            Change::Supersede(plugin) => (Some(Arc::new(plugin)), true),
            Change::Remove(_) => (None, false),
        };
        Self { name, plugin, cancels }
    }
}

impl Prepared {
    fn applied(&self, plugins: &[Arc<LoadedPlugin>]) -> Vec<Arc<LoadedPlugin>> {
        let is_mine = |plugin: &&Arc<LoadedPlugin>| *plugin.name() == self.name;
        let mut next: Vec<_> =
            plugins.iter().filter(|plugin| self.plugin.is_some() || !is_mine(plugin)).cloned().collect();
        if let Some(plugin) = &self.plugin {
            match next.iter_mut().find(|held| *held.name() == self.name) {
                Some(place) => *place = plugin.clone(),
                None => next.push(plugin.clone()),
            }
        }
        next
    }

    /// What the newcomer meets among the others, who were there before it.
    fn collision(&self, next: &[Arc<LoadedPlugin>]) -> Option<Collision> {
        let plugin = self.plugin.clone()?;
        let others = next.iter().filter(|held| *held.name() != self.name).cloned();
        let (_, collisions) = Catalogue::assemble(others.chain([plugin]));
        collisions.into_iter().find(|collision| collision.newcomer == self.name)
    }
}

fn differences(before: &Catalogue, after: &Catalogue) -> Changed {
    Changed {
        tools: differ(&before.tools, &after.tools),
        prompts: differ(&before.prompts, &after.prompts),
        resources: differ(&before.resources, &after.resources) || differ(&before.templates, &after.templates),
    }
}

fn differ<T: Listed>(before: &Shelf<T>, after: &Shelf<T>) -> bool {
    let same = |one: &Arc<T>, other: &Arc<T>| Arc::ptr_eq(one, other) || one.listing() == other.listing();
    before.items().len() != after.items().len()
        || before.items().iter().zip(after.items()).any(|(one, other)| !same(one, other))
}

#[cfg(test)]
mod tests;
