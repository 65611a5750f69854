//! What a principal may do: scopes, compiled into patterns.

mod glob;
mod pattern;
mod scopes;

use std::sync::Arc;

use bulkhead_base::OperationKind;

pub use glob::ResourceGlob;
pub(crate) use glob::leaves_its_template;
pub use pattern::TextPattern;
pub use scopes::{Right, ScopeItem, Scopes, UnknownScope};

/// The rights of one principal. The default has none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Access {
    everything_served: bool,
    held: Vec<ScopeItem>,
    scopes: Arc<Scopes>,
}

impl Access {
    /// Everything served, and no operator verb: whoever calls a server without
    /// a `scopes:` block.
    #[must_use]
    pub fn everything() -> Self {
        Self { everything_served: true, ..Self::default() }
    }

    /// Nothing at all.
    #[must_use]
    pub fn nothing() -> Self {
        Self::default()
    }

    /// Exactly what the scopes called `held` open.
    ///
    /// # Errors
    /// A name that no scope has: a misspelt scope must not vanish.
    pub fn of_scopes<N: AsRef<str>>(scopes: &Arc<Scopes>, held: &[N]) -> Result<Self, UnknownScope> {
        let mut items = Vec::new();
        for name in held {
            items.extend_from_slice(scopes.items(name.as_ref())?);
        }
        Ok(Self { everything_served: false, held: items, scopes: Arc::clone(scopes) })
    }

    /// Everything that any scope opens: who holds the one `apiKey`, or the
    /// standard streams, of a server with a `scopes:` block.
    #[must_use]
    pub fn of_all_scopes(scopes: &Arc<Scopes>) -> Self {
        let held = scopes.iter().flat_map(|(_, items)| items.iter().cloned()).collect();
        Self { everything_served: false, held, scopes: Arc::clone(scopes) }
    }

    /// The same rights without the operator's verbs.
    #[must_use]
    pub fn without_operator_verbs(&self) -> Self {
        let held = self.held.iter().filter(|item| !matches!(item, ScopeItem::Right(Right::Operator(_))));
        Self { held: held.cloned().collect(), ..self.clone() }
    }

    /// The scopes that were written, held or not.
    #[must_use]
    pub const fn scopes(&self) -> &Arc<Scopes> {
        &self.scopes
    }

    /// Whether `kind` is open for `item`, a dotted name or a URI. With an empty
    /// item, whether it is for any at all: what a plugin lists by itself is
    /// filtered one by one afterwards.
    #[must_use]
    pub fn opens(&self, kind: OperationKind, item: &str) -> bool {
        self.everything_served || self.held.iter().any(|held| held.opens(kind, item))
    }

    /// Whether a right that is no operation is held.
    #[must_use]
    pub fn holds(&self, right: &Right) -> bool {
        let served = !matches!(right, Right::Operator(_));
        (self.everything_served && served) || self.held.iter().any(|held| held.gives(right))
    }

