//! The tools.

use bulkhead_sdk::prelude::*;
use bulkhead_sdk::serde_json::Map;
use rusqlite::types::ValueRef;

use crate::{
    Data, MAX_TIME, Parameters, Rows, execute as execute_in, files, limits::DEFAULT_ROWS, query as query_in,
    resources::uri, schema as schema_of, value::to_json,
};

/// The values of a statement's parameters.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Values {
    /// In order: for `?`.
    Positional(Vec<Value>),
    /// By name: for `:name`, `@name` and `$name`.
    Named(Map<String, Value>),
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Query {
    /// The database, such as "shop.db".
    file: String,
    /// One statement that reads. Values belong into `params`, with `?` or
    /// `:name` in their place.
    #[schemars(length(min = 1, max = 65536))]
    sql: String,
    /// An array for `?`, an object for `:name`. A value is null, a boolean, a
    /// number, a text, {"integer": "…"} beyond 2^53, or {"blob": "base64"}.
    params: Option<Values>,
    /// Most rows; 100 if left out.
    #[schemars(range(min = 1, max = 1000))]
    limit: Option<usize>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Answer {
    columns: Vec<String>,
    /// The values of each row, in the columns' order. Integers beyond 2^53 are
    /// {"integer": "…"}, blobs {"blob": "base64"}; of a value beyond 64 KiB
    /// there is {"begins": …, "bytes": its size}.
    rows: Vec<Vec<Value>>,
    /// Whether there are more rows: take them with LIMIT and OFFSET.
    truncated: bool,
}

/// Asks a SQLite database with one statement that reads. Nothing is changed.
#[tool(title = "Query a database", read_only, idempotent, open_world = false)]
pub(crate) fn query(args: Query, ctx: &Context) -> Result<Json<Answer>> {
    let place = Data::granted()?.place(&args.file)?;
    let most = args.limit.unwrap_or(DEFAULT_ROWS);
    query_in(&place, &args.sql, &parameters(args.params), most, MAX_TIME, ctx).map(|rows| Json(answer(rows)))
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Execute {
    /// The database, such as "shop.db".
    file: String,
    /// One statement. Values belong into `params`, with `?` or `:name` in
    /// their place. Many rows at once: INSERT … SELECT … FROM json_each(:rows).
    #[schemars(length(min = 1, max = 65536))]
    sql: String,
    /// As for `query`.
    params: Option<Values>,
    /// Whether to make the database if there is none.
    #[serde(default)]
    create: bool,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Executed {
    /// How many rows were inserted, changed or deleted; what triggers did is
    /// not counted.
    changes: u64,
    /// The rowid of the last row that was inserted, if one was.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_insert_rowid: Option<Value>,
    /// What RETURNING gave.
    #[serde(skip_serializing_if = "Option::is_none")]
    returned: Option<Answer>,
}

/// Changes a SQLite database with one statement, which is done whole or not at
/// all. Its folder has to be granted for writing.
#[tool(title = "Change a database", destructive, open_world = false)]
pub(crate) fn execute(args: Execute, ctx: &Context) -> Result<Json<Executed>> {
    let place = Data::granted()?.place(&args.file)?;
    let done = execute_in(&place, &args.sql, &parameters(args.params), args.create, MAX_TIME, ctx)?;
    if done.schema_changed {
        ctx.resource_updated(&uri(&place.path));
    }
    let returned = (!done.returned.columns.is_empty()).then(|| answer(done.returned));
    let last_insert_rowid = done.last_insert_rowid.map(|rowid| to_json(ValueRef::Integer(rowid)));
    Ok(Json(Executed { changes: done.changes, last_insert_rowid, returned }))
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Which {
    /// The database, such as "shop.db".
    file: String,
}

/// Tells the tables, columns, indexes and foreign keys of a SQLite database.
#[tool(title = "Schema of a database", read_only, idempotent, open_world = false)]
pub(crate) fn schema(args: Which) -> Result<Json<crate::Schema>> {
    schema_of(&Data::granted()?.place(&args.file)?, MAX_TIME).map(Json)
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct File {
    file: String,
    /// In bytes.
    size: u64,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Listed {
    files: Vec<File>,
    /// Whether that is all of them.
    complete: bool,
}

/// Lists the SQLite databases of the granted folder.
#[tool(title = "List databases", read_only, idempotent, open_world = false)]
pub(crate) fn list() -> Result<Json<Listed>> {
    let (found, complete) = files::databases(&Data::granted()?)?;
    let files = found.into_iter().map(|found| File { file: found.path, size: found.size }).collect();
    Ok(Json(Listed { files, complete }))
}

fn parameters(values: Option<Values>) -> Parameters {
    match values {
        None => Parameters::None,
        Some(Values::Positional(values)) => Parameters::Positional(values),
        Some(Values::Named(values)) => Parameters::Named(values),
    }
}

fn answer(rows: Rows) -> Answer {
    Answer { columns: rows.columns, rows: rows.rows, truncated: rows.truncated }
}
