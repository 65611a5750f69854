//! The same strict YAML for other files of the operator's: no anchors, no
//! doubled or unknown keys, every fault with its place.

use serde::de::DeserializeOwned;

use super::{
    de,
    error::{Fault, Position},
    tree,
};

/// Why a text is not what was expected, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct YamlError {
    pub at: Option<Position>,
    pub text: String,
}

/// Reads `text` as one document.
///
/// # Errors
/// It is not YAML, or not a `T`.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, YamlError> {
    let read = tree::parse(text).and_then(|root| de::read(&root));
    read.map_err(|fault: Fault| {
        let keys: Vec<&str> = fault.path.iter().rev().map(String::as_str).collect();
        let text =
            if keys.is_empty() { fault.text } else { format!("{}: {}", keys.join(".").replace(".[", "["), fault.text) };
        YamlError { at: fault.at, text }
    })
}
