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

/// Most sets of scopes that one subject's tokens have at once. Answers "a
/// subject that asks for every set of its scopes, so that there is no room for
/// others".
const MOST_EACH: usize = 16;

/// Most keys that one caller's tokens are signed with at once.
const MOST_WARRANTS: usize = 8;

/// How long a caller is remembered that has no token any more, in seconds: a
/// session that it opened may be gone on with, and ends if the right to it is
/// taken back meanwhile. As long as one is kept.
const REMEMBERED: u64 = 24 * 60 * 60;

/// A caller and the scopes that it holds.
pub(super) type Name = (String, Vec<String>);

/// What a caller's tokens are worth together.
#[derive(Clone, Debug)]
pub(super) struct Standing {
    pub(super) gone: CancellationToken,
    pub(super) lost: CancellationToken,
}

/// One caller, with one set of scopes.
#[derive(Debug)]
struct Held {
    scopes: Vec<String>,
    standing: Standing,
    /// By which key, until when.
    warrants: Vec<(Digest, u64)>,
}

impl Held {
    fn new(scopes: Vec<String>) -> Self {
        let lost = CancellationToken::new();
        Self { scopes, standing: Standing { gone: lost.child_token(), lost }, warrants: Vec::new() }
    }

    /// Whether no token is good any more.
    fn is_over(&self) -> bool {
        self.standing.gone.is_cancelled()
    }

    fn vouch(&mut self, key: Digest, until: u64) -> Result<Standing, Unknown> {
        if let Some((_, older)) = self.warrants.iter_mut().find(|(other, _)| *other == key) {
            *older = until.max(*older);
        } else if self.warrants.len() < MOST_WARRANTS {
            self.warrants.push((key, until));
        } else {
            return Err(Unknown::Crowded);
        }
        if self.is_over() {
            self.standing.gone = self.standing.lost.child_token();
        }
        Ok(self.standing.clone())
    }

    /// Ends what is over at `now`, or stands by none of `keys` any more.
    /// Whether it is to be remembered.
    fn sweep(&mut self, keys: &KeySet, now: u64) -> bool {
        self.warrants.retain(|(_, until)| *until + REMEMBERED > now);
        let was_in_time = !self.warrants.is_empty();
        self.warrants.retain(|(key, _)| keys.holds(key));
        if self.warrants.iter().all(|(_, until)| *until <= now) {
            self.standing.gone.cancel();
        }
        if self.warrants.is_empty() && was_in_time {
            self.standing.lost.cancel();
        }
        !self.warrants.is_empty()
    }
}

#[derive(Debug, Default)]
struct Table {
    callers: HashMap<String, Vec<Held>>,
    number: usize,
}

impl Table {
    fn sweep(&mut self, keys: &KeySet, now: u64) {
        self.callers.retain(|_, held| {
            held.retain_mut(|held| held.sweep(keys, now));
            !held.is_empty()
        });
        self.count();
    }

    /// Forgets who has no token any more. What they opened ends, as nothing
    /// could end it later.
    fn make_room(&mut self) {
        self.callers.retain(|_, held| {
            held.retain(keep_if_in_time);
            !held.is_empty()
        });
        self.count();
    }

    fn count(&mut self) {
        self.number = self.callers.values().map(Vec::len).sum();
    }

    fn enter(&mut self, (who, scopes): Name, key: Digest, until: u64) -> Result<Standing, Unknown> {
        let known = self.callers.get(&who).is_some_and(|held| held.iter().any(|held| held.scopes == scopes));
        if self.number >= MOST && !known {
            self.make_room();
            if self.number >= MOST {
                return Err(Unknown::Crowded);
            }
        }
        let sets = self.callers.entry(who).or_default();
        if let Some(held) = sets.iter_mut().find(|held| held.scopes == scopes) {
            return held.vouch(key, until);
        }
        if sets.len() >= MOST_EACH {
            let before = sets.len();
            sets.retain(keep_if_in_time);
            self.number -= before - sets.len();
            if sets.len() >= MOST_EACH {
                return Err(Unknown::Crowded);
            }
        }
        let mut held = Held::new(scopes);
        let standing = held.vouch(key, until)?;
        sets.push(held);
        self.number += 1;
        Ok(standing)
    }
}

