//! What statements do with real databases, natively.

mod shop;

use std::time::Duration;

use bulkhead_plugin_db::{Data, MAX_ROWS, MAX_TIME, Parameters, databases, execute, schema};
use bulkhead_sdk::prelude::*;
use shop::{ask, ask_with, change, change_with, made, names, shop};

#[test]
fn a_statement_answers_with_types_as_they_are() {
    let (dir, place) = shop();
    let rows = ask(&place, "SELECT id, name, price, picture FROM item ORDER BY id").expect("rows");
    assert_eq!(rows.columns, ["id", "name", "price", "picture"]);
    assert_eq!(
        json!(rows.rows),
        json!([
            [1, "tea", 1.25, {"blob": "AP8="}],
            [2, "cake", 3.0, null],
            [{"integer": "9223372036854775807"}, "all", 0.0, null],
        ])
    );
    assert!(!rows.truncated);
    assert_eq!(names(&dir), ["shop.db"], "a read leaves nothing behind");
}

#[test]
fn parameters_are_bound_by_place_and_by_name() {
    let (_dir, place) = shop();
    let one = |sql: &str, parameters: Value| ask_with(&place, sql, parameters).map(|rows| json!(rows.rows));
    assert_eq!(one("SELECT name FROM item WHERE id = ?", json!([2])).expect("rows"), json!([["cake"]]));
    assert_eq!(one("SELECT ?2, ?1", json!([1, "x"])).expect("rows"), json!([["x", 1]]));
    let big = json!({":id": {"integer": "9223372036854775807"}});
    assert_eq!(one("SELECT name FROM item WHERE id = :id", big).expect("rows"), json!([["all"]]));
    assert_eq!(one("SELECT @a, $b, :a", json!({"a": 1, "b": true})).expect("rows"), json!([[1, 1, 1]]));
    let injected = "x'; DROP TABLE item; --";
    assert_eq!(one("SELECT name FROM item WHERE name = :n", json!({"n": injected})).expect("rows"), json!([]));
    for (sql, parameters) in [
        ("SELECT ?", json!([])),
        ("SELECT ?", json!([1, 2])),
        ("SELECT ?", json!({"a": 1})),
        ("SELECT :a", json!({"b": 1})),
        ("SELECT :a", json!({"a": 1, "b": 1})),
        ("SELECT :a", json!({"a": [1]})),
        ("SELECT 1", json!([1])),
    ] {
        let refused = one(sql, parameters.clone());
        assert!(matches!(refused, Err(Error::Invalid(_))), "{sql} {parameters}: {refused:?}");
    }
}

#[test]
fn a_write_is_done_and_tells_what_it_did() {
    let (dir, place) = shop();
    assert_eq!(change_with(&place, "INSERT INTO item (name) VALUES (:n)", json!({"n": "pie"})).ok(), Some(1));
    assert!(change(&place, "CREATE VIRTUAL TABLE note USING fts5 (text)").is_ok());
    assert_eq!(change(&place, "INSERT INTO note VALUES ('green tea')").ok(), Some(1));
    assert_eq!(ask(&place, "SELECT text FROM note WHERE note MATCH 'tea'").expect("rows").rows.len(), 1);
    let many = "INSERT INTO item (name) SELECT value FROM json_each(:rows)";
    assert_eq!(change_with(&place, many, json!({"rows": "[\"a\", \"b\"]"})).ok(), Some(2));
    let rows = ask(&place, "SELECT name FROM item WHERE name IN ('pie', 'a', 'b') ORDER BY name").expect("rows");
    assert_eq!(json!(rows.rows), json!([["a"], ["b"], ["pie"]]));
    assert_eq!(names(&dir), ["shop.db"], "a write leaves nothing behind");
}

#[test]
fn all_rows_are_written_also_those_that_are_not_given_back() {
    let (_dir, place) = shop();
    let sql = "INSERT INTO sale (at) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 5000) SELECT i FROM n RETURNING at";
    let done = execute(&place, sql, &Parameters::None, false, MAX_TIME, &Context::test()).expect("done");
    assert_eq!((done.changes, done.returned.rows.len(), done.returned.truncated), (5_000, MAX_ROWS, true));
    assert_eq!(ask(&place, "SELECT count(*) FROM sale").expect("rows").rows[0][0], 5_000);
}

