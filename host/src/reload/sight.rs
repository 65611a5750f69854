//! What the watched files look like right now, without opening any.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsStr,
    fs::{self, Metadata},
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use crate::prompts::{self, is_prompt_file};

/// Most files that one look takes in. Answers "an inbox that is really
/// somebody's home folder": the rest is not seen, and the log says so.
const MAX_FILES: usize = 20_000;

/// Most folders of one look, and most entries that it comes across: each folder
/// is one that the system is asked to tell of. Answers "a tree of empty folders".
const MAX_FOLDERS: usize = 2_048;
const MAX_ENTRIES: usize = 100_000;

/// Deepest that a source tree is followed.
const MAX_DEPTH: usize = 16;

/// Folders of a source tree that nobody writes by hand.
const BUILT: [&str; 5] = ["target", "node_modules", "dist", "build", "__pycache__"];

/// Something to watch.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Root {
    /// One file, there or not.
    File(PathBuf),
    /// The plugin files of a folder, and the envelopes beside them.
    Inbox(PathBuf),
    /// Every source below a folder.
    Tree(PathBuf),
    /// Every prompt template below a folder.
    Prompts(PathBuf),
}

/// What tells one state of a file from another. Follows links, so that a
/// link which is pointed elsewhere is another file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Print {
    size: u64,
    modified: (i64, i64),
    file: (u64, u64),
}

impl From<&Metadata> for Print {
    fn from(found: &Metadata) -> Self {
        Self { size: found.len(), modified: (found.mtime(), found.mtime_nsec()), file: (found.dev(), found.ino()) }
    }
}

/// One look at everything that is watched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sight {
    /// Every file that is there.
    pub files: BTreeMap<PathBuf, Print>,
    /// Folders whose events tell of changes to these files.
    pub folders: BTreeSet<PathBuf>,
    /// Whether there was more than one look takes in.
    pub cut: bool,
    entries: usize,
}

impl Sight {
    /// Looks at all of `roots`.
    #[must_use]
    pub fn take<'a>(roots: impl IntoIterator<Item = &'a Root>) -> Self {
        let mut sight = Self::default();
        for root in roots {
            match root {
                Root::File(path) => sight.file(path),
                Root::Inbox(folder) => sight.inbox(folder),
                Root::Tree(folder) => sight.tree(folder, MAX_DEPTH),
                Root::Prompts(folder) => {
                    // A folder that is made, or moved here, is seen by the one it lies in.
                    sight.folders.extend(folder.parent().map(self::folder));
                    // Those below are told of by whoever reads the prompts.
                    sight.prompts(folder, prompts::DEEPEST + 1);
                }
            }
        }
        sight
    }

    /// Counts one entry. Whether it is one more than a look takes in.
    fn is_full(&mut self) -> bool {
        self.entries += 1;
        let full = self.files.len() >= MAX_FILES || self.folders.len() >= MAX_FOLDERS || self.entries > MAX_ENTRIES;
        self.cut |= full;
        full
    }

    fn file(&mut self, path: &Path) {
        self.folders.extend(path.parent().map(folder));
        if let Ok(target) = fs::canonicalize(path) {
            self.folders.extend(target.parent().map(folder));
        }
        if let Ok(found) = fs::metadata(path)
            && found.is_file()
        {
            self.files.insert(path.to_owned(), Print::from(&found));
        }
    }

    fn inbox(&mut self, inbox: &Path) {
        self.folders.insert(folder(inbox));
        self.folders.extend(inbox.parent().map(folder));
        for path in children(inbox) {
            if self.is_full() {
                return;
            }
            if is_plugin_file(&path) {
                self.file(&path);
            }
        }
    }

    fn prompts(&mut self, place: &Path, levels: usize) {
        self.folders.insert(folder(place));
        let Some(below) = levels.checked_sub(1) else { return };
        for path in children(place) {
            if self.is_full() {
                return;
            }
            let Ok(found) = fs::symlink_metadata(&path) else { continue };
            if found.is_dir() && !name_of(&path).starts_with('.') {
                self.prompts(&path, below);
            } else if !found.is_dir() && is_prompt_file(name_of(&path)) {
                self.file(&path);
            }
        }
    }

    fn tree(&mut self, tree: &Path, levels: usize) {
        self.folders.insert(folder(tree));
        let Some(below) = levels.checked_sub(1) else { return };
        for path in children(tree) {
            if self.is_full() {
                return;
            }
            let Some(found) =
                Some(&path).filter(|path| is_source(path)).and_then(|path| fs::symlink_metadata(path).ok())
            else {
                continue;
            };
            if found.is_dir() {
                self.tree(&path, below);
            } else if let Ok(found) = fs::metadata(&path)
                && found.is_file()
            {
                self.files.insert(path, Print::from(&found));
            }
        }
    }
}

