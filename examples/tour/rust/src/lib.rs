//! The tour: one of everything that a plugin may offer, the same in every language.

mod numbers;
mod page;
mod people;
mod stops;

use bulkhead_sdk::plugin;

pub use numbers::{add, count};
pub use page::title;
pub use people::{ask, fail, greet, introduce, tones};
pub use stops::{facts, stop};

plugin! {
    tools: [greet, add, count, ask, title, fail],
    prompts: [introduce],
    resources: [facts],
    templates: [stop],
    completions: [tones],
    std: stderr,
}
