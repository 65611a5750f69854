//! Who stands here by a token, and for how long.
//!
//! **Invariant:** what runs for somebody whose last token has expired ends, and
//! so does what runs by a key or a right that was taken back, within a second.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use bulkhead_base::Digest;
use tokio_util::sync::CancellationToken;

use crate::authn::{Unknown, issuer::KeySet};

/// Most callers at once that tokens let in, told apart by name and scopes.
/// Answers "an issuer of a million subjects".
const MOST: usize = 65_536;

/// Most keys that one caller's tokens are signed with at once.
const MOST_WARRANTS: usize = 8;

/// A caller and the scopes that it holds.
pub(super) type Name = (String, Vec<String>);

/// One caller, with the scopes of its tokens.
#[derive(Clone, Debug)]
pub(super) struct Standing {
    pub(super) gone: CancellationToken,
    pub(super) lost: CancellationToken,
    /// By which key, until when.
    warrants: Vec<(Digest, u64)>,
}

/// Everybody; `None` once all has ended.
#[derive(Debug)]
pub(super) struct Standings(Mutex<Option<HashMap<Name, Standing>>>);

impl Default for Standings {
    fn default() -> Self {
        Self(Mutex::new(Some(HashMap::new())))
    }
}

impl Standings {
    fn lock(&self) -> MutexGuard<'_, Option<HashMap<Name, Standing>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes everybody's rights away. Nobody enters any more.
    pub(super) fn end(&self) {
        let everybody = self.lock().take().unwrap_or_default();
        everybody.values().for_each(|standing| standing.lost.cancel());
    }

    /// `name` may stay `until` then, by `key`.
    pub(super) fn enter(&self, name: Name, key: Digest, until: u64) -> Result<Standing, Unknown> {
        let mut table = self.lock();
        let table = table.as_mut().ok_or(Unknown::Crowded)?;
        if table.len() >= MOST && !table.contains_key(&name) {
            return Err(Unknown::Crowded);
        }
        let standing = table.entry(name).or_insert_with(|| {
            let lost = CancellationToken::new();
            Standing { gone: lost.child_token(), lost, warrants: Vec::new() }
        });
        let warrants = &mut standing.warrants;
        if let Some((_, older)) = warrants.iter_mut().find(|(other, _)| *other == key) {
            *older = until.max(*older);
        } else if warrants.len() < MOST_WARRANTS {
            warrants.push((key, until));
        } else {
            return Err(Unknown::Crowded);
        }
        Ok(standing.clone())
    }

    /// Ends what is over at `now`, or stands by none of `keys` any more.
    pub(super) fn sweep(&self, keys: &KeySet, now: u64) {
        let mut table = self.lock();
        let Some(table) = table.as_mut() else { return };
        table.retain(|_, standing| {
            standing.warrants.retain(|(_, until)| *until > now);
            let was_in_time = !standing.warrants.is_empty();
            standing.warrants.retain(|(key, _)| keys.holds(key));
            if standing.warrants.is_empty() {
                let end = if was_in_time { &standing.lost } else { &standing.gone };
                end.cancel();
            }
            !standing.warrants.is_empty()
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(who: &str) -> Name {
        (who.to_owned(), Vec::new())
    }

    fn keys(of: &[&str]) -> KeySet {
        let key = |x: &&str| format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}{}"}}"#, "A".repeat(42));
        KeySet::read(&format!(r#"{{"keys":[{}]}}"#, of.iter().map(key).collect::<Vec<_>>().join(","))).unwrap()
    }

    /// The ids of both keys.
    fn ids() -> [Digest; 2] {
        let id = |x| keys(&[x]).find(None, crate::authn::issuer::Algorithm::EdDsa).unwrap().id;
        [id("A"), id("B")]
    }

    #[test]
    fn a_caller_stands_as_long_as_one_of_its_tokens_and_a_key_of_it_do() {
        let (standings, [a, b]) = (Standings::default(), ids());
        let both = keys(&["A", "B"]);
        let ann = standings.enter(name("ann"), a, 10).unwrap();
        standings.enter(name("ann"), a, 5).unwrap();
        standings.enter(name("ann"), b, 20).unwrap();
        let bob = standings.enter(name("bob"), b, 10).unwrap();
        let eve = standings.enter(name("eve"), a, 30).unwrap();
        standings.sweep(&both, 9);
        assert!(!ann.gone.is_cancelled() && !bob.gone.is_cancelled());
        standings.sweep(&both, 10);
        assert!(!ann.gone.is_cancelled(), "by its other token");
        assert!(bob.gone.is_cancelled() && !bob.lost.is_cancelled(), "its time was over, and nothing was taken away");
        standings.sweep(&keys(&["B"]), 11);
        assert!(eve.lost.is_cancelled() && eve.gone.is_cancelled() && !ann.gone.is_cancelled());
        let again = standings.enter(name("bob"), b, 20).unwrap();
        assert!(!again.gone.is_cancelled(), "let in anew");
        standings.end();
        assert!(ann.lost.is_cancelled() && again.lost.is_cancelled());
        assert_eq!(standings.enter(name("ann"), b, 20).unwrap_err(), Unknown::Crowded);
    }

    #[test]
    fn there_are_so_many_callers_and_one_has_so_many_keys() {
        let (standings, [key, _]) = (Standings::default(), ids());
        for number in 0..MOST {
            standings.enter(name(&number.to_string()), key, 10).unwrap();
        }
        assert_eq!(standings.enter(name("another"), key, 10).unwrap_err(), Unknown::Crowded);
        let other = |number: usize| Digest::of(&number.to_be_bytes());
        (1..MOST_WARRANTS).for_each(|number| drop(standings.enter(name("0"), other(number), 10).unwrap()));
        assert_eq!(standings.enter(name("0"), other(MOST_WARRANTS), 10).unwrap_err(), Unknown::Crowded);
        standings.sweep(&KeySet::default(), 10);
        assert!(standings.enter(name("another"), key, 20).is_ok());
    }
}
