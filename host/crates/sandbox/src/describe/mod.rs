//! Asks a component for its contract, while it is packed.
//!
//! **Invariant:** this is the one place where a component runs that nobody has
//! signed, so it runs with nothing: an engine of its own, [`surroundings`] in
//! which there is nothing, a second, 64 MiB. Its caller is a process of its own,
//! without keys.

mod surroundings;

use std::{thread, time::Duration};

use bulkhead_base::ByteSize;
use wasmtime::{
    Engine, Store, Strategy,
    component::{Component, Linker},
};

use crate::{bindings::contract::WithContract, imports::PACKAGE_VERSION, limits::Walls, settings};

/// How long a component may take to describe itself.
const TIME: Duration = Duration::from_secs(1);

/// How much memory it may take.
const MEMORY: ByteSize = ByteSize::mib(64);

/// Longest contract, as longest manifest. Answers "a contract that fills memory".
const CONTRACT_BYTES: usize = 1 << 20;

/// Why a component did not describe itself.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DescribeError {
    /// Not a component.
    #[error("it does not compile: {0}")]
    Component(String),
    /// It has no `contract`: its tools come from its types.
    #[error("it does not export bulkhead:plugin/contract@{PACKAGE_VERSION}")]
    NoContract,
    /// It trapped, called what there is not, or took too long.
    #[error("it did not describe itself: {0}")]
    Failed(String),
    /// The contract is too long.
    #[error("its contract is longer than {CONTRACT_BYTES} bytes")]
    TooLong,
}

/// Whose component describes itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Author {
    /// Whoever asks: it was built here, from source, and is to be told at once.
    Own,
    /// Anybody.
    Stranger,
}

/// The contract that `component` tells, as JSON text which nobody has read yet.
///
/// Blocks. For a process that holds no keys and does nothing else.
///
/// # Errors
/// [`DescribeError`]
pub fn describe(component: &[u8], author: Author) -> Result<String, DescribeError> {
    let broken = |error: wasmtime::Error| DescribeError::Component(format!("{error:#}"));
    let (engine, component) = compile(component, author).map_err(broken)?;
    let name = format!("bulkhead:plugin/contract@{PACKAGE_VERSION}");
    if component.get_export_index(None, name.as_str()).is_none() {
        return Err(DescribeError::NoContract);
    }
    let linker = surroundings::link(&engine, &component).map_err(broken)?;
    let alarm = engine.weak();
    thread::spawn(move || {
        thread::sleep(TIME);
        if let Some(engine) = alarm.upgrade() {
            engine.increment_epoch();
        }
    });
    let failed = |error: wasmtime::Error| DescribeError::Failed(error.root_cause().to_string());
    let contract = ask(&engine, &component, &linker).map_err(failed)?;
    if contract.len() > CONTRACT_BYTES { Err(DescribeError::TooLong) } else { Ok(contract) }
}

/// The quick compiler does not know every instruction; and it is younger, so that
/// nobody else's component is compiled by it.
fn compile(bytes: &[u8], author: Author) -> wasmtime::Result<(Engine, Component)> {
    let by = |compiler| {
        let engine = Engine::new(&settings::describing(compiler))?;
        Component::from_binary(&engine, bytes).map(|component| (engine, component))
    };
    match author {
        Author::Own => by(Strategy::Winch).or_else(|_| by(Strategy::Cranelift)),
        Author::Stranger => by(Strategy::Cranelift),
    }
}

fn ask(engine: &Engine, component: &Component, linker: &Linker<Walls>) -> wasmtime::Result<String> {
    let mut store = Store::new(engine, Walls::new(MEMORY));
    store.limiter(|walls| walls);
    store.set_epoch_deadline(1);
    store.set_hostcall_fuel(2 * CONTRACT_BYTES);
    let instance = WithContract::instantiate(&mut store, component, linker)?;
    instance.bulkhead_plugin_contract().call_describe(&mut store)
}
