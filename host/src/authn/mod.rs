//! Credentials to principals.
//!
//! **Invariants:** a key is kept as its SHA-256 alone, and compared with every
//! known one in constant time. A token is believed as far as a key of its
//! issuer signed it for this server, and no longer than it says. Who a request
//! comes from is decided on its head, before any of its body is read. Nothing a
//! client says about itself counts.

mod bearer;
mod issuer;
mod keys;
mod tokens;

use std::sync::Arc;

use bulkhead_base::Digest;
use bulkhead_policy::Principal;
use http::HeaderMap;
use tokio_util::sync::CancellationToken;

pub use issuer::{IssuerSource, KeySource, well_formed_issuer};
pub use keys::Key;
pub use tokens::{OAuth, TokenRules, Tokens, is_scope_token};

use crate::admin::Metrics;
use bearer::bearer;
use keys::Keys;

/// Who may come in, and as whom.
#[derive(Debug, Default)]
pub struct Authn {
    keys: Keys,
    tokens: Option<Arc<Tokens>>,
    anonymous: Option<Admitted>,
}

/// Who was let in, and until when.
#[derive(Clone, Debug)]
pub struct Admitted {
    pub principal: Principal,
    /// Fired when this caller has to be let in anew: what let it in has
    /// expired, or `lost` is fired.
    pub gone: CancellationToken,
    /// Fired when what let this caller in, or a right of it, is taken away.
    pub lost: CancellationToken,
}

impl Admitted {
    /// Somebody who was just let in, and may stay.
    #[must_use]
    pub fn new(principal: Principal) -> Self {
        let lost = CancellationToken::new();
        Self { principal, gone: lost.clone(), lost }
    }

    /// Follows `older`: calls of somebody who lost no right go on.
    #[must_use]
    pub fn succeed(self, older: &Self) -> Self {
        let same = self.principal.id() == older.principal.id();
        if same && self.principal.access().covers(older.principal.access()) {
            return Self { gone: older.gone.clone(), lost: older.lost.clone(), ..self };
        }
        older.lost.cancel();
        self
    }
}

/// Why nobody was let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// There is no credential.
    Missing,
    /// There is one that nobody holds, or that is not for this server.
    Invalid,
    /// There is a token whose time is over.
    Expired,
    /// There is something that is no credential.
    Malformed,
    /// There are more callers than are remembered at once.
    Crowded,
}

impl Authn {
    /// The holders of `keys`, those whom an issuer vouches for, and whoever
    /// comes without a credential if `anonymous` is set.
    #[must_use]
    pub fn new(keys: Vec<Key>, oauth: Option<OAuth>, anonymous: Option<Principal>) -> Self {
        let tokens = oauth.map(|oauth| Arc::new(Tokens::new(oauth)));
        Self { keys: Keys::new(keys), tokens, anonymous: anonymous.map(Admitted::new) }
    }

    /// Follows `older`: a key that both know and whose holder lost no right
    /// stays as it is; what relied on any other is cancelled. Tokens likewise,
    /// once `older` was [left](Self::leave).
    #[must_use]
    pub fn succeed(mut self, older: &Self) -> Self {
        self.keys.succeed(&older.keys);
        self.tokens = match (self.tokens, &older.tokens) {
            (Some(now), Some(before)) => Some(Tokens::succeed(now, before)),
            (now, _) => now,
        };
        self.anonymous = match (self.anonymous, &older.anonymous) {
            (Some(now), Some(before)) => Some(now.succeed(before)),
            (now, before) => {
                before.iter().for_each(|before| before.lost.cancel());
                now
            }
        };
        self
    }

    /// Ends what relied on tokens that are worth less to `newer`, which is in
    /// force already: whoever comes back at once finds it.
    pub fn leave(&self, newer: &Self) {
        if let Some(tokens) = &self.tokens {
            tokens.leave(newer.tokens.as_deref());
        }
    }

