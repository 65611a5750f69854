//! A tool's schema, compiled when somebody needs it.
//!
//! **Invariant:** nothing fits a schema that does not compile.

use std::sync::OnceLock;

use bulkhead_package::Json;
use bulkhead_schema::{Bounds, SchemaError, Validator, Violations};

/// A schema of the contract. Whoever serves it before it was compiled sees to it
/// that it is soon: [`LoadedPlugin::vet`](crate::LoadedPlugin::vet).
pub struct Schema {
    text: Json,
    bounds: Bounds,
    compiled: OnceLock<Result<Validator, SchemaError>>,
}

/// Why a value does not fit.
#[derive(Debug, thiserror::Error)]
pub enum Misfit {
    #[error(transparent)]
    Value(#[from] Violations),
    #[error("the schema itself makes no sense: {0}")]
    Schema(#[from] SchemaError),
}

impl Schema {
    pub(crate) const fn new(text: Json, bounds: Bounds) -> Self {
        Self { text, bounds, compiled: OnceLock::new() }
    }

    /// The schema, compiled by whoever asks first.
    pub(crate) fn compiled(&self) -> Result<&Validator, SchemaError> {
        let compiled = self.compiled.get_or_init(|| Validator::compile(self.text.as_str(), self.bounds));
        compiled.as_ref().map_err(SchemaError::clone)
    }

    /// Checks JSON text.
    ///
    /// # Errors
    /// [`Misfit`]
    pub fn check_text(&self, text: &str) -> Result<(), Misfit> {
        Ok(self.compiled()?.check_text(text)?)
    }
}
