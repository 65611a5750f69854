//! Reading files, and listing them.

use bulkhead_sdk::prelude::*;

use super::cursor;
use crate::{Cursor, MAX_MATCHES, MAX_TIME, Pace, Root, Scope, file, walk};

/// Most paths of one listing.
const MAX_PATHS: usize = 1_000;

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Read {
    /// The file, such as "src/main.rs".
    path: String,
    /// The first line, from 1.
    #[schemars(range(min = 1))]
    first: Option<usize>,
    /// The last line; as many as fit an answer if left out.
    #[schemars(range(min = 1))]
    last: Option<usize>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WasRead {
    text: String,
    first: usize,
    /// The last line that is here.
    last: usize,
    /// How many lines the file has.
    lines: usize,
    /// Changes whenever the file does.
    etag: String,
    /// Whether lines that were asked for are left out.
    truncated: bool,
}

/// Reads lines of a file, up to 128 KiB of them.
#[tool(title = "Read lines", read_only, idempotent, open_world = false)]
pub(crate) fn read(args: Read) -> Result<Json<WasRead>> {
    let text = file::text(&Root::granted()?.place(&args.path)?)?;
    let (first, last) = (args.first.unwrap_or(1), args.last.unwrap_or(usize::MAX));
    let lines = file::lines(&text, first, last)?;
    let truncated = lines.cut || lines.last < last.min(lines.total);
    let etag = Reading::text(text).current_etag();
    Ok(Json(WasRead { text: lines.text, first, last: lines.last, lines: lines.total, etag, truncated }))
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Files {
    /// The folder; everything if left out.
    path: Option<String>,
    /// Which files: "*.rs", "src/**/*.ts"; "!vendor/**" leaves out.
    #[serde(default)]
    #[schemars(length(max = 32))]
    globs: Vec<String>,
    /// Whether to list files whose names begin with a dot.
    #[serde(default)]
    hidden: bool,
    /// Most paths; 500 if left out.
    #[schemars(range(min = 1, max = 1000))]
    limit: Option<usize>,
    /// The `cursor` of an earlier answer to the same question.
    cursor: Option<String>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Listed {
    paths: Vec<String>,
    /// Whether there may be more.
    truncated: bool,
    /// Where to go on, if there may be more.
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<String>,
}

/// Lists files by path, without those that .gitignore leaves out.
#[tool(title = "List files", read_only, idempotent, open_world = false)]
pub(crate) fn files(args: Files, ctx: &Context) -> Result<Json<Listed>> {
    let root = Root::granted()?;
    let scope = Scope::new(&root, args.path.as_deref(), &args.globs)?.hidden(args.hidden).after(cursor(args.cursor)?);
    let most = args.limit.unwrap_or(MAX_MATCHES).clamp(1, MAX_PATHS);
    let mut paths: Vec<String> = Vec::new();
    let walked = walk(&root, &scope, &mut Pace::new(ctx, MAX_TIME), &mut |place| {
        let last = paths.last().filter(|_| paths.len() == most);
        let stop = last.map(|last| Cursor::after(last));
        if stop.is_none() {
            paths.push(place.path.clone());
        }
        Ok(stop)
    })?;
    let cursor = walked.cursor.map(|cursor| cursor.to_string());
    Ok(Json(Listed { paths, truncated: cursor.is_some(), cursor }))
}
