use std::{fmt, str::FromStr};

/// Names one event: which stream, and where in it. A stream's number is random,
/// so that one session's events are unknown to every other; 0 is the place
/// before its first message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventId {
    pub stream: u64,
    pub sequence: u64,
}

/// Text that is no event id of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no event has this id")]
pub struct NoEventId;

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}.{}", self.stream, self.sequence)
    }
}

impl FromStr for EventId {
    type Err = NoEventId;

    /// Takes what [`EventId`] writes, and no other spelling of it.
    fn from_str(text: &str) -> Result<Self, NoEventId> {
        let (stream, sequence) = text.split_once('.').ok_or(NoEventId)?;
        let stream = u64::from_str_radix(stream, 16).map_err(|_| NoEventId)?;
        let id = Self { stream, sequence: sequence.parse().map_err(|_| NoEventId)? };
        if id.to_string() == text { Ok(id) } else { Err(NoEventId) }
    }
}
