//! The folder of prompt templates: files → pages, which
//! [`bulkhead_prompts::Library`] makes prompts of.
//!
//! **Invariants:** nothing outside the folder is read, whatever links lie in
//! it; a file that others than the server's user and root could change is not
//! believed; a folder of any size costs no more than the bounds say.

mod folder;
mod front;

pub use folder::{DEEPEST, is_prompt_file, read};
