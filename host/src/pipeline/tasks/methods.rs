//! `tasks/get`, `tasks/update`, `tasks/cancel`.

use bulkhead_base::OperationKind;
use bulkhead_policy::may_list;
use bulkhead_protocol::{
    ClientCapabilities, Era, Fault,
    json::{Json, Kind},
};
use bulkhead_state::{Answered, StateError, Task, TaskInput};

use super::{Tasks, now, rounds::MOST_ANSWERS};
use crate::{
    hub::News,
    pipeline::{ask::Asker, converse::asked_key},
    render::{ReadTask, task_full, unknown_task},
};

/// Longest id that is looked up. Answers "an id of a megabyte".
pub(super) const LONGEST_ID: usize = 64;

impl Asker<'_> {
    /// The tasks, for a caller that said it follows them.
    pub(in crate::pipeline) fn tasks(&self) -> Option<&Tasks> {
        let declared = self.era() == Era::Modern && self.call.speech.client.tasks;
        self.host.tasks.as_ref().filter(|_| declared)
    }

    pub(in crate::pipeline) async fn get_task(&self, id: &str) -> Result<String, Fault> {
        let tasks = self.followed()?;
        // Who may not ask so often may still answer, and stop, what it began.
        self.pay()?;
        let task = self.task(tasks, id).await?;
        let read = ReadTask::read(self.as_of_now(task)).map_err(|error| {
            tracing::error!(%error, task = id, "a kept task cannot be read");
            Fault::internal()
        })?;
        Ok(read.encode(self.envelope()))
    }

    pub(in crate::pipeline) async fn update_task(&self, id: &str, responses: Json<'_>) -> Result<String, Fault> {
        let tasks = self.followed()?;
        let task = self.task(tasks, id).await?;
        let answers = fitting(&task, responses)?;
        let principal = self.caller.principal.id();
        let answered = tasks.kept.answer(principal, id, answers, now()).await.map_err(|error| failing(&error))?;
        if answered != Answered::Nothing {
            self.host.hub.tell(News::Task(task.id));
        }
        if answered == Answered::All {
            tasks.live.wake(id);
        }
        Ok(self.envelope().empty())
    }

    pub(in crate::pipeline) async fn cancel_task(&self, id: &str) -> Result<String, Fault> {
        let tasks = self.followed()?;
        let task = self.task(tasks, id).await?;
        let cancelled = tasks.kept.cancel(self.caller.principal.id(), id, now()).await;
        if cancelled.map_err(|error| failing(&error))? {
            self.docket.cancelled(id, &task.item);
            tasks.live.stop(id);
            self.host.hub.tell(News::Task(task.id));
        }
        Ok(self.envelope().empty())
    }

    /// The tasks, for one request about them.
    fn followed(&self) -> Result<&Tasks, Fault> {
        if self.host.tasks.is_none() {
            return Err(Fault::method_not_found(self.era(), &self.call.method));
        }
        self.tasks().ok_or_else(lacks_tasks)
    }

    /// The task, if it is the caller's own and the caller may still call its tool.
    pub(super) async fn task(&self, tasks: &Tasks, id: &str) -> Result<Task, Fault> {
        if id.len() > LONGEST_ID {
            return Err(unknown_task());
        }
        let principal = &self.caller.principal;
        let task = tasks.kept.read(principal.id(), id, now()).await.map_err(|error| failing(&error))?;
        let may = |task: &Task| may_list(principal, OperationKind::CallTool, &task.item);
        task.filter(may).ok_or_else(unknown_task)
    }
}

/// The client has to say that it follows tasks, and did not.
pub(in crate::pipeline) fn lacks_tasks() -> Fault {
    Fault::missing_capability(ClientCapabilities { tasks: true, ..ClientCapabilities::default() })
}

/// The answers that the task waits for. What it does not wait for is passed over.
fn fitting(task: &Task, responses: Json<'_>) -> Result<Vec<TaskInput>, Fault> {
    let (mut answers, mut bytes) = (Vec::new(), 0);
    for response in responses.members().unwrap_or_default() {
        if task.asked.iter().all(|asked| asked.name != response.key) {
            continue;
        }
        if response.value.kind() != Kind::Object {
            let key = asked_key(&response.key);
            return Err(Fault::invalid_params(format!("params.inputResponses.{key}: expected an object")));
        }
        bytes += response.value.get().len();
        answers.push(TaskInput { name: response.key.into_owned(), json: response.value.get().to_owned() });
    }
    if bytes > MOST_ANSWERS { Err(task_full(MOST_ANSWERS)) } else { Ok(answers) }
}

pub(super) fn failing(error: &StateError) -> Fault {
    tracing::error!(%error, "tasks cannot be read or written");
    Fault::internal()
}