/// Ends whoever has no token any more.
fn keep_if_in_time(held: &Held) -> bool {
    if held.is_over() {
        held.standing.lost.cancel();
    }
    !held.is_over()
}

/// Everybody; `None` once all has ended.
#[derive(Debug)]
pub(super) struct Standings(Mutex<Option<Table>>);

impl Default for Standings {
    fn default() -> Self {
        Self(Mutex::new(Some(Table::default())))
    }
}

impl Standings {
    fn lock(&self) -> MutexGuard<'_, Option<Table>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes everybody's rights away. Nobody enters any more.
    pub(super) fn end(&self) {
        let everybody = self.lock().take().unwrap_or_default();
        everybody.callers.values().flatten().for_each(|held| held.standing.lost.cancel());
    }

    /// `name` may stay `until` then, by `key`.
    pub(super) fn enter(&self, name: Name, key: Digest, until: u64) -> Result<Standing, Unknown> {
        self.lock().as_mut().ok_or(Unknown::Crowded)?.enter(name, key, until)
    }

    /// Ends what is over at `now`, or stands by none of `keys` any more.
    pub(super) fn sweep(&self, keys: &KeySet, now: u64) {
        if let Some(table) = self.lock().as_mut() {
            table.sweep(keys, now);
        }
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
        standings.sweep(&keys(&["B"]), 20);
        assert!(again.gone.is_cancelled() && !again.lost.is_cancelled());
        standings.sweep(&keys(&["A"]), 21);
        assert!(bob.lost.is_cancelled(), "what it opened while it had a token ends with the key");
        let again = standings.enter(name("bob"), b, 40).unwrap();
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
        let set = |number: usize| ("1".to_owned(), vec![number.to_string()]);
        let crowded = (1..MOST_EACH).map(|number| standings.enter(set(number), key, 10)).all(|found| found.is_err());
        assert!(crowded, "there is room for nobody");
        let other = |number: usize| Digest::of(&number.to_be_bytes());
        (1..MOST_WARRANTS).for_each(|number| drop(standings.enter(name("0"), other(number), 10).unwrap()));
        assert_eq!(standings.enter(name("0"), other(MOST_WARRANTS), 10).unwrap_err(), Unknown::Crowded);
        standings.sweep(&KeySet::default(), 10);
        assert!(standings.enter(name("another"), key, 20).is_ok());
    }

    #[test]
    fn one_subject_has_so_many_sets_of_scopes_and_others_have_room() {
        let (standings, [key, _]) = (Standings::default(), ids());
        let set = |number: usize| ("ann".to_owned(), vec![number.to_string()]);
        let first = standings.enter(set(0), key, 10).unwrap();
        (1..MOST_EACH).for_each(|number| drop(standings.enter(set(number), key, 20).unwrap()));
        assert_eq!(standings.enter(set(MOST_EACH), key, 20).unwrap_err(), Unknown::Crowded);
        assert!(standings.enter(name("bob"), key, 20).is_ok());
        standings.sweep(&keys(&["A"]), 10);
        assert!(standings.enter(set(MOST_EACH), key, 20).is_ok(), "in the place of one that is over");
        assert!(first.lost.is_cancelled());
    }

    #[test]
    fn who_has_no_token_any_more_makes_room_and_leaves_nothing_open() {
        let (standings, [key, _]) = (Standings::default(), ids());
        let first = standings.enter(name("0"), key, 10).unwrap();
        (1..MOST).for_each(|number| drop(standings.enter(name(&number.to_string()), key, 20).unwrap()));
        standings.sweep(&keys(&["A"]), 10);
        assert!(standings.enter(name("another"), key, 20).is_ok());
        assert!(first.lost.is_cancelled());
    }
}
