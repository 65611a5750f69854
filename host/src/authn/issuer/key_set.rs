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
pub(in crate::authn) enum NoKeySet {
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
    pub(in crate::authn) fn read(text: &str) -> Result<Self, NoKeySet> {
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
    pub(in crate::authn) fn find(&self, kid: Option<&str>, algorithm: Algorithm) -> Option<Arc<PublicKey>> {
        let mut fitting = self.0.iter().filter(|key| key.fits(kid, algorithm));
        match (fitting.next(), fitting.next()) {
            (Some(key), None) => Some(key.clone()),
            (Some(key), Some(_)) if kid.is_some() => Some(key.clone()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 32, 48 and 256 bytes.
    fn x(length: usize) -> String {
        "A".repeat((length * 4).div_ceil(3))
    }

    fn number(keys: &[String]) -> usize {
        KeySet::read(&format!(r#"{{"keys":[{}]}}"#, keys.join(","))).unwrap().len()
    }

    #[test]
    fn keys_that_verify_nothing_here_are_left_out() {
        let ed = |more: &str| format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{}"{more}}}"#, x(32));
        for fine in ["", r#","kid":"a","use":"sig","alg":"EdDSA""#, r#","key_ops":["verify"]"#] {
            assert_eq!(number(&[ed(fine)]), 1, "{fine}");
        }
        for bad in [
            r#","use":"enc""#,
            r#","key_ops":["sign"]"#,
            r#","key_ops":"verify""#,
            r#","alg":"ES256""#,
            r#","alg":"none""#,
            r#","alg":7"#,
            r#","kid":7"#,
        ] {
            assert_eq!(number(&[ed(bad)]), 0, "{bad}");
        }
        let ec = |crv: &str, length| format!(r#"{{"kty":"EC","crv":"{crv}","x":"{0}","y":"{0}"}}"#, x(length));
        let rsa = |length| format!(r#"{{"kty":"RSA","n":"_{}","e":"AQAB"}}"#, &x(length)[1..]);
        assert_eq!(number(&[ec("P-256", 32), ec("P-384", 48), rsa(512)]), 3);
        assert_eq!(number(&[ec("P-256", 48), ec("P-521", 66), ec("secp256k1", 32), rsa(513)]), 0);
        assert_eq!(number(&[r#"{"kty":"oct","k":"AAAA"}"#.to_owned(), "7".to_owned(), "{}".to_owned()]), 0);
    }

    #[test]
    fn what_is_no_set_of_keys_is_an_error() {
        for bad in ["", "[]", "{}", r#"{"keys":{}}"#, r#"{"keys":[{"kty":"RSA","kty":"EC"}]}"#] {
            assert!(KeySet::read(bad).is_err(), "{bad}");
        }
        let many = vec!["{}"; MOST_KEYS + 1].join(",");
        assert!(matches!(KeySet::read(&format!(r#"{{"keys":[{many}]}}"#)), Err(NoKeySet::TooMany)));
    }
}
