//! What one request puts on the record: what is about to be done, before it is,
//! and how it ended, before the answer leaves.
//!
//! **Invariant:** every call that was decided on has an entry of how it ended,
//! also one whose client hung up. What was ended and not yet written when the
//! request is dropped is written then. Without a record nothing is kept here.

mod ended;

use std::{
    borrow::Cow,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::{Duration, SystemTime},
};

use bulkhead_audit::{AppendError, Call, Decision, Detail, Entry, Heard, Intent, Kind, Said};
use bulkhead_base::{CallId, Digest, Operation};
use bulkhead_protocol::write::result_or_error;
use bulkhead_sandbox::{Denial, Spent};
use futures_util::future::try_join_all;

use self::ended::Ended;
use crate::{admin::Ending, record::Recorder, screening::Noted};

/// A plugin's file, and the contract that it was accepted with.
pub(super) type Served = (Digest, Digest);

/// The entries of one request.
#[derive(Clone, Default)]
pub(super) struct Docket(Option<Arc<Page>>);

/// One call of it. A request has one, or none, or a page of a listing each.
#[derive(Clone, Default)]
pub(super) struct Sheet(Option<(Arc<Page>, Arc<Case>)>);

struct Page {
    recorder: Recorder,
    principal: Arc<str>,
    method: Box<str>,
    /// What ended and is not written yet. Bounded by the calls of one request.
    ended: Mutex<Vec<Ended>>,
}

/// What is known of a call.
struct Case {
    id: CallId,
    operation: OnceLock<Operation>,
    /// What the guide calls the item.
    name: OnceLock<Arc<str>>,
    /// The task that it goes on as.
    task: OnceLock<Arc<str>>,
    served: OnceLock<Served>,
    spent: Mutex<Spent>,
}

impl Docket {
    /// The docket of a request for `method`; an empty one without a record.
    pub(super) fn of(recorder: &Recorder, principal: &Arc<str>, method: &str) -> Self {
        Self(recorder.is_on().then(|| {
            let (recorder, principal) = (recorder.clone(), principal.clone());
            Arc::new(Page { recorder, principal, method: method.into(), ended: Mutex::default() })
        }))
    }

    /// A call's own sheet.
    pub(super) fn sheet(&self, id: CallId) -> Sheet {
        Sheet(self.0.clone().map(|page| (page, Arc::new(Case::new(id)))))
    }

    /// Writes how the request's calls ended, before `frame` leaves.
    pub(super) async fn settle(&self, frame: &[u8]) -> Result<(), AppendError> {
        let Some(page) = &self.0 else { return Ok(()) };
        let frame = std::str::from_utf8(frame).unwrap_or_default();
        page.settle(result_or_error(frame)).await
    }

    /// Writes how a task ended, before anybody can read its `result`.
    pub(super) async fn settle_task(&self, result: Result<&str, &str>) -> Result<(), AppendError> {
        let Some(page) = &self.0 else { return Ok(()) };
        page.settle(Some(result)).await
    }

    /// Notes that the request was refused, or let, for a right of the caller's
    /// that is no operation on an item.
    pub(super) fn right(&self, right: &str, allowed: bool) {
        let Some(page) = &self.0 else { return };
        page.recorder.note(|_, at| page.entry(Kind::Decision, at).flag("allowed", allowed).text("reason", right));
    }

    /// Notes that the request changed what the server keeps for its caller.
    pub(super) fn changed(&self) {
        let Some(page) = &self.0 else { return };
        page.recorder.note(|_, at| page.entry(Kind::Change, at).text("what", "caller"));
    }

    /// Notes that the request cancelled a task that did `item`.
    pub(super) fn cancelled(&self, task: &str, item: &str) {
        let Some(page) = &self.0 else { return };
        page.recorder.note(|_, at| {
            let entry = page.entry(Kind::Heard, at).text("what", "cancel");
            entry.text("item", item).text("task", task)
        });
    }
}

impl Sheet {
    /// The same call, as it goes on when its request is answered.
    pub(super) fn again(&self) -> Self {
        let Some((page, case)) = &self.0 else { return Self::default() };
        let docket = Docket::of(&page.recorder, &page.principal, &page.method);
        let sheet = docket.sheet(case.id);
        if let (Some((_, again)), Some(operation)) = (&sheet.0, case.operation.get()) {
            let _ = again.operation.set(operation.clone());
            if let Some(task) = case.task.get() {
                let _ = again.task.set(task.clone());
            }
        }
        sheet
    }

    /// The docket that it is of.
    pub(super) fn docket(&self) -> Docket {
        Docket(self.0.as_ref().map(|(page, _)| page.clone()))
    }

    /// What is asked for, and what the guide calls it.
    pub(super) fn about(&self, operation: &Operation, name: Option<&Arc<str>>) {
        let Some((_, case)) = &self.0 else { return };
        let _ = case.operation.set(operation.clone());
        if let Some(name) = name {
            let _ = case.name.set(name.clone());
        }
    }

    /// The call goes on as a task.
    pub(super) fn becomes(&self, task: &Arc<str>) {
        let Some((_, case)) = &self.0 else { return };
        let _ = case.task.set(task.clone());
    }

    /// By whose file, and under which contract.
    pub(super) fn served_by(&self, served: Served) {
        let Some((_, case)) = &self.0 else { return };
        let _ = case.served.set(served);
    }

