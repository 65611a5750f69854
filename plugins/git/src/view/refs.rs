//! Branches and tags.

use crate::error::Result;
use crate::repository::Repository;

/// A branch or tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefLine {
    /// Without `refs/heads/`, `refs/remotes/` or `refs/tags/`.
    pub name: String,
    /// The commit that it leads to.
    pub commit: String,
}

/// All of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RefList {
    /// The branch that is checked out, if it is one.
    pub head_branch: Option<String>,
    /// The commit that is checked out.
    pub head: Option<String>,
    /// Branches of the repository's own.
    pub branches: Vec<RefLine>,
    /// Branches of remotes as they were when it was cloned.
    pub remote_branches: Vec<RefLine>,
    /// Tags.
    pub tags: Vec<RefLine>,
    /// Whether history ends early.
    pub shallow: bool,
}

/// Lists branches and tags, by name.
///
/// # Errors
/// The repository is damaged.
pub fn refs(repository: &mut Repository) -> Result<RefList> {
    let mut list = RefList {
        head_branch: repository.refs.head_branch().map(str::to_owned),
        head: repository.refs.get("HEAD").map(|id| id.to_string()),
        shallow: repository.is_shallow(),
        ..RefList::default()
    };
    for (name, id) in repository.refs.iter() {
        let (kind, short) = if let Some(short) = name.strip_prefix("refs/heads/") {
            (&mut list.branches, short)
        } else if let Some(short) = name.strip_prefix("refs/remotes/") {
            (&mut list.remote_branches, short)
        } else if let Some(short) = name.strip_prefix("refs/tags/") {
            (&mut list.tags, short)
        } else {
            continue;
        };
        let commit = repository.store.untagged(&id).map_or(id, |(commit, _)| commit);
        kind.push(RefLine { name: short.to_owned(), commit: commit.to_string() });
    }
    Ok(list)
}
