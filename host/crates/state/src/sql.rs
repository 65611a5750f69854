//! Every statement of the crate, in SQL that SQLite and PostgreSQL both take.
//!
//! Parameters are `$1, $2, …` in the order of their first use. Only the types
//! in the `CREATE` statements differ between the two (`BLOB` is `bytea` there).

pub(crate) mod roots;
pub(crate) mod spent;
pub(crate) mod tasks;

/// Schema 1: key-value stores.
pub(crate) const CREATE_1: &str = "
CREATE TABLE kv_partition (
    id INTEGER PRIMARY KEY,
    publisher TEXT NOT NULL,
    plugin TEXT NOT NULL,
    holder TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    entries BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    UNIQUE (publisher, plugin, holder)
);
CREATE TABLE kv_entry (
    partition_id INTEGER NOT NULL REFERENCES kv_partition (id),
    name TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    value BLOB NOT NULL,
    PRIMARY KEY (partition_id, name)
);
CREATE UNIQUE INDEX kv_entry_order ON kv_entry (partition_id, sequence);
";

pub(crate) const CREATE_VERSION: &str = "CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)";
pub(crate) const READ_VERSION: &str = "SELECT COALESCE(MAX(version), 0) FROM schema_version";
pub(crate) const WRITE_VERSION: &str = "INSERT INTO schema_version (version) VALUES ($1)";

pub(crate) const FIND_PARTITION: &str =
    "SELECT id FROM kv_partition WHERE publisher = $1 AND plugin = $2 AND holder = $3";

pub(crate) const ADD_PARTITION: &str = "
INSERT INTO kv_partition (publisher, plugin, holder, bytes, entries, sequence) VALUES ($1, $2, $3, 0, 0, 0)
ON CONFLICT (publisher, plugin, holder) DO NOTHING";

/// Takes the partition's row for this transaction, and the next place in its order.
pub(crate) const LOCK_PARTITION: &str = "
UPDATE kv_partition SET sequence = sequence + 1 WHERE publisher = $1 AND plugin = $2 AND holder = $3
RETURNING id, bytes, entries, sequence";

pub(crate) const SET_USE: &str = "UPDATE kv_partition SET bytes = $1, entries = $2 WHERE id = $3";

pub(crate) const GET: &str = "SELECT value FROM kv_entry WHERE partition_id = $1 AND name = $2";

pub(crate) const VALUE_LENGTH: &str = "SELECT LENGTH(value) FROM kv_entry WHERE partition_id = $1 AND name = $2";

/// An entry that exists keeps its place, so a listing in progress neither
/// skips nor repeats it.
pub(crate) const PUT: &str = "
INSERT INTO kv_entry (partition_id, name, sequence, value) VALUES ($1, $2, $3, $4)
ON CONFLICT (partition_id, name) DO UPDATE SET value = excluded.value";

pub(crate) const DELETE: &str = "DELETE FROM kv_entry WHERE partition_id = $1 AND name = $2";

pub(crate) const LIST: &str =
    "SELECT sequence, name FROM kv_entry WHERE partition_id = $1 AND sequence > $2 ORDER BY sequence LIMIT $3";
