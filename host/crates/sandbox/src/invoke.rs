//! One call, from the gate to the answer.

use std::{sync::Arc, task::Poll, time::Duration};

use bulkhead_base::PluginName;
use bulkhead_policy::{Limits, Permit};
use tokio::time::{Instant, timeout, timeout_at};
use wasmtime::{
    PoolConcurrencyLimitError, Store, Trap, UpdateDeadline,
    component::{Instance, ResourceTableError},
};
use wasmtime_wasi::I32Exit;

use crate::{
    Ask, Call, CompiledPlugin, Engine, Failure, ReportSender,
    answer::{CallContext, Error, Outcome, Reference},
    compile::Callee,
    cpu::{Budget, Metered, Turn},
    exports::Export,
    foreign,
    gate::{self, Place},
    grounds::Grounds,
    state::{CallState, Exhausted, Shared},
    warm::{Circle, Occupied},
    weigh::Weigh as _,
    workspaces::WorkspaceKey,
};

/// Room for the records around an answer's texts, beyond the output limit.
const ANSWER_OVERHEAD: usize = 256 << 10;

/// Component handles of a call, for each entry in its table: a guest's own
/// resources count too.
const HANDLES_PER_ENTRY: usize = 16;

/// Longest text about a trap.
const TRAP_CHARS: usize = 300;

/// Ends a guest whose processor time is up.
/// How long a call waits at least for code that is compiled for it: an
/// interpreter takes a machine tens of seconds, once. Answers "calls that wait
/// for a component that takes for ever to compile".
const COMPILING: Duration = Duration::from_secs(60);

#[derive(Debug, thiserror::Error)]
#[error("processor time is up")]
struct TimeIsUp;

type Answer = Result<Outcome, Error>;

impl Engine {
    /// Runs one call in an instance that is fresh, or that waited for this caller
    /// if the operator chose so, and waits for its end. If calls come one at a
    /// time and its plugin's are short, it begins on the calling thread, and has it for
    /// 10 ms at most.
    /// Dropping the future stops the guest at its next tick (5 ms).
    ///
    /// # Errors
    /// [`Failure`]: the plugin's own error, or why there is no answer.
    pub async fn invoke(
        &self,
        plugin: &Arc<CompiledPlugin>,
        permit: &Permit,
        mut call: Call,
        reports: ReportSender,
    ) -> Result<Outcome, Failure> {
        if !opens(&plugin.entry, permit, &call.ask) {
            return Err(Failure::WrongPermit);
        }
        if !exports(plugin, &call.ask) {
            return Err(Failure::Missing(call.ask.interface()));
        }
        let limits = plugin.grounds.limits;
        // A place that does not come within a call's time would come too late.
        let place = timeout(limits.time.duration(), gate::enter(&plugin.gate, &self.gate));
        let place = place.await.unwrap_or(Err(Failure::Busy))?;
        // Nor does code that has to be compiled first count as the plugin's own time.
        if plugin.code.linked().is_none() {
            let patience = limits.time.duration().max(COMPILING);
            timeout(patience, self.fetch(plugin)).await.unwrap_or(Err(Failure::Busy))?;
        }
        let deadline = Instant::now() + limits.time.duration();
        let entry = plugin.entry.clone();
        let principal = Arc::clone(permit.principal());
        let root = workspace(&plugin.grounds, &principal, &mut call.context);
        let shared = Shared::new(Arc::clone(&plugin.grounds), entry, principal, deadline, reports);
        let circle = Circle::of(plugin.grounds.instance, permit, &call.context);
        let budget = Budget::new(limits.cpu.duration());
        let state = CallState::new(shared, Arc::clone(&budget), call.context.log_level).under(root);
        let mut guest = Metered::new(run(Arc::clone(plugin), state, call, circle, place), budget);
        if self.quiet.is_kept(self.gate.has_one()) && plugin.pace.is_short() {
            match self.guests.lend(&mut guest, &plugin.pace) {
                Some(Poll::Ready(answer)) => return answer,
                Some(Poll::Pending) => {}
                None => return Err(Failure::Stopped),
            }
        }
        let mut running = self.guests.spawn(guest).ok_or(Failure::Stopped)?;
        match timeout_at(deadline, running.finish()).await {
            Ok(Some(answer)) => answer,
            Ok(None) => Err(Failure::Stopped),
            Err(_) => Err(Failure::OutOfTime(limits.time)),
        }
    }
}

