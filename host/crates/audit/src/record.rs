use std::{
    fmt,
    path::Path,
    pin::pin,
    sync::{Arc, Mutex, PoisonError, atomic::Ordering},
    task::{Context, Poll, Wake, Waker},
    thread::{self, JoinHandle, Thread},
    time::Duration,
};

use crate::{
    AppendError, AuditError, Entry, Failure, Keypair, Left, Mode, Settings,
    copies::{Copies, Place},
    folder::Folder,
    line::RECOVERED,
    queue::{Queue, Receipt},
    recover::{Cut, End, recover},
    segment::Segment,
    watch::{self, Writing},
    writer::{Counters, Tree, Writer},
};

/// How long closing waits for the disk: for what is queued, and for the last
/// copy. Answers "a stop that hangs with the disk".
const LAST_WRITE: Duration = Duration::from_secs(15);

/// A record that is being written. Share it in an `Arc`; dropped, it writes
/// what it has and ends.
pub struct Record {
    mode: Mode,
    queue: Arc<Queue>,
    counters: Arc<Counters>,
    copies: Copies,
    writer: Mutex<Option<JoinHandle<()>>>,
}

/// What a record did since it was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub entries: u64,
    /// Writes to the disk, each of which made one or more entries durable.
    pub writes: u64,
    pub bytes: u64,
}

/// How a record is.
#[derive(Clone, Debug, Default)]
pub struct Health {
    /// Why nothing can be written at present.
    pub failure: Option<Failure>,
    /// Why the checkpoint was not copied to where it should be.
    pub copies: Option<String>,
    /// A segment whose time is over, and that is kept because it is not what was written.
    pub altered: Option<String>,
    /// Entries that wait to be written.
    pub queued: usize,
}

impl Record {
    /// Opens the record in `settings.folder`, or begins one. Blocks on the
    /// disk: the last segment is read.
    ///
    /// # Errors
    /// Others may write there, or do; what is there does not hold, or is the
    /// record of another name or key; the disk does not take the first lines.
    pub fn open(settings: Settings, signer: Keypair) -> Result<Self, AuditError> {
        let folder = Folder::take(&settings.folder)?;
        let places = Place::all(&settings);
        let (end, cut) = recover(&settings, signer.public())?;
        let (segment, tree) = match end {
            Some(end) => reopen(folder.path(), end)?,
            None => (None, Tree::default()),
        };
        let copies = Copies::start(places)?;
        let (queue, counters) = (Arc::new(Queue::new(settings.mode)), Arc::<Counters>::default());
        let mode = settings.mode;
        let mut writer = Writer {
            folder,
            settings,
            signer,
            queue: queue.clone(),
            counters: counters.clone(),
            copies: copies.clone(),
            segment,
            tree,
            lines: Vec::new(),
            late: 0,
        };
        begin(&mut writer, cut)?;
        watch::start(queue.clone(), &writer.settings)?;
        let writing = Writing(queue.clone());
        let thread = thread::Builder::new().name("record".to_owned());
        let write = move || {
            let _writing = writing;
            writer.run();
        };
        let thread = thread.spawn(write).map_err(AuditError::Thread)?;
        Ok(Self { mode, queue, counters, copies, writer: Mutex::new(Some(thread)) })
    }

    /// Puts an entry on the record. Under [`Mode::Record`] it is on disk when
    /// this returns, under [`Mode::Batch`] within 100 ms. Waits while the queue
    /// is full, but no longer than [`Settings::stall`] for a disk that hangs.
    /// Given up while waiting, the entry may be on the record or not.
    ///
    /// # Errors
    /// The entry is not on the record, or, if the disk hung, not for sure:
    /// whatever it was to say must not go on.
    pub async fn append(&self, entry: Entry) -> Result<(), AppendError> {
        self.append_or(entry, drop).await
    }

    /// [`append`](Self::append); given up before there was room for the entry, it
    /// is handed to `rest`.
    ///
    /// # Errors
    /// As for [`append`](Self::append).
    pub async fn append_or(&self, entry: Entry, rest: impl FnOnce(Entry)) -> Result<(), AppendError> {
        let durable = self.mode == Mode::Record;
        let receipt = self.queue_or(entry, durable, rest).await?;
        if durable { receipt.await.map(drop) } else { Ok(()) }
    }

    /// Puts an entry on the record and waits until it is on disk, whatever the
    /// mode. Its sequence number.
    ///
    /// # Errors
    /// As for [`append`](Self::append).
    pub async fn append_durably(&self, entry: Entry) -> Result<u64, AppendError> {
        self.queue_or(entry, true, drop).await?.await
    }

