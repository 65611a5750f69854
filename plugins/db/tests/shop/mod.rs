//! A real database.

use bulkhead_plugin_db::{Data, MAX_ROWS, MAX_TIME, Parameters, Place, Rows, execute, query};
use bulkhead_sdk::prelude::*;
use rusqlite::Connection;
use tempfile::TempDir;

pub(crate) const SHOP: &str = "
    CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT NOT NULL, price REAL DEFAULT 1.5, picture BLOB);
    CREATE TABLE sale (item INTEGER REFERENCES item(id), at TEXT, UNIQUE (item, at));
    CREATE INDEX item_by_name ON item (name, lower(name));
    CREATE VIEW cheap AS SELECT name FROM item WHERE price < 2;
    INSERT INTO item VALUES (1, 'tea', 1.25, x'00ff'), (2, 'cake', 3.0, NULL), (9223372036854775807, 'all', 0, NULL);
";

pub(crate) fn shop() -> (TempDir, Place) {
    let dir = tempfile::tempdir().expect("a folder");
    made(dir.path().join("shop.db").to_str().expect("UTF-8"), SHOP);
    let place = Data::new(dir.path()).place("shop.db").expect("a place");
    (dir, place)
}

pub(crate) fn made(path: &str, sql: &str) -> Connection {
    let connection = Connection::open(path).expect("a database");
    connection.execute_batch(sql).expect("statements");
    connection
}

pub(crate) fn ask(place: &Place, sql: &str) -> Result<Rows> {
    ask_with(place, sql, json!(null))
}

pub(crate) fn ask_with(place: &Place, sql: &str, parameters: Value) -> Result<Rows> {
    query(place, sql, &bound(parameters), MAX_ROWS, MAX_TIME, &Context::test())
}

pub(crate) fn change(place: &Place, sql: &str) -> Result<u64> {
    change_with(place, sql, json!(null))
}

pub(crate) fn change_with(place: &Place, sql: &str, parameters: Value) -> Result<u64> {
    execute(place, sql, &bound(parameters), false, MAX_TIME, &Context::test()).map(|done| done.changes)
}

pub(crate) fn bound(parameters: Value) -> Parameters {
    match parameters {
        Value::Array(values) => Parameters::Positional(values),
        Value::Object(values) => Parameters::Named(values),
        _ => Parameters::None,
    }
}

pub(crate) fn names(dir: &TempDir) -> Vec<String> {
    let entries = std::fs::read_dir(dir.path()).expect("a folder");
    let mut names: Vec<String> = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort();
    names
}
