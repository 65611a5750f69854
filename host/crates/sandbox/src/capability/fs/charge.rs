//! What every file function needs: the descriptor's file, its mount, its quota.

use std::sync::Arc;

use bulkhead_policy::{Mount, MountAccess};
use wasmtime::component::Resource;
use wasmtime_wasi::{
    filesystem::{Descriptor, Dir},
    p2::{DynOutputStream, FsError, FsResult, bindings::filesystem::types::ErrorCode, pipe::ClosedOutputStream},
};

use super::{
    Fd,
    ledger::Pending,
    stream::{Charged, Place},
};
use crate::{Capability, state::CallState};

impl CallState {
    pub(super) fn folder(&self, fd: &Fd) -> FsResult<Dir> {
        match self.table.get(fd)? {
            Descriptor::Dir(dir) => Ok(dir.clone()),
            Descriptor::File(_) => Err(ErrorCode::NotDirectory.into()),
        }
    }

    pub(super) fn file(&self, fd: &Fd) -> FsResult<Arc<std::fs::File>> {
        match self.table.get(fd)? {
            Descriptor::File(file) => Ok(Arc::clone(&file.file)),
            Descriptor::Dir(_) => Err(ErrorCode::BadDescriptor.into()),
        }
    }

    /// Tells the operator that a folder for reading was to be written.
    pub(super) fn deny_write(&self, fd: &Fd) {
        let Some(granted) = self.mount(fd).map(|open| &open.mount).filter(|mount| mount.access == MountAccess::Read)
        else {
            return;
        };
        let line = Mount { access: MountAccess::Write, ..granted.clone() };
        let detail = format!("asked to write under {}", granted.at);
        self.shared.witness.denied(Capability::Fs, detail, Some(&line));
    }

    /// Takes from the quota of the folder that `fd` is under.
    pub(super) fn take(&self, fd: &Fd, bytes: u64, inodes: u64) -> impl Future<Output = FsResult<()>> + Send + use<> {
        let ledger = self.ledger(fd);
        async move {
            match ledger {
                Some(ledger) => ledger.take(bytes, inodes).await.map_err(|_| ErrorCode::Quota.into()),
                None => Ok(()),
            }
        }
    }

    /// Takes bytes from that quota for one write, which counts as on its way for
    /// as long as what is returned is held.
    pub(super) fn reserve(
        &self,
        fd: &Fd,
        bytes: u64,
    ) -> impl Future<Output = FsResult<Option<Pending>>> + Send + use<> {
        let ledger = self.ledger(fd);
        async move {
            match ledger {
                Some(ledger) => ledger.reserve(bytes).await.map(Some).map_err(|_| ErrorCode::Quota.into()),
                None => Ok(None),
            }
        }
    }

    pub(super) fn shrunk(&self, fd: &Fd) {
        if let Some(ledger) = self.ledger(fd) {
            ledger.shrunk();
        }
    }

    /// Puts the quota in front of a stream that the library made.
    pub(super) fn charge(
        &mut self,
        fd: &Fd,
        stream: Resource<DynOutputStream>,
        place: Place,
    ) -> FsResult<Resource<DynOutputStream>> {
        let (file, ledger) = (self.file(fd)?, self.ledger(fd));
        let holding = (self.hold_stream().map_err(FsError::trap)?, self.descriptors.held(fd));
        let slot = self.table.get_mut(&stream)?;
        let inner = std::mem::replace(slot, Box::new(ClosedOutputStream));
        *slot = Box::new(Charged::new(inner, file, place, ledger, holding));
        Ok(stream)
    }
}
