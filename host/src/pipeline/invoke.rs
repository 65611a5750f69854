//! One call of a plugin: decided, leased, run in a fresh instance, counted.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use bulkhead_base::{CallId, Operation};
use bulkhead_policy::{Permit, decide_named};
use bulkhead_protocol::{ClientCapabilities, Era, Fault, LogLevel, json::Compact};
use bulkhead_registry::{Lease, Snapshot};
use bulkhead_sandbox::{
    Ask, Call, ReportReceiver, ReportSender,
    answer::{self, CallContext, Outcome, TraceContext},
};
use tokio::time::timeout;

use super::{
    allowance::Share,
    ask::{Asker, origin},
    dispatch::Stop,
    docket::Sheet,
    heard::{Heard, Hearing},
    reports::Teller,
    surroundings::Surroundings,
};
use crate::{
    admin::{Ending, Kind, Metrics},
    render::{Client, Failed, Told},
    screening::Noted,
};

/// What a conversation of the older era hears before it has said what it wants.
const ASSUMED_LEVEL: LogLevel = LogLevel::Info;

/// How long a guest that was told to stop may take. Answers "a plugin that does
/// not look".
const FAREWELL: Duration = Duration::from_millis(500);

/// One call on its way: what it is, and since when.
pub(super) struct Errand {
    pub(super) id: CallId,
    kind: Kind,
    begun: Instant,
    metrics: Arc<Metrics>,
    counted: AtomicBool,
    share: Share,
    /// What was found in what its plugin said.
    pub(super) noted: Noted,
    /// What of it is put on the record.
    pub(super) sheet: Sheet,
}

/// What a plugin is told besides what is asked.
#[derive(Default)]
pub(super) struct Round {
    /// What the client answered to earlier questions, oldest first.
    pub(super) answers: Vec<answer::Answer>,
    /// The state that came with the last question.
    pub(super) state: Option<String>,
}

impl Errand {
    /// Wording, log line and count of a failure, in one place.
    pub(super) fn fail(&self, failed: Failed) -> Client {
        let Told { client, ending, log } = failed.tell();
        self.count(ending, log.as_deref());
        match (&log, ending) {
            (Some(log), Ending::Host) => tracing::error!(ending = ending.as_str(), "{log}"),
            (Some(log), _) => tracing::warn!(ending = ending.as_str(), "{log}"),
            (None, _) => tracing::debug!(ending = ending.as_str(), "the call failed"),
        }
        client
    }

    /// A failure where there is no tool whose result could carry it, with what
    /// was found in what its plugin said.
    pub(super) fn fault(&self, failed: Failed, era: Era, uri: Option<&str>) -> Fault {
        self.noted.told(self.fail(failed).fault(era, uri, self.id))
    }

    /// The host's own `_meta` on its answer.
    pub(super) fn origin(&self) -> Compact {
        origin(self.id, &self.noted)
    }

    /// How long it has taken so far.
    pub(super) fn took(&self) -> Duration {
        self.begun.elapsed()
    }

    /// The same call, as it goes on when its request is answered.
    pub(super) fn again(&self, kind: Kind) -> Self {
        let (metrics, counted) = (self.metrics.clone(), AtomicBool::new(false));
        let (share, noted, sheet) = (Share::default(), Noted::default(), self.sheet.again());
        Self { id: self.id, kind, begun: Instant::now(), metrics, counted, share, noted, sheet }
    }

    /// Counts an answer.
    pub(super) fn end(&self, ending: Ending) {
        self.count(ending, None);
        tracing::debug!(ending = ending.as_str(), took_us = self.begun.elapsed().as_micros(), "the call ended");
    }

    /// Counts the call's ending, the first one that is told.
    fn count(&self, ending: Ending, reason: Option<&str>) {
        if !self.counted.swap(true, Ordering::Relaxed) {
            let took = self.begun.elapsed();
            self.metrics.ended(self.kind, ending, took);
            self.sheet.ended(ending, reason, took, &self.noted);
        }
    }
}

