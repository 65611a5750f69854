//! Cloning: into a fresh folder, which gets its name when all of it is there.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::checkout::check_out;
use crate::dircache;
use crate::error::{GitError, Result};
use crate::fetch::{Listing, Remote, Server, Transport, Wish};
use crate::folder::{Repos, check_name};
use crate::oid::Oid;
use crate::receive::receive;
use crate::store::Store;
use crate::watch::{Stretch, Watch};

/// What begins the name of a clone that is not whole yet. No repository has such a name.
const UNFINISHED: &str = ".unfinished-";
/// A clone that is this old was cut off: a call lasts minutes.
const ABANDONED: Duration = Duration::from_secs(60 * 60);

/// What to clone, and how.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Where from: see [`Remote::parse`].
    pub url: String,
    /// The name of the new folder; the last part of the address if left out.
    pub folder: Option<String>,
    /// The branch or tag to check out; the server's own choice if left out.
    pub branch: Option<String>,
    /// How many commits of that branch; all of every branch if left out.
    pub depth: Option<u32>,
    /// Leaves the files out: history alone is cloned.
    pub no_checkout: bool,
}

/// What was cloned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cloned {
    /// The name of the repository.
    pub name: String,
    /// The branch that is checked out, if it is one.
    pub branch: Option<String>,
    /// The commit that is checked out; none of an empty repository.
    pub commit: Option<Oid>,
    /// How many objects came.
    pub objects: usize,
    /// How many files were written.
    pub files: usize,
    /// Whether history ends early.
    pub shallow: bool,
}

/// Clones a repository, in steps:
///
/// 1. The address, the folder and the names are what they must be.
/// 2. The server says what it has.
/// 3. The pack is taken, checked and indexed.
/// 4. Branches and tags are written, then the files.
/// 5. The folder gets its name.
///
/// # Errors
/// Whatever goes wrong leaves nothing behind.
pub fn clone(repos: &Repos, transport: &dyn Transport, request: &Request, watch: &dyn Watch) -> Result<Cloned> {
    // 1
    let remote = Remote::parse(&request.url)?;
    let name = request.folder.clone().map_or_else(|| remote.folder(), Ok)?;
    check_name(&name)?;
    let place = repos.place(&name)?;
    if fs::symlink_metadata(&place).is_ok() {
        return Err(GitError::invalid(format!("there is a `{name}` already; say another `folder`")));
    }
    // 2
    let server = Server::greet(transport, &remote)?;
    let listing = Listing::ask(transport, &server)?;
    let head = Head::choose(&listing, request.branch.as_deref(), &server)?;
    // 3, 4
    let unfinished = Unfinished::begin(repos, &name)?;
    let cloned = fill(&unfinished, transport, &server, &listing, &head, request, watch)?;
    // 5
    unfinished.finish(&place)?;
    Ok(Cloned { name, ..cloned })
}

/// What is to be checked out.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Head {
    branch: Option<String>,
    id: Option<Oid>,
}

impl Head {
    fn choose(listing: &Listing, wanted: Option<&str>, server: &Server) -> Result<Self> {
        let Some(name) = wanted else {
            let branch = listing.head_branch.clone();
            return Ok(Self {
                branch: branch.or_else(|| listing.head.is_none().then(|| "main".to_owned())),
                id: listing.head,
            });
        };
        let (id, is_branch) = listing
            .find(name)
            .ok_or_else(|| GitError::not_found(format!("{} has no branch or tag `{name}`", server.remote.url())))?;
        Ok(Self { branch: is_branch.then(|| name.to_owned()), id: Some(id) })
    }
}

fn fill(
    folder: &Unfinished,
    transport: &dyn Transport,
    server: &Server,
    listing: &Listing,
    head: &Head,
    request: &Request,
    watch: &dyn Watch,
) -> Result<Cloned> {
    let git_dir = folder.path.join(".git");
    for inner in ["objects/pack", "refs/heads", "refs/tags"] {
        fs::create_dir_all(git_dir.join(inner)).map_err(told)?;
    }
    let wish = wish(listing, head, request, server)?;
    let mut cloned =
        Cloned { name: String::new(), branch: head.branch.clone(), commit: None, objects: 0, files: 0, shallow: false };
    if !wish.ids.is_empty() {
        let answer = wish.send(transport, server)?;
        cloned.shallow = !answer.shallow.is_empty();
        write_shallow(&git_dir, &answer.shallow)?;
        cloned.objects = receive(answer.pack, &git_dir.join("objects/pack"), watch)?;
    }
    let mut store = Store::open(&git_dir.join("objects"))?;
    write_refs(&git_dir, &mut store, server, listing, head, request)?;
    if let Some(id) = head.id {
        let (commit, _) = store.untagged(&id)?;
        let tree = store.commit(&commit)?.tree;
        cloned.commit = Some(commit);
        if !request.no_checkout {
            let files = check_out(&mut store, tree, &folder.path, Stretch::new(watch, "writing files", 0.8, 1.0))?;
            cloned.files = files.len();
            dircache::write(files, &git_dir.join("index"))?;
        }
    }
    Ok(cloned)
}