/// The root under which a plugin has a workspace; the plugin is told where.
fn workspace(grounds: &Grounds, principal: &str, context: &mut CallContext) -> Option<WorkspaceKey> {
    let (granted, root) = (grounds.workspace.as_ref()?, context.root.as_mut()?);
    grounds.services.workspaces.as_ref()?;
    let key = WorkspaceKey::new(principal, &root.id)?;
    root.workspace = Some(granted.at().to_owned());
    Some(key)
}

/// Whether the permit is for this: the plugin, what is done, and to what.
fn opens(entry: &PluginName, permit: &Permit, ask: &Ask) -> bool {
    let operation = permit.operation();
    let item = &*operation.item;
    let same_item = match ask {
        Ask::Read { uri } | Ask::Write { uri, .. } => item == uri,
        Ask::Complete { reference: Reference::Resource(template), .. } => item == template,
        Ask::Tool { name, .. } | Ask::Prompt { name, .. } => is_named(item, name),
        Ask::Complete { reference: Reference::Prompt(name), .. } => is_named(item, name),
        // The permit is for the listing; what it shows is decided item by item.
        Ask::ListResources { .. } => true,
    };
    operation.plugin == *entry && same_item && ask.opened_by().contains(&operation.kind)
}

/// Whether `item`, as a permit has it, is the contract's `name` behind one
/// prefix or none. No prefix has a dot in it.
fn is_named(item: &str, name: &str) -> bool {
    let Some(before) = item.strip_suffix(name) else { return false };
    before.is_empty() || before.find('.').is_some_and(|dot| dot > 0 && dot + 1 == before.len())
}

fn exports(plugin: &CompiledPlugin, ask: &Ask) -> bool {
    let exports = plugin.exports();
    match ask.interface() {
        "tools" => exports.tools,
        "resources" => exports.resources,
        "prompts" => exports.prompts,
        _ => exports.completions,
    }
}

/// A call's whole stay in an instance, on a thread that is lent or a guest's. One that ends in
/// any other way than with the guest's own answer goes with it.
async fn run(
    plugin: Arc<CompiledPlugin>,
    mut state: CallState,
    call: Call,
    circle: Option<Circle>,
    _place: Place,
) -> Result<Outcome, Failure> {
    let limits = plugin.grounds.limits;
    if let Err(error) = state.enter_workspace().await {
        return Err(explain(&error, &state, &limits));
    }
    let waiting = circle.as_ref().and_then(|circle| plugin.warm.take(circle));
    let mut occupied = match waiting {
        Some(waiting) => go_on(waiting, state, &limits),
        None => begin(&plugin, state, &limits).await?,
    };
    let Occupied { store, instance, .. } = &mut occupied;
    let answer = ask(store, &plugin, instance, &call).await;
    store.data().tell_end();
    let answer = answer.map_err(|error| explain(&error, store.data(), &limits))?;
    if let Some(circle) = circle {
        plugin.warm.keep(circle, occupied);
    }
    let weight = answer.as_ref().map_or_else(|error| error.weight(), |outcome| outcome.weight());
    if weight as u64 > limits.output.get() {
        return Err(Failure::TooMuchOutput(limits.output));
    }
    answer.map_err(Failure::Plugin)
}

/// A fresh instance.
async fn begin(plugin: &CompiledPlugin, state: CallState, limits: &Limits) -> Result<Occupied, Failure> {
    let linked = plugin.code.linked().ok_or(Failure::Stopped)?;
    let mut store = Store::new(linked.pre.engine(), state);
    store.limiter(|call| &mut call.walls);
    store.epoch_deadline_callback(|store| match store.data().budget.at_tick() {
        Turn::GoesOn => Ok(UpdateDeadline::Continue(1)),
        Turn::Yields => Ok(UpdateDeadline::Yield(1)),
        Turn::Ends => Err(TimeIsUp.into()),
    });
    let handles = usize::try_from(limits.handles).unwrap_or(usize::MAX);
    store.set_max_component_handles(handles.saturating_mul(HANDLES_PER_ENTRY));
    confine(&mut store, limits);
    match linked.pre.instantiate_async(&mut store).await {
        Ok(instance) => Ok(Occupied { store, instance, calls: 0 }),
        Err(error) => {
            store.data().tell_end();
            Err(explain(&error, store.data(), limits))
        }
    }
}

/// An instance that waited, for the call that `state` is of.
fn go_on(mut waiting: Occupied, state: CallState, limits: &Limits) -> Occupied {
    let state = state.after(waiting.store.data_mut());
    *waiting.store.data_mut() = state;
    confine(&mut waiting.store, limits);
    waiting
}

