//! From a granted plugin to one that can be called.

use std::{fmt, io, path::PathBuf, sync::Arc};

use bulkhead_base::{ByteSize, Digest, PluginName};
use bulkhead_package::{Contract, PackedFile, component::surface};
use bulkhead_policy::{GrantedPlugin, Limits};
use wasmtime::component::InstancePre;

use crate::{
    Engine, Exports,
    code::{Code, Source, fits},
    exports::{Indices, PACKAGE},
    foreign::{self, Foreign, ForeignError},
    gate::Gate,
    grounds::Grounds,
    imports,
    pace::Pace,
    state::CallState,
    warm::Warm,
};

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
    /// It knows nothing of Bulkhead, and is not what its contract says.
    #[error(transparent)]
    Foreign(#[from] ForeignError),
    /// It needs more memory to begin with than it is given.
    #[error("it needs {needed} of memory to start and is given {given}: raise limits.memory")]
    Memory { needed: ByteSize, given: ByteSize },
    /// It is given more memory than the engine can give.
    #[error("limits.memory is {given}, and no plugin here can have more than {largest}")]
    TooMuchMemory { given: ByteSize, largest: ByteSize },
    /// Its code has to be compiled again, and its file is nowhere to be found.
    #[error("its compiled code is gone or damaged, and so is its file: put the file back, or accept it again")]
    Gone,
    /// A granted folder cannot be opened.
    #[error("cannot mount {}", path.display())]
    Mount { path: PathBuf, source: io::Error },
}

/// A plugin that can be called: its imports and exports known, its folders
/// open, its code compiled or to be. A call takes an instance of it: a fresh one,
/// unless the operator chose otherwise.
pub struct CompiledPlugin {
    granted: GrantedPlugin,
    /// The configuration's name of it, which permits are for.
    pub(crate) entry: PluginName,
    exports: Exports,
    pub(crate) code: Code,
    pub(crate) grounds: Arc<Grounds>,
    pub(crate) gate: Gate,
    /// Instances that wait for another call.
    pub(crate) warm: Arc<Warm>,
    pub(crate) pace: Pace,
}

/// When a plugin is compiled of which there is no code yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Uncompiled {
    /// Before it is loaded, so that one that cannot be is not.
    Now,
    /// Later ([`Engine::compile_ahead`]), or when it is called: only the names of
    /// what it imports and exports are looked at before.
    Later,
}

/// How its functions are found and called.
pub(crate) enum Callee {
    /// It is of our own world.
    Own(Indices),
    /// It knows nothing of Bulkhead.
    Foreign(Foreign),
}

impl Callee {
    pub(crate) fn of(pre: &InstancePre<CallState>, contract: &Contract) -> Result<Self, CompileError> {
        match Foreign::find(pre.component(), contract)? {
            Some(foreign) => Ok(Self::Foreign(foreign)),
            None => Indices::of(pre).map(Self::Own),
        }
    }

    pub(crate) const fn exports(&self) -> Exports {
        match self {
            Self::Own(indices) => indices.exports(),
            Self::Foreign(_) => Exports::FOREIGN,
        }
    }
}

impl Engine {
    /// Makes `granted` the plugin of the configuration's `entry`: compiles, or takes what was compiled before for the same digest under
    /// the same settings. Blocks for up to seconds: keep it off request paths.
    ///
    /// # Errors
    /// [`CompileError`]
    pub fn compile(&self, granted: GrantedPlugin, entry: PluginName) -> Result<CompiledPlugin, CompileError> {
        self.limits(&granted)?;
        let file = granted.plugin().file().cloned();
        let (linked, _) = self.compiler.link(&granted, || file)?;
        self.assemble(granted, entry, linked.callee.exports(), |_| Code::here(linked))
    }

    /// The same, its code left where it is until somebody calls: of code that was
    /// compiled before only a description is read. `source` is where its file is
    /// found again, should that code be damaged by then.
    ///
    /// # Errors
    /// [`CompileError`]
    pub fn prepare(
        &self,
        granted: GrantedPlugin,
        entry: PluginName,
        uncompiled: Uncompiled,
        source: Source,
    ) -> Result<CompiledPlugin, CompileError> {
        let limits = self.limits(&granted)?;
        let described = self.compiler.cache.as_ref().and_then(|cache| cache.describe(&granted.plugin().digest()));
        match (described, uncompiled) {
            (Some(described), _) => {
                fits(described.pages, limits.memory)?;
                self.assemble(granted, entry, described.exports, |_| Code::elsewhere(None, Some(source)))
            }
            (None, Uncompiled::Now) => self.compile(granted, entry),
            (None, Uncompiled::Later) => {
                let file = granted.plugin().file().ok_or(CompileError::Gone)?;
                let exports = outline(file, &granted.plugin().manifest().contract)?;
                self.assemble(granted, entry, exports, |file| Code::elsewhere(file, Some(source)))
            }
        }
    }

    fn limits(&self, granted: &GrantedPlugin) -> Result<Limits, CompileError> {
        let limits = granted.grants().limits;
        if limits.memory > self.largest_memory {
            return Err(CompileError::TooMuchMemory { given: limits.memory, largest: self.largest_memory });
        }
        Ok(limits)
    }

    fn assemble(
        &self,
        mut granted: GrantedPlugin,
        entry: PluginName,
        exports: Exports,
        code: impl FnOnce(Option<PackedFile>) -> Code,
    ) -> Result<CompiledPlugin, CompileError> {
        let code = code(granted.take_file());
        let grounds = Arc::new(Grounds::prepare(&granted, &self.services)?);
        let gate = Gate::new(usize::try_from(grounds.limits.concurrency.max(1)).unwrap_or(usize::MAX));
        let warm = Warm::new(Arc::clone(&self.waiting));
        Ok(CompiledPlugin { granted, entry, exports, code, grounds, gate, warm, pace: Pace::default() })
    }
}

/// What a component exports, if it imports nothing that is unknown, by names alone;
/// of one that knows nothing of Bulkhead, by its types.
fn outline(file: &PackedFile, contract: &Contract) -> Result<Exports, CompileError> {
    let surface = surface(file.component()).map_err(|error| CompileError::Component(error.to_string()))?;
    surface.imports.iter().try_for_each(|name| imports::known(name))?;
    if surface.exports.iter().any(|name| name.starts_with(PACKAGE)) {
        return Ok(Exports::by_name(&surface.exports));
    }
    foreign::check(file.component(), contract)?;
    Ok(Exports::FOREIGN)
}

impl CompiledPlugin {
    /// The name in its manifest.
    #[must_use]
    pub fn name(&self) -> &PluginName {
        &self.granted.plugin().manifest().name
    }

    /// The configuration's name of it.
    #[must_use]
    pub const fn entry(&self) -> &PluginName {
        &self.entry
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
        self.exports
    }

    /// Whether it has no code yet: nobody has compiled it, here or earlier.
    #[must_use]
    pub fn is_uncompiled(&self) -> bool {
        self.code.is_uncompiled()
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
