//! Keys of this host's own: they are made at the first start and never leave
//! the state folder.

use std::{
    fs::{self, OpenOptions},
    io::{self, Read as _, Write as _},
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _},
    path::Path,
};

const KEY_BYTES: usize = 32;

/// The key at `path`; a fresh one, for its owner alone, if there is none.
pub(super) fn read_or_make(path: &Path) -> io::Result<[u8; KEY_BYTES]> {
    match make(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => read(path),
        made => made,
    }
}

fn make(path: &Path) -> io::Result<[u8; KEY_BYTES]> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut key = [0; KEY_BYTES];
    getrandom::fill(&mut key).map_err(io::Error::other)?;
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(&key)?;
    file.sync_all()?;
    Ok(key)
}

/// Reads a key that nobody else can have read or written.
fn read(path: &Path) -> io::Result<[u8; KEY_BYTES]> {
    let mut file =
        OpenOptions::new().read(true).custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed()).open(path)?;
    let about = file.metadata()?;
    let mine = about.uid() == rustix::process::geteuid().as_raw();
    if !about.is_file() || !mine || about.mode() & 0o077 != 0 || about.len() != KEY_BYTES as u64 {
        let wanted = "expected a file of 32 bytes that belongs to this user and is readable by nobody else";
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, format!("{}: {wanted}", path.display())));
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
        let folder = std::env::temp_dir().join(format!("bulkhead-key-{}", std::process::id()));
        let path = folder.join("state/cache.key");
        let key = read_or_make(&path).unwrap();
        assert_eq!(read_or_make(&path).unwrap(), key);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(read_or_make(&path).is_err());
        fs::remove_dir_all(folder).unwrap();
    }
}
