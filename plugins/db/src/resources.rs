//! Schemas as `db:` resources.

use bulkhead_sdk::prelude::*;

use crate::{Data, MAX_TIME, Schema, files, schema as schema_of};

#[derive(Deserialize)]
pub(crate) struct Of {
    file: String,
}

/// The tables, columns, indexes and foreign keys of a database.
#[template("db://{+file}/schema", name = "schema", title = "Schema of a database", mime_type = "application/json")]
pub(crate) fn schema(of: Of) -> Result<Json<Schema>> {
    schema_of(&Data::granted()?.place(&of.file)?, MAX_TIME).map(Json)
}

/// Lists the schema of each database in the folder.
pub(crate) fn list(_cursor: Option<&str>, _ctx: &Context) -> Result<Page> {
    let Ok(data) = Data::granted() else { return Ok(Page::last([])) };
    let (found, _) = files::databases(&data)?;
    let entry = |found: files::Database| {
        Entry::new(uri(&found.path), found.path).description("its tables and columns").mime_type("application/json")
    };
    Ok(Page::last(found.into_iter().map(entry)))
}

#[completion(template = schema, argument = "file")]
pub(crate) fn names(typed: &str) -> Completion {
    let found = Data::granted().and_then(|data| files::databases(&data)).unwrap_or_default().0;
    Completion::starting(typed, found.into_iter().map(|found| found.path))
}

/// The URI of the schema of the database at `path`.
pub(crate) fn uri(path: &str) -> String {
    let mut uri = "db://".to_owned();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri + "/schema"
}
