//! Whose tokens are believed, and the keys that it signs them with.
//!
//! **Invariants:** keys come over the checked dialler or from a file of the
//! operator's, never from a token. While their source fails the last ones hold,
//! for at most a day. A token can make them be looked up, and not more often
//! than every half minute.

mod key;
mod key_set;
mod source;

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use arc_swap::ArcSwap;
use bulkhead_net::{Dialler, Roots};
use tokio::{
    sync::{Notify, watch},
    time::{Instant, sleep, timeout},
};
use tokio_util::sync::CancellationToken;

pub(super) use key::{Algorithm, LONGEST_KID, PublicKey};
pub(super) use key_set::KeySet;
pub use source::{IssuerSource, KeySource, well_formed_issuer};

use crate::admin::Metrics;

/// How often keys are looked up that nobody asked for.
const FRESH: Duration = Duration::from_secs(300);

/// How soon after a failure, and how soon after one unknown key another one,
/// has them looked up. Answers "a flood of tokens with names of keys that there
/// are none of".
const PAUSE: Duration = Duration::from_secs(30);

/// Longest that a request waits for keys.
const PATIENCE: Duration = Duration::from_secs(5);

/// Longest that keys hold whose source fails. Answers "a key that was taken
/// back, and an issuer that is kept from saying so".
const HOLD: Duration = Duration::from_secs(24 * 60 * 60);

/// The issuer.
pub(super) struct Issuer {
    pub(super) source: IssuerSource,
    keys: ArcSwap<KeySet>,
    looks: Mutex<Looks>,
    wanted: Notify,
    /// How often keys were looked up.
    rounds: watch::Sender<u64>,
    begun: AtomicBool,
    retired: CancellationToken,
}

/// When keys were looked up.
struct Looks {
    /// Because of a token.
    asked: Option<Instant>,
    /// With success.
    found: Option<Instant>,
    underway: bool,
    failing: bool,
}

impl Issuer {
    pub(super) fn new(source: IssuerSource) -> Self {
        // Until the first look is over, a token waits for it.
        let looks = Looks { asked: None, found: None, underway: true, failing: false };
        Self {
            source,
            keys: ArcSwap::default(),
            looks: Mutex::new(looks),
            wanted: Notify::new(),
            rounds: watch::Sender::new(0),
            begun: AtomicBool::new(false),
            retired: CancellationToken::new(),
        }
    }

    fn looks(&self) -> MutexGuard<'_, Looks> {
        self.looks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The keys of now.
    pub(super) fn keys(&self) -> Arc<KeySet> {
        self.keys.load_full()
    }

    /// Told each time that keys were looked up.
    pub(super) fn rounds(&self) -> watch::Receiver<u64> {
        self.rounds.subscribe()
    }

    /// The key of a token that names `kid` and `algorithm`. One that is not
    /// known is looked up, if that was not done just now.
    pub(super) async fn find(&self, kid: Option<&str>, algorithm: Algorithm) -> Option<Arc<PublicKey>> {
        if let Some(key) = self.keys.load().find(kid, algorithm) {
            return Some(key);
        }
        // A look that has just ended may have found it.
        let Some(mut rounds) = self.ask() else { return self.keys.load().find(kid, algorithm) };
        timeout(PATIENCE, rounds.changed()).await.ok()?.ok()?;
        self.keys.load().find(kid, algorithm)
    }

    /// The look for keys that is under way now, or begins.
    fn ask(&self) -> Option<watch::Receiver<u64>> {
        let mut looks = self.looks();
        if !looks.underway {
            if looks.asked.is_some_and(|asked| asked.elapsed() < PAUSE) {
                return None;
            }
            (looks.asked, looks.underway) = (Some(Instant::now()), true);
            self.wanted.notify_one();
        }
        Some(self.rounds.subscribe())
    }

    /// Tells whoever waits that keys were looked up.
    fn looked(&self) {
        let mut looks = self.looks();
        looks.underway = false;
        self.rounds.send_modify(|rounds| *rounds += 1);
    }

    /// Looks them up at once: their file has changed.
    pub(super) fn reread(&self) {
        if matches!(self.source.keys, KeySource::File(_)) {
            self.wanted.notify_one();
        }
    }

    /// Ends looking after the keys.
    pub(super) fn retire(&self) {
        self.retired.cancel();
    }

    /// Looks after the keys until `closing`. Once is enough.
    pub(super) fn begin(self: &Arc<Self>, metrics: &Arc<Metrics>, closing: &CancellationToken) {
        if self.begun.swap(true, Ordering::Relaxed) {
            return;
        }
        let roots = Roots::with_extra(self.source.authorities.clone());
        let dialler = match Dialler::new(roots) {
            Ok(dialler) => dialler,
            // The configuration has tried the same certificates.
            Err(error) => return tracing::error!(%error, "no token can be verified"),
        };
        let (issuer, metrics, closing) = (self.clone(), metrics.clone(), closing.clone());
        tokio::spawn(async move {
            tokio::select! {
                () = closing.cancelled() => {}
                () = issuer.retired.cancelled() => {}
                never = issuer.keep(&dialler, &metrics) => match never {},
            }
        });
    }

