//! Over Streamable HTTP: one connection, one request at a time.

use std::{io, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bulkhead_base::Redacted;
use bulkhead_net::{Dialler, Reach, Roots};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper::{
    body::Incoming,
    client::conn::http1::{SendRequest, handshake},
};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::{
    runtime::{Builder, Runtime},
    time::Instant,
};
use url::Url;

use super::{
    ClientError, Hear, MAX_MESSAGE_BYTES, Outgoing, answers, events::EventReader, fetch::is_loopback, message,
};

/// How long connecting may take. An answer may take as long as the tool does.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);
const SESSION: &str = "mcp-session-id";

/// A server's endpoint.
pub(super) struct Http {
    runtime: Runtime,
    dialler: Dialler,
    url: Url,
    key: Option<Redacted<HeaderValue>>,
    session: Option<HeaderValue>,
    connection: Option<SendRequest<Full<Bytes>>>,
}

impl Http {
    pub(super) fn new(url: &str, key: Option<&str>) -> Result<Self, ClientError> {
        let bad = || ClientError::BadUrl { url: url.to_owned() };
        let parsed = Url::parse(url).map_err(|_| bad())?;
        let plain = parsed.username().is_empty() && parsed.password().is_none() && parsed.has_host();
        if !plain || !matches!(parsed.scheme(), "http" | "https") {
            return Err(bad());
        }
        let unreachable = |why: String| ClientError::Unreachable { to: url.to_owned(), why };
        Ok(Self {
            runtime: Builder::new_current_thread()
                .enable_all()
                .build()
                .map_err(|error| unreachable(error.to_string()))?,
            dialler: Dialler::new(Roots::public()).map_err(|error| unreachable(error.to_string()))?,
            key: bearer(&parsed, key)?,
            url: parsed,
            session: None,
            connection: None,
        })
    }

    pub(super) fn exchange(
        &mut self,
        outgoing: &Outgoing<'_>,
        hear: &mut Hear<'_>,
    ) -> Result<Option<Value>, ClientError> {
        let request = self.request(outgoing)?;
        let Self { runtime, dialler, url, session, connection, .. } = self;
        runtime.block_on(async {
            let mut sender = match connection.take().filter(|sender| !sender.is_closed()) {
                Some(sender) => sender,
                None => connect(dialler, url).await?,
            };
            let sent = async {
                sender.ready().await?;
                sender.send_request(request).await
            };
            let response = sent.await.map_err(|error| unreachable(url, &error))?;
            if let Some(id) = response.headers().get(SESSION) {
                *session = Some(id.clone());
            }
            let answer = read(response, outgoing.id, hear).await?;
            *connection = Some(sender);
            Ok(answer)
        })
    }

    fn request(&self, outgoing: &Outgoing<'_>) -> Result<Request<Full<Bytes>>, ClientError> {
        let bad = || ClientError::BadUrl { url: self.url.to_string() };
        let mut request = Request::post(&self.url[url::Position::BeforePath..url::Position::AfterQuery])
            .header(header::HOST, &self.url[url::Position::BeforeHost..url::Position::AfterPort])
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "application/json, text/event-stream")
            .header(header::USER_AGENT, concat!("bulkhead/", env!("CARGO_PKG_VERSION")))
            .header("mcp-protocol-version", outgoing.revision);
        if let Some(key) = &self.key {
            request = request.header(header::AUTHORIZATION, key.expose());
        }
        if let Some(session) = &self.session {
            request = request.header(SESSION, session);
        }
        if outgoing.revision == super::MODERN {
            request = request.header("mcp-method", outgoing.method);
            if let Some(name) = outgoing.name {
                request = request.header("mcp-name", field(name));
            }
        }
        request.body(Full::from(outgoing.body.clone())).map_err(|_| bad())
    }
}

/// `name` as a header field carries it.
fn field(name: &str) -> String {
    let plain = name.bytes().all(|b| b.is_ascii_graphic()) && !name.starts_with("=?");
    if plain { name.to_owned() } else { format!("=?base64?{}?=", STANDARD.encode(name)) }
}

/// `key` as a header carries it, if it may go to `url`.
pub(super) fn bearer(url: &Url, key: Option<&str>) -> Result<Option<Redacted<HeaderValue>>, ClientError> {
    if key.is_some() && url.scheme() == "http" && !is_loopback(url) {
        return Err(ClientError::KeyInTheClear { url: url.to_string() });
    }
    let bearer = |key: &str| HeaderValue::from_str(&format!("Bearer {key}")).map(Redacted::new);
    key.map(bearer).transpose().map_err(|_| ClientError::WrongKey)
}

pub(super) fn unreachable(url: &Url, error: &(dyn std::error::Error + 'static)) -> ClientError {
    let mut why = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        why = format!("{why}: {inner}");
        cause = inner.source();
    }
    ClientError::Unreachable { to: url.origin().ascii_serialization(), why }
}

