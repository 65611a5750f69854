//! Statements, files, schemas and paths that mean harm.

mod shop;

use std::time::{Duration, Instant};

use bulkhead_plugin_db::{Data, MAX_ROWS, MAX_TIME, Parameters, databases, query, schema};
use bulkhead_sdk::prelude::*;
use shop::{SHOP, ask, change, made, names, shop};

#[test]
fn a_query_reaches_nothing_but_the_tables_and_changes_nothing() {
    let (dir, place) = shop();
    made(
        dir.path().join("other.db").to_str().expect("UTF-8"),
        "CREATE TABLE secret (s); INSERT INTO secret VALUES (42)",
    );
    let path = dir.path().join("shop.db");
    let before = std::fs::read(&path).expect("bytes");
    let other = dir.path().join("other.db");
    let attach = format!("ATTACH '{}' AS other", other.display());
    let vacuum = format!("VACUUM INTO '{}'", dir.path().join("copy.db").display());
    for sql in [
        attach.as_str(),
        "ATTACH ':memory:' AS m",
        "ATTACH 'file:/etc/passwd?mode=ro' AS p",
        "DETACH main",
        &vacuum,
        "VACUUM",
        "PRAGMA writable_schema = 1",
        "PRAGMA writable_schema(1)",
        "PRAGMA query_only = 0",
        "PRAGMA journal_mode = WAL",
        "PRAGMA main.user_version = 7",
        "PRAGMA temp_store_directory = '/tmp'",
        "PRAGMA hard_heap_limit = 0",
        "PRAGMA database_list",
        "SELECT * FROM pragma_database_list",
        "SELECT load_extension('/tmp/evil.so')",
        "SELECT fts3_tokenizer('simple')",
        "BEGIN",
        "COMMIT",
        "SAVEPOINT a",
        "CREATE TEMP TABLE t (a)",
        "CREATE TABLE t (a)",
        "CREATE VIRTUAL TABLE t USING fts5 (a)",
        "DROP TABLE item",
        "DELETE FROM item",
        "UPDATE item SET name = 'x' RETURNING name",
        "INSERT INTO item (name) VALUES ('x')",
        "UPDATE sqlite_schema SET sql = 'x'",
        "ALTER TABLE item RENAME TO thing",
        "REINDEX",
        "ANALYZE",
        "EXPLAIN DELETE FROM item",
    ] {
        let refused = ask(&place, sql);
        assert!(matches!(refused, Err(Error::Denied(_) | Error::Invalid(_))), "{sql}: {refused:?}");
    }
    for sql in
        ["SELECT 1; SELECT 2", "SELECT 1; DROP TABLE item", "", ";", "-- nothing", "SELECT 1; garbage", "SELECT 'a\0b'"]
    {
        let refused = ask(&place, sql);
        assert!(matches!(refused, Err(Error::Invalid(_) | Error::Denied(_))), "{sql}: {refused:?}");
    }
    assert_eq!(std::fs::read(&path).expect("bytes"), before);
    assert_eq!(names(&dir), ["other.db", "shop.db"]);
    assert!(ask(&place, "SELECT 1; -- the end").is_ok());
    assert!(ask(&place, "PRAGMA table_info(item)").is_ok());
    assert!(ask(&place, "EXPLAIN QUERY PLAN SELECT * FROM item").is_ok());
}

