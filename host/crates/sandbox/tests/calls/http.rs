//! HTTP: where a request may go, and what goes with it.

use std::{
    path::Path,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use bulkhead_base::{ByteSize, Redacted};
use bulkhead_net::{Dialler, Roots};
use bulkhead_policy::{Grants, SecretRule};
use bulkhead_sandbox::{Capability, Services};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::TcpListener,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer},
    },
};

use crate::harness::{Bench, grants, services, soon};

/// A server that answers by path and remembers what it was asked.
struct Server {
    port: u16,
    heads: Arc<Mutex<Vec<String>>>,
    certificate: CertificateDer<'static>,
}

const TOKEN: &str = "s3cr3t-t0ken-value";

fn route(path: &str, head: &str) -> String {
    let answer =
        |headers: &str, body: &str| format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n{headers}\r\n{body}", body.len());
    match path {
        "/api/redirect" => "HTTP/1.1 302 Found\r\nlocation: http://10.0.0.1/\r\ncontent-length: 0\r\n\r\n".into(),
        "/api/echo" => answer("", head),
        "/api/base64" => answer("", &format!("it is {}", base64(TOKEN))),
        "/api/header" => answer(&format!("x-echo: {TOKEN}\r\n"), "ok"),
        "/api/gzip" => answer("content-encoding: gzip\r\n", "zz"),
        "/api/flood" => answer("", &"x".repeat(100_000)),
        "/api/headers" => answer(&"x-a: b\r\n".repeat(10_000), "ok"),
        "/api/hang" => String::new(),
        _ => answer("", "hello"),
    }
}

fn base64(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(text)
}

impl Server {
    async fn start(tls: bool) -> Self {
        let issued = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let certificate = issued.cert.der().clone();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(issued.signing_key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.clone()], key)
            .unwrap();
        let acceptor = tls.then(|| TlsAcceptor::from(Arc::new(config)));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heads = Arc::<Mutex<Vec<String>>>::default();
        let seen = Arc::clone(&heads);
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                let (acceptor, seen) = (acceptor.clone(), Arc::clone(&seen));
                tokio::spawn(async move {
                    match acceptor {
                        Some(acceptor) => drop(serve(acceptor.accept(tcp).await?, &seen).await),
                        None => drop(serve(tcp, &seen).await),
                    }
                    std::io::Result::Ok(())
                });
            }
        });
        Self { port, heads, certificate }
    }

    fn seen(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }

    /// The probe, granted what is under `/api/` here.
    fn bench(&self, methods: &str) -> Bench {
        Bench::new(&grants(Path::new("/"), &[&format!("http={methods}http://127.0.0.1:{}/api/*", self.port)]))
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }
}

