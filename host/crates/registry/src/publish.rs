//! The one place where what is served changes.
//!
//! **Invariant:** every change happens under one lock, and readers see it as
//! one swap. A revocation raises the epoch under that lock, so work that
//! began before it is refused however late it comes.

mod prepared;

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
use prepared::{Prepared, applied};

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
        let (catalogue, refused) = publishing.take(changes);
        Ok(Published { changed: self.swap(&publishing, catalogue), refused })
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
        Published { changed: self.swap(&publishing, publishing.catalogue()), refused: Vec::new() }
    }

    /// Shows or hides one contracted item.
    pub fn set_visible(&self, name: &PluginName, item: Item, visible: bool) -> Changed {
        let mut publishing = self.lock();
        let Some(place) = publishing.plugins.iter_mut().find(|plugin| plugin.name() == name) else {
            return Changed::default();
        };
        let Some(next) = place.with_visibility(item, visible) else { return Changed::default() };
        *place = Arc::new(next);
        self.swap(&publishing, publishing.catalogue())
    }

    /// Serves these prompts of the operator's own, in place of the earlier ones.
    pub fn publish_prompts(&self, prompts: OwnPrompts) -> Changed {
        let mut publishing = self.lock();
        publishing.own_prompts = prompts;
        self.swap(&publishing, publishing.catalogue())
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

    fn swap(&self, publishing: &Publishing, catalogue: Catalogue) -> Changed {
        let before = self.current.load();
        let changed = differences(&before.catalogue, &catalogue);
        let number = before.number + 1;
        self.current.store(Arc::new(Snapshot { catalogue, epoch: publishing.epoch, number }));
        changed
    }
}

impl Publishing {
    /// What is served, put together.
    fn catalogue(&self) -> Catalogue {
        let (catalogue, collisions) = self.assemble(&self.plugins);
        for collision in collisions {
            tracing::error!(%collision, "two served plugins meet");
        }
        catalogue
    }

    fn assemble(&self, plugins: &[Arc<LoadedPlugin>]) -> (Catalogue, Vec<Collision>) {
        Catalogue::with_own_prompts(&self.own_prompts, plugins.iter().cloned())
    }

    /// Takes over what fits: everything at once if it can, else one by one.
    fn take(&mut self, changes: Vec<Change>) -> (Catalogue, Vec<Collision>) {
        let changes: Vec<Prepared> = changes.into_iter().map(Prepared::from).collect();
        let mut all = applied(&self.plugins, &changes);
        let (catalogue, collisions) = self.assemble(&all);
        // Of newcomers alone, those who come later are the ones that are left out.
        let only_newcomers = all.len() == self.plugins.len() + changes.len();
        if collisions.is_empty() || only_newcomers {
            changes.iter().for_each(|change| self.retire(change));
            all.retain(|plugin| !collisions.iter().any(|collision| collision.newcomer == *plugin.name()));
            self.plugins = all;
            return (catalogue, collisions);
        }
        let mut refused = Vec::new();
        for change in changes {
            let next = applied(&self.plugins, std::slice::from_ref(&change));
            match change.collision(&next) {
                Some(collision) => refused.push(collision),
                None => {
                    self.retire(&change);
                    self.plugins = next;
                }
            }
        }
        (self.catalogue(), refused)
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
