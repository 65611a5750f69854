//! Tasks: calls that go on after their answer, and what came of them.
//!
//! Several processes may share one database. Who runs a task holds a lease on
//! it and renews it; whoever reads a live task whose lease is over sees that
//! it failed.
//!
//! **Invariants:** an ended task never changes again. A task belongs to its
//! principal: for anybody else it does not exist, and neither does one that
//! has expired.

mod hold;
mod row;

use std::sync::Arc;

use bulkhead_base::ByteSize;
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};

use crate::{StateError, connections::Connections, sql::tasks as sql};

pub use hold::{TaskEnd, TaskHold};
pub use row::{Millis, Stamp, Task, TaskInput, TaskStatus};

/// Most tasks that are kept of one principal, ended ones included. Answers "a
/// client that creates tasks in a loop and fetches none".
pub const KEPT_TASKS: u64 = 1_000;
/// Bytes that their results may take together before no further task is
/// begun. Answers "results that fill the disk".
pub const KEPT_BYTES: ByteSize = ByteSize::mib(64);

/// A task that is about to begin.
#[derive(Clone, Debug)]
pub struct NewTask {
    pub principal: Arc<str>,
    /// 128 random bits.
    pub id: Arc<str>,
    pub item: String,
    pub expires: Millis,
    /// Until when its runner answers for it.
    pub lease: Millis,
}

/// What became of a client's answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answered {
    /// They fit no open question.
    Nothing,
    /// Some questions are still open.
    Some,
    /// None is: the task works on.
    All,
}

/// All tasks of a database.
#[derive(Clone, Debug)]
pub struct Tasks {
    connections: Arc<Connections>,
}

impl Tasks {
    pub(crate) fn new(connections: Arc<Connections>) -> Self {
        Self { connections }
    }

