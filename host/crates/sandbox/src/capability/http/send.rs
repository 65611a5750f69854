//! One request over one connection of its own.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use bulkhead_net::{DialError, Reach};
use bulkhead_policy::{HttpRule, Target};
use http::{Request, Response, StatusCode, header};
use http_body_util::BodyExt as _;
use hyper::{body::Incoming, client::conn::http1};
use hyper_util::rt::TokioIo;
use tokio::time::{Instant, timeout_at};
use wasmtime_wasi::runtime::AbortOnDropJoinHandle;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody};

use super::{
    BETWEEN_BYTES, CONNECT, FIRST_BYTE, Sent,
    body::{Given, Received},
    is_tls,
    leak::Leaks,
};
use crate::{Capability, capability::reach::opens, state::Shared};

/// Header fields in one answer. Answers "a header flood".
const RESPONSE_FIELDS: usize = 128;

/// The least that the HTTP reader works with.
const LEAST_HEAD: usize = 8 << 10;

/// Where a request goes.
pub(super) struct Destination {
    pub(super) target: Target,
    pub(super) reach: Reach,
    pub(super) timeouts: Timeouts,
    /// What the answer is searched for: the plugin's secrets, whether one went
    /// out with this request or with an earlier one.
    pub(super) leaks: Option<Arc<Leaks>>,
    /// Whether the host is sent a secret, with this request or another: what
    /// cannot be searched is refused.
    pub(super) secret: bool,
}

/// How long is waited for what.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timeouts {
    connect: Duration,
    first_byte: Duration,
    between_bytes: Duration,
}

impl Timeouts {
    pub(super) fn of(options: RequestOptions) -> Self {
        let shorter = |wish: Option<Duration>, most: Duration| wish.map_or(most, |wish| wish.min(most));
        Self {
            connect: shorter(options.connect_timeout, CONNECT),
            first_byte: shorter(options.first_byte_timeout, FIRST_BYTE),
            between_bytes: shorter(options.between_bytes_timeout, BETWEEN_BYTES),
        }
    }
}

/// A failure of the request's own body, told by the body to the sender.
type BodyFailure = Arc<OnceLock<()>>;

/// Sends on the host's I/O threads; dropping the future closes the connection.
pub(super) async fn send(shared: Arc<Shared>, to: Destination, request: Request<WasiBody>) -> Sent {
    let io = shared.grounds.services.io.clone();
    let between_bytes = to.timeouts.between_bytes;
    let (leaks, secret) = (to.leaks.clone(), to.secret);
    let exchange = AbortOnDropJoinHandle::from(io.spawn(exchange(Arc::clone(&shared), to, request)));
    let (response, connection) = exchange.await?;
    check_head(&shared, &response, leaks.as_deref(), secret)?;
    let body = |body| Received::new(body, shared, leaks.as_deref(), between_bytes).boxed_unsync();
    let response = response.map(body);
    Ok((
        response,
        Box::new(async move {
            connection.await;
            Ok(())
        }),
    ))
}

async fn exchange(
    shared: Arc<Shared>,
    to: Destination,
    request: Request<WasiBody>,
) -> Result<(Response<Incoming>, AbortOnDropJoinHandle<()>), Error> {
    let until = |span: Duration| (Instant::now() + span).min(shared.deadline);
    let Destination { target, reach, timeouts, .. } = &to;
    let dialler = &shared.grounds.services.dialler;
    let descriptor = shared.take_descriptor().map_err(|_| Error::ConnectionLimitReached)?;
    let host = target.host().to_string();
    let stream = dialler
        .open(is_tls(target), &host, target.port(), *reach, until(timeouts.connect))
        .await
        .map_err(|error| refused(&shared, target, error))?;
    let head_bytes = shared.grounds.limits.headers.as_usize().max(LEAST_HEAD);
    let mut builder = http1::Builder::new();
    builder.max_buf_size(head_bytes).max_headers(RESPONSE_FIELDS);
    let (mut sender, connection) = builder.handshake(TokioIo::new(stream)).await?;
    let connection = AbortOnDropJoinHandle::from(tokio::spawn(async move {
        let _descriptor = descriptor;
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a plugin's connection ended");
        }
    }));
    let failure = BodyFailure::default();
    let request = request.map(|body| Given::new(body, Arc::clone(&shared), Arc::clone(&failure)).boxed_unsync());
    let response = match timeout_at(until(timeouts.first_byte), sender.send_request(request)).await {
        Ok(Ok(response)) => response,
        Ok(Err(_)) if failure.get().is_some() => return Err(Error::HttpRequestBodySize(None)),
        Ok(Err(error)) => return Err(of_hyper(&error)),
        Err(_) => return Err(Error::HttpResponseTimeout),
    };
    Ok((response, connection))
}

/// Refuses what could not be searched, or what already leaks.
fn check_head(
    shared: &Shared,
    response: &Response<Incoming>,
    leaks: Option<&Leaks>,
    secret: bool,
) -> Result<(), Error> {
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        return Err(Error::HttpUpgradeFailed);
    }
    let Some(leaks) = leaks else { return Ok(()) };
    let coded = response.headers().get(header::CONTENT_ENCODING).filter(|coding| *coding != "identity");
    if secret && coded.is_some() {
        return Err(Error::HttpResponseContentCoding(None));
    }
    if response
        .headers()
        .iter()
        .any(|(name, value)| leaks.are_in(name.as_str().as_bytes()) || leaks.are_in(value.as_bytes()))
    {
        cut(shared);
        return Err(Error::HttpResponseIncomplete);
    }
    Ok(())
}

/// Tells the operator that an answer carried a secret.
pub(super) fn cut(shared: &Shared) {
    shared.witness.denied(Capability::Secrets, "was sent its secret back; the answer was cut there", None);
}

/// What the guest learns of a failed connection; the operator learns of a
/// refused address.
fn refused(shared: &Shared, target: &Target, error: DialError) -> Error {
    match error {
        DialError::Refused { address, class, .. } => {
            let line = HttpRule { allow_private: true, ..HttpRule::for_target(target) };
            let detail = format!("asked for {} {target}, which is at {address}, a {class} address", target.method());
            let line = Some(&line as &dyn std::fmt::Display).filter(|_| opens(target.host(), address));
            shared.witness.denied(Capability::Http, detail, line);
            Error::DestinationIpProhibited
        }
        DialError::BadName(_) => Error::HttpRequestUriInvalid,
        DialError::Unresolved { .. } | DialError::TooManyAddresses { .. } => {
            Error::DnsError { rcode: None, info_code: None }
        }
        DialError::Tls { .. } => Error::TlsProtocolError,
        DialError::TimedOut { .. } => Error::ConnectionTimeout,
        _ => Error::ConnectionRefused,
    }
}

/// What the guest learns of a broken exchange.
pub(super) fn of_hyper(error: &hyper::Error) -> Error {
    if error.is_timeout() {
        Error::HttpResponseTimeout
    } else if error.is_incomplete_message() || error.is_canceled() || error.is_closed() {
        Error::HttpResponseIncomplete
    } else if error.is_parse_too_large() {
        Error::HttpResponseHeaderSectionSize(None)
    } else {
        Error::HttpProtocolError
    }
}
