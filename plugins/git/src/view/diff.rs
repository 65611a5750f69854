//! The difference between two revisions, or what one commit did.

use super::changes::{Change, changes};
use super::patch::Patch;
use crate::error::Result;
use crate::limits::MAX_PATCH_BYTES;
use crate::oid::Oid;
use crate::paths;
use crate::repository::Repository;

/// What to compare.
#[derive(Clone, Debug, Default)]
pub struct Diff {
    /// The older side; the first parent of `to` if left out.
    pub from: Option<String>,
    /// The newer side; the head if left out.
    pub to: Option<String>,
    /// Only this file or folder.
    pub path: Option<String>,
    /// Lines around a change; 3 if left out.
    pub context: Option<u32>,
    /// The path after which to go on.
    pub after: Option<String>,
}

/// One file that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diffed {
    pub change: Change,
    pub additions: u32,
    pub deletions: u32,
    /// Why its lines are not shown, if they are not.
    pub left_out: Option<&'static str>,
}

/// A part of a difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiffPage {
    pub from: Option<String>,
    pub to: String,
    /// How many files differ, in all.
    pub changed: usize,
    pub files: Vec<Diffed>,
    /// The files of this part as a unified patch.
    pub patch: String,
    /// The path after which the next part begins, if this one is not the last.
    pub next: Option<String>,
}

/// Most lines around a change.
const MAX_CONTEXT: u32 = 100;

/// Compares.
///
/// # Errors
/// A revision is none, or more differs than one call looks at.
pub fn diff(repository: &mut Repository, diff: &Diff) -> Result<DiffPage> {
    let under = diff.path.as_deref().map(paths::parts).transpose()?.unwrap_or_default();
    let to = repository.commit_at(diff.to.as_deref().unwrap_or("HEAD"))?;
    let from = match &diff.from {
        Some(revision) => Some(repository.commit_at(revision)?),
        None => to.parents.first().map(|parent| repository.commit(parent)).transpose()?,
    };
    let all = changes(&mut repository.store, from.as_ref().map(|from| from.tree), Some(to.tree), &under)?;
    let context = diff.context.unwrap_or(3).min(MAX_CONTEXT);
    let mut page = DiffPage {
        from: from.map(|from| from.id.to_string()),
        to: to.id.to_string(),
        changed: all.len(),
        files: Vec::new(),
        patch: String::new(),
        next: None,
    };
    let passed = diff
        .after
        .as_deref()
        .map_or(0, |after| all.partition_point(|change| change.path.as_slice() <= after.as_bytes()));
    for change in all.into_iter().skip(passed) {
        let patch = Patch::of(&mut repository.store, &change, context)?;
        if page.patch.len() + patch.text.len() > MAX_PATCH_BYTES && !page.files.is_empty() {
            page.next = page.files.last().map(|last| last.change.path());
            break;
        }
        page.patch.push_str(&patch.text);
        let Patch { additions, deletions, left_out, .. } = patch;
        page.files.push(Diffed { change, additions, deletions, left_out });
    }
    Ok(page)
}

/// The tree before a commit, and the one after it.
pub(crate) fn sides(repository: &mut Repository, commit: &crate::object::Commit) -> Result<(Option<Oid>, Oid)> {
    let before = commit.parents.first().map(|parent| repository.commit(parent)).transpose()?;
    Ok((before.map(|before| before.tree), commit.tree))
}
