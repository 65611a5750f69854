//! How wasmtime is set up.
//!
//! Every setting here was measured; the figures are in `docs/performance.md`.

use bulkhead_base::ByteSize;
use wasmtime::{Config, Enabled, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig, Strategy};

use crate::undefended::{Defence, switched_off};

/// Memory that a slot keeps when its instance is gone: resetting pages that
/// stay is cheaper than giving them back and faulting them in again.
const KEEP_RESIDENT: usize = 2 << 20;

/// The same for an instance's tables and stacks.
const KEEP_RESIDENT_TABLE: usize = 64 << 10;
const KEEP_RESIDENT_STACK: usize = 32 << 10;

/// Slots that are given back to the system at a time.
const DECOMMIT_BATCH: usize = 16;

/// Slots that keep their memory while nobody uses them. Answers "resident
/// memory that grows with every plugin ever called".
const WARM_SLOTS: u32 = 64;

/// Core instances, memories and tables in one component. Answers "a component
/// of ten thousand modules". A Rust, C or Go component has four core instances.
const CORE_INSTANCES_PER_COMPONENT: u32 = 32;
const MEMORIES_PER_COMPONENT: u32 = 4;
const TABLES_PER_COMPONENT: u32 = 32;

/// How many of each an average component takes; beyond it, calls wait.
const CORE_INSTANCES_ON_AVERAGE: u32 = 6;
const MEMORIES_ON_AVERAGE: u32 = 2;
const TABLES_ON_AVERAGE: u32 = 4;

/// Elements of a table: one for each function whose address is taken.
pub(crate) const TABLE_ELEMENTS: usize = 40_000;

/// Deepest stack of guest frames. Answers "recursion without end".
const GUEST_STACK: usize = 1 << 20;

/// The whole stack that a call runs on, host functions included.
const CALL_STACK: usize = 2 << 20;

/// How many times as deep a stack may be: once, in what is shipped.
fn deeper() -> usize {
    if switched_off(Defence::Stack) { 16 } else { 1 }
}

/// What holds for every engine of ours.
fn common() -> Config {
    let mut config = Config::new();
    config
        .wasm_component_model(true)
        .epoch_interruption(true)
        .consume_fuel(false)
        // Guests whose functions are all sync need none of it, and it costs 10 µs a call.
        .concurrency_support(false)
        .cranelift_opt_level(OptLevel::Speed)
        .max_wasm_stack(GUEST_STACK * deeper())
        .async_stack_size(CALL_STACK * deeper());
    config
}

/// The engine that serves: pooled, with copy-on-write images.
///
/// Address space: 4 GiB for each memory slot, that is `instances` × 8 GiB.
/// Reserved, not used.
pub(crate) fn serving(instances: u32, largest_memory: ByteSize) -> Config {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(instances)
        .total_core_instances(instances.saturating_mul(CORE_INSTANCES_ON_AVERAGE))
        .total_memories(instances.saturating_mul(MEMORIES_ON_AVERAGE))
        .total_tables(instances.saturating_mul(TABLES_ON_AVERAGE))
        .total_stacks(instances)
        .max_core_instances_per_component(CORE_INSTANCES_PER_COMPONENT)
        .max_memories_per_component(MEMORIES_PER_COMPONENT)
        .max_tables_per_component(TABLES_PER_COMPONENT)
        .max_memory_size(largest_memory.as_usize())
        .table_elements(TABLE_ELEMENTS)
        .linear_memory_keep_resident(KEEP_RESIDENT)
        .table_keep_resident(KEEP_RESIDENT_TABLE)
        .async_stack_keep_resident(KEEP_RESIDENT_STACK)
        .max_unused_warm_slots(WARM_SLOTS.min(instances))
        .decommit_batch_size(DECOMMIT_BATCH)
        // Where the kernel has no such call, the lowest pages are taken for the used ones.
        .pagemap_scan(Enabled::Auto);
    let mut config = common();
    config
        .memory_init_cow(true)
        .parallel_compilation(true)
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    config
}

/// The engine that describes: one instance, once, in a process of its own.
pub(crate) fn describing(compiler: Strategy) -> Config {
    let mut config = common();
    config
        .strategy(compiler)
        // It runs for milliseconds.
        .cranelift_opt_level(OptLevel::None)
        .parallel_compilation(true)
        .allocation_strategy(InstanceAllocationStrategy::OnDemand);
    config
}
