//! A tool's hints, capped by what its plugin is granted: a hint from a
//! stranger is worth as much as the compartment makes it true.

use std::fmt;

use bulkhead_package::ToolAnnotations;
use bulkhead_policy::{Grants, MountAccess};

/// A claim of more safety than the grants allow, and so not passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Correction {
    /// `readOnlyHint: true`, with leave to write or to use the network.
    NotReadOnly,
    /// `openWorldHint: false`, with leave to use the network.
    OpenWorld,
}

impl fmt::Display for Correction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotReadOnly => {
                "claims readOnlyHint, and is granted write access or the network: listed as not read-only"
            }
            Self::OpenWorld => "claims openWorldHint: false, and is granted the network: listed as open-world",
        })
    }
}

/// What `claimed` may say under `grants`, and what was corrected.
pub(crate) fn cap(claimed: Option<&ToolAnnotations>, grants: &Grants) -> (Option<ToolAnnotations>, Vec<Correction>) {
    let Some(mut hints) = claimed.cloned() else { return (None, Vec::new()) };
    let network = !grants.http.is_empty() || !grants.tcp.is_empty();
    let writes = grants.kv.is_some() || grants.fs.iter().any(|mount| mount.access == MountAccess::Write);
    let mut corrections = Vec::new();
    if hints.read_only_hint == Some(true) && (network || writes) {
        hints.read_only_hint = Some(false);
        corrections.push(Correction::NotReadOnly);
    }
    if hints.open_world_hint == Some(false) && network {
        hints.open_world_hint = Some(true);
        corrections.push(Correction::OpenWorld);
    }
    (Some(hints), corrections)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use bulkhead_policy::{GivenGrant, KvScope};

    use super::*;

    fn claims() -> ToolAnnotations {
        ToolAnnotations { read_only_hint: Some(true), open_world_hint: Some(false), ..ToolAnnotations::default() }
    }

    #[test]
    fn without_grants_every_claim_of_safety_is_true() {
        assert_eq!(cap(Some(&claims()), &Grants::default()), (Some(claims()), vec![]));
        assert_eq!(cap(None, &Grants::default()), (None, vec![]));
    }

    #[test]
    fn what_is_granted_corrects_what_is_claimed() {
        let mut network = Grants::default();
        let rule: GivenGrant = "http=https://api.example.com/v1/*".parse().unwrap();
        rule.add_to(&mut network, Path::new("."));
        let (hints, corrections) = cap(Some(&claims()), &network);
        assert_eq!(corrections, [Correction::NotReadOnly, Correction::OpenWorld]);
        assert_eq!(hints.map(|h| (h.read_only_hint, h.open_world_hint)), Some((Some(false), Some(true))));

        let store = Grants { kv: Some(KvScope::Principal), ..Grants::default() };
        assert_eq!(cap(Some(&claims()), &store).1, [Correction::NotReadOnly]);
    }
}
