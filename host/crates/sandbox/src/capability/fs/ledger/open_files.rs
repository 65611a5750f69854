//! Files that calls have open under one folder.
//!
//! A file that was removed takes room until its last handle is closed, and no
//! walk finds it.

use std::{
    fs, io,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use super::Use;

/// The files, as long as somebody has them open.
#[derive(Debug, Default)]
pub(super) struct OpenFiles(Mutex<Vec<Weak<fs::File>>>);

impl OpenFiles {
    pub(super) fn add(&self, file: &Arc<fs::File>) {
        let mut files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if files.len() == files.capacity() {
            files.retain(|file| file.strong_count() > 0);
        }
        files.push(Arc::downgrade(file));
    }

    /// Those that are open at this moment.
    #[cfg(unix)]
    fn now(&self) -> Vec<Arc<fs::File>> {
        let files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        files.iter().filter_map(Weak::upgrade).collect()
    }

    /// Counts those that have no name any more, each once. Asked after a walk:
    /// what was removed meanwhile counts twice rather than not at all.
    #[cfg(unix)]
    pub(super) fn removed(&self) -> io::Result<Use> {
        use std::{collections::BTreeSet, os::unix::fs::MetadataExt as _};

        let (mut found, mut seen) = (Use::default(), BTreeSet::new());
        for file in self.now() {
            let metadata = file.metadata()?;
            if metadata.nlink() == 0 && seen.insert((metadata.dev(), metadata.ino())) {
                found = found.plus(metadata.len(), 1);
            }
        }
        Ok(found)
    }

    /// Where the number of names is not to be had, an open file keeps its name.
    #[cfg(not(unix))]
    #[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "as where names are counted")]
    pub(super) fn removed(&self) -> io::Result<Use> {
        Ok(Use::default())
    }
}
