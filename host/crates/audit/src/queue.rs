//! Between those who append and the thread that writes.
//!
//! **Invariant:** what is queued is bounded, and whoever finds the queue full
//! waits; whoever waits for an entry is told what became of exactly that write.

use std::{
    io,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::{Semaphore, TryAcquireError, watch};

use crate::{AppendError, ENTRY_BYTES, Failure, Mode};

/// Bytes that are queued or being written. Answers "calls come faster than the
/// disk takes them".
const QUEUE_BYTES: u32 = 8 << 20;
/// What an entry counts for at least, so that small ones are bounded in number:
/// there are at most 8,192 of them in one write.
const LEAST_WEIGHT: u32 = 1 << 10;
/// A batch of this weight is written without further waiting.
const LARGE: u32 = QUEUE_BYTES / 4;
/// How long a batch is collected where nobody waits for the disk: with the time
/// of the write, it is on disk within 100 ms.
const LINGER: Duration = Duration::from_millis(50);
/// How long a write waits, at most, for those whom the one before let go on:
/// they come back at once if they have more to say, and are then written
/// together with those who came meanwhile. Never more than an eighth of what
/// that write took.
const GATHER: Duration = Duration::from_micros(500);
/// Memory that a batch may keep for the next one.
const KEPT_BYTES: usize = 1 << 20;

/// Most entries of one write.
pub(crate) const MOST_ENTRIES: usize = (QUEUE_BYTES / LEAST_WEIGHT) as usize;

/// What became of a write: the number of its first entry.
type Told = Result<u64, Failure>;

/// Entries that are written together.
pub(crate) struct Batch {
    bytes: Vec<u8>,
    /// Where each entry ends.
    ends: Vec<usize>,
    weight: u32,
    told: watch::Sender<Option<Told>>,
}

impl Batch {
    fn new(bytes: Vec<u8>, ends: Vec<usize>) -> Self {
        Self { bytes, ends, weight: 0, told: watch::Sender::new(None) }
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn entries(&self) -> impl Iterator<Item = &[u8]> {
        let begins = std::iter::once(0).chain(self.ends.iter().copied());
        begins.zip(&self.ends).map(|(begin, end)| &self.bytes[begin..*end])
    }

    pub(crate) fn tell(&self, told: Told) {
        self.told.send_replace(Some(told));
    }

    fn into_memory(mut self) -> (Vec<u8>, Vec<usize>) {
        self.bytes.clear();
        self.bytes.shrink_to(KEPT_BYTES);
        self.ends.clear();
        (self.bytes, self.ends)
    }
}

/// The place of an entry in a batch.
pub(crate) struct Receipt {
    index: u64,
    told: watch::Receiver<Option<Told>>,
}

impl Receipt {
    /// Waits until the entry is on disk; its number.
    pub(crate) async fn durable(mut self) -> Result<u64, AppendError> {
        let told = self.told.wait_for(Option::is_some).await.map_err(|_| AppendError::Closed)?;
        match &*told {
            Some(Ok(first)) => Ok(first + self.index),
            Some(Err(failure)) => Err(AppendError::Failing(failure.clone())),
            None => Err(AppendError::Closed),
        }
    }
}

struct State {
    batch: Batch,
    /// When the first entry of the batch came.
    since: Option<Instant>,
    /// Somebody waits for the disk.
    urgent: bool,
    /// How many there were lately who wait, and until when they are waited for.
    expected: usize,
    gathered: Instant,
    failure: Option<Failure>,
    closing: bool,
    spare: (Vec<u8>, Vec<usize>),
}

/// What the writer finds to do.
pub(crate) enum Work {
    Batch(Batch),
    /// Nothing, for as long as it wanted to wait.
    Nothing,
    Close,
}

pub(crate) struct Queue {
    state: Mutex<State>,
    wake: Condvar,
    room: Semaphore,
    linger: Duration,
}

impl Queue {
    pub(crate) fn new(mode: Mode) -> Self {
        let state = State {
            batch: Batch::new(Vec::new(), Vec::new()),
            since: None,
            urgent: false,
            expected: 0,
            gathered: Instant::now(),
            failure: None,
            closing: false,
            spare: Default::default(),
        };
        let linger = if mode == Mode::Batch { LINGER } else { Duration::ZERO };
        Self { state: Mutex::new(state), wake: Condvar::new(), room: Semaphore::new(QUEUE_BYTES as usize), linger }
    }

    /// Queues an entry, waiting for room. `urgent`: somebody will wait for it.
    pub(crate) async fn push(&self, entry: &[u8], urgent: bool) -> Result<Receipt, AppendError> {
        let weight = weight(entry)?;
        self.refuse(&self.state())?;
        let room = self.room.acquire_many(weight).await.map_err(|_| AppendError::Closed)?;
        let receipt = self.enqueue(entry, weight, urgent)?;
        // The writer gives it back.
        room.forget();
        Ok(receipt)
    }

    /// Queues an entry if there is room for it now, which nobody waits for.
    pub(crate) fn try_push(&self, entry: &[u8]) -> Result<bool, AppendError> {
        let weight = weight(entry)?;
        self.refuse(&self.state())?;
        match self.room.try_acquire_many(weight) {
            Ok(room) => {
                self.enqueue(entry, weight, false)?;
                room.forget();
                Ok(true)
            }
            Err(TryAcquireError::NoPermits) => Ok(false),
            Err(TryAcquireError::Closed) => Err(AppendError::Closed),
        }
    }

    /// Entries that wait for the next write.
    pub(crate) fn len(&self) -> usize {
        self.state().batch.len()
    }

    fn refuse(&self, state: &State) -> Result<(), AppendError> {
        match &state.failure {
            _ if state.closing => Err(AppendError::Closed),
            Some(failure) => Err(AppendError::Failing(failure.clone())),
            None => Ok(()),
        }
    }

    fn enqueue(&self, entry: &[u8], weight: u32, urgent: bool) -> Result<Receipt, AppendError> {
        let mut state = self.state();
        self.refuse(&state)?;
        let batch = &mut state.batch;
        let receipt = Receipt { index: batch.ends.len() as u64, told: batch.told.subscribe() };
        batch.bytes.extend(entry);
        batch.ends.push(batch.bytes.len());
        batch.weight += weight;
        let first = state.since.is_none();
        state.since.get_or_insert_with(Instant::now);
        let hurry = urgent && (!state.urgent || state.batch.len() >= state.expected);
        state.urgent |= urgent;
        if first || hurry || state.batch.weight >= LARGE {
            self.wake.notify_one();
        }
        Ok(receipt)
    }

    /// Waits for a batch, at most for `patience`.
    pub(crate) fn take(&self, patience: Option<Duration>) -> Work {
        let until = patience.map(|patience| Instant::now() + patience);
        let mut state = self.state();
        loop {
            let now = Instant::now();
            let wait = match state.since.map(|since| state.due(since + self.linger)) {
                Some(None) => return Work::Batch(state.swap()),
                Some(Some(due)) if due <= now => return Work::Batch(state.swap()),
                Some(due) => due,
                None if state.closing => return Work::Close,
                None if until.is_some_and(|until| until <= now) => return Work::Nothing,
                None => until,
            };
            state = match wait {
                Some(wait) => self.wake.wait_timeout(state, wait - now).unwrap_or_else(PoisonError::into_inner).0,
                None => self.wake.wait(state).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }

    /// A batch is done with, and its write `took` so long: its room is free
    /// again, and so is its memory.
    pub(crate) fn give_back(&self, batch: Batch, took: Duration) {
        let weight = batch.weight as usize;
        let mut state = self.state();
        state.expected = batch.len() + state.batch.len();
        state.gathered = Instant::now() + GATHER.min(took / 8);
        state.spare = batch.into_memory();
        drop(state);
        self.room.add_permits(weight);
    }

    /// From now on everybody is told of `failure`, also who waits.
    /// How many did.
    pub(crate) fn fail(&self, failure: &Failure) -> usize {
        let batch = {
            let mut state = self.state();
            state.failure = Some(failure.clone());
            state.swap()
        };
        let waited = batch.len();
        batch.tell(Err(failure.clone()));
        self.give_back(batch, Duration::ZERO);
        waited
    }

    pub(crate) fn heal(&self) {
        self.state().failure = None;
    }

    pub(crate) fn failure(&self) -> Option<Failure> {
        self.state().failure.clone()
    }

    /// Takes no further entry. What is queued is still written.
    pub(crate) fn close(&self) {
        self.state().closing = true;
        self.room.close();
        self.wake.notify_one();
    }

    /// There is no writer any more: who still waits is told so.
    pub(crate) fn end(&self) {
        {
            let mut state = self.state();
            if !state.closing {
                state.failure = Some(io::Error::other("the thread that writes has ended").into());
            }
        }
        self.close();
        drop(self.state().swap());
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What an entry counts for.
fn weight(entry: &[u8]) -> Result<u32, AppendError> {
    let bytes = u32::try_from(entry.len()).ok().filter(|bytes| u64::from(*bytes) <= ENTRY_BYTES.get());
    Ok(bytes.ok_or(AppendError::TOO_LARGE)?.max(LEAST_WEIGHT))
}

impl State {
    /// When what is queued is to be written; `None`: now.
    fn due(&self, lingered: Instant) -> Option<Instant> {
        if self.closing || self.batch.weight >= LARGE {
            return None;
        }
        match self.urgent {
            true if self.batch.len() >= self.expected => None,
            true => Some(self.gathered),
            false => Some(lingered),
        }
    }

    fn swap(&mut self) -> Batch {
        let (bytes, ends) = std::mem::take(&mut self.spare);
        self.since = None;
        self.urgent = false;
        std::mem::replace(&mut self.batch, Batch::new(bytes, ends))
    }
}
