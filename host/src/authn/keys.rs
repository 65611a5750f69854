//! API keys, and who holds them.

use bulkhead_base::Digest;
use bulkhead_policy::Principal;
use subtle::{Choice, ConditionallySelectable as _, ConstantTimeEq as _};

use super::Admitted;

/// One key: what it hashes to, and who holds it.
#[derive(Clone, Debug)]
pub struct Key {
    /// SHA-256 of the key's text.
    pub hash: Digest,
    pub holder: Principal,
}

/// Every key's hash and holder.
#[derive(Debug, Default)]
pub(super) struct Keys(Vec<(Digest, Admitted)>);

impl Keys {
    pub(super) fn new(keys: Vec<Key>) -> Self {
        Self(keys.into_iter().map(|key| (key.hash, Admitted::new(key.holder))).collect())
    }

    /// Follows `older`: a key that both know and whose holder lost no right
    /// stays as it is; what relied on any other is cancelled.
    pub(super) fn succeed(&mut self, older: &Self) {
        for (hash, before) in &older.0 {
            match self.0.iter_mut().find(|(known, _)| known == hash) {
                Some((_, now)) => *now = now.clone().succeed(before),
                None => before.lost.cancel(),
            }
        }
    }

    /// Looks at every key, whichever fits: the time taken tells nothing.
    pub(super) fn holder(&self, hash: &Digest) -> Option<&Admitted> {
        let mut found = 0_u64;
        for (number, (known, _)) in (1_u64..).zip(&self.0) {
            let fits: Choice = known.as_bytes().ct_eq(hash.as_bytes());
            found = u64::conditional_select(&found, &number, fits);
        }
        self.0.get(usize::try_from(found).ok()?.checked_sub(1)?).map(|(_, holder)| holder)
    }

    #[cfg(test)]
    pub(super) fn holders(&self) -> impl Iterator<Item = &Admitted> {
        self.0.iter().map(|(_, holder)| holder)
    }
}
