//! A tool's hints, capped by what its plugin is granted: a hint from a
//! stranger is worth as much as the compartment makes it true.

use std::fmt;

use bulkhead_package::{Access, Contract, Requests, ToolAnnotations};
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

/// How far a plugin reaches beyond its own instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reach {
    network: bool,
    writes: bool,
}

impl From<&Grants> for Reach {
    fn from(grants: &Grants) -> Self {
        let writes = grants.kv.is_some() || grants.fs.iter().any(|mount| mount.access == MountAccess::Write);
        Self { network: !grants.http.is_empty() || !grants.tcp.is_empty(), writes }
    }
}

impl From<&Requests> for Reach {
    fn from(asked: &Requests) -> Self {
        let writes = asked.kv.is_some() || asked.fs.iter().any(|request| request.access == Access::Write);
        Self { network: !asked.http.is_empty() || !asked.tcp.is_empty(), writes }
    }
}

/// What `claimed` may say within `reach`, and what was corrected.
pub(crate) fn cap(claimed: Option<&ToolAnnotations>, reach: Reach) -> (Option<ToolAnnotations>, Vec<Correction>) {
    let Some(mut hints) = claimed.cloned() else { return (None, Vec::new()) };
    let mut corrections = Vec::new();
    if hints.read_only_hint == Some(true) && (reach.network || reach.writes) {
        hints.read_only_hint = Some(false);
        corrections.push(Correction::NotReadOnly);
    }
    if hints.open_world_hint == Some(false) && reach.network {
        hints.open_world_hint = Some(true);
        corrections.push(Correction::OpenWorld);
    }
    (Some(hints), corrections)
}

/// The claims, by tool, that will be corrected for whoever grants all that is
/// asked for.
#[must_use]
pub fn corrections_if_granted(contract: &Contract, asked: &Requests) -> Vec<(String, Correction)> {
    let of = |tool: &bulkhead_package::ToolContract| {
        let (_, corrections) = cap(tool.annotations.as_ref(), asked.into());
        corrections.into_iter().map(|correction| (tool.name.clone(), correction)).collect::<Vec<_>>()
    };
    contract.tools.iter().flat_map(of).collect()
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
        assert_eq!(cap(Some(&claims()), (&Grants::default()).into()), (Some(claims()), vec![]));
        assert_eq!(cap(None, (&Grants::default()).into()), (None, vec![]));
    }

    #[test]
    fn what_is_granted_corrects_what_is_claimed() {
        let mut network = Grants::default();
        let rule: GivenGrant = "http=https://api.example.com/v1/*".parse().unwrap();
        rule.add_to(&mut network, Path::new("."));
        let (hints, corrections) = cap(Some(&claims()), (&network).into());
        assert_eq!(corrections, [Correction::NotReadOnly, Correction::OpenWorld]);
        assert_eq!(hints.map(|h| (h.read_only_hint, h.open_world_hint)), Some((Some(false), Some(true))));

        let store = Grants { kv: Some(KvScope::Principal), ..Grants::default() };
        assert_eq!(cap(Some(&claims()), (&store).into()).1, [Correction::NotReadOnly]);
    }
}
