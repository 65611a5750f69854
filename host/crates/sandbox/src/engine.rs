//! The engine: what is made once for the whole process.

use std::{fmt, io, path::PathBuf, sync::Arc, thread};

use bulkhead_base::{ByteSize, Redacted};
use bulkhead_net::Dialler;
use bulkhead_state::Store;
use tokio::{runtime::Handle, sync::Semaphore};

use crate::{
    Workspaces, cache::Cache, code::Compiler, gate::Gate, guests::Guests, linker, pace::Quiet, remembered::Remembered,
    settings, ticker, warm::MOST_WAITING,
};

/// Places in the pool that no call is let in to: an instance that is being
/// torn down still has its own.
const SPARE_PLACES: u32 = 4;

/// How large the engine is.
#[derive(Clone, Debug)]
pub struct EngineOptions {
    /// Most calls at once, of all plugins together. Default 256.
    pub max_instances: u32,
    /// Threads that run guests. Default one for each processor.
    pub guest_threads: usize,
    /// Most memory that any plugin can be granted. Default 1 GiB.
    pub largest_memory: ByteSize,
    /// Where compiled code is kept. Default nowhere: every load compiles.
    pub code_cache: Option<CodeCache>,
    /// Whether functions that were compiled before are kept in memory, for
    /// components that are changed all the time. Default no.
    pub remembers: bool,
}

/// Where compiled code is kept between runs.
#[derive(Clone, Debug)]
pub struct CodeCache {
    /// A folder of its own; made, if need be, for its owner alone.
    pub dir: PathBuf,
    /// What its files are authenticated with. Whoever has it decides what this
    /// host runs.
    pub key: Redacted<[u8; 32]>,
}

impl Default for EngineOptions {
    fn default() -> Self {
        Self {
            max_instances: 256,
            guest_threads: thread::available_parallelism().map_or(2, usize::from),
            largest_memory: ByteSize::mib(1024),
            code_cache: None,
            remembers: false,
        }
    }
}

/// What the sandbox uses of other rooms.
#[derive(Clone)]
pub struct Services {
    /// Makes every connection.
    pub dialler: Dialler,
    /// Holds the plugins' key-value stores; without it, `kv` is denied.
    pub store: Option<Store>,
    /// Folders of roots; without them, workspaces are denied.
    pub workspaces: Option<Arc<Workspaces>>,
    /// The runtime that does I/O: connections that guests asked for live there.
    pub io: Handle,
}

/// Why there is no engine.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// wasmtime refuses the settings, or the machine the address space.
    #[error("cannot set up the sandbox: {0}")]
    Setup(String),
    /// No threads.
    #[error("cannot start the guests' threads")]
    Threads(#[source] io::Error),
    /// The folder of the code cache is not safe to read code from.
    #[error("cannot use {} for compiled code: {reason}", dir.display())]
    Cache { dir: PathBuf, reason: String },
}

/// Compiles and runs plugins.
pub struct Engine {
    pub(crate) compiler: Arc<Compiler>,
    pub(crate) guests: Guests,
    pub(crate) gate: Gate,
    pub(crate) quiet: Quiet,
    /// Places for instances that wait between two calls.
    pub(crate) waiting: Arc<Semaphore>,
    pub(crate) services: Services,
    pub(crate) largest_memory: ByteSize,
}

/// An engine that knows of no other room yet: those may be made meanwhile.
pub struct Walls {
    compiler: Arc<Compiler>,
    guests: Guests,
    gate: Gate,
    largest_memory: ByteSize,
}

impl Walls {
    /// Starts the guests' threads and reserves the pool.
    ///
    /// # Errors
    /// [`EngineError`]
    pub fn new(options: EngineOptions) -> Result<Self, EngineError> {
        let EngineOptions { max_instances, guest_threads, largest_memory, code_cache, remembers } = options;
        let setup = |error: wasmtime::Error| EngineError::Setup(format!("{error:#}"));
        let places = max_instances.saturating_add(SPARE_PLACES + MOST_WAITING);
        let mut settings = settings::serving(places, largest_memory);
        if remembers {
            settings.enable_incremental_compilation(Arc::<Remembered>::default()).map_err(setup)?;
        }
        let wasmtime = wasmtime::Engine::new(&settings).map_err(setup)?;
        let cache = code_cache.map(|cache| Cache::open(cache, &wasmtime)).transpose()?;
        let linker = linker::link(&wasmtime).map_err(setup)?;
        let guests = Guests::start(guest_threads).map_err(EngineError::Threads)?;
        ticker::start(wasmtime.weak()).map_err(EngineError::Threads)?;
        let gate = Gate::new(usize::try_from(max_instances).unwrap_or(usize::MAX));
        let turns = Arc::new(Semaphore::new(guest_threads.max(1)));
        let compiler = Arc::new(Compiler { wasmtime, linker, cache, turns });
        Ok(Self { compiler, guests, gate, largest_memory })
    }

    /// The engine, with what it uses of other rooms.
    #[must_use]
    pub fn into_engine(self, services: Services) -> Engine {
        let Self { compiler, guests, gate, largest_memory } = self;
        let waiting = Arc::new(Semaphore::new(MOST_WAITING as usize));
        Engine { compiler, guests, gate, quiet: Quiet::default(), waiting, services, largest_memory }
    }
}

impl Engine {
    /// Starts the guests' threads and reserves the pool.
    ///
    /// # Errors
    /// [`EngineError`]
    pub fn new(options: EngineOptions, services: Services) -> Result<Self, EngineError> {
        Ok(Walls::new(options)?.into_engine(services))
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("gate", &self.gate).finish_non_exhaustive()
    }
}
