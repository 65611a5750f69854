//! The clock that interrupts guests.

use std::{thread, time::Duration};

use wasmtime::EngineWeak;

/// How often a running guest is interrupted: often enough that a cancelled
/// call ends within 50 ms, seldom enough to cost nothing.
pub(crate) const TICK: Duration = Duration::from_millis(5);

/// Ticks on a thread of its own until the engine is gone.
pub(crate) fn start(engine: EngineWeak) -> std::io::Result<()> {
    let tick = move || {
        while let Some(engine) = engine.upgrade() {
            engine.increment_epoch();
            drop(engine);
            thread::sleep(TICK);
        }
    };
    thread::Builder::new().name("guest-ticker".into()).spawn(tick).map(drop)
}
