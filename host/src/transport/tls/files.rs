//! The two files: read as a pair, and looked at for changes.

use std::{
    fs::Metadata,
    path::{Path, PathBuf},
    sync::Arc,
    time::SystemTime,
};

use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
};

use super::{Pair, lifetime::Lifetime};

#[derive(Clone)]
pub(super) struct Files {
    pub(super) chain: PathBuf,
    pub(super) key: PathBuf,
}

/// What of a file changes when it is written, replaced, or when the link that
/// leads to it turns elsewhere.
type Look = Option<(Option<SystemTime>, u64, [u64; 2])>;

/// Both files' looks.
pub(super) type Stamp = [Look; 2];

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("the certificate {} cannot be read", path.display())]
    Certificate { path: PathBuf, source: rustls::pki_types::pem::Error },
    #[error("the certificate {} holds none: expected PEM", path.display())]
    Empty { path: PathBuf },
    #[error("the key {} cannot be read", path.display())]
    Key { path: PathBuf, source: rustls::pki_types::pem::Error },
    #[error("certificate and key do not make a server")]
    Pair(#[from] rustls::Error),
}

impl Files {
    pub(super) fn read(&self) -> Result<Pair, TlsError> {
        let chain = CertificateDer::pem_file_iter(&self.chain)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|source| TlsError::Certificate { path: self.chain.clone(), source })?;
        let own = chain.first().ok_or_else(|| TlsError::Empty { path: self.chain.clone() })?;
        let lifetime = Lifetime::of(own);
        let key = PrivateKeyDer::from_pem_file(&self.key)
            .map_err(|source| TlsError::Key { path: self.key.clone(), source })?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut server = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, key)?;
        server.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Pair { server: Arc::new(server), lifetime })
    }

    pub(super) fn stamp(&self) -> Stamp {
        [look(&self.chain), look(&self.key)]
    }
}

fn look(path: &Path) -> Look {
    let about = std::fs::metadata(path).ok()?;
    Some((about.modified().ok(), about.len(), which(&about)))
}

/// Which file it is, where the system tells.
#[cfg(unix)]
fn which(about: &Metadata) -> [u64; 2] {
    use std::os::unix::fs::MetadataExt as _;
    [about.dev(), about.ino()]
}

#[cfg(not(unix))]
const fn which(_: &Metadata) -> [u64; 2] {
    [0; 2]
}

#[cfg(test)]
mod tests {
    use std::{fs, io};

    use super::*;

    #[test]
    fn a_file_replaced_by_one_of_the_same_size_and_time_is_another() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let (path, other) = (folder.path().join("a"), folder.path().join("b"));
        fs::write(&path, "one")?;
        fs::write(&other, "two")?;
        let time = fs::metadata(&path)?.modified()?;
        fs::File::options().write(true).open(&other)?.set_modified(time)?;
        let before = look(&path);
        fs::rename(&other, &path)?;
        assert_ne!(look(&path), before);
        Ok(())
    }
}
