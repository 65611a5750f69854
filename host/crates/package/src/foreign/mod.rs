//! Components that know nothing of Bulkhead: their exported functions as tools.
//!
//! The contract is made of names, types and comments that the component carries,
//! once, when it is packed; the same component makes the same contract.
//!
//! **Invariant:** nothing of the component runs. Whatever its author wrote is
//! counted before it is walked.

mod decode;
mod docs;
mod map;
mod names;
mod pattern;
mod schema;
mod shape;
#[cfg(test)]
mod tests;
mod types;
mod why;

use crate::{
    component::{ComponentError, surface},
    json::{Json, JsonError},
    limits::MAX_ITEMS,
};

use decode::Exports;
use docs::Docs;

pub use docs::DocsError;
pub use map::{Mapped, Tool, map};
pub use schema::{EXACT_DIGITS, LARGEST_NUMBER, MAX_BASE64_CHARS, NAMED_FLOATS};
pub use shape::{Answer, Case, Constructor, Field, Given, Int, Param, RESULT, Shape, Signature, answer};
pub use types::{Exported, Types, View};
pub use why::{MapError, Why};

/// Why there is no contract.
#[derive(Debug, thiserror::Error)]
pub enum ForeignError {
    #[error(transparent)]
    Component(#[from] ComponentError),
    #[error(transparent)]
    Map(#[from] MapError),
    #[error("{0}; `--no-docs` leaves its comments out")]
    Docs(#[from] DocsError),
    #[error("none of its exported functions can be a tool{}", told(.0))]
    NoTools(Vec<Mapped>),
    #[error("{0} of its functions can be tools, and a plugin has at most {MAX_ITEMS}")]
    TooManyTools(usize),
    #[error("the contract that its types make: {0}; `--no-docs` leaves its comments out")]
    Contract(#[from] JsonError),
}

fn told(mapped: &[Mapped]) -> String {
    let reasons = mapped.iter().filter_map(|one| Some(format!("\n  {}: {}", one.path(), one.takes.as_ref().err()?)));
    reasons.take(20).collect()
}

/// A component's functions, and what is said of them.
pub struct Foreign {
    exports: Exports,
    mapped: Vec<Mapped>,
}

impl Foreign {
    /// Reads a component; its comments too, if they are wanted.
    ///
    /// # Errors
    /// [`ForeignError`]: no tools can be made of it.
    pub fn read(component: &[u8], with_docs: bool) -> Result<Self, ForeignError> {
        let outside = surface(component)?;
        let docs = if with_docs { Docs::read(component, &outside.exports)?? } else { Docs::default() };
        let exports = Exports::read(component, docs)?;
        let mapped = map(&exports, &exports.functions)?;
        Ok(Self { exports, mapped })
    }

    /// What becomes of each exported function, in order.
    #[must_use]
    pub fn mapped(&self) -> &[Mapped] {
        &self.mapped
    }

    /// The contract: its functions as tools.
    ///
    /// # Errors
    /// There is none, or too many, or its author's comments are no text to be shown.
    pub fn contract(&self) -> Result<Json, ForeignError> {
        let tools: Vec<(&Mapped, &Tool)> =
            self.mapped.iter().filter_map(|mapped| Some((mapped, mapped.takes.as_ref().ok()?))).collect();
        match tools.len() {
            0 => return Err(ForeignError::NoTools(self.mapped.clone())),
            1..=MAX_ITEMS => {}
            many => return Err(ForeignError::TooManyTools(many)),
        }
        let tools: Vec<String> = tools.into_iter().map(|(mapped, tool)| self.tool(mapped, tool)).collect();
        let json = Json::parse(&format!("{{\"tools\":[{}]}}", tools.join(",")))?;
        crate::Contract::parse(&json)?;
        Ok(json)
    }

    fn tool(&self, mapped: &Mapped, tool: &Tool) -> String {
        let quoted = |text: &str| serde_json::Value::from(text).to_string();
        let said = self.exports.told(mapped.interface.as_deref(), &mapped.function);
        let description = said.unwrap_or_else(|| mapped.path().into());
        let output = tool.output.as_ref().map(|schema| format!(",\"outputSchema\":{schema}")).unwrap_or_default();
        let (name, description, input) = (quoted(&mapped.tool), quoted(&description), &tool.input);
        format!("{{\"name\":{name},\"description\":{description},\"inputSchema\":{input}{output}}}")
    }
}
