//! One commit, or what stands at a path in it.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::changes::{Change, changes};
use super::diff::sides;
use super::log::CommitLine;
use crate::error::{GitError, Result};
use crate::limits::{MAX_MESSAGE_BYTES, MAX_SHOWN_BYTES, MAX_VISITED};
use crate::object::Mode;
use crate::oid::Oid;
use crate::paths;
use crate::repository::Repository;

/// A commit, with its whole message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    pub line: CommitLine,
    pub committer: String,
    /// When it was committed, with its zone.
    pub committed: String,
    pub message: String,
    /// Which files it changed, compared with its first parent.
    pub changes: Vec<Change>,
}

/// What stands at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileView {
    /// A file, or a part of it.
    File { content: String, is_base64: bool, size: u64, next_offset: Option<u64>, kind: &'static str },
    /// A folder.
    Folder { entries: Vec<Listed> },
}

/// An entry of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    pub name: String,
    /// `file`, `program`, `folder`, `link` or `submodule`.
    pub kind: &'static str,
    pub id: String,
}

/// Most entries of a folder.
const MAX_ENTRIES: usize = 2_000;

/// Tells of the commit that `revision` names.
///
/// # Errors
/// There is none.
pub fn show_commit(repository: &mut Repository, revision: &str) -> Result<Shown> {
    let commit = repository.commit_at(revision)?;
    let (before, after) = sides(repository, &commit)?;
    let changes = changes(&mut repository.store, before, Some(after), &[])?;
    let end = commit.message.floor_char_boundary(MAX_MESSAGE_BYTES);
    Ok(Shown {
        line: CommitLine::of(&commit),
        committer: commit.committer.name.clone(),
        committed: commit.committer.date(),
        message: commit.message[..end].to_owned(),
        changes,
    })
}

/// Tells what stands at `path` in `revision`: a folder's entries, or a part of
/// a file from the byte `offset`.
///
/// # Errors
/// There is nothing.
pub fn show_path(repository: &mut Repository, revision: &str, path: &str, offset: u64) -> Result<FileView> {
    let commit = repository.commit_at(revision)?;
    let parts = paths::parts(path)?;
    let found =
        if parts.is_empty() { Some((Mode::Folder, commit.tree)) } else { repository.at_path(&commit.tree, &parts)? };
    let (mode, id) = found.ok_or_else(|| GitError::not_found(format!("`{revision}` has no `{path}`")))?;
    match mode {
        Mode::Folder => folder(repository, &id),
        Mode::Submodule => Err(GitError::invalid(format!("`{path}` is a submodule at {id}, which is not cloned"))),
        mode => file(repository, &id, mode, offset),
    }
}

fn folder(repository: &mut Repository, id: &Oid) -> Result<FileView> {
    let entries = repository.store.tree(id)?;
    if entries.len() > MAX_ENTRIES {
        return Err(GitError::failed(format!("the folder has more than {MAX_ENTRIES} entries")));
    }
    let listed = entries.iter().map(|entry| Listed {
        name: String::from_utf8_lossy(&entry.name).into_owned(),
        kind: entry.mode.word(),
        id: entry.id.to_string(),
    });
    Ok(FileView::Folder { entries: listed.collect() })
}

/// At most `MAX_SHOWN_BYTES` of a file. A character is never cut.
fn file(repository: &mut Repository, id: &Oid, mode: Mode, offset: u64) -> Result<FileView> {
    let blob = repository.store.blob(id)?;
    let bytes = blob.data.as_slice();
    let start = usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
    let end = start.saturating_add(MAX_SHOWN_BYTES).min(bytes.len());
    let (content, is_base64, end) = match std::str::from_utf8(bytes) {
        Ok(text) => {
            let (start, end) = (text.floor_char_boundary(start), text.floor_char_boundary(end));
            (text[start..end].to_owned(), false, end)
        }
        Err(_) => (STANDARD.encode(&bytes[start..end]), true, end),
    };
    let next_offset = (end < bytes.len()).then(|| u64::try_from(end).ok()).flatten();
    let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    Ok(FileView::File { content, is_base64, size, next_offset, kind: mode.word() })
}

impl Repository {
    /// What stands at a path of one name or more in a tree.
    pub(crate) fn at_path(&mut self, tree: &Oid, path: &[&str]) -> Result<Option<(Mode, Oid)>> {
        let mut at = (Mode::Folder, *tree);
        for name in path {
            if at.0 != Mode::Folder {
                return Ok(None);
            }
            let entries = self.store.tree(&at.1)?;
            if entries.len() > MAX_VISITED {
                return Err(GitError::failed("a folder has more entries than one call looks at"));
            }
            let Some(entry) = entries.into_iter().find(|entry| entry.name == name.as_bytes()) else { return Ok(None) };
            at = (entry.mode, entry.id);
        }
        Ok(Some(at))
    }
}
