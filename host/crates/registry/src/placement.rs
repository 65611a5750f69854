//! Where a plugin is put: its names, its tools, how it is listened to.

use bulkhead_base::{PluginName, Prefix};
use bulkhead_package::Contract;
use bulkhead_policy::TextPattern;
use bulkhead_screen::Policy;

/// What stands between prefix and item in a listing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Separator {
    /// `prefix_item`: several clients refuse a whole listing for one dot.
    #[default]
    Underscore,
    /// `prefix.item`
    Dot,
}

impl Separator {
    /// The separator as text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Underscore => "_",
            Self::Dot => ".",
        }
    }
}

/// Which tools an entry of the configuration switches on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ToolFilter {
    /// Patterns of names without prefix. None at all switches every tool on.
    pub allow: Vec<TextPattern>,
    pub deny: Vec<TextPattern>,
}

impl ToolFilter {
    /// Whether a tool of this name, without prefix, is served.
    #[must_use]
    pub fn admits(&self, item: &str) -> bool {
        let any = |patterns: &[TextPattern]| patterns.iter().any(|pattern| pattern.matches(item));
        (self.allow.is_empty() || any(&self.allow)) && !any(&self.deny)
    }

    /// The first pattern that no tool of `contract` fits: a misspelt `deny`
    /// would leave its tool on. A lone star says "whatever there is".
    pub(crate) fn without_effect(&self, contract: &Contract) -> Option<(&'static str, &TextPattern)> {
        let idle = |pattern: &&TextPattern| {
            pattern.to_string() != "*" && !contract.tools.iter().any(|tool| pattern.matches(&tool.name))
        };
        let (allow, deny) = (self.allow.iter().map(|p| ("allow", p)), self.deny.iter().map(|p| ("deny", p)));
        allow.chain(deny).find(|(_, pattern)| idle(pattern))
    }
}

/// Where a plugin is put: what the configuration says of its names, and of how
/// it is listened to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placement {
    /// The entry.
    pub name: PluginName,
    pub prefix: Prefix,
    pub separator: Separator,
    pub tools: ToolFilter,
    /// What becomes of what is found in what it says.
    pub screen: Policy,
}
