//! Connections, and what is switched off in them.
//!
//! A sandbox has no locks on files. A read of a database at rest is opened as
//! `immutable`: SQLite takes no lock and leaves no file behind. Whether it
//! really was at rest is looked at by [`crate::still`]. One with a
//! write-ahead log is opened as if nobody else had it open, so that the log's
//! index lies in memory. A write is alone by [`crate::lock`].

use std::time::{Duration, Instant};

use bulkhead_sdk::Result;
use rusqlite::{Connection, OpenFlags, config::DbConfig, limits::Limit};

use crate::{
    data::Place,
    error::told,
    guard::{Guard, Rights},
    limits::{
        CACHE_KIB, MAX_EXPRESSION_DEPTH, MAX_HEAP_BYTES, MAX_PARAMETERS, MAX_SQL_BYTES, MAX_VALUE_BYTES, STEPS_PER_LOOK,
    },
};

/// SQLite's access to files without its locks.
const WITHOUT_LOCKS: &str = "unix-none";

/// How a database is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// To read one at rest.
    AtRest,
    /// To read one with a write-ahead log.
    WithLog,
    /// To write.
    Write,
    /// To write one that need not exist.
    Create,
}

/// A connection that is guarded, with its guard.
pub(crate) struct Guarded {
    pub(crate) connection: Connection,
    pub(crate) guard: Guard,
}

/// Opens the database at `place`; its statements run for `time` at most.
pub(crate) fn open(place: &Place, mode: Mode, time: Duration) -> Result<Guarded> {
    let rights = if matches!(mode, Mode::Write | Mode::Create) { Rights::Write } else { Rights::Read };
    let guard = Guard::new(rights);
    let connection = guarded(place, mode, time, &guard).map_err(|error| told(place, &guard, &error))?;
    Ok(Guarded { connection, guard })
}

fn guarded(place: &Place, mode: Mode, time: Duration, guard: &Guard) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_EXRESCODE;
    let (flags, name) = match mode {
        Mode::AtRest => (flags | OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI, at_rest(place)),
        Mode::WithLog => (flags | OpenFlags::SQLITE_OPEN_READ_ONLY, plain(place)),
        Mode::Write => (flags | OpenFlags::SQLITE_OPEN_READ_WRITE, plain(place)),
        Mode::Create => (flags | OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE, plain(place)),
    };
    let mut connection = Connection::open_with_flags_and_vfs(name, flags, WITHOUT_LOCKS)?;
    switch_off(&connection)?;
    // Before anything that looks at the file: a log would be opened with an index in shared memory.
    if mode != Mode::AtRest {
        connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    }
    bound(&connection)?;
    if matches!(mode, Mode::AtRest | Mode::WithLog) {
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        connection.pragma_update(None, "query_only", true)?;
    }
    let end = Instant::now() + time;
    connection.progress_handler(STEPS_PER_LOOK, Some(move || Instant::now() >= end))?;
    let guard = guard.clone();
    connection.authorizer(Some(move |context: rusqlite::hooks::AuthContext<'_>| guard.decide(&context)))?;
    Ok(connection)
}

/// A database that is hostile must not reach beyond itself.
fn switch_off(connection: &Connection) -> rusqlite::Result<()> {
    for (switch, on) in [
        (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
        (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
        (DbConfig::SQLITE_DBCONFIG_WRITABLE_SCHEMA, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_ATTACH_CREATE, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_ATTACH_WRITE, false),
        // A column's name that is mistyped is an error, not a text.
        (DbConfig::SQLITE_DBCONFIG_DQS_DML, false),
    ] {
        connection.set_db_config(switch, on)?;
    }
    Ok(())
}

fn bound(connection: &Connection) -> rusqlite::Result<()> {
    for (limit, most) in [
        (Limit::SQLITE_LIMIT_LENGTH, MAX_VALUE_BYTES),
        (Limit::SQLITE_LIMIT_SQL_LENGTH, MAX_SQL_BYTES),
        (Limit::SQLITE_LIMIT_EXPR_DEPTH, MAX_EXPRESSION_DEPTH),
        (Limit::SQLITE_LIMIT_VARIABLE_NUMBER, MAX_PARAMETERS),
        (Limit::SQLITE_LIMIT_COMPOUND_SELECT, 100),
        (Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1_000),
        (Limit::SQLITE_LIMIT_TRIGGER_DEPTH, 20),
        (Limit::SQLITE_LIMIT_ATTACHED, 0),
        (Limit::SQLITE_LIMIT_WORKER_THREADS, 0),
    ] {
        connection.set_limit(limit, most)?;
    }
    // Of what is sorted or indexed on the way nothing is written to a file.
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.pragma_update(None, "hard_heap_limit", MAX_HEAP_BYTES)
}

fn plain(place: &Place) -> String {
    place.real.to_string_lossy().into_owned()
}

/// The URI that SQLite reads as "never changes". Whatever could end its path
/// is escaped.
fn at_rest(place: &Place) -> String {
    let mut uri = "file://".to_owned();
    for byte in plain(place).bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri + "?immutable=1"
}
