//! Reading one file.

use std::fs;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

use crate::{
    error::FileError,
    folder::Place,
    limits::{MAX_FILE_BYTES, MAX_READ_BYTES},
};

/// A whole file, with what tells its version.
#[derive(Clone, Debug)]
pub struct Contents {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The SHA-256 of its bytes, in hex.
    pub etag: String,
}

/// A part of a file, as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// UTF-8 as it is, anything else in base64.
    pub content: String,
    /// Whether `content` is base64.
    pub is_base64: bool,
    /// Where the next part begins, if this one is not the last.
    pub next_offset: Option<u64>,
}

/// Reads the file at `place`, whole, if it has at most `most` bytes.
pub fn read(place: &Place, most: u64) -> Result<Contents, FileError> {
    let size = regular(place)?;
    if size > most {
        let text = format!("`{}` has {size} bytes; at most {most} are read at once", place.path);
        return Err(FileError::Invalid(text));
    }
    let bytes = fs::read(&place.real).map_err(|error| FileError::io(&place.path, &error))?;
    Ok(Contents { etag: etag(&bytes), bytes })
}

/// The etag of what is at `place` now, if there is a file.
pub(crate) fn current_etag(place: &Place) -> Result<Option<String>, FileError> {
    match read(place, MAX_FILE_BYTES) {
        Ok(contents) => Ok(Some(contents.etag)),
        Err(FileError::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The SHA-256 of `bytes`, in hex.
pub fn etag(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Contents {
    /// At most `length` bytes from `offset`. A character is never cut.
    pub fn excerpt(&self, offset: u64, length: usize) -> Excerpt {
        let length = length.clamp(4, MAX_READ_BYTES);
        let start = usize::try_from(offset).unwrap_or(usize::MAX).min(self.bytes.len());
        let end = start.saturating_add(length).min(self.bytes.len());
        if let Ok(text) = std::str::from_utf8(&self.bytes) {
            let (start, end) = (text.floor_char_boundary(start), text.floor_char_boundary(end));
            return Excerpt { content: text[start..end].to_owned(), is_base64: false, next_offset: self.after(end) };
        }
        Excerpt { content: STANDARD.encode(&self.bytes[start..end]), is_base64: true, next_offset: self.after(end) }
    }

    fn after(&self, end: usize) -> Option<u64> {
        (end < self.bytes.len()).then(|| u64::try_from(end).ok()).flatten()
    }
}

/// The size of the ordinary file at `place`.
fn regular(place: &Place) -> Result<u64, FileError> {
    let metadata = place.metadata()?;
    if metadata.is_dir() {
        return Err(FileError::Invalid(format!("`{}` is a folder", place.path)));
    }
    if !metadata.is_file() {
        return Err(FileError::Denied(format!("`{}` is not an ordinary file", place.path)));
    }
    Ok(metadata.len())
}

/// The media type that the name of a file tells.
pub fn mime_type(path: &str) -> Option<&'static str> {
    let (_, extension) = path.rsplit('/').next()?.rsplit_once('.')?;
    Some(match extension.to_ascii_lowercase().as_str() {
        "txt" | "log" => "text/plain",
        "md" => "text/markdown",
        "html" | "htm" => "text/html",
        "css" => "text/css",
        "csv" => "text/csv",
        "js" | "mjs" => "text/javascript",
        "json" => "application/json",
        "xml" => "application/xml",
        "yaml" | "yml" => "application/yaml",
        "toml" => "application/toml",
        "pdf" => "application/pdf",
        "wasm" => "application/wasm",
        "zip" => "application/zip",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "svg" => "image/svg+xml",
        "webp" => "image/webp",
        "wav" => "audio/wav",
        "mp3" => "audio/mpeg",
        _ => return None,
    })
}
