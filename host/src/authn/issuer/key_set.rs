//! The keys of an issuer at one time (RFC 7517 5).

use std::sync::Arc;

use bulkhead_base::Digest;
use bulkhead_protocol::json::{Json, JsonError};

use super::key::{Algorithm, PublicKey};

/// Most keys of one issuer. Answers "a document of a million keys that each
/// token is looked up in".
const MOST_KEYS: usize = 64;

/// Why a document is no set of keys.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoKeySet {
    #[error("it is not JSON: {0}")]
    Json(#[from] JsonError),
    #[error("it has no array \"keys\"")]
    Shape,
    #[error("it has more than {MOST_KEYS} keys")]
    TooMany,
}

/// Every key that signatures can be verified with; others are left out.
#[derive(Clone, Debug, Default)]
pub(in crate::authn) struct KeySet(Vec<Arc<PublicKey>>);

impl KeySet {
    pub(super) fn read(text: &str) -> Result<Self, NoKeySet> {
        let keys = Json::parse(text)?.member("keys").and_then(Json::elements).ok_or(NoKeySet::Shape)?;
        if keys.len() > MOST_KEYS {
            return Err(NoKeySet::TooMany);
        }
        Ok(Self(keys.into_iter().filter_map(PublicKey::read).map(Arc::new).collect()))
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether the key `id` is among them.
    pub(in crate::authn) fn holds(&self, id: &Digest) -> bool {
        self.0.iter().any(|key| key.id == *id)
    }

    /// Whether both are the same keys.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        self.0.len() == other.0.len() && self.0.iter().all(|key| other.holds(&key.id))
    }

    /// The key of a token that names `kid` and `algorithm`. A token that names
    /// none is looked at if there is one key only that may be meant.
    pub(super) fn find(&self, kid: Option<&str>, algorithm: Algorithm) -> Option<Arc<PublicKey>> {
        let mut fitting = self.0.iter().filter(|key| key.fits(kid, algorithm));
        match (fitting.next(), fitting.next()) {
            (Some(key), None) => Some(key.clone()),
            (Some(key), Some(_)) if kid.is_some() => Some(key.clone()),
            _ => None,
        }
    }
}