    async fn keep(&self, dialler: &Dialler, metrics: &Metrics) -> std::convert::Infallible {
        loop {
            self.looks().underway = true;
            let looked = self.source.document(dialler).await.map_err(|error| error.to_string());
            let keys = looked.and_then(|text| KeySet::read(&text).map_err(|error| error.to_string()));
            let pause = match keys {
                Ok(keys) => self.found(keys),
                Err(why) => self.missed(&why, metrics),
            };
            metrics.issuer_keys.store(self.keys.load().len() as u64, Ordering::Relaxed);
            self.looked();
            tokio::select! {
                () = sleep(pause) => {}
                () = self.wanted.notified() => {}
            }
        }
    }

    /// These are the keys from now on. When to look again.
    fn found(&self, keys: KeySet) -> Duration {
        let (issuer, number) = (&self.source.issuer, keys.len());
        if keys.len() == 0 {
            tracing::warn!(%issuer, "the issuer has no key that a token can be verified with: no token is let in");
        } else if !self.keys.load().is_like(&keys) {
            tracing::info!(%issuer, keys = number, "the issuer's keys are taken over");
        }
        self.keys.store(Arc::new(keys));
        let mut looks = self.looks();
        if std::mem::take(&mut looks.failing) {
            tracing::info!(%issuer, keys = number, "the issuer's keys can be had again");
        }
        looks.found = Some(Instant::now());
        FRESH
    }

    /// The keys could not be had. When to look again.
    fn missed(&self, why: &str, metrics: &Metrics) -> Duration {
        crate::admin::count(&metrics.issuer_failures);
        let issuer = &self.source.issuer;
        let (age, is_new) = {
            let mut looks = self.looks();
            let was_failing = std::mem::replace(&mut looks.failing, true);
            (looks.found.map(|found| found.elapsed()), !was_failing)
        };
        if age.is_some_and(|age| age < HOLD) {
            if is_new {
                tracing::warn!(%issuer, "the issuer's keys cannot be had, the older ones hold for a day: {why}");
            }
        } else if self.keys.swap(Arc::default()).len() > 0 || is_new {
            tracing::error!(%issuer, "the issuer's keys cannot be had, and no token is let in: {why}");
        }
        tracing::debug!(%issuer, "the issuer's keys cannot be had: {why}");
        PAUSE
    }
}

impl std::fmt::Debug for Issuer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Issuer").field("source", &self.source).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    fn issuer() -> Issuer {
        let keys = KeySource::File("/nowhere".into());
        Issuer::new(IssuerSource { issuer: "https://id".into(), keys, private: false, authorities: Vec::new() })
    }

    fn key() -> KeySet {
        KeySet::read(&format!(r#"{{"keys":[{{"kty":"OKP","crv":"Ed25519","x":"{}"}}]}}"#, "A".repeat(43))).unwrap()
    }

    #[test]
    fn keys_hold_for_a_day_while_their_source_fails_and_no_longer() {
        let (issuer, metrics) = (issuer(), Metrics::default());
        assert_eq!(issuer.missed("down", &metrics), PAUSE);
        assert_eq!(issuer.found(key()), FRESH);
        issuer.missed("down", &metrics);
        assert_eq!(issuer.keys().len(), 1);
        issuer.looks().found = Instant::now().checked_sub(HOLD);
        issuer.missed("down", &metrics);
        assert_eq!(issuer.keys().len(), 0);
        assert_eq!(metrics.issuer_failures.load(Ordering::Relaxed), 3);
    }

    #[tokio::test]
    async fn a_token_has_its_key_looked_up_once_in_half_a_minute() {
        let issuer = issuer();
        let find = || issuer.find(None, Algorithm::EdDsa);
        assert!(find().now_or_never().is_none(), "the first look is not over");
        issuer.looked();
        let mut waiting = Box::pin(find());
        assert!(waiting.as_mut().now_or_never().is_none(), "it is looked up");
        assert!(find().now_or_never().is_none(), "which others wait for as well");
        issuer.found(key());
        issuer.looked();
        assert!(waiting.await.is_some());
        let other = || issuer.find(None, Algorithm::Es256);
        assert!(other().now_or_never().is_some_and(|found| found.is_none()), "and not again at once");
        issuer.looks().asked = Instant::now().checked_sub(PAUSE);
        assert!(other().now_or_never().is_none());
    }
}
