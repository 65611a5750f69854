//! TLS by rustls, with certificates that may change while the server runs.

use std::{io, path::PathBuf, sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
};
use tokio::net::TcpStream;
use tokio_rustls::{TlsAcceptor, server::TlsStream};
use tokio_util::sync::CancellationToken;

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(10);

/// The server's certificates, current as of the last look.
#[derive(Clone)]
pub struct Certificates {
    files: Files,
    current: Arc<ArcSwap<ServerConfig>>,
}

#[derive(Clone)]
struct Files {
    chain: PathBuf,
    key: PathBuf,
}

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("the certificate {} cannot be read", path.display())]
    Certificate { path: PathBuf, source: rustls::pki_types::pem::Error },
    #[error("the key {} cannot be read", path.display())]
    Key { path: PathBuf, source: rustls::pki_types::pem::Error },
    #[error("certificate and key do not make a server")]
    Pair(#[from] rustls::Error),
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

    pub(super) async fn accept(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        TlsAcceptor::from(self.current.load_full()).accept(stream).await
    }

    /// Looks at the files again and again until the house closes. A pair that
    /// makes no sense changes nothing: the files may be half replaced.
    pub async fn follow(self, closing: CancellationToken) {
        let mut seen = self.files.stamp();
        loop {
            tokio::select! {
                () = closing.cancelled() => return,
                () = tokio::time::sleep(LOOK) => {}
            }
            let now = self.files.stamp();
            if now == seen {
                continue;
            }
            match self.files.read() {
                Ok(config) => {
                    self.current.store(Arc::new(config));
                    tracing::info!(certificate = %self.files.chain.display(), "the certificate was replaced");
                }
                Err(error) => tracing::warn!(%error, "the new certificate is refused, the old one stays"),
            }
            seen = now;
        }
    }
}

impl Files {
    fn read(&self) -> Result<ServerConfig, TlsError> {
        let chain = CertificateDer::pem_file_iter(&self.chain)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|source| TlsError::Certificate { path: self.chain.clone(), source })?;
        let key = PrivateKeyDer::from_pem_file(&self.key)
            .map_err(|source| TlsError::Key { path: self.key.clone(), source })?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, key)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(config)
    }

    /// What changes when a file does.
    fn stamp(&self) -> [Option<(std::time::SystemTime, u64)>; 2] {
        [&self.chain, &self.key].map(|path| {
            let about = std::fs::metadata(path).ok()?;
            Some((about.modified().ok()?, about.len()))
        })
    }
}
