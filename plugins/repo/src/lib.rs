//! The sources in the folder that the operator granted: searched by text and
//! by definition, read by line, as tools, as `repo:` resources, and as a
//! prompt that puts a question beside what may answer it.

mod context;
mod cursor;
mod excerpt;
pub mod file;
mod language;
mod limits;
mod pace;
mod prompt;
mod resources;
mod root;
mod search;
mod symbol;
mod tools;
mod walk;

use bulkhead_sdk::plugin;

pub use context::{Snippet, snippets, words};
pub use cursor::Cursor;
pub use excerpt::excerpt;
pub use language::{Definition, Language};
pub use limits::*;
pub use pace::Pace;
pub use prompt::assemble;
pub use root::{AT, Place, Root};
pub use search::{Case, Extent, Found, Hit, Pattern, search};
pub use symbol::{Fit, Symbol, Wanted, outline, symbols};
pub use walk::{Scope, Walked, walk};

plugin! {
    tools: [
        tools::text::search,
        tools::definition::symbols,
        tools::definition::outline,
        tools::file::read,
        tools::file::files,
    ],
    templates: [resources::source],
    prompts: [prompt::code_context],
    completions: [prompt::paths_of_prompt, resources::paths_of_source],
}
