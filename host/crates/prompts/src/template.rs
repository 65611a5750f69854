//! The template engine, confined: one environment a page, which knows the
//! page's own messages and nothing else.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, Value, syntax::SyntaxConfig};

use crate::{Escape, Fault, Page, Role, escape::Tags, messages};

/// What filling one message may take: a step each, and one for every 64 bytes
/// that are made on the way. Answers "a loop in a loop in a loop" and "a text
/// that is doubled forty times".
const FUEL: u64 = 100_000;

/// Deepest recursion. Answers "a loop that calls itself".
const RECURSION: usize = 32;

/// Most bytes of one prompt's messages together. Answers "an argument of
/// megabytes, ten times over".
const MOST_OUTPUT: usize = 1 << 20;

/// The name of the environment's own way to escape.
const TAGS: &str = "tags";

/// Why a prompt could not be filled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfilled {
    /// A required argument is missing.
    #[error("the argument {0:?} is required")]
    Missing(String),
    /// It takes too long, or comes out too large.
    #[error("{0}: more steps or text than a prompt may take")]
    TooMuch(Fault),
    /// The template makes no sense with these arguments.
    #[error(transparent)]
    Template(Fault),
}

/// The messages of one page, compiled.
pub(crate) struct Template {
    environment: Environment<'static>,
    /// Their roles, in order. A message's name is its number.
    roles: Vec<Role>,
    /// How many lines of the file stand before each.
    lines_before: Vec<usize>,
    path: String,
}

impl Template {
    /// Compiles the body of `page`, which may read `variables`.
    pub(crate) fn compile(page: &Page, escape: Escape, variables: &BTreeSet<&str>) -> Result<Self, Fault> {
        let mut template = Self {
            environment: environment(escape, Tags::written_in(&page.body)),
            roles: Vec::new(),
            lines_before: Vec::new(),
            path: page.path.clone(),
        };
        for (number, part) in messages::split(&page.body).into_iter().enumerate() {
            template.roles.push(part.role);
            template.lines_before.push(page.first_line - 1 + part.lines_before);
            let added = template.environment.add_template_owned(number.to_string(), part.text.to_owned());
            added.map_err(|error| template.fault(number, &error))?;
            template.check_variables(number, variables)?;
        }
        Ok(template)
    }

    /// A misspelt variable is found when the file is read, not when it is used.
    fn check_variables(&self, number: usize, variables: &BTreeSet<&str>) -> Result<(), Fault> {
        let wrong = |error| self.fault(number, &error);
        let message = self.environment.get_template(&number.to_string()).map_err(wrong)?;
        let known: HashSet<&str> = self.environment.globals().map(|(name, _)| name).collect();
        let read = message.undeclared_variables(false);
        let mut unknown: Vec<_> =
            read.iter().filter(|name| !variables.contains(name.as_str()) && !known.contains(name.as_str())).collect();
        unknown.sort();
        let Some(name) = unknown.first() else { return Ok(()) };
        let declared = variables.iter().copied().collect::<Vec<_>>().join(", ");
        let text = format!("the variable {name:?} is no argument; the arguments are: {declared}");
        Err(Fault { path: self.path.clone(), line: Some(self.line_of(number, name)), text })
    }

    /// Where a name stands first, as well as can be told.
    fn line_of(&self, number: usize, name: &str) -> usize {
        let message = self.environment.get_template(&number.to_string());
        let before = self.lines_before.get(number).copied().unwrap_or_default();
        let found = message.ok().and_then(|message| message.source().lines().position(|line| line.contains(name)));
        before + found.unwrap_or_default() + 1
    }

    fn fault(&self, number: usize, error: &Error) -> Fault {
        let before = self.lines_before.get(number).copied().unwrap_or_default();
        let text =
            error.detail().map_or_else(|| error.kind().to_string(), |detail| format!("{}: {detail}", error.kind()));
        Fault { path: self.path.clone(), line: Some(before + error.line().unwrap_or(1)), text }
    }

    /// Every message, filled. One that comes out blank is left out.
    pub(crate) fn fill(&self, values: BTreeMap<String, String>) -> Result<Vec<(Role, String)>, Unfilled> {
        let values =
            Value::from(values.into_iter().map(|(key, text)| (key, Value::from(text))).collect::<BTreeMap<_, _>>());
        let (mut filled, mut bytes) = (Vec::with_capacity(self.roles.len()), 0);
        for (number, role) in self.roles.iter().enumerate() {
            let message = self.environment.get_template(&number.to_string());
            let text = message.and_then(|message| message.render(values.clone()));
            let text = text.map_err(|error| self.unfilled(number, &error))?;
            let text = text.trim();
            bytes += text.len();
            if bytes > MOST_OUTPUT {
                let text = format!("it comes out larger than {MOST_OUTPUT} bytes");
                return Err(Unfilled::TooMuch(Fault { path: self.path.clone(), line: None, text }));
            }
            if !text.is_empty() {
                filled.push((*role, text.to_owned()));
            }
        }
        Ok(filled)
    }

    fn unfilled(&self, number: usize, error: &Error) -> Unfilled {
        let fault = self.fault(number, error);
        if error.kind() == ErrorKind::OutOfFuel { Unfilled::TooMuch(fault) } else { Unfilled::Template(fault) }
    }
}

impl std::fmt::Debug for Template {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Template").field("path", &self.path).field("roles", &self.roles).finish_non_exhaustive()
    }
}

fn environment(escape: Escape, tags: Tags) -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_fuel(Some(FUEL));
    environment.set_recursion_limit(RECURSION);
    // Asking whether an optional argument is there is fine, using one that is not is an error.
    environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
    // A tag such as `{% if … %}` on a line of its own leaves no empty line.
    if let Ok(syntax) = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build() {
        environment.set_syntax(syntax);
    }
    environment.set_auto_escape_callback(move |_| match escape {
        Escape::Tags => AutoEscape::Custom(TAGS.into()),
        Escape::Html => AutoEscape::Html,
        Escape::None => AutoEscape::None,
    });
    environment.set_formatter(move |out, state, value| match state.auto_escape() {
        AutoEscape::Custom(name) if name == TAGS && !value.is_safe() => {
            out.write_str(&tags.guard(&value.to_string())).map_err(Error::from)
        }
        AutoEscape::Custom(_) => out.write_str(&value.to_string()).map_err(Error::from),
        _ => minijinja::escape_formatter(out, state, value),
    });
    environment
}
