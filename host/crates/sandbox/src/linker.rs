//! Links every supported interface, once for all plugins.
//!
//! What a plugin was granted is looked at when a function is called, so one
//! linker serves everybody, and loading a plugin links nothing that it does not
//! import.

use wasmtime::{
    Engine, Result,
    component::{HasSelf, Linker},
};
use wasmtime_wasi::{
    p2::bindings::{io, sockets},
    sockets::WasiSockets,
};
use wasmtime_wasi_http::{WasiHttp, WasiHttpView as _, p2::bindings::http};

use crate::{
    bindings::{
        bulkhead::plugin::{host, types},
        wasi::{
            config::store as config,
            keyvalue::{atomics, store as keyvalue},
        },
    },
    capability::{clock, env, fs, logging, random, stdio, tcp},
    state::{CallState, TableOnly},
};

type This = HasSelf<CallState>;

/// The linker that serves.
pub(crate) fn link(engine: &Engine) -> Result<Linker<CallState>> {
    let mut linker = Linker::new(engine);
    let l = &mut linker;
    io::error::add_to_linker::<_, TableOnly>(l, |call: &mut CallState| &mut call.table)?;
    io::poll::add_to_linker::<_, TableOnly>(l, |call: &mut CallState| &mut call.table)?;
    io::streams::add_to_linker::<_, TableOnly>(l, |call: &mut CallState| &mut call.table)?;
    clock::link(l)?;
    random::link(l)?;
    env::link(l)?;
    stdio::link(l)?;
    logging::link(l)?;
    fs::link(l)?;
    network(l)?;
    http::outgoing_handler::add_to_linker::<_, WasiHttp>(l, CallState::http)?;
    http::types::add_to_linker::<_, WasiHttp>(l, &http::types::LinkOptions::default(), CallState::http)?;
    config::add_to_linker::<_, This>(l, |call| call)?;
    keyvalue::add_to_linker::<_, This>(l, |call| call)?;
    atomics::add_to_linker::<_, This>(l, |call| call)?;
    types::add_to_linker::<_, This>(l, |call| call)?;
    host::add_to_linker::<_, This>(l, |call| call)?;
    Ok(linker)
}

/// Sockets: those of the library, behind the checks of [`tcp`]. UDP is linked
/// and denied.
fn network(l: &mut Linker<CallState>) -> Result<()> {
    type Library = WasiSockets;
    let options = sockets::network::LinkOptions::default();
    sockets::network::add_to_linker::<_, Library>(l, &options, CallState::library_sockets)?;
    sockets::instance_network::add_to_linker::<_, Library>(l, CallState::library_sockets)?;
    sockets::tcp::add_to_linker::<_, Library>(l, CallState::library_sockets)?;
    sockets::udp::add_to_linker::<_, Library>(l, CallState::library_sockets)?;
    sockets::udp_create_socket::add_to_linker::<_, Library>(l, CallState::library_sockets)?;
    tcp::link(l)
}
