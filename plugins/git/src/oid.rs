//! Names of objects: SHA-1, with collisions found out.

use std::fmt;

use crate::error::{GitError, Result};
use crate::object::Kind;

/// Bytes of an id.
pub(crate) const OID_BYTES: usize = 20;
/// Digits of an id.
pub(crate) const OID_DIGITS: usize = 2 * OID_BYTES;

/// The name of an object.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Oid([u8; OID_BYTES]);

impl Oid {
    /// From the first 20 of `bytes`.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        bytes.first_chunk().copied().map(Self)
    }

    /// From 40 hex digits.
    pub fn from_hex(text: &[u8]) -> Option<Self> {
        if text.len() != OID_DIGITS {
            return None;
        }
        let mut bytes = [0; OID_BYTES];
        for (byte, pair) in bytes.iter_mut().zip(text.chunks(2)) {
            *byte = digit(pair[0])? << 4 | digit(pair[1])?;
        }
        Some(Self(bytes))
    }

    /// The id of an object.
    pub(crate) fn of(kind: Kind, data: &[u8]) -> Result<Self> {
        let mut hasher = Hasher::object(kind, data.len());
        hasher.update(data);
        hasher.finish()
    }

    pub(crate) fn bytes(&self) -> &[u8; OID_BYTES] {
        &self.0
    }

    /// Its first seven digits.
    pub(crate) fn short(&self) -> String {
        self.to_string()[..7].to_owned()
    }
}

impl fmt::Display for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

pub(crate) fn digit(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

/// SHA-1 of bytes that come in parts.
pub(crate) struct Hasher(sha1dc::Hasher);

impl Hasher {
    pub(crate) fn new() -> Self {
        Self(sha1dc::Hasher::new())
    }

    /// Of an object of `size` bytes, which follow.
    pub(crate) fn object(kind: Kind, size: usize) -> Self {
        let mut hasher = Self::new();
        hasher.update(format!("{} {size}\0", kind.name()).as_bytes());
        hasher
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub(crate) fn finish(self) -> Result<Oid> {
        match self.0.finalize() {
            Ok(digest) => Ok(Oid(digest.to_bytes())),
            Err(_) => {
                Err(GitError::denied("an object was made to collide with another (SHA-1): nothing of it is used"))
            }
        }
    }
}
