//! A TLS server on this machine, for the tests of this crate.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use bulkhead_base::Digest;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;

use crate::{
    Dialler, Reach, Roots,
    fetch::{FetchError, Fetched, Limits},
};

/// Answers every request by its path; an empty answer leaves the client waiting.
pub(crate) struct Server {
    /// Believes the server's certificate.
    pub(crate) dialler: Dialler,
    pub(crate) port: u16,
    connections: Arc<AtomicUsize>,
}

pub(crate) fn answer(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n{headers}connection: close\r\n\r\n{body}", body.len())
}

pub(crate) fn ok(body: &str) -> String {
    answer("200 OK", "", body)
}

impl Server {
    /// A server whose certificate is for `localhost`.
    pub(crate) async fn start(route: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        let issued = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let certificate = issued.cert.der().clone();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(issued.signing_key.serialize_der()));
        let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.clone()], key)
            .unwrap();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let connections = Arc::new(AtomicUsize::new(0));
        tokio::spawn(serve(listener, TlsAcceptor::from(Arc::new(config)), Arc::new(route), Arc::clone(&connections)));
        Self { dialler: Dialler::new(Roots::with_extra(vec![certificate])).unwrap(), port, connections }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.port)
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    pub(crate) async fn fetch(
        &self,
        path: &str,
        limits: Limits,
        expected: Option<Digest>,
    ) -> Result<Fetched, FetchError> {
        self.dialler.fetch(&self.url(path), Reach::PRIVATE, limits, expected).await
    }
}

async fn serve(
    listener: TcpListener,
    tls: TlsAcceptor,
    route: Arc<dyn Fn(&str) -> String + Send + Sync>,
    connections: Arc<AtomicUsize>,
) {
    while let Ok((tcp, _)) = listener.accept().await {
        connections.fetch_add(1, Ordering::SeqCst);
        let (tls, route) = (tls.clone(), Arc::clone(&route));
        tokio::spawn(async move {
            let Ok(mut stream) = tls.accept(tcp).await else { return };
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let Ok(byte) = stream.read_u8().await else { return };
                head.push(byte);
            }
            let head = String::from_utf8(head).unwrap();
            let answer = route(head.split(' ').nth(1).unwrap_or_default());
            if answer.is_empty() {
                std::future::pending::<()>().await;
            }
            let _ = stream.write_all(answer.as_bytes()).await;
            let _ = stream.shutdown().await;
        });
    }
}
