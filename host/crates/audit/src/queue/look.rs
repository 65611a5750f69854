use std::{
    sync::PoisonError,
    time::{Duration, Instant},
};

use super::{Queue, batch::UnderWay};
use crate::Failure;

/// What looking at the writer shows.
pub(crate) enum Look {
    /// It is to be looked at again after this long.
    Later(Duration),
    /// It has nothing to do.
    Idle,
    /// It has left.
    Left,
}

impl Queue {
    /// Whether the writer is at it for longer than `patience`: then everybody is
    /// told so, also who waits for what it writes.
    pub(crate) fn look(&self, patience: Duration) -> Look {
        let mut state = self.state();
        let Some(busy) = state.busy.filter(|_| !state.left) else {
            return if state.left { Look::Left } else { Look::Idle };
        };
        let took = busy.elapsed();
        if took < patience {
            return Look::Later(patience - took);
        }
        if state.failure.is_none() {
            let failure = Failure::stalled(patience);
            // Nobody is let in before the writer is back, so that its room is nobody's memory.
            if let Some(under_way) = &mut state.under_way {
                self.room.add_permits(under_way.give_up(&failure));
            }
            self.fail_all(state, &failure);
        }
        Look::Later(patience)
    }

    /// Waits until the writer is to be looked at again; false once it has left.
    pub(crate) fn wait(&self, look: &Look) -> bool {
        let mut state = self.state();
        match look {
            Look::Left => return false,
            Look::Later(after) => drop(self.look.wait_timeout_while(state, *after, |state| !state.left)),
            Look::Idle => {
                state.unwatched = state.busy.is_none();
                drop(self.look.wait_while(state, |state| state.unwatched && !state.left));
            }
        }
        true
    }

    /// Waits for the writer to leave. How many entries it has not written, if it
    /// has been at one thing for `patience`, or does not leave within that.
    pub(crate) fn wait_left(&self, patience: Duration) -> Result<(), usize> {
        let mut state = self.state();
        let last = Instant::now() + patience;
        while !state.left {
            let until = state.busy.map_or(last, |busy| last.min(busy + patience));
            let rest = until.saturating_duration_since(Instant::now());
            if rest.is_zero() {
                return Err(state.batch.len() + state.under_way.as_ref().map_or(0, UnderWay::entries));
            }
            state = self.look.wait_timeout(state, rest).unwrap_or_else(PoisonError::into_inner).0;
        }
        Ok(())
    }

    /// There is no writer any more.
    pub(crate) fn leave(&self) {
        self.state().left = true;
        self.look.notify_all();
    }
}