#[test]
fn a_write_that_fails_changes_nothing() {
    let (dir, place) = shop();
    for sql in ["INSERT INTO item (id, name) VALUES (77, 'a'), (78, NULL)", "INSERT INTO sale (item) VALUES (12345)"] {
        assert!(matches!(change(&place, sql), Err(Error::Failed(_))), "{sql}");
    }
    let endless =
        "INSERT INTO sale (at) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n";
    let stopped = execute(&place, endless, &Parameters::None, false, Duration::from_millis(200), &Context::test());
    assert!(matches!(stopped, Err(Error::Failed(_))), "{stopped:?}");
    assert_eq!(
        ask(&place, "SELECT (SELECT count(*) FROM item) + (SELECT count(*) FROM sale)").expect("rows").rows[0][0],
        3
    );
    assert_eq!(names(&dir), ["shop.db"]);
}

#[test]
fn a_database_is_made_only_where_that_is_said() {
    let dir = tempfile::tempdir().expect("a folder");
    let place = Data::new(dir.path()).place("new.db").expect("a place");
    assert!(matches!(ask(&place, "SELECT 1"), Err(Error::NotFound(_))));
    assert!(matches!(change(&place, "CREATE TABLE t (a)"), Err(Error::NotFound(_))));
    assert!(names(&dir).is_empty());
    let done = execute(&place, "CREATE TABLE t (a)", &Parameters::None, true, MAX_TIME, &Context::test());
    assert!(done.expect("done").schema_changed);
    assert_eq!(json!(ask(&place, "SELECT * FROM t").expect("rows").columns), json!(["a"]));
}

#[test]
fn a_schema_tells_tables_columns_indexes_and_references() {
    let (dir, place) = shop();
    let told = json!(schema(&place, MAX_TIME).expect("a schema"));
    let tables: Vec<_> = told["tables"]
        .as_array()
        .expect("tables")
        .iter()
        .map(|table| (table["name"].clone(), table["kind"].clone()))
        .collect();
    assert_eq!(json!(tables), json!([["cheap", "view"], ["item", "table"], ["sale", "table"]]));
    let item = &told["tables"][1];
    assert_eq!(item["columns"][0], json!({"name": "id", "type": "INTEGER", "notNull": false, "primaryKey": 1}));
    assert_eq!(item["columns"][2]["default"], "1.5");
    assert_eq!(item["indexes"], json!([{"name": "item_by_name", "unique": false, "columns": ["name", null]}]));
    assert_eq!(told["tables"][2]["references"], json!([{"column": "item", "table": "item", "to": "id"}]));
    // A name is a name, also one that looks like a statement.
    drop(made(
        dir.path().join("shop.db").to_str().expect("UTF-8"),
        "CREATE TABLE \"x'); DROP TABLE item; --\" (\"a\"\"b\")",
    ));
    let told = json!(schema(&place, MAX_TIME).expect("a schema"));
    assert_eq!(told["tables"][3]["columns"][0]["name"], "a\"b");
    assert_eq!(ask(&place, "SELECT count(*) FROM item").expect("rows").rows[0][0], 3);
}

#[test]
fn databases_are_found_by_what_they_hold() {
    let (dir, _) = shop();
    std::fs::create_dir(dir.path().join("deep")).expect("a folder");
    std::fs::copy(dir.path().join("shop.db"), dir.path().join("deep/copy")).expect("a copy");
    std::fs::write(dir.path().join("fake.db"), "SQLite format 2").expect("a file");
    let (found, complete) = databases(&Data::new(dir.path())).expect("a listing");
    assert_eq!(found.iter().map(|found| found.path.as_str()).collect::<Vec<_>>(), ["deep/copy", "shop.db"]);
    assert!(complete);
}
