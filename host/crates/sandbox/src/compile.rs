//! From a granted plugin to one that can be called.

use std::{fmt, io, path::PathBuf, sync::Arc};

use bulkhead_base::{ByteSize, Digest, PluginName};
use bulkhead_policy::GrantedPlugin;
use wasmtime::component::{Component, InstancePre};

use crate::{
    Engine, Exports, exports::Indices, gate::Gate, grounds::Grounds, imports, pace::Pace, state::CallState, warm::Warm,
};

const WASM_PAGE: u64 = 64 << 10;

/// Why a plugin cannot be loaded. For the operator.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CompileError {
    /// Not a component, or one that uses what is switched off.
    #[error("it does not compile: {0}")]
    Component(String),
    /// It wants something that nobody is given.
    #[error("it imports {name}, which this host does not have. Supported: {supported}")]
    UnknownImport { name: String, supported: String },
    /// It imports a known interface with other types.
    #[error("an import has another type here: {0}")]
    BadImport(String),
    /// An export has our name and another type.
    #[error("its export {name} has another type: {reason}")]
    BadExport { name: String, reason: String },
    /// It needs more memory to begin with than it is given.
    #[error("it needs {needed} of memory to start and is given {given}: raise limits.memory")]
    Memory { needed: ByteSize, given: ByteSize },
    /// It is given more memory than the engine can give.
    #[error("limits.memory is {given}, and no plugin here can have more than {largest}")]
    TooMuchMemory { given: ByteSize, largest: ByteSize },
    /// A granted folder cannot be opened.
    #[error("cannot mount {}", path.display())]
    Mount { path: PathBuf, source: io::Error },
}

/// A plugin that can be called: compiled, linked, type-checked, its folders
/// open. A call takes an instance of it: a fresh one, unless the operator chose
/// otherwise.
pub struct CompiledPlugin {
    granted: GrantedPlugin,
    /// The configuration's name of it, which permits are for.
    pub(crate) entry: PluginName,
    pub(crate) pre: InstancePre<CallState>,
    pub(crate) indices: Indices,
    pub(crate) grounds: Arc<Grounds>,
    pub(crate) gate: Gate,
    /// Instances that wait for another call.
    pub(crate) warm: Arc<Warm>,
    pub(crate) pace: Pace,
}

impl Engine {
    /// Makes `granted` the plugin of the configuration's `entry`: compiles, or takes what was compiled before for the same digest under
    /// the same settings. Blocks for up to seconds: keep it off request paths.
    ///
    /// # Errors
    /// [`CompileError`]
    pub fn compile(&self, granted: GrantedPlugin, entry: PluginName) -> Result<CompiledPlugin, CompileError> {
        let limits = granted.grants().limits;
        if limits.memory > self.largest_memory {
            return Err(CompileError::TooMuchMemory { given: limits.memory, largest: self.largest_memory });
        }
        let component = self.component(&granted)?;
        imports::check(&component)?;
        fits(&component, limits.memory)?;
        let pre =
            self.linker.instantiate_pre(&component).map_err(|error| CompileError::BadImport(format!("{error:#}")))?;
        let indices = Indices::of(&pre)?;
        let grounds = Arc::new(Grounds::prepare(&granted, &self.services)?);
        let gate = Gate::new(usize::try_from(limits.concurrency.max(1)).unwrap_or(usize::MAX));
        let warm = Warm::new(Arc::clone(&self.waiting));
        Ok(CompiledPlugin { granted, entry, pre, indices, grounds, gate, warm, pace: Pace::default() })
    }

    fn component(&self, granted: &GrantedPlugin) -> Result<Component, CompileError> {
        let plugin = granted.plugin();
        let digest = plugin.digest();
        if let Some(cached) = self.cache.as_ref().and_then(|cache| cache.load(&self.wasmtime, &digest)) {
            return Ok(cached);
        }
        let component = Component::from_binary(&self.wasmtime, plugin.component())
            .map_err(|error| CompileError::Component(format!("{error:#}")))?;
        if let Some(cache) = &self.cache {
            cache.keep(&component, &digest);
        }
        Ok(component)
    }
}

/// Whether the component's memories fit to begin with. A component that
/// instantiates modules it was handed cannot be told beforehand.
fn fits(component: &Component, given: ByteSize) -> Result<(), CompileError> {
    let Some(required) = component.resources_required() else { return Ok(()) };
    let pages = required.max_initial_memory_size.unwrap_or(0);
    let needed = ByteSize::bytes(pages.saturating_mul(WASM_PAGE));
    if needed > given { Err(CompileError::Memory { needed, given }) } else { Ok(()) }
}

impl CompiledPlugin {
    /// The name in its manifest.
    #[must_use]
    pub fn name(&self) -> &PluginName {
        &self.granted.plugin().manifest().name
    }

    /// Its digest.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.granted.plugin().digest()
    }

    /// The plugin and what it may touch.
    #[must_use]
    pub const fn granted(&self) -> &GrantedPlugin {
        &self.granted
    }

    /// Whether there is room for another call of it, running or waiting. It is
    /// asked before anything is done for a call, and settled when the call comes in.
    #[must_use]
    pub fn has_room(&self) -> bool {
        !self.gate.is_full()
    }

    /// Descriptors of the host that its calls hold at this moment.
    #[must_use]
    pub fn descriptors(&self) -> u32 {
        self.grounds.open.count()
    }

    /// What it can be asked.
    #[must_use]
    pub const fn exports(&self) -> Exports {
        self.indices.exports()
    }
}

impl fmt::Debug for CompiledPlugin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CompiledPlugin")
            .field("name", self.name())
            .field("digest", &self.digest())
            .field("exports", &self.exports())
            .finish_non_exhaustive()
    }
}
