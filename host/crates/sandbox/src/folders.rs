//! Granted folders as the host looks into them, for whoever watches a file in
//! one: through the handles that calls use, beneath which paths are resolved.

use std::{
    io,
    path::{Path, PathBuf},
};

use bulkhead_policy::GuestPath;
use cap_std::fs::{Dir, MetadataExt as _};

use crate::CompiledPlugin;

/// Deepest that a folder is followed.
const MAX_DEPTH: usize = 16;

/// A granted folder.
pub struct Folder {
    at: GuestPath,
    host: PathBuf,
    dir: Dir,
}

/// What tells one state of a file from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileFacts {
    size: u64,
    modified: (i64, i64),
    file: (u64, u64),
}

/// Something in a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    File,
    Folder,
}

impl CompiledPlugin {
    /// The folders that it was granted, each open once more.
    ///
    /// # Errors
    /// The system has no descriptor left.
    pub fn folders(&self) -> io::Result<Vec<Folder>> {
        self.grounds.fs.iter().map(|mount| mount.folder()).collect()
    }
}

impl Folder {
    pub(crate) const fn new(at: GuestPath, host: PathBuf, dir: Dir) -> Self {
        Self { at, host, dir }
    }

    /// Where the plugin sees it.
    #[must_use]
    pub const fn at(&self) -> &GuestPath {
        &self.at
    }

    /// Where it is, to ask the system for hints about it. Nothing is opened by
    /// this path.
    #[must_use]
    pub fn host(&self) -> &Path {
        &self.host
    }

    /// The file at `path`, if one is there. Blocks.
    #[must_use]
    pub fn look(&self, path: &str) -> Option<FileFacts> {
        let found = self.dir.metadata(path).ok().filter(|found| found.is_file())?;
        Some(FileFacts {
            size: found.size(),
            modified: (found.mtime(), found.mtime_nsec()),
            file: (found.dev(), found.ino()),
        })
    }

    /// Shows everything in the folder and below to `seen`, links not followed,
    /// until that says `false`. Blocks.
    pub fn each(&self, mut seen: impl FnMut(&Path, Found) -> bool) {
        // A folder that cannot be read has nothing in it to be told of.
        let _ = walk(&self.dir, Path::new(""), MAX_DEPTH, &mut seen);
    }
}

fn walk(dir: &Dir, below: &Path, levels: usize, seen: &mut impl FnMut(&Path, Found) -> bool) -> io::Result<bool> {
    let Some(levels) = levels.checked_sub(1) else { return Ok(true) };
    for entry in dir.entries()? {
        let Ok(entry) = entry else { continue };
        let Ok(kind) = entry.file_type() else { continue };
        let path = below.join(entry.file_name());
        let found = if kind.is_dir() { Found::Folder } else { Found::File };
        if !seen(&path, found) {
            return Ok(false);
        }
        if found == Found::Folder
            && let Ok(inner) = entry.open_dir()
            && !walk(&inner, &path, levels, seen).unwrap_or(true)
        {
            return Ok(false);
        }
    }
    Ok(true)
}
