//! The one way to the network, so that a test can stand in for it.

use crate::error::WeatherError;

/// An answer over HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
}

/// Fetches a URL.
pub trait Fetch {
    /// Gets `url`.
    ///
    /// # Errors
    /// It may not be reached, or cannot.
    fn get(&self, url: &str) -> Result<Answer, WeatherError>;
}

/// The host that `url` names, for messages.
pub(crate) fn host(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?']).next().unwrap_or(rest).to_owned()
}

/// `text` as part of a query.
pub(crate) fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
