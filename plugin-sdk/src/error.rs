//! Why a plugin did not answer, or not yet.

use std::any::Any;
use std::fmt;
use std::io;

use crate::types::{ClientCapabilities, InputRequest};

/// What a plugin's functions return by default.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a plugin did not answer, or not yet.
///
/// Every [`std::error::Error`] turns into one with `?`: it becomes
/// [`Failed`](Error::Failed) with its text, while an I/O error keeps its
/// meaning as [`NotFound`](Error::NotFound) or [`Denied`](Error::Denied).
///
/// ```
/// use bulkhead_sdk::prelude::*;
///
/// fn half(text: &str) -> Result<i64> {
///     let number: i64 = text.parse()?;
///     if number % 2 == 1 {
///         return Err(Error::invalid("an even number was expected"));
///     }
///     Ok(number / 2)
/// }
///
/// assert_eq!(half("8").ok(), Some(4));
/// assert!(matches!(half("eight"), Err(Error::Failed(_))));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub enum Error {
    /// The arguments make no sense: what was expected.
    Invalid(String),
    /// There is no such thing here.
    NotFound(String),
    /// The `if-match` of a write is not the current etag.
    Conflict(String),
    /// The plugin itself refuses.
    Denied(String),
    /// The client lacks what this needs; `true` marks what is needed.
    MissingCapability(ClientCapabilities),
    /// It was tried and failed.
    Failed(String),
    /// An answer in the protocol's own terms.
    Protocol {
        /// Outside -32768 to -32000, or one of -32602 and -32603.
        code: i32,
        /// What the client reads.
        message: String,
        /// JSON text.
        data: Option<String>,
    },
    /// Not a failure: the call stops here and is made again with the answers.
    /// Let it pass with `?`.
    InputRequired(Vec<InputRequest>),
    /// Not a failure: the call stops here and is made again as a task.
    /// Let it pass with `?`.
    BecomeTask,
}

impl Error {
    /// The arguments make no sense: what was expected.
    pub fn invalid(expected: impl Into<String>) -> Self {
        Self::Invalid(expected.into())
    }

    /// There is no such thing here.
    pub fn not_found(what: impl Into<String>) -> Self {
        Self::NotFound(what.into())
    }

    /// The `if-match` of a write is not the current etag.
    pub fn conflict(why: impl Into<String>) -> Self {
        Self::Conflict(why.into())
    }

    /// The plugin itself refuses.
    pub fn denied(why: impl Into<String>) -> Self {
        Self::Denied(why.into())
    }

    /// It was tried and failed.
    pub fn failed(why: impl Into<String>) -> Self {
        Self::Failed(why.into())
    }

    /// A JSON-RPC error. `code` lies outside -32768 to -32000, or is -32602
    /// (invalid parameters) or -32603 (internal error).
    pub fn protocol(code: i32, message: impl Into<String>) -> Self {
        Self::Protocol { code, message: message.into(), data: None }
    }

    /// The client lacks what `need` marks.
    ///
    /// ```
    /// use bulkhead_sdk::prelude::*;
    ///
    /// let error = Error::missing_capability(|need| need.sampling = true);
    /// assert_eq!(error.to_string(), "the client cannot do this: it lacks sampling");
    /// ```
    pub fn missing_capability(need: impl FnOnce(&mut ClientCapabilities)) -> Self {
        let mut needed = ClientCapabilities::default();
        need(&mut needed);
        Self::MissingCapability(needed)
    }

    /// Whether the call merely stops here, to go on later.
    pub fn is_pause(&self) -> bool {
        matches!(self, Self::InputRequired(_) | Self::BecomeTask)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(text)
            | Self::NotFound(text)
            | Self::Conflict(text)
            | Self::Denied(text)
            | Self::Failed(text) => f.write_str(text),
            Self::MissingCapability(needed) => {
                write!(f, "the client cannot do this: it lacks {}", crate::types::capability_names(needed))
            }
            Self::Protocol { code, message, .. } => write!(f, "{message} ({code})"),
            Self::InputRequired(requests) => {
                let keys: Vec<&str> = requests.iter().map(|request| request.key.as_str()).collect();
                write!(f, "waits for answers to: {}", keys.join(", "))
            }
            Self::BecomeTask => f.write_str("goes on as a task"),
        }
    }
}

impl<E: std::error::Error + 'static> From<E> for Error {
    fn from(error: E) -> Self {
        let text = error.to_string();
        match (&error as &dyn Any).downcast_ref::<io::Error>().map(io::Error::kind) {
            Some(io::ErrorKind::NotFound) => Self::NotFound(text),
            Some(io::ErrorKind::PermissionDenied) => Self::Denied(text),
            _ => Self::Failed(text),
        }
    }
}
