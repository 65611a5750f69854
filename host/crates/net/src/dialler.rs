//! Resolve, check, connect.

use std::{io, net::SocketAddr};

use rustls::pki_types::ServerName;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::{Instant, timeout_at},
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use crate::{DialError, Reach, Roots, RootsError, resolve::Resolver, resolve::host_of};

/// Addresses of one name that are tried, one after the other.
const ATTEMPTS: usize = 4;

/// Reads and writes, over TLS or not.
pub trait Duplex: AsyncRead + AsyncWrite + Send + Sync + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Sync + Unpin> Duplex for T {}

/// A connection whose address was checked.
pub type Stream = Box<dyn Duplex>;

/// Makes connections, each to an address that was checked. Cheap to clone.
#[derive(Clone)]
pub struct Dialler {
    resolver: Resolver,
    tls: TlsConnector,
}

impl Dialler {
    /// A dialler that believes `roots`.
    ///
    /// # Errors
    /// An extra root is not a certificate.
    pub fn new(roots: Roots) -> Result<Self, RootsError> {
        Ok(Self { resolver: Resolver::default(), tls: TlsConnector::from(roots.client_config()?) })
    }

    /// The same dialler for one user, who has at most `lookups` of the look-ups
    /// that all share. Answers "one plugin whose names hang takes them all".
    #[must_use]
    pub fn with_share(&self, lookups: usize) -> Self {
        Self { resolver: self.resolver.with_share(lookups), tls: self.tls.clone() }
    }

    /// Every address of `host`, each admitted by `reach`, with `port`. The host
    /// is a DNS name or an address; IPv6 literals may stand in brackets.
    ///
    /// # Errors
    /// [`DialError`]; [`DialError::Refused`] if a single address is not admitted.
    pub async fn resolve(
        &self,
        host: &str,
        port: u16,
        reach: Reach,
        deadline: Instant,
    ) -> Result<Vec<SocketAddr>, DialError> {
        self.resolver.resolve(host, port, reach, deadline).await
    }

    /// A TCP connection to one of the checked addresses of `host`, without delay
    /// of small packets.
    ///
    /// # Errors
    /// [`DialError`]; time spent on resolving counts.
    #[expect(clippy::disallowed_methods, reason = "this is the checked way out: the address was admitted above")]
    pub async fn connect(
        &self,
        host: &str,
        port: u16,
        reach: Reach,
        deadline: Instant,
    ) -> Result<TcpStream, DialError> {
        let addresses = self.resolve(host, port, reach, deadline).await?;
        let attempts = addresses.len().min(ATTEMPTS);
        let mut last = io::Error::from(io::ErrorKind::TimedOut);
        for (done, address) in addresses.into_iter().take(attempts).enumerate() {
            match timeout_at(share(deadline, attempts - done), TcpStream::connect(address)).await {
                Ok(Ok(stream)) => {
                    stream.set_nodelay(true).map_err(|source| failed(host, port, source))?;
                    return Ok(stream);
                }
                Ok(Err(error)) => last = error,
                Err(_) => last = io::Error::from(io::ErrorKind::TimedOut),
            }
        }
        Err(failed(host, port, last))
    }

    /// TLS over [`Dialler::connect`]; the certificate must be for `host`, which
    /// is also the name sent in the clear (SNI) unless it is an address.
    ///
    /// # Errors
    /// [`DialError`]
    pub async fn connect_tls(
        &self,
        host: &str,
        port: u16,
        reach: Reach,
        deadline: Instant,
    ) -> Result<TlsStream<TcpStream>, DialError> {
        let name = host_of(host)?.trim_end_matches('.').to_owned();
        let name = ServerName::try_from(name).map_err(|_| DialError::BadName(host.to_owned()))?;
        let tcp = self.connect(host, port, reach, deadline).await?;
        match timeout_at(deadline, self.tls.connect(name, tcp)).await {
            Ok(Ok(stream)) => Ok(stream),
            Ok(Err(source)) => Err(DialError::Tls { host: host.to_owned(), port, source }),
            Err(_) => Err(DialError::TimedOut { host: host.to_owned(), port }),
        }
    }

    /// Either of the two, as one type.
    ///
    /// # Errors
    /// [`DialError`]
    pub async fn open(
        &self,
        tls: bool,
        host: &str,
        port: u16,
        reach: Reach,
        deadline: Instant,
    ) -> Result<Stream, DialError> {
        Ok(if tls {
            Box::new(self.connect_tls(host, port, reach, deadline).await?)
        } else {
            Box::new(self.connect(host, port, reach, deadline).await?)
        })
    }
}

impl std::fmt::Debug for Dialler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dialler").finish_non_exhaustive()
    }
}

/// When an attempt must end so that as much time is left for each of the others.
fn share(deadline: Instant, attempts_left: usize) -> Instant {
    let now = Instant::now();
    let attempts = u32::try_from(attempts_left).unwrap_or(u32::MAX).max(1);
    now + deadline.saturating_duration_since(now) / attempts
}

fn failed(host: &str, port: u16, source: io::Error) -> DialError {
    let host = host.to_owned();
    match source.kind() {
        io::ErrorKind::TimedOut => DialError::TimedOut { host, port },
        _ => DialError::Connect { host, port, source },
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::{TcpListener, TcpSocket},
    };

    use super::*;
    use crate::testing::{Server, ok};

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(10)
    }

    fn dialler() -> Dialler {
        Dialler::new(Roots::public()).unwrap()
    }

    #[tokio::test]
    async fn a_granted_private_name_connects_without_delay_of_packets() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let stream = dialler().connect("localhost", address.port(), Reach::PRIVATE, soon()).await.unwrap();
        assert_eq!(stream.peer_addr().unwrap(), address);
        assert!(stream.nodelay().unwrap());
    }

    #[tokio::test]
    async fn a_name_of_this_machine_is_refused_without_a_packet() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        for host in ["localhost", "127.0.0.1", "::ffff:127.0.0.1"] {
            let refused = dialler().connect(host, port, Reach::PUBLIC, soon()).await;
            assert!(matches!(refused, Err(DialError::Refused { .. })), "{host}");
        }
        let nobody = tokio::time::timeout(Duration::from_millis(50), listener.accept()).await;
        assert!(nobody.is_err(), "somebody connected");
    }

    #[tokio::test]
    async fn a_closed_port_is_a_connect_error() {
        // Taken, so that nobody else listens there.
        let silent = TcpSocket::new_v4().unwrap();
        silent.bind(([127, 0, 0, 1], 0).into()).unwrap();
        let port = silent.local_addr().unwrap().port();
        let refused = dialler().connect("127.0.0.1", port, Reach::PRIVATE, soon()).await;
        assert!(matches!(refused, Err(DialError::Connect { .. })));
    }

    #[tokio::test]
    async fn a_silent_tls_server_costs_the_deadline() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let deadline = Instant::now() + Duration::from_millis(100);
        let late = dialler().connect_tls("localhost", port, Reach::PRIVATE, deadline).await;
        assert!(matches!(late, Err(DialError::TimedOut { .. })));
    }

    #[tokio::test]
    async fn open_speaks_tls_when_told_to() {
        let server = Server::start(|_| ok("hello")).await;
        let mut stream = server.dialler.open(true, "localhost", server.port, Reach::PRIVATE, soon()).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        assert!(text.ends_with("hello"));
    }
}
