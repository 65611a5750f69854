//! TLS by rustls, with certificates that may change while the server runs.
//!
//! **Invariant:** a connection is made with a pair that fits, or not at all. A
//! new pair takes over for new connections; what is open goes on with its own.

mod files;
mod lifetime;

use std::{
    io,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use arc_swap::ArcSwap;
use rustls::ServerConfig;
use tokio::net::TcpStream;
use tokio_rustls::{TlsAcceptor, server::TlsStream};
use tokio_util::sync::CancellationToken;

pub use files::TlsError;

use files::{Files, Stamp};
use lifetime::Lifetime;

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(2);

/// How often it is said again that a certificate runs out.
const REMIND: Duration = Duration::from_secs(24 * 60 * 60);

/// The server's certificates, current as of the last look.
#[derive(Clone)]
pub struct Certificates {
    files: Files,
    current: Arc<ArcSwap<Pair>>,
}

/// A certificate and its key, ready to serve.
struct Pair {
    server: Arc<ServerConfig>,
    /// `None` if the certificate does not say it in a way that is understood.
    lifetime: Option<Lifetime>,
}

impl Certificates {
    /// Reads a certificate chain and its key, both PEM.
    ///
    /// # Errors
    /// A file that cannot be read, or a key that is not the certificate's.
    pub fn load(chain: PathBuf, key: PathBuf) -> Result<Self, TlsError> {
        let files = Files { chain, key };
        let current = Arc::new(ArcSwap::from_pointee(files.read()?));
        Ok(Self { files, current })
    }

    /// What the operator should know about the certificate's time.
    #[must_use]
    pub fn warning(&self) -> Option<String> {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).ok()?;
        let told = self.current.load().lifetime.as_ref()?.warning(now)?;
        Some(format!("the certificate {} {told}", self.files.chain.display()))
    }

    pub(super) async fn accept(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        let server = self.current.load().server.clone();
        TlsAcceptor::from(server).accept(stream).await
    }

    /// Looks at the files again and again until the house closes. A pair that
    /// makes no sense changes nothing, and is told of once it has stayed so for
    /// a look: the files may be half replaced.
    pub async fn follow(self, closing: CancellationToken) {
        let (mut seen, mut doubted): (Stamp, Option<Stamp>) = (self.files.stamp(), None);
        let mut reminded = self.remind();
        loop {
            tokio::select! {
                () = closing.cancelled() => return,
                () = tokio::time::sleep(LOOK) => {}
            }
            if reminded.elapsed() >= REMIND {
                reminded = self.remind();
            }
            let now = self.files.stamp();
            if now != seen && self.renew(doubted == Some(now)) {
                seen = now;
                reminded = self.remind();
            } else {
                doubted = Some(now);
            }
        }
    }

    /// Takes what the files say now. Whether there is nothing more to do about
    /// it: it is in force, or `again` it makes no sense.
    fn renew(&self, again: bool) -> bool {
        match self.files.read() {
            Ok(pair) => {
                self.current.store(Arc::new(pair));
                tracing::info!(certificate = %self.files.chain.display(), "the certificate was replaced");
                true
            }
            Err(error) => {
                if again {
                    let error: &dyn std::error::Error = &error;
                    tracing::warn!(error, "the new certificate is refused, the old one stays");
                }
                again
            }
        }
    }

    fn remind(&self) -> Instant {
        if let Some(warning) = self.warning() {
            tracing::warn!("{warning}");
        }
        Instant::now()
    }
}
