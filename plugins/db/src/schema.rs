//! What a database holds: tables, their columns, indexes and references.

use std::time::Duration;

use bulkhead_sdk::prelude::*;
use rusqlite::{Connection, Row};

use crate::{
    data::Place,
    error::told,
    limits::{MAX_COLUMNS, MAX_TABLES},
    still::at_rest,
};

// Names are bound, never written into a statement.
const TABLES: &str = "SELECT name, type FROM pragma_table_list \
                      WHERE schema = 'main' AND substr(name, 1, 7) <> 'sqlite_' ORDER BY name LIMIT ?1";
const COLUMNS: &str = "SELECT name, type, \"notnull\", dflt_value, pk, hidden FROM pragma_table_xinfo(?1)";
const INDEXES: &str = "SELECT name, \"unique\" FROM pragma_index_list(?1) ORDER BY name";
const INDEX_COLUMNS: &str = "SELECT name FROM pragma_index_info(?1)";
const REFERENCES: &str = "SELECT \"from\", \"table\", \"to\" FROM pragma_foreign_key_list(?1) ORDER BY id, seq";

/// What a database holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Schema {
    /// Its tables and views, by name.
    pub tables: Vec<Table>,
    /// Whether there are more.
    pub truncated: bool,
}

/// A table or a view.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Table {
    pub name: String,
    /// "table", "view", "virtual", or "shadow": a part of a virtual one.
    pub kind: String,
    pub columns: Vec<Column>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub indexes: Vec<Index>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
}

/// A column.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Column {
    pub name: String,
    /// As declared; empty if it was not.
    #[serde(rename = "type")]
    pub declared: String,
    pub not_null: bool,
    /// The expression of its default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// Its place in the primary key, from 1; 0 outside it.
    pub primary_key: i64,
    /// Whether it is made of others, and cannot be written.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub generated: bool,
}

/// An index.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Index {
    pub name: String,
    pub unique: bool,
    /// Its columns; null stands for an expression.
    pub columns: Vec<Option<String>>,
}

/// A foreign key, of one column.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Reference {
    pub column: String,
    pub table: String,
    /// The column there; its primary key if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

/// Looks at the database at `place`, for `time` at most.
///
/// # Errors
/// It is no database, is damaged, or does not come to rest.
pub fn schema(place: &Place, time: Duration) -> Result<Schema> {
    at_rest(place, time, |opened| look(&opened.connection).map_err(|error| told(place, &opened.guard, &error)))
}

fn look(connection: &Connection) -> rusqlite::Result<Schema> {
    let most = i64::try_from(MAX_TABLES + 1).unwrap_or(i64::MAX);
    let mut tables = connection.prepare(TABLES)?;
    let found =
        tables.query_map([most], |row| Ok(Table { name: row.get(0)?, kind: row.get(1)?, ..Table::default() }))?;
    let mut schema = Schema::default();
    let mut columns = 0;
    for table in found {
        let table = filled(connection, table?)?;
        columns += table.columns.len();
        if schema.tables.len() == MAX_TABLES || columns > MAX_COLUMNS {
            schema.truncated = true;
            break;
        }
        schema.tables.push(table);
    }
    Ok(schema)
}

fn filled(connection: &Connection, mut table: Table) -> rusqlite::Result<Table> {
    table.columns = all(connection, COLUMNS, &table.name, |row| {
        Ok(Column {
            name: row.get(0)?,
            declared: row.get(1)?,
            not_null: row.get(2)?,
            default: row.get(3)?,
            primary_key: row.get(4)?,
            generated: matches!(row.get::<_, i64>(5)?, 2 | 3),
        })
    })?;
    table.indexes = all(connection, INDEXES, &table.name, |row| {
        Ok(Index { name: row.get(0)?, unique: row.get(1)?, columns: Vec::new() })
    })?;
    for index in &mut table.indexes {
        index.columns = all(connection, INDEX_COLUMNS, &index.name, |row| row.get(0))?;
    }
    table.references = all(connection, REFERENCES, &table.name, |row| {
        Ok(Reference { column: row.get(0)?, table: row.get(1)?, to: row.get(2)? })
    })?;
    Ok(table)
}

fn all<T>(
    connection: &Connection,
    sql: &str,
    name: &str,
    read: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<Vec<T>> {
    connection.prepare(sql)?.query_map([name], |row| read(row))?.collect()
}
