//! The decision on one operation of one caller.

use std::sync::Arc;

use bulkhead_base::{Operation, OperationKind};

use crate::{Principal, access::leaves_its_template, principal::how_to_give};

/// Leave to do one operation, once: what the next room asks to see.
///
/// [`decide`] is its only maker; it cannot be cloned.
#[derive(Debug)]
pub struct Permit {
    principal: Arc<str>,
    operation: Operation,
}

impl Permit {
    /// Who may.
    #[must_use]
    pub const fn principal(&self) -> &Arc<str> {
        &self.principal
    }

    /// What.
    #[must_use]
    pub const fn operation(&self) -> &Operation {
        &self.operation
    }
}

/// An operation that its caller may not have.
///
/// What the client reads and what the log says are different texts: the
/// client's own rights are no secret to it, the server's configuration is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denied {
    principal: Arc<str>,
    operation: Operation,
    /// What the guide calls the item as well.
    name: Option<Arc<str>>,
    opened_by: Vec<Arc<str>>,
}

impl Denied {
    /// What the client is told.
    #[must_use]
    pub const fn client_text(&self) -> &'static str {
        match self.operation.kind {
            OperationKind::CallTool => "you may not call this tool",
            OperationKind::GetPrompt => "you may not use this prompt",
            OperationKind::ReadResource => "you may not read this resource",
            OperationKind::WriteResource => "you may not write this resource",
            OperationKind::ListResource => "you may not list these resources",
        }
    }

    /// What the log says: who was denied what, and which line would allow it.
    #[must_use]
    pub fn log_text(&self) -> String {
        let Self { principal, operation, opened_by, .. } = self;
        let remedy = match opened_by.first() {
            Some(scope) => how_to_give(principal, scope),
            None => {
                format!("add to a scope that {principal:?} holds, under `scopes:` in mcp.yaml: {}", self.scope_line())
            }
        };
        format!("{principal:?} may not {operation} (plugin {:?}). To allow it, {remedy}", operation.plugin.as_str())
    }

    /// Who was denied.
    #[must_use]
    pub const fn principal(&self) -> &Arc<str> {
        &self.principal
    }

    /// What was denied.
    #[must_use]
    pub const fn operation(&self) -> &Operation {
        &self.operation
    }

    /// The scopes that would have allowed it, least first, for a step-up
    /// challenge. Any of them is enough.
    #[must_use]
    pub fn opened_by(&self) -> &[Arc<str>] {
        &self.opened_by
    }

    fn scope_line(&self) -> String {
        if let Some(name) = &self.name {
            return name.to_string();
        }
        let item = &self.operation.item;
        let access = match self.operation.kind {
            OperationKind::CallTool => return item.to_string(),
            OperationKind::GetPrompt => return format!("{{prompt: {item:?}}}"),
            OperationKind::ReadResource => "read",
            OperationKind::WriteResource => "write",
            OperationKind::ListResource => "list",
        };
        let glob = if item.is_empty() { "**" } else { item };
        format!("{{resource: {glob:?}, access: [{access}]}}")
    }
}

/// Decides whether `principal` may have `operation`.
///
/// # Errors
/// Nothing that the principal holds opens it.
pub fn decide(principal: &Principal, operation: &Operation) -> Result<Permit, Denied> {
    decide_named(principal, operation, &[])
}

/// As [`decide`], for an item that the guide calls by `names` as well: what
/// opens one of those opens it.
///
/// # Errors
/// Nothing that the principal holds opens it.
pub fn decide_named(principal: &Principal, operation: &Operation, names: &[Arc<str>]) -> Result<Permit, Denied> {
    let access = principal.access();
    // Whether a URI fits a template says nothing where readers may disagree on what it names.
    let names = if leaves_its_template(&operation.item) { &[] } else { names };
    let mut spellings = std::iter::once(&operation.item).chain(names);
    let (who, what) = (Arc::clone(principal.id()), operation.clone());
    if spellings.any(|item| access.opens(operation.kind, item)) {
        return Ok(Permit { principal: who, operation: what });
    }
    let spellings = std::iter::once(&operation.item).chain(names);
    let opened_by = spellings.flat_map(|item| access.scopes_that_open(operation.kind, item)).collect();
    Err(Denied { principal: who, operation: what, name: names.first().cloned(), opened_by })
}

