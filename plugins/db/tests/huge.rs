//! Statements that want more than a call has. In a process of its own: the
//! bound on SQLite's memory is the process's.

use bulkhead_plugin_db::{Data, MAX_CELL_BYTES, MAX_ROWS, MAX_TIME, Parameters, Place, Rows, query};
use bulkhead_sdk::prelude::*;
use rusqlite::Connection;
use tempfile::TempDir;

fn shop() -> (TempDir, Place) {
    let dir = tempfile::tempdir().expect("a folder");
    let connection = Connection::open(dir.path().join("shop.db")).expect("a database");
    connection.execute_batch("CREATE TABLE item (a); INSERT INTO item VALUES (1), (2), (3)").expect("statements");
    let place = Data::new(dir.path()).place("shop.db").expect("a place");
    (dir, place)
}

fn ask(place: &Place, sql: &str) -> Result<Rows> {
    query(place, sql, &Parameters::None, MAX_ROWS, MAX_TIME, &Context::test())
}

#[test]
fn what_is_huge_is_cut_or_refused() {
    let (_dir, place) = shop();
    let rows = ask(&place, "SELECT zeroblob(1000000), length(zeroblob(1000000))").expect("rows");
    assert_eq!(rows.rows[0][0]["bytes"], 1_000_000);
    assert!(rows.rows[0][0].to_string().len() < MAX_CELL_BYTES * 2);
    for sql in [
        "SELECT zeroblob(1000000000)",
        "SELECT hex(zeroblob(8000000))",
        "SELECT printf('%.*c', 100000000, 'x')",
        "SELECT group_concat(zeroblob(4000000)) FROM item",
    ] {
        let refused = ask(&place, sql);
        assert!(matches!(refused, Err(Error::Invalid(_) | Error::Failed(_))), "{sql}: {refused:?}");
    }
    // Many that are large in all.
    let many =
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 500) SELECT hex(zeroblob(20000)) FROM n";
    let rows = ask(&place, many).expect("rows");
    assert!(rows.truncated && rows.rows.len() < 20, "{}", rows.rows.len());
    // Sorting what does not fit.
    let sorted = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 5000) SELECT i FROM n ORDER BY randomblob(50000)";
    assert!(matches!(ask(&place, sorted), Err(Error::Failed(_))));
    let deep = format!("SELECT {}1{}", "(".repeat(5_000), ")".repeat(5_000));
    assert!(ask(&place, &deep).is_err());
    let long = format!("SELECT {}", vec!["1"; 50_000].join("+"));
    assert!(ask(&place, &long).is_err());
}
