//! The drop-in folder: a file's name is its manifest's, its grants are none.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use bulkhead_base::PluginName;

use super::{Job, Loader, Trouble, flow::read_settled, source};

impl Loader {
    /// Loads a file of the inbox, or takes its plugin away if it is gone.
    pub(super) async fn load_dropped(self: &Arc<Self>, path: PathBuf) {
        if self.config().is_source(&path) {
            return;
        }
        if !path.is_file() {
            self.take_away(&path);
            return;
        }
        let named = match read_settled(path.clone()).await {
            Ok(package) => self.register(path.clone(), package.manifest().name.clone()).map(|name| (name, package)),
            Err(trouble) => Err(trouble),
        };
        match named {
            Ok((name, package)) => drop(self.settle(&name, Some(package)).await),
            Err(trouble) => tracing::warn!(file = %path.display(), "not loaded: {}", trouble.told()),
        }
    }

    /// Gives a dropped file the name in its manifest, if nobody has it.
    pub(super) fn register(&self, path: PathBuf, name: PluginName) -> Result<PluginName, Trouble> {
        let mut desk = self.desk();
        if desk.config.plugins.iter().any(|entry| entry.name == name) {
            return Err(Trouble::EntryHasName(name));
        }
        let same = |(held, by): &(&PathBuf, &PluginName)| **by == name && **held != path;
        if let Some(holder) = desk.dropped.iter().find(same).map(|(held, _)| held.clone()) {
            // A file that is refused does not keep its name from one that is good.
            if holder.is_file() && self.serves(&name) {
                return Err(Trouble::NameTaken(holder));
            }
            desk.dropped.remove(&holder);
        }
        let before = desk.dropped.insert(path, name.clone());
        drop(desk);
        if let Some(before) = before.filter(|before| *before != name) {
            self.remove(&before);
        }
        Ok(name)
    }

    fn take_away(&self, path: &Path) {
        let Some(name) = self.desk().dropped.remove(path) else { return };
        tracing::info!(plugin = %name, file = %path.display(), "the file was removed, and so is the plugin");
        self.remove(&name);
        // Another file of that name may have waited for this one to go.
        let folder = self.config().plugin_dir.clone();
        for path in folder.iter().flat_map(|folder| source::dropped_in(folder)) {
            if !self.desk().dropped.contains_key(&path) {
                self.push(Job::Dropped(path));
            }
        }
    }
}
