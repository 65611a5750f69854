//! Which of the package's interfaces a component exports.

use wasmtime::component::InstancePre;

use crate::{
    CompileError,
    bindings::exports::bulkhead::plugin::{completions, prompts, resources, tools},
    imports::PACKAGE_VERSION,
    state::CallState,
};

/// What a plugin can be asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exports {
    pub tools: bool,
    pub resources: bool,
    pub prompts: bool,
    pub completions: bool,
}

/// Where the functions are, found and type-checked once.
pub(crate) struct Indices {
    pub(crate) tools: Option<tools::GuestIndices>,
    pub(crate) resources: Option<resources::GuestIndices>,
    pub(crate) prompts: Option<prompts::GuestIndices>,
    pub(crate) completions: Option<completions::GuestIndices>,
}

impl Indices {
    /// # Errors
    /// [`CompileError::BadExport`]: an interface has our name and another type.
    pub(crate) fn of(pre: &InstancePre<CallState>) -> Result<Self, CompileError> {
        Ok(Self {
            tools: found(pre, "tools", tools::GuestIndices::new)?,
            resources: found(pre, "resources", resources::GuestIndices::new)?,
            prompts: found(pre, "prompts", prompts::GuestIndices::new)?,
            completions: found(pre, "completions", completions::GuestIndices::new)?,
        })
    }

    pub(crate) const fn exports(&self) -> Exports {
        Exports {
            tools: self.tools.is_some(),
            resources: self.resources.is_some(),
            prompts: self.prompts.is_some(),
            completions: self.completions.is_some(),
        }
    }
}

fn found<I>(
    pre: &InstancePre<CallState>,
    interface: &str,
    look_up: impl FnOnce(&InstancePre<CallState>) -> wasmtime::Result<I>,
) -> Result<Option<I>, CompileError> {
    let name = format!("bulkhead:plugin/{interface}@{PACKAGE_VERSION}");
    if pre.component().get_export_index(None, name.as_str()).is_none() {
        return Ok(None);
    }
    look_up(pre).map(Some).map_err(|error| CompileError::BadExport { name, reason: error.to_string() })
}
