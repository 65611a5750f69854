//! The tools that read.

use bulkhead_sdk::prelude::*;

use crate::view::{self, Change, Changed, CommitLine, FileView};
use crate::{GitError, Repos, Repository};

fn open(name: &str) -> Result<Repository> {
    Repos::granted().and_then(|repos| Repository::open(&repos, name)).map_err(GitError::told)
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Repositories {
    repositories: Vec<String>,
}

/// Lists the repositories that there are.
#[tool(title = "List repositories", read_only, idempotent, open_world = false)]
pub(crate) fn repositories() -> Result<Json<Repositories>> {
    let names = Repos::granted().and_then(|repos| repos.names()).map_err(GitError::told)?;
    Ok(Json(Repositories { repositories: names }))
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Of {
    /// The name of a repository.
    repository: String,
}

/// A branch or tag, and the commit that it leads to.
#[derive(Serialize, JsonSchema)]
struct Ref {
    name: String,
    commit: String,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Refs {
    /// The branch that is checked out, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    head_branch: Option<String>,
    /// The commit that is checked out.
    #[serde(skip_serializing_if = "Option::is_none")]
    head: Option<String>,
    branches: Vec<Ref>,
    /// As they were when it was cloned.
    remote_branches: Vec<Ref>,
    tags: Vec<Ref>,
    /// Whether history ends early.
    shallow: bool,
}

/// Lists branches and tags of a repository.
#[tool(title = "List branches and tags", read_only, idempotent, open_world = false)]
pub(crate) fn refs(args: Of) -> Result<Json<Refs>> {
    let list = view::refs(&mut open(&args.repository)?).map_err(GitError::told)?;
    let lines = |lines: Vec<view::RefLine>| {
        lines.into_iter().map(|line| Ref { name: line.name, commit: line.commit }).collect()
    };
    Ok(Json(Refs {
        head_branch: list.head_branch,
        head: list.head,
        branches: lines(list.branches),
        remote_branches: lines(list.remote_branches),
        tags: lines(list.tags),
        shallow: list.shallow,
    }))
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Log {
    /// The name of a repository.
    repository: String,
    /// Where to begin: a branch, a tag, a commit, "main~3"; the commit that is
    /// checked out if left out.
    revision: Option<String>,
    /// Commits that lead to this revision are left out.
    exclude: Option<String>,
    /// Only commits that change this file or folder.
    path: Option<String>,
    /// Follows only the first parent of a merge.
    first_parent: Option<bool>,
    /// How many commits to pass over: `next` of the part before.
    skip: Option<u32>,
    /// How many commits at most; 20 if left out.
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u32>,
}

/// A commit, in short.
#[derive(Serialize, JsonSchema)]
struct Line {
    id: String,
    author: String,
    email: String,
    /// When it was written, with its zone.
    date: String,
    subject: String,
    parents: Vec<String>,
}

impl From<CommitLine> for Line {
    fn from(line: CommitLine) -> Self {
        let CommitLine { id, author, email, date, subject, parents } = line;
        Self { id, author, email, date, subject, parents }
    }
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Logged {
    commits: Vec<Line>,
    /// What to `skip` for the next part, if this one is not the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<u32>,
    /// Whether history ends early, in a shallow clone.
    shallow: bool,
}

/// Lists commits, the newest first.
#[tool(title = "History", read_only, idempotent, open_world = false)]
pub(crate) fn log(args: Log) -> Result<Json<Logged>> {
    let what = view::Log {
        revision: args.revision,
        exclude: args.exclude,
        path: args.path,
        first_parent: args.first_parent.unwrap_or(false),
        skip: args.skip.unwrap_or(0),
        limit: args.limit,
    };
    let page = view::log(&mut open(&args.repository)?, &what).map_err(GitError::told)?;
    let commits = page.commits.into_iter().map(Line::from).collect();
    Ok(Json(Logged { commits, next: page.next, shallow: page.shallow }))
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Show {
    /// The name of a repository.
    repository: String,
    /// A branch, a tag, a commit, "main~3"; the commit that is checked out if
    /// left out.
    revision: Option<String>,
    /// A file or folder as it is in that revision; "/" for the topmost folder.
    /// The commit itself if left out.
    path: Option<String>,
    /// The byte of the file to begin at.
    offset: Option<u64>,
}

/// What became of a file.
#[derive(Serialize, JsonSchema)]
struct ChangedFile {
    path: String,
    /// "added", "deleted", "modified" or "retyped".
    change: &'static str,
}

impl From<&Change> for ChangedFile {
    fn from(change: &Change) -> Self {
        let word = match change.kind() {
            Changed::Added => "added",
            Changed::Deleted => "deleted",
            Changed::Modified => "modified",
            Changed::Retyped => "retyped",
        };
        Self { path: change.path(), change: word }
    }
}

#[derive(Serialize, JsonSchema)]
struct ShownCommit {
    #[serde(flatten)]
    line: Line,
    committer: String,
    committed: String,
    message: String,
    /// Compared with its first parent.
    changes: Vec<ChangedFile>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ShownFile {
    content: String,
    /// "utf-8" or "base64".
    encoding: &'static str,
    /// "file", "program" or "link".
    kind: &'static str,
    /// Of the whole file, in bytes.
    size: u64,
    /// Where the next part begins, if this one is not the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_offset: Option<u64>,
}

#[derive(Serialize, JsonSchema)]
struct ShownEntry {
    name: String,
    /// "file", "program", "folder", "link" or "submodule".
    kind: &'static str,
    id: String,
}

/// One of the three.
#[derive(Default, Serialize, JsonSchema)]
pub(crate) struct Shown {
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<ShownCommit>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<ShownFile>,
    #[serde(skip_serializing_if = "Option::is_none")]
    folder: Option<Vec<ShownEntry>>,
}

/// Shows a commit with its message and the files it changed, or a file or
/// folder as it is in a revision. A large file comes in parts of up to 256 KiB.
#[tool(title = "Show a commit or file", read_only, idempotent, open_world = false)]
pub(crate) fn show(args: Show) -> Result<Json<Shown>> {
    let mut repository = open(&args.repository)?;
    let revision = args.revision.as_deref().unwrap_or("HEAD");
    let shown = match &args.path {
        None => show_commit(&mut repository, revision),
        Some(path) => show_path(&mut repository, revision, path, args.offset.unwrap_or(0)),
    };
    shown.map(Json).map_err(GitError::told)
}

fn show_commit(repository: &mut Repository, revision: &str) -> Result<Shown, GitError> {
    let commit = view::show_commit(repository, revision)?;
    let changes = commit.changes.iter().map(ChangedFile::from).collect();
    let view::Shown { line, committer, committed, message, .. } = commit;
    let commit = ShownCommit { line: line.into(), committer, committed, message, changes };
    Ok(Shown { commit: Some(commit), ..Shown::default() })
}

fn show_path(repository: &mut Repository, revision: &str, path: &str, offset: u64) -> Result<Shown, GitError> {
    Ok(match view::show_path(repository, revision, path, offset)? {
        FileView::File { content, is_base64, size, next_offset, kind } => {
            let encoding = if is_base64 { "base64" } else { "utf-8" };
            Shown { file: Some(ShownFile { content, encoding, kind, size, next_offset }), ..Shown::default() }
        }
        FileView::Folder { entries } => {
            let entry = |entry: view::Listed| ShownEntry { name: entry.name, kind: entry.kind, id: entry.id };
            Shown { folder: Some(entries.into_iter().map(entry).collect()), ..Shown::default() }
        }
    })
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Diff {
    /// The name of a repository.
    repository: String,
    /// The older side: a branch, a tag, a commit; the first parent of `to` if
    /// left out, so that what `to` did is told.
    from: Option<String>,
    /// The newer side; the commit that is checked out if left out.
    to: Option<String>,
    /// Only this file or folder.
    path: Option<String>,
    /// Lines around a change; 3 if left out.
    #[schemars(range(max = 100))]
    context: Option<u32>,
    /// The path after which to go on: `next` of the part before.
    after: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct DiffedFile {
    #[serde(flatten)]
    file: ChangedFile,
    additions: u32,
    deletions: u32,
    /// Why its lines are not shown, if they are not: "binary" or "large".
    #[serde(skip_serializing_if = "Option::is_none")]
    left_out: Option<&'static str>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Diffed {
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    to: String,
    /// How many files differ, in all.
    changed: usize,
    /// The files of this part.
    files: Vec<DiffedFile>,
    /// The same as a unified patch.
    patch: String,
    /// The path after which the next part begins, if this one is not the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Compares two revisions, or tells what one commit did, as a unified patch.
/// A renamed file is one that was deleted and one that was added.
#[tool(title = "Compare revisions", read_only, idempotent, open_world = false)]
pub(crate) fn diff(args: Diff) -> Result<Json<Diffed>> {
    let what = view::Diff { from: args.from, to: args.to, path: args.path, context: args.context, after: args.after };
    let page = view::diff(&mut open(&args.repository)?, &what).map_err(GitError::told)?;
    let file = |file: &view::Diffed| DiffedFile {
        file: ChangedFile::from(&file.change),
        additions: file.additions,
        deletions: file.deletions,
        left_out: file.left_out,
    };
    let files = page.files.iter().map(file).collect();
    let view::DiffPage { from, to, changed, patch, next, .. } = page;
    Ok(Json(Diffed { from, to, changed, files, patch, next }))
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Status {
    #[serde(skip_serializing_if = "Option::is_none")]
    branch: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<String>,
    modified: Vec<String>,
    deleted: Vec<String>,
    /// A folder of which the commit has nothing ends with "/" and stands for
    /// all that is in it.
    untracked: Vec<String>,
    /// Whether that is everything.
    complete: bool,
}

/// Compares the files of the working tree with the commit that is checked out.
/// What is staged, and what is to be ignored, is not looked at.
#[tool(title = "State of the working tree", read_only, idempotent, open_world = false)]
pub(crate) fn status(args: Of) -> Result<Json<Status>> {
    let status = view::status(&mut open(&args.repository)?).map_err(GitError::told)?;
    let view::Status { branch, commit, modified, deleted, untracked, complete } = status;
    Ok(Json(Status { branch, commit, modified, deleted, untracked, complete }))
}
