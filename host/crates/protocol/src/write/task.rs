//! Tasks, as the extension shapes them: flat, the same in every message.

use crate::{
    id::RequestId,
    json::Compact,
    write::{Object, notice},
};

/// A task as its client sees it.
#[derive(Clone, Debug)]
pub struct TaskView<'a> {
    pub id: &'a str,
    pub status: &'a str,
    pub message: Option<&'a str>,
    /// RFC 3339.
    pub created_at: &'a str,
    pub updated_at: &'a str,
    /// How long it is kept, from its creation on.
    pub ttl_ms: u64,
    /// How often a client that polls should ask.
    pub poll_interval_ms: u64,
}

/// What a task's status brings with it.
#[derive(Clone, Debug, Default)]
pub enum TaskDetail {
    #[default]
    Nothing,
    /// The questions that are open: name and request.
    Asked(Vec<(String, Compact)>),
    /// What the call would have answered.
    Result(Compact),
    /// The JSON-RPC error that ended it.
    Error(Compact),
}

impl TaskView<'_> {
    /// Writes the members that every message about a task has.
    pub fn write(&self, out: &mut Object<'_>) {
        out.str("taskId", self.id);
        out.str("status", self.status);
        out.maybe_str("statusMessage", self.message);
        out.str("createdAt", self.created_at);
        out.str("lastUpdatedAt", self.updated_at);
        out.slot("ttlMs").uint(self.ttl_ms);
        out.slot("pollIntervalMs").uint(self.poll_interval_ms);
    }

    /// The same, with what its status brings.
    pub fn write_detailed(&self, out: &mut Object<'_>, detail: &TaskDetail) {
        self.write(out);
        match detail {
            TaskDetail::Nothing => {}
            TaskDetail::Asked(questions) => out.object("inputRequests", |requests| {
                questions.iter().for_each(|(name, request)| requests.raw(name, request));
            }),
            TaskDetail::Result(result) => out.raw("result", result),
            TaskDetail::Error(error) => out.raw("error", error),
        }
    }
}

/// A task has changed.
#[must_use]
pub fn task_changed(task: &TaskView<'_>, detail: &TaskDetail, subscription: &RequestId) -> String {
    notice("notifications/tasks", Some(subscription), |params| task.write_detailed(params, detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notification_has_the_whole_task_and_its_subscription() {
        let task = TaskView {
            id: "7f",
            status: "input_required",
            message: None,
            created_at: "2026-07-28T00:00:00Z",
            updated_at: "2026-07-28T00:00:01Z",
            ttl_ms: 60_000,
            poll_interval_ms: 1_000,
        };
        let detail = TaskDetail::Asked(vec![("a".into(), Compact::write(|out| out.str("method", "roots/list")))]);
        assert_eq!(
            task_changed(&task, &detail, &"s".into()),
            r#"{"jsonrpc":"2.0","method":"notifications/tasks","params":{"taskId":"7f","status":"input_required","createdAt":"2026-07-28T00:00:00Z","lastUpdatedAt":"2026-07-28T00:00:01Z","ttlMs":60000,"pollIntervalMs":1000,"inputRequests":{"a":{"method":"roots/list"}},"_meta":{"io.modelcontextprotocol/subscriptionId":"s"}}}"#
        );
    }
}
