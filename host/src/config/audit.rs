use std::path::{Path, PathBuf};

use bulkhead_audit::{LogName, Mode, Redaction};
use bulkhead_base::{ByteSize, Span};

/// How the record is kept: [`crate::record`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audit {
    /// When an entry is on disk; `None`: nothing is recorded.
    pub mode: Option<Mode>,
    pub dir: PathBuf,
    /// Arguments and results are written in full, not as digests.
    pub full: bool,
    /// What is taken out of arguments and results, as JSON Pointers.
    pub redact: Vec<String>,
    /// How long it is kept; `None`: for ever.
    pub retain: Option<Span>,
    /// How large a folder of it becomes; `None`: nothing is deleted for its size.
    pub max_size: Option<ByteSize>,
    /// What checkpoints are signed with.
    pub key: PathBuf,
    /// Where checkpoints are copied to.
    pub checkpoint_to: Option<PathBuf>,
    /// What its checkpoints begin with; `None`: a name made of the key.
    pub name: Option<LogName>,
}

/// `audit.dir` when nothing is written.
const DIR: &str = "audit";
/// `audit.keyFile` when nothing is written, below `stateDir`.
const KEY: &str = "audit.key";
/// `audit.redact` when nothing is written.
const REDACT: &str = "/card";
/// `audit.retain` when nothing is written.
const RETAIN: Span = Span::secs(90 * 24 * 60 * 60);

impl Audit {
    /// What holds when nothing is written: a record beside the configuration,
    /// its key in the state folder.
    pub(super) fn default_in(folder: &Path, state_dir: &Path) -> Self {
        Self {
            mode: Some(Mode::Batch),
            dir: folder.join(DIR),
            full: false,
            redact: vec![REDACT.to_owned()],
            retain: Some(RETAIN),
            max_size: None,
            key: state_dir.join(KEY),
            checkpoint_to: None,
            name: None,
        }
    }

    /// Nothing is recorded.
    pub(super) fn off(folder: &Path, state_dir: &Path) -> Self {
        Self { mode: None, ..Self::default_in(folder, state_dir) }
    }

    /// The public half of the key, for whoever verifies.
    #[must_use]
    pub fn public_key(&self) -> PathBuf {
        let mut beside = self.key.as_os_str().to_owned();
        beside.push(".pub");
        beside.into()
    }

    /// What is redacted. The patterns were read before.
    #[must_use]
    pub fn redaction(&self) -> Redaction {
        Redaction::new(self.redact.iter().map(String::as_str)).unwrap_or_default()
    }

    /// The folder that checkpoints are copied into, if it is one.
    #[must_use]
    pub fn checkpoint_folder(&self) -> Option<&Path> {
        let to = self.checkpoint_to.as_deref()?;
        (to.is_dir() || to.as_os_str().as_encoded_bytes().ends_with(b"/")).then_some(to)
    }
}
