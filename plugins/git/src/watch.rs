//! Whoever waits for long work.

use crate::error::{GitError, Result};

/// Hears how far the work is, and says whether to go on.
pub trait Watch {
    /// `part` of 1 is done; `doing` says what is done now.
    fn tell(&self, part: f64, doing: &str);

    /// Whether nobody waits any more.
    fn cancelled(&self) -> bool;
}

/// A stretch of the work: from `start` to `end` of 1.
#[derive(Clone, Copy)]
pub(crate) struct Stretch<'a> {
    watch: &'a dyn Watch,
    doing: &'static str,
    start: f64,
    end: f64,
}

/// How many steps pass before somebody is told.
const STEPS: u32 = 256;

impl<'a> Stretch<'a> {
    pub(crate) fn new(watch: &'a dyn Watch, doing: &'static str, start: f64, end: f64) -> Self {
        Self { watch, doing, start, end }
    }

    /// Step `done` of `total` begins.
    ///
    /// # Errors
    /// Nobody waits any more.
    pub(crate) fn step(&self, done: u32, total: u32) -> Result<()> {
        if !done.is_multiple_of(STEPS) {
            return Ok(());
        }
        if self.watch.cancelled() {
            return Err(GitError::failed("the call was cancelled"));
        }
        let part = f64::from(done) / f64::from(total.max(1));
        self.watch.tell(self.start + (self.end - self.start) * part, &format!("{}: {done} of {total}", self.doing));
        Ok(())
    }
}
