//! Suggestions while a user types.

pub use crate::bindings::completions::exports::bulkhead::plugin::completions::{Completion, Reference};

use crate::context::Context;
use crate::error::{Error, Result};

/// The arguments that are filled in already.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filled(Vec<(String, String)>);

impl Filled {
    /// These arguments.
    pub fn new(arguments: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(arguments.into_iter().collect())
    }

    /// The value of `argument`.
    pub fn get(&self, argument: &str) -> Option<&str> {
        self.0.iter().find(|(name, _)| name == argument).map(|(_, value)| value.as_str())
    }
}

impl Completion {
    /// These values, best first, and no more.
    pub fn new<T: Into<String>>(values: impl IntoIterator<Item = T>) -> Self {
        Self { values: values.into_iter().map(Into::into).collect(), total: None, has_more: false }
    }

    /// Those of `values` that begin with `typed`.
    ///
    /// ```
    /// use bulkhead_sdk::prelude::*;
    ///
    /// assert_eq!(Completion::starting("pa", ["paris", "park", "party", "rome"]).values.len(), 3);
    /// ```
    pub fn starting<T: Into<String> + AsRef<str>>(typed: &str, values: impl IntoIterator<Item = T>) -> Self {
        Self::new(values.into_iter().filter(|value| value.as_ref().starts_with(typed)))
    }

    /// How many there are in all, these included.
    #[must_use]
    pub fn of(mut self, total: u32) -> Self {
        self.has_more = usize::try_from(total).is_ok_and(|total| total > self.values.len());
        self.total = Some(total);
        self
    }
}

/// What a function marked `#[completion]` may return.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a completion's answer",
    label = "not a completion's answer",
    note = "return `Vec<String>`, `Vec<&'static str>`, `Completion`, or a `Result` of one of them"
)]
pub trait CompletionOutput {
    /// The suggestions.
    fn into_completion(self) -> Result<Completion>;
}

impl CompletionOutput for Completion {
    fn into_completion(self) -> Result<Completion> {
        Ok(self)
    }
}

impl<T: Into<String>> CompletionOutput for Vec<T> {
    fn into_completion(self) -> Result<Completion> {
        Ok(Completion::new(self))
    }
}

impl<T: CompletionOutput, E: Into<Error>> CompletionOutput for std::result::Result<T, E> {
    fn into_completion(self) -> Result<Completion> {
        self.map_err(Into::into)?.into_completion()
    }
}

/// A function marked `#[completion]`, by the type of the same name.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a completion",
    label = "not a completion",
    note = "put `#[completion]` above the function"
)]
pub trait Complete {
    /// Whether this one completes `argument` of `reference`.
    fn answers(reference: &Reference, argument: &str) -> bool;

    /// Suggests.
    fn complete(ctx: &Context, value: &str, filled: &Filled) -> Result<Completion>;
}
