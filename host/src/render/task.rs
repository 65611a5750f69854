//! A task as its client reads it, and what is said where there is none.

use bulkhead_protocol::{
    Fault, RequestId, code,
    json::{Compact, JsonError, compact},
    write::{Answer, Outcome, TaskDetail, TaskView, task_changed},
};
use bulkhead_state::{Millis, Task, TaskInput, TaskStatus};
use jiff::Timestamp;

use super::crowded;

/// How often a client that polls should ask. Answers "a client that polls in
/// a loop", as far as it listens.
const POLL_INTERVAL_MS: u64 = 1_000;

/// A task with its JSON read.
pub struct ReadTask {
    task: Task,
    created_at: String,
    updated_at: String,
    detail: TaskDetail,
}

impl ReadTask {
    /// Reads what the database holds.
    ///
    /// # Errors
    /// JSON that is none.
    pub fn read(mut task: Task) -> Result<Self, JsonError> {
        let detail = match (task.status, task.detail.take()) {
            (TaskStatus::InputRequired, _) => TaskDetail::Asked(questions(std::mem::take(&mut task.asked))?),
            (TaskStatus::Completed, Some(result)) => TaskDetail::Result(Compact::object(&result, usize::MAX)?),
            (TaskStatus::Failed, Some(error)) => TaskDetail::Error(Compact::object(&error, usize::MAX)?),
            (TaskStatus::Failed, None) => {
                let gone = Fault::new(code::INTERNAL_ERROR, "the server that ran this task ended");
                task.message = Some(gone.message.to_string());
                TaskDetail::Error(Compact::write(|error| gone.write(error)))
            }
            _ => TaskDetail::Nothing,
        };
        Ok(Self { created_at: time(task.created), updated_at: time(task.updated), task, detail })
    }

    /// The answer to the call that became this task.
    #[must_use]
    pub fn created(&self, answer: Answer<'_>, origin: &Compact) -> String {
        answer.outcome(Outcome::Task).own_meta(Some(origin)).encode(|result| self.view().write(result))
    }

    /// The answer to who asks for it.
    #[must_use]
    pub fn encode(&self, answer: Answer<'_>) -> String {
        answer.encode(|result| self.view().write_detailed(result, &self.detail))
    }

    /// The news of it.
    #[must_use]
    pub fn changed(&self, subscription: &RequestId) -> String {
        task_changed(&self.view(), &self.detail, subscription)
    }

    fn view(&self) -> TaskView<'_> {
        TaskView {
            id: &self.task.id,
            status: self.task.status.as_str(),
            message: self.task.message.as_deref(),
            created_at: &self.created_at,
            updated_at: &self.updated_at,
            ttl_ms: self.task.expires - self.task.created,
            poll_interval_ms: POLL_INTERVAL_MS,
        }
    }
}

fn questions(asked: Vec<TaskInput>) -> Result<Vec<(String, Compact)>, JsonError> {
    asked.into_iter().map(|TaskInput { name, json }| Ok((name, compact(&json, usize::MAX)?))).collect()
}

/// RFC 3339, to the millisecond.
fn time(at: Millis) -> String {
    let at = i64::try_from(at).ok().and_then(|at| Timestamp::from_millisecond(at).ok()).unwrap_or_default();
    format!("{at:.3}")
}

/// No such task, or not the caller's, or no longer: nobody learns which.
#[must_use]
pub fn unknown_task() -> Fault {
    Fault::invalid_params("params.taskId: there is no such task, or it has expired")
}

/// The tool runs as a task only, and this server has nowhere to keep one.
#[must_use]
pub fn no_tasks() -> Fault {
    Fault::new(code::INTERNAL_ERROR, "this tool runs as a task only, and tasks are not served here")
}

/// The caller has as many tasks as it may.
#[must_use]
pub fn tasks_full() -> Fault {
    crowded("you have as many tasks as you may: let one end or expire")
}

/// The answers are more than a task takes.
#[must_use]
pub fn task_full(most: usize) -> Fault {
    Fault::invalid_params(format!("params.inputResponses: expected at most {most} bytes of answers"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(status: TaskStatus, detail: Option<&str>) -> serde_json::Value {
        let task = Task {
            id: "7f".into(),
            item: "slow.run".into(),
            status,
            created: 1_000,
            updated: 2_000,
            expires: 61_000,
            version: 1,
            message: Some("half way".into()),
            detail: detail.map(str::to_owned),
            asked: vec![TaskInput { name: "a".into(), json: r#"{"method": "roots/list"}"#.into() }],
        };
        let frame = ReadTask::read(task).unwrap().changed(&1.into());
        serde_json::from_str::<serde_json::Value>(&frame).unwrap()["params"].clone()
    }

    #[test]
    fn a_task_shows_what_its_status_brings_and_nothing_else() {
        let parts = |task: &serde_json::Value| ["inputRequests", "result", "error"].map(|key| task.get(key).is_some());
        let working = task(TaskStatus::Working, None);
        assert_eq!((&working["createdAt"], &working["ttlMs"]), (&"1970-01-01T00:00:01.000Z".into(), &60_000.into()));
        assert_eq!(parts(&working), [false; 3]);
        assert_eq!(parts(&task(TaskStatus::InputRequired, None)), [true, false, false]);
        assert_eq!(parts(&task(TaskStatus::Completed, Some("{}"))), [false, true, false]);
        assert_eq!(parts(&task(TaskStatus::Failed, Some("{}"))), [false, false, true]);
        assert_eq!(parts(&task(TaskStatus::Cancelled, None)), [false; 3]);
    }

    #[test]
    fn a_task_whose_server_ended_says_so() {
        let gone = task(TaskStatus::Failed, None);
        assert_eq!(gone["error"]["code"], -32603);
        assert_eq!(gone["error"]["message"], "the server that ran this task ended");
        assert_eq!(gone["statusMessage"], gone["error"]["message"]);
    }
}