    /// Looks after the issuer's keys and the tokens' time until `closing`.
    /// Inside the runtime; once is enough.
    pub fn begin(&self, metrics: &Arc<Metrics>, closing: &CancellationToken) {
        self.tokens.iter().for_each(|tokens| tokens.begin(metrics, closing));
    }

    /// The file that the issuer's keys lie in has changed.
    pub fn reread(&self) {
        self.tokens.iter().for_each(|tokens| tokens.reread());
    }

    /// Whether nobody comes in without a credential.
    #[must_use]
    pub const fn needs_key(&self) -> bool {
        self.anonymous.is_none()
    }

    /// Who sent a request with these headers. A credential in a query string
    /// is none.
    ///
    /// # Errors
    /// No credential where one is needed, or one that is not good.
    pub async fn admit(&self, headers: &HeaderMap) -> Result<Admitted, Unknown> {
        let Some(credential) = bearer(headers)? else { return self.anonymous.clone().ok_or(Unknown::Missing) };
        let hash = Digest::of(credential.as_bytes());
        if let Some(holder) = self.keys.holder(&hash) {
            return Ok(holder.clone());
        }
        match &self.tokens {
            Some(tokens) => tokens.admit(credential, hash).await,
            None => Err(Unknown::Invalid),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use bulkhead_policy::{Access, Allowance};
    use futures_util::FutureExt as _;
    use http::{HeaderValue, header};

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
        let admitted = authn.admit(&headers).now_or_never().expect("nothing to wait for");
        admitted.map(|admitted| admitted.principal.id().to_string())
    }

    #[test]
    fn a_key_is_its_holder_and_nothing_else_is() {
        let authn = Authn::new(vec![key("alpha", "a"), key("beta", "b"), key("gamma", "c")], None, None);
        assert_eq!(who(&authn, &["Bearer alpha"]), Ok("a".to_owned()));
        assert_eq!(who(&authn, &["bearer  gamma"]), Ok("c".to_owned()));
        assert_eq!(who(&authn, &[]), Err(Unknown::Missing));
        for wrong in ["Bearer alph", "Bearer alphaa", "Bearer ALPHA"] {
            assert_eq!(who(&authn, &[wrong]), Err(Unknown::Invalid), "{wrong}");
        }
        for other in ["", "alpha", "Basic alpha", "Beareralpha"] {
            assert_eq!(who(&authn, &[other]), Err(Unknown::Missing), "{other}");
        }
        for bad in ["Bearer", "Bearer  ", "Bearer al pha"] {
            assert_eq!(who(&authn, &[bad]), Err(Unknown::Malformed), "{bad}");
        }
        assert_eq!(who(&authn, &["Bearer alpha", "Bearer beta"]), Err(Unknown::Malformed));
    }

    #[test]
    fn without_a_credential_one_is_anonymous_or_nobody_but_a_wrong_one_is_never_anonymous() {
        let open = Authn::new(vec![key("alpha", "a")], None, Some(principal("anonymous")));
        assert_eq!(who(&open, &[]), Ok("anonymous".to_owned()));
        assert_eq!(who(&open, &["Bearer wrong"]), Err(Unknown::Invalid));
        assert_eq!(who(&open, &["Basic wrong"]), Err(Unknown::Missing));
    }

    #[test]
    fn a_key_that_is_taken_away_takes_its_calls_with_it() {
        let older = Authn::new(
            vec![key("alpha", "a"), key("beta", "b"), key("gamma", "c")],
            None,
            Some(principal("anonymous")),
        );
        let tokens: Vec<_> = older.keys.holders().map(|holder| holder.gone.clone()).collect();
        let anonymous = older.anonymous.clone().unwrap();
        let newer = Authn::new(vec![key("alpha", "a"), key("gamma", "z")], None, None).succeed(&older);
        assert!(!tokens[0].is_cancelled(), "kept as it was");
        assert!(tokens[1].is_cancelled(), "taken away");
        assert!(tokens[2].is_cancelled(), "somebody else's now");
        assert!(anonymous.gone.is_cancelled(), "nobody comes in without a key any more");
        assert!(newer.keys.holders().all(|holder| !holder.gone.is_cancelled()));
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