/// The operator names the server, so that private addresses are meant.
pub(super) async fn connect(dialler: &Dialler, url: &Url) -> Result<SendRequest<Full<Bytes>>, ClientError> {
    let (host, port) = (url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or_default());
    let deadline = Instant::now() + PATIENCE;
    let stream = dialler
        .open(url.scheme() == "https", host, port, Reach::PRIVATE, deadline)
        .await
        .map_err(|error| unreachable(url, &error))?;
    let (sender, connection) = handshake(TokioIo::new(stream)).await.map_err(|error| unreachable(url, &error))?;
    tokio::spawn(connection);
    Ok(sender)
}

async fn read(
    response: Response<Incoming>,
    id: Option<u64>,
    hear: &mut Hear<'_>,
) -> Result<Option<Value>, ClientError> {
    of_status(&response)?;
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if kind.starts_with("text/event-stream") {
        return read_events(response, id, hear).await.map(Some);
    }
    let (status, is_json) = (response.status(), kind.starts_with("application/json"));
    let body = read_whole(response.into_body()).await?;
    match id {
        None if status.is_success() => Ok(None),
        Some(_) if is_json => {
            let answer = message(&body)?;
            // An error to a request that could not be read has no id.
            let is_ours = answers(&answer, id) || (!status.is_success() && answer.get("error").is_some());
            if is_ours {
                Ok(Some(answer))
            } else {
                Err(ClientError::Protocol("an answer to something else".to_owned()))
            }
        }
        _ => Err(ClientError::Status(status.as_u16())),
    }
}

/// What the status says about the credential.
pub(super) fn of_status(response: &Response<Incoming>) -> Result<(), ClientError> {
    match response.status() {
        StatusCode::UNAUTHORIZED if has_credential_error(response.headers()) => Err(ClientError::WrongKey),
        StatusCode::UNAUTHORIZED => Err(ClientError::NoKey),
        _ => Ok(()),
    }
}

fn has_credential_error(headers: &HeaderMap) -> bool {
    let challenge = headers.get(header::WWW_AUTHENTICATE).and_then(|challenge| challenge.to_str().ok());
    challenge.is_some_and(|challenge| challenge.contains("error="))
}

async fn read_whole(mut body: Incoming) -> Result<Vec<u8>, ClientError> {
    let mut whole = Vec::new();
    while let Some(data) = next(&mut body).await? {
        whole.extend_from_slice(&data);
        if whole.len() > MAX_MESSAGE_BYTES {
            return Err(ClientError::Protocol(format!("a message larger than {MAX_MESSAGE_BYTES} bytes")));
        }
    }
    Ok(whole)
}

async fn read_events(response: Response<Incoming>, id: Option<u64>, hear: &mut Hear<'_>) -> Result<Value, ClientError> {
    let (mut body, mut events, mut answer) = (response.into_body(), EventReader::default(), None);
    // Read to the end of the stream, so that the connection can be used again.
    while let Some(data) = next(&mut body).await? {
        for event in events.feed(&data)? {
            let message = message(&event)?;
            if answers(&message, id) {
                answer = Some(message);
            } else {
                hear(&message);
            }
        }
    }
    answer.ok_or_else(|| ClientError::Ended("its stream closed before the answer".to_owned()))
}

async fn next(body: &mut Incoming) -> Result<Option<Bytes>, ClientError> {
    loop {
        match body.frame().await.transpose().map_err(|error| ClientError::Ended(io::Error::other(error).to_string()))? {
            None => return Ok(None),
            Some(frame) => {
                if let Ok(data) = frame.into_data() {
                    return Ok(Some(data));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_never_leaves_the_machine_in_the_clear() {
        assert!(matches!(Http::new("http://10.0.0.1/mcp", Some("k")), Err(ClientError::KeyInTheClear { .. })));
        assert!(matches!(
            Http::new("http://localhost.evil.com/mcp", Some("k")),
            Err(ClientError::KeyInTheClear { .. })
        ));
        for fine in ["http://127.0.0.1:8080/mcp", "http://[::1]/mcp", "http://localhost/mcp", "https://example.com/mcp"]
        {
            assert!(Http::new(fine, Some("k")).is_ok(), "{fine}");
        }
        for bad in ["ftp://a.b/", "http://u:p@a.b/", "a.b", "http://"] {
            assert!(matches!(Http::new(bad, None), Err(ClientError::BadUrl { .. })), "{bad}");
        }
        assert!(matches!(Http::new("http://127.0.0.1/", Some("a\nb")), Err(ClientError::WrongKey)));
    }

    #[test]
    fn names_that_headers_cannot_carry_are_encoded() {
        assert_eq!(field("calc_evaluate"), "calc_evaluate");
        assert_eq!(field("ä"), "=?base64?w6Q=?=");
        assert_eq!(field("=?base64?eA==?="), "=?base64?PT9iYXNlNjQ/ZUE9PT89?=");
    }
}
