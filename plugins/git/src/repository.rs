//! One repository. Its configuration, hooks, attributes and submodules are
//! never looked at: nothing in it can run or reach anything.

use std::collections::HashSet;
use std::path::PathBuf;

use crate::error::{GitError, Result};
use crate::folder::{Repos, git_dir};
use crate::object::{Commit, Kind};
use crate::oid::{OID_DIGITS, Oid};
use crate::refs::{Refs, read_at_most};
use crate::store::Store;

/// Largest list of commits without parents here.
const MAX_SHALLOW_BYTES: u64 = 1024 * 1024;

/// One repository.
pub struct Repository {
    /// What callers call it.
    pub(crate) name: String,
    /// Where its files are checked out.
    pub(crate) work_dir: Option<PathBuf>,
    pub(crate) store: Store,
    pub(crate) refs: Refs,
    shallow: HashSet<Oid>,
}

impl Repository {
    /// Opens the repository `name` of the granted folder.
    ///
    /// # Errors
    /// There is none, or it is of a kind that is not read.
    pub fn open(repos: &Repos, name: &str) -> Result<Self> {
        let place = repos.place(name)?;
        let Some(git_dir) = git_dir(&place) else { return Err(none(repos, name)) };
        let work_dir = (git_dir != place).then(|| place.clone());
        let store = Store::open(&git_dir.join("objects"))?;
        let refs = Refs::read(&git_dir)?;
        let shallow = read_at_most(&git_dir.join("shallow"), MAX_SHALLOW_BYTES)?.unwrap_or_default();
        let shallow = shallow.chunks(OID_DIGITS + 1).filter_map(|line| Oid::from_hex(line.trim_ascii())).collect();
        Ok(Self { name: name.to_owned(), work_dir, store, refs, shallow })
    }

    /// The commit `id`. Where a shallow clone ends, it has no parents.
    pub(crate) fn commit(&mut self, id: &Oid) -> Result<Commit> {
        let mut commit = self.store.commit(id)?;
        if self.shallow.contains(id) {
            commit.parents.clear();
        }
        Ok(commit)
    }

    /// The commit that `revision` names.
    pub(crate) fn commit_at(&mut self, revision: &str) -> Result<Commit> {
        let named = self.resolve(revision)?;
        match self.store.untagged(&named)? {
            (id, Kind::Commit) => self.commit(&id),
            (_, kind) => {
                Err(GitError::invalid(format!("`{revision}` is a {}, and a commit was expected", kind.name())))
            }
        }
    }

    /// Whether history ends early here.
    pub(crate) fn is_shallow(&self) -> bool {
        !self.shallow.is_empty()
    }
}

fn none(repos: &Repos, name: &str) -> GitError {
    let known = repos.names().unwrap_or_default();
    let known =
        if known.is_empty() { "there is none yet".to_owned() } else { format!("there are: {}", known.join(", ")) };
    GitError::not_found(format!("there is no repository `{name}`; {known}"))
}
