//! Streams from and into files, counted.

use std::{fs, io, sync::Arc};

use async_trait::async_trait;
use bytes::Bytes;
use wasmtime_wasi::p2::{
    DynInputStream, DynOutputStream, InputStream, OutputStream, Pollable, StreamError, StreamResult,
};

use super::{
    ledger::{Ledger, Pending},
    metadata,
};
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
    /// How large the file is, as long as nothing was written since it was asked.
    size: Option<u64>,
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
        Self { inner, file, place, ledger, size: None, walked: false, pending: None, _holding: holding }
    }

    /// Asks how large the file is, if what a write adds depends on it.
    async fn measure(&mut self) -> io::Result<()> {
        if self.ledger.is_some() && matches!(self.place, Place::At(_)) {
            self.size = Some(metadata(Arc::clone(&self.file)).await?.len());
        }
        Ok(())
    }

    /// What a write of `len` bytes can add: all of them, and a hole before them.
    /// `None`: it has to be measured first.
    fn cost(&mut self, len: usize) -> Option<u64> {
        let len = len as u64;
        match self.place {
            Place::At(at) => self.size.take().map(|size| growth(size, at, len)),
            Place::End => Some(len),
        }
    }

    /// Whether what the next write adds can be told.
    const fn is_measured(&self) -> bool {
        self.size.is_some() || matches!(self.place, Place::End)
    }

    fn advance(&mut self, len: usize) {
        if let Place::At(at) = &mut self.place {
            *at = at.saturating_add(len as u64);
        }
    }
}

/// What writing `len` bytes at `at` can add to a file of `size` bytes.
pub(super) fn growth(size: u64, at: u64, len: u64) -> u64 {
    at.saturating_add(len).saturating_sub(size).max(len)
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
        if self.measure().await.is_err() {
            // The write fails as well, and says why.
            self.size = Some(u64::MAX);
        }
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
        if !self.is_measured() {
            // The guest waits until it is: for `ready`.
            return Ok(0);
        }
        match usize::try_from(ledger.room()).unwrap_or(usize::MAX) {
            0 if self.walked => Err(full()),
            room => Ok(permit.min(room)),
        }
    }

    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        let len = bytes.len();
        if let Some(ledger) = self.ledger.clone() {
            let unasked = || StreamError::trap("a write that nothing was asked about before");
            let cost = self.cost(len).ok_or_else(unasked)?;
            self.pending = Some(ledger.try_reserve(cost).map_err(|_| full())?);
            self.walked = false;
        }
        self.inner.write(bytes)?;
        self.advance(len);
        Ok(())
    }

    async fn blocking_write_and_flush(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.inner.ready().await;
        let len = bytes.len();
        if let Some(ledger) = self.ledger.clone() {
            self.measure().await.map_err(failed)?;
            let cost = self.cost(len).ok_or_else(|| failed(io::ErrorKind::Unsupported.into()))?;
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
