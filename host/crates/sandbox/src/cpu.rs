//! Processor time of one call.
//!
//! A call is polled many times, on whichever guest thread is free; between two
//! polls it waits. Only what is spent inside polls counts.

use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    task::{Context, Poll, Waker},
    time::{Duration, Instant},
};

use crate::ticker::TICK;

/// What a call may still compute. Read and written by one thread at a time:
/// the one that polls.
#[derive(Debug)]
pub(crate) struct Budget {
    limit: u64,
    /// Spent in polls that are over, in nanoseconds.
    spent: AtomicU64,
    /// The thread's own clock when this poll began; [`FIRST`] in a call's first poll.
    began: AtomicU64,
    /// Whether the thread that polls is lent.
    lent: AtomicBool,
    /// Whether it was taken back.
    overran: AtomicBool,
}

/// What a guest does that a tick has interrupted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// It goes on at once.
    GoesOn,
    /// It lets others have the thread.
    Yields,
    /// It ends: its time is up.
    Ends,
}

/// Processor time between two ticks for which a guest may go on that has a
/// thread lent. Less, and the thread was kept from running by others.
const LONG: Duration = Duration::from_millis(2);

/// Most calls are over within one poll. Its clock is not read: what it spends
/// before its first interruption is at most a tick, and is counted as such.
const FIRST: u64 = u64::MAX;

impl Budget {
    pub(crate) fn new(limit: Duration) -> Arc<Self> {
        let limit = u64::try_from(limit.as_nanos()).unwrap_or(u64::MAX);
        let (spent, began) = (AtomicU64::new(0), AtomicU64::new(FIRST));
        Arc::new(Self { limit, spent, began, lent: AtomicBool::new(false), overran: AtomicBool::new(false) })
    }

    /// What the guest does that a tick interrupts. Called by the thread that polls.
    pub(crate) fn at_tick(&self) -> Turn {
        let here = self.clocked();
        if self.spent.load(Relaxed).saturating_add(here) > self.limit {
            Turn::Ends
        } else if !self.lent.load(Relaxed) {
            Turn::Yields
        } else if here < nanos(LONG) {
            Turn::GoesOn
        } else {
            self.overran.store(true, Relaxed);
            Turn::Yields
        }
    }

    /// What this poll has spent by the thread's clock, which runs from the first
    /// tick on if this is the call's first poll.
    fn clocked(&self) -> u64 {
        let now = thread_clock();
        let began = self.began.load(Relaxed);
        if began != FIRST {
            return now.saturating_sub(began);
        }
        self.began.store(now, Relaxed);
        self.add(nanos(TICK));
        0
    }

    /// What was spent so far. Called by the thread that polls.
    pub(crate) fn so_far(&self) -> Duration {
        let now = match self.began.load(Relaxed) {
            FIRST => 0,
            began => thread_clock().saturating_sub(began),
        };
        Duration::from_nanos(self.spent.load(Relaxed).saturating_add(now))
    }

    fn add(&self, nanos: u64) {
        self.spent.store(self.spent.load(Relaxed).saturating_add(nanos), Relaxed);
    }
}

pub(crate) fn nanos(span: Duration) -> u64 {
    u64::try_from(span.as_nanos()).unwrap_or(u64::MAX)
}

/// A future whose polls are charged to a budget.
pub(crate) struct Metered<F> {
    call: Pin<Box<F>>,
    budget: Arc<Budget>,
    first: bool,
}

impl<F: Future> Metered<F> {
    pub(crate) fn new(call: F, budget: Arc<Budget>) -> Self {
        Self { call: Box::pin(call), budget, first: true }
    }

    /// Polls it on a thread that is lent. Whoever does not get its answer polls it elsewhere.
    pub(crate) fn poll_lent(&mut self) -> (Poll<F::Output>, Loan) {
        let began = Instant::now();
        self.budget.lent.store(true, Relaxed);
        let result = Pin::new(&mut *self).poll(&mut Context::from_waker(Waker::noop()));
        self.budget.lent.store(false, Relaxed);
        (result, Loan { took: began.elapsed(), overran: self.budget.overran.load(Relaxed) })
    }
}

/// How a thread was used that was lent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Loan {
    pub(crate) took: Duration,
    /// Whether it had to be taken back.
    pub(crate) overran: bool,
}

impl<F: Future> Future for Metered<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let wall = Instant::now();
        let first = std::mem::take(&mut self.first);
        self.budget.began.store(if first { FIRST } else { thread_clock() }, Relaxed);
        let result = self.call.as_mut().poll(context);
        if result.is_pending() {
            match self.budget.began.load(Relaxed) {
                FIRST => self.budget.add(nanos(wall.elapsed().min(TICK))),
                began => self.budget.add(thread_clock().saturating_sub(began)),
            }
        }
        result
    }
}

/// Processor time of the calling thread.
#[cfg(unix)]
fn thread_clock() -> u64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    seconds.saturating_mul(1_000_000_000).saturating_add(u64::try_from(time.tv_nsec).unwrap_or(0))
}

/// Where a thread has no clock, wall-clock time stands in: a guest is then
/// charged for the time that its thread waits for a processor.
#[cfg(not(unix))]
fn thread_clock() -> u64 {
    static START: std::sync::LazyLock<Instant> = std::sync::LazyLock::new(Instant::now);
    nanos(START.elapsed())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spin(span: Duration) {
        let start = thread_clock();
        while thread_clock() - start < nanos(span) {
            std::hint::spin_loop();
        }
    }

    #[tokio::test]
    async fn computing_is_charged_and_waiting_is_not() {
        let budget = Budget::new(Duration::from_millis(60));
        let shared = Arc::clone(&budget);
        let call = async move {
            tokio::time::sleep(Duration::from_millis(100)).await;
            assert!(shared.at_tick() != Turn::Ends, "waiting was charged");
            spin(Duration::from_millis(40));
            tokio::task::yield_now().await;
            // The first poll counts as a tick at most, however long its thread was kept from running.
            assert!(shared.at_tick() != Turn::Ends);
            spin(Duration::from_millis(40));
            shared.at_tick() == Turn::Ends
        };
        assert!(Metered::new(call, budget).await);
    }

    #[tokio::test]
    async fn the_first_poll_is_charged_from_its_first_interruption_on() {
        let budget = Budget::new(Duration::from_millis(30));
        let shared = Arc::clone(&budget);
        let call = async move {
            assert!(shared.at_tick() != Turn::Ends, "a tick was charged");
            spin(Duration::from_millis(40));
            shared.at_tick() == Turn::Ends
        };
        assert!(Metered::new(call, budget).await);
    }

    #[test]
    fn a_thread_that_is_lent_is_taken_back_from_who_computes_on() {
        let budget = Budget::new(Duration::from_secs(60));
        let shared = Arc::clone(&budget);
        let call = std::future::poll_fn(move |_| {
            assert_eq!(shared.at_tick(), Turn::GoesOn, "a tick may come at any time");
            assert_eq!(shared.at_tick(), Turn::GoesOn, "the thread was kept from running in between");
            spin(2 * LONG);
            assert_eq!(shared.at_tick(), Turn::Yields);
            Poll::<()>::Pending
        });
        let (polled, loan) = Metered::new(call, Arc::clone(&budget)).poll_lent();
        assert!(polled.is_pending() && loan.overran && loan.took >= 2 * LONG);
        assert_eq!(budget.at_tick(), Turn::Yields, "elsewhere every tick is a turn");
    }
}
