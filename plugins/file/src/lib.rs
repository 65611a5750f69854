//! Files in the folders that the operator granted: as tools, and as `file:`
//! resources whose changes are told.

mod error;
mod folder;
mod glob;
mod limits;
mod read;
mod resources;
mod tools;
mod uri;
mod walk;
mod write;

use bulkhead_sdk::{Error, plugin};

pub use error::FileError;
pub use folder::{Folder, Folders, Place};
pub use glob::Glob;
pub use limits::*;
pub use read::{Contents, Excerpt, etag, mime_type, read};
pub use uri::{to_path, to_uri};
pub use walk::{Entry, Kind, Listing, Match, Query, SearchResult, files, list, search};
pub use write::{Written, write};

plugin! {
    tools: [tools::read, tools::list, tools::search, tools::write],
    templates: [resources::file],
    schemes: { "file": resources::read },
    list: resources::list,
    write: resources::write,
}

impl FileError {
    /// The error as a client is told.
    fn told(self) -> Error {
        match self {
            Self::Invalid(text) => Error::Invalid(text),
            Self::NotFound(text) => Error::NotFound(text),
            Self::Denied(text) => Error::Denied(text),
            Self::Conflict(text) => Error::Conflict(text),
            Self::Failed(text) => Error::Failed(text),
        }
    }
}
