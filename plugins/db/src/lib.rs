//! SQLite databases in the folder that the operator granted: asked with one
//! statement at a time, changed where the folder is granted for writing.

mod data;
mod error;
mod files;
mod guard;
mod limits;
mod lock;
mod open;
mod query;
mod resources;
mod schema;
mod statement;
mod still;
mod tools;
mod value;

use bulkhead_sdk::plugin;

pub use data::{AT, Data, Place};
pub use files::{Database, databases};
pub use limits::*;
pub use query::{Done, execute, query};
pub use schema::{Column, Index, Reference, Schema, Table, schema};
pub use statement::{Parameters, Rows};

plugin! {
    tools: [tools::query, tools::execute, tools::schema, tools::list],
    templates: [resources::schema],
    completions: [resources::names],
    list: resources::list,
}
