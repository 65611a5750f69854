use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore, pki_types::CertificateDer};

/// Which certificate authorities are believed. There is no way to believe everybody.
#[derive(Clone, Debug, Default)]
pub struct Roots {
    extra: Vec<CertificateDer<'static>>,
}

/// Roots that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RootsError {
    /// Not an X.509 certificate that can be a trust anchor.
    #[error("extra root certificate {index} cannot be used")]
    Certificate { index: usize, source: rustls::Error },
    /// The cryptography offers none of the TLS versions.
    #[error("no usable TLS version")]
    Versions(#[source] rustls::Error),
}

impl Roots {
    /// The public web's authorities.
    #[must_use]
    pub fn public() -> Self {
        Self::default()
    }

    /// The public web's authorities and an operator's own.
    #[must_use]
    pub fn with_extra(extra: Vec<CertificateDer<'static>>) -> Self {
        Self { extra }
    }

    /// TLS 1.2 and 1.3 with *ring*, offering HTTP/1.1.
    pub(crate) fn client_config(self) -> Result<Arc<ClientConfig>, RootsError> {
        let mut store = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.into() };
        for (index, certificate) in self.extra.into_iter().enumerate() {
            store.add(certificate).map_err(|source| RootsError::Certificate { index, source })?;
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(RootsError::Versions)?
            .with_root_certificates(store)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}
