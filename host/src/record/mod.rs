//! The record, as the rest of the house writes it: [`bulkhead_audit`] with what
//! the configuration says of it.
//!
//! **Invariant:** what cannot be put on the record does not happen: whoever is
//! told so answers with an error. Without a record (`mode: off`) nothing is
//! done at all. **Absent:** what is worth an entry, which those know who do it.

mod open;
mod rehearse;
mod status;
mod sweep;
mod tally;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::SystemTime,
};

use bulkhead_audit::{AppendError, Detail, Entry, Kind, Record};
use tokio::{runtime::Handle, sync::Semaphore};

pub use open::{OpenError, Opening, folders, prepare};
pub use rehearse::rehearse;
pub use status::Status;

use tally::Tally;

/// What is written for callers who are turned away before anybody knows who
/// they are.
const STRANGERS: &str = "without a valid credential";
/// The same, for callers who ask for more than they may.
const BEYOND: &str = "beyond the caller's allowance, or the server's";

/// Entries that wait for room while nobody waits for them. Answers "a client
/// that calls and hangs up, again and again, while the disk is slow".
const MOST_LATER: usize = 1024;

/// Where entries go. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Recorder(Option<Arc<Books>>);

#[derive(Debug)]
struct Books {
    record: Record,
    detail: Detail,
    /// Entries that were not written.
    failed: AtomicU64,
    /// The last entry was not: the log was told.
    failing: AtomicBool,
    strangers: Tally,
    beyond: Tally,
    /// Places for entries that wait for room while nobody waits for them.
    later: Arc<Semaphore>,
    /// It lies in the first folder: those beside it are looked after.
    is_first: bool,
}

impl Recorder {
    fn new(record: Record, detail: Detail, is_first: bool) -> Self {
        let (strangers, beyond) = (Tally::default(), Tally::default());
        let (failed, failing) = (AtomicU64::new(0), AtomicBool::new(false));
        let later = Arc::new(Semaphore::new(MOST_LATER));
        Self(Some(Arc::new(Books { record, detail, failed, failing, strangers, beyond, later, is_first })))
    }

    /// Whether anything is recorded.
    #[must_use]
    pub const fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Puts on the record what `write` makes. Under `mode: record` it is on disk
    /// when this returns.
    ///
    /// # Errors
    /// It is not on the record: what it says must not go on.
    pub async fn append(&self, write: impl FnOnce(&Detail, SystemTime) -> Entry) -> Result<(), AppendError> {
        let Some(books) = &self.0 else { return Ok(()) };
        let entry = write(&books.detail, SystemTime::now());
        // Whoever waits may go before there is room; what happened did.
        let appended = books.record.append_or(entry, |entry| self.later(entry)).await;
        books.noticed(appended)
    }

    /// Puts on the record what happened already, and waits for nothing.
    pub fn note(&self, write: impl FnOnce(&Detail, SystemTime) -> Entry) {
        let Some(books) = &self.0 else { return };
        match books.record.offer(write(&books.detail, SystemTime::now())) {
            Ok(None) => drop(books.noticed(Ok(()))),
            Ok(Some(entry)) => self.later(entry),
            Err(error) => drop(books.noticed(Err(error))),
        }
    }

    /// There is no room right now: the entry waits for it, with few others.
    fn later(&self, entry: Entry) {
        let Some(books) = self.0.clone() else { return };
        let (Ok(place), Ok(runtime)) = (books.later.clone().try_acquire_owned(), Handle::try_current()) else {
            return books.lost();
        };
        runtime.spawn(async move {
            let appended = books.record.append(entry).await;
            drop(books.noticed(appended));
            drop(place);
        });
    }

    /// Notes that something of the server's own changed.
    pub fn changed(&self, what: &str, tell: impl FnOnce(Entry) -> Entry) {
        self.note(|_, at| tell(Entry::new(Kind::Change, at).text("what", what)));
    }

    /// Somebody was turned away without being known. Counted together, so that
    /// strangers do not fill the disk.
    pub fn stranger(&self) {
        let Some(books) = &self.0 else { return };
        if let Some(count) = books.strangers.count() {
            self.note(|_, at| turned_away(at, STRANGERS, count));
        }
    }

    /// Somebody asked for more than is allowed at once. Counted together.
    pub fn beyond(&self) {
        let Some(books) = &self.0 else { return };
        if let Some(count) = books.beyond.count() {
            self.note(|_, at| turned_away(at, BEYOND, count));
        }
    }

    /// The server begins to serve.
    ///
    /// # Errors
    /// The record takes nothing.
    pub async fn begin(&self, tell: impl FnOnce(Entry) -> Entry) -> Result<(), AppendError> {
        self.append(|_, at| tell(Entry::new(Kind::Start, at))).await
    }

    /// The server stops: the last entry, the last checkpoint, the last copy of it.
    /// A disk that hangs is not waited for; the log says what was left.
    pub async fn close(&self, calls_left: usize) {
        let Some(books) = self.0.clone() else { return };
        for (tally, why) in [(&books.strangers, STRANGERS), (&books.beyond, BEYOND)] {
            if let Some(count) = tally.rest() {
                self.note(|_, at| turned_away(at, why, count));
            }
        }
        let last = self.append(|_, at| Entry::new(Kind::Stop, at).number("callsUnderWay", calls_left as u64)).await;
        drop(last);
        match tokio::task::spawn_blocking(move || books.record.close()).await {
            Ok(Ok(())) | Err(_) => {}
            Ok(Err(left)) => tracing::error!("the record was closed before all of it was written: {left}"),
        }
    }
}

fn turned_away(at: SystemTime, reason: &str, count: u64) -> Entry {
    Entry::new(Kind::Decision, at).flag("allowed", false).text("reason", reason).number("count", count)
}

impl Books {
    /// Counts an entry that there is neither room nor a place to wait for.
    fn lost(&self) {
        self.failed.fetch_add(1, Ordering::Relaxed);
        if !self.failing.swap(true, Ordering::Relaxed) {
            tracing::error!(
                "the disk does not keep up: what ended while its client hung up is missing on the record; \
                 bulkhead_record_failed_total counts how much"
            );
        }
    }

    /// Counts what became of an entry, and tells the log where that changes.
    fn noticed(&self, appended: Result<(), AppendError>) -> Result<(), AppendError> {
        match &appended {
            Ok(()) => {
                if self.failing.load(Ordering::Relaxed) && self.failing.swap(false, Ordering::Relaxed) {
                    tracing::info!("the record is written again");
                }
            }
            Err(AppendError::Closed) => {}
            Err(error) => {
                self.failed.fetch_add(1, Ordering::Relaxed);
                if !self.failing.swap(true, Ordering::Relaxed) {
                    tracing::error!(%error, "calls are refused until the record can be written; see audit in mcp.yaml");
                }
            }
        }
        appended
    }
}