/// The ids to ask for: with a depth one branch, else all branches and tags.
fn wish(listing: &Listing, head: &Head, request: &Request, server: &Server) -> Result<Wish> {
    if request.depth.is_some() && !server.shallow {
        return Err(GitError::failed(format!("{} gives no shallow clones; leave `depth` out", server.remote.host())));
    }
    let mut ids: Vec<Oid> = head.id.into_iter().collect();
    if request.depth.is_none() {
        ids.extend(listing.refs.iter().map(|known| known.id));
    }
    ids.sort_unstable();
    ids.dedup();
    Ok(Wish { ids, depth: request.depth })
}

fn write_shallow(git_dir: &Path, shallow: &[Oid]) -> Result<()> {
    if shallow.is_empty() {
        return Ok(());
    }
    let lines: String = shallow.iter().map(|id| format!("{id}\n")).collect();
    fs::write(git_dir.join("shallow"), lines).map_err(told)
}

/// Writes what makes a folder a repository: its refs, a configuration for git
/// itself, and the head last.
fn write_refs(
    git_dir: &Path,
    store: &mut Store,
    server: &Server,
    listing: &Listing,
    head: &Head,
    request: &Request,
) -> Result<()> {
    let mut lines = Vec::new();
    for known in &listing.refs {
        let is_asked = request.depth.is_none() || Some(known.id) == head.id || known.name.starts_with("refs/tags/");
        if !is_asked || !store.has(&known.id)? {
            continue;
        }
        let name = match known.name.strip_prefix("refs/heads/") {
            Some(branch) => format!("refs/remotes/origin/{branch}"),
            None => known.name.clone(),
        };
        lines.push((name, known.id, known.peeled));
    }
    if let (Some(branch), Some(id)) = (&head.branch, head.id) {
        lines.push((format!("refs/heads/{branch}"), id, None));
    }
    lines.sort_unstable();
    let mut packed = "# pack-refs with: peeled fully-peeled sorted \n".to_owned();
    for (name, id, peeled) in lines {
        packed.push_str(&format!("{id} {name}\n"));
        packed.extend(peeled.map(|peeled| format!("^{peeled}\n")));
    }
    let points_to = match (&head.branch, head.id) {
        (Some(branch), _) => format!("ref: refs/heads/{branch}\n"),
        (None, Some(id)) => format!("{}\n", store.untagged(&id)?.0),
        (None, None) => "ref: refs/heads/main\n".to_owned(),
    };
    let config = config(server.remote.url(), head.branch.as_deref());
    for (file, text) in [("packed-refs", packed), ("config", config), ("HEAD", points_to)] {
        fs::write(git_dir.join(file), text).map_err(told)?;
    }
    Ok(())
}

/// What git itself finds here later. Neither an address nor the name of a
/// branch can hold a quote, a backslash or a line feed.
fn config(url: &str, branch: Option<&str>) -> String {
    let mut text = format!(
        "[core]\n\trepositoryformatversion = 0\n\tfilemode = false\n\tbare = false\n\tsymlinks = false\n[remote \"origin\"]\n\turl = {url}\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n"
    );
    if let Some(branch) = branch.filter(|branch| !branch.contains('"')) {
        text.push_str(&format!("[branch \"{branch}\"]\n\tremote = origin\n\tmerge = refs/heads/{branch}\n"));
    }
    text
}

fn told(error: std::io::Error) -> GitError {
    GitError::io("the new repository", &error)
}

/// A clone that is not whole yet: it goes when it is dropped.
struct Unfinished {
    path: PathBuf,
    named: bool,
}

impl Unfinished {
    fn begin(repos: &Repos, name: &str) -> Result<Self> {
        remove_abandoned(repos.dir());
        let path = repos.dir().join(format!("{UNFINISHED}{name}"));
        fs::create_dir(&path).map_err(|error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => GitError::failed(format!(
                "`{name}` is being cloned, or was cut off within the last hour; say another `folder`, or try later"
            )),
            _ => GitError::io(name, &error),
        })?;
        Ok(Self { path, named: false })
    }

    fn finish(mut self, place: &Path) -> Result<()> {
        fs::rename(&self.path, place).map_err(told)?;
        self.named = true;
        Ok(())
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if !self.named {
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

/// Removes what calls that were cut off have left.
fn remove_abandoned(dir: &Path) {
    let Ok(found) = fs::read_dir(dir) else { return };
    for entry in found.filter_map(|entry| entry.ok()) {
        let is_ours = entry.file_name().to_str().is_some_and(|name| name.starts_with(UNFINISHED));
        let age = entry.metadata().ok().and_then(|metadata| metadata.modified().ok()?.elapsed().ok());
        if is_ours && age.is_some_and(|age| age > ABANDONED) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}
