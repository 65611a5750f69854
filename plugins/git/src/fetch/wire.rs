//! The real network. A pack is taken as it comes: it may be larger than what
//! the plugin may hold.

use crate::error::{GitError, Result};
use crate::fetch::{Answer, Ask, Transport};

/// Over `wasi:http`.
pub(crate) struct Wire;

#[cfg(not(target_arch = "wasm32"))]
impl Transport for Wire {
    fn send(&self, ask: &Ask<'_>) -> Result<Answer> {
        use bulkhead_sdk::http;

        let mut request = if ask.body.is_some() { http::post(ask.url) } else { http::get(ask.url) };
        for (name, value) in ask.headers {
            request = request.header(*name, *value);
        }
        let response = request.body(ask.body.unwrap_or_default()).send().map_err(told)?;
        Ok(Answer {
            status: response.status(),
            content_type: response.header("content-type").unwrap_or_default().to_owned(),
            location: response.header("location").map(str::to_owned),
            body: Box::new(std::io::Cursor::new(response.into_bytes())),
        })
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn told(error: bulkhead_sdk::Error) -> GitError {
    match error {
        bulkhead_sdk::Error::Denied(text) => GitError::denied(text),
        error => GitError::failed(error.to_string()),
    }
}

#[cfg(target_arch = "wasm32")]
mod streaming {
    use std::io::{self, Read};

    use wasip2::http::outgoing_handler::handle;
    use wasip2::http::types::{
        ErrorCode, Fields, IncomingBody, IncomingResponse, Method, OutgoingBody, OutgoingRequest, RequestOptions,
        Scheme,
    };
    use wasip2::io::streams::{InputStream, StreamError};

    use super::{Answer, Ask, GitError, Result, Transport, Wire};

    /// How long a server may keep silent: it packs before it sends.
    const SILENCE_NANOSECONDS: u64 = 60_000_000_000;
    /// What `wasi:io` takes in one write.
    const WRITE_BYTES: usize = 4096;
    /// What is asked for in one read.
    const READ_BYTES: u64 = 64 * 1024;

    impl Transport for Wire {
        fn send(&self, ask: &Ask<'_>) -> Result<Answer> {
            let (scheme, rest) = ask.url.split_once("://").unwrap_or_default();
            let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            let request = request(ask, scheme, host, path)?;
            let body = request.body().map_err(|()| GitError::failed("the request has no body to write"))?;
            let answer = handle(request, Some(options())).map_err(|code| explain(host, &code))?;
            // Who is refused is not read to the end: the answer says why, not the upload.
            let sent = upload(body, ask.body.unwrap_or_default());
            answer.subscribe().block();
            match answer.get() {
                Some(Ok(Ok(response))) => {
                    sent.map_err(|code| explain(host, &code)).and_then(|()| begin(response, host))
                }
                Some(Ok(Err(code))) => Err(explain(host, &code)),
                Some(Err(())) | None => Err(GitError::failed(format!("{host} gave no answer"))),
            }
        }
    }

    fn request(ask: &Ask<'_>, scheme: &str, host: &str, path: &str) -> Result<OutgoingRequest> {
        let headers: Vec<(String, Vec<u8>)> =
            ask.headers.iter().map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec())).collect();
        let headers = Fields::from_list(&headers)
            .map_err(|error| GitError::failed(format!("a header of the request is refused: {error}")))?;
        let request = OutgoingRequest::new(headers);
        let method = if ask.body.is_some() { Method::Post } else { Method::Get };
        let scheme = if scheme == "http" { Scheme::Http } else { Scheme::Https };
        request
            .set_method(&method)
            .and_then(|()| request.set_scheme(Some(&scheme)))
            .and_then(|()| request.set_authority(Some(host)))
            .and_then(|()| request.set_path_with_query(Some(path)))
            .map_err(|()| GitError::failed(format!("{host}{path} is no request")))?;
        Ok(request)
    }

    /// A host that does not know one of them refuses it, and keeps its own limit.
    fn options() -> RequestOptions {
        let options = RequestOptions::new();
        let _ = options.set_connect_timeout(Some(SILENCE_NANOSECONDS));
        let _ = options.set_first_byte_timeout(Some(SILENCE_NANOSECONDS));
        let _ = options.set_between_bytes_timeout(Some(SILENCE_NANOSECONDS));
        options
    }

    fn upload(body: OutgoingBody, bytes: &[u8]) -> Result<(), ErrorCode> {
        if let Ok(stream) = body.write() {
            for part in bytes.chunks(WRITE_BYTES) {
                if stream.blocking_write_and_flush(part).is_err() {
                    break;
                }
            }
        }
        OutgoingBody::finish(body, None)
    }

    fn begin(response: IncomingResponse, host: &str) -> Result<Answer> {
        let fields = response.headers();
        let header = |name: &str| fields.get(name).into_iter().next().and_then(|value| String::from_utf8(value).ok());
        let (content_type, location) = (header("content-type").unwrap_or_default(), header("location"));
        let body = response.consume().map_err(|()| broken(host))?;
        let stream = body.stream().map_err(|()| broken(host))?;
        let body = Body { stream, _body: body, part: Vec::new(), at: 0 };
        Ok(Answer { status: response.status(), content_type, location, body: Box::new(body) })
    }

    /// A body as it comes. The stream is a child of the body and goes first.
    struct Body {
        stream: InputStream,
        _body: IncomingBody,
        part: Vec<u8>,
        at: usize,
    }

    impl Read for Body {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            if self.at == self.part.len() {
                (self.part, self.at) = (Vec::new(), 0);
                match self.stream.blocking_read(READ_BYTES) {
                    Ok(part) => self.part = part,
                    Err(StreamError::Closed) => return Ok(0),
                    Err(StreamError::LastOperationFailed(error)) => {
                        let code = wasip2::http::types::http_error_code(&error);
                        let why = code.map_or_else(|| "the connection broke".to_owned(), |code| name(&code));
                        return Err(io::Error::other(why));
                    }
                }
            }
            let read = (&self.part[self.at..]).read(out)?;
            self.at += read;
            Ok(read)
        }
    }

    fn broken(host: &str) -> GitError {
        GitError::failed(format!("the connection to {host} broke"))
    }

    fn explain(host: &str, code: &ErrorCode) -> GitError {
        match code {
            ErrorCode::HttpRequestDenied => {
                GitError::denied(format!("this request to {host} is not granted to this plugin"))
            }
            ErrorCode::DestinationIpProhibited => {
                GitError::denied(format!("the address of {host} is not granted to this plugin"))
            }
            other => GitError::failed(format!("{host} cannot be reached: {}", name(other))),
        }
    }

    /// The variant's name without its contents, which are the host's own words.
    fn name(code: &ErrorCode) -> String {
        let text = format!("{code:?}");
        text.trim_start_matches("ErrorCode::").split('(').next().unwrap_or_default().to_owned()
    }
}
