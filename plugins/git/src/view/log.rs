//! History, the newest commits first.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};

use crate::error::{GitError, Result};
use crate::limits::{MAX_COMMITS, MAX_WALKED};
use crate::object::Commit;
use crate::oid::Oid;
use crate::paths;
use crate::repository::Repository;

/// What to tell of.
#[derive(Clone, Debug, Default)]
pub struct Log {
    /// Where to begin; the head if left out.
    pub revision: Option<String>,
    /// What is reachable from here is left out.
    pub exclude: Option<String>,
    /// Only commits that change this file or folder.
    pub path: Option<String>,
    /// Only the first parent of a merge is followed.
    pub first_parent: bool,
    /// How many commits to pass over.
    pub skip: u32,
    /// How many commits at most; 20 if left out.
    pub limit: Option<u32>,
}

/// One commit, in short.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitLine {
    pub id: String,
    pub author: String,
    pub email: String,
    /// When it was written, with its zone.
    pub date: String,
    pub subject: String,
    pub parents: Vec<String>,
}

/// A part of history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogPage {
    pub commits: Vec<CommitLine>,
    /// What to `skip` for the next part, if this one is not the last.
    pub next: Option<u32>,
    /// Whether history ends early here, in a shallow clone.
    pub shallow: bool,
}

const DEFAULT_COMMITS: u32 = 20;

impl CommitLine {
    pub(crate) fn of(commit: &Commit) -> Self {
        Self {
            id: commit.id.to_string(),
            author: commit.author.name.clone(),
            email: commit.author.email.clone(),
            date: commit.author.date(),
            subject: commit.subject().to_owned(),
            parents: commit.parents.iter().map(Oid::to_string).collect(),
        }
    }
}

/// Walks history.
///
/// # Errors
/// A revision is none, or the walk is longer than one call walks.
pub fn log(repository: &mut Repository, log: &Log) -> Result<LogPage> {
    let path = log.path.as_deref().map(paths::parts).transpose()?.unwrap_or_default();
    let limit = log.limit.unwrap_or(DEFAULT_COMMITS).clamp(1, MAX_COMMITS);
    let mut walk = Walk::begin(repository, log)?;
    let mut page = LogPage { commits: Vec::new(), next: None, shallow: walk.repository.is_shallow() };
    let mut passed = 0;
    while let Some(commit) = walk.next()? {
        if !path.is_empty() && !changes(walk.repository, &commit, &path)? {
            continue;
        }
        if passed < log.skip {
            passed += 1;
        } else if page.commits.len() == usize::try_from(limit).unwrap_or(usize::MAX) {
            page.next = Some(log.skip.saturating_add(limit));
            break;
        } else {
            page.commits.push(CommitLine::of(&commit));
        }
    }
    Ok(page)
}

struct Walk<'r> {
    repository: &'r mut Repository,
    first_parent: bool,
    /// By time, and among those of one time in the order they were found.
    open: BinaryHeap<(i64, Reverse<usize>, Oid)>,
    seen: HashSet<Oid>,
}

impl<'r> Walk<'r> {
    fn begin(repository: &'r mut Repository, log: &Log) -> Result<Self> {
        let start = repository.commit_at(log.revision.as_deref().unwrap_or("HEAD"))?;
        let seen = match &log.exclude {
            Some(revision) => {
                let end = repository.commit_at(revision)?.id;
                reachable(repository, end)?
            }
            None => HashSet::new(),
        };
        let mut walk = Self { repository, first_parent: log.first_parent, open: BinaryHeap::new(), seen };
        walk.add(start.id)?;
        Ok(walk)
    }

    fn next(&mut self) -> Result<Option<Commit>> {
        let Some((_, _, id)) = self.open.pop() else { return Ok(None) };
        let commit = self.repository.commit(&id)?;
        let parents = if self.first_parent { 1 } else { commit.parents.len() };
        for parent in commit.parents.iter().take(parents) {
            self.add(*parent)?;
        }
        Ok(Some(commit))
    }

    fn add(&mut self, id: Oid) -> Result<()> {
        if self.seen.insert(id) {
            check_walked(self.seen.len())?;
            let commit = self.repository.commit(&id)?;
            self.open.push((commit.committer.seconds, Reverse(self.seen.len()), id));
        }
        Ok(())
    }
}

/// Every commit that leads to `id`, and itself.
fn reachable(repository: &mut Repository, id: Oid) -> Result<HashSet<Oid>> {
    let (mut seen, mut open) = (HashSet::new(), vec![id]);
    while let Some(id) = open.pop() {
        if seen.insert(id) {
            check_walked(seen.len())?;
            open.extend(repository.commit(&id)?.parents);
        }
    }
    Ok(seen)
}

fn check_walked(commits: usize) -> Result<()> {
    if commits <= MAX_WALKED {
        return Ok(());
    }
    Err(GitError::failed(format!("one call walks over {MAX_WALKED} commits; begin at an older revision")))
}

/// Whether what is at `path` differs from what every parent has there.
fn changes(repository: &mut Repository, commit: &Commit, path: &[&str]) -> Result<bool> {
    let here = repository.at_path(&commit.tree, path)?;
    for parent in &commit.parents {
        let tree = repository.store.commit(parent)?.tree;
        if repository.at_path(&tree, path)? == here {
            return Ok(false);
        }
    }
    Ok(here.is_some() || !commit.parents.is_empty())
}
