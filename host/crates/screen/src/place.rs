use std::fmt;

use serde::Deserialize;

/// Where a text of a plugin's stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// A block of a tool's answer.
    Content,
    /// A string of structured content, or of arguments that it proposes.
    Structured,
    /// A member's name in any JSON.
    Key,
    /// What an error says.
    Error,
    /// A string of `_meta`.
    Meta,
    /// What a resource holds.
    Resource,
    /// A prompt's message.
    Prompt,
    /// A value that completes an argument.
    Completion,
    /// What a notice of progress says.
    Progress,
    /// A string of a log line.
    Log,
    /// What a question to the user says, and its form.
    ElicitationText,
    /// Where a question sends the user.
    ElicitationUrl,
    /// A message to the client's model.
    Sampling,
    /// How a task says that it stands.
    TaskStatus,
    /// Names, titles and descriptions of a dynamic listing.
    Listing,
    /// Where something is: of a resource, a link, a listing.
    Uri,
}

/// What happens to characters that do not belong into a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Treatment {
    /// Several lines: feeds and tabs stay.
    Lines,
    /// One line: feeds and tabs become spaces.
    Line,
    /// A client uses it as it is: it is refused rather than altered.
    Exact,
}

impl Place {
    /// All of them.
    pub const ALL: [Self; 16] = [
        Self::Content,
        Self::Structured,
        Self::Key,
        Self::Error,
        Self::Meta,
        Self::Resource,
        Self::Prompt,
        Self::Completion,
        Self::Progress,
        Self::Log,
        Self::ElicitationText,
        Self::ElicitationUrl,
        Self::Sampling,
        Self::TaskStatus,
        Self::Listing,
        Self::Uri,
    ];

    /// As findings name it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Content => "content",
            Self::Structured => "structured",
            Self::Key => "key",
            Self::Error => "error",
            Self::Meta => "meta",
            Self::Resource => "resource",
            Self::Prompt => "prompt",
            Self::Completion => "completion",
            Self::Progress => "progress",
            Self::Log => "log",
            Self::ElicitationText => "elicitation-text",
            Self::ElicitationUrl => "elicitation-url",
            Self::Sampling => "sampling",
            Self::TaskStatus => "task-status",
            Self::Listing => "listing",
            Self::Uri => "uri",
        }
    }

    pub(crate) const fn treatment(self) -> Treatment {
        match self {
            Self::Content
            | Self::Structured
            | Self::Error
            | Self::Meta
            | Self::Resource
            | Self::Prompt
            | Self::Log
            | Self::ElicitationText
            | Self::Sampling => Treatment::Lines,
            Self::Progress | Self::TaskStatus | Self::Listing => Treatment::Line,
            Self::Key | Self::Completion | Self::ElicitationUrl | Self::Uri => Treatment::Exact,
        }
    }

    /// Whether a baseline learns from it. A prompt and a request for sampling
    /// speak to a model by their nature, a log line to nobody in particular.
    pub(crate) const fn is_answer(self) -> bool {
        matches!(self, Self::Content | Self::Structured | Self::Error | Self::Resource)
    }

    pub(crate) const fn bit(self) -> u16 {
        1 << self as u16
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
