//! Whether a contract's names, texts and sizes are as they must be.

mod skill;

use std::collections::HashSet;

use serde::Deserialize;

use super::{Contract, PromptContract, ResourceContract, TemplateContract, ToolContract};
use crate::{
    invisible::{self, Kind},
    json::{Json, JsonError},
    limits::{
        MAX_DESCRIPTION_BYTES, MAX_EXTRA_BYTES, MAX_ITEMS, MAX_LINE_BYTES, MAX_NAME_CHARS, MAX_PARTS, MAX_SCHEMA_BYTES,
        MAX_URI_BYTES, MAX_VARIABLES,
    },
    uri::is_scheme,
};

type Checked = Result<(), JsonError>;

/// Where in the text a check stands.
#[derive(Clone)]
pub(crate) struct Place(String);

impl Place {
    pub(crate) fn root(name: &str) -> Self {
        Self(format!("/{name}"))
    }

    pub(crate) fn at(&self, key: impl std::fmt::Display) -> Self {
        Self(format!("{}/{key}", self.0))
    }

    pub(crate) fn refuse<T>(&self, problem: impl Into<String>) -> Result<T, JsonError> {
        Err(JsonError { pointer: self.0.clone(), problem: problem.into() })
    }

    pub(crate) fn at_most(&self, found: usize, most: usize, what: &str) -> Checked {
        if found > most { self.refuse(format!("expected at most {most} {what}, found {found}")) } else { Ok(()) }
    }
}

pub(super) fn contract(contract: &Contract) -> Checked {
    each("tools", &contract.tools, |tool| &tool.name, tool)?;
    each("prompts", &contract.prompts, |prompt| &prompt.name, prompt)?;
    each("resources", &contract.resources, |resource| &resource.uri, resource)?;
    each("resourceTemplates", &contract.resource_templates, |template| &template.uri_template, template)?;
    let place = Place::root("schemes");
    place.at_most(contract.schemes.len(), MAX_PARTS, "schemes")?;
    unique(&place, contract.schemes.iter())?;
    contract.schemes.iter().enumerate().try_for_each(|(position, text)| scheme(&place.at(position), text))?;
    skill::skills(contract)
}

fn each<T>(kind: &str, items: &[T], key: impl Fn(&T) -> &String, check: impl Fn(&Place, &T) -> Checked) -> Checked {
    let place = Place::root(kind);
    place.at_most(items.len(), MAX_ITEMS, kind)?;
    unique(&place, items.iter().map(key))?;
    items.iter().enumerate().try_for_each(|(position, item)| check(&place.at(position), item))
}

fn unique<'a>(place: &Place, names: impl Iterator<Item = &'a String>) -> Checked {
    let mut seen = HashSet::new();
    for (position, name) in names.enumerate() {
        if !seen.insert(name) {
            return place.at(position).refuse(format!("expected each once, found {name:?} twice"));
        }
    }
    Ok(())
}

fn tool(place: &Place, tool: &ToolContract) -> Checked {
    name(&place.at("name"), &tool.name)?;
    texts(place, tool.title.as_deref(), tool.description.as_deref())?;
    schema(&place.at("inputSchema"), &tool.input_schema)?;
    if !says_object(&tool.input_schema) {
        return place.at("inputSchema").refuse("expected \"type\":\"object\" at the schema's root");
    }
    if let Some(output) = &tool.output_schema {
        schema(&place.at("outputSchema"), output)?;
    }
    if let Some(title) = tool.annotations.as_ref().and_then(|a| a.title.as_deref()) {
        line(&place.at("annotations/title"), title)?;
    }
    extras(place, tool.icons.as_ref(), tool.meta.as_ref())?;
    place.at("requiredCapabilities").at_most(tool.required_capabilities.len(), MAX_PARTS, "capabilities")
}

