//! The life of one task, from its first round to its end.

use std::{sync::Arc, time::Duration};

use bulkhead_base::{ByteSize, Digest};
use bulkhead_protocol::{Call, Fault, Hearing, Incoming, Request, Revisions, WireFacts, decode, json::Compact};
use bulkhead_sandbox::Failure;
use bulkhead_state::TaskEnd;
use bytes::Bytes;
use tokio::time::sleep;

use super::{Desk, rounds::Course};
use crate::{
    admin::Ending,
    authn::Admitted,
    pipeline::{
        Host,
        ask::Asker,
        converse::{State, Trouble},
        hearing::Place,
        invoke::Errand,
    },
    render::{Client, Failed, ReadTool, tool_error_result, unrecorded},
    transport::{service::Outbox, slots::Slot},
};

/// Largest result that is kept, as JSON. Answers "a result that is fetched
/// again and again, each time whole".
const MOST_RESULT: ByteSize = ByteSize::mib(8);

/// A task that is about to run. It outlives the request that it came from, and
/// so keeps the request's frame, which is read again.
pub(super) struct Work {
    pub(super) host: Arc<Host>,
    pub(super) caller: Admitted,
    pub(super) frame: Bytes,
    pub(super) desk: Desk,
    pub(super) errand: Errand,
    /// The plugin's file: the task does not go on under another.
    pub(super) file: Digest,
    pub(super) state: State,
    pub(super) slot: Option<Slot>,
    pub(super) expires: Duration,
}

impl Work {
    pub(super) async fn run(self) {
        let Self { host, caller, frame, desk, errand, file, state, slot, expires } = self;
        let Some(call) = read(&frame) else { return };
        let Request::CallTool { name, arguments, .. } = &call.request else { return };
        let (place, (outbox, _)) = (Place::nowhere(), Outbox::channel());
        let asker = Asker {
            host: &host,
            caller: &caller,
            frame: &frame,
            call: &call,
            outbox: &outbox,
            place: &place,
            task: Some(&desk),
            docket: errand.sheet.docket(),
        };
        let course = Course { errand: &errand, desk: &desk, file, name, arguments: *arguments };
        let (heard, cut_off) = (desk.heard(), host.tasks.as_ref().map(|tasks| tasks.cut_off.clone()));
        let cut_off = cut_off.unwrap_or_default();
        let ended = tokio::select! {
            biased;
            () = caller.gone.cancelled() => Err(Failed::LetOut.into()),
            () = cut_off.cancelled() => Err(Failed::Sandbox(Failure::Stopped).into()),
            () = sleep(expires) => Err(Failed::Expired.into()),
            ended = asker.rounds(&course, state, slot) => ended,
            never = desk.keep(heard) => match never {},
        };
        let end = asker.end(&errand, ended);
        desk.finish(asker.recorded(end).await).await;
    }
}

/// The request once more, as it was accepted, headers and all.
fn read(frame: &[u8]) -> Option<Call<'_>> {
    let hearing = Hearing { offered: Revisions::ALL, session: None, wire: WireFacts::Stdio };
    match decode(frame, &hearing) {
        Ok(Incoming::Request(call)) => Some(call),
        _ => None,
    }
}

impl Asker<'_> {
    /// How the call's outcome is kept, counted and logged.
    fn end(&self, errand: &Errand, ended: Result<ReadTool, Trouble>) -> TaskEnd {
        let origin = errand.origin();
        match ended {
            Ok(read) => {
                let result = read.result(self.envelope(), &self.call.speech, &origin);
                if result.as_str().len() > MOST_RESULT.as_usize() {
                    let large = Failed::Sandbox(Failure::TooMuchOutput(MOST_RESULT));
                    return self.end(errand, Err(large.into()));
                }
                errand.end(if read.is_error() { Ending::ToolError } else { Ending::Answered });
                completed(result)
            }
            Err(Trouble::Failed(failed)) => match errand.fail(failed).tool_text() {
                Ok(text) => completed(tool_error_result(self.envelope(), &text, &origin)),
                Err(fault) => broken(&errand.noted.told(Client::Fault(fault).fault(self.era(), None, errand.id))),
            },
            Err(Trouble::Fault(fault)) => {
                errand.end(Ending::Plugin);
                broken(&errand.noted.told(fault))
            }
        }
    }
}

impl Asker<'_> {
    /// The end as anybody may read it: it is on the record.
    async fn recorded(&self, end: TaskEnd) -> TaskEnd {
        let told = match &end {
            TaskEnd::Completed { result } => Ok(result.as_str()),
            TaskEnd::Failed { error, .. } => Err(error.as_str()),
        };
        match self.docket.settle_task(told).await {
            Ok(()) => end,
            Err(_) => broken(&unrecorded()),
        }
    }
}

fn completed(result: Compact) -> TaskEnd {
    TaskEnd::Completed { result: result.into_string() }
}

fn broken(fault: &Fault) -> TaskEnd {
    let error = Compact::write(|error| fault.write(error)).into_string();
    TaskEnd::Failed { error, message: fault.message.to_string() }
}
