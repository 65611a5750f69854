//! What plugins say, on its way out: every text of every answer and notice goes
//! through here, and what leaves is what comes back.
//!
//! A [`Listener`] hears one plugin in one call. What it reads with a [`Sieve`]
//! comes out as [`Screened`] or [`ScreenedJson`], which nothing else makes and
//! of which alone `render` makes frames: a path that is forgotten does not
//! compile.
//!
//! **Invariants**
//! - What is refused leaves nothing of itself behind, and whoever asked is told
//!   so.
//! - What is found goes into the answer's `_meta`, into what is counted, and,
//!   as an alert, to whoever listens, once for a while.
//! - What raises nothing is not thereby harmless.
//!
//! **Absent:** what is found, and why (`bulkhead-screen`).

mod listener;
mod noted;
mod sieve;

use std::{
    sync::{Arc, LazyLock},
    thread,
};

use bulkhead_screen::{RuleError, Screen};

use crate::admin::Metrics;

pub use listener::{About, Listener};
pub use noted::{Flagged, Noted};
pub use sieve::{Screened, ScreenedJson, Sieve, Unfit};

/// The rules. They take 20 to 40 ms to be made ready, once a process.
static SCREEN: LazyLock<Result<Screen, RuleError>> = LazyLock::new(Screen::standard);

/// What every listener stands on.
#[derive(Clone, Debug)]
pub struct Screening {
    metrics: Arc<Metrics>,
}

impl Screening {
    /// Tells `metrics` what is found.
    #[must_use]
    pub const fn new(metrics: Arc<Metrics>) -> Self {
        Self { metrics }
    }

    /// Begins to make the rules ready, on a thread of its own: whoever has an
    /// answer of a plugin's first waits for the rest of it. For when nobody waits
    /// for the processor any more: they are needed for no listing.
    pub fn prepare() {
        let ready = thread::Builder::new().name("screen".to_owned()).spawn(|| LazyLock::force(&SCREEN).is_ok());
        if let Err(error) = ready {
            tracing::debug!(%error, "the rules are made ready with the first answer");
        }
    }
}

/// A sieve without a plugin, for tests of what is read with one.
#[cfg(test)]
#[must_use]
pub fn sieve() -> Sieve<'static> {
    Sieve::new(LazyLock::force(&SCREEN).as_ref().unwrap().pass(bulkhead_screen::Policy::Flag), &[])
}
