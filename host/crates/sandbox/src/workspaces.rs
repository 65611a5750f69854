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

use std::{
    collections::VecDeque,
    ffi::{OsStr, OsString},
    io,
    path::Path,
    sync::{PoisonError, RwLock},
};

use bulkhead_base::{Digest, PluginName};
use cap_std::fs::{Dir, DirBuilder, OpenOptions};

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
        let is_id = !root.is_empty() && root.bytes().all(|byte| byte.is_ascii_hexdigit());
        let principal = Digest::of(principal.as_bytes()).hex().into();
        is_id.then(|| Self { principal, root: root.into() })
    }
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
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt as _};

    use super::*;

    fn plugin() -> PluginName {
        "probe".parse().unwrap()
    }

    fn place(state: &Path, principal: &str, root: &str) -> std::path::PathBuf {
        state.join(WORKSPACES).join(Digest::of(principal.as_bytes()).hex()).join(root)
    }

    #[test]
    fn a_closed_root_is_gone_with_its_deepest_folder_and_is_not_made_again() {
        let state = tempfile::tempdir().unwrap();
        let workspaces = Workspaces::open(state.path()).unwrap();
        let [one, two] = ["a1", "b2"].map(|root| WorkspaceKey::new("me", root).unwrap());
        let mut dir = workspaces.enter(&one, &plugin()).unwrap();
        workspaces.enter(&two, &plugin()).unwrap();
        let own = place(state.path(), "me", "a1").join("probe");
        assert_eq!(fs::metadata(&own).unwrap().permissions().mode() & 0o777, 0o700);
        for _ in 0..2000 {
            dir.create_dir("d").unwrap();
            dir.write("f", "x").unwrap();
            dir = dir.open_dir("d").unwrap();
        }
        workspaces.close("me", "a1").unwrap();
        assert!(workspaces.enter(&one, &plugin()).is_err());
        assert!(!place(state.path(), "me", "a1").exists() && place(state.path(), "me", "b2").exists());
        assert_eq!(fs::read_dir(state.path().join(WORKSPACES).join(ASIDE)).unwrap().count(), 0);
        workspaces.close("me", "b2").unwrap();
        assert!(!place(state.path(), "me", "").exists());
    }

    #[test]
    fn links_are_removed_and_not_followed() {
        let (state, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::write(other.path().join("kept"), "x").unwrap();
        let workspaces = Workspaces::open(state.path()).unwrap();
        let key = WorkspaceKey::new("me", "a1").unwrap();
        workspaces.enter(&key, &plugin()).unwrap();
        let link = |at: &Path| std::os::unix::fs::symlink(other.path(), at).unwrap();
        let root = place(state.path(), "me", "a1");
        link(&root.join("probe/link"));
        link(&root.join("linked"));
        std::os::unix::fs::symlink("probe", root.join("near")).unwrap();
        for name in ["linked", "near"] {
            assert!(workspaces.enter(&key, &name.parse().unwrap()).is_err(), "{name}");
        }
        workspaces.close("me", "a1").unwrap();
        link(&place(state.path(), "me", "").with_file_name(ASIDE).join("left"));
        workspaces.sweep().unwrap();
        assert!(!root.exists() && other.path().join("kept").exists());
        assert_eq!(fs::read_dir(state.path().join(WORKSPACES).join(ASIDE)).unwrap().count(), 0);
    }

    #[test]
    fn no_id_leads_elsewhere() {
        for id in ["", ".", "..", "a/b", "closed", "/"] {
            assert_eq!(WorkspaceKey::new("me", id), None, "{id}");
        }
    }
}