async fn serve(mut stream: impl AsyncRead + AsyncWrite + Unpin, seen: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    seen.lock().unwrap().push(head.clone());
    let answer = route(head.split(' ').nth(1).unwrap_or_default(), &head);
    if answer.is_empty() {
        std::future::pending::<()>().await;
    }
    stream.write_all(answer.as_bytes()).await?;
    stream.shutdown().await
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_asked_without_a_grant() {
    let server = Server::start(false).await;
    let told = Bench::new(&Grants::default()).call("http", &format!("GET {}", server.url("/api/x"))).await;
    let denial = told.denials()[0].clone();
    assert_eq!(denial.capability, Capability::Http);
    let line = denial.allow_line.unwrap();
    assert!(line.contains("plugins.probe.grants.http") && line.contains("allowPrivate: true"), "{line}");
    assert!(told.error().contains("HttpRequestDenied"));
    assert!(server.seen().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_granted_is_asked_and_nothing_beside_it() {
    let server = Server::start(false).await;
    let bench = server.bench("");
    assert_eq!(soon(bench.text("http", &format!("GET {}", server.url("/api/x")))).await, "200 hello");
    let port = server.port;
    for refused in [
        format!("POST {}", server.url("/api/x")),
        format!("TRACE {}", server.url("/api/x")),
        format!("CONNECT {}", server.url("/api/x")),
        format!("GET {}", server.url("/admin")),
        format!("GET {}", server.url("/api/../admin")),
        format!("GET {}", server.url("/api/%2e%2e/admin")),
        format!("GET {}", server.url("/api//x")),
        format!("GET http://127.0.0.1:{port}@evil.example/api/x"),
        format!("GET http://u:p@127.0.0.1:{port}/api/x"),
        format!("GET http://localhost:{port}/api/x"),
        format!("GET https://127.0.0.1:{port}/api/x"),
        format!("GET http://127.0.0.1:{}/api/x", port.wrapping_add(1).max(1)),
    ] {
        assert!(bench.call("http", &refused).await.answer.is_err(), "{refused}");
    }
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_that_steer_the_connection_are_the_hosts() {
    let server = Server::start(false).await;
    let bench = server.bench("");
    for header in
        ["host:evil", "connection:close", "transfer-encoding:chunked", "te:trailers", "upgrade:h2c", "expect:x"]
    {
        let error = bench.error("http", &format!("GET {} {header}", server.url("/api/x"))).await;
        assert!(error.contains("Forbidden"), "{header}: {error}");
    }
    let echoed = bench.text("http", &format!("GET {} x-mine:yes", server.url("/api/echo"))).await;
    assert!(
        echoed.contains(&format!("host: 127.0.0.1:{}\r\n", server.port)) && echoed.contains("x-mine: yes"),
        "{echoed}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_comes_back_to_the_guest() {
    let server = Server::start(false).await;
    let bench = server.bench("");
    assert_eq!(bench.text("http", &format!("GET {}", server.url("/api/redirect"))).await, "302 ");
    assert!(bench.call("http", "GET http://10.0.0.1/").await.answer.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_not_public_needs_allow_private() {
    let server = Server::start(false).await;
    let mut grants = grants(Path::new("/"), &[&format!("http=http://localhost:{}/api/*", server.port)]);
    grants.http[0].allow_private = false;
    let told = Bench::new(&grants).call("http", &format!("GET http://localhost:{}/api/x", server.port)).await;
    assert!(told.denials()[0].detail.contains("loopback"), "{:?}", told.denials());
    assert!(told.error().contains("DestinationIpProhibited"));
    assert!(server.seen().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn floods_and_silence_end() {
    let server = Server::start(false).await;
    let mut grants = grants(Path::new("/"), &[&format!("http=http://127.0.0.1:{}/api/*", server.port)]);
    grants.limits.transfer = ByteSize::kib(50);
    grants.limits.requests = 1;
    let bench = Bench::new(&grants);
    assert!(bench.text("http", &format!("GET {}", server.url("/api/flood"))).await.ends_with("<cut>"));
    assert!(bench.call("http", &format!("GET {}", server.url("/api/headers"))).await.answer.is_err());
    grants.limits.time = bulkhead_base::Span::millis(700);
    let (bench, start) = (Bench::new(&grants), Instant::now());
    assert!(soon(bench.call("http", &format!("GET {}", server.url("/api/hang")))).await.answer.is_err());
    assert!(start.elapsed() < Duration::from_secs(30));
}

/// The probe with a secret for a TLS server.
async fn with_secret() -> (Server, Bench) {
    let server = Server::start(true).await;
    let origin = format!("https://localhost:{}", server.port);
    let paths = vec!["/api/*".parse().unwrap()];
    let secret = Redacted::new(format!("Bearer {TOKEN}"));
    let rule = SecretRule::new("KEY", secret, origin.parse().unwrap(), "Authorization", paths).unwrap();
    let mut grants = grants(Path::new("/"), &[&format!("http=GET {origin}/*")]);
    grants.secrets.push(rule);
    let dialler = Dialler::new(Roots::with_extra(vec![server.certificate.clone()])).unwrap();
    let bench = Bench::with(&grants, Services { dialler, ..services() });
    (server, bench)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_sent_in_the_guests_place_and_only_where_it_belongs() {
    let (server, bench) = with_secret().await;
    let url = |path: &str| format!("GET https://localhost:{}{path} authorization:mine", server.port);
    assert_eq!(soon(bench.text("http", &url("/api/x"))).await, "200 hello");
    assert_eq!(soon(bench.text("http", &url("/other"))).await, "200 hello");
    let seen = server.seen();
    assert!(seen[0].contains(&format!("authorization: Bearer {TOKEN}")) && !seen[0].contains("mine"), "{}", seen[0]);
    assert!(seen[1].contains("authorization: mine") && !seen[1].contains(TOKEN), "{}", seen[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_carries_the_secret_is_cut_and_told() {
    let (server, bench) = with_secret().await;
    for path in ["/api/echo", "/api/base64", "/api/header", "/api/gzip"] {
        let told = soon(bench.call("http", &format!("GET https://localhost:{}{path}", server.port))).await;
        let leaks = told.denials().iter().any(|denial| denial.capability == Capability::Secrets);
        assert_eq!(leaks, path != "/api/gzip", "{path}");
        let text = format!("{:?}", told.answer);
        assert!(!text.contains(TOKEN) && !text.contains(&base64(TOKEN)[..10]), "{path}: {text}");
    }
}
