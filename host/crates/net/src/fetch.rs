//! Downloading a file over https.
//!
//! **Invariant:** what is returned was received in full, within the caller's
//! limits, over TLS on every hop, and has the digest that was expected.

use std::{pin::Pin, time::Duration};

use bulkhead_base::{ByteSize, Digest};
use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Empty};
use hyper::{body::Incoming, client::conn::http1};
use hyper_util::rt::TokioIo;
use sha2::{Digest as _, Sha256};
use tokio::time::{Instant, timeout_at};
use url::Url;

use crate::{DialError, Dialler, Reach};

/// Bytes of a response's head: a server must not make us buffer more.
const HEAD_BYTES: usize = 64 << 10;

/// What a download may cost.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Most bytes of the file.
    pub size: ByteSize,
    /// Longest time for everything, redirects included.
    pub time: Duration,
    /// Most redirects that are followed.
    pub redirects: u8,
}

impl Limits {
    /// Limits for a file of at most `size`: one minute, three redirects.
    #[must_use]
    pub const fn of_size(size: ByteSize) -> Self {
        Self { size, time: Duration::from_secs(60), redirects: 3 }
    }
}

/// A file that was downloaded.
#[derive(Clone, Debug)]
pub struct Fetched {
    /// The whole file.
    pub bytes: Vec<u8>,
    /// The SHA-256 of all of it.
    pub digest: Digest,
    /// Where it was in the end, after redirects.
    pub url: String,
}

/// Why a file was not downloaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    #[error("{url:?} is not an https URL without user name and password")]
    BadUrl { url: String },
    #[error(transparent)]
    Dial(#[from] DialError),
    #[error("{host} does not speak HTTP/1.1 properly")]
    Http { host: String, source: hyper::Error },
    #[error("{url} answered with status {status}")]
    Status { url: String, status: StatusCode },
    #[error("{url} redirects without saying where")]
    BadRedirect { url: String },
    #[error("{url} is behind more than {limit} redirects")]
    TooManyRedirects { url: String, limit: u8 },
    #[error("{url} came encoded as {encoding:?}, which was not asked for")]
    Encoded { url: String, encoding: String },
    #[error("{url} is larger than {limit}")]
    TooLarge { url: String, limit: ByteSize },
    #[error("{url} has digest {found}, expected {expected}")]
    Digest { url: String, found: Digest, expected: Digest },
    #[error("{url} was not downloaded within {limit:?}")]
    TimedOut { url: String, limit: Duration },
}

impl Dialler {
    /// Downloads `url`. Each redirect is a new URL that must be https and meets
    /// `reach` again.
    ///
    /// # Errors
    /// [`FetchError`]; with `expected`, a file of any other digest is an error.
    pub async fn fetch(
        &self,
        url: &str,
        reach: Reach,
        limits: Limits,
        expected: Option<Digest>,
    ) -> Result<Fetched, FetchError> {
        let deadline = Instant::now() + limits.time;
        let download = self.follow(https(url)?, reach, limits, deadline);
        let late = |_| FetchError::TimedOut { url: url.to_owned(), limit: limits.time };
        let fetched = timeout_at(deadline, download).await.map_err(late)??;
        match expected {
            Some(expected) if expected != fetched.digest => {
                Err(FetchError::Digest { url: fetched.url, found: fetched.digest, expected })
            }
            _ => Ok(fetched),
        }
    }

    async fn follow(
        &self,
        mut url: Url,
        reach: Reach,
        limits: Limits,
        deadline: Instant,
    ) -> Result<Fetched, FetchError> {
        for _ in 0..=limits.redirects {
            let response = self.get(&url, reach, deadline).await?;
            match response.status() {
                StatusCode::OK => return receive(&url, response, limits.size).await,
                status if status.is_redirection() => url = next_hop(&url, &response)?,
                status => return Err(FetchError::Status { url: url.into(), status }),
            }
        }
        Err(FetchError::TooManyRedirects { url: url.into(), limit: limits.redirects })
    }

