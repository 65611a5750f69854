//! Tokens that were verified, so that a signature is looked at once.
//!
//! **Invariant:** only what was verified gets in, and nothing comes out after
//! its time. Falling out costs another look at the signature and nothing else.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use bulkhead_base::Digest;

use crate::authn::{Admitted, issuer::KeySet};

/// Parts with a lock each: callers do not wait for one another.
const SHARDS: usize = 16;

/// Most tokens in one of them. Answers "a flood of different tokens".
const MOST: usize = 1_024;

#[derive(Debug)]
struct Verified {
    admitted: Admitted,
    key: Digest,
    until: u64,
}

/// Verified tokens by their SHA-256.
#[derive(Debug, Default)]
pub(super) struct Cache([Mutex<HashMap<Digest, Verified>>; SHARDS]);

impl Cache {
    fn shard(&self, hash: &Digest) -> MutexGuard<'_, HashMap<Digest, Verified>> {
        let number = usize::from(hash.as_bytes()[0]) % SHARDS;
        self.0[number].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whom the token lets in at `now`.
    pub(super) fn get(&self, hash: &Digest, now: u64) -> Option<Admitted> {
        let shard = self.shard(hash);
        let found = shard.get(hash).filter(|token| token.until > now && !token.admitted.gone.is_cancelled())?;
        Some(found.admitted.clone())
    }

    /// The token, which `key` verifies, lets `admitted` in until then.
    pub(super) fn put(&self, hash: Digest, admitted: Admitted, key: Digest, until: u64) {
        let mut shard = self.shard(&hash);
        if shard.len() >= MOST
            && let Some(any) = shard.keys().next().copied()
        {
            shard.remove(&any);
        }
        shard.insert(hash, Verified { admitted, key, until });
    }

    /// Forgets what is over at `now`, or verified by none of `keys` any more.
    pub(super) fn sweep(&self, keys: &KeySet, now: u64) {
        for shard in &self.0 {
            let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            shard.retain(|_, token| token.until > now && keys.holds(&token.key) && !token.admitted.gone.is_cancelled());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use bulkhead_policy::{Access, Allowance, Principal};

    use super::*;

    fn admitted() -> Admitted {
        Admitted::new(Principal::new("oauth:a".into(), Arc::new(Access::nothing()), Allowance::default()))
    }

    #[test]
    fn a_token_comes_out_before_its_end_and_while_nothing_was_taken_away() {
        let (cache, hash, key, admitted) = (Cache::default(), Digest::of(b"a"), Digest::of(b"key"), admitted());
        cache.put(hash, admitted.clone(), key, 10);
        assert!(cache.get(&hash, 9).is_some() && cache.get(&hash, 10).is_none());
        assert!(cache.get(&Digest::of(b"b"), 9).is_none());
        admitted.gone.cancel();
        assert!(cache.get(&hash, 9).is_none());
    }

    #[test]
    fn what_is_verified_by_no_key_any_more_is_forgotten() {
        let (cache, hash) = (Cache::default(), Digest::of(b"a"));
        cache.put(hash, admitted(), Digest::of(b"key"), 10);
        cache.sweep(&KeySet::default(), 1);
        assert!(cache.get(&hash, 1).is_none());
    }

    #[test]
    fn a_flood_takes_so_much_room_and_no_more() {
        let cache = Cache::default();
        let hash = |number: usize| Digest::of(&number.to_be_bytes());
        for number in 0..2 * SHARDS * MOST {
            cache.put(hash(number), admitted(), hash(0), 10);
        }
        assert!(cache.0.iter().all(|shard| shard.lock().unwrap().len() == MOST));
        assert!(cache.get(&hash(2 * SHARDS * MOST - 1), 1).is_some(), "the newest is there");
    }
}
