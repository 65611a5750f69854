use std::{collections::BTreeMap, fmt, str::FromStr, sync::Arc};

use bulkhead_base::OperationKind;

use super::{ResourceGlob, TextPattern};
use crate::RuleError;

/// A right that is no operation on an item of a plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Right {
    /// Setting sampling parameters.
    Sampling,
    /// Opening and closing roots.
    Root,
    /// A verb of the operator's, such as `routing`.
    Operator(Arc<str>),
}

impl fmt::Display for Right {
    /// As a scope spells it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sampling => f.write_str("sampling"),
            Self::Root => f.write_str("root"),
            Self::Operator(verb) => write!(f, "operator:{verb}"),
        }
    }
}

/// One entry of a scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScopeItem {
    /// A tool, and the guide's resource, of that name.
    Name(TextPattern),
    /// Resources, each way of access apart. Writing is never implied.
    Resource { glob: ResourceGlob, read: bool, list: bool, write: bool },
    /// A prompt.
    Prompt(TextPattern),
    /// One of the other rights.
    Right(Right),
}

impl ScopeItem {
    /// `{resource: GLOB, access: […]}` with `read`, `list` and `write`.
    ///
    /// # Errors
    /// Not a glob, no access, or an access that there is none of.
    pub fn resource(glob: &str, access: &[impl AsRef<str>]) -> Result<Self, RuleError> {
        let (mut read, mut list, mut write) = (false, false, false);
        for word in access {
            match word.as_ref() {
                "read" => read = true,
                "list" => list = true,
                "write" => write = true,
                other => return Err(RuleError::ResourceAccess { text: other.to_owned() }),
            }
        }
        if !(read || list || write) {
            return Err(RuleError::ResourceAccess { text: String::new() });
        }
        Ok(Self::Resource { glob: glob.parse()?, read, list, write })
    }

    /// `{prompt: PATTERN}`.
    ///
    /// # Errors
    /// Not a pattern.
    pub fn prompt(pattern: &str) -> Result<Self, RuleError> {
        Ok(Self::Prompt(pattern.parse()?))
    }

    pub(super) fn opens(&self, kind: OperationKind, item: &str) -> bool {
        use OperationKind::{CallTool, GetPrompt, ListResource, ReadResource, WriteResource};
        match (self, kind) {
            (Self::Name(name), CallTool) => name.matches(item),
            // The guide names resources as it names tools; URIs have a colon.
            (Self::Name(name), ReadResource | ListResource) => {
                !item.is_empty() && !item.contains(':') && name.matches(item)
            }
            (Self::Prompt(name), GetPrompt) => name.matches(item),
            (Self::Resource { list, .. }, ListResource) if item.is_empty() => *list,
            (Self::Resource { glob, read: true, .. }, ReadResource) => glob.matches(item),
            (Self::Resource { glob, list: true, .. }, ListResource) => glob.matches(item),
            (Self::Resource { glob, write: true, .. }, WriteResource) => glob.matches(item),
            _ => false,
        }
    }

    pub(super) fn gives(&self, right: &Right) -> bool {
        matches!(self, Self::Right(held) if held == right)
    }
}

impl FromStr for ScopeItem {
    type Err = RuleError;

    /// A bare word: `sampling`, `root`, `operator:VERB`, or a tool's name.
    fn from_str(text: &str) -> Result<Self, RuleError> {
        match text {
            "sampling" => Ok(Self::Right(Right::Sampling)),
            "root" => Ok(Self::Right(Right::Root)),
            _ => match text.split_once(':') {
                Some(("operator", verb)) if !verb.is_empty() => Ok(Self::Right(Right::Operator(verb.into()))),
                Some(_) => Err(RuleError::ScopeWord { text: text.to_owned() }),
                None => Ok(Self::Name(text.parse()?)),
            },
        }
    }
}

/// Every scope of the configuration, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scopes(BTreeMap<Arc<str>, Vec<ScopeItem>>);

/// A key holds a scope that nobody wrote.
#[derive(Debug, thiserror::Error)]
#[error("there is no scope {name:?}; the scopes are: {known}")]
pub struct UnknownScope {
    /// The name that is missing.
    pub name: String,
    known: String,
}

impl Scopes {
    /// Scopes by name; a later one of the same name replaces the earlier.
    #[must_use]
    pub fn new(scopes: impl IntoIterator<Item = (Arc<str>, Vec<ScopeItem>)>) -> Self {
        Self(scopes.into_iter().collect())
    }

    /// Every scope, in order of names.
    pub fn iter(&self) -> impl Iterator<Item = (&Arc<str>, &[ScopeItem])> {
        self.0.iter().map(|(name, items)| (name, items.as_slice()))
    }

    /// Whether there is a scope called `name`.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Whether every scope of `older` opens here what it did, as far as can be
    /// told from what is written.
    #[must_use]
    pub fn covers(&self, older: &Self) -> bool {
        let covered = |(name, items): (&Arc<str>, &[ScopeItem])| {
            self.0.get(name).is_some_and(|ours| items.iter().all(|item| ours.contains(item)))
        };
        older.iter().all(covered)
    }

    /// The scopes that give no verb of the operator's, in order of names.
    pub fn ordinary(&self) -> impl Iterator<Item = &Arc<str>> {
        let operators = |item: &ScopeItem| matches!(item, ScopeItem::Right(Right::Operator(_)));
        self.iter().filter(move |(_, items)| !items.iter().any(operators)).map(|(name, _)| name)
    }

    pub(super) fn items(&self, name: &str) -> Result<&[ScopeItem], UnknownScope> {
        let known = || self.0.keys().map(|name| &**name).collect::<Vec<_>>().join(", ");
        self.0.get(name).map(Vec::as_slice).ok_or_else(|| UnknownScope { name: name.to_owned(), known: known() })
    }
}