#[test]
fn a_write_is_refused_as_well_where_it_reaches_further() {
    let (dir, place) = shop();
    let out = format!("VACUUM INTO '{}'", dir.path().join("copy.db").display());
    for sql in [
        "ATTACH 'other.db' AS other",
        &out,
        "VACUUM",
        "BEGIN",
        "PRAGMA writable_schema = 1",
        "PRAGMA journal_mode = OFF",
        "PRAGMA user_version = 7",
        "UPDATE sqlite_schema SET sql = 'x'",
        "DELETE FROM sqlite_master",
        "INSERT INTO sqlite_schema VALUES ('table', 'x', 'x', 2, 'CREATE TABLE x (a)')",
        "CREATE TEMP TABLE t (a)",
        "CREATE TEMP TRIGGER t AFTER INSERT ON item BEGIN SELECT 1; END",
        "CREATE VIRTUAL TABLE t USING dbstat",
        "CREATE VIRTUAL TABLE t USING zipfile('/etc/passwd')",
        "SELECT load_extension('x')",
        "INSERT INTO item (name) VALUES ('x'); DROP TABLE item",
    ] {
        let refused = change(&place, sql);
        assert!(matches!(refused, Err(Error::Denied(_) | Error::Invalid(_))), "{sql}: {refused:?}");
    }
    assert_eq!(ask(&place, "SELECT count(*) FROM item").expect("rows").rows[0][0], 3);
    assert_eq!(names(&dir), ["shop.db"]);
}

