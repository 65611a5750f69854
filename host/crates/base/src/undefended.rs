//! Defences that a test switches off, one at a time, to see that it fails
//! without them: a test that cannot fail proves nothing.
//!
//! **Invariant:** what is shipped has all of them. Without the feature
//! `undefended`, which is off unless somebody names it, [`switched_off`] is a
//! constant, and neither the variable's name nor the names below are in the
//! binary.

/// Something that the code itself refuses, with no setting that would allow it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Defence {
    /// Paths are resolved beneath the granted folder.
    Beneath,
    /// A guest makes no links.
    Links,
    /// A file with several names is only read.
    Names,
    /// FIFOs and devices are not opened.
    Special,
    /// Nothing is moved from one granted folder to another.
    Mounts,
    /// A call holds few listings.
    Listings,
    /// A plugin holds few of the host's descriptors.
    Descriptors,
    /// A socket connects where a grant says, listens nowhere, sends no datagram.
    Sockets,
    /// Headers that have another path served than was checked are left out.
    Headers,
    /// Progress comes seldom.
    Progress,
    /// One call's denials fill no log.
    Denials,
    /// What a guest prints is not on the process's standard output.
    Stdout,
    /// Variables and arguments are what was granted, not the process's own.
    Surroundings,
    /// The monotonic clock begins with the call.
    Uptime,
    /// A guest's stack has an end.
    Stack,
    /// A plugin's JSON is read before it is spliced.
    Json,
    /// A structured answer fits its schema.
    Schema,
    /// Arguments fit their schema.
    Arguments,
    /// A schema that is checked against itself is not run.
    Endless,
    /// A schema unfolds into so many parts.
    Unfolding,
    /// A schema's patterns take time and memory in proportion.
    Patterns,
    /// What a check would take is counted before it is made.
    Steps,
}

/// The variable that names the one defence which is off.
#[cfg(feature = "undefended")]
const VARIABLE: &str = "BULKHEAD_UNDEFENDED";

/// Whether `defence` is off: never, in what is shipped.
#[cfg(not(feature = "undefended"))]
#[must_use]
pub const fn switched_off(_: Defence) -> bool {
    false
}

/// Whether `defence` is the one that the variable names.
#[cfg(feature = "undefended")]
#[must_use]
pub fn switched_off(defence: Defence) -> bool {
    static NAMED: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| {
        #[expect(clippy::disallowed_methods, reason = "it chooses what a test's build lacks, and is no configuration")]
        std::env::var(VARIABLE).unwrap_or_default()
    });
    format!("{defence:?}").eq_ignore_ascii_case(&NAMED)
}
