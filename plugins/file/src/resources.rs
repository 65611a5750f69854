//! The files as `file:` resources.

use bulkhead_sdk::prelude::*;

use crate::{
    FileError, Folders, MAX_RESOURCE_BYTES, MAX_VISITED, PAGE_ENTRIES, Place, files, mime_type, to_path, to_uri,
    tools::tell,
};

/// A file in a granted folder, with its etag.
#[template("file:///{+path}", name = "read", title = "File")]
pub(crate) fn file(uri: &str) -> Result<Reading> {
    let place = place(uri)?;
    let contents = crate::read(&place, MAX_RESOURCE_BYTES).map_err(FileError::told)?;
    let reading = match String::from_utf8(contents.bytes) {
        Ok(text) => Reading::text(text).mime_type(mime_type(&place.path).unwrap_or("text/plain")),
        Err(bytes) => {
            let mime_type = mime_type(&place.path).unwrap_or("application/octet-stream");
            Reading::bytes(bytes.into_bytes()).mime_type(mime_type)
        }
    };
    Ok(reading.etag(contents.etag))
}

/// Whatever else claims to be a file.
pub(crate) fn read(uri: &str, _ctx: &Context) -> Result<Reading> {
    file(uri)
}

/// Lists every file in the granted folders, by path.
pub(crate) fn list(cursor: Option<&str>, _ctx: &Context) -> Result<Page> {
    let mut all = Vec::new();
    for root in Folders::granted().roots() {
        all.extend(files(root).map_err(FileError::told)?);
        if all.len() >= MAX_VISITED {
            break;
        }
    }
    all.sort_by(|a, b| a.path.cmp(&b.path));
    all.dedup_by(|a, b| a.path == b.path);
    if let Some(cursor) = cursor {
        all.retain(|found| found.path.as_str() > cursor);
    }
    let more = all.len() > PAGE_ENTRIES;
    all.truncate(PAGE_ENTRIES);
    let next = all.last().filter(|_| more).map(|last| last.path.clone());
    let entries: Vec<Entry> = all.into_iter().map(entry).collect();
    Ok(match next {
        Some(next) => Page::until(entries, next),
        None => Page::last(entries),
    })
}

/// Writes a file and answers with its new etag.
pub(crate) fn write(uri: &str, contents: Body, if_match: Option<&str>, ctx: &Context) -> Result<String> {
    let place = place(uri)?;
    let written = crate::write(&place, contents.as_bytes(), if_match, false).map_err(FileError::told)?;
    tell(ctx, &place.path, written.created);
    Ok(written.etag)
}

fn place(uri: &str) -> Result<Place> {
    let path = to_path(uri).map_err(FileError::told)?;
    Folders::granted().place(&path).map_err(FileError::told)
}

fn entry(found: crate::Entry) -> Entry {
    let mut entry = Entry::new(to_uri(&found.path), found.name).description(found.path.clone());
    if let Some(size) = found.size {
        entry = entry.size(size);
    }
    match mime_type(&found.path) {
        Some(mime_type) => entry.mime_type(mime_type),
        None => entry,
    }
}
