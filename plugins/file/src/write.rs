//! Writing one file: whole, at once, and only onto the version that the
//! writer knows.
//!
//! The new contents go to a file beside the target, which then takes the
//! target's name, so that a reader sees the old or the new and nothing
//! between. That file is made exclusively, under a name that the target's
//! name fixes: it is the lock that keeps two writers from both seeing the
//! same old version.

use std::{
    fs::{self, File, OpenOptions},
    io::Write as _,
    path::{Path, PathBuf},
    time::Duration,
};

use crate::{
    error::FileError,
    folder::Place,
    limits::MAX_WRITE_BYTES,
    read::{current_etag, etag},
};

/// What ends the name of a file that is being written.
const UNFINISHED: &str = ".bulkhead-write";

/// A write that has taken this long was cut off: a call lasts seconds.
const ABANDONED: Duration = Duration::from_secs(120);

/// What a write left behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The SHA-256 of the file now, in hex.
    pub etag: String,
    /// Whether there was no file before.
    pub created: bool,
}

/// Writes `bytes` to `place`. With `if_match`, only if that is the file's etag
/// now; `*` means that there is one.
pub fn write(place: &Place, bytes: &[u8], if_match: Option<&str>, make_folders: bool) -> Result<Written, FileError> {
    if bytes.len() > MAX_WRITE_BYTES {
        return Err(FileError::Invalid(format!("at most {MAX_WRITE_BYTES} bytes are written at once")));
    }
    if place.is_root {
        return Err(FileError::Invalid(format!("`{}` is a folder", place.path)));
    }
    if make_folders && let Some(folder) = place.real.parent() {
        fs::create_dir_all(folder).map_err(|error| FileError::io(&place.path, &error))?;
    }
    let unfinished = Unfinished::begin(place)?;
    let before = current_etag(place)?;
    check(place, if_match, before.as_deref())?;
    unfinished.finish(place, bytes)?;
    Ok(Written { etag: etag(bytes), created: before.is_none() })
}

/// Whether `name` is a write in progress, which nobody lists.
pub(crate) fn is_unfinished(name: &str) -> bool {
    name.ends_with(UNFINISHED)
}

fn check(place: &Place, if_match: Option<&str>, current: Option<&str>) -> Result<(), FileError> {
    match (if_match, current) {
        (None, _) | (Some("*"), Some(_)) => Ok(()),
        (Some(wanted), Some(current)) if wanted.trim_matches('"') == current => Ok(()),
        (Some(_), None) => Err(FileError::Conflict(format!("there is no `{}` any more", place.path))),
        (Some(_), Some(current)) => {
            Err(FileError::Conflict(format!("`{}` has changed: its etag is {current} now", place.path)))
        }
    }
}

/// The new contents, until they take the target's name.
struct Unfinished {
    path: PathBuf,
    file: Option<File>,
}

impl Unfinished {
    fn begin(place: &Place) -> Result<Self, FileError> {
        let mut path = place.real.clone().into_os_string();
        path.push(UNFINISHED);
        let path = PathBuf::from(path);
        let open = || OpenOptions::new().write(true).create_new(true).open(&path);
        let opened = match open() {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                if !abandoned(&path) {
                    let text = format!("`{}` is being written by another call; try again", place.path);
                    return Err(FileError::Conflict(text));
                }
                fs::remove_file(&path).and_then(|()| open())
            }
            other => other,
        };
        let file = opened.map_err(|error| FileError::io(&place.path, &error))?;
        Ok(Self { path, file: Some(file) })
    }

    fn finish(mut self, place: &Place, bytes: &[u8]) -> Result<(), FileError> {
        let written = self.file.take().map_or(Ok(()), |mut file| file.write_all(bytes).and_then(|()| file.flush()));
        let moved = written.and_then(|()| fs::rename(&self.path, &place.real));
        moved.map_err(|error| FileError::io(&place.path, &error))
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        drop(self.file.take());
        // Gone already after a write that succeeded.
        let _ = fs::remove_file(&self.path);
    }
}

fn abandoned(path: &Path) -> bool {
    let modified = fs::symlink_metadata(path).and_then(|metadata| metadata.modified());
    modified.ok().and_then(|at| at.elapsed().ok()).is_some_and(|age| age > ABANDONED)
}
