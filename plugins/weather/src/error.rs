//! Why there is no weather to tell.

use thiserror::Error;

/// What went wrong, in words that say what to do about it.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum WeatherError {
    #[error("{0}")]
    Invalid(String),
    #[error("no place called \"{0}\" is known; try a larger town nearby, another spelling, or \"latitude,longitude\"")]
    UnknownPlace(String),
    #[error("this plugin may not reach {0}: the operator has not granted it")]
    Denied(String),
    #[error("{host} cannot be reached: {why}")]
    Unreachable { host: String, why: String },
    #[error("{host} refused the request: {reason}")]
    Refused { host: String, reason: String },
    #[error("{host} answered with status {status}")]
    Status { host: String, status: u16 },
    #[error("{host} answered with something else than weather: {why}")]
    BadAnswer { host: String, why: String },
}
