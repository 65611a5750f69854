//! Between those who append and the thread that writes.
//!
//! **Invariant:** what is queued is bounded, and whoever finds the queue full
//! waits; whoever waits for an entry is told what became of exactly that write,
//! or that it takes too long (see [`crate::watch`]).

mod batch;
mod look;
mod state;
mod word;

use std::{
    io,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::{Semaphore, SemaphorePermit, TryAcquireError};

use crate::{AppendError, ENTRY_BYTES, Failure, Mode, folder::SegmentName};

pub(crate) use batch::{Batch, Receipt};
use state::{Passing, State, Wake};
use word::PASSING;

/// Bytes that are queued or being written. Answers "calls come faster than the
/// disk takes them".
const QUEUE_BYTES: u32 = 8 << 20;
/// What an entry counts for at least, so that small ones are bounded in number:
/// there are at most 8,192 of them in one write.
const LEAST_WEIGHT: u32 = 1 << 10;
/// How long a batch is collected where nobody waits for the disk: with the time
/// of the write, it is on disk within 100 ms.
const LINGER: Duration = Duration::from_millis(50);
/// Most entries of one write.
pub(crate) const MOST_ENTRIES: usize = (QUEUE_BYTES / LEAST_WEIGHT) as usize;

/// What the writer finds to do.
pub(crate) enum Work {
    Batch(Batch),
    /// Nothing, for as long as it wanted to wait.
    Nothing,
    Close,
}

/// Room for an entry, given back when dropped.
pub(crate) type Room<'q> = SemaphorePermit<'q>;

pub(crate) struct Queue {
    state: Mutex<State>,
    /// For the writer.
    wake: Condvar,
    /// For those who look at the writer.
    look: Condvar,
    room: Semaphore,
    linger: Duration,
}

impl Queue {
    pub(crate) fn new(mode: Mode) -> Self {
        let linger = if mode == Mode::Batch { LINGER } else { Duration::ZERO };
        let (wake, look, room) = (Condvar::new(), Condvar::new(), Semaphore::new(QUEUE_BYTES as usize));
        Self { state: Mutex::default(), wake, look, room, linger }
    }

    /// Room for an entry, if there is any now.
    pub(crate) fn room_now(&self, entry: &[u8]) -> Result<Option<Room<'_>>, AppendError> {
        match self.room.try_acquire_many(weight(entry)?) {
            Ok(room) => Ok(Some(room)),
            Err(TryAcquireError::NoPermits) => Ok(None),
            Err(TryAcquireError::Closed) => Err(AppendError::Closed),
        }
    }

    /// Waits for room for an entry, unless nothing is written at present.
    pub(crate) async fn room(&self, entry: &[u8]) -> Result<Room<'_>, AppendError> {
        self.refuse(&self.state())?;
        self.room.acquire_many(weight(entry)?).await.map_err(|_| AppendError::Closed)
    }

    /// Queues an entry that there is `room` for. `urgent`: somebody will wait for it.
    pub(crate) fn push(&self, entry: &[u8], room: Room<'_>, urgent: bool) -> Result<Receipt, AppendError> {
        let receipt = self.enqueue(entry, weight(entry)?, urgent)?;
        // The writer gives it back.
        room.forget();
        Ok(receipt)
    }

    /// Queues an entry if there is room for it now, which nobody waits for.
    pub(crate) fn try_push(&self, entry: &[u8]) -> Result<bool, AppendError> {
        self.refuse(&self.state())?;
        let Some(room) = self.room_now(entry)? else { return Ok(false) };
        self.push(entry, room, false).map(|_| true)
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
        let receipt = state.batch.push(entry, weight);
        state.urgent |= urgent;
        if state.since.is_none() {
            state.since = Some(Instant::now());
        }
        // A writer that is at work looks again before it waits.
        let wakes = state.waits.is_some_and(|waits| state.wake(self.linger) < waits);
        if wakes {
            state.waits = Some(Wake::Now);
            drop(state);
            self.wake.notify_one();
        }
        Ok(receipt)
    }

    /// Waits for a batch, at most for `patience`.
    pub(crate) fn take(&self, patience: Option<Duration>) -> Work {
        let until = patience.map(|patience| Instant::now() + patience);
        let mut state = self.state();
        state.busy = None;
        loop {
            let now = Instant::now();
            if let Some((word, _)) = state.passing.take_if(|(word, until)| *until <= now || !word.is_passing()) {
                drop(state);
                word.pass_on();
                state = self.state();
                continue;
            }
            let wake = state.wake(self.linger);
            if wake <= Wake::At(now) {
                return self.begin(state, Self::batch);
            }
            if state.since.is_none() && state.closing {
                return self.begin(state, |_| Work::Close);
            }
            if until.is_some_and(|until| until <= now) {
                return self.begin(state, |_| Work::Nothing);
            }
            let passing = state.passing.as_ref().map(|(_, until)| *until);
            let times = [until, passing].into_iter().flatten().map(Wake::At);
            state = self.wait_until(state, times.fold(wake, Wake::min), now);
        }
    }

    /// Waits until `wake`, or for whoever wants it sooner.
    fn wait_until<'q>(&'q self, mut state: MutexGuard<'q, State>, wake: Wake, now: Instant) -> MutexGuard<'q, State> {
        state.waits = Some(wake);
        let mut state = match wake {
            Wake::Now => state,
            Wake::At(time) => self.wake.wait_timeout(state, time - now).unwrap_or_else(PoisonError::into_inner).0,
            Wake::Never => self.wake.wait(state).unwrap_or_else(PoisonError::into_inner),
        };
        state.waits = None;
        state
    }

    /// The writer has something to do, and is looked at from now on.
    fn begin(&self, mut state: MutexGuard<'_, State>, work: fn(&mut State) -> Work) -> Work {
        let work = work(&mut state);
        state.busy = Some(Instant::now());
        if std::mem::take(&mut state.unwatched) {
            self.look.notify_all();
        }
        work
    }

    fn batch(state: &mut State) -> Work {
        let batch = state.swap();
        state.under_way = Some(batch.under_way());
        Work::Batch(batch)
    }

    /// A batch is done with, and its write `took` so long: its room is free
    /// again, and so is its memory.
    pub(crate) fn give_back(&self, batch: Batch, took: Duration) {
        let mut state = self.state();
        let weight = state.under_way.take().map_or(0, |under_way| under_way.weight());
        let now = Instant::now();
        state.busy = state.busy.map(|_| now);
        state.expect(batch.len(), took, now);
        let before = std::mem::replace(&mut state.passing, batch.passing().map(|word| (word, now + PASSING)));
        state.spare = batch.into_memory();
        drop(state);
        pass_on(before);
        self.room.add_permits(weight);
    }

    /// From now on everybody is told of `failure`, also who waits.
    pub(crate) fn fail(&self, failure: &Failure) {
        let state = self.state();
        self.fail_all(state, failure);
    }

    fn fail_all(&self, mut state: MutexGuard<'_, State>, failure: &Failure) {
        state.failure = Some(failure.clone());
        let batch = state.swap();
        state.lost += batch.len();
        let passing = state.passing.take();
        drop(state);
        pass_on(passing);
        batch.failed(failure);
        self.room.add_permits(batch.weight() as usize);
    }

    /// Entries of a write that failed are not on the record.
    pub(crate) fn lose(&self, entries: usize) {
        self.state().lost += entries;
    }

    pub(crate) fn lost(&self) -> usize {
        self.state().lost
    }

    pub(crate) fn heal(&self) {
        let mut state = self.state();
        (state.failure, state.lost) = (None, 0);
    }

    pub(crate) fn failure(&self) -> Option<Failure> {
        self.state().failure.clone()
    }

    /// Notes that a segment is kept because it was altered.
    pub(crate) fn keep(&self, altered: SegmentName) {
        self.state().kept = Some(altered);
    }

    pub(crate) fn keeps(&self, altered: SegmentName) -> bool {
        self.state().kept == Some(altered)
    }

    pub(crate) fn kept(&self) -> Option<String> {
        self.state().kept.map(|name| name.to_string())
    }

    /// Takes no further entry. What is queued is still written.
    pub(crate) fn close(&self) {
        self.state().closing = true;
        self.room.close();
        self.wake.notify_one();
    }

    /// There is no writer any more: who still waits is told so.
    pub(crate) fn end(&self) {
        let passing = {
            let mut state = self.state();
            state.under_way = None;
            if !state.closing {
                state.failure = Some(io::Error::other("the thread that writes has ended").into());
            }
            state.passing.take()
        };
        // Nobody else wakes those whom the one did not that was woken.
        pass_on(passing);
        self.close();
        drop(self.state().swap());
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Wakes those whom the one who was woken has not.
fn pass_on(passing: Option<Passing>) {
    if let Some((word, _)) = passing {
        word.pass_on();
    }
}

/// What an entry counts for.
fn weight(entry: &[u8]) -> Result<u32, AppendError> {
    let bytes = u32::try_from(entry.len()).ok().filter(|bytes| u64::from(*bytes) <= ENTRY_BYTES.get());
    Ok(bytes.ok_or(AppendError::TOO_LARGE)?.max(LEAST_WEIGHT))
}
