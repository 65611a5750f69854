//! One prompt, with everything that it inherits.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use bulkhead_base::Sampling;

use crate::{Argument, Escape, Fault, Page, Role, Unfilled, template::Template};

/// What stands before the names of these prompts, and of no plugin's: the
/// guide's own word, so that `codeContext.md` is its `prompt.codeContext`.
pub const PREFIX: &str = "prompt";

/// Longest name that clients accept, prefix and separator included.
pub const LONGEST_NAME: usize = 64;

/// Most arguments of a prompt, and suggestions for one. Answers "a listing
/// that one file fills".
const MOST_ARGUMENTS: usize = 64;
const MOST_SUGGESTIONS: usize = 100;

/// Longest title, and longest description.
const LONGEST_LINE: usize = 200;
const LONGEST_TEXT: usize = 4096;

/// One message of a filled prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub role: Role,
    pub text: String,
}

/// One prompt.
#[derive(Debug)]
pub struct Prompt {
    page: Page,
    name: Arc<str>,
    inherited: Inherited,
    arguments: Vec<Argument>,
    sampling: Sampling,
    escape: Escape,
    template: Template,
}

/// What a prompt has from the one that it is a step of.
#[derive(Clone, Debug, Default, PartialEq)]
struct Inherited {
    parent: Option<Arc<str>>,
    arguments: Vec<Argument>,
    sampling: Sampling,
    escape: Escape,
}

impl Inherited {
    fn from(above: Option<&Prompt>) -> Self {
        let of = |above: &Prompt| Self {
            parent: Some(above.name.clone()),
            arguments: above.arguments.clone(),
            sampling: above.sampling.clone(),
            escape: above.escape,
        };
        above.map(of).unwrap_or_default()
    }
}

impl Prompt {
    /// Makes a prompt of `page`, which lies in the folder of `above`, or of
    /// none at all, which then is called `place`.
    pub(crate) fn build(page: Page, above: Option<&Self>, place: &str) -> Result<Self, Fault> {
        let fault = |text: String| Fault { path: page.path.clone(), line: None, text };
        let name = full_name(above, place, page.name()).map_err(fault)?;
        check(&page).map_err(fault)?;
        let inherited = Inherited::from(above);
        let arguments = join(&inherited.arguments, &page.head.arguments);
        if arguments.len() > MOST_ARGUMENTS {
            return Err(fault(format!("more than {MOST_ARGUMENTS} arguments, inherited ones included")));
        }
        let escape = page.head.escape.unwrap_or(inherited.escape);
        let variables: BTreeSet<&str> = arguments.iter().map(|argument| argument.name.as_str()).collect();
        Ok(Self {
            template: Template::compile(&page, escape, &variables)?,
            sampling: page.head.sampling.over(&inherited.sampling),
            name: name.into(),
            inherited,
            arguments,
            escape,
            page,
        })
    }

    /// Whether it would inherit the same from `above` as it did.
    pub(crate) fn stands_below(&self, above: Option<&Self>) -> bool {
        self.inherited == Inherited::from(above)
    }

    /// Its name without prefix, levels joined by dots: `review.summary`.
    #[must_use]
    pub const fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// The prompt that it is a step of.
    #[must_use]
    pub const fn parent(&self) -> Option<&Arc<str>> {
        self.inherited.parent.as_ref()
    }

    /// What was written.
    #[must_use]
    pub const fn page(&self) -> &Page {
        &self.page
    }

    /// Its arguments, inherited ones first.
    #[must_use]
    pub fn arguments(&self) -> &[Argument] {
        &self.arguments
    }

    /// Its sampling parameters, inherited ones included.
    #[must_use]
    pub const fn sampling(&self) -> &Sampling {
        &self.sampling
    }

    /// The required arguments that `given` has not got.
    pub fn missing<'a>(&'a self, given: &'a [(String, String)]) -> impl Iterator<Item = &'a str> {
        let has = |name: &str| given.iter().any(|(key, _)| key == name);
        let required = self.arguments.iter().filter(|argument| argument.required);
        required.map(|argument| argument.name.as_str()).filter(move |name| !has(name))
    }