    async fn get(&self, url: &Url, reach: Reach, deadline: Instant) -> Result<Response<Incoming>, FetchError> {
        let bad = || FetchError::BadUrl { url: url.to_string() };
        let host = url.host_str().ok_or_else(bad)?;
        let port = url.port_or_known_default().ok_or_else(bad)?;
        let request = Request::get(&url[url::Position::BeforePath..url::Position::AfterQuery])
            .header(header::HOST, &url[url::Position::BeforeHost..url::Position::AfterPort])
            .header(header::USER_AGENT, concat!("bulkhead/", env!("CARGO_PKG_VERSION")))
            .header(header::ACCEPT_ENCODING, "identity")
            .header(header::CONNECTION, "close")
            .body(Empty::<Bytes>::new())
            .map_err(|_| bad())?;
        let stream = self.connect_tls(host, port, reach, deadline).await?;
        let http = |source| FetchError::Http { host: host.to_owned(), source };
        let (mut sender, connection) =
            http1::Builder::new().max_buf_size(HEAD_BYTES).handshake(TokioIo::new(stream)).await.map_err(http)?;
        tokio::spawn(connection);
        sender.send_request(request).await.map_err(http)
    }
}

fn https(text: &str) -> Result<Url, FetchError> {
    let bad = || FetchError::BadUrl { url: text.to_owned() };
    let url = Url::parse(text).map_err(|_| bad())?;
    let plain = url.scheme() == "https" && url.username().is_empty() && url.password().is_none();
    if plain { Ok(url) } else { Err(bad()) }
}

fn next_hop(url: &Url, response: &Response<Incoming>) -> Result<Url, FetchError> {
    let bad = || FetchError::BadRedirect { url: url.to_string() };
    let location = response.headers().get(header::LOCATION).ok_or_else(bad)?.to_str().map_err(|_| bad())?;
    https(url.join(location).map_err(|_| bad())?.as_str())
}

