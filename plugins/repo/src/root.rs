//! The granted folder, and the paths inside it. A path is taken apart by its
//! text before anything is opened, and no link on the way is followed; the
//! sandbox holds the same line again below.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use bulkhead_sdk::{Error, Result};

use crate::limits::MAX_PATH_BYTES;

/// Where the operator grants it.
pub const AT: &str = "/repo";

/// Git's own folder: configuration with credentials may lie there, and no source.
pub(crate) const GIT: &str = ".git";

/// The granted folder.
#[derive(Clone, Debug)]
pub struct Root {
    dir: PathBuf,
}

/// A place inside the granted folder.
#[derive(Clone, Debug)]
pub struct Place {
    /// Its path from the folder, such as `src/main.rs`; empty for the folder.
    pub path: String,
    /// Where it is for this process.
    pub real: PathBuf,
}

impl Root {
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
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The place that `path` names: `src/main.rs` or `/repo/src/main.rs`.
    ///
    /// # Errors
    /// It is no path inside the folder, lies in `.git`, or there is a link on
    /// the way.
    pub fn place(&self, path: &str) -> Result<Place> {
        let mut place = Place { path: String::new(), real: self.dir.clone() };
        for name in names(path)? {
            place.step(name)?;
        }
        Ok(place)
    }

    /// The path of `real` from the folder, if it is UTF-8.
    pub(crate) fn path_of(&self, real: &Path) -> Option<String> {
        real.strip_prefix(&self.dir).ok()?.to_str().map(str::to_owned)
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
            Ok(_) => Ok(()),
            Err(error) => Err(told(&self.path, &error)),
        }
    }
}

/// What `error` means for `path`. What the system says names this machine's
/// paths and stays here.
pub(crate) fn told(path: &str, error: &io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Error::not_found(format!("there is no `{path}`")),
        io::ErrorKind::PermissionDenied => Error::denied(format!("`{path}` may not be read")),
        kind => Error::failed(format!("`{path}`: {kind}")),
    }
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
    if names.iter().any(|name| name.eq_ignore_ascii_case(GIT)) {
        return Err(Error::denied(format!("`{path}`: what lies in {GIT} is not served")));
    }
    Ok(names)
}

fn inside(path: &str) -> Option<&str> {
    let rest = path.strip_prefix(AT)?;
    (rest.is_empty() || rest.starts_with('/')).then_some(rest)
}
