//! What a running call tells its host besides its answer.
//!
//! **Invariant:** a guest cannot make the host wait or hoard: the channel is
//! bounded, and what does not fit is dropped. Progress and log lines leave room
//! for the rest, so that a chatty guest does not hide a denial.

use std::{sync::Arc, time::Duration};

use tokio::sync::mpsc;

use crate::answer::LogLevel;

/// Places kept free for reports that matter more than a log line.
const RESERVED: usize = 16;

/// Reports that may wait: enough for a burst of log lines while the host writes one.
const PENDING: usize = 128;

/// Something that happened during a call.
#[derive(Clone, Debug)]
pub enum Report {
    /// How far the call is.
    Progress(Progress),
    /// A line for the caller.
    Log(LogLine),
    /// A line on the guest's standard output or error: for the server's own log.
    Printed(Printed),
    /// One of the plugin's resources has changed.
    ResourceUpdated(String),
    /// The plugin's dynamic resources are others now.
    ResourcesChanged,
    /// A line for whoever watches the task.
    TaskStatus(String),
    /// Close the stream that carries this call's events; the client comes back.
    CloseStream {
        /// After how long, in milliseconds.
        retry_ms: Option<u32>,
    },
    /// Hide an item of the contract, or show it again.
    Visibility {
        /// What kind of item.
        kind: ItemKind,
        /// Its name in the contract.
        name: String,
        /// Whether it is shown.
        visible: bool,
    },
    /// The plugin reached for something that it was not granted.
    Denied(Denial),
    /// What the call has used. The last report, unless the call was stopped from outside.
    Spent(Spent),
}

/// What a call has used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// Processor time, to a tick of 5 ms: what is over sooner counts for nothing.
    pub cpu: Duration,
    /// Most bytes of memory at once.
    pub memory: u64,
}

/// How far a call is. Within one call `progress` only ever rises.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    pub progress: f64,
    pub total: Option<f64>,
    pub message: Option<String>,
}

/// A line that a plugin writes for its caller.
#[derive(Clone, Debug)]
pub struct LogLine {
    pub level: LogLevel,
    pub logger: Option<String>,
    /// JSON text, not yet read by the host.
    pub data: String,
}

/// A line that a guest printed, cut where its limit is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Printed {
    pub source: Source,
    pub line: String,
}

/// Where a guest printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Stdout,
    Stderr,
}

/// What [`Report::Visibility`] is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ItemKind {
    Tool,
    Prompt,
    Resource,
}

/// What a denial is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Capability {
    Fs,
    Http,
    Tcp,
    Secrets,
    Kv,
}

impl Capability {
    /// The name under `grants` in the configuration.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fs => "fs",
            Self::Http => "http",
            Self::Tcp => "tcp",
            Self::Secrets => "secrets",
            Self::Kv => "kv",
        }
    }
}

/// Something that was refused for want of a grant. For the operator: it names
/// hosts and paths, and no client reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial {
    pub capability: Capability,
    /// What the plugin wanted, as a fragment: `asked for http://10.0.0.1/`.
    pub detail: String,
    /// The line of the configuration that would allow it, if one would.
    pub allow_line: Option<String>,
}

/// Where a call's reports come out.
pub type ReportReceiver = mpsc::Receiver<Report>;

/// Where a call's reports go in. Cheap to clone.
#[derive(Clone, Debug)]
pub struct ReportSender(Option<Arc<mpsc::Sender<Report>>>);

impl ReportSender {
    /// A channel for one call.
    #[must_use]
    pub fn channel() -> (Self, ReportReceiver) {
        let (sender, receiver) = mpsc::channel(PENDING);
        (Self(Some(Arc::new(sender))), receiver)
    }

    /// A sender whose reports nobody reads.
    #[must_use]
    pub const fn nobody() -> Self {
        Self(None)
    }

    /// Whether whoever listened has gone.
    pub(crate) fn is_closed(&self) -> bool {
        self.0.as_ref().is_some_and(|sender| sender.is_closed())
    }

    /// Tells it, or drops it if there is no room.
    pub(crate) fn tell(&self, report: Report) {
        let Some(sender) = &self.0 else { return };
        let minor = matches!(report, Report::Progress(_) | Report::Log(_) | Report::Printed(_));
        if !minor || sender.capacity() > RESERVED {
            let _ = sender.try_send(report);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_lines_leaves_room_for_a_denial() {
        let (sender, mut receiver) = ReportSender::channel();
        for _ in 0..2 * PENDING {
            sender.tell(Report::Printed(Printed { source: Source::Stdout, line: String::new() }));
        }
        let denial = Denial { capability: Capability::Kv, detail: String::new(), allow_line: None };
        sender.tell(Report::Denied(denial));
        let mut seen = Vec::new();
        while let Ok(report) = receiver.try_recv() {
            seen.push(report);
        }
        assert_eq!(seen.len(), PENDING - RESERVED + 1);
        assert!(matches!(seen.last(), Some(Report::Denied(_))));
    }
}
