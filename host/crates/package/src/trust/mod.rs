//! Whether a file is to be believed: the one way from [`Package`] to [`VerifiedPlugin`].
//!
//! **Invariant:** no other code makes a [`VerifiedPlugin`], and every step
//! that does not clearly hold refuses.

mod fit;
mod refusal;

use std::{fmt, sync::Arc};

use bulkhead_base::{Digest, PluginName};
use bulkhead_keys::{KeyId, PublicKey};
use jiff::{Timestamp, civil::Date, tz::TimeZone};

use crate::{
    dsse::{Envelope, PAYLOAD_TYPE},
    manifest::Manifest,
    package::{Package, PackedFile},
    pattern::Pattern,
    revocations::{Revocation, Revocations},
};

pub use refusal::Refusal;

use fit::{check_predicate, check_subject, read_statement};

/// A key that an operator trusts, and for what.
#[derive(Clone, Debug)]
pub struct TrustedKey {
    /// What the operator calls it.
    pub id: Arc<str>,
    pub public: PublicKey,
    /// Which plugins it may sign.
    pub plugins: Vec<Pattern>,
    /// When it stops counting.
    pub not_after: Option<Timestamp>,
}

/// Whom an operator trusts. An empty one trusts nobody.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    keys: Vec<TrustedKey>,
    revocations: Revocations,
    development: Option<TrustedKey>,
}

/// Who made a plugin: the key that verified and whose namespace covers its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publisher {
    /// SHA-256 of the key's SPKI.
    pub key_id: KeyId,
    /// What the operator calls the key.
    pub name: Arc<str>,
    /// It is the key of `bulkhead dev`.
    pub development: bool,
}

/// Reads a key's last day (`2027-12-31`, to its end in UTC) or instant.
///
/// # Errors
/// The text is neither.
pub fn expiry(text: &str) -> Result<Timestamp, jiff::Error> {
    match text.parse::<Date>() {
        Ok(day) => TimeZone::UTC.to_timestamp(day.at(23, 59, 59, 999_999_999)),
        Err(_) => text.parse(),
    }
}

/// A plugin file that somebody trusted signed. Only [`Trust::verify`] makes one.
#[derive(Clone)]
pub struct VerifiedPlugin {
    /// All but its file.
    package: Package,
    /// Until it is handed on.
    file: Option<PackedFile>,
    publisher: Publisher,
}

impl fmt::Debug for VerifiedPlugin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifiedPlugin({} {} {})", self.manifest().name, self.manifest().version, self.digest())
    }
}

impl VerifiedPlugin {
    /// What the file says about itself; the publisher signed it.
    #[must_use]
    pub const fn manifest(&self) -> &Manifest {
        self.package.manifest()
    }

    /// SHA-256 of the bytes before the signature section.
    #[must_use]
    pub const fn digest(&self) -> Digest {
        self.package.digest()
    }

    /// Who made it.
    #[must_use]
    pub const fn publisher(&self) -> &Publisher {
        &self.publisher
    }

    /// The file that was verified; `None` once it was handed on.
    #[must_use]
    pub const fn file(&self) -> Option<&PackedFile> {
        self.file.as_ref()
    }

    /// Hands the file on. What was verified stays known: a plugin that nobody
    /// calls takes no room for its bytes.
    pub const fn take_file(&mut self) -> Option<PackedFile> {
        self.file.take()
    }
}

/// A key of which a signature holds.
#[derive(Clone, Copy)]
struct Held<'a> {
    key: &'a TrustedKey,
    development: bool,
}

impl Trust {
    /// Trust in `keys`, as far as nothing is revoked.
    #[must_use]
    pub const fn new(keys: Vec<TrustedKey>, revocations: Revocations) -> Self {
        Self { keys, revocations, development: None }
    }

    /// Trust for `bulkhead dev`: besides `keys`, it takes files that the local
    /// development key signed. Never for anything that serves others.
    #[must_use]
    pub const fn for_development(keys: Vec<TrustedKey>, revocations: Revocations, own: TrustedKey) -> Self {
        Self { keys, revocations, development: Some(own) }
    }

    /// The trusted keys, in the operator's order.
    #[must_use]
    pub fn keys(&self) -> &[TrustedKey] {
        &self.keys
    }

    /// What is revoked.
    #[must_use]
    pub const fn revocations(&self) -> &Revocations {
        &self.revocations
    }

    /// Whether a plugin that was verified before is still to be believed: its
    /// digest and its publisher's key are not revoked, the key is still
    /// trusted with that name, and has not expired.
    #[must_use]
    pub fn still_holds(&self, plugin: &VerifiedPlugin, now: Timestamp) -> bool {
        self.publisher_of(&plugin.package, now).is_ok_and(|again| again == plugin.publisher)
    }

