//! One write at a time: a file beside the database, made exclusively, is the
//! lock. It holds among calls of this plugin, on however many threads; other
//! programs do not know of it.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant, SystemTime},
};

use bulkhead_sdk::{Error, Result};

use crate::{
    data::{JOURNAL, Place, WRITING, told},
    limits::{ABANDONED, MAX_WAIT},
};

/// Between two looks whether the other write has ended.
const PAUSE: Duration = Duration::from_millis(25);

/// The right to write one database, until it is dropped.
#[derive(Debug)]
pub(crate) struct Lock {
    path: PathBuf,
}

impl Lock {
    /// Takes the right to write the database at `place`.
    ///
    /// # Errors
    /// Somebody else has it for longer than [`MAX_WAIT`], or the folder may
    /// not be written.
    pub(crate) fn take(place: &Place) -> Result<Self> {
        let path = place.beside(WRITING);
        let end = Instant::now() + MAX_WAIT;
        loop {
            match exclusively(&path) {
                Ok(_) => break,
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(told(&place.path, &error)),
                Err(_) if is_abandoned(&path) => return Self::take_over(place, path),
                Err(_) if Instant::now() >= end => return Err(busy(place)),
                Err(_) => thread::sleep(PAUSE),
            }
        }
        refuse_foreign(place, Self { path })
    }

    /// Takes the place of a write that was cut off. Of two that try, the one
    /// whose mark is left has it.
    fn take_over(place: &Place, path: PathBuf) -> Result<Self> {
        let mark = format!("{:?}", SystemTime::now());
        let taken = fs::remove_file(&path).and_then(|()| exclusively(&path)?.write_all(mark.as_bytes()));
        thread::sleep(PAUSE);
        let is_ours = fs::read(&path).is_ok_and(|found| found == mark.as_bytes());
        match taken {
            Ok(()) if is_ours => Ok(Self { path }),
            _ => Err(busy(place)),
        }
    }

    /// Gives it back.
    pub(crate) fn release(self) {}
}

impl Drop for Lock {
    fn drop(&mut self) {
        // What cannot be removed is taken for abandoned after a while.
        let _ = fs::remove_file(&self.path);
    }
}

/// A journal that is young, without a lock of ours beside it, is of another
/// program that writes now: its write must not be taken for one cut off.
fn refuse_foreign(place: &Place, lock: Lock) -> Result<Lock> {
    let is_young = place.holds_half_a_write() && !is_abandoned(&place.beside(JOURNAL));
    if is_young { Err(busy(place)) } else { Ok(lock) }
}

fn exclusively(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

fn is_abandoned(path: &Path) -> bool {
    let modified = fs::symlink_metadata(path).and_then(|found| found.modified());
    modified.ok().and_then(|at| at.elapsed().ok()).is_some_and(|age| age > ABANDONED)
}

fn busy(place: &Place) -> Error {
    Error::conflict(format!(
        "`{}` is being written, or a write was cut off less than {} s ago; try again",
        place.path,
        ABANDONED.as_secs()
    ))
}
