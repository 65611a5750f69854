//! The one way to the network, so that a test can stand in for it.

use std::io::Read;

use crate::error::Result;

/// A request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask<'a> {
    /// Where.
    pub url: &'a str,
    /// Its header fields.
    pub headers: &'a [(&'a str, &'a str)],
    /// What a `POST` sends; without it, the request is a `GET`.
    pub body: Option<&'a [u8]>,
}

/// The beginning of an answer, and the rest as it comes.
pub struct Answer {
    /// The status of HTTP.
    pub status: u16,
    /// `content-type`.
    pub content_type: String,
    /// `location`, of a redirect.
    pub location: Option<String>,
    /// The body.
    pub body: Box<dyn Read>,
}

/// Sends a request and follows no redirect.
pub trait Transport {
    /// Sends it, and waits for the beginning of the answer.
    ///
    /// # Errors
    /// The host may not be reached, or cannot.
    fn send(&self, ask: &Ask<'_>) -> Result<Answer>;
}
