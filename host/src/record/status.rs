use std::{fmt::Write as _, sync::atomic::Ordering};

use bulkhead_audit::{Counts, Health};

use super::Recorder;

/// How the record is, for readiness and metrics.
#[derive(Clone, Debug)]
pub struct Status {
    counts: Counts,
    failed: u64,
    health: Health,
}

impl Recorder {
    /// How it is; `None` if nothing is recorded.
    #[must_use]
    pub fn status(&self) -> Option<Status> {
        let books = self.0.as_ref()?;
        let (counts, health) = (books.record.counts(), books.record.health());
        Some(Status { counts, failed: books.failed.load(Ordering::Relaxed), health })
    }
}

impl Status {
    /// Whether entries can be written at present.
    #[must_use]
    pub const fn is_written(&self) -> bool {
        self.health.failure.is_none()
    }

    /// What an operator reads.
    #[must_use]
    pub fn line(&self) -> String {
        let mut line = match &self.health.failure {
            Some(failure) => format!("the record cannot be written, and calls are refused: {failure}"),
            None => "the record is written".to_owned(),
        };
        if let Some(why) = &self.health.copies {
            let _ = write!(line, "; its checkpoints are not copied: {why}");
        }
        if let Some(segment) = &self.health.altered {
            let _ = write!(line, "; {segment} is not what was written, and is kept: see bulkhead audit verify");
        }
        line
    }

    /// As Prometheus reads it.
    #[must_use]
    pub fn metrics(&self) -> String {
        let Counts { entries, writes, bytes } = self.counts;
        let failing = u64::from(!self.is_written());
        let altered = u64::from(self.health.altered.is_some());
        let uncopied = u64::from(self.health.copies.is_some());
        let families = [
            ("bulkhead_record_entries_total", "counter", "Entries on the record.", entries),
            ("bulkhead_record_writes_total", "counter", "Writes to the disk that entries shared.", writes),
            ("bulkhead_record_bytes_total", "counter", "Bytes of the record.", bytes),
            ("bulkhead_record_failed_total", "counter", "Entries that could not be written.", self.failed),
            ("bulkhead_record_queued", "gauge", "Entries that wait for the next write.", self.health.queued as u64),
            ("bulkhead_record_failing", "gauge", "1 while the record cannot be written.", failing),
            ("bulkhead_record_altered", "gauge", "1 once a segment was found that is not what was written.", altered),
            ("bulkhead_record_copies_failing", "gauge", "1 while its checkpoints are not copied.", uncopied),
        ];
        let mut page = String::new();
        for (name, kind, help, value) in families {
            let _ = writeln!(page, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}");
        }
        page
    }
}
