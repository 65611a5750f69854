use std::sync::Arc;

use crate::{
    json::{Json, Kind, Member},
    revision::{Era, Revision},
};

/// Longest client name that is kept. Answers "a name that fills every log line".
const LONGEST_NAME: usize = 128;

/// The extension that lets long work run as a task.
pub const TASKS_EXTENSION: &str = "io.modelcontextprotocol/tasks";

/// The eight severities of RFC 5424, least severe first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LogLevel {
    Debug,
    Info,
    Notice,
    Warning,
    Error,
    Critical,
    Alert,
    Emergency,
}

impl LogLevel {
    /// Every level, least severe first.
    pub const ALL: [Self; 8] = [
        Self::Debug,
        Self::Info,
        Self::Notice,
        Self::Warning,
        Self::Error,
        Self::Critical,
        Self::Alert,
        Self::Emergency,
    ];

    /// The level as it is written on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Notice => "notice",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Critical => "critical",
            Self::Alert => "alert",
            Self::Emergency => "emergency",
        }
    }

    /// The level that `text` names.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.as_str() == text)
    }
}

/// What a client said it can do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClientCapabilities {
    /// It shows a form to its user.
    pub elicitation_form: bool,
    /// It opens a URL for its user.
    pub elicitation_url: bool,
    /// It runs a model on a plugin's behalf.
    pub sampling: bool,
    /// Its model may be handed tools.
    pub sampling_tools: bool,
    /// It lists the folders its user works in.
    pub roots: bool,
    /// It follows long work as a task.
    pub tasks: bool,
}

impl ClientCapabilities {
    /// Reads a `ClientCapabilities` object. What is unknown is passed over.
    ///
    /// # Errors
    /// The name of the member that is no object.
    pub(crate) fn parse(json: Json<'_>) -> Result<Self, String> {
        let mut can = Self::default();
        for Member { key, value } in json.members().ok_or("clientCapabilities")? {
            let parts = || value.members().ok_or_else(|| key.to_string());
            match (&*key, value.kind()) {
                (_, Kind::Null) => {}
                ("elicitation", _) => {
                    let parts = parts()?;
                    let has = |name: &str| parts.iter().any(|part| part.key == name && part.value.kind() != Kind::Null);
                    can.elicitation_url = has("url");
                    can.elicitation_form = has("form") || !can.elicitation_url;
                }
                ("sampling", _) => {
                    can.sampling = true;
                    can.sampling_tools =
                        parts()?.iter().any(|part| part.key == "tools" && part.value.kind() != Kind::Null);
                }
                ("roots", _) => {
                    parts()?;
                    can.roots = true;
                }
                ("extensions", _) => can.tasks = parts()?.iter().any(|part| part.key == TASKS_EXTENSION),
                _ => {}
            }
        }
        Ok(can)
    }
}

/// What was agreed with a client: by the handshake and kept in its session,
/// or said by the request itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Speech {
    pub revision: Revision,
    pub client: ClientCapabilities,
    /// Lines below this level go nowhere. `None`: no lines at all in the
    /// modern era, and the host's own choice before `logging/setLevel` in the older one.
    pub log_level: Option<LogLevel>,
    /// What the client calls itself: for logs, never for decisions.
    pub client_name: Option<Arc<str>>,
}

impl Speech {
    /// A client that said nothing about itself.
    #[must_use]
    pub const fn of(revision: Revision) -> Self {
        let client = ClientCapabilities {
            elicitation_form: false,
            elicitation_url: false,
            sampling: false,
            sampling_tools: false,
            roots: false,
            tasks: false,
        };
        Self { revision, client, log_level: None, client_name: None }
    }

    /// The era of its revision.
    #[must_use]
    pub const fn era(&self) -> Era {
        self.revision.era()
    }
}

/// The `name` in a `clientInfo`, cut to what a log line takes.
///
/// # Errors
/// It is no object, or its name no string.
pub(crate) fn client_name(info: Json<'_>) -> Result<Option<Arc<str>>, ()> {
    let Some(name) = info.members().ok_or(())?.into_iter().find(|member| member.key == "name") else { return Ok(None) };
    let name = name.value.text().ok_or(())?;
    Ok(Some(name.chars().take(LONGEST_NAME).collect::<String>().into()))
}
