//! What was read against what was signed.

use std::cmp::Ordering;

use super::{Flaw, Place};
use crate::merkle::Hash;

/// A line that no checkpoint covers yet.
pub(super) struct Held {
    pub(super) leaf: Hash,
    /// Which record it says it is.
    pub(super) claimed: Option<u64>,
    pub(super) place: Place,
    /// What it says is retired, if it holds.
    pub(super) retires: u64,
}

/// The first line that is not the one that was signed in its place. `end` is
/// where the checkpoint stands.
pub(super) fn first_difference(held: &[Held], signed: &[Hash], end: Place) -> Option<(usize, Flaw, Place)> {
    let length = held.len().max(signed.len());
    let at = (0..length).find(|at| held.get(*at).map(|held| &held.leaf) != signed.get(*at))?;
    let (flaw, place) = match (held.get(at), signed.get(at)) {
        (Some(found), Some(expected)) => {
            let belongs = signed[at..].contains(&found.leaf);
            let follows = held[at..].iter().any(|held| held.leaf == *expected);
            let flaw = match (belongs, follows) {
                (true, true) => Flaw::Reordered,
                (true, false) => Flaw::Removed,
                (false, true) => Flaw::Inserted,
                (false, false) => Flaw::Altered,
            };
            (flaw, found.place)
        }
        (Some(found), None) => (Flaw::Inserted, found.place),
        (None, _) => (Flaw::Removed, end),
    };
    Some((at, flaw, place))
}

/// Which of the lines from `base` on does not fit a checkpoint of `size`
/// records, where no signature tells more.
pub(super) fn gap(held: &[Held], base: u64, damaged: Option<usize>, known: usize, size: u64) -> (usize, Flaw) {
    if let Some(at) = damaged {
        return (at, Flaw::Altered);
    }
    first_misnumbered(held, base).unwrap_or_else(|| match size.cmp(&(base + held.len() as u64)) {
        Ordering::Greater => (held.len(), Flaw::Removed),
        Ordering::Less => (held.len(), Flaw::Inserted),
        Ordering::Equal => (known.min(held.len().saturating_sub(1)), Flaw::Altered),
    })
}

/// The first line that does not say the number that it should have.
fn first_misnumbered(held: &[Held], base: u64) -> Option<(usize, Flaw)> {
    let expected = |at: usize| base + at as u64;
    let at = held.iter().enumerate().position(|(at, held)| held.claimed != Some(expected(at)))?;
    let flaw = match held[at].claimed {
        Some(claimed) if claimed < expected(at) => Flaw::Inserted,
        _ if held[at..].iter().any(|held| held.claimed == Some(expected(at))) => Flaw::Reordered,
        _ => Flaw::Removed,
    };
    Some((at, flaw))
}