fn folder(path: &Path) -> PathBuf {
    if path.as_os_str().is_empty() { PathBuf::from(".") } else { path.to_owned() }
}

fn children(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path())
}

fn name_of(path: &Path) -> &str {
    path.file_name().and_then(OsStr::to_str).unwrap_or_default()
}

/// Whether a file of the inbox is one to load, by name: `NAME.wasm`, or the
/// envelope beside one. Temporary names of editors and copying tools are not.
#[must_use]
pub fn is_plugin_file(path: &Path) -> bool {
    let name = name_of(path);
    let plain = !name.starts_with(['.', '#', '~']);
    plain && (name.ends_with(".wasm") || name.ends_with(".wasm.dsse"))
}

fn is_source(path: &Path) -> bool {
    let name = name_of(path);
    let temporary = name.starts_with(['.', '#']) || name.ends_with(['~', '#']) || name == "4913";
    let swapped = [".swp", ".swx", ".tmp", ".part"].iter().any(|end| name.ends_with(end));
    !name.is_empty() && !temporary && !swapped && !BUILT.contains(&name)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn names(sight: &Sight, below: &Path) -> Vec<String> {
        let names = sight.files.keys().filter_map(|path| path.strip_prefix(below).ok());
        names.map(|path| path.display().to_string()).collect()
    }

    #[test]
    fn an_inbox_holds_plugin_files_and_no_swap_files() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a.wasm", "a.wasm.dsse", ".a.wasm.swp", ".b.wasm", "c.wasm~", "#d.wasm#", "4913", "e.wasm.part"] {
            fs::write(folder.path().join(name), "x").unwrap();
        }
        fs::create_dir(folder.path().join("f.wasm")).unwrap();
        let sight = Sight::take([&Root::Inbox(folder.path().to_owned())]);
        assert_eq!(names(&sight, folder.path()), ["a.wasm", "a.wasm.dsse"]);
    }

    #[test]
    fn a_folder_of_prompts_holds_markdown_at_every_level() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a.md", "build/b.md", ".git/c.md", "a.md~", "d.txt", "#e.md#"] {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
        let sight = Sight::take([&Root::Prompts(folder.path().to_owned())]);
        assert_eq!(names(&sight, folder.path()), ["a.md", "build/b.md"]);
        assert!(sight.folders.contains(&folder.path().join("build")));
    }

    #[test]
    fn folders_without_end_are_looked_at_up_to_a_point() {
        let folder = tempfile::tempdir().unwrap();
        for number in 0..MAX_FOLDERS {
            fs::create_dir(folder.path().join(number.to_string())).unwrap();
        }
        for root in [Root::Prompts, Root::Tree] {
            let sight = Sight::take([&root(folder.path().to_owned())]);
            assert!(sight.cut && sight.folders.len() <= MAX_FOLDERS + 1, "{}", sight.folders.len());
        }
        let few = Sight::take([&Root::Inbox(folder.path().to_owned())]);
        assert!(!few.cut);
        let deep = tempfile::tempdir().unwrap();
        let all: Vec<String> = (0..MAX_DEPTH).map(|level| level.to_string()).collect();
        fs::create_dir_all(deep.path().join(all.join("/"))).unwrap();
        let sight = Sight::take([&Root::Prompts(deep.path().to_owned())]);
        // The one that it lies in, itself, as many levels below as are read, and one that is told of.
        assert_eq!(sight.folders.len(), prompts::DEEPEST + 3);
    }

    #[test]
    fn a_tree_holds_what_is_written_by_hand() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["src/lib.rs", "src/.lib.rs.swp", "src/lib.rs~", "target/debug/x.rs", ".git/HEAD", "plugin.toml"] {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
        let sight = Sight::take([&Root::Tree(folder.path().to_owned())]);
        assert_eq!(names(&sight, folder.path()), ["plugin.toml", "src/lib.rs"]);
        assert!(!sight.folders.contains(&folder.path().join("target")));
    }

    #[test]
    fn a_link_that_points_elsewhere_is_another_file() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for version in ["..1", "..2"] {
            fs::create_dir(at(version)).unwrap();
            fs::write(at(version).join("mcp.yaml"), "port: 1").unwrap();
        }
        symlink("..1", at("..data")).unwrap();
        symlink("..data/mcp.yaml", at("mcp.yaml")).unwrap();
        let root = Root::File(at("mcp.yaml"));
        let before = Sight::take([&root]);
        symlink("..2", at("..tmp")).unwrap();
        fs::rename(at("..tmp"), at("..data")).unwrap();
        assert_ne!(before.files, Sight::take([&root]).files);
        fs::remove_file(at("mcp.yaml")).unwrap();
        assert!(Sight::take([&root]).files.is_empty());
    }
}
