//! A small HTTP client that waits for its answer, over `wasi:http`.
//!
//! The operator grants each scheme, host, port, method and path prefix; a
//! request outside of them is [`Error::Denied`](crate::Error::Denied). A
//! secret is never in the plugin: the host sets its header. Redirects are not
//! followed; each hop would be a request of its own.
//!
//! ```
//! use bulkhead_sdk::http;
//! use bulkhead_sdk::prelude::*;
//! use bulkhead_sdk::testing;
//!
//! fn temperature(city: &str) -> Result<f64> {
//!     let answer = http::get("https://api.example.com/now").query("city", city).send()?.ok()?;
//!     let now: Value = answer.json()?;
//!     now["celsius"].as_f64().ok_or_else(|| Error::failed("no temperature in the answer"))
//! }
//!
//! let _upstream = testing::upstream(|request| {
//!     assert_eq!(request.url(), "https://api.example.com/now?city=S%C3%A3o%20Paulo");
//!     Ok(http::Response::new(200, r#"{"celsius": 21.5}"#))
//! });
//! assert_eq!(temperature("São Paulo")?, 21.5);
//! # Ok::<(), Error>(())
//! ```

mod url;
#[cfg(target_arch = "wasm32")]
mod wasi;

use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Error, Result};
#[cfg(not(target_arch = "wasm32"))]
use crate::testing::answer_upstream as transmit;
#[cfg(target_arch = "wasm32")]
use wasi::transmit;

pub(crate) use url::Url;

/// What an upstream may send before it fills the plugin's memory.
const DEFAULT_MAX_BYTES: usize = 8 * 1024 * 1024;
/// How long an upstream may keep silent.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);

/// A request, which [`send`](Request::send) sends.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct Request {
    method: String,
    url: String,
    headers: Vec<(String, Vec<u8>)>,
    body: Option<Vec<u8>>,
    timeout: Duration,
    max_bytes: usize,
    problem: Option<String>,
}

/// An answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Response {
    status: u16,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
    host: String,
}

/// A `GET`.
pub fn get(url: impl Into<String>) -> Request {
    Request::new("GET", url)
}

/// A `POST`.
pub fn post(url: impl Into<String>) -> Request {
    Request::new("POST", url)
}

/// A `PUT`.
pub fn put(url: impl Into<String>) -> Request {
    Request::new("PUT", url)
}

/// A `DELETE`.
pub fn delete(url: impl Into<String>) -> Request {
    Request::new("DELETE", url)
}

impl Request {
    /// A request with any method.
    pub fn new(method: impl Into<String>, url: impl Into<String>) -> Self {
        Self {
            method: method.into(),
            url: url.into(),
            headers: Vec::new(),
            body: None,
            timeout: DEFAULT_TIMEOUT,
            max_bytes: DEFAULT_MAX_BYTES,
            problem: None,
        }
    }

    /// Its method.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// Its URL, query included.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its headers.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.headers.iter().map(|(name, value)| (name.as_str(), value.as_slice()))
    }

    /// Its body.
    pub fn sent(&self) -> &[u8] {
        self.body.as_deref().unwrap_or_default()
    }

    /// One more `name=value` in the query, percent-encoded.
    pub fn query(mut self, name: &str, value: impl AsRef<str>) -> Self {
        self.url.push(if self.url.contains('?') { '&' } else { '?' });
        url::encode(name, &mut self.url);
        self.url.push('=');
        url::encode(value.as_ref(), &mut self.url);
        self
    }

    /// One more header.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<Vec<u8>>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Its body.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// Its body, as JSON.
    pub fn json(mut self, body: &impl Serialize) -> Self {
        match serde_json::to_vec(body) {
            Ok(body) => self.header("content-type", "application/json").body(body),
            Err(problem) => {
                self.problem = Some(format!("the request's body cannot be written as JSON: {problem}"));
                self
            }
        }
    }

    /// How long the upstream may keep silent, 30 seconds unless it is said.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How much of a body is taken, 8 MiB unless it is said; more is an error.
    pub fn max_bytes(mut self, most: usize) -> Self {
        self.max_bytes = most;
        self
    }

    /// Sends it and waits for all of the answer. Any status is an answer; see
    /// [`Response::ok`].
    pub fn send(self) -> Result<Response> {
        if let Some(problem) = self.problem {
            return Err(Error::Failed(problem));
        }
        let url = Url::parse(&self.url)?;
        let host = url.host().to_owned();
        let mut response = transmit(&self, &url)?;
        response.host = host;
        Ok(response)
    }
}

impl Response {
    /// An answer, for a test.
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: Vec::new(), body: body.into(), host: String::new() }
    }

    /// One more header, for a test.
    #[must_use]
    pub fn with_header(mut self, name: impl Into<String>, value: impl Into<Vec<u8>>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Its status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The first value of a header, if it is text. Case does not matter.
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name))?;
        std::str::from_utf8(value).ok()
    }

    /// Its body.
    pub fn bytes(&self) -> &[u8] {
        &self.body
    }

    /// Its body.
    pub fn into_bytes(self) -> Vec<u8> {
        self.body
    }

    /// Its body as text.
    pub fn text(&self) -> Result<&str> {
        std::str::from_utf8(&self.body).map_err(|_| Error::failed(format!("{} did not answer with text", self.from())))
    }

    /// Its body, read as JSON.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_slice(&self.body).map_err(|problem| {
            Error::failed(format!("{} did not answer with the expected JSON: {problem}", self.from()))
        })
    }

    /// The answer if its status is 2xx; otherwise an error that says so.
    pub fn ok(self) -> Result<Self> {
        match self.status {
            200..300 => Ok(self),
            404 | 410 => Err(Error::not_found(format!("{} answered {}", self.from(), self.status))),
            status => Err(Error::failed(format!("{} answered {status}", self.from()))),
        }
    }

    fn from(&self) -> &str {
        if self.host.is_empty() { "the upstream" } else { &self.host }
    }
}
