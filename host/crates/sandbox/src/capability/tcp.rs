//! `wasi:sockets`: outgoing TCP to granted places. Nothing listens, and UDP is
//! denied.
//!
//! **Invariant:** an address is dialled only if a rule names it or a granted
//! name resolved to it in this call, by the one checked resolver.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    vec,
};

use async_trait::async_trait;
use bulkhead_net::{DialError, Reach, classify};
use bulkhead_policy::{HostRule, TcpRule};
use bytes::Bytes;
use futures_util::FutureExt as _;
use wasmtime::{
    Result, StoreContextMut,
    component::{HasSelf, Linker, Resource},
};
use wasmtime_wasi::{
    WasiCtxBuilder,
    p2::{
        DynInputStream, DynOutputStream, DynPollable, InputStream, OutputStream, Pollable, SocketError, StreamError,
        StreamResult, TcpSocket,
        bindings::sockets::{
            ip_name_lookup::{self, ResolveAddressStream},
            network::{self, ErrorCode, IpAddress, IpAddressFamily, Network},
            tcp::HostTcpSocket as _,
            tcp_create_socket,
        },
        pipe::{ClosedInputStream, ClosedOutputStream},
        subscribe,
    },
    runtime::AbortOnDropJoinHandle,
    sockets::{SocketAddrUse, WasiSocketsCtx},
};

use crate::{
    Capability,
    state::{CallState, Shared},
};

/// Links look-up and sockets, and counts what goes over a connection.
pub(crate) fn link(l: &mut Linker<CallState>) -> Result<()> {
    ip_name_lookup::add_to_linker::<_, HasSelf<CallState>>(l, |call| call)?;
    tcp_create_socket::add_to_linker::<_, HasSelf<CallState>>(l, |call| call)?;
    l.allow_shadowing(true);
    l.instance("wasi:sockets/tcp@0.2.12")?.func_wrap("[method]tcp-socket.finish-connect", finish_connect)?;
    l.allow_shadowing(false);
    Ok(())
}

/// Addresses that granted names resolved to in this call.
#[derive(Debug, Default)]
pub(crate) struct Resolved(Mutex<Vec<SocketAddr>>);

impl Resolved {
    fn add(&self, addresses: &[SocketAddr]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(addresses);
    }

    fn has(&self, address: &SocketAddr) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(address)
    }
}

/// What the library's sockets may do in this call.
pub(crate) fn context(shared: &Arc<Shared>) -> WasiSocketsCtx {
    let mut builder = WasiCtxBuilder::new();
    if !shared.grounds.tcp.is_empty() {
        let shared = Arc::clone(shared);
        let check = move |address, usage| -> std::pin::Pin<Box<dyn Future<Output = bool> + Send + Sync>> {
            Box::pin(std::future::ready(may(&shared, address, usage)))
        };
        builder.allow_tcp(true).socket_addr_check(check);
    }
    builder.build().sockets().clone()
}

fn may(shared: &Shared, address: SocketAddr, usage: SocketAddrUse) -> bool {
    match usage {
        // The system's own choice, before it connects.
        SocketAddrUse::TcpBind => address.ip().is_unspecified() && address.port() == 0,
        SocketAddrUse::TcpConnect => may_connect(shared, address),
        _ => false,
    }
}

fn may_connect(shared: &Shared, address: SocketAddr) -> bool {
    let by_address = |rule: &TcpRule| {
        rule.admits(&HostRule::Address(address.ip()), address.port()) && reach(rule).admits(classify(address.ip()))
    };
    if shared.resolved.has(&address) || shared.grounds.tcp.iter().any(by_address) {
        return shared.begin_request().is_ok();
    }
    let line = TcpRule::for_endpoint(HostRule::Address(address.ip()), address.port());
    denied(shared, format_args!("asked for a connection to {address}"), &line);
    false
}

const fn reach(rule: &TcpRule) -> Reach {
    if rule.allow_private { Reach::PRIVATE } else { Reach::PUBLIC }
}

fn denied(shared: &Shared, detail: impl fmt::Display, line: &dyn fmt::Display) {
    shared.witness.denied(Capability::Tcp, detail, Some(line));
}

/// The library's own; here because errors of the other interfaces go through it.
impl network::Host for CallState {
    fn convert_error_code(&mut self, error: SocketError) -> Result<ErrorCode> {
        error.downcast()
    }

    fn network_error_code(&mut self, error: Resource<wasmtime::Error>) -> Result<Option<ErrorCode>> {
        self.library_sockets().network_error_code(error)
    }
}

impl network::HostNetwork for CallState {
    fn drop(&mut self, network: Resource<Network>) -> Result<()> {
        network::HostNetwork::drop(&mut self.library_sockets(), network)
    }
}

impl tcp_create_socket::Host for CallState {
    fn create_tcp_socket(&mut self, family: IpAddressFamily) -> Result<Resource<TcpSocket>, SocketError> {
        if self.grounds().tcp.is_empty() {
            denied(&self.shared, "asked for a TCP connection", &"{host: HOST, port: PORT}");
        }
        self.library_sockets().create_tcp_socket(family)
    }
}

/// A look-up under way, or its answers.
struct LookUp {
    task: Option<AbortOnDropJoinHandle<Answers>>,
    answers: Result<vec::IntoIter<IpAddr>, ErrorCode>,
}

type Answers = Result<Vec<IpAddr>, ErrorCode>;

