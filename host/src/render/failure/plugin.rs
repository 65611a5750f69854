//! What a plugin says went wrong, read and screened.

use bulkhead_protocol::json::compact;
use bulkhead_sandbox::answer::{ClientCapabilities, Error, ProtocolError};
use bulkhead_screen::Place;

use super::words::LONGEST_TEXT;
use crate::screening::{Screened, ScreenedJson, Sieve, Unfit};

/// A plugin's own error.
#[derive(Debug)]
pub enum ReadError {
    Invalid(Screened),
    NotFound(Screened),
    Conflict(Screened),
    Denied(Screened),
    MissingCapability(ClientCapabilities),
    Failed(Screened),
    Protocol { code: i32, message: Screened, data: Option<ScreenedJson> },
}

impl ReadError {
    /// Reads what the plugin says.
    ///
    /// # Errors
    /// It is refused.
    pub fn read(error: Error, sieve: &mut Sieve<'_>) -> Result<Self, Unfit> {
        let mut text = |text| sieve.text(Place::Error, text);
        Ok(match error {
            Error::Invalid(told) => Self::Invalid(text(told)?),
            Error::NotFound(told) => Self::NotFound(text(told)?),
            Error::Conflict(told) => Self::Conflict(text(told)?),
            Error::Denied(told) => Self::Denied(text(told)?),
            Error::MissingCapability(needed) => Self::MissingCapability(needed),
            Error::Failed(told) => Self::Failed(text(told)?),
            Error::Protocol(ProtocolError { code, message, data }) => {
                let message = text(message)?;
                // What is none, or too much, is left out: the error is told all the same.
                let data = data.and_then(|data| compact(&data, LONGEST_TEXT).ok());
                let data = data.map(|data| sieve.data(data)).transpose()?;
                Self::Protocol { code, message, data }
            }
        })
    }
}
