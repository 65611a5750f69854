use std::{fmt, str::FromStr};

/// How a client opens and what its messages look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Era {
    /// MCP 2024-11-05 to 2025-11-25: a handshake, then requests.
    Legacy,
    /// MCP 2026-07-28: every request stands alone.
    Modern,
    /// The `mcp.<category>.<action>` methods.
    Guide,
}

/// One published revision of the protocol, oldest first, and the guide's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Revision {
    V2024_11_05,
    V2025_03_26,
    V2025_06_18,
    V2025_11_25,
    V2026_07_28,
    Guide,
}

/// Text that names no revision.
#[derive(Debug, Clone, thiserror::Error)]
#[error(
    "{0:?} is not a protocol revision: expected one of 2024-11-05, 2025-03-26, 2025-06-18, 2025-11-25, 2026-07-28, guide"
)]
pub struct RevisionError(pub String);

impl Revision {
    /// Every revision, oldest first; the guide last.
    pub const ALL: [Self; 6] =
        [Self::V2024_11_05, Self::V2025_03_26, Self::V2025_06_18, Self::V2025_11_25, Self::V2026_07_28, Self::Guide];

    /// What a client of the handshake era speaks that does not say (2025-06-18, "Protocol Version Header").
    pub const ASSUMED: Self = Self::V2025_03_26;

    /// The era that this revision belongs to.
    #[must_use]
    pub const fn era(self) -> Era {
        match self {
            Self::V2026_07_28 => Era::Modern,
            Self::Guide => Era::Guide,
            _ => Era::Legacy,
        }
    }

    /// The revision as it is written on the wire and in the configuration.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V2024_11_05 => "2024-11-05",
            Self::V2025_03_26 => "2025-03-26",
            Self::V2025_06_18 => "2025-06-18",
            Self::V2025_11_25 => "2025-11-25",
            Self::V2026_07_28 => "2026-07-28",
            Self::Guide => "guide",
        }
    }

    /// The revision that `text` names.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|revision| revision.as_str() == text)
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Revision {
    type Err = RevisionError;

    fn from_str(text: &str) -> Result<Self, RevisionError> {
        Self::parse(text).ok_or_else(|| RevisionError(text.to_owned()))
    }
}

/// The revisions that an operator offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revisions(u8);

impl Revisions {
    /// Every revision and the guide: what is offered unless the configuration says otherwise.
    pub const ALL: Self = Self(0b11_1111);

    /// Whether `revision` is offered.
    #[must_use]
    pub const fn offers(self, revision: Revision) -> bool {
        self.0 & revision.bit() != 0
    }

    /// Whether any revision of `era` is offered.
    #[must_use]
    pub fn offers_era(self, era: Era) -> bool {
        self.iter().any(|revision| revision.era() == era)
    }

    /// What is offered, newest first, the guide last.
    pub fn iter(self) -> impl Iterator<Item = Revision> {
        let dated = Revision::ALL.into_iter().rev().filter(|revision| *revision != Revision::Guide);
        dated.chain([Revision::Guide]).filter(move |revision| self.offers(*revision))
    }

    /// The MCP revisions that are offered, newest first.
    pub fn dated(self) -> impl Iterator<Item = Revision> {
        self.iter().filter(|revision| *revision != Revision::Guide)
    }

    /// The revision of a session whose client asked for `requested`: that
    /// one, or else the newest that has a handshake. `None` if none has.
    #[must_use]
    pub fn negotiate(self, requested: &str) -> Option<Revision> {
        let same = Revision::parse(requested).filter(|revision| self.offers(*revision));
        let has_handshake = |revision: &Revision| revision.era() == Era::Legacy;
        same.filter(has_handshake).or_else(|| self.iter().find(has_handshake))
    }
}

impl Default for Revisions {
    fn default() -> Self {
        Self::ALL
    }
}

impl FromIterator<Revision> for Revisions {
    fn from_iter<T: IntoIterator<Item = Revision>>(offered: T) -> Self {
        Self(offered.into_iter().fold(0, |bits, revision| bits | revision.bit()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handshake_agrees_on_the_same_revision_or_on_the_newest_that_has_one() {
        let all = Revisions::ALL;
        assert_eq!(all.negotiate("2025-03-26"), Some(Revision::V2025_03_26));
        for other in ["2026-07-28", "guide", "1999-01-01", ""] {
            assert_eq!(all.negotiate(other), Some(Revision::V2025_11_25), "{other}");
        }
        let some: Revisions = [Revision::V2024_11_05, Revision::V2026_07_28].into_iter().collect();
        assert_eq!(some.negotiate("2025-11-25"), Some(Revision::V2024_11_05));
        let modern: Revisions = [Revision::V2026_07_28].into_iter().collect();
        assert_eq!(modern.negotiate("2025-11-25"), None);
    }

    #[test]
    fn what_is_offered_is_listed_newest_first() {
        let listed: Vec<_> = Revisions::ALL.dated().map(Revision::as_str).collect();
        assert_eq!(listed, ["2026-07-28", "2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"]);
        assert_eq!(Revisions::ALL.iter().last(), Some(Revision::Guide));
        assert_eq!(Revisions::ALL, Revision::ALL.into_iter().collect());
    }
}
