//! The statements of tasks. Every one names the principal, but for
//! [`EXPIRE`], which goes by time alone and reads nothing.
//!
//! A task is live while its status says so, its lease holds and it has not
//! expired: what changes one asks for all three, so that nothing wakes a task
//! that a reader has seen ended.

/// Schema 2: tasks. What is large stands last in a row, so that the rest of
/// the row is read without it.
pub(crate) const CREATE: &str = "
CREATE TABLE task (
    principal TEXT NOT NULL,
    id TEXT NOT NULL,
    item TEXT NOT NULL,
    status TEXT NOT NULL,
    created BIGINT NOT NULL,
    updated BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    lease BIGINT NOT NULL,
    version BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    message TEXT,
    detail TEXT,
    PRIMARY KEY (principal, id)
);
CREATE INDEX task_expiry ON task (expires);
CREATE TABLE task_input (
    principal TEXT NOT NULL,
    task_id TEXT NOT NULL,
    name TEXT NOT NULL,
    place BIGINT NOT NULL,
    request TEXT NOT NULL,
    response TEXT,
    PRIMARY KEY (principal, task_id, name),
    FOREIGN KEY (principal, task_id) REFERENCES task (principal, id) ON DELETE CASCADE
);
";

pub(crate) const EXPIRE: &str = "DELETE FROM task WHERE expires <= $1";

pub(crate) const USE: &str = "SELECT COUNT(*), COALESCE(SUM(bytes), 0) FROM task WHERE principal = $1";

pub(crate) const INSERT: &str = "
INSERT INTO task (principal, id, item, status, created, updated, expires, lease, version, bytes)
VALUES ($1, $2, $3, 'working', $4, $4, $5, $6, 1, 0)";

pub(crate) const RENEW: &str = "
UPDATE task SET lease = $1 WHERE principal = $2 AND id = $3
AND lease > $4 AND expires > $4 AND status IN ('working', 'input_required')";

pub(crate) const SAY: &str = "
UPDATE task SET message = $1, updated = $2, version = version + 1 WHERE principal = $3 AND id = $4
AND lease > $2 AND expires > $2 AND status IN ('working', 'input_required')";

pub(crate) const MOVE: &str = "
UPDATE task SET status = $1, updated = $2, version = version + 1 WHERE principal = $3 AND id = $4
AND lease > $2 AND expires > $2 AND status IN ('working', 'input_required')";

pub(crate) const FINISH: &str = "
UPDATE task SET status = $1, message = $2, detail = $3, bytes = $4, updated = $5, version = version + 1
WHERE principal = $6 AND id = $7
AND lease > $5 AND expires > $5 AND status IN ('working', 'input_required')";

pub(crate) const READ: &str = "
SELECT item, status, created, updated, expires, lease, version, message, detail FROM task
WHERE principal = $1 AND id = $2 AND expires > $3";

pub(crate) const STAMP: &str =
    "SELECT status, lease, version FROM task WHERE principal = $1 AND id = $2 AND expires > $3";

pub(crate) const ITEM: &str = "SELECT item FROM task WHERE principal = $1 AND id = $2 AND expires > $3";

pub(crate) const FORGET_INPUT: &str = "DELETE FROM task_input WHERE principal = $1 AND task_id = $2";

pub(crate) const ADD_INPUT: &str =
    "INSERT INTO task_input (principal, task_id, name, place, request) VALUES ($1, $2, $3, $4, $5)";

pub(crate) const OPEN_INPUT: &str = "
SELECT name, request FROM task_input WHERE principal = $1 AND task_id = $2 AND response IS NULL ORDER BY place";

pub(crate) const ANSWER_INPUT: &str = "
UPDATE task_input SET response = $1 WHERE principal = $2 AND task_id = $3 AND name = $4 AND response IS NULL";

pub(crate) const ANSWERS: &str =
    "SELECT name, response FROM task_input WHERE principal = $1 AND task_id = $2 ORDER BY place";