    async fn queue_or(&self, entry: Entry, urgent: bool, rest: impl FnOnce(Entry)) -> Result<Receipt, AppendError> {
        let bytes = entry.finish();
        if let Some(room) = self.queue.room_now(&bytes)? {
            return self.queue.push(&bytes, room, urgent);
        }
        let mut waiting = Unqueued(Some((bytes, rest)));
        let room = match waiting.bytes() {
            Some(bytes) => self.queue.room(bytes).await,
            None => return Err(AppendError::Closed),
        };
        let bytes = waiting.queued();
        self.queue.push(&bytes, room?, urgent)
    }

    /// [`append_durably`](Self::append_durably) for a thread that may block.
    ///
    /// # Errors
    /// As for [`append`](Self::append).
    pub fn append_blocking(&self, entry: Entry) -> Result<u64, AppendError> {
        block_on(self.append_durably(entry))
    }

    /// Puts an entry on the record without waiting: it is on disk within 100 ms,
    /// whatever the mode. The entry back, if there is no room for it right now.
    ///
    /// # Errors
    /// As for [`append`](Self::append).
    pub fn offer(&self, entry: Entry) -> Result<Option<Entry>, AppendError> {
        let bytes = entry.finish();
        Ok(if self.queue.try_push(&bytes)? { None } else { Some(Entry::unfinished(bytes)) })
    }

    /// What was written since it was opened.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let Counters { entries, writes, bytes } = &*self.counters;
        let [entries, writes, bytes] = [entries, writes, bytes].map(|count| count.load(Ordering::Relaxed));
        Counts { entries, writes, bytes }
    }

    /// Whether it can be written, and its checkpoints copied.
    #[must_use]
    pub fn health(&self) -> Health {
        let (failure, altered, queued) = (self.queue.failure(), self.queue.kept(), self.queue.len());
        Health { failure, copies: self.copies.trouble(), altered, queued }
    }

    /// Writes what is queued, copies the last checkpoint and ends. Blocks, but
    /// not for ever. Whoever appends after that is told that the record is closed.
    ///
    /// # Errors
    /// The disk hangs, and not everything was written.
    pub fn close(&self) -> Result<(), Left> {
        self.close_within(LAST_WRITE)
    }

    pub(crate) fn close_within(&self, patience: Duration) -> Result<(), Left> {
        self.queue.close();
        self.queue.wait_left(patience).map_err(|entries| Left { entries, patience })?;
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        // A writer that panicked told everybody by its absence.
        let _ = writer.map(JoinHandle::join);
        Ok(())
    }
}

/// An entry that waits for room.
struct Unqueued<F: FnOnce(Entry)>(Option<(Vec<u8>, F)>);

impl<F: FnOnce(Entry)> Unqueued<F> {
    fn bytes(&self) -> Option<&[u8]> {
        self.0.as_ref().map(|(bytes, _)| bytes.as_slice())
    }

    /// It waits no longer.
    fn queued(&mut self) -> Vec<u8> {
        self.0.take().map(|(bytes, _)| bytes).unwrap_or_default()
    }
}

impl<F: FnOnce(Entry)> Drop for Unqueued<F> {
    fn drop(&mut self) {
        if let Some((bytes, rest)) = self.0.take() {
            rest(Entry::unfinished(bytes));
        }
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        let _ = self.close();
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record").field("mode", &self.mode).field("counts", &self.counts()).finish_non_exhaustive()
    }
}

fn reopen(folder: &Path, end: End) -> Result<(Option<Segment>, Tree), AuditError> {
    let path = end.segment.path(folder);
    let segment = Segment::open(end.segment, path.clone(), end.day, end.length).map_err(AuditError::file(path))?;
    Ok((Some(segment), end.tree))
}

/// The first write: the head of a new record, or what was cut off an old one.
/// A disk that takes nothing is found now.
fn begin(writer: &mut Writer, cut: Option<Cut>) -> Result<(), AuditError> {
    let now = writer.settings.clock.now();
    let recovered = cut.map(|cut| {
        let entry = Entry::of(RECOVERED, now).number("bytes", cut.bytes).digest("digest", &cut.digest);
        entry.finish()
    });
    if recovered.is_some() || writer.segment.is_none() {
        let written = writer.commit(recovered.iter().map(Vec::as_slice));
        written.map_err(AuditError::file(writer.folder.path()))?;
    }
    writer.turn().map_err(AuditError::file(writer.folder.path()))?;
    writer.retire();
    match writer.queue.failure() {
        Some(failure) => Err(AuditError::File {
            path: writer.folder.path().into(),
            source: std::io::Error::other(failure.to_string()),
        }),
        None => Ok(()),
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

fn block_on<F: Future>(future: F) -> F::Output {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let (mut future, mut context) = (pin!(future), Context::from_waker(&waker));
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}
