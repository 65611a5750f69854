//! The server's card (SEP-2127): what somebody reads who has not connected yet.
//!
//! **Invariant:** a stranger gets it from an operator who wrote a `publicUrl`,
//! and so made the server known, and from nobody else. It names no plugin and
//! no principal.

use bulkhead_protocol::write::server_card;
use bytes::Bytes;
use http::{HeaderMap, header};

use super::{Host, Terms};
use crate::transport::service::{Card, TurnedAway};

impl Host {
    pub(super) async fn own_card(&self, headers: &HeaderMap) -> Result<Card, TurnedAway> {
        let terms = self.terms.load_full();
        if terms.public_url.is_none() {
            terms.admit(headers).await?;
        }
        // Where there is an issuer, a client is told of it when it comes, and has no key to be asked for.
        let needs_key = terms.authn.needs_key() && terms.protected.is_none();
        let body = server_card(&self.offer, &endpoint(&terms, headers), terms.offered, needs_key);
        Ok(Card { body: Bytes::from(body), is_public: terms.public_url.is_some() })
    }
}

/// Where the endpoint is: as the operator wrote it, or as this caller found it.
fn endpoint(terms: &Terms, headers: &HeaderMap) -> String {
    match &terms.public_url {
        Some(url) => url.to_string(),
        None => {
            let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
            format!("{}://{host}/mcp", if terms.tls { "https" } else { "http" })
        }
    }
}