fn prompt(place: &Place, prompt: &PromptContract) -> Checked {
    name(&place.at("name"), &prompt.name)?;
    texts(place, prompt.title.as_deref(), prompt.description.as_deref())?;
    extras(place, prompt.icons.as_ref(), prompt.meta.as_ref())?;
    let arguments = place.at("arguments");
    arguments.at_most(prompt.arguments.len(), MAX_PARTS, "arguments")?;
    unique(&arguments, prompt.arguments.iter().map(|argument| &argument.name))?;
    prompt.arguments.iter().enumerate().try_for_each(|(position, argument)| {
        let place = arguments.at(position);
        name(&place.at("name"), &argument.name)?;
        texts(&place, argument.title.as_deref(), argument.description.as_deref())
    })
}

fn resource(place: &Place, resource: &ResourceContract) -> Checked {
    uri(&place.at("uri"), &resource.uri)?;
    if resource.uri.contains(['{', '}']) {
        return place.at("uri").refuse("expected a URI without braces; a template belongs under resourceTemplates");
    }
    line(&place.at("name"), &resource.name)?;
    texts(place, resource.title.as_deref(), resource.description.as_deref())?;
    resource.mime_type.as_deref().map_or(Ok(()), |text| line(&place.at("mimeType"), text))?;
    annotations(&place.at("annotations"), resource.annotations.as_ref())?;
    extras(place, resource.icons.as_ref(), resource.meta.as_ref())
}

fn template(place: &Place, template: &TemplateContract) -> Checked {
    uri(&place.at("uriTemplate"), &template.uri_template)?;
    let variables = template.uri_template.matches(['{', ',']).count();
    place.at("uriTemplate").at_most(variables, MAX_VARIABLES, "variables")?;
    line(&place.at("name"), &template.name)?;
    texts(place, template.title.as_deref(), template.description.as_deref())?;
    template.mime_type.as_deref().map_or(Ok(()), |text| line(&place.at("mimeType"), text))?;
    annotations(&place.at("annotations"), template.annotations.as_ref())?;
    extras(place, template.icons.as_ref(), template.meta.as_ref())
}

fn name(place: &Place, text: &str) -> Checked {
    let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'));
    if text.is_empty() || text.len() > MAX_NAME_CHARS || !plain {
        return place.refuse(format!("expected 1 to {MAX_NAME_CHARS} of A-Z a-z 0-9 _ . -, found {text:?}"));
    }
    Ok(())
}

fn texts(place: &Place, title: Option<&str>, text: Option<&str>) -> Checked {
    title.map_or(Ok(()), |title| line(&place.at("title"), title))?;
    text.map_or(Ok(()), |text| description(&place.at("description"), text))
}

/// A short text of one line.
pub(crate) fn line(place: &Place, text: &str) -> Checked {
    place.at_most(text.len(), MAX_LINE_BYTES, "bytes")?;
    invisible::check(place, text, Kind::Line)
}

/// A longer text, of lines.
pub(crate) fn description(place: &Place, text: &str) -> Checked {
    place.at_most(text.len(), MAX_DESCRIPTION_BYTES, "bytes")?;
    invisible::check(place, text, Kind::Prose)
}

fn schema(place: &Place, schema: &Json) -> Checked {
    place.at_most(schema.as_str().len(), MAX_SCHEMA_BYTES, "bytes")?;
    if !schema.is_object() {
        return place.refuse("expected a JSON Schema object");
    }
    invisible::check_json(place, schema)
}

