//! Credentials to principals.
//!
//! **Invariants:** a key is kept as its SHA-256 alone, and compared with every
//! known one in constant time. Who a request comes from is decided on its head,
//! before any of its body is read. Nothing a client says about itself counts.

use bulkhead_base::Digest;
use bulkhead_policy::Principal;
use http::{HeaderMap, header};
use subtle::{Choice, ConditionallySelectable as _, ConstantTimeEq as _};
use tokio_util::sync::CancellationToken;

/// Longest credential that is looked at. Answers "a header of 64 KiB that is
/// hashed before it is refused".
const LONGEST_KEY: usize = 4 << 10;

/// One key: what it hashes to, and who holds it.
#[derive(Clone, Debug)]
pub struct Key {
    /// SHA-256 of the key's text.
    pub hash: Digest,
    pub holder: Principal,
}

/// Who may come in, and as whom.
#[derive(Debug, Default)]
pub struct Authn {
    keys: Vec<(Digest, Admitted)>,
    anonymous: Option<Admitted>,
}

/// Who was let in, and until when.
#[derive(Clone, Debug)]
pub struct Admitted {
    pub principal: Principal,
    /// Fired when what let this caller in, or a right of it, is taken away.
    pub gone: CancellationToken,
}

impl Admitted {
    /// Somebody who was just let in.
    #[must_use]
    pub fn new(principal: Principal) -> Self {
        Self { principal, gone: CancellationToken::new() }
    }

    /// Follows `older`: calls of somebody who lost no right go on.
    #[must_use]
    pub fn succeed(self, older: &Self) -> Self {
        let same = self.principal.id() == older.principal.id();
        if same && self.principal.access().covers(older.principal.access()) {
            return Self { gone: older.gone.clone(), ..self };
        }
        older.gone.cancel();
        self
    }
}

/// Why nobody was let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// There is no credential.
    Missing,
    /// There is one that nobody holds.
    Invalid,
    /// There is something that is no credential.
    Malformed,
}

impl Authn {
    /// The holders of `keys`, and whoever comes without one if `anonymous` is
    /// set.
    #[must_use]
    pub fn new(keys: Vec<Key>, anonymous: Option<Principal>) -> Self {
        let keys = keys.into_iter().map(|key| (key.hash, Admitted::new(key.holder))).collect();
        Self { keys, anonymous: anonymous.map(Admitted::new) }
    }

    /// Follows `older`: a key that both know and whose holder lost no right
    /// stays as it is; what relied on any other is cancelled.
    #[must_use]
    pub fn succeed(mut self, older: &Self) -> Self {
        for (hash, before) in &older.keys {
            match self.keys.iter_mut().find(|(known, _)| known == hash) {
                Some((_, now)) => *now = now.clone().succeed(before),
                None => before.gone.cancel(),
            }
        }
        self.anonymous = match (self.anonymous, &older.anonymous) {
            (Some(now), Some(before)) => Some(now.succeed(before)),
            (now, before) => {
                before.iter().for_each(|before| before.gone.cancel());
                now
            }
        };
        self
    }

    /// Whether nobody comes in without a credential.
    #[must_use]
    pub const fn needs_key(&self) -> bool {
        self.anonymous.is_none()
    }

    /// Who sent a request with these headers. A key in a query string is none.
    ///
    /// # Errors
    /// No credential where one is needed, or one that nobody holds.
    pub fn admit(&self, headers: &HeaderMap) -> Result<Admitted, Unknown> {
        let mut fields = headers.get_all(header::AUTHORIZATION).iter();
        let Some(field) = fields.next() else {
            return self.anonymous.clone().ok_or(Unknown::Missing);
        };
        if fields.next().is_some() {
            return Err(Unknown::Malformed);
        }
        let token = bearer(field.as_bytes()).ok_or(Unknown::Malformed)?;
        self.holder(token).cloned().ok_or(Unknown::Invalid)
    }

    /// Looks at every key, whichever fits: the time taken tells nothing.
    fn holder(&self, token: &[u8]) -> Option<&Admitted> {
        let hash = Digest::of(token);
        let mut found = 0_u64;
        for (number, (known, _)) in (1_u64..).zip(&self.keys) {
            let fits: Choice = known.as_bytes().ct_eq(hash.as_bytes());
            found = u64::conditional_select(&found, &number, fits);
        }
        self.keys.get(usize::try_from(found).ok()?.checked_sub(1)?).map(|(_, holder)| holder)
    }
}

