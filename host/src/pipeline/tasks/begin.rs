//! A call becomes a task.

use std::{sync::Arc, time::Duration};

use bulkhead_protocol::Fault;
use bulkhead_registry::ToolEntry;
use bulkhead_state::{NewTask, Task, TaskStatus};
use bytes::Bytes;
use tracing::Instrument as _;

use super::{Desk, LEASE, Tasks, millis, now, work::Work};
use crate::{
    admin::{Ending, Kind},
    pipeline::{ask::Asker, converse::State, invoke::Errand},
    render::{ReadTask, tasks_full},
    transport::slots::Slot,
};

const ID_BYTES: usize = 16;

impl Asker<'_> {
    /// Makes a task of the call, which is to go on from `state`, and answers
    /// with it. The call's place among those under way becomes the task's.
    pub(in crate::pipeline) async fn become_task(
        &self,
        tasks: &Tasks,
        errand: &Errand,
        tool: &ToolEntry,
        state: State,
        slot: Option<Slot>,
    ) -> Result<String, Fault> {
        let (desk, task) = self.create(tasks, errand, tool).await?;
        let expires = Duration::from_millis(task.expires.saturating_sub(now()));
        errand.sheet.becomes(&task.id);
        let errand_of_task = errand.again(Kind::Task);
        let work = Work {
            host: self.host.clone(),
            caller: self.caller.clone(),
            // A frame may be part of a larger buffer, which this one does not keep.
            frame: Bytes::copy_from_slice(self.frame),
            desk: desk.on(errand_of_task.sheet.clone()),
            errand: errand_of_task,
            file: tool.plugin.digest(),
            state,
            slot,
            expires,
        };
        tracing::info!(task = %task.id, "the call goes on as a task");
        tokio::spawn(work.run().in_current_span());
        errand.end(Ending::Task);
        let read = ReadTask::read(task).map_err(|_| Fault::internal())?;
        Ok(read.created(self.envelope(), &errand.origin()))
    }

    async fn create(&self, tasks: &Tasks, errand: &Errand, tool: &ToolEntry) -> Result<(Desk, Task), Fault> {
        let id = fresh_id().map_err(|error| {
            tracing::error!(%error, "no task can be begun");
            Fault::internal()
        })?;
        let full = |why: &dyn std::fmt::Display| {
            tracing::warn!("no task is begun: {why}");
            errand.end(Ending::Busy);
            tasks_full()
        };
        let principal = self.caller.principal.id();
        let seat = tasks.live.enter(principal, &id, self.frame.len()).map_err(|why| full(&why))?;
        let (item, now) = (tool.operation().item.to_string(), now());
        let new = NewTask {
            principal: principal.clone(),
            id: id.clone(),
            item: item.clone(),
            expires: now + millis(tasks.ttl),
            lease: now + millis(LEASE),
        };
        let expires = new.expires;
        let hold = tasks.kept.create(new, now).await.map_err(|error| {
            if error.is_refusal() {
                return full(&error);
            }
            tracing::error!(%error, "no task can be begun");
            errand.end(Ending::Host);
            Fault::internal()
        })?;
        let task = Task {
            id,
            item,
            status: TaskStatus::Working,
            created: now,
            updated: now,
            expires,
            version: 1,
            message: None,
            detail: None,
            asked: Vec::new(),
        };
        Ok((Desk::new(hold, seat, self.host.hub.clone()), task))
    }
}

/// 128 random bits: who does not know the id does not guess it.
fn fresh_id() -> Result<Arc<str>, getrandom::Error> {
    let mut bytes = [0_u8; ID_BYTES];
    getrandom::fill(&mut bytes)?;
    Ok(hex::encode(bytes).into())
}
