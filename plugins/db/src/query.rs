//! Statements that read, and statements that write.

use std::time::Duration;

use bulkhead_sdk::{Context, Error, Result};

use crate::{
    data::{Place, read_only},
    error::told,
    limits::MAX_ROWS,
    lock::Lock,
    open::{Guarded, Mode, open},
    statement::{Parameters, Rows, prepare, rows},
    still::at_rest,
};

/// What a statement that writes has done.
#[derive(Clone, Debug, PartialEq)]
pub struct Done {
    /// How many rows it inserted, changed or deleted; what triggers did is not
    /// counted.
    pub changes: u64,
    /// The rowid of the last row it inserted, if it inserted one.
    pub last_insert_rowid: Option<i64>,
    /// What `RETURNING` gave.
    pub returned: Rows,
    /// Whether tables, columns or indexes are others now.
    pub schema_changed: bool,
}

/// Runs one statement that reads, for `time` at most, and takes up to `most`
/// rows of it.
///
/// # Errors
/// The statement is refused, is wrong, takes too long, or the database does
/// not come to rest.
pub fn query(
    place: &Place,
    sql: &str,
    parameters: &Parameters,
    most: usize,
    time: Duration,
    ctx: &Context,
) -> Result<Rows> {
    at_rest(place, time, |opened| {
        let mut statement = prepare(opened, place, sql, parameters)?;
        if !statement.readonly() {
            return Err(Error::denied("refused: the statement writes; `execute` is for that"));
        }
        rows(opened, place, &mut statement, most, ctx)
    })
}

/// Runs one statement that writes, for `time` at most, whole or not at all.
/// The database is made if it is not there and `create` says so.
///
/// # Errors
/// As [`query`]; the folder is granted for reading; somebody else writes.
pub fn execute(
    place: &Place,
    sql: &str,
    parameters: &Parameters,
    create: bool,
    time: Duration,
    ctx: &Context,
) -> Result<Done> {
    let exists = place.exists()?;
    if !exists && !create {
        return Err(Error::not_found(format!("there is no `{}`; with `create` it is made", place.path)));
    }
    let lock = Lock::take(place)?;
    let opened = open(place, if exists { Mode::Write } else { Mode::Create }, time)?;
    let done = write(&opened, place, sql, parameters, ctx);
    drop(opened);
    lock.release();
    done
}

fn write(opened: &Guarded, place: &Place, sql: &str, parameters: &Parameters, ctx: &Context) -> Result<Done> {
    let connection = &opened.connection;
    let says = |error: rusqlite::Error| told(place, &opened.guard, &error);
    let version = || connection.query_row("PRAGMA schema_version", [], |row| row.get::<_, i64>(0));
    if connection.is_readonly("main").map_err(says)? {
        return Err(read_only(&place.path));
    }
    let before = version().map_err(says)?;
    let mut statement = prepare(opened, place, sql, parameters)?;
    let returned = rows(opened, place, &mut statement, MAX_ROWS, ctx)?;
    drop(statement);
    // The connection has run nothing else that changes rows.
    let changes = connection.changes();
    let rowid = connection.last_insert_rowid();
    Ok(Done {
        changes,
        last_insert_rowid: (rowid != 0).then_some(rowid),
        returned,
        schema_changed: version().map_err(says)? != before,
    })
}
