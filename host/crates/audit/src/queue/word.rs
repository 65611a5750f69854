//! What became of a write, for all who wait for it.
//!
//! **Invariant:** whoever waits is woken, whatever becomes of the others. Only
//! one is woken from the writer's thread, which costs a runtime as much as most
//! of an entry does. That one wakes the others, from a thread that goes on with
//! them; if it leaves instead, it wakes them as it leaves. [`PASSING`] bounds
//! how long they depend on it.

use std::{
    sync::{
        Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Waker},
    time::Duration,
};

use crate::AppendError;

/// How long the one who was woken has to wake the others, before the writer
/// does it, or as soon as it is back from its next write. Answers "a caller that
/// is not run, and whose neighbours wait for it".
pub(super) const PASSING: Duration = Duration::from_millis(1);

/// The number of the first entry of a write, or why there is none.
pub(super) type Told = Result<u64, AppendError>;

#[derive(Default)]
pub(super) struct Word {
    told: OnceLock<Told>,
    /// Who waits, each in a place of its own. Bounded by the entries of a write.
    waiting: Mutex<Vec<Option<Waker>>>,
    /// Nobody is left who was not woken.
    passed: AtomicBool,
}

impl Word {
    /// Says that they are on disk, behind `first`, to one who passes it on.
    /// Whether nothing was said before: the first word counts.
    pub(super) fn written(&self, first: u64) -> bool {
        let is_first = self.told.set(Ok(first)).is_ok();
        if is_first {
            let one = self.waiting().iter_mut().find_map(Option::take);
            if let Some(one) = one { one.wake() } else { self.pass_on() }
        }
        is_first
    }

    /// Says that they are not, to everybody.
    pub(super) fn refused(&self, why: AppendError) {
        if self.told.set(Err(why)).is_ok() {
            self.pass_on();
        }
    }

    /// Whether somebody was told and not all who wait are woken.
    pub(super) fn is_passing(&self) -> bool {
        self.told.get().is_some() && !self.passed.load(Ordering::Acquire)
    }

    /// Wakes whoever was not woken.
    pub(super) fn pass_on(&self) {
        if !self.passed.load(Ordering::Acquire) {
            let rest = {
                let mut waiting = self.waiting();
                self.passed.store(true, Ordering::Release);
                std::mem::take(&mut *waiting)
            };
            rest.into_iter().flatten().for_each(Waker::wake);
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<Option<Waker>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One who waits.
#[derive(Default)]
pub(super) struct Place(Option<usize>);

impl Place {
    /// What was said, which then goes on to the others.
    pub(super) fn poll<'w>(&mut self, word: &'w Word, context: &Context<'_>) -> Poll<&'w Told> {
        if word.told.get().is_none() {
            let mut waiting = word.waiting();
            // What is said from here on finds the waker.
            if word.told.get().is_none() {
                let waker = Some(context.waker().clone());
                match self.0.and_then(|place| waiting.get_mut(place)) {
                    Some(before) => *before = waker,
                    None => {
                        self.0 = Some(waiting.len());
                        waiting.push(waker);
                    }
                }
                return Poll::Pending;
            }
        }
        word.pass_on();
        word.told.get().map_or(Poll::Pending, Poll::Ready)
    }

    /// Waits no longer.
    pub(super) fn leave(&mut self, word: &Word) {
        let Some(place) = self.0.take() else { return };
        let mut waiting = word.waiting();
        if word.told.get().is_none() {
            waiting[place] = None;
        } else {
            drop(waiting);
            word.pass_on();
        }
    }
}

#[cfg(test)]
mod tests;
