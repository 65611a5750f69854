//! git's list of the files that are checked out, so that git itself sees a
//! clean working tree. Nothing here reads it.

use std::fs;
use std::path::Path;

use crate::error::{GitError, Result};
use crate::object::Mode;
use crate::oid::{Hasher, Oid};

/// A file that is checked out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    pub(crate) path: String,
    pub(crate) mode: Mode,
    pub(crate) id: Oid,
    pub(crate) size: u32,
}

/// Longest length of a path that the flags of an entry hold.
const MAX_FLAGGED: usize = 0xfff;

/// Writes `files` as an index of version 2 at `path`. Times are left out: git
/// compares contents once, and then keeps its own.
pub(crate) fn write(mut files: Vec<Listed>, path: &Path) -> Result<()> {
    files.sort_unstable_by(|a, b| a.path.as_bytes().cmp(b.path.as_bytes()));
    let mut bytes = b"DIRC\0\0\0\x02".to_vec();
    bytes.extend(u32::try_from(files.len()).unwrap_or(u32::MAX).to_be_bytes());
    for file in &files {
        push(&mut bytes, file);
    }
    let mut hasher = Hasher::new();
    hasher.update(&bytes);
    bytes.extend(hasher.finish()?.bytes());
    fs::write(path, bytes).map_err(|error| GitError::io("index", &error))
}

fn push(bytes: &mut Vec<u8>, file: &Listed) {
    let start = bytes.len();
    // Times, device and inode; then mode, user, group and size.
    bytes.extend([0; 24]);
    for number in [file.mode.bits(), 0, 0, file.size] {
        bytes.extend(number.to_be_bytes());
    }
    bytes.extend(file.id.bytes());
    let length = u16::try_from(file.path.len().min(MAX_FLAGGED)).unwrap_or(0);
    bytes.extend(length.to_be_bytes());
    bytes.extend(file.path.as_bytes());
    // At least one zero ends the path, up to a multiple of eight.
    let padding = 8 - (bytes.len() - start) % 8;
    bytes.extend(std::iter::repeat_n(0, padding));
}
