//! How long a call may go on, and who is told meanwhile.

use std::time::{Duration, Instant};

use bulkhead_sdk::{Context, Error, Result};

use crate::limits::FILES_PER_LOOK;

/// Looks at the clock and the caller every few files.
#[derive(Debug)]
pub struct Pace<'a> {
    ctx: &'a Context,
    started: Instant,
    most: Duration,
    files: usize,
}

impl<'a> Pace<'a> {
    /// Begins now and goes on for `most`.
    pub fn new(ctx: &'a Context, most: Duration) -> Self {
        Self { ctx, started: Instant::now(), most, files: 0 }
    }

    /// How many files were counted.
    pub fn files(&self) -> usize {
        self.files
    }

    /// Counts a file that is done. Answers whether there is time for another.
    ///
    /// # Errors
    /// The caller has given up.
    pub fn step(&mut self, path: &str) -> Result<bool> {
        self.files += 1;
        if !self.files.is_multiple_of(FILES_PER_LOOK) {
            return Ok(true);
        }
        if self.ctx.cancelled() {
            return Err(Error::failed("stopped: the caller has given up"));
        }
        // A count of files is far below what a f64 holds exactly.
        let files = u32::try_from(self.files).unwrap_or(u32::MAX);
        self.ctx.progress(f64::from(files), None, path);
        Ok(self.started.elapsed() < self.most)
    }
}
