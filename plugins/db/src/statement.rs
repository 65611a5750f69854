//! One statement with its parameters, and the rows it answers with.

use bulkhead_sdk::{
    Context, Error, Result,
    serde_json::{Map, Value},
};
use rusqlite::Statement;

use crate::{
    data::Place,
    error::told,
    limits::{MAX_ANSWER_BYTES, MAX_ROWS, ROWS_PER_LOOK},
    open::Guarded,
    value::{to_json, to_sql},
};

/// What stands for the parameters of a statement.
#[derive(Clone, Debug, Default)]
pub enum Parameters {
    #[default]
    None,
    /// In order: for `?`.
    Positional(Vec<Value>),
    /// By name, with or without its `:`, `@` or `$`.
    Named(Map<String, Value>),
}

/// Rows, as many as fit an answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    /// The columns' names.
    pub columns: Vec<String>,
    /// The values of each row, in the columns' order.
    pub rows: Vec<Vec<Value>>,
    /// Whether there are more.
    pub truncated: bool,
}

/// Compiles `sql`, which has to be one statement, and binds `parameters`.
pub(crate) fn prepare<'c>(
    opened: &'c Guarded,
    place: &Place,
    sql: &str,
    parameters: &Parameters,
) -> Result<Statement<'c>> {
    if sql.contains('\0') {
        return Err(Error::invalid("a statement holds no NUL; bind it as a parameter"));
    }
    let prepared = opened.connection.prepare(sql);
    let mut statement = prepared.map_err(|error| told(place, &opened.guard, &error))?;
    bind(&mut statement, parameters)?;
    Ok(statement)
}

fn bind(statement: &mut Statement<'_>, parameters: &Parameters) -> Result<()> {
    let count = statement.parameter_count();
    let empty = Map::new();
    match parameters {
        Parameters::Positional(values) if !values.is_empty() => {
            if values.len() != count {
                let text = format!("the statement has {count} parameters, and {} values came", values.len());
                return Err(Error::invalid(text));
            }
            for (value, at) in values.iter().zip(1..) {
                put(statement, at, value)?;
            }
            Ok(())
        }
        Parameters::Named(values) => bind_named(statement, values, count),
        _ => bind_named(statement, &empty, count),
    }
}

fn bind_named(statement: &mut Statement<'_>, values: &Map<String, Value>, count: usize) -> Result<()> {
    let mut used = 0;
    for at in 1..=count {
        let name = statement.parameter_name(at).map(str::to_owned);
        let name = name.ok_or_else(|| Error::invalid(format!("parameter {at} has no value: bind by position")))?;
        let bare = name.trim_start_matches([':', '@', '$', '?']);
        let value = values.get(&name).or_else(|| values.get(bare));
        put(statement, at, value.ok_or_else(|| Error::invalid(format!("parameter {name} has no value")))?)?;
        used += 1;
    }
    if used < values.len() {
        let text = format!("the statement has {used} parameters, and {} values came", values.len());
        return Err(Error::invalid(text));
    }
    Ok(())
}

fn put(statement: &mut Statement<'_>, at: usize, value: &Value) -> Result<()> {
    statement.raw_bind_parameter(at, to_sql(value)?).map_err(|error| Error::invalid(error.to_string()))
}

/// Runs `statement` and takes up to `most` rows of it.
pub(crate) fn rows(
    opened: &Guarded,
    place: &Place,
    statement: &mut Statement<'_>,
    most: usize,
    ctx: &Context,
) -> Result<Rows> {
    let most = most.clamp(1, MAX_ROWS);
    let mut taken = Rows { columns: statement.column_names().map(str::to_owned).collect(), ..Rows::default() };
    let width = taken.columns.len();
    let mut bytes = 0;
    // What a statement that writes gives back is taken to its end, so that all of it is written.
    let stops = statement.readonly();
    let mut found = statement.raw_query();
    while let Some(row) = found.next().map_err(|error| told(place, &opened.guard, &error))? {
        if taken.truncated {
            continue;
        }
        let mut values = Vec::with_capacity(width);
        for at in 0..width {
            values.push(to_json(row.get_ref(at).map_err(|error| told(place, &opened.guard, &error))?));
        }
        let size: usize = values.iter().map(size).sum();
        if taken.rows.len() == most || (bytes + size > MAX_ANSWER_BYTES && !taken.rows.is_empty()) {
            taken.truncated = true;
            if stops {
                break;
            }
            continue;
        }
        bytes += size;
        taken.rows.push(values);
        look(ctx, taken.rows.len())?;
    }
    Ok(taken)
}

fn look(ctx: &Context, rows: usize) -> Result<()> {
    if !rows.is_multiple_of(ROWS_PER_LOOK) {
        return Ok(());
    }
    if ctx.cancelled() {
        return Err(Error::failed("stopped: the caller has given up"));
    }
    ctx.progress(f64::from(u32::try_from(rows).unwrap_or(u32::MAX)), None, "rows");
    Ok(())
}

/// About how many bytes `value` takes as JSON.
fn size(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len() + 3,
        Value::Object(typed) => typed.iter().map(|(key, value)| key.len() + 4 + size(value)).sum::<usize>() + 2,
        _ => 24,
    }
}
