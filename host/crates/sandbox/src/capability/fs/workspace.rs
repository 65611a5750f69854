//! The folder that a root has for its plugin, opened before the guest begins.

use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use bulkhead_policy::{Mount, MountAccess};
use tokio::task::spawn_blocking;
use wasmtime::Result;

use super::{OpenMount, ledger::Ledger};
use crate::{
    Capability, Services,
    grounds::Grounds,
    state::{CallState, Holding, Shared},
    workspaces::WorkspaceKey,
};

/// A grant of workspaces, with the quotas of those that calls have open. These
/// are no more than the calls that run: one that no call has open is forgotten.
pub(crate) struct Workspace {
    mount: Mount,
    ledgers: Mutex<BTreeMap<WorkspaceKey, Weak<Ledger>>>,
}

/// What one call has of it.
pub(crate) struct Entered {
    pub(super) mount: OpenMount,
    /// The host's own descriptors behind it, which its quota has one of.
    _held: [Holding; 2],
}

impl Workspace {
    pub(crate) fn new(mount: Mount) -> Self {
        Self { mount, ledgers: Mutex::default() }
    }

    /// Where the guest sees it.
    pub(crate) fn at(&self) -> &str {
        self.mount.at.as_str()
    }

    fn open(&self, folder: cap_std::fs::Dir, key: &WorkspaceKey) -> io::Result<OpenMount> {
        let ledger = match self.mount.access {
            MountAccess::Read => None,
            MountAccess::Write => Some(self.ledger(&folder, key)?),
        };
        Ok(OpenMount::new(folder, &self.mount, ledger))
    }

    /// The quota, which all calls under one root share.
    fn ledger(&self, folder: &cap_std::fs::Dir, key: &WorkspaceKey) -> io::Result<Arc<Ledger>> {
        let mut ledgers = self.ledgers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(ledger) = ledgers.get(key).and_then(Weak::upgrade) {
            return Ok(ledger);
        }
        ledgers.retain(|_, ledger| ledger.strong_count() > 0);
        let ledger = Arc::new(Ledger::new(folder.try_clone()?, self.mount.quota.get(), self.mount.inodes));
        ledgers.insert(key.clone(), Arc::downgrade(&ledger));
        Ok(ledger)
    }
}

impl CallState {
    /// Opens the workspace of the call's root, if the plugin was granted one, on
    /// a thread that may block.
    pub(crate) async fn enter_workspace(&mut self) -> Result<()> {
        let shared = Arc::clone(&self.shared);
        let (Some(_), Some(key)) = (&shared.grounds.workspace, &self.workspace_key) else { return Ok(()) };
        let held = [shared.take_descriptor()?, shared.take_descriptor()?];
        let (key, own) = (key.clone(), Arc::clone(&shared));
        let entered = spawn_blocking(move || enter(&own, &key)).await;
        match entered.unwrap_or_else(|error| Err(io::Error::other(error))) {
            Ok(mount) => self.workspace = Some(Entered { mount, _held: held }),
            Err(error) => {
                tracing::warn!(plugin = %shared.entry, %error, "the workspace of a root cannot be opened")
            }
        }
        Ok(())
    }

    /// Tells the operator of a plugin that looks for its workspace where it has none.
    pub(super) fn miss_workspace(&self) {
        let Some(granted) = &self.grounds().workspace else { return };
        if self.workspace_key.is_none() || self.grounds().services.workspaces.is_none() {
            let detail = format!("asked for {} while no root is open", granted.at());
            self.shared.witness.denied(Capability::Fs, detail, None);
        }
    }
}

fn enter(shared: &Shared, key: &WorkspaceKey) -> io::Result<OpenMount> {
    let Grounds { workspace: Some(granted), services: Services { workspaces: Some(workspaces), .. }, .. } =
        &*shared.grounds
    else {
        return Err(io::ErrorKind::NotFound.into());
    };
    granted.open(workspaces.enter(key, &shared.entry)?, key)
}
