//! The files of the working tree, compared with the commit that is checked
//! out. What is staged is not looked at, nor what is to be ignored.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, Metadata};
use std::path::Path;

use super::changes::{Side, files};
use crate::error::{GitError, Result};
use crate::limits::{MAX_COMPARED_BYTES, MAX_DEPTH, MAX_OBJECT_BYTES, MAX_STATUS, MAX_VISITED};
use crate::object::{Kind, Mode};
use crate::oid::Oid;
use crate::repository::Repository;

/// How the working tree differs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    pub branch: Option<String>,
    pub commit: Option<String>,
    pub modified: Vec<String>,
    pub deleted: Vec<String>,
    /// Files that the commit does not have; a folder of which it has nothing
    /// ends with `/` and stands for all that is in it.
    pub untracked: Vec<String>,
    /// Whether that is everything.
    pub complete: bool,
}

/// Compares the working tree with the head.
///
/// # Errors
/// There is no working tree, or the repository is damaged.
pub fn status(repository: &mut Repository) -> Result<Status> {
    let Some(dir) = repository.work_dir.clone() else {
        return Err(GitError::invalid(format!("`{}` has no working tree", repository.name)));
    };
    let head = repository.refs.get("HEAD").map(|_| repository.commit_at("HEAD")).transpose()?;
    let tree = head.as_ref().map(|head| head.tree);
    let tracked = files(&mut repository.store, tree)?;
    let mut status = Status {
        branch: repository.refs.head_branch().map(str::to_owned),
        commit: head.map(|head| head.id.to_string()),
        complete: true,
        ..Status::default()
    };
    let mut left = MAX_COMPARED_BYTES;
    for (path, (mode, id)) in &tracked {
        let path = String::from_utf8_lossy(path).into_owned();
        match compare(&dir.join(&path), *mode, id, &mut left) {
            Compared::Same => {}
            Compared::Other => status.modified.push(path),
            Compared::Gone => status.deleted.push(path),
            Compared::Unknown => status.complete = false,
        }
    }
    Untracked::new(&tracked).search(&dir, &mut status)?;
    for list in [&mut status.modified, &mut status.deleted, &mut status.untracked] {
        status.complete &= list.len() <= MAX_STATUS;
        list.truncate(MAX_STATUS);
    }
    Ok(status)
}

enum Compared {
    Same,
    Other,
    Gone,
    /// More bytes than one call reads.
    Unknown,
}

fn compare(place: &Path, mode: Mode, id: &Oid, left: &mut u64) -> Compared {
    let Ok(metadata) = fs::symlink_metadata(place) else { return Compared::Gone };
    let bytes = match mode {
        Mode::Submodule => return if metadata.is_dir() { Compared::Same } else { Compared::Other },
        // A link, or the file that stands for it here.
        Mode::Link if metadata.is_symlink() => {
            fs::read_link(place).map(|target| target.to_string_lossy().into_owned().into_bytes())
        }
        _ if !metadata.is_file() => return Compared::Other,
        _ if metadata.len() > u64::try_from(MAX_OBJECT_BYTES).unwrap_or(u64::MAX) => return Compared::Unknown,
        _ => match left.checked_sub(metadata.len()) {
            Some(rest) => {
                *left = rest;
                fs::read(place)
            }
            None => return Compared::Unknown,
        },
    };
    let found = bytes.ok().and_then(|bytes| Oid::of(Kind::Blob, &bytes).ok());
    if found.as_ref() == Some(id) { Compared::Same } else { Compared::Other }
}

struct Untracked<'t> {
    tracked: &'t BTreeMap<Vec<u8>, Side>,
    folders: BTreeSet<Vec<u8>>,
}

impl<'t> Untracked<'t> {
    fn new(tracked: &'t BTreeMap<Vec<u8>, Side>) -> Self {
        let mut folders = BTreeSet::new();
        for path in tracked.keys() {
            let ends = path.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(end, _)| end);
            folders.extend(ends.map(|end| path[..end].to_vec()));
        }
        Self { tracked, folders }
    }

    fn search(&self, dir: &Path, status: &mut Status) -> Result<()> {
        let mut open = vec![(dir.to_owned(), String::new(), 0)];
        let mut visited = 0;
        while let Some((dir, prefix, depth)) = open.pop() {
            let told = |error: std::io::Error| GitError::io(&prefix, &error);
            for entry in fs::read_dir(&dir).map_err(told)? {
                visited += 1;
                if visited > MAX_VISITED || depth > MAX_DEPTH {
                    status.complete = false;
                    return Ok(());
                }
                let entry = entry.map_err(told)?;
                let Ok(name) = entry.file_name().into_string() else { continue };
                if prefix.is_empty() && name == ".git" {
                    continue;
                }
                let path = format!("{prefix}{name}");
                let is_folder = fs::symlink_metadata(entry.path()).is_ok_and(|found: Metadata| found.is_dir());
                if is_folder && self.folders.contains(path.as_bytes()) {
                    open.push((entry.path(), format!("{path}/"), depth + 1));
                } else if !self.tracked.contains_key(path.as_bytes()) {
                    status.untracked.push(if is_folder { format!("{path}/") } else { path });
                }
            }
        }
        status.untracked.sort_unstable();
        Ok(())
    }
}
