//! What is looked at for one plugin, and one look at it.

use std::{
    collections::{BTreeMap, BTreeSet, hash_map::DefaultHasher},
    hash::{Hash as _, Hasher as _},
    path::PathBuf,
    sync::Arc,
};

use bulkhead_base::PluginName;
use bulkhead_registry::{LoadedPlugin, Snapshot};
use bulkhead_sandbox::{FileFacts, Folder, Found};

use super::{
    fair,
    interest::Watched,
    place::{below, path_of},
};

/// Most files of one plugin that are looked at for those who watch them.
/// Answers "ten thousand sessions that watch a thousand files each": the rest
/// is told of by the plugin alone, and the log says so.
const MAX_FILES: usize = 4_096;

/// Most entries of one plugin's folders that a look takes in, and most folders
/// that the system is asked about. Answers "a grant that is really somebody's
/// home folder": changes beyond are found out by looking at what was named.
const MAX_ENTRIES: usize = 20_000;
const MAX_FOLDERS: usize = 256;

/// A file that somebody watches.
pub(super) struct WatchedFile {
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
    snapshot: u64,
}

/// What is looked at for one plugin.
pub(super) struct Plan {
    pub(super) tree: Arc<Tree>,
    pub(super) files: Vec<WatchedFile>,
    /// Whether more are watched.
    cut: bool,
}

/// By plugin.
pub(super) type Plans = BTreeMap<PluginName, Arc<Plan>>;

/// How many files there are, and a sum over their paths.
pub(super) type Listing = (usize, u64);

/// One look.
pub(super) struct Sight {
    /// Of the plan's files, in their order.
    pub(super) files: Vec<Option<FileFacts>>,
    pub(super) listing: Listing,
    /// Folders whose events tell of changes.
    pub(super) folders: BTreeSet<PathBuf>,
}

/// A plan on its way: the files that are watched, and by whom.
struct Draft<'a> {
    tree: Arc<Tree>,
    files: Vec<(WatchedFile, &'a [Arc<str>])>,
    /// Whether somebody waits for a first look at one of them.
    fresh: bool,
}

/// Finds the file behind each of `watched` that has one. A plan that would be
/// as before, with nothing in it that was not looked at yet, is the one of
/// before.
pub(super) fn plans(snapshot: &Snapshot, watched: &[Watched], before: &Plans) -> Plans {
    let mut drafts: BTreeMap<&PluginName, Draft<'_>> = BTreeMap::new();
    for Watched { uri, watchers, looked } in watched {
        let Some((plugin, path)) = snapshot.catalogue.plugin_of(uri).zip(path_of(uri)) else { continue };
        let draft = drafts.entry(plugin.name()).or_insert_with(|| {
            let known = before.get(plugin.name()).map(|plan| &plan.tree).filter(|tree| tree.is_of(snapshot));
            let tree = known.cloned().unwrap_or_else(|| Arc::new(Tree::of(plugin, snapshot)));
            Draft { tree, files: Vec::new(), fresh: false }
        });
        let Some((folder, path)) = draft.tree.find(&path) else { continue };
        let (folder, path) = (folder.clone(), path.to_owned());
        draft.fresh |= !looked;
        draft.files.push((WatchedFile { uri: uri.clone(), folder, path }, watchers));
    }
    let drafts = drafts.into_iter().filter(|(_, draft)| !draft.files.is_empty());
    drafts.map(|(name, draft)| (name.clone(), draft.finish(before.get(name)))).collect()
}

impl Draft<'_> {
    fn finish(self, before: Option<&Arc<Plan>>) -> Arc<Plan> {
        let Self { tree, files, fresh } = self;
        let chosen = fair::chosen(files.iter().map(|(_, watchers)| *watchers), MAX_FILES);
        let (all, mut chosen) = (files.len(), chosen.into_iter().peekable());
        let files = files.into_iter().enumerate();
        let files: Vec<WatchedFile> =
            files.filter(|(place, _)| chosen.next_if_eq(place).is_some()).map(|(_, (file, _))| file).collect();
        let plan = Plan { tree, cut: all > files.len(), files };
        if let Some(before) = before.filter(|before| !fresh && before.is_as(&plan)) {
            return before.clone();
        }
        if plan.cut && before.is_none_or(|before| !before.cut) {
            let plugin = &plan.tree.plugin;
            tracing::warn!(%plugin, most = MAX_FILES, "more of its files are watched than are looked at");
        }
        Arc::new(plan)
    }
}

impl Plan {
    fn is_as(&self, other: &Self) -> bool {
        self.cut == other.cut && Arc::ptr_eq(&self.tree, &other.tree) && self.uris().eq(other.uris())
    }

    pub(super) fn uris(&self) -> impl Iterator<Item = &Arc<str>> {
        self.files.iter().map(|file| &file.uri)
    }

    /// Looks. Blocks.
    pub(super) fn look(&self) -> Sight {
        let mut folders = BTreeSet::new();
        let listing = self.tree.look(&mut folders);
        let files = self.files.iter().map(|file| file.folder.look(&file.path)).collect();
        Sight { files, listing, folders }
    }
}

impl Tree {
    fn of(plugin: &LoadedPlugin, snapshot: &Snapshot) -> Self {
        let folders = plugin.compiled().folders().unwrap_or_else(|error| {
            tracing::warn!(plugin = %plugin.name(), %error, "its folders cannot be watched");
            Vec::new()
        });
        let (lists, snapshot) = (plugin.manifest().contract.dynamic_resources, snapshot.number());
        Self { plugin: plugin.name().clone(), lists, folders: folders.into_iter().map(Arc::new).collect(), snapshot }
    }

    fn is_of(&self, snapshot: &Snapshot) -> bool {
        self.snapshot == snapshot.number()
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
