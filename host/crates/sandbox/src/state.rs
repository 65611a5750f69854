//! What one call has: the `T` of its store.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicU64, Ordering::Relaxed},
    },
};

use bulkhead_base::PluginName;
use tokio::time::Instant;
use wasmtime::component::{HasData, ResourceTable};
use wasmtime_wasi::{
    filesystem::WasiFilesystemCtx,
    sockets::{WasiSocketsCtx, WasiSocketsCtxView},
};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use crate::{
    Report, ReportSender, Spent,
    answer::LogLevel,
    capability::{
        clock::Clocks,
        fs::{Descriptors, Entered},
        http::Hooks,
        notes::{Notes, Words},
        random::Draws,
        stdio::Prints,
        tcp::{self, Resolved},
        witness::Witness,
    },
    cpu::Budget,
    grounds::{DESCRIPTORS, Grounds},
    limits::Walls,
    undefended::{Defence, switched_off},
    workspaces::WorkspaceKey,
};

/// A limit on a host resource that the guest ran into. Ends the call.
#[derive(Debug, thiserror::Error)]
#[error("the call used up its {0}")]
pub(crate) struct Exhausted(pub(crate) &'static str);

/// What parts of a call share that outlive one host function: bodies that are
/// still read, address checks.
pub(crate) struct Shared {
    pub(crate) grounds: Arc<Grounds>,
    /// The configuration's name of the plugin.
    pub(crate) entry: PluginName,
    pub(crate) principal: Arc<str>,
    /// When the call ends whatever it does.
    pub(crate) deadline: Instant,
    pub(crate) witness: Witness,
    /// What the call may still log and print.
    pub(crate) words: Words,
    /// Addresses that names resolved to in this call.
    pub(crate) resolved: Resolved,
    begun: AtomicU32,
    moved: AtomicU64,
}

/// Streams, timers and the like that a call holds at this moment.
#[derive(Debug, Default)]
pub(crate) struct Held(Arc<AtomicU32>);

/// One of them; gives its place back when it is dropped.
#[derive(Debug)]
pub(crate) struct Holding(Arc<AtomicU32>);

impl Held {
    /// Takes one, if there are fewer than `limit`.
    pub(crate) fn take(&self, limit: u32, what: &'static str) -> Result<Holding, Exhausted> {
        if self.0.fetch_add(1, Relaxed) >= limit {
            self.0.fetch_sub(1, Relaxed);
            return Err(Exhausted(what));
        }
        Ok(Holding(Arc::clone(&self.0)))
    }

    /// How many are taken.
    pub(crate) fn count(&self) -> u32 {
        self.0.load(Relaxed)
    }

    /// Whether none is held.
    fn is_free(&self) -> bool {
        self.count() == 0
    }
}

impl Drop for Holding {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

impl Shared {
    pub(crate) fn new(
        grounds: Arc<Grounds>,
        entry: PluginName,
        principal: Arc<str>,
        deadline: Instant,
        reports: ReportSender,
    ) -> Arc<Self> {
        let witness = Witness::new(entry.clone(), reports);
        let words = Words::new(grounds.limits.log);
        let (resolved, begun, moved) = Default::default();
        Arc::new(Self { grounds, entry, principal, deadline, witness, words, resolved, begun, moved })
    }

    #[cfg(test)]
    pub(crate) fn for_test(grounds: Grounds, reports: ReportSender) -> Arc<Self> {
        let deadline = Instant::now() + std::time::Duration::from_secs(60);
        Self::new(Arc::new(grounds), "plugin".parse().unwrap(), "me".into(), deadline, reports)
    }

    /// Counts a request or connection that is about to begin.
    pub(crate) fn begin_request(&self) -> Result<(), Exhausted> {
        let limit = self.grounds.limits.requests;
        if self.begun.fetch_add(1, Relaxed) < limit { Ok(()) } else { Err(Exhausted("requests")) }
    }

    /// Takes one of the descriptors that all calls of the plugin share.
    pub(crate) fn take_descriptor(&self) -> Result<Holding, Exhausted> {
        let most = if switched_off(Defence::Descriptors) { u32::MAX } else { DESCRIPTORS };
        self.grounds.open.take(most, "descriptors").inspect_err(|_| {
            tracing::debug!(plugin = %self.entry, limit = DESCRIPTORS, "the plugin holds all the descriptors it may");
        })
    }

    /// Counts bytes to or from the network.
    pub(crate) fn transfer(&self, bytes: usize) -> Result<(), Exhausted> {
        let bytes = bytes as u64;
        let before = self.moved.fetch_add(bytes, Relaxed);
        let fits = before.saturating_add(bytes) <= self.grounds.limits.transfer.get();
        if fits { Ok(()) } else { Err(Exhausted("network transfer")) }
    }
}

/// Everything that host functions of one call work on.
pub(crate) struct CallState {
    pub(crate) shared: Arc<Shared>,
    pub(crate) table: ResourceTable,
    pub(crate) walls: Walls,
    pub(crate) budget: Arc<Budget>,
    pub(crate) streams: Held,
    pub(crate) timers: Held,
    pub(crate) descriptors: Descriptors,
    /// The root that the call is under, if it has a workspace there.
    pub(crate) workspace_key: Option<WorkspaceKey>,
    pub(crate) workspace: Option<Entered>,
    /// A descriptor of the host for each socket, by its place in the table.
    pub(crate) sockets_open: BTreeMap<u32, Arc<Holding>>,
    pub(crate) clocks: Clocks,
    pub(crate) draws: Draws,
    pub(crate) notes: Notes,
    files: WasiFilesystemCtx,
    http: WasiHttpCtx,
    hooks: Hooks,
    sockets: Option<WasiSocketsCtx>,
    prints: Option<Prints>,
}

impl CallState {
    pub(crate) fn new(shared: Arc<Shared>, budget: Arc<Budget>, level: Option<LogLevel>) -> Self {
        let limits = &shared.grounds.limits;
        let mut table = ResourceTable::new();
        table.set_max_capacity(usize::try_from(limits.handles).unwrap_or(usize::MAX));
        let mut http = WasiHttpCtx::new();
        http.set_field_size_limit(limits.headers.as_usize());
        Self {
            table,
            walls: Walls::new(limits.memory),
            budget,
            streams: Held::default(),
            timers: Held::default(),
            descriptors: Descriptors::default(),
            workspace_key: None,
            workspace: None,
            sockets_open: BTreeMap::new(),
            clocks: Clocks::new(shared.grounds.fine_clock),
            draws: Draws::new(limits.random),
            notes: Notes::new(level),
            files: WasiFilesystemCtx::default(),
            http,
            hooks: Hooks::new(Arc::clone(&shared)),
            sockets: None,
            prints: None,
            shared,
        }
    }

    /// Places the call under a root that has a workspace for its plugin.
    pub(crate) fn under(self, root: Option<WorkspaceKey>) -> Self {
        Self { workspace_key: root, ..self }
    }

    /// Whether nothing of the host's is left in the guest's hands.
    pub(crate) fn holds_nothing(&self) -> bool {
        self.table.is_empty() && self.sockets_open.is_empty() && self.streams.is_free() && self.timers.is_free()
    }

    /// The state of another call of the guest that `older` was one of: its
    /// memory and its clock go on, everything else begins anew.
    pub(crate) fn after(self, older: &mut Self) -> Self {
        let walls = std::mem::replace(&mut older.walls, Walls::new(self.grounds().limits.memory));
        Self { walls, clocks: older.clocks.clone(), ..self }
    }

    pub(crate) fn grounds(&self) -> &Grounds {
        &self.shared.grounds
    }

    /// The library's own file functions, over the call's table.
    pub(crate) fn library_files(&mut self) -> wasmtime_wasi::filesystem::WasiFilesystemCtxView<'_> {
        wasmtime_wasi::filesystem::WasiFilesystemCtxView { ctx: &mut self.files, table: &mut self.table }
    }

    /// The library's own socket functions; made when a guest first wants one.
    pub(crate) fn library_sockets(&mut self) -> WasiSocketsCtxView<'_> {
        let shared = &self.shared;
        let ctx = self.sockets.get_or_insert_with(|| tcp::context(shared));
        WasiSocketsCtxView { ctx, table: &mut self.table }
    }

    /// Where the guest's standard output and error go.
    pub(crate) fn prints(&mut self) -> Prints {
        self.prints.get_or_insert_with(|| Prints::new(Arc::clone(&self.shared))).clone()
    }

    /// Tells what is left to tell of a call that came to its own end, and lastly
    /// what it has used. Not left to the state's end: an instance that waits for
    /// another call lives on.
    pub(crate) fn tell_end(&self) {
        if let Some(prints) = &self.prints {
            prints.end();
        }
        let spent = Spent { cpu: self.budget.so_far(), memory: self.walls.used() as u64 };
        self.shared.witness.reports().tell(Report::Spent(spent));
    }

    /// A place among the call's byte streams.
    pub(crate) fn hold_stream(&self) -> Result<Holding, Exhausted> {
        self.streams.take(self.grounds().limits.streams, "streams")
    }
}

impl WasiHttpView for CallState {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { hooks: &mut self.hooks, table: &mut self.table, ctx: &mut self.http }
    }
}

/// Lends the table alone, to interfaces that need no more.
pub(crate) struct TableOnly;

impl HasData for TableOnly {
    type Data<'a> = &'a mut ResourceTable;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_dropped_can_be_taken_again() {
        let held = Held::default();
        let first = held.take(2, "streams").unwrap();
        let _second = held.take(2, "streams").unwrap();
        assert!(held.take(2, "streams").is_err());
        drop(first);
        assert!(held.take(2, "streams").is_ok());
    }
}
