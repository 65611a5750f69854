/// Text that is not JSON, or is JSON that nobody should be handed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem} at byte {at}")]
pub struct JsonError {
    /// Where, in bytes from the start.
    pub at: usize,
    pub problem: Problem,
}

/// What is wrong with the text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    #[error("expected {0}")]
    Expected(&'static str),
    #[error("invalid UTF-8")]
    Utf8,
    #[error("raw control character in a string")]
    Control,
    #[error("invalid escape")]
    Escape,
    #[error("lone surrogate")]
    Surrogate,
    #[error("text after the value")]
    Trailing,
    #[error("nesting deeper than {}", super::MAX_DEPTH)]
    TooDeep,
    #[error("duplicate key {0:?}")]
    DuplicateKey(String),
    #[error("longer than {0} bytes")]
    TooLong(usize),
}

impl Problem {
    /// Whether the text is JSON all the same: well-formed, but refused.
    #[must_use]
    pub const fn is_well_formed(&self) -> bool {
        matches!(self, Self::TooDeep | Self::DuplicateKey(_) | Self::TooLong(_))
    }
}