impl LookUp {
    fn done(&mut self, answers: Answers) {
        self.task = None;
        self.answers = answers.map(Vec::into_iter);
    }
}

#[async_trait]
impl Pollable for LookUp {
    async fn ready(&mut self) {
        if let Some(task) = &mut self.task {
            let answers = task.await;
            self.done(answers);
        }
    }
}

/// The table's entry behind a handle of the interface: ours, not the library's.
fn ours(stream: &Resource<ResolveAddressStream>) -> Resource<LookUp> {
    Resource::new_borrow(stream.rep())
}

impl ip_name_lookup::Host for CallState {
    fn resolve_addresses(
        &mut self,
        network: Resource<Network>,
        name: String,
    ) -> Result<Resource<ResolveAddressStream>, SocketError> {
        self.table.get(&network)?;
        let host: HostRule = name.parse().map_err(|_| ErrorCode::InvalidArgument)?;
        if matches!(host, HostRule::Below(_)) {
            return Err(ErrorCode::InvalidArgument.into());
        }
        let rules: Vec<TcpRule> = self.grounds().tcp.iter().filter(|rule| rule.resolves(&host)).cloned().collect();
        if rules.is_empty() {
            let line = format!("{{host: {host}, port: PORT}}");
            denied(&self.shared, format_args!("asked for the address of {host}"), &line);
            return Err(ErrorCode::AccessDenied.into());
        }
        self.shared.begin_request().map_err(SocketError::trap)?;
        let io = self.grounds().services.io.clone();
        let task = io.spawn(look_up(Arc::clone(&self.shared), host, rules));
        let look_up = LookUp { task: Some(task.into()), answers: Ok(Vec::new().into_iter()) };
        Ok(Resource::new_own(self.table.push(look_up)?.rep()))
    }
}

/// Resolves `host` once for each rule that names it, since each has its port
/// and its reach.
async fn look_up(shared: Arc<Shared>, host: HostRule, rules: Vec<TcpRule>) -> Answers {
    let dialler = &shared.grounds.services.dialler;
    let (mut found, mut failure) = (Vec::new(), None);
    for rule in rules {
        match dialler.resolve(&host.to_string(), rule.port, reach(&rule), shared.deadline).await {
            Ok(addresses) => {
                shared.resolved.add(&addresses);
                found.extend(addresses.iter().map(SocketAddr::ip));
            }
            Err(error) => failure = Some(refused(&shared, &host, &rule, error)),
        }
    }
    found.dedup();
    match failure {
        Some(failure) if found.is_empty() => Err(failure),
        _ => Ok(found),
    }
}

fn refused(shared: &Shared, host: &HostRule, rule: &TcpRule, error: DialError) -> ErrorCode {
    match error {
        DialError::Refused { address, class, .. } => {
            let line = TcpRule { host: host.clone(), port: rule.port, allow_private: true };
            denied(shared, format_args!("asked for {host}, which is at {address}, a {class} address"), &line);
            ErrorCode::AccessDenied
        }
        DialError::TimedOut { .. } => ErrorCode::TemporaryResolverFailure,
        DialError::BadName(_) => ErrorCode::InvalidArgument,
        _ => ErrorCode::NameUnresolvable,
    }
}

impl ip_name_lookup::HostResolveAddressStream for CallState {
    fn resolve_next_address(
        &mut self,
        stream: Resource<ResolveAddressStream>,
    ) -> Result<Option<IpAddress>, SocketError> {
        let look_up = self.table.get_mut(&ours(&stream))?;
        if let Some(task) = &mut look_up.task {
            let answers = task.now_or_never().ok_or(ErrorCode::WouldBlock)?;
            look_up.done(answers);
        }
        match &mut look_up.answers {
            Ok(answers) => Ok(answers.next().map(IpAddress::from)),
            Err(error) => Err((*error).into()),
        }
    }

    fn subscribe(&mut self, stream: Resource<ResolveAddressStream>) -> Result<Resource<DynPollable>> {
        subscribe(&mut self.table, ours(&stream))
    }

    fn drop(&mut self, stream: Resource<ResolveAddressStream>) -> Result<()> {
        self.table.delete(Resource::<LookUp>::new_own(stream.rep()))?;
        Ok(())
    }
}

type Streams = (Resource<DynInputStream>, Resource<DynOutputStream>);

/// The library's function, with counters in front of both streams.
fn finish_connect(
    mut store: StoreContextMut<'_, CallState>,
    (socket,): (Resource<TcpSocket>,),
) -> Result<(Result<Streams, ErrorCode>,)> {
    let call = store.data_mut();
    let (input, output) = match call.library_sockets().finish_connect(socket) {
        Ok(streams) => streams,
        Err(error) => return Ok((Err(error.downcast()?),)),
    };
    let shared = Arc::clone(&call.shared);
    let slot = call.table.get_mut(&input)?;
    let inner = std::mem::replace(slot, Box::new(ClosedInputStream));
    *slot = Box::new(Counted { inner, shared: Arc::clone(&shared) });
    let slot = call.table.get_mut(&output)?;
    let inner = std::mem::replace(slot, Box::new(ClosedOutputStream));
    *slot = Box::new(Counted { inner, shared });
    Ok((Ok((input, output)),))
}

/// A stream of a connection whose bytes count as transferred.
struct Counted<S> {
    inner: S,
    shared: Arc<Shared>,
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
