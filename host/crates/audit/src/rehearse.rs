//! Whether a record could be opened, found without touching it.

use std::path::Path;

use rustix::fs::{Access, access};

use crate::{
    AuditError, PublicKey, Settings,
    folder::{check_owner, is_written, segments},
    recover::find,
};

/// What opening would find.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rehearsal {
    /// Records that there are, without a key those before the last segment;
    /// `None`: it is a new one.
    pub size: Option<u64>,
    /// Somebody writes it now.
    pub is_written: bool,
}

/// Tries what [`Record::open`](crate::Record::open) does, and writes nothing: the
/// folder, the last segment, and the checkpoints that a start compares with.
/// `key` is the key's public half, if there is one yet.
///
/// # Errors
/// As opening: others may write there, or nobody; what is there does not hold.
pub fn rehearse(settings: &Settings, key: Option<&PublicKey>) -> Result<Rehearsal, AuditError> {
    let folder = &settings.folder;
    let exists = folder.exists();
    if exists {
        check_owner(folder)?;
    }
    folder.ancestors().find(|path| path.exists()).map_or(Ok(()), writable)?;
    let size = match key {
        Some(key) => find(settings, key)?.end.map(|end| end.tree.frontier.size()),
        None if exists => segments(folder)?.pop().map(|last| last.0),
        None => None,
    };
    Ok(Rehearsal { size, is_written: is_written(folder) })
}

fn writable(folder: &Path) -> Result<(), AuditError> {
    let may = access(folder, Access::WRITE_OK | Access::EXEC_OK);
    may.map_err(|error| AuditError::file(folder)(error.into()))
}
