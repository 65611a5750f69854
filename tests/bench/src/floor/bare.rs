//! wasmtime alone: a fresh instance of the component and one call of its tool.

use std::time::Duration;

use wasmtime::{
    Config, Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig, Store, StoreLimits,
    StoreLimitsBuilder,
    component::{Component, HasSelf, InstancePre, Linker},
};

use crate::Failed;

mod bindings {
    wasmtime::component::bindgen!({
        path: "../../wit/0.1.0",
        inline: "
            package bench:bare;
            world tool {
                import bulkhead:plugin/types@0.1.0;
                export bulkhead:plugin/tools@0.1.0;
            }
        ",
        world: "bench:bare/tool",
    });
}

use bindings::{
    ToolIndices,
    bulkhead::plugin::types,
    exports::bulkhead::plugin::tools::{CallContext, ToolReply},
};

/// Often enough to end an endless loop, as every host needs it.
const TICK: Duration = Duration::from_millis(5);
const MEMORY: usize = 64 << 20;

struct State(StoreLimits);

impl types::Host for State {}

/// A component, ready to be instantiated.
pub struct Bare {
    engine: Engine,
    pre: InstancePre<State>,
    indices: ToolIndices,
    context: CallContext,
}

/// The settings with which a fresh instance costs least.
fn best() -> Config {
    let mut pool = PoolingAllocationConfig::default();
    pool.total_component_instances(64)
        .total_core_instances(256)
        .total_memories(64)
        .total_tables(256)
        .max_memory_size(MEMORY)
        .linear_memory_keep_resident(2 << 20)
        .table_keep_resident(64 << 10)
        .decommit_batch_size(16)
        .pagemap_scan(Enabled::Auto);
    let mut config = Config::new();
    config
        .epoch_interruption(true)
        .concurrency_support(false)
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    config
}

impl Bare {
    pub fn new(component: &[u8]) -> Result<Self, Failed> {
        let engine = Engine::new(&best())?;
        let component = Component::new(&engine, component)?;
        let mut linker = Linker::new(&engine);
        types::add_to_linker::<_, HasSelf<State>>(&mut linker, |state| state)?;
        let pre = linker.instantiate_pre(&component)?;
        let indices = ToolIndices::new(&pre)?;
        let ticking = engine.weak();
        std::thread::spawn(move || {
            while let Some(engine) = ticking.upgrade() {
                engine.increment_epoch();
                drop(engine);
                std::thread::sleep(TICK);
            }
        });
        Ok(Self { engine, pre, indices, context: context() })
    }

    /// A fresh instance, one call, and its answer.
    pub fn call(&self, arguments: &str) -> Result<(), Failed> {
        let limits = StoreLimitsBuilder::new().memory_size(MEMORY).build();
        let mut store = Store::new(&self.engine, State(limits));
        store.limiter(|state| &mut state.0);
        store.set_epoch_deadline(1_000_000);
        let instance = self.pre.instantiate(&mut store)?;
        let tool = self.indices.load(&mut store, &instance)?;
        let reply = tool.bulkhead_plugin_tools().call_call(&mut store, &self.context, "add", arguments)?;
        match reply {
            Ok(ToolReply::Done(_)) => Ok(()),
            other => Err(format!("no answer: {other:?}").into()),
        }
    }
}

/// What a call is told at the least.
fn context() -> CallContext {
    CallContext {
        call_id: "0".repeat(24),
        era: types::Era::Modern,
        protocol_version: "2026-07-28".into(),
        client: types::ClientCapabilities {
            elicitation_form: false,
            elicitation_url: false,
            sampling: false,
            sampling_tools: false,
            roots: false,
            tasks: false,
        },
        log_level: None,
        progress: false,
        as_task: false,
        trace: None,
        root: None,
        sampling: None,
        answers: vec![],
        state: None,
        meta: None,
    }
}
