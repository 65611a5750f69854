//! What becomes of the functions that a component exports which knows nothing
//! of Bulkhead, for people.
//!
//! **Invariant:** whatever the component's author wrote goes through `display::safe`.

use bulkhead_package::{
    Contract,
    component::Surface,
    display::safe,
    foreign::{Foreign, ForeignError, Mapped},
};
use serde::Serialize;

use super::{
    review,
    terminal::{Terminal, Tone},
};

/// Every exported function, as a script reads it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Function {
    export: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool: Option<String>,
    /// Why it is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    no_tool: Option<String>,
}

impl Function {
    fn of(mapped: &Mapped) -> Self {
        let (tool, no_tool) = match &mapped.takes {
            Ok(_) => (Some(mapped.tool.clone()), None),
            Err(why) => (None, Some(why.to_string())),
        };
        Self { export: mapped.path(), tool, no_tool }
    }

    fn line(&self) -> String {
        let export = safe(&self.export);
        match (&self.tool, &self.no_tool) {
            (Some(tool), _) => format!("    {export}  is the tool {}", safe(tool)),
            (None, why) => format!("    {export}  is no tool: {}", safe(why.as_deref().unwrap_or_default())),
        }
    }
}

/// The functions of `component`; `None` if it is of our own world.
pub(super) fn read(component: &[u8], outside: &Surface) -> Option<Result<Foreign, ForeignError>> {
    (!outside.knows_bulkhead()).then(|| Foreign::read(component, true))
}

/// The same for a script; empty where there are none.
pub(super) fn json(read: Option<&Result<Foreign, ForeignError>>) -> Vec<Function> {
    let mapped = read.and_then(|read| read.as_ref().ok()).map(Foreign::mapped).unwrap_or_default();
    mapped.iter().map(Function::of).collect()
}

/// In lines: each function, and why not.
pub(super) fn lines(read: &Result<Foreign, ForeignError>, terminal: &Terminal) -> Vec<String> {
    let mut lines = vec![terminal.paint(Tone::Strong, "functions")];
    match read {
        Ok(foreign) => lines.extend(foreign.mapped().iter().map(|mapped| Function::of(mapped).line())),
        Err(error) => lines.push(format!("    no tools: {}", safe(&error.to_string()))),
    }
    lines
}

/// What a bare component would offer.
pub(super) fn offered(read: &Result<Foreign, ForeignError>, outside: &Surface, terminal: &Terminal) -> Vec<String> {
    if let Some(unknown) = bulkhead_sandbox::unsupported(&outside.imports) {
        return vec![format!("it cannot be signed as it is: {}", safe(&unknown.to_string()))];
    }
    let Ok(foreign) = read else { return Vec::new() };
    let contract = foreign.contract().map_err(|error| error.to_string());
    match contract.and_then(|json| Contract::parse(&json).map_err(|error| error.to_string())) {
        Ok(contract) => review::tools(&contract.tools, terminal),
        Err(why) => vec![format!("it cannot be signed as it is: {}", safe(&why))],
    }
}
