//! The tools.

use std::time::UNIX_EPOCH;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bulkhead_sdk::prelude::*;

use crate::{
    FileError, Folders, Glob, Kind, MAX_FILE_BYTES, MAX_READ_BYTES, Query, SearchResult, mime_type, to_uri, walk,
};

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Read {
    /// Such as "/data/notes.txt"; "notes.txt" where one folder is granted.
    path: String,
    /// The byte to begin at.
    offset: Option<u64>,
    /// How many bytes at most.
    length: Option<u32>,
}

/// How contents are written as text.
#[derive(Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) enum Encoding {
    /// As it is.
    #[default]
    #[serde(rename = "utf-8")]
    Utf8,
    #[serde(rename = "base64")]
    Base64,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WasRead {
    content: String,
    /// The SHA-256 of the whole file. Give it back to `write`.
    etag: String,
    encoding: Encoding,
    /// Of the whole file, in bytes.
    size: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    mime_type: Option<String>,
    /// Where the next part begins, if this one is not the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_offset: Option<u64>,
}

/// Reads a file in a granted folder: text as it is, anything else in base64.
/// A large file comes in parts of up to 256 KiB.
#[tool(title = "Read a file", read_only, idempotent, open_world = false)]
pub(crate) fn read(args: Read) -> Result<Json<WasRead>> {
    let place = Folders::granted().place(&args.path).map_err(FileError::told)?;
    let contents = crate::read(&place, MAX_FILE_BYTES).map_err(FileError::told)?;
    let length = args.length.and_then(|length| usize::try_from(length).ok()).unwrap_or(MAX_READ_BYTES);
    let excerpt = contents.excerpt(args.offset.unwrap_or(0), length);
    Ok(Json(WasRead {
        content: excerpt.content,
        encoding: if excerpt.is_base64 { Encoding::Base64 } else { Encoding::Utf8 },
        size: u64::try_from(contents.bytes.len()).unwrap_or(u64::MAX),
        etag: contents.etag,
        mime_type: mime_type(&place.path).map(str::to_owned),
        next_offset: excerpt.next_offset,
    }))
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct List {
    /// The folder; the granted folders themselves if left out.
    path: Option<String>,
    /// The name after which to go on.
    after: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Line {
    name: String,
    path: String,
    /// "file", "folder" or "other"; what is other is never opened.
    kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    /// Seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    modified: Option<u64>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Listed {
    entries: Vec<Line>,
    /// The name after which the next part begins, if this one is not the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Lists a folder by name, or the granted folders.
#[tool(title = "List a folder", read_only, idempotent, open_world = false)]
pub(crate) fn list(args: List) -> Result<Json<Listed>> {
    let listing = crate::list(&Folders::granted(), args.path.as_deref(), args.after.as_deref());
    let listing = listing.map_err(FileError::told)?;
    Ok(Json(Listed { entries: listing.entries.into_iter().map(line).collect(), next: listing.next }))
}

fn line(entry: walk::Entry) -> Line {
    let kind = match entry.kind {
        Kind::File => "file",
        Kind::Folder => "folder",
        Kind::Other => "other",
    };
    let modified = entry.modified.and_then(|at| at.duration_since(UNIX_EPOCH).ok()).map(|since| since.as_secs());
    Line { name: entry.name, path: entry.path, kind: kind.to_owned(), size: entry.size, modified }
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Search {
    /// The folder to search, with all inside it; every granted folder if left
    /// out.
    path: Option<String>,
    /// Which names: "*.md", "notes/**/2026-?.txt".
    glob: Option<String>,
    /// Which contents: lines that hold this text.
    text: Option<String>,
    /// Whether upper and lower case are the same in contents.
    #[serde(default)]
    ignore_case: bool,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Hit {
    path: String,
    /// The number of the line that holds the text.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    /// The beginning of that line.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Searched {
    matches: Vec<Hit>,
    /// Whether everything was looked at. If not, search a smaller folder.
    complete: bool,
}

/// Searches granted folders for files by name, by the text in their lines, or
/// by both.
#[tool(title = "Search files", read_only, idempotent, open_world = false)]
pub(crate) fn search(args: Search) -> Result<Json<Searched>> {
    let text = args.text.filter(|text| !text.is_empty());
    if args.glob.is_none() && text.is_none() {
        return Err(Error::invalid("a search needs a glob or a text"));
    }
    let glob = args.glob.as_deref().map(Glob::parse).transpose().map_err(FileError::told)?;
    let query = Query { glob, text, ignore_case: args.ignore_case };
    let SearchResult { matches, complete } =
        crate::search(&Folders::granted(), args.path.as_deref(), &query).map_err(FileError::told)?;
    let hit = |found: walk::Match| {
        let (line, text) = found.line.unzip();
        Hit { path: found.path, line: line.and_then(|line| u64::try_from(line).ok()), text }
    };
    Ok(Json(Searched { matches: matches.into_iter().map(hit).collect(), complete }))
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Write {
    /// Such as "/data/notes.txt".
    path: String,
    /// All that the file shall hold.
    #[schemars(length(max = 5_600_000))]
    content: String,
    /// How `content` is written.
    #[serde(default)]
    encoding: Encoding,
    /// Write only if this is the file's etag now; "*" if there is a file at
    /// all.
    if_match: Option<String>,
    /// Whether to make folders on the way.
    #[serde(default)]
    make_folders: bool,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct WasWritten {
    /// The SHA-256 of the file now.
    etag: String,
    size: u64,
    /// Whether there was no file before.
    created: bool,
}

/// Writes a file in a granted folder, whole and at once. With `ifMatch`, only
/// onto the version of that etag: otherwise it fails and changes nothing.
#[tool(title = "Write a file", destructive, idempotent, open_world = false)]
pub(crate) fn write(args: Write, ctx: &Context) -> Result<Json<WasWritten>> {
    let bytes = match args.encoding {
        Encoding::Utf8 => args.content.into_bytes(),
        Encoding::Base64 => STANDARD.decode(&args.content).map_err(|error| Error::invalid(error.to_string()))?,
    };
    let place = Folders::granted().place(&args.path).map_err(FileError::told)?;
    let written = crate::write(&place, &bytes, args.if_match.as_deref(), args.make_folders).map_err(FileError::told)?;
    tell(ctx, &place.path, written.created);
    let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    Ok(Json(WasWritten { etag: written.etag, size, created: written.created }))
}

/// Tells whoever watches that a file has changed.
pub(crate) fn tell(ctx: &Context, path: &str, created: bool) {
    ctx.resource_updated(&to_uri(path));
    if created {
        ctx.resources_changed();
    }
}
