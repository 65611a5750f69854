use std::fmt;

use bulkhead_base::{Digest, Redacted};
use chacha20poly1305::{
    XChaCha20Poly1305, XNonce,
    aead::{self, AeadInOut as _, KeyInit as _},
};

use crate::Bond;

/// Bytes of a key.
pub const KEY_BYTES: usize = 32;
/// Bytes of a nonce.
pub const NONCE_BYTES: usize = 24;
/// Bytes by which a sealed text grows.
pub(crate) const TAG_BYTES: usize = 16;

/// Says which format a sealed text is in.
const VERSION: u8 = 2;
const ID_BYTES: usize = 8;
/// What keeps a key's id from being any other digest of it.
const ID_LABEL: &[u8] = b"bulkhead seal key id\0";

/// What stands in front of what is sealed: version, key id, nonce.
pub(crate) struct Head([u8; Head::BYTES]);

impl Head {
    pub(crate) const BYTES: usize = 1 + ID_BYTES + NONCE_BYTES;

    /// A head, and what follows it.
    pub(crate) fn split(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (head, rest) = bytes.split_first_chunk::<{ Self::BYTES }>()?;
        (head[0] == VERSION).then_some((Self(*head), rest))
    }

    pub(crate) const fn as_bytes(&self) -> &[u8; Self::BYTES] {
        &self.0
    }

    fn id(&self) -> &[u8] {
        &self.0[1..=ID_BYTES]
    }

    pub(crate) fn nonce(&self) -> &[u8; NONCE_BYTES] {
        self.0.last_chunk().unwrap_or(&[0; NONCE_BYTES])
    }
}

/// One key of a ring.
#[derive(Clone)]
pub(crate) struct Key {
    id: [u8; ID_BYTES],
    cipher: XChaCha20Poly1305,
}

impl Key {
    pub(crate) fn new(key: &Redacted<[u8; KEY_BYTES]>) -> Self {
        let digest = Digest::of(&[ID_LABEL, key.expose().as_slice()].concat());
        let mut id = [0; ID_BYTES];
        id.copy_from_slice(&digest.as_bytes()[..ID_BYTES]);
        Self { id, cipher: XChaCha20Poly1305::new(key.expose().into()) }
    }

    pub(crate) fn id(&self) -> impl fmt::Debug {
        hex::encode(self.id)
    }

    /// The head of the next text that this key seals.
    pub(crate) fn head(&self) -> Result<Head, getrandom::Error> {
        let mut head = [0; Head::BYTES];
        head[0] = VERSION;
        head[1..=ID_BYTES].copy_from_slice(&self.id);
        getrandom::fill(&mut head[1 + ID_BYTES..])?;
        Ok(Head(head))
    }

    /// Whether this key sealed what follows `head`.
    pub(crate) fn made(&self, head: &Head) -> bool {
        head.id() == self.id
    }

    pub(crate) fn close(&self, head: &Head, bond: &Bond, text: &mut Vec<u8>) -> Result<(), aead::Error> {
        self.cipher.encrypt_in_place(&XNonce::from(*head.nonce()), &bound(head, bond), text)
    }

    pub(crate) fn open(&self, head: &Head, bond: &Bond, text: &mut Vec<u8>) -> Result<(), aead::Error> {
        self.cipher.decrypt_in_place(&XNonce::from(*head.nonce()), &bound(head, bond), text)
    }
}

/// The associated data. The head has one length, so that the two stay apart.
fn bound(head: &Head, bond: &Bond) -> Vec<u8> {
    [head.as_bytes().as_slice(), bond.as_bytes()].concat()
}
