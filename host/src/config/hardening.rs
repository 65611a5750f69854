use std::path::PathBuf;

use bulkhead_policy::MountAccess;

/// What the process gives up before it serves: [`crate::confine`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hardening {
    /// Whether it gives up anything. Default true.
    pub enabled: bool,
    /// Whether it refuses to start where something of it does not hold. Default
    /// false: an older kernel holds less.
    pub require: bool,
    /// Folders that are kept for grants that come while it serves.
    pub roots: Vec<KeptRoot>,
    /// Ports that are kept for grants that come while it serves.
    pub ports: Vec<u16>,
}

impl Default for Hardening {
    fn default() -> Self {
        Self { enabled: true, require: false, roots: Vec::new(), ports: Vec::new() }
    }
}

/// One of `hardening.roots`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptRoot {
    pub path: PathBuf,
    /// Default write: a grant of either kind may follow.
    pub access: MountAccess,
}
