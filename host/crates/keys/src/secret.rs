//! Files that hold one secret key of 32 bytes, and nothing else.
//!
//! **Invariant:** a key is believed only if nobody but the server's own user
//! can have read or written its file; what is checked is the open file.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read as _},
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _},
    path::Path,
};

use crate::create;

const KEY_BYTES: usize = 32;

/// What a key file has to be.
const WANTED: &str =
    "expected a file of 32 random bytes that belongs to this user and is readable by nobody else (mode 0600)";

/// The key at `path`, which the operator wrote: a link is followed.
///
/// # Errors
/// There is none, or it cannot be believed.
pub fn read(path: &Path) -> io::Result<[u8; KEY_BYTES]> {
    believe(&OpenOptions::new().read(true).open(path)?)
}

/// The key of this host's own at `path`; a fresh one, for its owner alone, if
/// there is none. It never leaves the state folder.
///
/// # Errors
/// It can neither be believed nor made.
pub fn read_or_make(path: &Path) -> io::Result<[u8; KEY_BYTES]> {
    // One that is there is read first: to make one costs the disk two syncs.
    match read_own(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => match make(path) {
            // Another server was first.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => read_own(path),
            made => made,
        },
        read => read,
    }
}

fn read_own(path: &Path) -> io::Result<[u8; KEY_BYTES]> {
    let no_link = rustix::fs::OFlags::NOFOLLOW.bits().cast_signed();
    let believed = OpenOptions::new().read(true).custom_flags(no_link).open(path).and_then(|file| believe(&file));
    believed.map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))
}

/// The line that makes a key at `path`.
#[must_use]
pub fn recipe(path: &Path) -> String {
    format!("(umask 077 && head -c {KEY_BYTES} /dev/urandom > {})", path.display())
}

fn make(path: &Path) -> io::Result<[u8; KEY_BYTES]> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut key = [0; KEY_BYTES];
    getrandom::fill(&mut key).map_err(io::Error::other)?;
    create(path, 0o600, &key)?;
    Ok(key)
}

fn believe(mut file: &File) -> io::Result<[u8; KEY_BYTES]> {
    let about = file.metadata()?;
    let mine = about.uid() == rustix::process::geteuid().as_raw();
    if !about.is_file() || !mine || about.mode() & 0o077 != 0 || about.len() != KEY_BYTES as u64 {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, WANTED));
    }
    let mut key = [0; KEY_BYTES];
    file.read_exact(&mut key)?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_key_is_made_once_and_believed_only_while_it_is_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state/cache.key");
        let key = read_or_make(&path).unwrap();
        assert_eq!(read_or_make(&path).unwrap(), key);
        assert_eq!(read(&path).unwrap(), key);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(read_or_make(&path).is_err());
        assert!(read(&path).is_err());
    }

    #[test]
    fn a_key_has_32_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        for length in [0, 31, 33] {
            fs::write(&path, vec![1; length]).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
            assert_eq!(read(&path).unwrap_err().to_string(), WANTED, "{length}");
        }
    }

    #[test]
    fn a_written_key_may_be_a_link_and_an_own_one_may_not() {
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("key"), folder.path().join("link"));
        let key = read_or_make(&path).unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert_eq!(read(&link).unwrap(), key);
        assert!(read_or_make(&link).is_err());
    }
}
