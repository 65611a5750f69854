//! What the configuration says right now about who may come in and how.

use bulkhead_protocol::Revisions;
use http::HeaderMap;

use super::Protected;
use crate::{
    authn::{Admitted, Authn},
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
    /// What whoever wants a token is told, if tokens let anybody in.
    pub protected: Option<Protected>,
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

    /// Who sent a request with these headers.
    pub(super) async fn admit(&self, headers: &HeaderMap) -> Result<Admitted, TurnedAway> {
        self.authn.admit(headers).await.map_err(|unknown| self.turned_away(unknown))
    }
}
