//! `wasi:filesystem`: granted folders, and what their quota leaves.
//!
//! Folders are opened once, at load; a call gets the open handles. Paths are
//! resolved beneath them by the kernel (`openat2`) or, where it cannot, step by
//! step. On top of that, guests make no links of any kind, special files are
//! not opened, and under write access a file that has several names is read
//! only: one of them may lie outside.
//!
//! The folder of a call's root is opened as the call begins, from the open
//! folder of all of them.
//!
//! **Invariant:** no function here waits for a file system on the thread that
//! runs it: one that hangs takes a thread for blocking work, and no other.
//!
//! Absent: a path of the host. None is kept, none is opened after load.

mod charge;
mod descriptor;
mod ledger;
mod open;
mod stream;
#[cfg(test)]
mod tests;
mod workspace;

use std::{collections::BTreeMap, fs, io, path::Path, sync::Arc};

use bulkhead_policy::{Mount, MountAccess};
use tokio::task::spawn_blocking;
use wasmtime::{
    Result,
    component::{HasSelf, Linker, Resource},
};
use wasmtime_wasi::{
    FsPerms, OpenMode,
    filesystem::{Descriptor, Dir},
    p2::bindings::filesystem::{preopens, types},
};

use crate::{
    CompileError, Folder,
    state::{CallState, Holding},
};

use ledger::Ledger;
pub(crate) use workspace::{Entered, Workspace};

/// Links files and preopened folders.
pub(crate) fn link(l: &mut Linker<CallState>) -> Result<()> {
    types::add_to_linker::<_, HasSelf<CallState>>(l, |call| call)?;
    preopens::add_to_linker::<_, HasSelf<CallState>>(l, |call| call)
}

/// A granted folder, open.
pub(crate) struct OpenMount {
    dir: Dir,
    mount: Mount,
    /// Of a folder that may be written.
    ledger: Option<Arc<Ledger>>,
}

impl OpenMount {
    /// Opens the folder at `path`, which `mount` names.
    pub(crate) fn open(mount: &Mount, path: &Path) -> Result<Self, CompileError> {
        let failed = |source| CompileError::Mount { path: path.to_owned(), source };
        let folder = cap_std::fs::Dir::open_ambient_dir(path, cap_std::ambient_authority()).map_err(failed)?;
        let ledger = match mount.access {
            MountAccess::Read => None,
            MountAccess::Write => {
                let ledger = Ledger::new(folder.try_clone().map_err(failed)?, mount.quota.get(), mount.inodes);
                Some(Arc::new(ledger))
            }
        };
        Ok(Self::new(folder, mount, ledger))
    }

    fn new(folder: cap_std::fs::Dir, mount: &Mount, ledger: Option<Arc<Ledger>>) -> Self {
        let (perms, mode) = match mount.access {
            MountAccess::Read => (FsPerms::ReadOnly, OpenMode::READ),
            MountAccess::Write => (FsPerms::ReadWrite, OpenMode::READ | OpenMode::WRITE),
        };
        Self { dir: Dir::new(folder.into_std_file(), perms, mode, false), mount: mount.clone(), ledger }
    }

    /// The folder, for the host to look into.
    pub(crate) fn folder(&self) -> io::Result<Folder> {
        let dir = cap_std::fs::Dir::from_std_file(self.dir.dir.try_clone()?);
        let host = self.mount.host.path().map(Path::to_owned).unwrap_or_default();
        Ok(Folder::new(self.mount.at.clone(), host, dir))
    }
}

type Fd = Resource<Descriptor>;

/// What there is to know of an open file, asked where one may block.
async fn metadata(file: Arc<fs::File>) -> io::Result<fs::Metadata> {
    spawn_blocking(move || file.metadata()).await.unwrap_or_else(|error| Err(io::Error::other(error)))
}

/// Listings that a call may hold: the library has each in memory whole.
/// Answers "a folder of many files, listed two hundred times at once".
const LISTINGS: u32 = 16;

/// What a call has open, by its place in the table, and how many listings.
#[derive(Debug, Default)]
pub(crate) struct Descriptors {
    open: BTreeMap<u32, Opened>,
    listings: u32,
}

/// One descriptor of a call.
#[derive(Debug)]
struct Opened {
    /// The granted folder that it lies in.
    mount: usize,
    /// The host's own descriptor behind it; the granted folders have theirs for
    /// all calls together. Streams hold it too: they keep the file open.
    held: Option<Arc<Holding>>,
}

impl Descriptors {
    fn insert(&mut self, descriptor: &Fd, mount: usize, held: Option<Holding>) {
        self.open.insert(descriptor.rep(), Opened { mount, held: held.map(Arc::new) });
    }

    fn remove(&mut self, descriptor: &Fd) {
        self.open.remove(&descriptor.rep());
    }

    fn mount(&self, descriptor: &Fd) -> Option<usize> {
        self.open.get(&descriptor.rep()).map(|opened| opened.mount)
    }

    fn held(&self, descriptor: &Fd) -> Option<Arc<Holding>> {
        self.open.get(&descriptor.rep())?.held.clone()
    }
}

impl CallState {
    /// The quota that writes through this descriptor count against.
    fn ledger(&self, descriptor: &Resource<Descriptor>) -> Option<Arc<Ledger>> {
        self.mount(descriptor)?.ledger.clone()
    }

    /// The granted folder that this descriptor lies in.
    fn mount(&self, descriptor: &Fd) -> Option<&OpenMount> {
        let index = self.descriptors.mount(descriptor)?;
        self.mounts().nth(index)
    }

    /// The folders that the call has; the workspace of its root comes last.
    fn mounts(&self) -> impl Iterator<Item = &OpenMount> {
        self.grounds().fs.iter().chain(self.workspace.as_ref().map(|entered| &entered.mount))
    }
}

impl preopens::Host for CallState {
    fn get_directories(&mut self) -> Result<Vec<(Resource<Descriptor>, String)>> {
        self.miss_workspace();
        let open = |mount: &OpenMount| (mount.dir.clone(), mount.mount.at.as_str().to_owned());
        let mounts: Vec<(Dir, String)> = self.mounts().map(open).collect();
        let mut folders = Vec::with_capacity(mounts.len());
        for (index, (dir, at)) in mounts.into_iter().enumerate() {
            let descriptor = self.table.push(Descriptor::Dir(dir))?;
            self.descriptors.insert(&descriptor, index, None);
            folders.push((descriptor, at));
        }
        Ok(folders)
    }
}
