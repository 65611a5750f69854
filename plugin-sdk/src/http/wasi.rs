//! The request and its answer over `wasi:http`.

use std::time::Duration;

use wasip2::http::outgoing_handler::handle;
use wasip2::http::types::{
    ErrorCode, Fields, IncomingBody, IncomingResponse, Method, OutgoingBody, OutgoingRequest, RequestOptions, Scheme,
};
use wasip2::io::streams::StreamError;

use super::{Request, Response, Url};
use crate::error::{Error, Result};

/// What `wasi:io` takes in one write.
const CHUNK_BYTES: usize = 4096;
/// What is asked for in one read.
const READ_BYTES: u64 = 64 * 1024;

pub(super) fn transmit(request: &Request, url: &Url<'_>) -> Result<Response> {
    let host = url.host();
    let outgoing = outgoing(request, url)?;
    let body = outgoing.body().map_err(|()| Error::failed("the request has no body to write"))?;
    let answer = handle(outgoing, Some(options(request.timeout))).map_err(|code| explain(host, &code))?;
    upload(body, request.body.as_deref().unwrap_or_default(), host)?;
    answer.subscribe().block();
    let incoming = match answer.get() {
        Some(Ok(Ok(incoming))) => incoming,
        Some(Ok(Err(code))) => return Err(explain(host, &code)),
        Some(Err(())) | None => return Err(Error::failed(format!("{host} gave no answer"))),
    };
    let mut response = Response::new(incoming.status(), download(&incoming, request.max_bytes, host)?);
    response.headers = incoming.headers().entries();
    Ok(response)
}

fn outgoing(request: &Request, url: &Url<'_>) -> Result<OutgoingRequest> {
    let headers = Fields::from_list(&request.headers)
        .map_err(|error| Error::failed(format!("a header of the request is refused: {error}")))?;
    let outgoing = OutgoingRequest::new(headers);
    let scheme = if url.scheme == "http" { Scheme::Http } else { Scheme::Https };
    let path = if url.path_with_query.starts_with('/') {
        url.path_with_query.to_owned()
    } else {
        format!("/{}", url.path_with_query)
    };
    let set = outgoing
        .set_method(&method(&request.method))
        .and_then(|()| outgoing.set_scheme(Some(&scheme)))
        .and_then(|()| outgoing.set_authority(Some(url.authority)))
        .and_then(|()| outgoing.set_path_with_query(Some(&path)));
    set.map_err(|()| Error::failed(format!("{} {} is no request", request.method, url.authority)))?;
    Ok(outgoing)
}

fn method(name: &str) -> Method {
    match name {
        "GET" => Method::Get,
        "HEAD" => Method::Head,
        "POST" => Method::Post,
        "PUT" => Method::Put,
        "DELETE" => Method::Delete,
        "OPTIONS" => Method::Options,
        "PATCH" => Method::Patch,
        other => Method::Other(other.to_owned()),
    }
}

/// A host that does not know one of them refuses it, and keeps its own limit.
fn options(timeout: Duration) -> RequestOptions {
    let options = RequestOptions::new();
    let nanoseconds = u64::try_from(timeout.as_nanos()).unwrap_or(u64::MAX);
    let _ = options.set_connect_timeout(Some(nanoseconds));
    let _ = options.set_first_byte_timeout(Some(nanoseconds));
    let _ = options.set_between_bytes_timeout(Some(nanoseconds));
    options
}

fn upload(body: OutgoingBody, bytes: &[u8], host: &str) -> Result<()> {
    if !bytes.is_empty() {
        let stream = body.write().map_err(|()| Error::failed("the request has no body to write"))?;
        for chunk in bytes.chunks(CHUNK_BYTES) {
            match stream.blocking_write_and_flush(chunk) {
                Ok(()) => {}
                // The upstream has heard enough; its answer says why.
                Err(StreamError::Closed) => break,
                Err(StreamError::LastOperationFailed(error)) => return Err(broken(host, &error)),
            }
        }
    }
    OutgoingBody::finish(body, None).map_err(|code| explain(host, &code))
}

fn download(incoming: &IncomingResponse, most: usize, host: &str) -> Result<Vec<u8>> {
    let body: IncomingBody = incoming.consume().map_err(|()| Error::failed(format!("{host} gave no body")))?;
    let stream = body.stream().map_err(|()| Error::failed(format!("{host} gave no body")))?;
    let mut bytes = Vec::new();
    loop {
        match stream.blocking_read(READ_BYTES) {
            Ok(chunk) if bytes.len() + chunk.len() > most => {
                return Err(Error::failed(format!("{host} answered with more than {most} bytes")));
            }
            Ok(chunk) => bytes.extend_from_slice(&chunk),
            Err(StreamError::Closed) => return Ok(bytes),
            Err(StreamError::LastOperationFailed(error)) => return Err(broken(host, &error)),
        }
    }
}

fn broken(host: &str, error: &wasip2::io::error::Error) -> Error {
    match wasip2::http::types::http_error_code(error) {
        Some(code) => explain(host, &code),
        None => Error::failed(format!("the connection to {host} broke")),
    }
}

fn explain(host: &str, code: &ErrorCode) -> Error {
    let failed = |what: &str| Error::failed(format!("{host} {what}"));
    match code {
        ErrorCode::HttpRequestDenied => Error::denied(format!("this request to {host} is not granted to this plugin")),
        ErrorCode::DestinationIpProhibited => {
            Error::denied(format!("the address of {host} is not granted to this plugin"))
        }
        ErrorCode::DnsTimeout | ErrorCode::DnsError(_) | ErrorCode::DestinationNotFound => failed("cannot be found"),
        ErrorCode::ConnectionRefused => failed("refused the connection"),
        ErrorCode::DestinationUnavailable | ErrorCode::DestinationIpUnroutable => failed("cannot be reached"),
        ErrorCode::ConnectionTimeout
        | ErrorCode::ConnectionReadTimeout
        | ErrorCode::ConnectionWriteTimeout
        | ErrorCode::HttpResponseTimeout => failed("did not answer in time"),
        ErrorCode::TlsProtocolError | ErrorCode::TlsCertificateError | ErrorCode::TlsAlertReceived(_) => {
            failed("could not prove who it is (TLS)")
        }
        ErrorCode::ConnectionTerminated | ErrorCode::HttpResponseIncomplete => failed("closed the connection"),
        ErrorCode::HttpResponseBodySize(_) => failed("answered with too many bytes"),
        ErrorCode::ConnectionLimitReached => Error::failed("this plugin has too many requests open"),
        other => failed(&format!("could not be asked: {}", name(other))),
    }
}

/// The variant's name without its contents, which are the host's own words.
fn name(code: &ErrorCode) -> String {
    let text = format!("{code:?}");
    text.trim_start_matches("ErrorCode::").split('(').next().unwrap_or_default().to_owned()
}