#[test]
fn a_statement_without_end_is_stopped() {
    let (_dir, place) = shop();
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
    let started = Instant::now();
    let stopped = query(&place, endless, &Parameters::None, 1, Duration::from_millis(200), &Context::test());
    assert!(matches!(stopped, Err(Error::Failed(_))), "{stopped:?}");
    assert!(started.elapsed() < Duration::from_secs(10));
    // One that gives rows without end is cut.
    let rows =
        ask(&place, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n").expect("rows");
    assert!(rows.truncated && rows.rows.len() == MAX_ROWS);
}

#[test]
fn a_caller_who_gives_up_is_noticed() {
    let (_dir, place) = shop();
    let ctx = Harness::new().cancelled().context();
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n";
    assert!(matches!(query(&place, endless, &Parameters::None, MAX_ROWS, MAX_TIME, &ctx), Err(Error::Failed(_))));
}

#[test]
fn a_hostile_file_is_an_error_and_no_more() {
    let dir = tempfile::tempdir().expect("a folder");
    let data = Data::new(dir.path());
    std::fs::write(dir.path().join("text.db"), "this is no database, whatever its name says").expect("a file");
    std::fs::write(dir.path().join("empty.db"), "").expect("a file");
    std::fs::create_dir(dir.path().join("folder.db")).expect("a folder");
    let at = |name: &str| data.place(name).expect("a place");
    assert!(matches!(ask(&at("text.db"), "SELECT * FROM a"), Err(Error::Invalid(_))));
    assert!(ask(&at("empty.db"), "SELECT 1").is_ok());
    assert!(matches!(ask(&at("folder.db"), "SELECT 1"), Err(Error::Invalid(_))));

    let whole = dir.path().join("whole.db");
    drop(made(whole.to_str().expect("UTF-8"), SHOP));
    drop(made(
        whole.to_str().expect("UTF-8"),
        "WITH RECURSIVE n(i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n LIMIT 2000) INSERT INTO item (id, name) SELECT i, hex(i) FROM n",
    ));
    let bytes = std::fs::read(&whole).expect("bytes");
    // Every page is spoilt in turn, in several ways; nothing but an answer or an error may come of it.
    for page in 0..bytes.len() / 4096 {
        for spoil in [0x00_u8, 0xff, 0x5a] {
            let mut spoilt = bytes.clone();
            for (n, byte) in spoilt[page * 4096..(page + 1) * 4096].iter_mut().enumerate() {
                if n % 7 == 0 && (page > 0 || n >= 100) {
                    *byte = spoil;
                }
            }
            std::fs::write(dir.path().join("spoilt.db"), &spoilt).expect("a file");
            let spoilt = at("spoilt.db");
            let _ = ask(&spoilt, "SELECT count(*), sum(length(name)) FROM item");
            let _ = ask(&spoilt, "SELECT * FROM item ORDER BY name LIMIT 10");
            let _ = schema(&spoilt, MAX_TIME);
        }
    }
    // Cut in the middle of a page.
    std::fs::write(dir.path().join("cut.db"), &bytes[..bytes.len() / 2 + 7]).expect("a file");
    let cut = ask(&at("cut.db"), "SELECT sum(length(name)) FROM item");
    assert!(matches!(cut, Err(Error::Failed(_))), "{cut:?}");
}

#[test]
fn a_hostile_schema_reaches_nothing() {
    let (dir, place) = shop();
    let path = dir.path().join("shop.db");
    drop(made(
        path.to_str().expect("UTF-8"),
        "CREATE VIEW evil AS SELECT load_extension('/tmp/x.so') AS a;
         CREATE VIEW tokens AS SELECT fts3_tokenizer('simple') AS a;
         CREATE VIEW loops AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n;
         CREATE TRIGGER evil_insert AFTER INSERT ON sale BEGIN INSERT INTO item (name) SELECT load_extension('x'); END;
         PRAGMA writable_schema = 1;
         INSERT INTO sqlite_schema VALUES ('trigger', 'odd', 'item', 0, 'CREATE TRIGGER odd AFTER DELETE ON item BEGIN SELECT 1; END');
         UPDATE sqlite_schema SET sql = replace(sql, 'price REAL', 'price REAL CHECK (load_extension(''x''))') WHERE name = 'item';",
    ));
    for sql in ["SELECT * FROM evil", "SELECT * FROM tokens"] {
        let refused = ask(&place, sql);
        assert!(matches!(refused, Err(Error::Denied(_) | Error::Invalid(_))), "{sql}: {refused:?}");
    }
    let loops =
        query(&place, "SELECT * FROM loops", &Parameters::None, 1, Duration::from_millis(100), &Context::test());
    assert!(matches!(loops, Err(Error::Failed(_))), "{loops:?}");
    assert!(change(&place, "INSERT INTO sale (at) VALUES ('now')").is_err());
    assert!(change(&place, "INSERT INTO item (name) VALUES ('now')").is_err());
    assert_eq!(names(&dir), ["shop.db"]);
}

#[test]
fn a_path_never_leaves_and_names_a_database() {
    let (dir, _) = shop();
    let data = Data::new(dir.path());
    for path in [
        "../shop.db",
        "/etc/passwd",
        "a/../../b",
        "a\\b",
        "a\0b",
        "/database/x",
        "",
        ".",
        "/data",
        "shop.db-wal",
        "shop.db-journal",
        "shop.db-shm",
        "shop.db.bulkhead-write",
        &"a/".repeat(300),
    ] {
        assert!(data.place(path).is_err(), "{path}");
    }
    for path in
        ["/data/shop.db", "./shop.db", "//data//shop.db".trim_start_matches('/'), "file:shop.db", "a b?mode=rw#x%00.db"]
    {
        assert!(data.place(path).is_ok(), "{path}");
    }
    // A name that would be a URI's end is a name.
    let odd = dir.path().join("a?immutable=0&mode=rwc#%41.db");
    std::fs::copy(dir.path().join("shop.db"), odd).expect("a copy");
    let odd = data.place("a?immutable=0&mode=rwc#%41.db").expect("a place");
    assert_eq!(ask(&odd, "SELECT count(*) FROM item").expect("rows").rows[0][0], 3);
    assert_eq!(change(&odd, "DELETE FROM sale").ok(), Some(0));
}

#[cfg(unix)]
#[test]
fn a_link_is_not_followed() {
    let (dir, _) = shop();
    let elsewhere = tempfile::tempdir().expect("a folder");
    std::os::unix::fs::symlink(dir.path().join("shop.db"), elsewhere.path().join("link.db")).expect("a link");
    std::os::unix::fs::symlink(dir.path(), elsewhere.path().join("folder")).expect("a link");
    let data = Data::new(elsewhere.path());
    assert!(matches!(data.place("link.db"), Err(Error::Denied(_))));
    assert!(matches!(data.place("folder/shop.db"), Err(Error::Denied(_))));
    assert_eq!(databases(&data).expect("a listing"), (vec![], true));
}
