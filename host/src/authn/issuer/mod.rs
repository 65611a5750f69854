//! Whose tokens are believed, and the keys that it signs them with.
//!
//! **Invariants:** keys come over the checked dialler or from a file of the
//! operator's, never from a token. While their source fails the last ones hold,
//! for at most a day. A token can make them be looked up a few times at once and
//! then every few seconds; one that comes meanwhile waits for that look, so that
//! made-up names of keys hold off no true one.

mod key;
mod key_set;
mod ration;
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
    time::{Instant, sleep, sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;

pub(super) use key::{Algorithm, LONGEST_KID, PublicKey};
pub(super) use key_set::KeySet;
pub use source::{IssuerSource, KeySource, well_formed_issuer};

use self::ration::Ration;
use crate::admin::Metrics;

/// How often keys are looked up that nobody asked for.
const FRESH: Duration = Duration::from_secs(300);

/// How soon after a failure they are looked up again that nobody asked for.
const PAUSE: Duration = Duration::from_secs(30);

/// Longest that a request waits for keys: longer than [`ration::EACH`], by what
/// a look takes.
const PATIENCE: Duration = Duration::from_secs(8);

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

/// When keys were looked up, and will be.
struct Looks {
    /// Because of tokens.
    ration: Ration,
    /// When the next look begins that a token asked for.
    begins: Option<Instant>,
    /// With success.
    found: Option<Instant>,
    /// One is under way, or about to begin.
    underway: bool,
    failing: bool,
}

impl Issuer {
    pub(super) fn new(source: IssuerSource) -> Self {
        // Until the first look is over, a token waits for it.
        let looks = Looks { ration: Ration::default(), begins: None, found: None, underway: true, failing: false };
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
    /// known is looked up, as soon as the ration has it.
    pub(super) async fn find(&self, kid: Option<&str>, algorithm: Algorithm) -> Option<Arc<PublicKey>> {
        if let Some(key) = self.keys.load().find(kid, algorithm) {
            return Some(key);
        }
        let mut rounds = self.ask();
        timeout(PATIENCE, rounds.changed()).await.ok()?.ok()?;
        self.keys.load().find(kid, algorithm)
    }

    /// The look for keys that is under way now, or begins.
    fn ask(&self) -> watch::Receiver<u64> {
        let mut looks = self.looks();
        if !looks.underway {
            let now = Instant::now();
            let wait = looks.ration.draw(now);
            (looks.begins, looks.underway) = (Some(now + wait), true);
            self.wanted.notify_one();
        }
        self.rounds.subscribe()
    }

    /// Waits until the look may begin that a token asked for; a file that has
    /// changed is looked at before.
    async fn turn(&self) {
        let begins = self.looks().begins;
        if let Some(begins) = begins {
            tokio::select! {
                () = sleep_until(begins) => {}
                () = self.wanted.notified() => {}
            }
        }
    }

    /// Tells whoever waits that keys were looked up.
    fn looked(&self) {
        let mut looks = self.looks();
        (looks.underway, looks.begins) = (false, None);
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
                () = self.wanted.notified() => self.turn().await,
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
    async fn a_token_has_its_key_looked_up_and_others_wait_for_the_same_look() {
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
    }

    #[tokio::test]
    async fn names_of_keys_that_there_are_none_of_hold_no_true_one_off() {
        let issuer = issuer();
        issuer.looked();
        let made_up = || issuer.find(Some("made up"), Algorithm::EdDsa);
        for _ in 0..ration::AT_ONCE {
            assert!(made_up().now_or_never().is_none());
            assert!(issuer.looks().begins.is_some_and(|begins| begins <= Instant::now()), "at once");
            issuer.looked();
        }
        assert!(made_up().now_or_never().is_none());
        let begins = issuer.looks().begins.unwrap();
        assert!(begins > Instant::now() && begins <= Instant::now() + ration::EACH, "later, and soon");
        let mut waiting = Box::pin(issuer.find(None, Algorithm::EdDsa));
        assert!(waiting.as_mut().now_or_never().is_none(), "it waits for that look, and is not refused");
        issuer.found(key());
        issuer.looked();
        assert!(waiting.await.is_some());
        assert!(ration::EACH < PATIENCE);
    }
}
