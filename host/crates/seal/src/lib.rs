//! Texts that a stranger carries for us and can neither read nor alter:
//! sealed by one key of a [`Keyring`], opened by any of them.
//!
//! **Invariants:** a sealed text opens only for the [`Bond`] that it was sealed
//! for, and only until it expires. Which key opens it stands in the text, so
//! that a stranger's text costs one try. Nonces are random and 192 bits long:
//! processes that share a key need no counter between them. **Absent:** clocks
//! (the time is handed in), files, and what the texts say.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking"))]

mod bond;
mod key;
#[cfg(test)]
mod tests;

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use bulkhead_base::Redacted;

pub use bond::Bond;
pub use key::{KEY_BYTES, NONCE_BYTES};

use key::{Head, Key, TAG_BYTES};

/// Longest sealed text. Answers "a text without end", in both directions.
pub const LONGEST: usize = 16 << 10;

/// Bytes of the time at which a text expires.
const EXPIRY_BYTES: usize = 8;

/// Why a text was not sealed, or does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Touched, moved, sealed by a key that is not on the ring, or no sealed text at all.
    #[error("it was not sealed here for this use")]
    Invalid,
    /// It was sealed here, for this use, and its time is over.
    #[error("its time is over")]
    Expired,
    /// It is longer than [`LONGEST`], or would be.
    #[error("a sealed text has at most {LONGEST} bytes")]
    TooLarge,
    /// The system has no random source.
    #[error("the system has no random source")]
    NoRandom,
}

/// What a sealed text held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    pub plain: Vec<u8>,
    /// Until when it opens: seconds since 1970.
    pub expires: u64,
    /// No two sealed texts have the same: for whoever lets one be used once.
    pub nonce: [u8; NONCE_BYTES],
}

/// Keys: the first one seals, all of them open.
#[derive(Clone)]
pub struct Keyring {
    sealing: Key,
    older: Vec<Key>,
}

impl Keyring {
    /// A ring whose first key is `sealing`.
    #[must_use]
    pub fn new(sealing: &Redacted<[u8; KEY_BYTES]>, older: &[Redacted<[u8; KEY_BYTES]>]) -> Self {
        Self { sealing: Key::new(sealing), older: older.iter().map(Key::new).collect() }
    }

    /// Seals `plain` for `bond`, until `expires` (seconds since 1970). The text
    /// is visible ASCII, fit for a header field.
    ///
    /// # Errors
    /// It would be too large, or there is no random source.
    pub fn seal(&self, bond: &Bond, expires: u64, plain: &[u8]) -> Result<String, SealError> {
        let bytes = Head::BYTES + EXPIRY_BYTES + plain.len() + TAG_BYTES;
        if base64::encoded_len(bytes, false).is_none_or(|length| length > LONGEST) {
            return Err(SealError::TooLarge);
        }
        let head = self.sealing.head().map_err(|_| SealError::NoRandom)?;
        let mut sealed = Vec::with_capacity(EXPIRY_BYTES + plain.len() + TAG_BYTES);
        sealed.extend(expires.to_be_bytes());
        sealed.extend(plain);
        self.sealing.close(&head, bond, &mut sealed).map_err(|_| SealError::Invalid)?;
        Ok(URL_SAFE_NO_PAD.encode([head.as_bytes().as_slice(), &sealed].concat()))
    }

    /// Opens a text that was sealed for `bond`, `now` being the seconds since 1970.
    ///
    /// # Errors
    /// It is no text of ours for this use, not in time, or too large to look at.
    pub fn open(&self, bond: &Bond, now: u64, text: impl AsRef<[u8]>) -> Result<Opened, SealError> {
        let text = text.as_ref();
        if text.len() > LONGEST {
            return Err(SealError::TooLarge);
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| SealError::Invalid)?;
        let (head, sealed) = Head::split(&bytes).ok_or(SealError::Invalid)?;
        let key = self.keys().find(|key| key.made(&head)).ok_or(SealError::Invalid)?;
        let mut opened = sealed.to_vec();
        key.open(&head, bond, &mut opened).map_err(|_| SealError::Invalid)?;
        let (expires, plain) = opened.split_first_chunk::<EXPIRY_BYTES>().ok_or(SealError::Invalid)?;
        let expires = u64::from_be_bytes(*expires);
        if expires < now {
            return Err(SealError::Expired);
        }
        Ok(Opened { plain: plain.to_vec(), expires, nonce: *head.nonce() })
    }

    fn keys(&self) -> impl Iterator<Item = &Key> {
        std::iter::once(&self.sealing).chain(&self.older)
    }
}

impl fmt::Debug for Keyring {
    /// The keys' ids, which say nothing of the keys.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.keys().map(Key::id)).finish()
    }
}