    /// Whether everything that `other` opens is open here as well, as far as
    /// can be told from what is written: what `other` has gained or lost
    /// elsewhere does not matter.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        let holds_all = || other.held.iter().all(|item| self.held.contains(item));
        self.everything_served || (!other.everything_served && holds_all())
    }

    /// The scopes that would open `kind` for `item`, held or not, least first.
    pub(crate) fn scopes_that_open(&self, kind: OperationKind, item: &str) -> Vec<Arc<str>> {
        self.scopes_with(|held| held.opens(kind, item))
    }

    /// The scopes that would give `right`, held or not, least first.
    #[must_use]
    pub fn scopes_that_give(&self, right: &Right) -> Vec<Arc<str>> {
        self.scopes_with(|held| held.gives(right))
    }

    fn scopes_with(&self, wanted: impl Fn(&ScopeItem) -> bool) -> Vec<Arc<str>> {
        let mut scopes: Vec<_> = self.scopes.iter().filter(|(_, items)| items.iter().any(&wanted)).collect();
        scopes.sort_by_key(|(_, items)| items.len());
        scopes.into_iter().map(|(name, _)| Arc::clone(name)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scopes() -> Arc<Scopes> {
        let item = |text: &str| text.parse::<ScopeItem>().unwrap();
        Arc::new(Scopes::new([
            ("read:file".into(), vec![item("file.read"), item("file.list")]),
            (
                "docs".into(),
                vec![
                    ScopeItem::resource("file:///data/**", &["read", "list"]).unwrap(),
                    ScopeItem::prompt("*").unwrap(),
                ],
            ),
            ("author".into(), vec![item("sampling"), item("root")]),
            ("admin".into(), vec![item("operator:routing")]),
        ]))
    }

    fn held(names: &[&str]) -> Access {
        Access::of_scopes(&scopes(), names).unwrap()
    }

    #[test]
    fn a_scope_opens_what_it_names_and_nothing_beside() {
        use OperationKind::*;
        let table = [
            ("read:file", CallTool, "file.read", true),
            ("read:file", ReadResource, "file.read", true),
            ("read:file", WriteResource, "file.read", false),
            ("read:file", CallTool, "file.write", false),
            ("read:file", CallTool, "file.read.all", false),
            ("read:file", GetPrompt, "file.read", false),
            ("read:file", ReadResource, "file:///data/a", false),
            ("docs", ReadResource, "file:///data/a/b", true),
            ("docs", ListResource, "file:///data/a", true),
            ("docs", ListResource, "", true),
            ("docs", WriteResource, "file:///data/a", false),
            ("docs", ReadResource, "file:///data/../etc/passwd", false),
            ("docs", ReadResource, "file:///data/%2e%2e/etc/passwd", false),
            ("docs", GetPrompt, "anything.at-all", true),
            ("docs", CallTool, "anything.at-all", false),
            ("author", CallTool, "sampling", false),
            ("author", ListResource, "", false),
        ];
        for (scope, kind, item, open) in table {
            assert_eq!(held(&[scope]).opens(kind, item), open, "{scope} {kind:?} {item}");
        }
    }

    #[test]
    fn operator_verbs_are_held_by_nobody_unless_written() {
        let routing = Right::Operator("routing".into());
        assert!(!Access::everything().holds(&routing));
        assert!(Access::everything().holds(&Right::Sampling));
        assert!(held(&["admin"]).holds(&routing));
        assert!(!held(&["admin"]).holds(&Right::Operator("trust".into())));
        assert!(!held(&["docs"]).holds(&Right::Root));
        assert!(held(&["author"]).holds(&Right::Root));
        assert!(!held(&["admin"]).without_operator_verbs().holds(&routing));
        assert!(held(&["author"]).without_operator_verbs().holds(&Right::Root));
    }

    #[test]
    fn of_scopes_that_would_do_the_one_that_opens_least_is_named_first() {
        let item = |text: &str| text.parse::<ScopeItem>().unwrap();
        let scopes = Arc::new(Scopes::new([
            ("all".into(), vec![item("file.read"), item("*"), item("root")]),
            ("read".into(), vec![item("file.read")]),
            ("root".into(), vec![item("root"), item("sampling")]),
        ]));
        let nothing = Access::of_scopes::<&str>(&scopes, &[]).unwrap();
        let names = |scopes: Vec<Arc<str>>| scopes.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(names(nothing.scopes_that_open(OperationKind::CallTool, "file.read")), ["read", "all"]);
        assert_eq!(names(nothing.scopes_that_give(&Right::Root)), ["root", "all"]);
        assert!(nothing.scopes_that_give(&Right::Operator("trust".into())).is_empty());
    }

    #[test]
    fn scopes_cover_older_ones_that_opened_no_more() {
        let item = |text: &str| text.parse::<ScopeItem>().unwrap();
        let of = |items: &[&str]| Scopes::new([("a".into(), items.iter().map(|text| item(text)).collect())]);
        assert!(of(&["x", "y"]).covers(&of(&["x"])) && of(&["x"]).covers(&Scopes::default()));
        assert!(!of(&["x"]).covers(&of(&["x", "y"])) && !Scopes::default().covers(&of(&["x"])));
        assert_eq!(scopes().ordinary().map(|name| &**name).collect::<Vec<_>>(), ["author", "docs", "read:file"]);
    }

    #[test]
    fn a_misspelt_scope_is_an_error_and_no_scope_is_nothing() {
        assert!(Access::of_scopes(&scopes(), &["read:flie"]).is_err());
        assert!(!Access::nothing().opens(OperationKind::CallTool, "file.read"));
        assert!(Access::of_all_scopes(&scopes()).opens(OperationKind::CallTool, "file.list"));
        assert!(!Access::of_all_scopes(&scopes()).opens(OperationKind::CallTool, "calc.evaluate"));
    }
}