    /// Says what is about to be done. It must not be, unless this succeeds.
    pub(super) async fn intend<'a>(
        &self,
        served: Option<Served>,
        arguments: impl FnOnce() -> Cow<'a, str>,
    ) -> Result<(), AppendError> {
        let Some((page, case)) = &self.0 else { return Ok(()) };
        if let Some(served) = served {
            self.served_by(served);
        }
        let Some(operation) = case.operation.get() else { return Ok(()) };
        let (call, arguments) = (case.call(page, operation), arguments());
        let write = |detail: &Detail, at| case.signed(page, Intent { call, arguments: &arguments }.entry(at, detail));
        page.recorder.append(write).await
    }

    /// Says what leaves before the call's end. It must not, unless this succeeds.
    pub(super) async fn said(&self, what: &str, message: &str) -> Result<(), AppendError> {
        let Some((page, case)) = &self.0 else { return Ok(()) };
        let Some(operation) = case.operation.get() else { return Ok(()) };
        let call = case.call(page, operation);
        let write = |detail: &Detail, at| case.signed(page, Said { call, what, message }.entry(at, detail));
        page.recorder.append(write).await
    }

    /// Says what the client answered to a question. The plugin must not be given
    /// it, unless this succeeds.
    pub(super) async fn heard(&self, question: &str, what: &str, message: &str) -> Result<(), AppendError> {
        let Some((page, case)) = &self.0 else { return Ok(()) };
        let Some(operation) = case.operation.get() else { return Ok(()) };
        let call = case.call(page, operation);
        let write = |detail: &Detail, at| case.signed(page, Heard { call, question, what, message }.entry(at, detail));
        page.recorder.append(write).await
    }

    /// Notes what the plugin was denied, of which the sandbox tells a bounded
    /// number of each call.
    pub(super) fn denied(&self, denial: &Denial) {
        let Some((page, case)) = &self.0 else { return };
        let Some(operation) = case.operation.get() else { return };
        let decision = Decision {
            id: case.id,
            principal: &page.principal,
            operation,
            allowed: false,
            reason: denial.allow_line.as_deref().unwrap_or("no grant would allow it"),
        };
        page.recorder.note(|_, at| {
            let entry = decision.entry(at).text("capability", denial.capability.as_str());
            entry.text("detail", &denial.detail)
        });
    }

    /// Adds what a round of the call has used.
    pub(super) fn spent(&self, round: &Spent) {
        let Some((_, case)) = &self.0 else { return };
        let mut spent = lock(&case.spent);
        spent.cpu += round.cpu;
        spent.memory = spent.memory.max(round.memory);
    }

    /// How it ended, and what was `noted` until then. It is written by
    /// [`Docket::settle`], or when the request is dropped.
    pub(super) fn ended(&self, ending: Ending, reason: Option<&str>, took: Duration, noted: &Noted) {
        let Some((page, case)) = &self.0 else { return };
        if case.operation.get().is_none() {
            // Nobody knows yet what it would have been.
            if ending == Ending::Busy {
                page.recorder.beyond();
            }
            return;
        }
        let reason = reason.map(str::to_owned);
        let flagged = noted.flagged();
        lock(&page.ended).push(Ended { case: case.clone(), ending, reason, flagged, took });
    }
}

impl Page {
    async fn settle(&self, told: Option<Result<&str, &str>>) -> Result<(), AppendError> {
        let mut ended = std::mem::take(&mut *lock(&self.ended));
        let Some(last) = ended.pop() else { return Ok(()) };
        // If whoever waits goes meanwhile, it is written as what ended before.
        let mut last = PutBack { page: self, ended: Some(last) };
        let before = ended.iter().map(|ended| self.recorder.append(|detail, at| ended.entry(self, None, detail, at)));
        try_join_all(before).await?;
        let Some(last) = last.ended.take() else { return Ok(()) };
        self.recorder.append(|detail, at| last.entry(self, told, detail, at)).await
    }

    /// An entry about the request rather than a call.
    fn entry(&self, kind: Kind, at: SystemTime) -> Entry {
        Entry::new(kind, at).text("principal", &self.principal).text("method", &self.method)
    }
}

/// What is not written yet, while something else is.
struct PutBack<'p> {
    page: &'p Page,
    ended: Option<Ended>,
}

impl Drop for PutBack<'_> {
    fn drop(&mut self) {
        lock(&self.page.ended).extend(self.ended.take());
    }
}

/// Whoever waited has gone: nothing of it leaves, so that nobody waits.
impl Drop for Page {
    fn drop(&mut self) {
        for ended in std::mem::take(&mut *lock(&self.ended)) {
            self.recorder.note(|detail, at| ended.entry(self, None, detail, at));
        }
    }
}

impl Case {
    fn new(id: CallId) -> Self {
        let (operation, name, task, served) = Default::default();
        Self { id, operation, name, task, served, spent: Mutex::default() }
    }

    fn call<'a>(&'a self, page: &'a Page, operation: &'a Operation) -> Call<'a> {
        let (digest, contract) = self.served.get().map(|(digest, contract)| (digest, contract)).unzip();
        Call { id: self.id, principal: &page.principal, operation, digest, contract }
    }

    fn signed(&self, page: &Page, entry: Entry) -> Entry {
        let [name, task] = [&self.name, &self.task].map(|held| held.get().map(|text| &**text));
        entry.text("method", &page.method).maybe("name", name).maybe("task", task)
    }
}

fn lock<T>(held: &Mutex<T>) -> MutexGuard<'_, T> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}
