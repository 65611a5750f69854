//! Why a call has no answer.

use bulkhead_base::{ByteSize, Span};

use crate::answer::Error;

/// Why a call has no answer. `Display` is for the log: it says what happened in
/// the sandbox and repeats nothing that the guest wrote. No client reads it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// The plugin says so itself. Its text is data from a stranger.
    #[error("the plugin answered with an error")]
    Plugin(Error),
    /// The guest trapped: a panic, an illegal access, a stack overflow.
    #[error("the guest trapped: {0}")]
    Trap(String),
    /// The guest called `exit` in the middle of a call.
    #[error("the guest exited with status {0}")]
    Exited(i32),
    /// Wall-clock time was up.
    #[error("the call took longer than {0}")]
    OutOfTime(Span),
    /// Processor time was up.
    #[error("the call computed for longer than {0}")]
    OutOfCpu(Span),
    /// The guest wanted more memory than it is given.
    #[error("the guest wanted more memory than {0}")]
    OutOfMemory(ByteSize),
    /// The answer is too large, or a host function was handed as much.
    #[error("the guest handed over more than {0}")]
    TooMuchOutput(ByteSize),
    /// The guest held too many handles, or used up another host resource.
    #[error("the guest used up its {0}")]
    OutOfResources(&'static str),
    /// Too many calls run and wait already.
    #[error("too many calls are under way")]
    Busy,
    /// The component does not export what is asked for.
    #[error("the plugin does not export {0}")]
    Missing(&'static str),
    /// The permit is for something else than what is asked.
    #[error("the permit does not open this call")]
    WrongPermit,
    /// The engine is shutting down, or the call's thread died.
    #[error("the call was stopped")]
    Stopped,
    /// The host failed, not the guest.
    #[error("the sandbox failed: {0}")]
    Host(String),
}

impl Failure {
    /// One word for metrics and records.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Plugin(_) => "plugin",
            Self::Trap(_) => "trap",
            Self::Exited(_) => "exit",
            Self::OutOfTime(_) => "time",
            Self::OutOfCpu(_) => "cpu",
            Self::OutOfMemory(_) => "memory",
            Self::TooMuchOutput(_) => "output",
            Self::OutOfResources(_) => "resources",
            Self::Busy => "busy",
            Self::Missing(_) => "missing",
            Self::WrongPermit => "permit",
            Self::Stopped => "stopped",
            Self::Host(_) => "host",
        }
    }
}
