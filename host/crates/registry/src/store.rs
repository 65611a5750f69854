//! The store: accepted files, by digest. Serving reads from here and nowhere
//! else, so what lies in the inbox can change without changing what runs.
//!
//! The quarantine beside it holds files that wait for an operator's word.

use std::{
    fs::{self, File},
    io::{self, Read as _},
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
};

use bulkhead_base::{Digest, PluginName};
use bulkhead_package::{MAX_FILE_BYTES, PackedFile};

use crate::atomic;

/// Most files in quarantine at once; the oldest make room. Answers "a folder
/// that is rewritten all day fills the disk".
const MAX_QUARANTINED: usize = 64;

/// Bytes that are compared at a time.
const COMPARED: usize = 64 << 10;

/// A folder that only the server's user can enter.
fn private_folder(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Accepted files by digest, and files that wait.
#[derive(Clone, Debug)]
pub struct Store {
    accepted: PathBuf,
    quarantine: PathBuf,
}

/// A file of the store that cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[error("{}: {source}", path.display())]
pub struct StoreError {
    path: PathBuf,
    source: io::Error,
}

impl StoreError {
    fn at(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        move |source| Self { path: path.to_owned(), source }
    }
}

impl Store {
    /// Where the store lies below a state folder. Creates nothing.
    #[must_use]
    pub fn below(state_dir: &Path) -> Self {
        Self { accepted: state_dir.join("store"), quarantine: state_dir.join("quarantine") }
    }

    /// The folder of accepted files.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.accepted
    }

    fn accepted_path(&self, digest: &Digest) -> PathBuf {
        self.accepted.join(format!("{}.wasm", digest.hex()))
    }

    fn quarantined_path(&self, name: &PluginName, digest: &Digest) -> PathBuf {
        self.quarantine.join(format!("{name}@{}.wasm", digest.hex()))
    }

    /// Keeps an accepted file.
    ///
    /// # Errors
    /// The state folder cannot be written.
    pub fn keep(&self, file: &PackedFile) -> Result<(), StoreError> {
        if self.keep_unsynced(file)? {
            self.sync()?;
        }
        Ok(())
    }

    /// As [`Store::keep`], but a new file's name may be lost in a crash until
    /// [`Store::sync`], which does for many what costs as much for one. True if
    /// that is needed: what was there is compared byte for byte, not believed.
    ///
    /// # Errors
    /// The state folder cannot be written.
    pub fn keep_unsynced(&self, file: &PackedFile) -> Result<bool, StoreError> {
        let path = self.accepted_path(&file.digest());
        if holds(&path, file.bytes()).unwrap_or(false) {
            return Ok(false);
        }
        private_folder(&self.accepted).map_err(StoreError::at(&self.accepted))?;
        atomic::replace(&path, file.bytes()).map_err(StoreError::at(&path))?;
        Ok(true)
    }

    /// Makes the names of all accepted files durable.
    ///
    /// # Errors
    /// The folder cannot be synced.
    pub fn sync(&self) -> Result<(), StoreError> {
        File::open(&self.accepted).and_then(|folder| folder.sync_all()).map_err(StoreError::at(&self.accepted))
    }

    /// The bytes of an accepted file, not yet verified.
    ///
    /// # Errors
    /// The file is missing or unreadable.
    pub fn read(&self, digest: &Digest) -> Result<Vec<u8>, StoreError> {
        let path = self.accepted_path(digest);
        read_capped(&path).map_err(StoreError::at(&path))
    }

    /// Drops every accepted file whose digest `is_used` denies.
    pub fn sweep(&self, is_used: impl Fn(&str) -> bool) {
        for entry in fs::read_dir(&self.accepted).into_iter().flatten().flatten() {
            let path = entry.path();
            let unused = path.file_stem().and_then(|stem| stem.to_str()).is_some_and(|hex| !is_used(hex));
            if unused && let Err(error) = fs::remove_file(&path) {
                tracing::warn!(path = %path.display(), %error, "an unused file stays in the store");
            }
        }
    }

    /// Keeps a file until an operator accepts it.
    ///
    /// # Errors
    /// The state folder cannot be written.
    pub fn set_aside(&self, name: &PluginName, file: &PackedFile) -> Result<(), StoreError> {
        private_folder(&self.quarantine).map_err(StoreError::at(&self.quarantine))?;
        let path = self.quarantined_path(name, &file.digest());
        if path.exists() {
            return Ok(());
        }
        self.make_room();
        atomic::write(&path, file.bytes()).map_err(StoreError::at(&path))
    }

    fn make_room(&self) {
        let mut files: Vec<_> = fs::read_dir(&self.quarantine)
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
            .collect();
        files.sort();
        let excess = (files.len() + 1).saturating_sub(MAX_QUARANTINED);
        for (_, path) in files.into_iter().take(excess) {
            let _ = fs::remove_file(path);
        }
    }

    /// The files that wait under `name`: their bytes, newest first.
    ///
    /// # Errors
    /// One of them is unreadable.
    pub fn waiting(&self, name: &PluginName) -> Result<Vec<Vec<u8>>, StoreError> {
        let begins = format!("{name}@");
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.quarantine).into_iter().flatten().flatten() {
            if entry.file_name().to_str().is_some_and(|file| file.starts_with(&begins)) {
                let modified = entry.metadata().and_then(|m| m.modified()).map_err(StoreError::at(&entry.path()))?;
                found.push((modified, entry.path()));
            }
        }
        found.sort();
        found.into_iter().rev().map(|(_, path)| read_capped(&path).map_err(StoreError::at(&path))).collect()
    }

    /// Forgets what waits under `name`.
    pub fn release(&self, name: &PluginName) {
        let begins = format!("{name}@");
        for entry in fs::read_dir(&self.quarantine).into_iter().flatten().flatten() {
            if entry.file_name().to_str().is_some_and(|file| file.starts_with(&begins)) {
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

/// Whether the file at `path` is exactly `bytes`.
fn holds(path: &Path, bytes: &[u8]) -> io::Result<bool> {
    let mut file = File::open(path)?;
    if file.metadata()?.len() != bytes.len() as u64 {
        return Ok(false);
    }
    let mut part = vec![0; COMPARED];
    for expected in bytes.chunks(COMPARED) {
        let found = &mut part[..expected.len()];
        file.read_exact(found)?;
        if found != expected {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Reads a whole file that may not be larger than a plugin file.
///
/// # Errors
/// It cannot be read, or is larger.
pub fn read_capped(path: &Path) -> io::Result<Vec<u8>> {
    let limit = MAX_FILE_BYTES as u64;
    let file = File::open(path)?;
    // What a file says of its length is a hint alone. One byte more: to see its end.
    let length = file.metadata()?.len().min(limit) + 1;
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
    file.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("larger than {limit} bytes")));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::file;

    #[test]
    fn what_is_kept_is_compared_byte_for_byte() {
        let folder = tempfile::tempdir().unwrap();
        let (store, file) = (Store::below(folder.path()), file("a"));
        assert!(store.keep_unsynced(&file).unwrap());
        assert!(!store.keep_unsynced(&file).unwrap());
        let path = store.accepted_path(&file.digest());
        for damage in [file.bytes().len() / 2, file.bytes().len() - 1] {
            let mut damaged = file.bytes().to_vec();
            damaged[damage] ^= 1;
            fs::write(&path, damaged).unwrap();
            assert!(store.keep_unsynced(&file).unwrap(), "a copy of the same length, byte {damage}");
            assert_eq!(store.read(&file.digest()).unwrap(), file.bytes());
        }
        fs::write(&path, &file.bytes()[1..]).unwrap();
        store.keep(&file).unwrap();
        assert_eq!(store.read(&file.digest()).unwrap(), file.bytes());
    }
}