/// The token of `Bearer token` (RFC 6750 2.1).
fn bearer(field: &[u8]) -> Option<&[u8]> {
    let (scheme, rest) = field.split_at_checked(7)?;
    let token = rest.trim_ascii();
    let fine = scheme.eq_ignore_ascii_case(b"bearer ") && !token.is_empty() && token.len() <= LONGEST_KEY;
    (fine && token.iter().all(u8::is_ascii_graphic)).then_some(token)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use bulkhead_policy::{Access, Allowance};
    use http::HeaderValue;

    use super::*;

    fn principal(id: &str) -> Principal {
        Principal::new(id.into(), Arc::new(Access::nothing()), Allowance::default())
    }

    fn key(text: &str, holder: &str) -> Key {
        Key { hash: Digest::of(text.as_bytes()), holder: principal(holder) }
    }

    fn who(authn: &Authn, fields: &[&str]) -> Result<String, Unknown> {
        let mut headers = HeaderMap::new();
        for field in fields {
            headers.append(header::AUTHORIZATION, HeaderValue::from_str(field).unwrap());
        }
        authn.admit(&headers).map(|admitted| admitted.principal.id().to_string())
    }

    #[test]
    fn a_key_is_its_holder_and_nothing_else_is() {
        let authn = Authn::new(vec![key("alpha", "a"), key("beta", "b"), key("gamma", "c")], None);
        assert_eq!(who(&authn, &["Bearer alpha"]), Ok("a".to_owned()));
        assert_eq!(who(&authn, &["bearer  gamma"]), Ok("c".to_owned()));
        assert_eq!(who(&authn, &[]), Err(Unknown::Missing));
        for wrong in ["Bearer alph", "Bearer alphaa", "Bearer ALPHA"] {
            assert_eq!(who(&authn, &[wrong]), Err(Unknown::Invalid), "{wrong}");
        }
        for bad in ["alpha", "Basic alpha", "Bearer", "Bearer  ", "Bearer al pha", "Beareralpha"] {
            assert_eq!(who(&authn, &[bad]), Err(Unknown::Malformed), "{bad}");
        }
        assert_eq!(who(&authn, &["Bearer alpha", "Bearer beta"]), Err(Unknown::Malformed));
    }

    #[test]
    fn without_a_credential_one_is_anonymous_or_nobody_but_a_wrong_one_is_never_anonymous() {
        let open = Authn::new(vec![key("alpha", "a")], Some(principal("anonymous")));
        assert_eq!(who(&open, &[]), Ok("anonymous".to_owned()));
        assert_eq!(who(&open, &["Bearer wrong"]), Err(Unknown::Invalid));
    }

    #[test]
    fn a_key_that_is_taken_away_takes_its_calls_with_it() {
        let older =
            Authn::new(vec![key("alpha", "a"), key("beta", "b"), key("gamma", "c")], Some(principal("anonymous")));
        let tokens: Vec<_> = older.keys.iter().map(|(_, holder)| holder.gone.clone()).collect();
        let anonymous = older.anonymous.clone().unwrap();
        let newer = Authn::new(vec![key("alpha", "a"), key("gamma", "z")], None).succeed(&older);
        assert!(!tokens[0].is_cancelled(), "kept as it was");
        assert!(tokens[1].is_cancelled(), "taken away");
        assert!(tokens[2].is_cancelled(), "somebody else's now");
        assert!(anonymous.gone.is_cancelled(), "nobody comes in without a key any more");
        assert!(newer.keys.iter().all(|(_, holder)| !holder.gone.is_cancelled()));
    }

    #[test]
    fn who_loses_a_right_is_stopped_and_who_gains_one_is_not() {
        let with = |access| Admitted::new(Principal::new("a".into(), Arc::new(access), Allowance::default()));
        let everything = with(Access::everything());
        assert!(!with(Access::everything()).succeed(&with(Access::nothing())).gone.is_cancelled());
        let less = with(Access::nothing()).succeed(&everything);
        assert!(everything.gone.is_cancelled() && !less.gone.is_cancelled());
    }
}
