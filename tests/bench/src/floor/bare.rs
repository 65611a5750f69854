//! wasmtime alone: a fresh instance of the component and one call of its tool.

use std::{
    fs, thread,
    time::{Duration, Instant},
};

use wasmtime::{
    Config, Enabled, Engine, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig, Store, StoreLimits,
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

/// What is asked of the tool `add`.
pub const ARGUMENTS: &str = r#"{"a":2,"b":3}"#;

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

/// Other than the settings with which a fresh instance costs least.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Departure {
    None,
    /// Pages are not looked for that the guest touched: the lowest are reset.
    NoScan,
    /// No page stays with its slot.
    NothingResident,
    /// Each slot is given back by itself.
    NoBatch,
    /// Every page of the image is written anew.
    NoCopyOnWrite,
    /// Memory is mapped for each instance.
    OnDemand,
    /// Code that is compiled in less time.
    NotOptimised,
}

fn settings(departure: Departure) -> Config {
    let is = |other| departure == other;
    let mut pool = PoolingAllocationConfig::default();
    pool.total_component_instances(64)
        .total_core_instances(256)
        .total_memories(64)
        .total_tables(256)
        .max_memory_size(MEMORY)
        .linear_memory_keep_resident(if is(Departure::NothingResident) { 0 } else { 2 << 20 })
        .table_keep_resident(if is(Departure::NothingResident) { 0 } else { 64 << 10 })
        .decommit_batch_size(if is(Departure::NoBatch) { 1 } else { 16 })
        .pagemap_scan(if is(Departure::NoScan) { Enabled::No } else { Enabled::Auto });
    let mut config = Config::new();
    config
        .epoch_interruption(true)
        .concurrency_support(false)
        .memory_init_cow(!is(Departure::NoCopyOnWrite))
        .cranelift_opt_level(if is(Departure::NotOptimised) { OptLevel::None } else { OptLevel::Speed });
    config.allocation_strategy(if is(Departure::OnDemand) {
        InstanceAllocationStrategy::OnDemand
    } else {
        InstanceAllocationStrategy::Pooling(pool)
    });
    config
}

impl Bare {
    /// At its best settings.
    pub fn new(component: &[u8]) -> Result<Self, Failed> {
        Self::with(component, Departure::None)
    }

    pub fn with(component: &[u8], departure: Departure) -> Result<Self, Failed> {
        let engine = Engine::new(&settings(departure))?;
        let component = Component::new(&engine, component)?;
        let mut linker = Linker::new(&engine);
        types::add_to_linker::<_, HasSelf<State>>(&mut linker, |state| state)?;
        let pre = linker.instantiate_pre(&component)?;
        let indices = ToolIndices::new(&pre)?;
        let ticking = engine.weak();
        thread::spawn(move || {
            while let Some(engine) = ticking.upgrade() {
                engine.increment_epoch();
                drop(engine);
                thread::sleep(TICK);
            }
        });
        Ok(Self { engine, pre, indices, context: context() })
    }

    /// How long it takes to compile `component` at the same settings.
    pub fn compiling(&self, component: &[u8]) -> Result<Duration, Failed> {
        let began = Instant::now();
        Component::new(&self.engine, component)?;
        Ok(began.elapsed())
    }

    /// Nanoseconds of a thread for each call, with so many at once.
    pub fn cost(&self, threads: usize, time: Duration) -> Result<f64, Failed> {
        thread::scope(|scope| {
            let all: Vec<_> = (0..threads).map(|_| scope.spawn(|| self.cost_here(time))).collect();
            let mut sum = 0.0;
            for one in all {
                sum += one.join().map_err(|_| "a thread panicked")??;
            }
            Ok(sum / threads as f64)
        })
    }

    fn cost_here(&self, time: Duration) -> Result<f64, Failed> {
        let warm = Instant::now();
        while warm.elapsed() < time / 5 {
            self.call(ARGUMENTS)?;
        }
        let (began, before, mut calls) = (Instant::now(), spent_by("self")?, 0_u32);
        while began.elapsed() < time {
            self.call(ARGUMENTS)?;
            calls += 1;
        }
        Ok((spent_by("self")? - before) / f64::from(calls))
    }

    /// A fresh instance, one call, and its answer.
    fn call(&self, arguments: &str) -> Result<(), Failed> {
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

/// Processor time of a thread of ours so far, in nanoseconds: its id, or `self`.
pub fn spent_by(thread: &str) -> Result<f64, Failed> {
    let place = if thread == "self" { "thread-self".to_owned() } else { format!("self/task/{thread}") };
    let stat = fs::read_to_string(format!("/proc/{place}/schedstat"))?;
    Ok(stat.split_whitespace().next().ok_or("no schedstat")?.parse()?)
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
