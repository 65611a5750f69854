//! A task as its row has it.

use std::sync::Arc;

use rusqlite::{
    Row, ToSql,
    types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef},
};

/// Milliseconds since 1970. This room is handed the time.
pub type Millis = u64;

/// Where a task stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TaskStatus {
    Working,
    /// It waits for answers.
    InputRequired,
    Completed,
    Cancelled,
    Failed,
}

impl TaskStatus {
    const ALL: [Self; 5] = [Self::Working, Self::InputRequired, Self::Completed, Self::Cancelled, Self::Failed];

    /// As the protocol, and the database, write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Working => "working",
            Self::InputRequired => "input_required",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
        }
    }

    /// Whether it may still change.
    #[must_use]
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Working | Self::InputRequired)
    }

    /// What a reader sees: nobody runs a live task whose lease is over.
    const fn seen(self, lease: Millis, now: Millis) -> Self {
        if self.is_live() && lease <= now { Self::Failed } else { self }
    }
}

impl ToSql for TaskStatus {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.as_str().into())
    }
}

impl FromSql for TaskStatus {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let text = value.as_str()?;
        Self::ALL.into_iter().find(|status| status.as_str() == text).ok_or(FromSqlError::InvalidType)
    }
}

/// One question of a task, or a question with its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskInput {
    /// Names it, once in the life of the task.
    pub name: String,
    /// JSON text: the request, or the client's result.
    pub json: String,
}

/// A task as its principal sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    pub id: Arc<str>,
    /// The operation's item, such as `weather.getCurrent`.
    pub item: String,
    pub status: TaskStatus,
    pub created: Millis,
    pub updated: Millis,
    pub expires: Millis,
    /// Rises with every change.
    pub version: u64,
    pub message: Option<String>,
    /// JSON text: the result of a completed task, the error of a failed one.
    /// A failed task without one ended with the process that ran it.
    pub detail: Option<String>,
    /// The questions that have no answer yet.
    pub asked: Vec<TaskInput>,
}

/// As much of a task as tells whether it changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    pub status: TaskStatus,
    pub version: u64,
}

pub(super) fn task(row: &Row<'_>, id: &Arc<str>, now: Millis) -> rusqlite::Result<Task> {
    let (status, updated, lease): (TaskStatus, Millis, Millis) = (row.get(1)?, row.get(3)?, row.get(5)?);
    let seen = status.seen(lease, now);
    Ok(Task {
        id: Arc::clone(id),
        item: row.get(0)?,
        status: seen,
        created: row.get(2)?,
        updated: if seen == status { updated } else { updated.max(lease) },
        expires: row.get(4)?,
        version: row.get(6)?,
        message: row.get::<_, Option<String>>(7)?.filter(|_| seen == status),
        detail: row.get(8)?,
        asked: Vec::new(),
    })
}

pub(super) fn stamp(row: &Row<'_>, now: Millis) -> rusqlite::Result<Stamp> {
    let status: TaskStatus = row.get(0)?;
    Ok(Stamp { status: status.seen(row.get(1)?, now), version: row.get(2)? })
}
