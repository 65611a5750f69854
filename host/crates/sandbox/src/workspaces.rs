//! Folders of roots: each has one for every plugin that was granted it.
//!
//! They lie below the state folder, in `workspaces/PRINCIPAL/ROOT/PLUGIN`,
//! where the principal is its digest. A root's folders leave their place at
//! once when it is closed, and are removed from where they were put aside.
//!
//! **Invariants**
//! - Everything is reached from one open folder, name by name, and no link is
//!   followed on the way: neither by who opens nor by who removes.
//! - What was closed by this process is not made again by a call that had
//!   found the root before.

mod strays;

use std::{
    collections::VecDeque,
    ffi::{OsStr, OsString},
    io,
    path::Path,
    sync::{PoisonError, RwLock},
};

use bulkhead_base::{Digest, PluginName};
use cap_std::fs::{Dir, DirBuilder, OpenOptions};

pub use strays::Strays;

/// Below the state folder.
const WORKSPACES: &str = "workspaces";

/// Below that, beside the principals: what is being removed.
const ASIDE: &str = "closed";

/// Closed roots that are remembered. Answers "a call that is slow to open the
/// folder of a root, and makes it again once nobody will remove it".
const REMEMBERED: usize = 4096;

/// How often folders are emptied again that were not empty. Answers "a call
/// that writes into them all the while".
const TRIES: u32 = 64;

/// One principal's root, as two names in a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct WorkspaceKey {
    principal: Box<str>,
    root: Box<str>,
}

impl WorkspaceKey {
    /// None, if there is no such root.
    pub(crate) fn new(principal: &str, root: &str) -> Option<Self> {
        let principal = Digest::of(principal.as_bytes()).hex().into();
        is_id(root).then(|| Self { principal, root: root.into() })
    }
}

fn is_id(root: &str) -> bool {
    !root.is_empty() && root.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The folders of all roots.
#[derive(Debug)]
pub struct Workspaces {
    state: Dir,
    /// Oldest first. Held for writing while folders leave their place.
    closed: RwLock<VecDeque<WorkspaceKey>>,
}

impl Workspaces {
    /// Those below the state folder `state`.
    ///
    /// # Errors
    /// It cannot be opened.
    pub fn open(state: &Path) -> io::Result<Self> {
        let state = Dir::open_ambient_dir(state, cap_std::ambient_authority())?;
        Ok(Self { state, closed: RwLock::default() })
    }

    /// The folder of `plugin` under a root, made if need be.
    pub(crate) fn enter(&self, key: &WorkspaceKey, plugin: &PluginName) -> io::Result<Dir> {
        let closed = self.closed.read().unwrap_or_else(PoisonError::into_inner);
        if closed.contains(key) {
            return Err(io::Error::new(io::ErrorKind::NotFound, "the root was closed"));
        }
        let names = [WORKSPACES, &key.principal, &key.root];
        let root = names.into_iter().try_fold(self.state.try_clone()?, |dir, name| made(&dir, name))?;
        made(&root, plugin.as_str())
    }

    /// Removes the folders of a root that was closed. Blocks.
    ///
    /// # Errors
    /// Something of them is still there. Nobody is given it.
    pub fn close(&self, principal: &str, root: &str) -> io::Result<()> {
        let Some(key) = WorkspaceKey::new(principal, root) else { return Ok(()) };
        match self.set_aside(key)? {
            Some((aside, name)) => remove(&aside, name),
            None => Ok(()),
        }
    }

    /// Removes what an earlier process did not get to. Blocks.
    ///
    /// # Errors
    /// Something is still there.
    pub fn sweep(&self) -> io::Result<()> {
        let Some(all) = found(&self.state, WORKSPACES.as_ref())? else { return Ok(()) };
        let Some(aside) = found(&all, ASIDE.as_ref())? else { return Ok(()) };
        for entry in aside.entries()? {
            remove(&aside, entry?.file_name())?;
        }
        Ok(())
    }

    /// Takes a root's folders from their place; says where they are then.
    fn set_aside(&self, key: WorkspaceKey) -> io::Result<Option<(Dir, OsString)>> {
        let mut closed = self.closed.write().unwrap_or_else(PoisonError::into_inner);
        if closed.len() >= REMEMBERED {
            closed.pop_front();
        }
        closed.push_back(key.clone());
        let Some(all) = found(&self.state, WORKSPACES.as_ref())? else { return Ok(None) };
        let Some(own) = found(&all, (*key.principal).as_ref())? else { return Ok(None) };
        let (aside, name) = (made(&all, ASIDE)?, fresh()?);
        match own.rename(&*key.root, &aside, &name) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            moved => moved?,
        }
        // Where other roots have folders, it stays.
        let _ = all.remove_dir(&*key.principal);
        Ok(Some((aside, name)))
    }
}

/// A name that nothing has.
fn fresh() -> io::Result<OsString> {
    let mut name = [0; 16];
    getrandom::fill(&mut name).map_err(io::Error::other)?;
    Ok(format!("{:032x}", u128::from_ne_bytes(name)).into())
}

/// The folder `name`, if there is one; a link to one is an error.
fn found(dir: &Dir, name: &OsStr) -> io::Result<Option<Dir>> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use cap_std::fs::OpenOptionsExt as _;
        use rustix::fs::OFlags;
        let flags = OFlags::NOFOLLOW | OFlags::DIRECTORY;
        options.custom_flags(i32::try_from(flags.bits()).unwrap_or(0));
    }
    match dir.open_with(name, &options) {
        Ok(folder) => Ok(Some(Dir::from_std_file(folder.into_std()))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The folder `name`, which is made if it is not there.
fn made(dir: &Dir, name: &str) -> io::Result<Dir> {
    if let Some(folder) = found(dir, name.as_ref())? {
        return Ok(folder);
    }
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    {
        use cap_std::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    match dir.create_dir_with(name, &builder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    found(dir, name.as_ref())?.ok_or_else(|| io::ErrorKind::NotFound.into())
}

/// Removes `name` from `aside` with all that is in it. Folders inside are moved
/// up first, so that however deep they lie, one is open at a time.
fn remove(aside: &Dir, name: OsString) -> io::Result<()> {
    let (mut left, mut tries) = (vec![name], 0);
    while let Some(name) = left.pop() {
        match found(aside, &name) {
            Ok(Some(folder)) => empty(&folder, aside, &mut left)?,
            Ok(None) => continue,
            // It is no folder, but a link or a file.
            Err(_) => {
                gone(aside.remove_file(&name))?;
                continue;
            }
        }
        match gone(aside.remove_dir(&name)) {
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty && tries < TRIES => {
                tries += 1;
                left.push(name);
            }
            removed => removed?,
        }
    }
    Ok(())
}

/// Removes what is in `folder`, and moves folders to `aside`, where they are left.
fn empty(folder: &Dir, aside: &Dir, left: &mut Vec<OsString>) -> io::Result<()> {
    for entry in folder.entries()? {
        let entry = entry?;
        let name = entry.file_name();
        if entry.file_type()?.is_dir() {
            let moved = fresh()?;
            gone(folder.rename(&name, aside, &moved))?;
            left.push(moved);
        } else {
            gone(folder.remove_file(&name))?;
        }
    }
    Ok(())
}

/// What is gone already need not be removed.
fn gone(result: io::Result<()>) -> io::Result<()> {
    result.or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) })
}

#[cfg(all(test, unix))]
mod tests;