impl Drop for Errand {
    fn drop(&mut self) {
        // Whoever waited for it has gone, and dropped it.
        self.count(Ending::Abandoned, None);
    }
}

impl Asker<'_> {
    /// Begins a call: its id, and its share of what the caller may ask for.
    pub(super) fn errand(&self, kind: Kind) -> Result<Errand, Stop> {
        let id = CallId::fresh().map_err(|error| {
            tracing::error!(%error, "no call can be begun");
            Fault::internal()
        })?;
        let (metrics, counted) = (self.host.metrics.clone(), AtomicBool::new(false));
        let (share, noted, sheet) = (Share::default(), Noted::default(), self.docket.sheet(id));
        let mut errand = Errand { id, kind, begun: Instant::now(), metrics, counted, share, noted, sheet };
        match self.host.allowances.take(&self.caller.principal) {
            Ok(share) => errand.share = share,
            Err(_) => {
                let client = errand.fail(Failed::TooMany);
                return Err(client.fault(self.era(), None, id).status(429).into());
            }
        }
        Ok(errand)
    }

    /// The call's span: one id from here to its last line.
    pub(super) fn span(&self, errand: &Errand, operation: &Operation) -> tracing::Span {
        tracing::info_span!(
            "call",
            call = %errand.id,
            principal = %self.caller.principal.id(),
            plugin = %operation.plugin,
            operation = %operation,
        )
    }

    /// Decides, and counts what was decided.
    pub(super) fn permit(&self, errand: &Errand, operation: &Operation) -> Result<Permit, Failed> {
        self.permit_named(errand, operation, &[])
    }

    /// As `permit`, where the guide calls the item by `names` as well.
    pub(super) fn permit_named(
        &self,
        errand: &Errand,
        operation: &Operation,
        names: &[Arc<str>],
    ) -> Result<Permit, Failed> {
        errand.sheet.about(operation, names.first());
        let decided = decide_named(&self.caller.principal, operation, names);
        self.host.metrics.decided(errand.kind, decided.is_ok());
        decided.map_err(Failed::Denied)
    }

    /// Runs one call of a plugin, and reads what it says. Everything it reports
    /// on the way is passed on before this returns.
    pub(super) async fn run(
        &self,
        errand: &Errand,
        snapshot: &Snapshot,
        permit: Permit,
        ask: Ask,
        round: Round,
    ) -> Result<Heard, Failed> {
        self.knock(snapshot, permit.operation())?;
        let surroundings = self.surroundings(snapshot).await?;
        let lease = snapshot.lease(permit).map_err(|_| Failed::Revoked)?;
        // A right is taken away before anything newer is served: who had it under
        // an older configuration runs nothing of a newer snapshot.
        if self.caller.lost.is_cancelled() {
            return Err(Failed::Revoked);
        }
        self.intend(errand, &lease, &ask).await?;
        let (sender, reports) = ReportSender::channel();
        let call = Call { context: self.context(errand, round, &surroundings), ask };
        let operation = lease.permit().operation();
        let speaker = snapshot.plugin(&operation.plugin).ok_or(Failed::Revoked)?;
        let hearing = Hearing::new(self, errand, snapshot, speaker, operation)?;
        let plugin = lease.compiled().clone();
        let run = self.host.engine.invoke(&plugin, lease.permit(), call, sender);
        let watched = self.watch(errand, &lease, &hearing, run, reports);
        let ended = match self.time_limit()? {
            Some(limit) => timeout(limit, watched).await.unwrap_or(Err(Failed::OutOfPatience(limit))),
            None => watched.await,
        };
        hearing.hear(ended)
    }

    async fn watch(
        &self,
        errand: &Errand,
        lease: &Lease,
        hearing: &Hearing<'_>,
        run: impl Future<Output = Result<Outcome, bulkhead_sandbox::Failure>>,
        mut reports: ReportReceiver,
    ) -> Result<Outcome, Failed> {
        let mut teller = Teller::new(self, errand, lease, hearing.listener());
        tokio::pin!(run);
        let outcome = loop {
            tokio::select! {
                biased;
                outcome = &mut run => break outcome,
                () = teller.due() => teller.pass_on(),
                Some(report) = reports.recv() => tokio::select! {
                    biased;
                    told = teller.tell(report) => told?,
                    () = lease.revoked() => return Err(Failed::Revoked),
                },
                () = lease.revoked() => return Err(Failed::Revoked),
                () = self.stopped() => {
                    // Seen by the guest, which may end tidily.
                    reports.close();
                    let _ = timeout(FAREWELL, &mut run).await;
                    return Err(Failed::Cancelled);
                }
            }
        };
        while let Ok(report) = reports.try_recv() {
            teller.tell(report).await?;
        }
        outcome.map_err(Failed::Sandbox)
    }

    /// Ends once the task is to stop that the call runs as; never, without one.
    async fn stopped(&self) {
        match self.task {
            Some(task) => task.stopped().await,
            None => std::future::pending().await,
        }
    }

    fn context(&self, errand: &Errand, round: Round, surroundings: &Surroundings) -> CallContext {
        let (speech, meta) = (&self.call.speech, &self.call.meta);
        let log_level = self.log_level();
        CallContext {
            call_id: errand.id.to_string(),
            era: match speech.era() {
                Era::Legacy => answer::Era::Legacy,
                Era::Modern => answer::Era::Modern,
                Era::Guide => answer::Era::Guide,
            },
            protocol_version: speech.revision.as_str().to_owned(),
            client: client(ClientCapabilities { tasks: self.tasks().is_some(), ..speech.client }),
            log_level: log_level.map(level),
            // A task has a status; the stream that progress goes to is another request's.
            progress: meta.progress_token.is_some() && self.task.is_none(),
            as_task: self.task.is_some(),
            trace: meta.traceparent.as_ref().map(|traceparent| TraceContext {
                traceparent: traceparent.to_string(),
                tracestate: meta.tracestate.as_ref().map(ToString::to_string),
                baggage: meta.baggage.as_ref().map(ToString::to_string),
            }),
            root: surroundings.root.as_ref().map(|root| answer::Root { id: root.id.to_string(), workspace: None }),
            sampling: surroundings.sampling_text(),
            answers: round.answers,
            state: round.state,
            meta: meta.rest.as_ref().map(|rest| rest.as_str().to_owned()),
        }
    }

    /// Lines below this level go nowhere.
    pub(super) fn log_level(&self) -> Option<LogLevel> {
        if self.task.is_some() {
            return None;
        }
        match self.era() {
            Era::Legacy => Some(self.call.speech.log_level.unwrap_or(ASSUMED_LEVEL)),
            Era::Modern => self.call.speech.log_level,
            Era::Guide => None,
        }
    }
}

const fn client(can: ClientCapabilities) -> answer::ClientCapabilities {
    answer::ClientCapabilities {
        elicitation_form: can.elicitation_form,
        elicitation_url: can.elicitation_url,
        sampling: can.sampling,
        sampling_tools: can.sampling_tools,
        roots: can.roots,
        tasks: can.tasks,
    }
}

const fn level(level: LogLevel) -> answer::LogLevel {
    match level {
        LogLevel::Debug => answer::LogLevel::Debug,
        LogLevel::Info => answer::LogLevel::Info,
        LogLevel::Notice => answer::LogLevel::Notice,
        LogLevel::Warning => answer::LogLevel::Warning,
        LogLevel::Error => answer::LogLevel::Error,
        LogLevel::Critical => answer::LogLevel::Critical,
        LogLevel::Alert => answer::LogLevel::Alert,
        LogLevel::Emergency => answer::LogLevel::Emergency,
    }
}
