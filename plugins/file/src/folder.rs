//! The granted folders, and the paths inside them. A path is taken apart by
//! its text before anything is opened, and only what lies inside a granted
//! folder is ever opened; the sandbox holds the same line again below.

use std::{
    fs::{self, Metadata},
    path::PathBuf,
};

use crate::{error::FileError, limits::MAX_PATH_BYTES};

/// One granted folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder {
    /// The name that callers use, such as `/data`.
    pub at: String,
    /// Where it is for this process.
    pub dir: PathBuf,
}

/// Every granted folder, by name.
#[derive(Clone, Debug)]
pub struct Folders(Vec<Folder>);

/// A place inside a granted folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// What callers call it, such as `/data/notes/a.txt`.
    pub path: String,
    pub(crate) real: PathBuf,
    pub(crate) is_root: bool,
}

impl Folders {
    /// These folders.
    pub fn new(folders: impl IntoIterator<Item = Folder>) -> Self {
        let mut folders: Vec<Folder> = folders.into_iter().collect();
        for folder in &mut folders {
            folder.at = format!("/{}", folder.at.trim_matches('/'));
        }
        // The innermost first, so that a folder inside another wins.
        folders.sort_by(|a, b| b.at.len().cmp(&a.at.len()).then_with(|| a.at.cmp(&b.at)));
        Self(folders)
    }

    /// The folders that the host granted to this plugin.
    #[cfg(target_arch = "wasm32")]
    pub fn granted() -> Self {
        let mounts = wasip2::filesystem::preopens::get_directories();
        Self::new(mounts.into_iter().map(|(_, at)| Folder { dir: PathBuf::from(&at), at }))
    }

    /// None: only a host grants folders.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn granted() -> Self {
        Self::new([])
    }

    /// Their names, sorted.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.0.iter().map(|folder| folder.at.as_str()).collect();
        names.sort_unstable();
        names
    }

    /// The folders as places, sorted.
    pub fn roots(&self) -> Vec<Place> {
        let root = |folder: &Folder| Place { path: folder.at.clone(), real: folder.dir.clone(), is_root: true };
        let mut roots: Vec<Place> = self.0.iter().map(root).collect();
        roots.sort_by(|a, b| a.path.cmp(&b.path));
        roots
    }

    /// The place that `path` names. A relative path counts from the granted
    /// folder, if there is only one.
    pub fn place(&self, path: &str) -> Result<Place, FileError> {
        let names = parts(path)?;
        let absolute = format!("/{}", names.join("/"));
        let relative_to = match self.0.as_slice() {
            [only] if !path.starts_with('/') && !inside(&absolute, &only.at) => Some(only),
            _ => None,
        };
        if let Some(folder) = relative_to {
            return Ok(place(folder, &names));
        }
        let Some(folder) = self.0.iter().find(|folder| inside(&absolute, &folder.at)) else {
            return Err(self.outside(path));
        };
        let depth = folder.at.split('/').filter(|part| !part.is_empty()).count();
        Ok(place(folder, &names[depth..]))
    }

    fn outside(&self, path: &str) -> FileError {
        FileError::Denied(match self.names().as_slice() {
            [] => "no folder is granted to this plugin".to_owned(),
            names => format!("`{path}` is in no granted folder; there are: {}", names.join(", ")),
        })
    }
}

impl Place {
    /// The place called `name` in this folder.
    pub(crate) fn child(&self, name: &str) -> Self {
        let path = format!("{}/{name}", self.path.trim_end_matches('/'));
        Self { path, real: self.real.join(name), is_root: false }
    }

    /// What is there. A link is a link, whatever it points to.
    pub(crate) fn metadata(&self) -> Result<Metadata, FileError> {
        let found = if self.is_root { fs::metadata(&self.real) } else { fs::symlink_metadata(&self.real) };
        found.map_err(|error| FileError::io(&self.path, &error))
    }
}

fn place(folder: &Folder, inner: &[&str]) -> Place {
    let root = Place { path: folder.at.clone(), real: folder.dir.clone(), is_root: true };
    inner.iter().fold(root, |place, name| place.child(name))
}

fn inside(path: &str, folder: &str) -> bool {
    folder == "/" || path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The names that `path` is made of.
fn parts(path: &str) -> Result<Vec<&str>, FileError> {
    if path.len() > MAX_PATH_BYTES {
        return Err(FileError::Invalid(format!("the path has more than {MAX_PATH_BYTES} bytes")));
    }
    if path.contains(['\0', '\\']) {
        return Err(FileError::Invalid("a path holds no NUL and no backslash".to_owned()));
    }
    let names: Vec<&str> = path.split('/').filter(|name| !name.is_empty() && *name != ".").collect();
    if names.contains(&"..") {
        return Err(FileError::Denied(format!("`{path}`: `..` is not followed; name the place itself")));
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folders(names: &[&str]) -> Folders {
        Folders::new(names.iter().map(|at| Folder { at: (*at).to_owned(), dir: PathBuf::from("/real").join(&at[1..]) }))
    }

    fn path(folders: &Folders, path: &str) -> String {
        match folders.place(path) {
            Ok(place) => format!("{} {}", place.path, place.real.display()),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn a_path_is_looked_up_in_the_innermost_folder() {
        let two = folders(&["/data", "/data/inner"]);
        assert_eq!(path(&two, "/data/a.txt"), "/data/a.txt /real/data/a.txt");
        assert_eq!(path(&two, "/data/inner/a.txt"), "/data/inner/a.txt /real/data/inner/a.txt");
        assert_eq!(path(&two, "//data/./inner//"), "/data/inner /real/data/inner");
        assert_eq!(path(&two, "data/a.txt"), "/data/a.txt /real/data/a.txt");
    }

    #[test]
    fn a_relative_path_needs_exactly_one_folder() {
        assert_eq!(path(&folders(&["/data"]), "notes/a.txt"), "/data/notes/a.txt /real/data/notes/a.txt");
        assert_eq!(path(&folders(&["/data"]), "data/a.txt"), "/data/a.txt /real/data/a.txt");
        let error = path(&folders(&["/data", "/more"]), "a.txt");
        assert_eq!(error, "`a.txt` is in no granted folder; there are: /data, /more");
    }

    #[test]
    fn a_path_never_leaves() {
        let data = folders(&["/data"]);
        for outside in
            ["/etc/passwd", "/data/../etc/passwd", "..", "/data/a/../../b", "/database/a", "/", "/data\\..\\b"]
        {
            assert!(data.place(outside).is_err(), "{outside}: {:?}", data.place(outside));
        }
        assert!(data.place("a\0b").is_err());
        assert!(data.place(&"a/".repeat(MAX_PATH_BYTES)).is_err());
        assert_eq!(path(&folders(&[]), "/data"), "no folder is granted to this plugin");
    }
}