async fn receive(url: &Url, response: Response<Incoming>, limit: ByteSize) -> Result<Fetched, FetchError> {
    if let Some(encoding) = response.headers().get(header::CONTENT_ENCODING).filter(|e| *e != "identity") {
        let encoding = String::from_utf8_lossy(encoding.as_bytes()).into_owned();
        return Err(FetchError::Encoded { url: url.to_string(), encoding });
    }
    let too_large = || FetchError::TooLarge { url: url.to_string(), limit };
    let mut body = response.into_body();
    if hyper::body::Body::size_hint(&body).lower() > limit.get() {
        return Err(too_large());
    }
    let (mut bytes, mut hash) = (Vec::new(), Sha256::new());
    while let Some(frame) = Pin::new(&mut body).frame().await {
        let host = || url.host_str().unwrap_or_default().to_owned();
        let frame = frame.map_err(|source| FetchError::Http { host: host(), source })?;
        let Some(data) = frame.data_ref() else { continue };
        if data.len() > limit.as_usize() - bytes.len() {
            return Err(too_large());
        }
        hash.update(data);
        bytes.extend_from_slice(data);
    }
    Ok(Fetched { bytes, digest: Digest::from_bytes(hash.finalize().into()), url: url.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Server, answer, ok};

    const MANY: Limits = Limits { size: ByteSize::kib(1), time: Duration::from_secs(20), redirects: 3 };

    #[tokio::test]
    async fn a_file_arrives_with_its_digest() {
        let server = Server::start(|_| ok("plugin")).await;
        let digest = Digest::of(b"plugin");
        let fetched = server.fetch("/a.wasm", MANY, Some(digest)).await.unwrap();
        assert_eq!((fetched.bytes.as_slice(), fetched.digest), (b"plugin".as_slice(), digest));
        let other = server.fetch("/a.wasm", MANY, Some(Digest::of(b"other"))).await;
        assert!(matches!(other, Err(FetchError::Digest { found, .. }) if found == digest));
    }

    #[tokio::test]
    async fn a_private_address_is_refused_before_anything_is_sent() {
        let server = Server::start(|_| ok("secret")).await;
        let refused = server.dialler.fetch(&server.url("/"), Reach::PUBLIC, MANY, None).await;
        assert!(matches!(refused, Err(FetchError::Dial(DialError::Refused { .. }))));
        assert_eq!(server.connections(), 0);
    }

    #[tokio::test]
    async fn only_https_without_credentials() {
        let server = Server::start(|_| ok("x")).await;
        for url in
            [server.url("/").replace("https", "http"), "https://u:p@localhost/".into(), "file:///etc/passwd".into()]
        {
            let refused = server.dialler.fetch(&url, Reach::PRIVATE, MANY, None).await;
            assert!(matches!(refused, Err(FetchError::BadUrl { .. })), "{url}");
        }
    }

    #[tokio::test]
    async fn an_unknown_authority_is_refused() {
        let server = Server::start(|_| ok("x")).await;
        let stranger = Dialler::new(crate::Roots::public()).unwrap();
        let refused = stranger.fetch(&server.url("/"), Reach::PRIVATE, MANY, None).await;
        assert!(matches!(refused, Err(FetchError::Dial(DialError::Tls { .. }))));
    }

    #[tokio::test]
    async fn a_certificate_for_another_name_is_refused() {
        let server = Server::start(|_| ok("x")).await;
        let url = server.url("/").replace("localhost", "127.0.0.1");
        let refused = server.dialler.fetch(&url, Reach::PRIVATE, MANY, None).await;
        assert!(matches!(refused, Err(FetchError::Dial(DialError::Tls { .. }))));
    }

    #[tokio::test]
    async fn the_size_is_capped_with_and_without_a_declared_length() {
        let server = Server::start(|path| match path {
            "/declared" => ok(&"x".repeat(1025)),
            "/fits" => ok(&"x".repeat(1024)),
            _ => format!("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{}", "x".repeat(1025)),
        })
        .await;
        assert_eq!(server.fetch("/fits", MANY, None).await.unwrap().bytes.len(), 1024);
        for path in ["/declared", "/streamed"] {
            assert!(matches!(server.fetch(path, MANY, None).await, Err(FetchError::TooLarge { .. })), "{path}");
        }
    }

    #[tokio::test]
    async fn three_redirects_are_followed_and_no_more() {
        let server = Server::start(|path| match path.trim_start_matches('/').parse::<u8>() {
            Ok(0) | Err(_) => ok("there"),
            Ok(n) => answer("302 Found", &format!("location: /{}\r\n", n - 1), ""),
        })
        .await;
        let fetched = server.fetch("/3", MANY, None).await.unwrap();
        assert_eq!((fetched.bytes.as_slice(), fetched.url), (b"there".as_slice(), server.url("/0")));
        assert!(matches!(server.fetch("/4", MANY, None).await, Err(FetchError::TooManyRedirects { .. })));
    }

    #[tokio::test]
    async fn a_redirect_meets_the_rules_again() {
        let server = Server::start(|path| match path {
            "/plain" => answer("301 Moved", "location: http://localhost/\r\n", ""),
            "/multicast" => answer("301 Moved", "location: https://224.0.0.1/\r\n", ""),
            "/nowhere" => answer("301 Moved", "", ""),
            _ => answer("404 Not Found", "", ""),
        })
        .await;
        assert!(matches!(server.fetch("/plain", MANY, None).await, Err(FetchError::BadUrl { .. })));
        let refused = server.fetch("/multicast", MANY, None).await;
        assert!(matches!(refused, Err(FetchError::Dial(DialError::Refused { .. }))));
        assert!(matches!(server.fetch("/nowhere", MANY, None).await, Err(FetchError::BadRedirect { .. })));
        assert!(matches!(server.fetch("/gone", MANY, None).await, Err(FetchError::Status { .. })));
    }

    #[tokio::test]
    async fn truncated_and_encoded_answers_are_errors() {
        let server = Server::start(|path| match path {
            "/short" => "HTTP/1.1 200 OK\r\ncontent-length: 9\r\nconnection: close\r\n\r\nhalf".into(),
            _ => answer("200 OK", "content-encoding: gzip\r\n", "zz"),
        })
        .await;
        assert!(matches!(server.fetch("/short", MANY, None).await, Err(FetchError::Http { .. })));
        assert!(matches!(server.fetch("/gzip", MANY, None).await, Err(FetchError::Encoded { .. })));
    }

    #[tokio::test]
    async fn a_server_that_never_answers_costs_the_time_limit() {
        let server = Server::start(|_| String::new()).await;
        let limits = Limits { time: Duration::from_millis(200), ..MANY };
        let late = server.fetch("/", limits, None).await;
        // On a busy machine the time is over before the handshake is.
        assert!(matches!(late, Err(FetchError::TimedOut { .. } | FetchError::Dial(DialError::TimedOut { .. }))));
    }
}