    /// Creates a task; once this returns, it is there for every reader.
    ///
    /// # Errors
    /// The principal keeps as many as it may; a failing database.
    pub async fn create(&self, task: NewTask, now: Millis) -> Result<TaskHold, StateError> {
        let hold = TaskHold::new(Arc::clone(&self.connections), Arc::clone(&task.principal), Arc::clone(&task.id));
        let created = self.connections.write(move |connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            transaction.prepare_cached(sql::EXPIRE)?.execute([now])?;
            room(&transaction, &task.principal)?;
            let NewTask { principal, id, item, expires, lease } = &task;
            transaction.prepare_cached(sql::INSERT)?.execute(params![principal, id, item, now, expires, lease])?;
            Ok(transaction.commit()?)
        });
        created.await.map(|()| hold)
    }

    /// The task `id` of `principal`, if there is one.
    ///
    /// # Errors
    /// A failing database.
    pub async fn read(&self, principal: &Arc<str>, id: &str, now: Millis) -> Result<Option<Task>, StateError> {
        let (principal, id): (_, Arc<str>) = (Arc::clone(principal), id.into());
        self.connections
            .read(move |connection| {
                // One moment for the task and its questions.
                let transaction = connection.transaction()?;
                let mut read = transaction.prepare_cached(sql::READ)?;
                let found = read.query_row(params![principal, id, now], |row| row::task(row, &id, now)).optional()?;
                let Some(mut task) = found else { return Ok(None) };
                if task.status == TaskStatus::InputRequired {
                    task.asked = inputs(&transaction, sql::OPEN_INPUT, &principal, &id)?;
                }
                Ok(Some(task))
            })
            .await
    }

    /// Where tasks of `principal` stand, in the order of `ids`.
    ///
    /// # Errors
    /// A failing database.
    pub async fn stamps(
        &self,
        principal: &Arc<str>,
        ids: Vec<Arc<str>>,
        now: Millis,
    ) -> Result<Vec<Option<Stamp>>, StateError> {
        let principal = Arc::clone(principal);
        self.connections
            .read(move |connection| {
                let mut read = connection.prepare_cached(sql::STAMP)?;
                let stamp = |id| read.query_row(params![principal, id, now], |row| row::stamp(row, now)).optional();
                Ok(ids.into_iter().map(stamp).collect::<Result<_, _>>()?)
            })
            .await
    }

    /// The items of tasks of `principal`, in the order of `ids`.
    ///
    /// # Errors
    /// A failing database.
    pub async fn items(
        &self,
        principal: &Arc<str>,
        ids: Vec<Arc<str>>,
        now: Millis,
    ) -> Result<Vec<Option<String>>, StateError> {
        let principal = Arc::clone(principal);
        self.connections
            .read(move |connection| {
                let mut read = connection.prepare_cached(sql::ITEM)?;
                let item = |id| read.query_row(params![principal, id, now], |row| row.get(0)).optional();
                Ok(ids.into_iter().map(item).collect::<Result<_, _>>()?)
            })
            .await
    }

    /// Takes answers to open questions; others count for nothing.
    ///
    /// # Errors
    /// A failing database.
    pub async fn answer(
        &self,
        principal: &Arc<str>,
        id: &str,
        answers: Vec<TaskInput>,
        now: Millis,
    ) -> Result<Answered, StateError> {
        let (principal, id) = (Arc::clone(principal), id.to_owned());
        self.connections
            .write(move |connection| {
                let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
                let mut taken = 0;
                for TaskInput { name, json } in &answers {
                    let mut answer = transaction.prepare_cached(sql::ANSWER_INPUT)?;
                    taken += answer.execute(params![json, principal, id, name])?;
                }
                let left = inputs(&transaction, sql::OPEN_INPUT, &principal, &id)?.len();
                let next = if left == 0 { TaskStatus::Working } else { TaskStatus::InputRequired };
                let told = taken > 0 && step(&transaction, next, &principal, &id, now)?;
                transaction.commit()?;
                Ok(match (told, left) {
                    (false, _) => Answered::Nothing,
                    (true, 0) => Answered::All,
                    (true, _) => Answered::Some,
                })
            })
            .await
    }

    /// Cancels a task. False if there is no live one.
    ///
    /// # Errors
    /// A failing database.
    pub async fn cancel(&self, principal: &Arc<str>, id: &str, now: Millis) -> Result<bool, StateError> {
        let (principal, id) = (Arc::clone(principal), id.to_owned());
        self.connections
            .write(move |connection| {
                let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
                let cancelled = step(&transaction, TaskStatus::Cancelled, &principal, &id, now)?;
                transaction.prepare_cached(sql::FORGET_INPUT)?.execute(params![principal, id])?;
                transaction.commit()?;
                Ok(cancelled)
            })
            .await
    }

    /// Removes what has expired, whosever it was.
    ///
    /// # Errors
    /// A failing database.
    pub async fn sweep(&self, now: Millis) -> Result<usize, StateError> {
        self.connections.write(move |connection| Ok(connection.execute(sql::EXPIRE, [now])?)).await
    }
}

fn room(connection: &Connection, principal: &str) -> Result<(), StateError> {
    let mut read = connection.prepare_cached(sql::USE)?;
    let (tasks, bytes): (u64, u64) = read.query_row([principal], |row| Ok((row.get(0)?, row.get(1)?)))?;
    if tasks >= KEPT_TASKS {
        return Err(StateError::TooManyTasks { limit: KEPT_TASKS });
    }
    if bytes >= KEPT_BYTES.get() {
        return Err(StateError::TasksExhausted { limit: KEPT_BYTES });
    }
    Ok(())
}

/// Moves a live task on. False if it is none.
fn step(connection: &Connection, to: TaskStatus, principal: &str, id: &str, now: Millis) -> Result<bool, StateError> {
    Ok(connection.prepare_cached(sql::MOVE)?.execute(params![to, now, principal, id])? > 0)
}

fn inputs(connection: &Connection, sql: &str, principal: &str, id: &str) -> Result<Vec<TaskInput>, StateError> {
    let mut read = connection.prepare_cached(sql)?;
    let rows = read.query_map(params![principal, id], |row| Ok(TaskInput { name: row.get(0)?, json: row.get(1)? }))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

#[cfg(test)]
mod tests;
