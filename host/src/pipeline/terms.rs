//! What the configuration says right now about who may come in and how.

use bulkhead_protocol::Revisions;
use bytes::Bytes;
use http::HeaderMap;

use crate::{
    authn::{Admitted, Authn, Unknown},
    config::TrustedServer,
    transport::service::TurnedAway,
};

/// The terms on which clients are answered.
#[derive(Debug)]
pub struct Terms {
    pub authn: Authn,
    /// Whoever holds the standard streams.
    pub local: Admitted,
    /// The revisions that are spoken.
    pub offered: Revisions,
    /// Other servers that the operator trusts.
    pub servers: Vec<TrustedServer>,
    /// Where the outside world finds the endpoint, if the operator says so.
    pub public_url: Option<Box<str>>,
    /// Whether HTTP is encrypted.
    pub tls: bool,
}

impl Terms {
    /// Follows `older`: what relied on something that is gone is cancelled.
    #[must_use]
    pub(super) fn succeed(self, older: &Self) -> Self {
        let local = self.local.succeed(&older.local);
        Self { authn: self.authn.succeed(&older.authn), local, ..self }
    }

    /// Who sent a request with these headers (RFC 6750 3).
    pub(super) fn admit(&self, headers: &HeaderMap) -> Result<Admitted, TurnedAway> {
        self.authn.admit(headers).map_err(|unknown| match unknown {
            Unknown::Missing => refused(401, "Bearer realm=\"bulkhead\"", "a key is needed"),
            Unknown::Invalid => {
                refused(401, "Bearer realm=\"bulkhead\", error=\"invalid_token\"", "the key is not valid")
            }
            Unknown::Malformed => refused(
                401,
                "Bearer realm=\"bulkhead\", error=\"invalid_request\"",
                "expected Authorization: Bearer and one key",
            ),
        })
    }
}

fn refused(status: u16, challenge: &str, message: &'static str) -> TurnedAway {
    let fault = bulkhead_protocol::Fault::new(crate::render::FORBIDDEN, message);
    TurnedAway { status, challenge: Some(challenge.to_owned()), body: Bytes::from(fault.encode()) }
}
