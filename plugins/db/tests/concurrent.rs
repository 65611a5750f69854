//! Several calls, other programs, and writes that were cut off.

use std::{
    fs, thread,
    time::{Duration, SystemTime},
};

use bulkhead_plugin_db::{ABANDONED, Data, MAX_ROWS, MAX_TIME, Parameters, Place, Rows, execute, query};
use bulkhead_sdk::prelude::*;
use rusqlite::Connection;
use tempfile::TempDir;

fn counter() -> (TempDir, Place) {
    let dir = tempfile::tempdir().expect("a folder");
    let connection = Connection::open(dir.path().join("n.db")).expect("a database");
    connection.execute_batch("CREATE TABLE n (i); INSERT INTO n VALUES (0), (0)").expect("statements");
    let place = Data::new(dir.path()).place("n.db").expect("a place");
    (dir, place)
}

fn ask(place: &Place, sql: &str) -> Result<Rows> {
    query(place, sql, &Parameters::None, MAX_ROWS, MAX_TIME, &Context::test())
}

fn change(place: &Place, sql: &str) -> Result<u64> {
    execute(place, sql, &Parameters::None, false, MAX_TIME, &Context::test()).map(|done| done.changes)
}

fn age(path: &std::path::Path, by: Duration) {
    let file = fs::File::options().write(true).open(path).expect("a file");
    file.set_modified(SystemTime::now() - by).expect("a time");
}

#[test]
fn of_many_writers_none_is_lost_and_no_reader_sees_half() {
    let (_dir, place) = counter();
    // Many pages: a reader between two of them would see both numbers.
    change(&place, "ALTER TABLE n ADD COLUMN pad").expect("a column");
    let fill = "INSERT INTO n WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c LIMIT 3000) SELECT 0, hex(zeroblob(100)) FROM c";
    change(&place, fill).expect("rows");
    let done: usize = thread::scope(|scope| {
        let writers: Vec<_> = (0..3)
            .map(|_| scope.spawn(|| (0..8).filter(|_| change(&place, "UPDATE n SET i = i + 1").is_ok()).count()))
            .collect();
        let readers: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    for _ in 0..40 {
                        match ask(&place, "SELECT min(i) = max(i) FROM n") {
                            Ok(rows) => assert_eq!(rows.rows[0][0], 1),
                            Err(error) => assert!(matches!(error, Error::Conflict(_)), "{error}"),
                        }
                    }
                })
            })
            .collect();
        readers.into_iter().for_each(|reader| reader.join().expect("no half"));
        writers.into_iter().map(|writer| writer.join().expect("no panic")).sum()
    });
    assert!(done > 0);
    assert_eq!(ask(&place, "SELECT max(i) FROM n").expect("rows").rows[0][0], done);
}

#[test]
fn a_log_that_another_program_left_is_read_and_written() {
    let (dir, place) = counter();
    let path = dir.path().join("n.db");
    let other = Connection::open(&path).expect("a database");
    other.pragma_update(None, "journal_mode", "WAL").expect("WAL");
    other.execute_batch("PRAGMA wal_autocheckpoint = 0; UPDATE n SET i = 5").expect("a write");
    // As if the program had been killed: the log stays.
    let left = tempfile::tempdir().expect("a folder");
    for end in ["", "-wal"] {
        fs::copy(format!("{}{end}", path.display()), left.path().join(format!("n.db{end}"))).expect("a copy");
    }
    let place_left = Data::new(left.path()).place("n.db").expect("a place");
    let log = fs::read(left.path().join("n.db-wal")).expect("a log");
    assert_eq!(ask(&place_left, "SELECT max(i) FROM n").expect("rows").rows[0][0], 5);
    assert_eq!(fs::read(left.path().join("n.db-wal")).expect("a log"), log, "a read changes no log");
    assert_eq!(change(&place_left, "UPDATE n SET i = i + 1").ok(), Some(2));
    assert_eq!(ask(&place_left, "SELECT max(i) FROM n").expect("rows").rows[0][0], 6);
    drop(other);
    assert_eq!(ask(&place, "SELECT max(i) FROM n").expect("rows").rows[0][0], 5);
    assert!(!dir.path().join("n.db-wal").exists(), "a read makes no log");
}

/// A database with the journal of a write that was cut off in the middle.
fn cut_off() -> (TempDir, Place) {
    let (dir, _) = counter();
    let path = dir.path().join("n.db");
    let other = Connection::open(&path).expect("a database");
    let fill =
        "INSERT INTO n WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c LIMIT 20000) SELECT 7 FROM c";
    other.execute_batch(fill).expect("a write");
    other.execute_batch("PRAGMA cache_size = 1; BEGIN; UPDATE n SET i = 9;").expect("half a write");
    let left = tempfile::tempdir().expect("a folder");
    for end in ["", "-journal"] {
        fs::copy(format!("{}{end}", path.display()), left.path().join(format!("n.db{end}"))).expect("a copy");
    }
    let place = Data::new(left.path()).place("n.db").expect("a place");
    (left, place)
}

#[test]
fn a_write_that_was_cut_off_is_taken_back_once_it_is_old() {
    let (dir, place) = cut_off();
    let journal = dir.path().join("n.db-journal");
    let before = fs::read(dir.path().join("n.db")).expect("bytes");
    assert!(matches!(ask(&place, "SELECT max(i) FROM n"), Err(Error::Conflict(_))), "it may still be under way");
    assert!(matches!(change(&place, "DELETE FROM n"), Err(Error::Conflict(_))));
    assert_eq!(fs::read(dir.path().join("n.db")).expect("bytes"), before);
    age(&journal, ABANDONED * 2);
    assert_eq!(ask(&place, "SELECT max(i) FROM n").expect("rows").rows[0][0], 7);
    assert!(!journal.exists());
}

#[test]
fn a_mark_that_was_left_is_taken_over_once_it_is_old() {
    let (dir, place) = counter();
    let mark = dir.path().join("n.db.bulkhead-write");
    fs::write(&mark, "").expect("a mark");
    assert!(ask(&place, "SELECT 1").is_ok(), "a mark alone hinders no read");
    assert!(matches!(change(&place, "UPDATE n SET i = 1"), Err(Error::Conflict(_))));
    age(&mark, ABANDONED * 2);
    assert_eq!(change(&place, "UPDATE n SET i = 1").ok(), Some(2));
    assert!(!mark.exists());
}
