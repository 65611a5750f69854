//! Streams from and into files, counted.

use std::{fs, io, sync::Arc};

use async_trait::async_trait;
use bytes::Bytes;
use wasmtime_wasi::p2::{
    DynInputStream, DynOutputStream, InputStream, OutputStream, Pollable, StreamError, StreamResult,
};

use super::ledger::{Ledger, Pending};
use crate::state::Holding;

/// A stream's place among those of its call, and the file's descriptor.
pub(super) type Places = (Holding, Option<Arc<Holding>>);

/// A stream that takes one of the call's places.
pub(super) struct Counted {
    inner: DynInputStream,
    _holding: Places,
}

impl Counted {
    pub(super) fn new(inner: DynInputStream, holding: Places) -> Self {
        Self { inner, _holding: holding }
    }
}

#[async_trait]
impl Pollable for Counted {
    async fn ready(&mut self) {
        self.inner.ready().await;
    }
}

#[async_trait]
impl InputStream for Counted {
    fn read(&mut self, size: usize) -> StreamResult<Bytes> {
        self.inner.read(size)
    }

    async fn blocking_read(&mut self, size: usize) -> StreamResult<Bytes> {
        self.inner.blocking_read(size).await
    }

    async fn cancel(&mut self) {
        self.inner.cancel().await;
    }
}

/// Where a stream writes.
pub(super) enum Place {
    At(u64),
    End,
}

/// A stream into a file that takes every byte from the ledger first.
pub(super) struct Charged {
    inner: DynOutputStream,
    file: Arc<fs::File>,
    place: Place,
    ledger: Option<Arc<Ledger>>,
    /// Whether a walk was made since room last ran out.
    walked: bool,
    pending: Option<Pending>,
    _holding: Places,
}

impl Charged {
    pub(super) fn new(
        inner: DynOutputStream,
        file: Arc<fs::File>,
        place: Place,
        ledger: Option<Arc<Ledger>>,
        holding: Places,
    ) -> Self {
        Self { inner, file, place, ledger, walked: false, pending: None, _holding: holding }
    }

    /// What a write of `len` bytes can add: all of them, and a hole before them.
    fn cost(&self, len: usize) -> StreamResult<u64> {
        let len = len as u64;
        match self.place {
            Place::At(at) => growth(&self.file, at, len).map_err(failed),
            Place::End => Ok(len),
        }
    }

    fn advance(&mut self, len: usize) {
        if let Place::At(at) = &mut self.place {
            *at = at.saturating_add(len as u64);
        }
    }
}

/// What writing `len` bytes at `at` can add to the file.
pub(super) fn growth(file: &fs::File, at: u64, len: u64) -> io::Result<u64> {
    let size = file.metadata()?.len();
    Ok(at.saturating_add(len).saturating_sub(size).max(len))
}

fn failed(error: io::Error) -> StreamError {
    StreamError::LastOperationFailed(error.into())
}

/// What the guest's C library turns into "no space left".
fn full() -> StreamError {
    failed(io::ErrorKind::StorageFull.into())
}

#[async_trait]
impl Pollable for Charged {
    async fn ready(&mut self) {
        self.inner.ready().await;
        self.pending = None;
        if let Some(ledger) = self.ledger.as_ref().filter(|ledger| ledger.room() == 0) {
            ledger.walk_again().await;
            self.walked = true;
        }
    }
}

#[async_trait]
impl OutputStream for Charged {
    fn check_write(&mut self) -> StreamResult<usize> {
        let permit = self.inner.check_write()?;
        let Some(ledger) = self.ledger.as_ref().filter(|_| permit > 0) else { return Ok(permit) };
        match usize::try_from(ledger.room()).unwrap_or(usize::MAX) {
            0 if self.walked => Err(full()),
            room => Ok(permit.min(room)),
        }
    }

    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        let (len, cost) = (bytes.len(), self.cost(bytes.len())?);
        if let Some(ledger) = &self.ledger {
            self.pending = Some(ledger.try_reserve(cost).map_err(|_| full())?);
            self.walked = false;
        }
        self.inner.write(bytes)?;
        self.advance(len);
        Ok(())
    }

    async fn blocking_write_and_flush(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.inner.ready().await;
        let (len, cost) = (bytes.len(), self.cost(bytes.len())?);
        if let Some(ledger) = &self.ledger {
            self.pending = Some(ledger.reserve(cost).await.map_err(|_| full())?);
        }
        self.inner.blocking_write_and_flush(bytes).await?;
        self.pending = None;
        self.advance(len);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        self.inner.flush()
    }

    async fn cancel(&mut self) {
        self.inner.cancel().await;
    }
}
