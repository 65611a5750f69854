//! Templates of the operator's own as entries, beside those of plugins.

use std::sync::Arc;

use bulkhead_base::PluginName;
use bulkhead_package::{PromptArgument, PromptContract};
use bulkhead_prompts::{Library, PREFIX, Prompt};
use bulkhead_protocol::json::Compact;

use crate::{
    entry::{Names, PromptEntry, PromptSource},
    listing, pin,
    placement::Separator,
};

/// A library with its prompts named and rendered. Cheap to clone.
#[derive(Clone, Default)]
pub struct OwnPrompts {
    library: Library,
    entries: Arc<[Arc<PromptEntry>]>,
}

impl OwnPrompts {
    /// Names and renders every prompt of `library`.
    #[must_use]
    pub fn new(library: Library, separator: Separator) -> Self {
        let owner: Option<PluginName> = PREFIX.parse().ok();
        let entry = |prompt: &Arc<Prompt>| owner.clone().map(|owner| entry(prompt, owner, separator));
        let entries = library.iter().filter_map(entry).collect();
        Self { library, entries }
    }

    pub(crate) const fn library(&self) -> &Library {
        &self.library
    }

    pub(crate) fn entries(&self) -> &[Arc<PromptEntry>] {
        &self.entries
    }
}

fn entry(prompt: &Arc<Prompt>, owner: PluginName, separator: Separator) -> Arc<PromptEntry> {
    let dotted = format!("{PREFIX}.{}", prompt.name());
    let underscored = dotted.replace('.', "_");
    let (public, other) = match separator {
        Separator::Underscore => (underscored, dotted.clone()),
        Separator::Dot => (dotted.clone(), underscored),
    };
    let contract = contract(prompt, &public);
    let origin = Compact::write(|origin| {
        origin.str("source", "operator");
        origin.str("digest", &prompt.page().digest.to_string());
    });
    let listing = listing::prompt(&public, &contract, &origin);
    Arc::new(PromptEntry {
        owner,
        pin: pin::item(&pin::PROMPT_FIELDS, [&public, &other], &listing, &origin),
        listing,
        names: Names { public, other, dotted: dotted.into() },
        contract,
        source: PromptSource::Template(prompt.clone()),
    })
}

fn contract(prompt: &Prompt, name: &str) -> PromptContract {
    let head = &prompt.page().head;
    let arguments = prompt.arguments().iter().map(|argument| PromptArgument {
        name: argument.name.clone(),
        title: argument.title.clone(),
        description: argument.description.clone(),
        required: argument.required,
    });
    PromptContract {
        name: name.to_owned(),
        title: head.title.clone(),
        description: head.description.clone(),
        arguments: arguments.collect(),
        icons: None,
        meta: None,
        required_capabilities: Vec::new(),
    }
}
