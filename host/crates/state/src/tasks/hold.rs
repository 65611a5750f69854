//! The end of a task that its runner holds.

use std::sync::Arc;

use rusqlite::{OptionalExtension as _, TransactionBehavior, params};

use super::{Millis, TaskInput, TaskStatus, inputs, row, step};
use crate::{StateError, connections::Connections, sql::tasks as sql};

/// A task that this process runs. There is one for each task, made with it.
/// Every change says whether the task was still live: `false` is for good.
#[derive(Debug)]
pub struct TaskHold {
    connections: Arc<Connections>,
    principal: Arc<str>,
    id: Arc<str>,
}

/// How a task ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TaskEnd {
    /// With a result: a JSON object.
    Completed { result: String },
    /// With an error: a JSON-RPC error object.
    Failed { error: String, message: String },
}

impl TaskHold {
    pub(super) const fn new(connections: Arc<Connections>, principal: Arc<str>, id: Arc<str>) -> Self {
        Self { connections, principal, id }
    }

    /// The task's id.
    #[must_use]
    pub const fn id(&self) -> &Arc<str> {
        &self.id
    }

    /// Answers for the task until `lease`.
    ///
    /// # Errors
    /// A failing database.
    pub async fn renew(&self, lease: Millis, now: Millis) -> Result<bool, StateError> {
        let (principal, id) = self.named();
        self.connections
            .write(move |connection| {
                Ok(connection.prepare_cached(sql::RENEW)?.execute(params![lease, principal, id, now])? > 0)
            })
            .await
    }

    /// Sets the line for whoever watches.
    ///
    /// # Errors
    /// A failing database.
    pub async fn say(&self, message: String, now: Millis) -> Result<bool, StateError> {
        let (principal, id) = self.named();
        self.connections
            .write(move |connection| {
                Ok(connection.prepare_cached(sql::SAY)?.execute(params![message, now, principal, id])? > 0)
            })
            .await
    }

    /// Asks, in place of what was asked before.
    ///
    /// # Errors
    /// A failing database.
    pub async fn ask(&self, questions: Vec<TaskInput>, now: Millis) -> Result<bool, StateError> {
        let (principal, id) = self.named();
        self.connections
            .write(move |connection| {
                let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
                if !step(&transaction, TaskStatus::InputRequired, &principal, &id, now)? {
                    return Ok(false);
                }
                transaction.prepare_cached(sql::FORGET_INPUT)?.execute(params![principal, id])?;
                for (place, TaskInput { name, json }) in (0_u64..).zip(&questions) {
                    let mut add = transaction.prepare_cached(sql::ADD_INPUT)?;
                    add.execute(params![principal, id, name, place, json])?;
                }
                transaction.commit()?;
                Ok(true)
            })
            .await
    }

    /// The answers to what was asked last, in its order; `None` until all are
    /// there. Until then none is read: who waits may ask again and again.
    ///
    /// # Errors
    /// A failing database.
    pub async fn answers(&self, now: Millis) -> Result<Option<Vec<TaskInput>>, StateError> {
        let (principal, id) = self.named();
        self.connections
            .read(move |connection| {
                let mut look = connection.prepare_cached(sql::STAMP)?;
                let stamp = look.query_row(params![principal, id, now], |row| row::stamp(row, now)).optional()?;
                if stamp.is_none_or(|stamp| stamp.status != TaskStatus::Working) {
                    return Ok(None);
                }
                inputs(connection, sql::ANSWERS, &principal, &id).map(Some)
            })
            .await
    }

    /// Ends the task.
    ///
    /// # Errors
    /// A failing database.
    pub async fn finish(&self, end: TaskEnd, now: Millis) -> Result<bool, StateError> {
        let (principal, id) = self.named();
        let (status, message, detail) = match end {
            TaskEnd::Completed { result } => (TaskStatus::Completed, None, result),
            TaskEnd::Failed { error, message } => (TaskStatus::Failed, Some(message), error),
        };
        self.connections
            .write(move |connection| {
                let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
                let mut finish = transaction.prepare_cached(sql::FINISH)?;
                let bytes = detail.len() as u64;
                let ended = finish.execute(params![status, message, detail, bytes, now, principal, id])? > 0;
                drop(finish);
                transaction.prepare_cached(sql::FORGET_INPUT)?.execute(params![principal, id])?;
                transaction.commit()?;
                Ok(ended)
            })
            .await
    }

    fn named(&self) -> (Arc<str>, Arc<str>) {
        (Arc::clone(&self.principal), Arc::clone(&self.id))
    }
}
