//! `wasi:sockets`: outgoing TCP to granted places. Nothing listens, and UDP is
//! denied.
//!
//! **Invariant:** an address is dialled only if a rule names it or a granted
//! name resolved to it in this call, by the one checked resolver.

mod look_up;
mod stream;

use std::{
    fmt,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use bulkhead_net::Reach;
use bulkhead_policy::{HostRule, TcpRule};
use wasmtime::{
    Result,
    component::{HasSelf, Linker, Resource, ResourceType},
};
use wasmtime_wasi::{
    WasiCtxBuilder,
    p2::{
        SocketError, TcpSocket,
        bindings::sockets::{
            ip_name_lookup,
            network::{self, ErrorCode, IpAddressFamily, Network},
            tcp, tcp_create_socket,
        },
    },
    sockets::{SocketAddrUse, WasiSocketsCtx},
};

use crate::{
    Capability,
    capability::reach::reach,
    state::{CallState, Shared},
    undefended::{Defence, switched_off},
};

/// Links look-up and sockets, and counts what goes over a connection.
pub(crate) fn link(l: &mut Linker<CallState>) -> Result<()> {
    ip_name_lookup::add_to_linker::<_, HasSelf<CallState>>(l, |call| call)?;
    tcp_create_socket::add_to_linker::<_, HasSelf<CallState>>(l, |call| call)?;
    l.allow_shadowing(true);
    l.instance("wasi:sockets/tcp@0.2.12")?.func_wrap("[method]tcp-socket.finish-connect", stream::finish_connect)?;
    let socket = ResourceType::host::<TcpSocket>();
    l.instance("wasi:sockets/tcp@0.2.12")?.resource("tcp-socket", socket, |mut store, rep| {
        let call: &mut CallState = store.data_mut();
        call.sockets_open.remove(&rep);
        tcp::HostTcpSocket::drop(&mut call.library_sockets(), Resource::new_own(rep))
    })?;
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
    if switched_off(Defence::Sockets) {
        let anywhere = |_, _| -> std::pin::Pin<Box<dyn Future<Output = bool> + Send + Sync>> {
            Box::pin(std::future::ready(true))
        };
        builder.allow_tcp(true).allow_udp(true).socket_addr_check(anywhere);
    } else if !shared.grounds.tcp.is_empty() {
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
        rule.admits(&HostRule::Address(address.ip()), address.port()) && reach_of(rule).admits(address.ip())
    };
    if shared.resolved.has(&address) || shared.grounds.tcp.iter().any(by_address) {
        return shared.begin_request().is_ok();
    }
    let line = TcpRule::for_endpoint(HostRule::Address(address.ip()), address.port());
    denied(shared, format_args!("asked for a connection to {address}"), &line);
    false
}

fn reach_of(rule: &TcpRule) -> Reach {
    reach(&rule.host, rule.allow_private)
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
        let descriptor = self.shared.take_descriptor().map_err(|_| ErrorCode::NewSocketLimit)?;
        let socket = self.library_sockets().create_tcp_socket(family)?;
        self.sockets_open.insert(socket.rep(), Arc::new(descriptor));
        Ok(socket)
    }
}
