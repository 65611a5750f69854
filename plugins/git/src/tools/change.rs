//! The tool that makes a repository.

use bulkhead_sdk::prelude::*;

use crate::fetch::Wire;
use crate::{Cloned, GitError, Repos, Request, Watch};

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Clone {
    /// Such as "https://example.com/team/project.git".
    #[schemars(length(min = 1, max = 2048))]
    url: String,
    /// The name of the new folder; the last part of the address if left out.
    #[schemars(length(min = 1, max = 100))]
    folder: Option<String>,
    /// The branch or tag to check out; the server's own choice if left out.
    #[schemars(length(min = 1, max = 512))]
    branch: Option<String>,
    /// How many commits of that branch, for a small and quick clone; all
    /// commits of all branches if left out.
    #[schemars(range(min = 1, max = 1_000_000))]
    depth: Option<u32>,
    /// Whether the files are written, besides history; true if left out.
    checkout: Option<bool>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct WasCloned {
    /// Its name for the other tools.
    repository: String,
    /// Where its files are.
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    branch: Option<String>,
    /// The commit that is checked out; none of an empty repository.
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<String>,
    objects: usize,
    files: usize,
    /// Whether history ends early.
    shallow: bool,
}

/// Clones a git repository over https into a new folder. A small `depth` is
/// quick; without it all of history comes. Submodules are not cloned, links
/// are written as plain files, and nothing of the repository is run.
#[tool(title = "Clone a repository", destructive = false, idempotent = false, open_world)]
pub(crate) fn clone(args: Clone, ctx: &Context) -> Result<Json<WasCloned>> {
    let request = Request {
        url: args.url,
        folder: args.folder,
        branch: args.branch,
        depth: args.depth,
        no_checkout: args.checkout == Some(false),
    };
    let repos = Repos::granted().map_err(GitError::told)?;
    let cloned = crate::clone(&repos, &Wire, &request, &Caller(ctx)).map_err(GitError::told)?;
    let Cloned { name, branch, commit, objects, files, shallow } = cloned;
    Ok(Json(WasCloned {
        path: format!("{}/{name}", crate::REPOS),
        repository: name,
        branch,
        commit: commit.map(|id| id.to_string()),
        objects,
        files,
        shallow,
    }))
}

/// Whoever made the call.
struct Caller<'a>(&'a Context);

impl Watch for Caller<'_> {
    fn tell(&self, part: f64, doing: &str) {
        self.0.progress(part, 1.0, doing);
    }

    fn cancelled(&self) -> bool {
        self.0.cancelled()
    }
}
