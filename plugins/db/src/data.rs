//! The granted folder, and the databases in it. A path is taken apart by its
//! text before anything is opened, and no link on the way is followed; the
//! sandbox holds the same line again below.

use std::{
    ffi::OsString,
    fs::{self, File},
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use bulkhead_sdk::{Error, Result};

use crate::limits::MAX_PATH_BYTES;

/// Where the operator grants it.
pub const AT: &str = "/data";

/// What ends the names of files beside a database: SQLite's own, and the mark
/// of a write under way.
pub(crate) const BESIDE: [&str; 4] = [JOURNAL, "-wal", "-shm", WRITING];

/// What ends the name of the file that holds what a write takes back if it is cut off.
pub(crate) const JOURNAL: &str = "-journal";

/// What ends the name of the file that marks a write under way.
pub(crate) const WRITING: &str = ".bulkhead-write";

/// The granted folder.
#[derive(Clone, Debug)]
pub struct Data {
    dir: PathBuf,
}

/// A file that may be a database.
#[derive(Clone, Debug)]
pub struct Place {
    /// Its path from the folder, such as `shop.db`.
    pub path: String,
    /// Where it is for this process.
    pub real: PathBuf,
}

impl Data {
    /// The folder `dir`.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into() }
    }

    /// The folder that the host granted to this plugin.
    ///
    /// # Errors
    /// None is granted.
    pub fn granted() -> Result<Self> {
        let granted = cfg!(target_arch = "wasm32") && fs::metadata(AT).is_ok_and(|found| found.is_dir());
        if granted { Ok(Self::new(AT)) } else { Err(Error::denied(format!("no folder is granted at {AT}"))) }
    }

    /// Where it is for this process.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// The place that `path` names: `shop.db` or `/data/shop.db`. There need
    /// not be a file.
    ///
    /// # Errors
    /// It is no path inside the folder, names a file beside a database, or
    /// there is a link on the way.
    pub fn place(&self, path: &str) -> Result<Place> {
        let mut place = Place { path: String::new(), real: self.dir.clone() };
        for name in names(path)? {
            place.step(name)?;
        }
        if place.path.is_empty() {
            return Err(Error::invalid(format!("`{path}` is a folder; a database was expected, such as `shop.db`")));
        }
        if BESIDE.iter().any(|end| place.path.ends_with(end)) {
            return Err(Error::denied(format!("`{}` belongs to a database and is none", place.path)));
        }
        Ok(place)
    }
}

impl Place {
    fn step(&mut self, name: &str) -> Result<()> {
        self.real.push(name);
        if !self.path.is_empty() {
            self.path.push('/');
        }
        self.path.push_str(name);
        match fs::symlink_metadata(&self.real) {
            Ok(found) if found.is_symlink() => {
                Err(Error::denied(format!("`{}` is a link; links are not followed", self.path)))
            }
            _ => Ok(()),
        }
    }

    /// Whether an ordinary file is there.
    ///
    /// # Errors
    /// Something else is there, or it cannot be looked at.
    pub fn exists(&self) -> Result<bool> {
        match fs::symlink_metadata(&self.real) {
            Ok(found) if found.is_file() => Ok(true),
            Ok(_) => Err(Error::invalid(format!("`{}` is not an ordinary file", self.path))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(told(&self.path, &error)),
        }
    }

    /// Whether a write has begun and not ended: there is a journal, and its
    /// first byte is not zero.
    pub(crate) fn holds_half_a_write(&self) -> bool {
        let mut first = [0];
        let read = File::open(self.beside(JOURNAL)).and_then(|mut journal| journal.read_exact(&mut first));
        read.is_ok() && first != [0]
    }

    /// The file whose name has `end` added.
    pub(crate) fn beside(&self, end: &str) -> PathBuf {
        let mut path = OsString::from(&self.real);
        path.push(end);
        PathBuf::from(path)
    }
}

/// What `error` means for `path`. What the system says stays here.
pub(crate) fn told(path: &str, error: &io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Error::not_found(format!("there is no `{path}`")),
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => read_only(path),
        io::ErrorKind::QuotaExceeded | io::ErrorKind::StorageFull => {
            Error::failed(format!("`{path}`: the folder's quota is used up"))
        }
        kind => Error::failed(format!("`{path}`: {kind}")),
    }
}

/// The folder may only be read.
pub(crate) fn read_only(path: &str) -> Error {
    Error::denied(format!("`{path}` may not be written: its folder is granted for reading"))
}

/// The names that `path` is made of.
fn names(path: &str) -> Result<Vec<&str>> {
    if path.len() > MAX_PATH_BYTES {
        return Err(Error::invalid(format!("the path has more than {MAX_PATH_BYTES} bytes")));
    }
    if path.contains(['\0', '\\']) {
        return Err(Error::invalid("a path holds no NUL and no backslash"));
    }
    let inside = match path.strip_prefix('/') {
        None => path,
        Some(_) => inside(path).ok_or_else(|| Error::denied(format!("`{path}` is outside {AT}")))?,
    };
    let names: Vec<&str> = inside.split('/').filter(|name| !name.is_empty() && *name != ".").collect();
    if names.contains(&"..") {
        return Err(Error::denied(format!("`{path}`: `..` is not followed; name the place itself")));
    }
    Ok(names)
}

fn inside(path: &str) -> Option<&str> {
    let rest = path.strip_prefix(AT)?;
    (rest.is_empty() || rest.starts_with('/')).then_some(rest)
}