fn says_object(schema: &Json) -> bool {
    #[derive(Deserialize)]
    struct Root {
        r#type: String,
    }
    serde_json::from_str::<Root>(schema.as_str()).is_ok_and(|root| root.r#type == "object")
}

fn extras(place: &Place, icons: Option<&Json>, meta: Option<&Json>) -> Checked {
    if let Some(meta) = meta {
        let place = place.at("_meta");
        place.at_most(meta.as_str().len(), MAX_EXTRA_BYTES, "bytes")?;
        if !meta.is_object() {
            return place.refuse("expected an object");
        }
        invisible::check_json(&place, meta)?;
    }
    icons.map_or(Ok(()), |list| icon_list(&place.at("icons"), list))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Icon {
    src: String,
    #[serde(default)]
    mime_type: Option<String>,
    #[serde(default)]
    sizes: Vec<String>,
    #[serde(default)]
    theme: Option<Theme>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
enum Theme {
    Light,
    Dark,
}

fn icon_list(place: &Place, json: &Json) -> Checked {
    place.at_most(json.as_str().len(), MAX_EXTRA_BYTES, "bytes")?;
    let icons: Vec<Icon> = match serde_json::from_str(json.as_str()) {
        Ok(icons) => icons,
        Err(error) => return place.refuse(format!("expected a list of icons: {error}")),
    };
    place.at_most(icons.len(), MAX_PARTS, "icons")?;
    icons.iter().enumerate().try_for_each(|(position, icon)| {
        let Icon { src, mime_type, sizes, theme: None | Some(Theme::Light | Theme::Dark) } = icon;
        let place = place.at(position);
        icon_source(&place.at("src"), src, mime_type.as_deref())?;
        place.at("sizes").at_most(sizes.len(), MAX_PARTS, "sizes")?;
        sizes.iter().chain(mime_type).try_for_each(|text| line(&place, text))
    })
}

/// A picture over https or in place; SVG in place is a document with scripts.
/// White space would be dropped by whoever reads the URL, after this check.
fn icon_source(place: &Place, src: &str, mime_type: Option<&str>) -> Checked {
    if src.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return place.refuse("expected a URL without white space");
    }
    if src.starts_with("https://") {
        return Ok(());
    }
    let Some(kind) = src.strip_prefix("data:image/") else {
        return place.refuse("expected an https: URL or a data:image/ URL");
    };
    let is_svg = |kind: &str| kind.to_ascii_lowercase().contains("svg");
    let kind = kind.split([',', ';']).next().unwrap_or_default();
    if is_svg(kind) || mime_type.is_some_and(is_svg) {
        return place.refuse("expected a picture that carries no script, such as data:image/png, found SVG");
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Annotations {
    #[serde(default)]
    audience: Vec<Role>,
    #[serde(default)]
    priority: Option<f64>,
    #[serde(default)]
    last_modified: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
enum Role {
    User,
    Assistant,
}

fn annotations(place: &Place, json: Option<&Json>) -> Checked {
    let Some(json) = json else { return Ok(()) };
    match serde_json::from_str(json.as_str()) {
        Ok(Annotations { audience, priority, last_modified }) => {
            place.at("audience").at_most(
                audience.iter().filter(|r| matches!(r, Role::User | Role::Assistant)).count(),
                2,
                "roles",
            )?;
            if priority.is_some_and(|p| !(0.0..=1.0).contains(&p)) {
                return place.at("priority").refuse("expected a number from 0 to 1");
            }
            last_modified.map_or(Ok(()), |text| line(&place.at("lastModified"), &text))
        }
        Err(error) => place.refuse(format!("expected audience, priority or lastModified: {error}")),
    }
}

fn uri(place: &Place, text: &str) -> Checked {
    place.at_most(text.len(), MAX_URI_BYTES, "bytes")?;
    if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return place.refuse("expected a URI without white space");
    }
    invisible::check(place, text, Kind::Line)?;
    match text.split_once(':') {
        Some((before, _)) => scheme(place, before),
        None => place.refuse(format!("expected a URI with a scheme, such as notes:///today, found {text:?}")),
    }
}

/// RFC 3986 section 3.1, lower case.
fn scheme(place: &Place, text: &str) -> Checked {
    let is_lower = !text.contains(|c: char| c.is_ascii_uppercase());
    if !is_scheme(text) || !is_lower || text.len() > MAX_NAME_CHARS {
        return place.refuse(format!("expected a lower-case URI scheme, found {text:?}"));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
