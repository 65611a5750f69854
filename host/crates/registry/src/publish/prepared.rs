use std::{collections::HashMap, sync::Arc};

use bulkhead_base::PluginName;

use super::Change;
use crate::{Catalogue, Collision, LoadedPlugin};

/// A change that can be tried more than once.
pub(super) struct Prepared {
    pub(super) name: PluginName,
    plugin: Option<Arc<LoadedPlugin>>,
    pub(super) cancels: bool,
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

/// `plugins` after `changes`: each in the place of the older one of its name, or
/// behind all others.
pub(super) fn applied(plugins: &[Arc<LoadedPlugin>], changes: &[Prepared]) -> Vec<Arc<LoadedPlugin>> {
    let mut next: Vec<Option<Arc<LoadedPlugin>>> = plugins.iter().cloned().map(Some).collect();
    let mut places: HashMap<PluginName, usize> =
        plugins.iter().enumerate().map(|(place, plugin)| (plugin.name().clone(), place)).collect();
    for change in changes {
        match (places.get(&change.name), &change.plugin) {
            (Some(place), plugin) => next[*place].clone_from(plugin),
            (None, Some(plugin)) => {
                places.insert(change.name.clone(), next.len());
                next.push(Some(plugin.clone()));
            }
            (None, None) => {}
        }
    }
    next.into_iter().flatten().collect()
}

impl Prepared {
    /// What the newcomer meets among the others, who were there before it.
    pub(super) fn collision(&self, next: &[Arc<LoadedPlugin>]) -> Option<Collision> {
        let plugin = self.plugin.clone()?;
        let others = next.iter().filter(|held| *held.name() != self.name).cloned();
        let (_, collisions) = Catalogue::assemble(others.chain([plugin]));
        collisions.into_iter().find(|collision| collision.newcomer == self.name)
    }
}
