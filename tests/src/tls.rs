//! Certificates, and a client that believes in one of them.

use std::{
    fs, io,
    net::{SocketAddr, TcpStream},
    path::Path,
    sync::Arc,
};

use rcgen::{CertificateParams, CertifiedKey, KeyPair};
use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned,
    pki_types::{CertificateDer, ServerName},
};

use super::{PATIENCE, http::Connection};

/// A certificate for this machine, and its key.
pub struct Issued(CertifiedKey<KeyPair>);

impl Issued {
    /// One that is good for a long time.
    pub fn new() -> Self {
        Self::with(|_| {})
    }

    /// One that is good until then.
    pub fn until(year: i32, month: u8, day: u8) -> Self {
        Self::with(|params| params.not_after = rcgen::date_time_ymd(year, month, day))
    }

    fn with(change: impl FnOnce(&mut CertificateParams)) -> Self {
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).expect("a name");
        change(&mut params);
        let signing_key = KeyPair::generate().expect("a key");
        let cert = params.self_signed(&signing_key).expect("a certificate");
        Self(CertifiedKey { cert, signing_key })
    }

    /// The certificate, PEM.
    pub fn certificate(&self) -> String {
        self.0.cert.pem()
    }

    /// The key, PEM.
    pub fn key(&self) -> String {
        self.0.signing_key.serialize_pem()
    }

    /// Puts both into `folder`, each at once: `tls.crt` and `tls.key`.
    pub fn place(&self, folder: &Path) {
        fs::create_dir_all(folder).expect("a folder");
        place(&folder.join("tls.crt"), &self.certificate());
        place(&folder.join("tls.key"), &self.key());
    }

    /// A connection to `to`, which has to show this certificate.
    pub fn connect(&self, to: SocketAddr) -> io::Result<Connection> {
        self.connect_speaking(to, &[])
    }

    /// The same, offering these protocols (ALPN).
    pub fn connect_speaking(&self, to: SocketAddr, protocols: &[&str]) -> io::Result<Connection> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from(self.0.cert.der().to_vec())).map_err(io::Error::other)?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
        let name = ServerName::try_from("localhost").map_err(io::Error::other)?;
        let session = ClientConnection::new(Arc::new(config), name).map_err(io::Error::other)?;
        let stream = TcpStream::connect_timeout(&to, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let mut stream = StreamOwned::new(session, stream);
        while stream.conn.is_handshaking() {
            stream.conn.complete_io(&mut stream.sock)?;
        }
        Ok(Connection::over(to, stream))
    }
}

/// Writes a file for the server alone beside `path`, and moves it there.
pub fn place(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    let beside = path.with_extension("new");
    fs::write(&beside, text)
        .and_then(|()| fs::set_permissions(&beside, fs::Permissions::from_mode(0o600)))
        .and_then(|()| fs::rename(&beside, path))
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}
