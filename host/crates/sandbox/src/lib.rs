//! The walls: the only user of wasmtime.
//!
//! A [`Engine`] turns a [`GrantedPlugin`](bulkhead_policy::GrantedPlugin) into
//! a [`CompiledPlugin`] once, and runs one call at a time in an instance that
//! nobody ran in before ([`Engine::invoke`]). What a call may touch is decided
//! by grants that were resolved at load; every supported interface is linked
//! for everybody and denies at the call.
//!
//! **Invariants**
//! - A call ends: by itself, by its processor time, by its wall-clock time, or
//!   because its caller let go of it.
//! - A trap, a limit or a forged answer costs its own call and nothing else.
//! - Compiled code comes from this process or from a cache file whose MAC this
//!   host wrote; no other bytes become machine code.
//! - Guests run on threads of their own that do nobody else's I/O, but for a short
//!   call that is the only one: it runs where it is asked for, for two ticks at most.
//!
//! Absent on purpose: text for clients, MCP's method names, and any way to
//! compile what is not a granted plugin (but see [`describe`], which runs in a
//! process of its own).

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking"))]

pub mod answer;
mod bindings;
mod cache;
mod call;
mod capability;
mod code;
mod compile;
mod cpu;
mod describe;
mod engine;
mod exports;
mod failure;
mod folders;
mod foreign;
mod gate;
mod grounds;
mod guests;
mod imports;
mod invoke;
mod limits;
mod linker;
mod pace;
mod priority;
mod remembered;
mod report;
mod settings;
mod state;
mod ticker;
mod warm;
mod weigh;
mod workspaces;

pub use bulkhead_base::undefended;
pub use call::{Ask, Call};
pub use code::Source as FileSource;
pub use compile::{CompileError, CompiledPlugin, Uncompiled};
pub use describe::{Author, DescribeError, describe};
pub use engine::{CodeCache, Engine, EngineError, EngineOptions, Services, Walls};
pub use exports::Exports;
pub use failure::Failure;
pub use folders::{FileFacts, Folder, Found};
pub use foreign::{ForeignError, echo};
pub use imports::unsupported;
pub use priority::give_way;
pub use report::{
    Capability, Denial, ItemKind, LogLine, Printed, Progress, Report, ReportReceiver, ReportSender, Source, Spent,
};
pub use weigh::Weigh;
pub use workspaces::{Strays, Workspaces};