    /// Decides about a file, in steps:
    ///
    /// 1. The file's digest is not revoked.
    /// 2. There is an envelope, and its payload type is exactly ours.
    /// 3. Signatures are checked over the payload's exact bytes, before the
    ///    payload is read. A key id selects the keys to try; one that does
    ///    not verify counts for nothing; one that verifies under a revoked
    ///    key refuses the file; at least one has to be left.
    /// 4. The payload is a statement of exactly our type and predicate type.
    /// 5. Its one subject is this file: name and digest.
    /// 6. Its predicate repeats name, version and manifest digest.
    /// 7. A development key counts for development statements alone, a
    ///    trusted key for others alone; so a development signature is worth
    ///    nothing to a trust that was not made for development.
    /// 8. The publisher is the first key left, in the operator's order, that
    ///    may sign this name and has not expired.
    ///
    /// # Errors
    /// The first step that does not hold.
    pub fn verify(&self, mut package: Package, now: Timestamp) -> Result<VerifiedPlugin, Refusal> {
        let publisher = self.publisher_of(&package, now)?;
        let file = Some(package.take_file());
        Ok(VerifiedPlugin { package, file, publisher })
    }

    /// The steps of [`Trust::verify`].
    fn publisher_of(&self, package: &Package, now: Timestamp) -> Result<Publisher, Refusal> {
        // 1
        let digest = package.digest();
        if let Some(reason) = self.revocations.reason(&Revocation::Digest(digest)) {
            return Err(Refusal::DigestRevoked { digest, reason: reason.to_owned() });
        }
        // 2
        let envelope = package.envelope().ok_or(Refusal::Unsigned)?;
        if envelope.payload_type != PAYLOAD_TYPE {
            return Err(Refusal::PayloadType { found: envelope.payload_type.clone() });
        }
        // 3
        let held = self.held(envelope, package)?;
        // 4
        let statement = read_statement(&envelope.payload)?;
        // 5, 6
        check_subject(&statement, package)?;
        check_predicate(&statement, package)?;
        // 7
        let development = statement.predicate.development;
        let counted: Vec<Held<'_>> = held.into_iter().filter(|held| held.development == development).collect();
        if counted.is_empty() {
            return Err(Refusal::Development);
        }
        // 8
        publisher(&counted, &package.manifest().name, now)
    }

    /// Step 3.
    fn held(&self, envelope: &Envelope, package: &Package) -> Result<Vec<Held<'_>>, Refusal> {
        let signed = envelope.signed_bytes();
        let mut altered = None;
        let mut verified = Vec::new();
        for held in self.candidates() {
            let id = held.key.public.id();
            let of_key: Vec<_> = envelope.signatures.iter().filter(|s| s.key_id() == Some(id)).collect();
            if of_key.iter().any(|s| s.bytes().is_some_and(|sig| held.key.public.verifies(&signed, &sig))) {
                if let Some(reason) = self.revocations.reason(&Revocation::Key(id)) {
                    let (id, key, reason) = (held.key.id.clone(), id, reason.to_owned());
                    return Err(Refusal::KeyRevoked { id, key, reason });
                }
                verified.push(held);
            } else if !of_key.is_empty() {
                altered.get_or_insert_with(|| held.key.id.clone());
            }
        }
        match (verified.is_empty(), altered) {
            (false, _) => Ok(verified),
            (true, Some(id)) => Err(Refusal::Altered { id }),
            (true, None) => Err(Refusal::NoTrustedKey {
                plugin: package.manifest().name.clone(),
                claimed: package.signers().into_iter().filter_map(|signer| signer.key_id).collect(),
            }),
        }
    }

    fn candidates(&self) -> impl Iterator<Item = Held<'_>> {
        let trusted = self.keys.iter().map(|key| Held { key, development: false });
        trusted.chain(self.development.iter().map(|key| Held { key, development: true }))
    }
}

/// Step 8.
fn publisher(held: &[Held<'_>], name: &PluginName, now: Timestamp) -> Result<Publisher, Refusal> {
    let mut expired = None;
    for Held { key, development } in held {
        if !key.plugins.iter().any(|pattern| pattern.covers(name)) {
            continue;
        }
        match key.not_after {
            Some(since) if now > since => {
                expired.get_or_insert_with(|| Refusal::Expired { id: key.id.clone(), since });
            }
            _ => {
                let (key_id, name) = (key.public.id(), key.id.clone());
                return Ok(Publisher { key_id, name, development: *development });
            }
        }
    }
    let first = held.first().map(|held| (held.key.id.clone(), held.key.plugins.clone()));
    let (id, patterns) = first.unwrap_or_default();
    Err(expired.unwrap_or_else(|| Refusal::Namespace { id, plugin: name.clone(), patterns }))
}
