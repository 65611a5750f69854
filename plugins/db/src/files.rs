//! The databases in the folder.

use std::{
    fs::{self, File},
    io::Read as _,
};

use bulkhead_sdk::{Error, Result};

use crate::{
    data::{BESIDE, Data},
    limits::{MAX_DEPTH, MAX_FILES, MAX_VISITED},
};

/// What every database begins with.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// A database.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Database {
    /// Its path from the folder.
    pub path: String,
    /// Its size, in bytes.
    pub size: u64,
}

/// The databases of the folder, by path, and whether that is all of them.
/// Links are not followed.
///
/// # Errors
/// The folder cannot be read.
pub fn databases(data: &Data) -> Result<(Vec<Database>, bool)> {
    let mut folders = vec![(data.dir().to_owned(), 0)];
    let (mut found, mut visited, mut complete) = (Vec::new(), 0, true);
    while let Some((folder, depth)) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else {
            if depth == 0 {
                return Err(Error::failed("the granted folder cannot be read"));
            }
            complete = false;
            continue;
        };
        for entry in entries.flatten() {
            visited += 1;
            if visited > MAX_VISITED || found.len() == MAX_FILES {
                complete = false;
                break;
            }
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() && depth < MAX_DEPTH {
                folders.push((entry.path(), depth + 1));
            } else if kind.is_dir() {
                complete = false;
            } else if kind.is_file() {
                found.extend(database(data, &entry));
            }
        }
    }
    found.sort();
    Ok((found, complete))
}

fn database(data: &Data, entry: &fs::DirEntry) -> Option<Database> {
    let real = entry.path();
    let path = real.strip_prefix(data.dir()).ok()?.to_str()?.to_owned();
    if path.contains('\\') || BESIDE.iter().any(|end| path.ends_with(end)) {
        return None;
    }
    let mut head = [0; MAGIC.len()];
    File::open(&real).ok()?.read_exact(&mut head).ok()?;
    let size = entry.metadata().ok()?.len();
    (&head == MAGIC).then_some(Database { path, size })
}
