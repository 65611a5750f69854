//! The files as `repo:` resources.

use bulkhead_sdk::prelude::*;

use crate::{Root, file, limits::MAX_RESOURCE_BYTES, prompt::suggest};

#[derive(Deserialize)]
pub(crate) struct At {
    path: String,
}

/// A file of the repository, with its etag.
#[template("repo://{+path}", name = "file", title = "Source file")]
pub(crate) fn source(at: At) -> Result<Reading> {
    let bytes = file::bytes(&Root::granted()?.place(&at.path)?, MAX_RESOURCE_BYTES)?;
    Ok(match String::from_utf8(bytes) {
        Ok(text) => Reading::text(text).mime_type("text/plain"),
        Err(bytes) => Reading::bytes(bytes.into_bytes()).mime_type("application/octet-stream"),
    })
}

#[completion(template = source, argument = "path")]
pub(crate) fn paths_of_source(typed: &str, ctx: &Context) -> Completion {
    Completion::new(suggest(typed, ctx))
}
