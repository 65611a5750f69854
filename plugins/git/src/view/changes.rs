//! Which files differ between two trees.

use std::collections::BTreeMap;

use crate::error::{GitError, Result};
use crate::limits::{MAX_CHANGES, MAX_DEPTH, MAX_VISITED};
use crate::object::Mode;
use crate::oid::Oid;
use crate::store::Store;

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    Added,
    Deleted,
    Modified,
    /// A file became a link, or the like.
    Retyped,
}

/// One file on one side.
pub(crate) type Side = (Mode, Oid);

/// A file that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub(crate) path: Vec<u8>,
    pub(crate) before: Option<Side>,
    pub(crate) after: Option<Side>,
}

impl Change {
    /// Its path; what is not UTF-8 is replaced.
    pub fn path(&self) -> String {
        String::from_utf8_lossy(&self.path).into_owned()
    }

    /// What became of it.
    pub fn kind(&self) -> Changed {
        let is_file = |mode: Mode| matches!(mode, Mode::File | Mode::Program);
        match (self.before, self.after) {
            (None, _) => Changed::Added,
            (_, None) => Changed::Deleted,
            (Some((before, _)), Some((after, _))) if before != after && !(is_file(before) && is_file(after)) => {
                Changed::Retyped
            }
            _ => Changed::Modified,
        }
    }
}

/// The files that differ between two trees, by path. A tree that is not there
/// is empty. Renames are an addition and a deletion.
///
/// # Errors
/// They are more, or deeper, than one call looks at.
pub(crate) fn changes(
    store: &mut Store,
    before: Option<Oid>,
    after: Option<Oid>,
    under: &[&str],
) -> Result<Vec<Change>> {
    let mut search = Search { store, under, most: MAX_CHANGES, changes: Vec::new(), visited: 0 };
    search.trees(before, after, b"", 0)?;
    search.changes.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    Ok(search.changes)
}

/// Every file of a tree: what differs from none.
///
/// # Errors
/// They are more, or deeper, than one call looks at.
pub(crate) fn files(store: &mut Store, tree: Option<Oid>) -> Result<BTreeMap<Vec<u8>, Side>> {
    let mut search = Search { store, under: &[], most: MAX_VISITED, changes: Vec::new(), visited: 0 };
    search.trees(None, tree, b"", 0)?;
    Ok(search.changes.into_iter().filter_map(|change| change.after.map(|after| (change.path, after))).collect())
}

struct Search<'a> {
    store: &'a mut Store,
    /// Only what lies under this path is looked at.
    under: &'a [&'a str],
    /// How many files at most.
    most: usize,
    changes: Vec<Change>,
    visited: usize,
}

impl Search<'_> {
    fn trees(&mut self, before: Option<Oid>, after: Option<Oid>, folder: &[u8], depth: usize) -> Result<()> {
        if depth > MAX_DEPTH {
            return Err(GitError::failed(format!("a tree is more than {MAX_DEPTH} folders deep")));
        }
        let before = self.entries(before)?;
        let mut after = self.entries(after)?;
        for (name, old) in before {
            let new = after.remove(&name);
            self.entry(folder, &name, Some(old), new, depth)?;
        }
        for (name, new) in after {
            self.entry(folder, &name, None, Some(new), depth)?;
        }
        Ok(())
    }

    fn entries(&mut self, tree: Option<Oid>) -> Result<BTreeMap<Vec<u8>, Side>> {
        let Some(tree) = tree else { return Ok(BTreeMap::new()) };
        let entries = self.store.tree(&tree)?;
        self.visited += entries.len();
        if self.visited > MAX_VISITED {
            return Err(GitError::failed(format!("one call looks at {MAX_VISITED} files; say a `path`")));
        }
        Ok(entries.into_iter().map(|entry| (entry.name, (entry.mode, entry.id))).collect())
    }

    fn entry(&mut self, folder: &[u8], name: &[u8], old: Option<Side>, new: Option<Side>, depth: usize) -> Result<()> {
        if old == new || self.under.get(depth).is_some_and(|wanted| wanted.as_bytes() != name) {
            return Ok(());
        }
        let path = [folder, name].concat();
        let tree = |side: Option<Side>| side.filter(|(mode, _)| *mode == Mode::Folder).map(|(_, id)| id);
        let file = |side: Option<Side>| side.filter(|(mode, _)| *mode != Mode::Folder);
        if tree(old).is_some() || tree(new).is_some() {
            self.trees(tree(old), tree(new), &[&path, &b"/"[..]].concat(), depth + 1)?;
        }
        let (before, after) = (file(old), file(new));
        if (before.is_some() || after.is_some()) && depth + 1 >= self.under.len() {
            self.changes.push(Change { path, before, after });
        }
        if self.changes.len() > self.most {
            return Err(GitError::failed(format!("more than {} files differ; say a `path`", self.most)));
        }
        Ok(())
    }
}
