//! Requests that are refused before their message is read.

use bytes::Bytes;

/// Why a request is refused by its head, or its body not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeadProblem {
    Host,
    Origin,
    Path,
    Method,
    Accept,
    ContentType,
    TooLarge,
    NoRoom,
    Broken,
    /// The event that a stream is to go on behind.
    Event,
    /// The session has as many streams as it may.
    Streams,
}

impl HeadProblem {
    /// The HTTP status.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::Host | Self::Origin => 403,
            Self::Path | Self::Event => 404,
            Self::Method => 405,
            Self::Accept => 406,
            Self::ContentType => 415,
            Self::TooLarge => 413,
            Self::NoRoom | Self::Streams => 503,
            Self::Broken => 400,
        }
    }

    /// A JSON-RPC error without id: the message it would answer was not read.
    #[must_use]
    pub const fn body(self) -> Bytes {
        macro_rules! error {
            ($message:literal) => {
                concat!(r#"{"jsonrpc":"2.0","error":{"code":-32600,"message":""#, $message, r#""}}"#)
            };
        }
        Bytes::from_static(
            match self {
                Self::Host => error!("this host is not served here"),
                Self::Origin => error!("this origin may not use this server"),
                Self::Path => error!("not found: the endpoint is /mcp"),
                Self::Method => error!("this HTTP method is not allowed here"),
                Self::Accept => error!("not acceptable: expected Accept: application/json, text/event-stream"),
                Self::ContentType => error!("unsupported media type: expected Content-Type: application/json"),
                Self::TooLarge => error!("the message is too large"),
                Self::NoRoom => error!("the server is busy, try again"),
                Self::Broken => error!("the message broke off"),
                Self::Event => error!("no event of this session has this id, or what followed it is not kept any more"),
                Self::Streams => error!("too many streams of this session are open"),
            }
            .as_bytes(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_is_a_json_rpc_error() {
        use HeadProblem::{Accept, Broken, ContentType, Event, Host, Method, NoRoom, Origin, Path, Streams, TooLarge};
        for problem in [Host, Origin, Path, Method, Accept, ContentType, TooLarge, NoRoom, Broken, Event, Streams] {
            let body: serde_json::Value = serde_json::from_slice(&problem.body()).unwrap();
            assert_eq!(body["error"]["code"], -32600);
            assert!(problem.status() >= 400);
        }
    }
}
