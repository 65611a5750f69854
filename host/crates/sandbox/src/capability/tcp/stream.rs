//! Streams of a connection, counted.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use wasmtime::{Result, StoreContextMut, component::Resource};
use wasmtime_wasi::p2::{
    DynInputStream, DynOutputStream, InputStream, OutputStream, Pollable, StreamError, StreamResult, TcpSocket,
    bindings::sockets::{network::ErrorCode, tcp::HostTcpSocket as _},
    pipe::{ClosedInputStream, ClosedOutputStream},
};

use crate::state::{CallState, Holding, Shared};

type Streams = (Resource<DynInputStream>, Resource<DynOutputStream>);

/// The library's function, with counters in front of both streams.
pub(super) fn finish_connect(
    mut store: StoreContextMut<'_, CallState>,
    (socket,): (Resource<TcpSocket>,),
) -> Result<(Result<Streams, ErrorCode>,)> {
    let call = store.data_mut();
    let descriptor = call.sockets_open.get(&socket.rep()).cloned();
    let (input, output) = match call.library_sockets().finish_connect(socket) {
        Ok(streams) => streams,
        Err(error) => return Ok((Err(error.downcast()?),)),
    };
    let shared = Arc::clone(&call.shared);
    let slot = call.table.get_mut(&input)?;
    let inner = std::mem::replace(slot, Box::new(ClosedInputStream));
    *slot = Box::new(Counted { inner, shared: Arc::clone(&shared), _descriptor: descriptor.clone() });
    let slot = call.table.get_mut(&output)?;
    let inner = std::mem::replace(slot, Box::new(ClosedOutputStream));
    *slot = Box::new(Counted { inner, shared, _descriptor: descriptor });
    Ok((Ok((input, output)),))
}

/// A stream of a connection whose bytes count as transferred.
struct Counted<S> {
    inner: S,
    shared: Arc<Shared>,
    /// The connection is open for as long as one of its streams.
    _descriptor: Option<Arc<Holding>>,
}

impl<S> Counted<S> {
    fn count(&self, bytes: usize) -> StreamResult<()> {
        self.shared.transfer(bytes).map_err(|error| StreamError::Trap(error.into()))
    }
}

#[async_trait]
impl<S: Pollable> Pollable for Counted<S> {
    async fn ready(&mut self) {
        self.inner.ready().await;
    }
}

#[async_trait]
impl InputStream for Counted<DynInputStream> {
    fn read(&mut self, size: usize) -> StreamResult<Bytes> {
        let bytes = self.inner.read(size)?;
        self.count(bytes.len())?;
        Ok(bytes)
    }

    async fn cancel(&mut self) {
        self.inner.cancel().await;
    }
}

#[async_trait]
impl OutputStream for Counted<DynOutputStream> {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.count(bytes.len())?;
        self.inner.write(bytes)
    }

    fn flush(&mut self) -> StreamResult<()> {
        self.inner.flush()
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        self.inner.check_write()
    }

    async fn cancel(&mut self) {
        self.inner.cancel().await;
    }
}
