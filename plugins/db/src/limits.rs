//! How much one call may read, hold and answer. Each limit answers "a
//! statement or a database that is larger than a call".

use std::time::Duration;

/// Longest path, in bytes: SQLite's own limit is 512 with its suffixes.
pub const MAX_PATH_BYTES: usize = 400;

/// Longest statement, in bytes.
pub const MAX_SQL_BYTES: i32 = 64 * 1024;

/// Largest value or row that a statement handles, in bytes.
pub const MAX_VALUE_BYTES: i32 = 8 * 1024 * 1024;

/// Most bytes of a text or a blob that are answered with; of a larger one, its
/// beginning and its size.
pub const MAX_CELL_BYTES: usize = 64 * 1024;

/// Most rows of one answer.
pub const MAX_ROWS: usize = 1_000;

/// Rows of an answer, where the caller does not say.
pub const DEFAULT_ROWS: usize = 100;

/// Most bytes that the rows of one answer have as JSON.
pub const MAX_ANSWER_BYTES: usize = 512 * 1024;

/// Longest time that a statement runs.
pub const MAX_TIME: Duration = Duration::from_secs(5);

/// Steps of SQLite's machine between two looks at the clock.
pub const STEPS_PER_LOOK: i32 = 2_000;

/// Rows between two looks at the caller.
pub const ROWS_PER_LOOK: usize = 64;

/// Most memory that SQLite may take, in bytes. Less than the sandbox has, so
/// that a statement fails and not the plugin.
pub const MAX_HEAP_BYTES: i64 = 40 * 1024 * 1024;

/// Memory for pages, in KiB.
pub const CACHE_KIB: i64 = 8 * 1024;

/// Deepest expression: each level is a call on the stack.
pub const MAX_EXPRESSION_DEPTH: i32 = 200;

/// Most parameters of a statement.
pub const MAX_PARAMETERS: i32 = 1_000;

/// How often a read begins again, because the file changed meanwhile.
pub const MAX_ATTEMPTS: usize = 3;

/// How long a write waits for another one to end.
pub const MAX_WAIT: Duration = Duration::from_secs(2);

/// A write that has taken this long was cut off: a statement runs for
/// [`MAX_TIME`].
pub const ABANDONED: Duration = Duration::from_secs(60);

/// Most tables that a schema tells of.
pub const MAX_TABLES: usize = 500;

/// Most columns that a schema tells of, in all its tables.
pub const MAX_COLUMNS: usize = 5_000;

/// Deepest folder that is looked into for databases.
pub const MAX_DEPTH: usize = 8;

/// Most entries that are looked at for databases.
pub const MAX_VISITED: usize = 5_000;

/// Most databases of one listing.
pub const MAX_FILES: usize = 500;
