//! The files of the cache: no link is followed, and nobody reads half of one.

use std::{
    fs::{self, File},
    io::{self, Read as _, Write as _},
    path::Path,
};

/// The first bytes of the file at `path`.
pub(super) fn read_head<const BYTES: usize>(path: &Path) -> io::Result<[u8; BYTES]> {
    let mut head = [0; BYTES];
    open(path)?.0.read_exact(&mut head)?;
    Ok(head)
}

/// The whole file, unless it is larger than `most`.
pub(super) fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let (file, length) = open(path)?;
    if length > most {
        return Err(io::Error::other("too large for a file of compiled code"));
    }
    // One byte more: to see that it ends.
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0) + 1);
    file.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn open(path: &Path) -> io::Result<(File, u64)> {
    let mut options = fs::OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        let no_tricks = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
        options.custom_flags(i32::try_from(no_tricks.bits()).unwrap_or(0));
    }
    let file = options.open(path)?;
    let found = file.metadata()?;
    if !found.is_file() {
        return Err(io::Error::other("not a file of compiled code"));
    }
    Ok((file, found.len()))
}

/// Writes beside, then renames: nobody ever reads half a file.
pub(super) fn write(path: &Path, parts: &[&[u8]]) -> io::Result<()> {
    let mut nonce = [0; 8];
    getrandom::fill(&mut nonce).map_err(io::Error::other)?;
    let beside = path.with_extension(format!("{:016x}.part", u64::from_ne_bytes(nonce)));
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut file = options.open(&beside)?;
    let written = parts.iter().try_for_each(|part| file.write_all(part));
    let done = written.and_then(|()| fs::rename(&beside, path));
    if done.is_err() {
        let _ = fs::remove_file(&beside);
    }
    done
}