/// Whether an item is shown to `principal` at all: what may not be done is not
/// listed. `kind` is what the item is for.
#[must_use]
pub fn may_list(principal: &Principal, kind: OperationKind, item: &str) -> bool {
    principal.access().opens(kind, item)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Access, Allowance, ScopeItem, Scopes};

    fn agents(held: &[&str]) -> Principal {
        let weather = "weather.*".parse::<ScopeItem>().unwrap();
        let scopes = Arc::new(Scopes::new([("weather".into(), vec![weather]), ("none".into(), vec![])]));
        Principal::new("agents".into(), Arc::new(Access::of_scopes(&scopes, held).unwrap()), Allowance::default())
    }

    fn call(item: &str) -> Operation {
        Operation { kind: OperationKind::CallTool, plugin: "weather".parse().unwrap(), item: item.into() }
    }

    #[test]
    fn a_permit_names_who_and_what() {
        let permit = decide(&agents(&["weather"]), &call("weather.getCurrent")).unwrap();
        assert_eq!(&**permit.principal(), "agents");
        assert_eq!(*permit.operation(), call("weather.getCurrent"));
    }

    #[test]
    fn a_denial_tells_the_operator_the_line_and_the_client_nothing() {
        let denied = decide(&agents(&["none"]), &call("weather.getCurrent")).unwrap_err();
        assert_eq!(denied.opened_by(), ["weather".into()]);
        assert!(
            denied.log_text().ends_with(r#"give "agents" the scope "weather" in mcp.yaml"#),
            "{}",
            denied.log_text()
        );
        let unknown = decide(&agents(&["weather"]), &call("calc.evaluate")).unwrap_err();
        assert!(unknown.log_text().ends_with("`scopes:` in mcp.yaml: calc.evaluate"), "{}", unknown.log_text());
        assert!(!unknown.client_text().contains("calc") && !unknown.client_text().contains("scope"));
    }

    #[test]
    fn a_name_of_the_guides_opens_what_it_names_for_reading_alone() {
        let item = |text: &str| text.parse::<ScopeItem>().unwrap();
        let scopes = Arc::new(Scopes::new([("read:file".into(), vec![item("file.read")]), ("none".into(), vec![])]));
        let holder = |held: &[&str]| {
            Principal::new("a".into(), Arc::new(Access::of_scopes(&scopes, held).unwrap()), Allowance::default())
        };
        let operation = |kind| Operation { kind, plugin: "file".parse().unwrap(), item: "file:///data/a".into() };
        let (read, write) = (operation(OperationKind::ReadResource), operation(OperationKind::WriteResource));
        let names = ["file.read".into()];
        let permit = decide_named(&holder(&["read:file"]), &read, &names).unwrap();
        assert_eq!(*permit.operation(), read, "the permit is for the very resource");
        assert!(decide(&holder(&["read:file"]), &read).is_err());
        assert!(decide_named(&holder(&["read:file"]), &write, &names).is_err());
        for (item, opens) in [("file:///data/a%25", true), ("file:///data/..%2Fb", false), ("file:///data/../b", false)]
        {
            let read = Operation { item: item.into(), ..read.clone() };
            assert_eq!(decide_named(&holder(&["read:file"]), &read, &names).is_ok(), opens, "{item}");
        }
        let denied = decide_named(&holder(&["none"]), &read, &names).unwrap_err();
        assert!(denied.log_text().ends_with(r#"give "a" the scope "read:file" in mcp.yaml"#), "{}", denied.log_text());
    }

    #[test]
    fn what_may_not_be_called_is_not_listed() {
        assert!(may_list(&agents(&["weather"]), OperationKind::CallTool, "weather.forecast"));
        assert!(!may_list(&agents(&["none"]), OperationKind::CallTool, "weather.forecast"));
    }
}
