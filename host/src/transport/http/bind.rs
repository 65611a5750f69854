//! Taking the port.

use std::{io, net::SocketAddr};

use tokio::net::TcpListener;

/// How many ports are tried behind one that is in use.
const NEXT_PORTS: u16 = 100;

/// Listens at `wanted`, or, if that may be, at the next port that is free.
///
/// # Errors
/// The address is in use, or not this machine's.
pub async fn bind(wanted: SocketAddr, next_free: bool) -> io::Result<TcpListener> {
    let last = wanted.port().saturating_add(if next_free { NEXT_PORTS } else { 0 });
    let mut address = wanted;
    loop {
        let next = address.port().checked_add(1).filter(|port| *port <= last);
        match (TcpListener::bind(address).await, next) {
            (Err(error), Some(port)) if error.kind() == io::ErrorKind::AddrInUse && address.port() != 0 => {
                address.set_port(port);
            }
            (bound, _) => return bound,
        }
    }
}
