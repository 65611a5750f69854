//! `wasi:clocks`: in steps of a millisecond unless granted finer.

use std::time::{Duration, Instant, SystemTime};

use async_trait::async_trait;
use wasmtime::{
    Result,
    component::{HasSelf, Linker, Resource},
};
use wasmtime_wasi::p2::{
    DynPollable, Pollable,
    bindings::clocks::{
        monotonic_clock::{self, Duration as Nanos, Instant as Mark},
        wall_clock::{self, Datetime},
    },
    subscribe,
};

use crate::{
    cpu::nanos,
    state::{CallState, Holding},
    undefended::{Defence, switched_off},
};

/// Step of the clocks: too coarse to tell by a cache miss what another call did.
const STEP: Duration = Duration::from_millis(1);

/// Links both clocks.
pub(crate) fn link(l: &mut Linker<CallState>) -> Result<()> {
    wall_clock::add_to_linker::<_, HasSelf<CallState>>(l, |call| call)?;
    monotonic_clock::add_to_linker::<_, HasSelf<CallState>>(l, |call| call)
}

/// The clocks of one call. The monotonic one begins with its instance, so
/// that it says nothing about how long the machine is up: at one [`STEP`], for
/// to Go's runtime zero is a clock that does not work.
#[derive(Clone, Debug)]
pub(crate) struct Clocks {
    step: Duration,
    began: Instant,
}

impl Clocks {
    pub(crate) fn new(fine: bool) -> Self {
        let now = Instant::now();
        let step = if fine { Duration::from_nanos(1) } else { STEP };
        Self { step, began: now.checked_sub(STEP).unwrap_or(now) }
    }

    fn wall(&self) -> Duration {
        self.floor(SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default())
    }

    fn monotonic(&self) -> u64 {
        if switched_off(Defence::Uptime) {
            let up = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
            return u64::try_from(up.tv_sec).unwrap_or(0).saturating_mul(1_000_000_000);
        }
        nanos(self.floor(self.began.elapsed()))
    }

    fn floor(&self, time: Duration) -> Duration {
        let step = self.step.subsec_nanos().max(1);
        Duration::new(time.as_secs(), time.subsec_nanos() / step * step)
    }
}

fn datetime(time: Duration) -> Datetime {
    Datetime { seconds: time.as_secs(), nanoseconds: time.subsec_nanos() }
}

impl wall_clock::Host for CallState {
    fn now(&mut self) -> Result<Datetime> {
        Ok(datetime(self.clocks.wall()))
    }

    fn resolution(&mut self) -> Result<Datetime> {
        Ok(datetime(self.clocks.step))
    }
}

impl monotonic_clock::Host for CallState {
    fn now(&mut self) -> Result<Mark> {
        Ok(self.clocks.monotonic())
    }

    fn resolution(&mut self) -> Result<Nanos> {
        Ok(nanos(self.clocks.step))
    }

    fn subscribe_instant(&mut self, when: Mark) -> Result<Resource<DynPollable>> {
        let now = nanos(self.clocks.began.elapsed());
        self.timer(Duration::from_nanos(when.saturating_sub(now)))
    }

    fn subscribe_duration(&mut self, span: Nanos) -> Result<Resource<DynPollable>> {
        self.timer(Duration::from_nanos(span))
    }
}

impl CallState {
    fn timer(&mut self, span: Duration) -> Result<Resource<DynPollable>> {
        let holding = self.timers.take(self.grounds().limits.timers, "timers")?;
        // Beyond the call's own end a timer never fires.
        let at = tokio::time::Instant::now().checked_add(span).filter(|at| *at <= self.shared.deadline);
        let timer = Timer { at, is_zero: span.is_zero(), _holding: holding };
        let timer = self.table.push(timer)?;
        subscribe(&mut self.table, timer)
    }
}

/// One timer.
struct Timer {
    at: Option<tokio::time::Instant>,
    /// Ready at once, but not before others have had their turn: a guest that
    /// polls with no timeout would else starve its own sockets.
    is_zero: bool,
    _holding: Holding,
}

#[async_trait]
impl Pollable for Timer {
    async fn ready(&mut self) {
        if std::mem::take(&mut self.is_zero) {
            return tokio::task::yield_now().await;
        }
        match self.at {
            Some(at) => tokio::time::sleep_until(at).await,
            None => std::future::pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coarse_clocks_go_in_steps_and_fine_ones_do_not() {
        let coarse = Clocks::new(false);
        std::thread::sleep(Duration::from_micros(1500));
        assert_eq!(coarse.monotonic() % 1_000_000, 0);
        assert_eq!(coarse.wall().subsec_nanos() % 1_000_000, 0);
        let fine = Clocks::new(true);
        let odd = (0..100).any(|_| {
            std::thread::sleep(Duration::from_nanos(100));
            !fine.monotonic().is_multiple_of(1_000_000)
        });
        assert!(odd);
    }

    #[test]
    fn a_new_clock_is_past_zero_and_has_not_gone_far() {
        for fine in [false, true] {
            let now = Clocks::new(fine).monotonic();
            assert!((nanos(STEP)..nanos(Duration::from_secs(10))).contains(&now), "{now}");
        }
    }
}
