//! Whether what a contract says is text: what a client shows, and a model reads,
//! has no HTML, no script, and no picture that is a document.
//!
//! **Invariant:** this holds of everything that is listed, for everybody who
//! asks before it is: `serve`, `check`, `add`, `verify` and `inspect`.

use bulkhead_package::{Json, Manifest, PromptContract, ToolContract};
use bulkhead_screen::{AddressError, MarkupError, check_address, refuse_icon, refuse_markup};
use serde_json::Value;

/// Members of a schema that are written for readers.
const FOR_READERS: [&str; 3] = ["title", "description", "$comment"];

/// What of a contract is no text.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{plugin}, contract{field}: {rule}")]
pub struct WordingError {
    plugin: String,
    /// Where in the contract, as a JSON pointer.
    field: String,
    rule: Broken,
}

/// Which rule.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
enum Broken {
    #[error(transparent)]
    Markup(#[from] MarkupError),
    #[error("expected an address that goes where it seems to: {0}")]
    Address(#[from] AddressError),
}

type Checked = Result<(), (String, Broken)>;

/// Refuses a contract that says something else than text.
///
/// # Errors
/// It says where and what.
pub fn check_wording(manifest: &Manifest) -> Result<(), WordingError> {
    let plugin = || manifest.name.to_string();
    all(manifest).map_err(|(field, rule)| WordingError { plugin: plugin(), field, rule })
}

fn all(manifest: &Manifest) -> Checked {
    let contract = &manifest.contract;
    let own = [("description", &manifest.description), ("publisher", &manifest.publisher)];
    own.into_iter().try_for_each(|(name, told)| text(&format!(" (its manifest)/{name}"), told))?;
    each("tools", &contract.tools, tool)?;
    each("prompts", &contract.prompts, prompt)?;
    each("resources", &contract.resources, |at, it| {
        texts(at, &[("name", Some(&it.name)), ("title", it.title.as_ref()), ("description", it.description.as_ref())])?;
        icons(at, it.icons.as_ref())
    })?;
    each("resourceTemplates", &contract.resource_templates, |at, it| {
        texts(at, &[("name", Some(&it.name)), ("title", it.title.as_ref()), ("description", it.description.as_ref())])?;
        icons(at, it.icons.as_ref())
    })?;
    each("skills", &contract.skills, |at, skill| {
        strings(&format!("{at}/frontmatter"), &value(&skill.frontmatter), &|_| true)
    })
}

fn each<T>(kind: &str, items: &[T], check: impl Fn(&str, &T) -> Checked) -> Checked {
    items.iter().enumerate().try_for_each(|(position, item)| check(&format!("/{kind}/{position}"), item))
}

fn tool(at: &str, tool: &ToolContract) -> Checked {
    texts(at, &[("title", tool.title.as_ref()), ("description", tool.description.as_ref())])?;
    let title = tool.annotations.as_ref().and_then(|hints| hints.title.as_ref());
    texts(at, &[("annotations/title", title)])?;
    let for_readers = |key: &str| FOR_READERS.contains(&key);
    strings(&format!("{at}/inputSchema"), &value(&tool.input_schema), &for_readers)?;
    if let Some(schema) = &tool.output_schema {
        strings(&format!("{at}/outputSchema"), &value(schema), &for_readers)?;
    }
    icons(at, tool.icons.as_ref())
}

fn prompt(at: &str, prompt: &PromptContract) -> Checked {
    texts(at, &[("title", prompt.title.as_ref()), ("description", prompt.description.as_ref())])?;
    icons(at, prompt.icons.as_ref())?;
    prompt.arguments.iter().enumerate().try_for_each(|(position, argument)| {
        let at = format!("{at}/arguments/{position}");
        texts(&at, &[("title", argument.title.as_ref()), ("description", argument.description.as_ref())])
    })
}

fn texts(at: &str, fields: &[(&str, Option<&String>)]) -> Checked {
    let mut there = fields.iter().filter_map(|(name, told)| Some((name, (*told)?)));
    there.try_for_each(|(name, told)| text(&format!("{at}/{name}"), told))
}

fn text(at: &str, told: &str) -> Checked {
    refuse_markup(told).map_err(|error| (at.to_owned(), error.into()))
}

/// The package has read it, and bounded its depth.
fn value(json: &Json) -> Value {
    serde_json::from_str(json.as_str()).unwrap_or_default()
}

/// Every string below a member that is `wanted`.
fn strings(at: &str, value: &Value, wanted: &dyn Fn(&str) -> bool) -> Checked {
    match value {
        Value::Object(members) => members.iter().try_for_each(|(key, member)| {
            let at = format!("{at}/{key}");
            match member {
                Value::String(told) if wanted(key) => text(&at, told),
                member => strings(&at, member, wanted),
            }
        }),
        Value::Array(items) => items.iter().enumerate().try_for_each(|(position, item)| {
            let at = format!("{at}/{position}");
            match item {
                Value::String(told) if wanted("") => text(&at, told),
                item => strings(&at, item, wanted),
            }
        }),
        _ => Ok(()),
    }
}

/// Every picture is one, and at an address that goes where it seems to.
fn icons(at: &str, icons: Option<&Json>) -> Checked {
    let list = icons.map(value).unwrap_or_default();
    for (position, icon) in list.as_array().into_iter().flatten().enumerate() {
        let at = format!("{at}/icons/{position}/src");
        let source = icon.get("src").and_then(Value::as_str).unwrap_or_default();
        refuse_icon(source).map_err(|error| (at.clone(), error.into()))?;
        if !source.starts_with("data:") {
            check_address(source).map_err(|error| (at, error.into()))?;
        }
    }
    Ok(())
}