    /// Its messages with `given` put in. What it does not know of is passed
    /// over: it may be meant for another step. Takes processor time: keep it
    /// off the threads that do I/O.
    ///
    /// # Errors
    /// A required argument is missing, or the template cannot be filled.
    pub fn fill(&self, given: &[(String, String)]) -> Result<Vec<Message>, Unfilled> {
        if let Some(name) = self.missing(given).next() {
            return Err(Unfilled::Missing(name.to_owned()));
        }
        let mut values = BTreeMap::new();
        for argument in &self.arguments {
            let text = given.iter().find(|(key, _)| *key == argument.name).map(|(_, text)| text);
            if let Some(text) = text.or(argument.default.as_ref()) {
                values.insert(argument.name.clone(), text.clone());
            }
        }
        let filled = self.template.fill(values)?;
        Ok(filled.into_iter().map(|(role, text)| Message { role, text }).collect())
    }

    /// Suggestions for `argument` that go on from `begun`.
    pub fn suggest<'a>(&'a self, argument: &'a str, begun: &'a str) -> impl Iterator<Item = &'a str> {
        let argument = self.arguments.iter().filter(move |known| known.name == argument);
        argument
            .flat_map(|argument| &argument.suggestions)
            .map(String::as_str)
            .filter(move |text| text.starts_with(begun))
    }
}

fn full_name(above: Option<&Prompt>, place: &str, own: &str) -> Result<String, String> {
    let plain = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
    };
    let levels = above.map_or(place, |above| &above.name);
    let name = if levels.is_empty() { own.to_owned() } else { format!("{levels}.{own}") };
    if let Some(part) = name.split('.').find(|part| !plain(part)).or_else(|| (!plain(own)).then_some(own)) {
        return Err(format!("the name {part:?}: expected letters, digits, _ and - alone"));
    }
    let most = LONGEST_NAME - PREFIX.len() - 1;
    if name.len() > most {
        return Err(format!("the name {name:?} has {} characters, and clients accept {most}", name.len()));
    }
    Ok(name)
}

/// What the type of a head does not rule out.
fn check(page: &Page) -> Result<(), String> {
    let head = &page.head;
    let texts = |title: &Option<String>, description: &Option<String>| {
        title.as_ref().is_none_or(|title| title.len() <= LONGEST_LINE && !title.contains(char::is_control))
            && description.as_ref().is_none_or(|text| text.len() <= LONGEST_TEXT)
    };
    let fits = |argument: &Argument| texts(&argument.title, &argument.description);
    if !texts(&head.title, &head.description) || !head.arguments.iter().all(fits) {
        return Err(format!(
            "a title has one line of at most {LONGEST_LINE} bytes, a description at most {LONGEST_TEXT} bytes"
        ));
    }
    let variable = |name: &str| {
        let part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        name.bytes().all(part) && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
    };
    let mut seen = BTreeSet::new();
    for argument in &head.arguments {
        let name = argument.name.as_str();
        if !variable(name) {
            return Err(format!("the argument {name:?}: expected a letter, then letters, digits and _"));
        }
        if !seen.insert(name) {
            return Err(format!("two arguments are called {name:?}"));
        }
        if argument.required && argument.default.is_some() {
            return Err(format!("the argument {name:?} is required, so that its default would never hold"));
        }
        if argument.suggestions.len() > MOST_SUGGESTIONS {
            return Err(format!("the argument {name:?} has more than {MOST_SUGGESTIONS} suggestions"));
        }
    }
    Ok(())
}

/// The arguments of the prompt above, each replaced by an own one of its name,
/// then the other own ones.
fn join(above: &[Argument], own: &[Argument]) -> Vec<Argument> {
    let mine = |inherited: &Argument| own.iter().find(|argument| argument.name == inherited.name);
    let kept = above.iter().map(|inherited| mine(inherited).unwrap_or(inherited));
    let added = own.iter().filter(|argument| !above.iter().any(|inherited| inherited.name == argument.name));
    kept.chain(added).cloned().collect()
}
