//! Whether a verified file may take its place, or waits for the operator.
//!
//! **Invariant:** nothing here depends on what the file calls itself beyond
//! its signed manifest, and an undecided case waits.

use std::fmt;

use bulkhead_base::Digest;
use bulkhead_package::VerifiedPlugin;

use crate::lock::Locked;

/// How a newer version of an accepted plugin comes in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Update {
    /// It waits until somebody accepts it.
    #[default]
    Manual,
    /// It loads by itself if contract and requests are the same.
    Compatible,
}

/// What the configuration says about the place a file wants to take.
#[derive(Clone, Copy, Debug, Default)]
pub struct Place {
    /// The entry names this very publisher.
    pub names_publisher: bool,
    /// The entry grants something.
    pub grants_anything: bool,
    pub update: Update,
}

/// Under which rules files are admitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// New files may be accepted; what is accepted is written to the lock.
    Open,
    /// Only what the lock names, and nothing is written.
    Locked,
    /// The author's loop: whatever was built is served at once.
    Develop,
}

/// One reason for which a file waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Concern {
    AnotherPublisher,
    OlderVersion,
    SameVersionOtherBytes,
    ContractChanged,
    RequestsChanged,
    NewerVersion,
    /// A first load that is granted something, by a publisher that the
    /// configuration does not name.
    PublisherNotNamed,
    /// `serve --locked`, and the lock does not name this digest.
    NotInLock,
}

impl fmt::Display for Concern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AnotherPublisher => "another publisher signed it",
            Self::OlderVersion => "its version is lower than the accepted one",
            Self::SameVersionOtherBytes => "its version is the accepted one, but its bytes differ",
            Self::ContractChanged => "its contract changed",
            Self::RequestsChanged => "what it asks for changed",
            Self::NewerVersion => "its version is higher, and `update` is `manual`",
            Self::PublisherNotNamed => "it is granted something, and its entry names no publisher",
            Self::NotInLock => "the lock does not name this digest, and the server runs with --locked",
        })
    }
}

/// The answer for one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Admission {
    /// It takes its place as accepted before.
    Known,
    /// It takes its place, and this is remembered.
    Accept(Locked),
    /// It waits.
    Wait(Vec<Concern>),
}

/// What the lock remembers of an accepted plugin.
#[must_use]
pub fn locked(plugin: &VerifiedPlugin) -> Locked {
    let manifest = plugin.manifest();
    Locked {
        publisher: plugin.publisher().key_id,
        version: manifest.version.clone(),
        digest: plugin.digest(),
        contract: manifest.contract_digest.canonical,
        requests: manifest.requests_digest.canonical,
    }
}

/// Decides about `plugin`, given what was accepted before in its place.
#[must_use]
pub fn admit(plugin: &VerifiedPlugin, accepted: Option<&Locked>, place: Place, mode: Mode) -> Admission {
    let candidate = locked(plugin);
    match (mode, accepted) {
        (Mode::Develop, _) => Admission::Known,
        (_, Some(accepted)) if *accepted == candidate => Admission::Known,
        (Mode::Locked, _) => Admission::Wait(vec![Concern::NotInLock]),
        (Mode::Open, None) => first_load(candidate, place),
        (Mode::Open, Some(accepted)) => replacement(candidate, accepted, place),
    }
}

fn first_load(candidate: Locked, place: Place) -> Admission {
    if place.grants_anything && !place.names_publisher {
        return Admission::Wait(vec![Concern::PublisherNotNamed]);
    }
    Admission::Accept(candidate)
}

fn replacement(candidate: Locked, accepted: &Locked, place: Place) -> Admission {
    let concerns = concerns(&candidate, accepted);
    let harmless = concerns.iter().all(|c| *c == Concern::NewerVersion && place.update == Update::Compatible);
    if harmless { Admission::Accept(candidate) } else { Admission::Wait(concerns) }
}

fn concerns(candidate: &Locked, accepted: &Locked) -> Vec<Concern> {
    let same = |one: Digest, other: Digest| one == other;
    let order = candidate.version.cmp_precedence(&accepted.version);
    [
        (candidate.publisher != accepted.publisher, Concern::AnotherPublisher),
        (order.is_lt(), Concern::OlderVersion),
        (order.is_eq() && !same(candidate.digest, accepted.digest), Concern::SameVersionOtherBytes),
        (!same(candidate.contract, accepted.contract), Concern::ContractChanged),
        (!same(candidate.requests, accepted.requests), Concern::RequestsChanged),
        (order.is_gt(), Concern::NewerVersion),
    ]
    .into_iter()
    .filter_map(|(holds, concern)| holds.then_some(concern))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str, bytes: u8) -> Locked {
        Locked {
            publisher: Digest::of(b"acme"),
            version: text.parse().unwrap(),
            digest: Digest::of(&[bytes]),
            contract: Digest::of(b"contract"),
            requests: Digest::of(b"requests"),
        }
    }

    fn waits_for(candidate: Locked, update: Update) -> Option<Vec<Concern>> {
        let place = Place { names_publisher: true, grants_anything: true, update };
        match replacement(candidate, &version("1.2.0", 1), place) {
            Admission::Wait(concerns) => Some(concerns),
            _ => None,
        }
    }

    #[test]
    fn only_a_compatible_newer_version_loads_by_itself() {
        assert_eq!(waits_for(version("1.3.0", 2), Update::Compatible), None);
        assert_eq!(waits_for(version("1.3.0", 2), Update::Manual), Some(vec![Concern::NewerVersion]));
        assert_eq!(waits_for(version("1.1.0", 2), Update::Compatible), Some(vec![Concern::OlderVersion]));
        assert_eq!(waits_for(version("1.2.0", 2), Update::Compatible), Some(vec![Concern::SameVersionOtherBytes]));
        assert_eq!(
            waits_for(version("1.2.0+rebuilt", 2), Update::Compatible),
            Some(vec![Concern::SameVersionOtherBytes]),
            "build metadata does not make a version newer"
        );
    }

    #[test]
    fn every_change_that_matters_is_named() {
        let changed = Locked {
            publisher: Digest::of(b"mallory"),
            contract: Digest::of(b"poison"),
            requests: Digest::of(b"more"),
            ..version("1.3.0", 2)
        };
        let expected =
            vec![Concern::AnotherPublisher, Concern::ContractChanged, Concern::RequestsChanged, Concern::NewerVersion];
        assert_eq!(waits_for(changed, Update::Compatible), Some(expected));
    }

    #[test]
    fn a_first_load_needs_a_named_publisher_or_no_grants() {
        let place =
            |names_publisher, grants_anything| Place { names_publisher, grants_anything, update: Update::Manual };
        let candidate = || version("1.0.0", 1);
        assert_eq!(first_load(candidate(), place(true, true)), Admission::Accept(candidate()));
        assert_eq!(first_load(candidate(), place(false, false)), Admission::Accept(candidate()));
        assert_eq!(first_load(candidate(), place(false, true)), Admission::Wait(vec![Concern::PublisherNotNamed]));
    }
}
