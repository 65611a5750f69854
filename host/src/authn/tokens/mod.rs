//! Access tokens of an issuer (OAuth 2.1 5.2, RFC 9068): what they are worth here.
//!
//! **Invariant:** the order is the point. Shape, then what is claimed, then the
//! issuer's key by name, and only then a signature: what is refused costs at
//! most one, off the threads that answer, and few are looked at at once. A token opens what its scopes have in common with `scopes:`.

mod cache;
mod checks;
mod claims;
mod jws;
mod standing;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use bulkhead_base::Digest;
use bulkhead_policy::{Access, Allowance, Principal, Scopes};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use self::{cache::Cache, checks::Checks, claims::Claims, jws::Jws, standing::Standings};
use super::{Admitted, Unknown, issuer::Issuer, issuer::IssuerSource};
use crate::{admin::Metrics, clock};

/// How often what is over is swept out. What was taken away ends within a second.
const SWEEP: Duration = Duration::from_millis(500);

/// Whose tokens let somebody in, and to what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OAuth {
    pub issuer: IssuerSource,
    pub rules: TokenRules,
}

/// What a token is worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRules {
    /// What `aud` has to name.
    pub audience: Box<str>,
    /// The claim that scopes stand in.
    pub scope_claim: Box<str>,
    /// What they open.
    pub scopes: Arc<Scopes>,
    /// What each subject may have of the server.
    pub allowance: Allowance,
}

impl TokenRules {
    /// Whether nobody whom `older` let in has lost a right.
    fn covers(&self, older: &Self) -> bool {
        let same = self.audience == older.audience && self.scope_claim == older.scope_claim;
        same && self.scopes.covers(&older.scopes)
    }
}

/// Whether `name` can be asked for at an issuer (RFC 6749 3.3).
#[must_use]
pub fn is_scope_token(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\\')
}

/// A token that is not good, and why: for the operator, who asked for such lines.
fn refused(why: &'static str) -> Unknown {
    tracing::debug!(why, "a token is refused");
    Unknown::Invalid
}

/// Tokens of one issuer.
#[derive(Debug)]
pub struct Tokens {
    issuer: Arc<Issuer>,
    rules: TokenRules,
    cache: Cache,
    checks: Checks,
    standings: Arc<Standings>,
    begun: AtomicBool,
    retired: CancellationToken,
}

impl Tokens {
    /// Nobody has come yet, and no key is known.
    #[must_use]
    pub fn new(oauth: OAuth) -> Self {
        Self::of(Arc::new(Issuer::new(oauth.issuer)), oauth.rules, Arc::default())
    }

    fn of(issuer: Arc<Issuer>, rules: TokenRules, standings: Arc<Standings>) -> Self {
        let (begun, retired) = (AtomicBool::new(false), CancellationToken::new());
        Self { issuer, rules, cache: Cache::default(), checks: Checks::default(), standings, begun, retired }
    }

    /// Follows `older`: keys of the same issuer are kept, and calls of whoever
    /// lost no right go on.
    #[must_use]
    pub fn succeed(now: Arc<Self>, older: &Arc<Self>) -> Arc<Self> {
        if now.issuer.source != older.issuer.source {
            return now;
        }
        if now.rules == older.rules {
            return older.clone();
        }
        let standings = if now.rules.covers(&older.rules) { older.standings.clone() } else { Arc::default() };
        Arc::new(Self::of(older.issuer.clone(), now.rules.clone(), standings))
    }

    /// Ends what `newer` does not go on with.
    pub(super) fn leave(&self, newer: Option<&Self>) {
        if newer.is_some_and(|newer| std::ptr::eq(newer, self)) {
            return;
        }
        self.retired.cancel();
        if !newer.is_some_and(|newer| Arc::ptr_eq(&newer.issuer, &self.issuer)) {
            self.issuer.retire();
        }
        if !newer.is_some_and(|newer| Arc::ptr_eq(&newer.standings, &self.standings)) {
            self.standings.end();
        }
    }

    /// Looks after keys and times until `closing`. Once is enough.
    pub fn begin(self: &Arc<Self>, metrics: &Arc<Metrics>, closing: &CancellationToken) {
        self.issuer.begin(metrics, closing);
        if self.begun.swap(true, Ordering::Relaxed) {
            return;
        }
        let (tokens, closing) = (self.clone(), closing.clone());
        tokio::spawn(async move {
            let mut rounds = tokens.issuer.rounds();
            loop {
                tokio::select! {
                    () = closing.cancelled() => return,
                    () = tokens.retired.cancelled() => return,
                    _ = rounds.changed() => {}
                    () = sleep(SWEEP) => {}
                }
                tokens.sweep();
            }
        });
    }

    /// The file that the issuer's keys lie in has changed.
    pub fn reread(&self) {
        self.issuer.reread();
    }

    fn sweep(&self) {
        let (keys, now) = (self.issuer.keys(), clock::now());
        self.cache.sweep(&keys, now);
        self.standings.sweep(&keys, now);
    }

    /// Whom `token` lets in.
    pub(super) async fn admit(&self, token: &str, hash: Digest) -> Result<Admitted, Unknown> {
        let now = clock::now();
        if let Some(admitted) = self.cache.get(&hash, now) {
            return Ok(admitted);
        }
        let jws = Jws::read(token).ok_or_else(|| refused("it is no token that is signed as tokens are here"))?;
        let claims = Claims::read(&jws.payload, &self.issuer.source.issuer, &self.rules, now)?;
        let key = self.issuer.find(jws.kid.as_deref(), jws.algorithm).await;
        let key = key.ok_or_else(|| refused("no key of the issuer has its kid and alg"))?;
        let Jws { algorithm, signed, signature, .. } = jws;
        let (signer, signed) = (key.clone(), signed.to_owned());
        let verify = move || signer.verifies(algorithm, signed.as_bytes(), &signature);
        if !self.checks.make(verify).await.ok_or(Unknown::Crowded)? {
            return Err(refused("its signature is not the key's"));
        }
        let Claims { who, until, scopes } = claims;
        if until <= now {
            return Err(Unknown::Expired);
        }
        let access = Access::of_scopes(&self.rules.scopes, &scopes).map_err(|_| Unknown::Invalid)?;
        let principal = Principal::new(who.as_str().into(), access.into(), self.rules.allowance);
        let standing = self.standings.enter((who, scopes), key.id, until)?;
        let admitted = Admitted { principal, gone: standing.gone, lost: standing.lost };
        self.cache.put(hash, admitted.clone(), key.id, until);
        Ok(admitted)
    }
}
