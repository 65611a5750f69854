//! Writing the files of a commit, where there are none yet.
//!
//! A link is written as a file that holds its target, a submodule as an empty
//! folder: nothing that is written leads anywhere. Every file is made anew, so
//! that two names which a file system takes for one end the checkout.

use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use crate::dircache::Listed;
use crate::error::{GitError, Result};
use crate::limits::{MAX_CHECKOUT_BYTES, MAX_DEPTH, MAX_VISITED};
use crate::object::{Entry, Mode};
use crate::oid::Oid;
use crate::paths::file_name;
use crate::store::Store;
use crate::watch::Stretch;

/// A folder that is still to be written.
struct Pending {
    tree: Oid,
    /// Ends with `/` unless it is the root.
    path: String,
    dir: PathBuf,
    depth: usize,
}

struct Checkout<'a> {
    store: &'a mut Store,
    written: Vec<Listed>,
    bytes: u64,
    visited: usize,
    pending: Vec<Pending>,
}

/// Writes the files of the tree `id` into `dir`, which is empty but for
/// `.git`, and lists them.
pub(crate) fn check_out(store: &mut Store, id: Oid, dir: &Path, stretch: Stretch<'_>) -> Result<Vec<Listed>> {
    let root = Pending { tree: id, path: String::new(), dir: dir.to_owned(), depth: 0 };
    let mut checkout = Checkout { store, written: Vec::new(), bytes: 0, visited: 0, pending: vec![root] };
    while let Some(folder) = checkout.pending.pop() {
        checkout.folder(&folder, stretch)?;
    }
    Ok(checkout.written)
}

impl Checkout<'_> {
    fn folder(&mut self, folder: &Pending, stretch: Stretch<'_>) -> Result<()> {
        if folder.depth > MAX_DEPTH {
            return Err(GitError::denied(format!("the tree is more than {MAX_DEPTH} folders deep")));
        }
        for entry in self.store.tree(&folder.tree)? {
            self.visited += 1;
            if self.visited > MAX_VISITED {
                return Err(GitError::denied(format!("the tree holds more than {MAX_VISITED} files and folders")));
            }
            // How many there are is known at the end.
            let visited = u32::try_from(self.visited).unwrap_or(u32::MAX);
            stretch.step(visited, visited.max(10_000))?;
            self.entry(folder, &entry)?;
        }
        Ok(())
    }

    fn entry(&mut self, folder: &Pending, entry: &Entry) -> Result<()> {
        let name = file_name(&folder.path, &entry.name, entry.mode == Mode::Link)?;
        let path = format!("{}{name}", folder.path);
        let place = folder.dir.join(name);
        match entry.mode {
            Mode::Folder => {
                make_folder(&place, &path)?;
                let pending = Pending { tree: entry.id, path: format!("{path}/"), dir: place, depth: folder.depth + 1 };
                self.pending.push(pending);
            }
            Mode::Submodule => {
                make_folder(&place, &path)?;
                self.written.push(Listed { path, mode: entry.mode, id: entry.id, size: 0 });
            }
            Mode::File | Mode::Program | Mode::Link => {
                let size = self.file(&place, &path, &entry.id)?;
                self.written.push(Listed { path, mode: entry.mode, id: entry.id, size });
            }
        }
        Ok(())
    }

    fn file(&mut self, place: &Path, path: &str, id: &Oid) -> Result<u32> {
        let blob = self.store.blob(id)?;
        let size = u32::try_from(blob.data.len()).unwrap_or(u32::MAX);
        self.bytes += u64::from(size);
        if self.bytes > MAX_CHECKOUT_BYTES {
            let most = MAX_CHECKOUT_BYTES / (1024 * 1024);
            return Err(GitError::denied(format!("the files of the commit have more than {most} MiB")));
        }
        let written = File::create_new(place).and_then(|mut file| file.write_all(&blob.data));
        written.map_err(|error| taken(path, &error))?;
        Ok(size)
    }
}

fn make_folder(place: &Path, path: &str) -> Result<()> {
    fs::create_dir(place).map_err(|error| taken(path, &error))
}

fn taken(path: &str, error: &std::io::Error) -> GitError {
    match error.kind() {
        ErrorKind::AlreadyExists => {
            GitError::denied(format!("the tree holds {path:?} twice, or in two spellings that are one file here"))
        }
        _ => GitError::io(path, error),
    }
}
