use std::{io, net::IpAddr};

use crate::AddressClass;

/// Why no connection was made. `Display` is the operator's text: it names hosts
/// and addresses and must not reach a client.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DialError {
    /// Not a DNS name and not an address.
    #[error("{0:?} is not a host name")]
    BadName(String),
    /// The name has no address, or the resolver failed.
    #[error("{host} does not resolve")]
    Unresolved { host: String, source: Option<io::Error> },
    /// More addresses than anybody needs.
    #[error("{host} has more than {limit} addresses")]
    TooManyAddresses { host: String, limit: usize },
    /// An address that the grant does not open.
    #[error("{host} is at {address}, a {class} address")]
    Refused { host: String, address: IpAddr, class: AddressClass },
    /// None of the admitted addresses answered.
    #[error("cannot connect to {host} port {port}")]
    Connect { host: String, port: u16, source: io::Error },
    /// The TLS handshake failed: no trusted certificate for the name, or no common version.
    #[error("no TLS with {host} port {port}")]
    Tls { host: String, port: u16, source: io::Error },
    /// Time was up while resolving, connecting or shaking hands.
    #[error("{host} port {port} took too long to connect")]
    TimedOut { host: String, port: u16 },
}
