//! `wasi:logging/logging`: lines for the caller, from components that know
//! nothing of `bulkhead:plugin/host`. They are that interface's lines, within
//! the same limits.

use wasmtime::{
    Result, StoreContextMut,
    component::{ComponentType, Lift, Linker},
};

use crate::{answer::LogLevel, bindings::bulkhead::plugin::host::Host as _, state::CallState};

/// The interface as it is built against: it has no release yet.
const NAMES: [&str; 2] = ["wasi:logging/logging", "wasi:logging/logging@0.1.0-draft"];

#[derive(Clone, Copy, Debug, ComponentType, Lift)]
#[component(enum)]
#[expect(dead_code, reason = "the engine makes them")]
#[repr(u8)]
enum Level {
    #[component(name = "trace")]
    Trace,
    #[component(name = "debug")]
    Debug,
    #[component(name = "info")]
    Info,
    #[component(name = "warn")]
    Warn,
    #[component(name = "error")]
    Error,
    #[component(name = "critical")]
    Critical,
}

impl From<Level> for LogLevel {
    fn from(level: Level) -> Self {
        match level {
            Level::Trace | Level::Debug => Self::Debug,
            Level::Info => Self::Info,
            Level::Warn => Self::Warning,
            Level::Error => Self::Error,
            Level::Critical => Self::Critical,
        }
    }
}

/// Links it under each of its names.
pub(crate) fn link(l: &mut Linker<CallState>) -> Result<()> {
    NAMES.into_iter().try_for_each(|name| l.instance(name)?.func_wrap("log", log))
}

fn log(mut call: StoreContextMut<'_, CallState>, (level, context, message): (Level, String, String)) -> Result<()> {
    let logger = Some(context).filter(|context| !context.is_empty());
    call.data_mut().log(level.into(), logger, serde_json::Value::from(message).to_string())
}