/// What begins anew with each call.
fn confine(store: &mut Store<CallState>, limits: &Limits) {
    store.set_epoch_deadline(1);
    store.set_hostcall_fuel(carried(limits));
}

/// Bytes that cross the wall towards the host at a time: an answer, or the
/// arguments of a host function.
pub(crate) fn carried(limits: &Limits) -> usize {
    let answer = limits.output.as_usize().saturating_add(ANSWER_OVERHEAD);
    answer.max(limits.host_call.as_usize())
}

/// Asks one function. The export is there: [`exports`] has looked.
async fn ask(
    store: &mut Store<CallState>,
    plugin: &CompiledPlugin,
    instance: &Instance,
    call: &Call,
) -> wasmtime::Result<Answer> {
    let linked = plugin.code.linked().ok_or_else(|| wasmtime::Error::msg("its code is gone"))?;
    let at = match &linked.callee {
        Callee::Own(indices) => indices,
        Callee::Foreign(functions) => return functions.ask(store, instance, &call.ask).await,
    };
    let context = &call.context;
    Ok(match &call.ask {
        Ask::Tool { name, arguments } => {
            let function = there(&at.call_tool)?.bind(store, instance)?;
            function.call_async(store, (context, name, arguments)).await?.0.map(Outcome::Tool)
        }
        Ask::Read { uri } => {
            let function = there(&at.read_resource)?.bind(store, instance)?;
            function.call_async(store, (context, uri)).await?.0.map(Outcome::Read)
        }
        Ask::Write { uri, contents, if_match } => {
            let function = there(&at.write_resource)?.bind(store, instance)?;
            let written = function.call_async(store, (context, uri, contents, if_match.as_deref()));
            written.await?.0.map(Outcome::Written)
        }
        Ask::ListResources { cursor } => {
            let function = there(&at.list_resources)?.bind(store, instance)?;
            function.call_async(store, (context, cursor.as_deref())).await?.0.map(Outcome::Listed)
        }
        Ask::Prompt { name, arguments } => {
            let function = there(&at.get_prompt)?.bind(store, instance)?;
            function.call_async(store, (context, name, arguments)).await?.0.map(Outcome::Prompt)
        }
        Ask::Complete { reference, argument, value, context: filled } => {
            let function = there(&at.complete)?.bind(store, instance)?;
            let completed = function.call_async(store, (context, reference, argument, value, filled));
            completed.await?.0.map(Outcome::Completed)
        }
    })
}

fn there<S>(export: &Option<Export<S>>) -> wasmtime::Result<&Export<S>> {
    export.as_ref().ok_or_else(|| wasmtime::Error::msg("an export is gone"))
}

/// Why a call ended without an answer. What the call itself remembers counts
/// before what it ended with: a guest that is refused memory dies of something
/// else.
fn explain(error: &wasmtime::Error, call: &CallState, limits: &Limits) -> Failure {
    if error.is::<TimeIsUp>() {
        return Failure::OutOfCpu(limits.cpu);
    }
    if call.walls.denied() {
        return Failure::OutOfMemory(limits.memory);
    }
    if let Some(Exhausted(what)) = error.downcast_ref() {
        return Failure::OutOfResources(what);
    }
    if let Some(ResourceTableError::Full) = error.downcast_ref() {
        return Failure::OutOfResources("handles");
    }
    if error.is::<PoolConcurrencyLimitError>() {
        return Failure::Busy;
    }
    if let Some(I32Exit(status)) = error.downcast_ref() {
        return Failure::Exited(*status);
    }
    let text: String = error.root_cause().to_string().chars().take(TRAP_CHARS).collect();
    if error.is::<foreign::TooLong>() || text.contains("fuel allocated for hostcalls") {
        return Failure::TooMuchOutput(limits.output);
    }
    if !error.is::<Trap>() {
        tracing::debug!(error = %text, "a guest was ended by a host function");
    }
    Failure::Trap(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_is_one_prefix_and_the_name() {
        for (item, name) in [("weather.get", "get"), ("get", "get"), ("w.a.b", "a.b")] {
            assert!(is_named(item, name), "{item} {name}");
        }
        for (item, name) in [("w.a.b", "b"), ("weather.forget", "get"), (".get", "get"), ("weather.get", "weather")] {
            assert!(!is_named(item, name), "{item} {name}");
        }
    }
}
