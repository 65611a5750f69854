//! The state that a client carries between two rounds of one call.
//!
//! **Invariants:** a client can neither read nor alter it. It is worth
//! something only to the same caller, for the same call of the same plugin
//! file, and for a while: everything else is bound in as associated data, so
//! that a state which was moved does not open.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use bulkhead_base::{Digest, Redacted};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use serde::{Deserialize, Serialize};

/// Says which format a state is in.
const VERSION: u8 = 1;

/// Longest state as a client carries it. Answers "answers without end".
const LONGEST: usize = 16 << 10;

/// How long a client may take to answer.
const LIFETIME: Duration = Duration::from_secs(60 * 60);

/// Most states of single use that are remembered; the oldest make room.
/// Answers "a client that answers for the sake of it".
const MOST_SPENT: usize = 10_000;

/// What a state holds.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct State {
    /// Seconds since 1970.
    expires: u64,
    pub(super) round: u32,
    /// Key and response of every answer so far, oldest first.
    pub(super) answers: Vec<(String, String)>,
    /// What was asked last.
    pub(super) asked: Vec<String>,
    /// The plugin's own.
    pub(super) state: Option<String>,
}

/// Why a state does not open, or cannot be sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unsealed {
    /// Touched, moved, late, or none of ours.
    Invalid,
    /// It was for one use.
    Spent,
    /// It would be too large to carry.
    TooLarge,
}

/// Seals and opens states.
pub(super) struct Seal {
    key: LessSafeKey,
    spent: Mutex<HashMap<[u8; NONCE_LEN], Instant>>,
}

impl Seal {
    /// A seal with this key.
    pub(super) fn new(key: &Redacted<[u8; 32]>) -> Result<Self, ring::error::Unspecified> {
        let key = LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, key.expose())?);
        Ok(Self { key, spent: Mutex::default() })
    }

    /// Seals `state` for what `binding` is the digest of.
    pub(super) fn close(&self, mut state: State, binding: &Digest) -> Result<String, Unsealed> {
        state.expires = now() + LIFETIME.as_secs();
        let mut nonce = [0; NONCE_LEN];
        getrandom::fill(&mut nonce).map_err(|_| Unsealed::Invalid)?;
        let mut text = serde_json::to_vec(&state).map_err(|_| Unsealed::Invalid)?;
        let sealed = self.key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad(binding), &mut text);
        sealed.map_err(|_| Unsealed::Invalid)?;
        let whole = [&[VERSION], nonce.as_slice(), &text].concat();
        let carried = URL_SAFE_NO_PAD.encode(whole);
        if carried.len() > LONGEST { Err(Unsealed::TooLarge) } else { Ok(carried) }
    }

    /// Opens a state; with `once`, it opens no second time.
    pub(super) fn open(&self, carried: &str, binding: &Digest, once: bool) -> Result<State, Unsealed> {
        let whole =
            Some(carried).filter(|text| text.len() <= LONGEST).and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
        let whole = whole.ok_or(Unsealed::Invalid)?;
        let rest = whole.strip_prefix(&[VERSION]).ok_or(Unsealed::Invalid)?;
        let (nonce, text) = rest.split_first_chunk::<NONCE_LEN>().ok_or(Unsealed::Invalid)?;
        let mut text = text.to_vec();
        let opened = self.key.open_in_place(Nonce::assume_unique_for_key(*nonce), aad(binding), &mut text);
        let state: State = opened.ok().and_then(|text| serde_json::from_slice(text).ok()).ok_or(Unsealed::Invalid)?;
        if state.expires < now() {
            return Err(Unsealed::Invalid);
        }
        if once { self.spend(*nonce).map(|()| state) } else { Ok(state) }
    }

    fn spend(&self, nonce: [u8; NONCE_LEN]) -> Result<(), Unsealed> {
        let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        if spent.len() >= MOST_SPENT {
            spent.retain(|_, since| since.elapsed() < LIFETIME);
        }
        // Who cannot be remembered is not believed.
        if spent.len() >= MOST_SPENT || spent.insert(nonce, Instant::now()).is_some() {
            return Err(Unsealed::Spent);
        }
        Ok(())
    }
}

fn aad(binding: &Digest) -> Aad<&[u8]> {
    Aad::from(binding.as_bytes().as_slice())
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seal() -> Seal {
        Seal::new(&Redacted::new([7; 32])).unwrap()
    }

    fn state() -> State {
        State { round: 2, answers: vec![("a".into(), "{}".into())], state: Some("s".into()), ..State::default() }
    }

    #[test]
    fn a_state_opens_where_it_belongs_and_nowhere_else() {
        let (seal, here) = (seal(), Digest::of(b"here"));
        let carried = seal.close(state(), &here).unwrap();
        assert!(!carried.contains('{'));
        assert_eq!(seal.open(&carried, &here, false).unwrap().answers, state().answers);
        assert_eq!(seal.open(&carried, &Digest::of(b"there"), false), Err(Unsealed::Invalid));
        assert_eq!(seal.open(&format!("{carried}-TAMPERED"), &here, false), Err(Unsealed::Invalid));
        for at in 0..carried.len() {
            let mut touched = carried.clone().into_bytes();
            touched[at] = if touched[at] == b'A' { b'B' } else { b'A' };
            assert_eq!(seal.open(std::str::from_utf8(&touched).unwrap(), &here, false), Err(Unsealed::Invalid), "{at}");
        }
        let other = Seal::new(&Redacted::new([8; 32])).unwrap();
        assert_eq!(other.open(&carried, &here, false), Err(Unsealed::Invalid), "another host's key");
    }

    #[test]
    fn a_state_for_one_use_opens_once() {
        let (seal, here) = (seal(), Digest::of(b"here"));
        let carried = seal.close(state(), &here).unwrap();
        assert!(seal.open(&carried, &here, true).is_ok());
        assert_eq!(seal.open(&carried, &here, true), Err(Unsealed::Spent));
    }

    #[test]
    fn a_state_is_small_or_is_none() {
        let large = State { state: Some("x".repeat(LONGEST)), ..State::default() };
        assert_eq!(seal().close(large, &Digest::of(b"")), Err(Unsealed::TooLarge));
    }
}
