//! What is looked at for whom, and one look at it.

use std::{
    collections::{BTreeMap, BTreeSet, hash_map::DefaultHasher},
    hash::{Hash as _, Hasher as _},
    path::PathBuf,
    sync::Arc,
};

use bulkhead_base::PluginName;
use bulkhead_registry::{LoadedPlugin, Snapshot};
use bulkhead_sandbox::{FileFacts, Folder, Found};

use super::place::{below, path_of};

/// Most files that are looked at for those who watch them. Answers "ten
/// thousand sessions that watch a thousand files each": the rest is told of by
/// plugins alone, and the log says so.
const MAX_FILES: usize = 8_192;

/// Most entries of one plugin's folders that a look takes in, and most folders
/// that the system is asked about. Answers "a grant that is really somebody's
/// home folder": changes beyond are found out by looking at what was named.
const MAX_ENTRIES: usize = 20_000;
const MAX_FOLDERS: usize = 512;

/// A file that somebody watches.
pub(super) struct WatchedFile {
    pub(super) plugin: PluginName,
    pub(super) uri: Arc<str>,
    folder: Arc<Folder>,
    path: String,
}

/// The granted folders of a plugin of which somebody watches a file.
pub(super) struct Tree {
    pub(super) plugin: PluginName,
    /// Whether the plugin lists resources by itself.
    pub(super) lists: bool,
    folders: Vec<Arc<Folder>>,
}

/// What is looked at.
#[derive(Default)]
pub(super) struct Plan {
    version: u64,
    snapshot: u64,
    pub(super) files: Vec<WatchedFile>,
    pub(super) trees: Vec<Tree>,
}

/// How many files there are, and a sum over their paths.
pub(super) type Listing = (usize, u64);

/// One look.
#[derive(Default)]
pub(super) struct Sight {
    /// Of the plan's files, in their order.
    pub(super) files: Vec<Option<FileFacts>>,
    /// Of the plan's trees, in their order.
    pub(super) listings: Vec<Listing>,
    /// Folders whose events tell of changes.
    pub(super) folders: BTreeSet<PathBuf>,
}

impl Plan {
    /// Finds the file behind each of `uris` that has one.
    pub(super) fn new(version: u64, snapshot: &Snapshot, uris: &[Arc<str>]) -> Self {
        let mut trees: BTreeMap<&PluginName, Tree> = BTreeMap::new();
        let mut files = Vec::new();
        for uri in uris {
            let Some((plugin, path)) = snapshot.catalogue.plugin_of(uri).zip(path_of(uri)) else { continue };
            let tree = trees.entry(plugin.name()).or_insert_with(|| Tree::of(plugin));
            let Some((folder, path)) = tree.find(&path) else { continue };
            if files.len() == MAX_FILES {
                tracing::warn!(most = MAX_FILES, "more files are watched than are looked at");
                break;
            }
            let path = path.to_owned();
            files.push(WatchedFile { plugin: plugin.name().clone(), uri: uri.clone(), folder: folder.clone(), path });
        }
        trees.retain(|name, _| files.iter().any(|file| file.plugin == **name));
        Self { version, snapshot: snapshot.number(), files, trees: trees.into_values().collect() }
    }

    /// Whether it was made of this.
    pub(super) fn is_of(&self, version: u64, snapshot: &Snapshot) -> bool {
        (self.version, self.snapshot) == (version, snapshot.number())
    }

    /// Looks. Blocks.
    pub(super) fn look(&self) -> Sight {
        let mut folders = BTreeSet::new();
        let listings = self.trees.iter().map(|tree| tree.look(&mut folders)).collect();
        let files = self.files.iter().map(|file| file.folder.look(&file.path)).collect();
        Sight { files, listings, folders }
    }
}

impl Tree {
    fn of(plugin: &LoadedPlugin) -> Self {
        let folders = plugin.compiled().folders().unwrap_or_else(|error| {
            tracing::warn!(plugin = %plugin.name(), %error, "its folders cannot be watched");
            Vec::new()
        });
        let lists = plugin.manifest().contract.dynamic_resources;
        Self { plugin: plugin.name().clone(), lists, folders: folders.into_iter().map(Arc::new).collect() }
    }

    /// The folder that `path` lies in, the innermost mount first.
    fn find<'a>(&self, path: &'a str) -> Option<(&Arc<Folder>, &'a str)> {
        let inside = self.folders.iter().filter_map(|folder| Some((folder, below(path, folder.at().as_str())?)));
        inside.min_by_key(|(_, rest)| rest.len())
    }

    fn look(&self, told: &mut BTreeSet<PathBuf>) -> Listing {
        let (mut entries, mut listing) = (0, (0, 0_u64));
        for folder in &self.folders {
            let mut tell = |path: PathBuf| {
                if told.len() < MAX_FOLDERS {
                    told.insert(path);
                }
            };
            tell(folder.host().to_owned());
            folder.each(|path, found| {
                entries += 1;
                match found {
                    Found::Folder => tell(folder.host().join(path)),
                    Found::File => {
                        let mut hasher = DefaultHasher::new();
                        (folder.at().as_str(), path).hash(&mut hasher);
                        listing = (listing.0 + 1, listing.1.wrapping_add(hasher.finish()));
                    }
                }
                entries < MAX_ENTRIES
            });
        }
        listing
    }
}
