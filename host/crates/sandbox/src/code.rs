//! The machine code of a plugin: where it is until somebody calls.
//!
//! **Invariants**
//! - What runs was compiled in this process from bytes of the verified digest, or
//!   came from a cache file whose MAC held for that digest; in either case its
//!   imports and the types of its exports were checked here.
//! - Code is read and compiled on threads that answer nobody, a few at a time
//!   and once for each plugin, however many calls wait for it.

use std::{
    fmt,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use bulkhead_base::{ByteSize, Digest};
use bulkhead_package::{Contract, PackedFile};
use bulkhead_policy::GrantedPlugin;
use tokio::sync::Semaphore;
use wasmtime::component::{Component, InstancePre, Linker};

use crate::{
    CompileError, CompiledPlugin, Engine, Failure,
    cache::{Cache, Description},
    compile::Callee,
    imports,
    state::CallState,
};

const WASM_PAGE: u64 = 64 << 10;

/// Where a file of a digest is found again, if its code has to be compiled once
/// more. What it gives is believed by its digest alone.
pub type Source = Arc<dyn Fn(&Digest) -> Option<PackedFile> + Send + Sync>;

/// Code that can be instantiated.
pub(crate) struct Linked {
    pub(crate) pre: InstancePre<CallState>,
    pub(crate) callee: Callee,
}

/// The code of one plugin.
pub(crate) struct Code {
    linked: OnceLock<Linked>,
    /// Why there will be none: its bytes do not change, so nor does this.
    refused: OnceLock<Box<str>>,
    /// Held by whoever fetches it.
    turn: Arc<tokio::sync::Mutex<()>>,
    /// The file, until its code is kept elsewhere.
    file: Mutex<Option<PackedFile>>,
    source: Option<Source>,
}

impl Code {
    pub(crate) fn here(linked: Linked) -> Self {
        Self { linked: linked.into(), ..Self::elsewhere(None, None) }
    }

    /// Code that is fetched when somebody calls.
    pub(crate) fn elsewhere(file: Option<PackedFile>, source: Option<Source>) -> Self {
        let (linked, refused, turn) = (OnceLock::new(), OnceLock::new(), Arc::default());
        Self { linked, refused, turn, file: Mutex::new(file), source }
    }

    pub(crate) fn linked(&self) -> Option<&Linked> {
        self.linked.get()
    }

    /// Whether there is code nowhere yet.
    pub(crate) fn is_uncompiled(&self) -> bool {
        self.linked.get().is_none() && self.file().is_some()
    }

    fn file(&self) -> std::sync::MutexGuard<'_, Option<PackedFile>> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find(&self, digest: &Digest) -> Option<PackedFile> {
        let found = self.file().clone().or_else(|| self.source.as_ref()?(digest));
        found.filter(|file| file.digest() == *digest)
    }
}

/// Makes code, or finds what was made before.
pub(crate) struct Compiler {
    pub(crate) wasmtime: wasmtime::Engine,
    /// Every supported interface. An instance takes what its component imports.
    pub(crate) linker: Linker<CallState>,
    pub(crate) cache: Option<Cache>,
    /// Calls that fetch code at a time. Answers "a thousand plugins that are all
    /// called for the first time take every thread".
    pub(crate) turns: Arc<Semaphore>,
}

impl Compiler {
    /// The code of `granted`, linked. `find` gives its file. True if the code is
    /// kept. Blocks, for up to seconds.
    pub(crate) fn link(
        &self,
        granted: &GrantedPlugin,
        find: impl FnOnce() -> Option<PackedFile>,
    ) -> Result<(Linked, bool), CompileError> {
        let (digest, memory) = (&granted.plugin().digest(), granted.grants().limits.memory);
        let contract = &granted.plugin().manifest().contract;
        if let Some(kept) = self.cache.as_ref().and_then(|cache| cache.load(&self.wasmtime, digest)) {
            fits(pages(&kept), memory)?;
            return Ok((self.check(&kept, contract)?, true));
        }
        let file = find().ok_or(CompileError::Gone)?;
        let component = Component::from_binary(&self.wasmtime, file.component())
            .map_err(|error| CompileError::Component(format!("{error:#}")))?;
        let linked = self.check(&component, contract)?;
        let description = Description { exports: linked.callee.exports(), pages: pages(&component) };
        let kept = self.cache.as_ref().is_some_and(|cache| cache.keep(&component, digest, &description));
        fits(description.pages, memory)?;
        Ok((linked, kept))
    }

    fn check(&self, component: &Component, contract: &Contract) -> Result<Linked, CompileError> {
        imports::check(component)?;
        let pre =
            self.linker.instantiate_pre(component).map_err(|error| CompileError::BadImport(format!("{error:#}")))?;
        Ok(Linked { callee: Callee::of(&pre, contract)?, pre })
    }

    /// Fetches the code of `plugin`, unless somebody has. If nobody waits for it
    /// and it is kept, it is not held here besides.
    fn fetch(&self, plugin: &CompiledPlugin, is_called: bool) -> Result<(), CompileError> {
        let (code, digest) = (&plugin.code, plugin.digest());
        if code.linked.get().is_some() || (!is_called && !code.is_uncompiled()) {
            return Ok(());
        }
        let (linked, kept) = self.link(plugin.granted(), || code.find(&digest)).inspect_err(|error| {
            if !matches!(error, CompileError::Gone) {
                drop(code.refused.set(error.to_string().into()));
            }
        })?;
        if is_called || !kept {
            drop(code.linked.set(linked));
        }
        *code.file() = None;
        Ok(())
    }
}

impl Engine {
    /// Waits until the code of `plugin` is here.
    pub(crate) async fn fetch(&self, plugin: &Arc<CompiledPlugin>) -> Result<(), Failure> {
        let code = &plugin.code;
        if code.linked.get().is_some() {
            return Ok(());
        }
        let own = Arc::clone(&code.turn).lock_owned().await;
        if let Some(why) = code.refused.get() {
            return Err(Failure::Host(why.to_string()));
        }
        let turn = Arc::clone(&self.compiler.turns).acquire_owned().await.map_err(|_| Failure::Stopped)?;
        let (compiler, plugin) = (Arc::clone(&self.compiler), Arc::clone(plugin));
        // It goes on if the call is given up: the next one finds what came of it.
        let fetched = self.services.io.spawn_blocking(move || {
            let _turns = (own, turn);
            compiler.fetch(&plugin, true)
        });
        fetched.await.map_err(|_| Failure::Stopped)?.map_err(|error| Failure::Host(error.to_string()))
    }

    /// Compiles `plugin`, if its code is nowhere yet, so that its first call finds
    /// it. Blocks for up to seconds: for a thread that does nothing else.
    ///
    /// # Errors
    /// [`CompileError`]: it can never be called.
    pub fn compile_ahead(&self, plugin: &CompiledPlugin) -> Result<(), CompileError> {
        let _own = plugin.code.turn.blocking_lock();
        self.compiler.fetch(plugin, false)
    }
}

/// The largest memory that a component begins with. Of one that instantiates
/// modules it was handed it cannot be told beforehand.
fn pages(component: &Component) -> u64 {
    component.resources_required().and_then(|required| required.max_initial_memory_size).unwrap_or(0)
}

/// Whether memories of so many pages fit to begin with.
pub(crate) fn fits(pages: u64, given: ByteSize) -> Result<(), CompileError> {
    let needed = ByteSize::bytes(pages.saturating_mul(WASM_PAGE));
    if needed > given { Err(CompileError::Memory { needed, given }) } else { Ok(()) }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Code").field("here", &self.linked.get().is_some()).finish_non_exhaustive()
    }
}
