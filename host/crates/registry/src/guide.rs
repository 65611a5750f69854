//! What the guide's listings say of one item, rendered once a generation.

use bulkhead_base::Digest;
use bulkhead_package::{ResourceContract, TemplateContract, ToolContract};
use bulkhead_protocol::{
    json::{Compact, python_dumps},
    write::Object,
};

use crate::listing::scanned;

/// A tool, with the checksum of everything about it that a model reads. The
/// guide's clients compute it anew in Python, hence the spelling.
pub(crate) fn tool(id: &str, tool: &ToolContract, contract: &Digest) -> (Compact, Digest) {
    let input = scanned(&tool.input_schema);
    let output = tool.output_schema.as_ref().map(scanned);
    let facts = |out: &mut Object<'_>| {
        out.str("toolId", id);
        // `null` where there is none: a client's `tool["description"]` holds.
        maybe_text(out, "description", tool.description.as_deref());
        out.raw("inputSchema", &input);
        maybe(out, "outputSchema", output.as_ref());
    };
    let schema = Compact::write(facts);
    let checksum = Digest::of(python_dumps(schema.json()).as_bytes());
    let listed = Compact::write(|out| {
        facts(out);
        out.raw("schema", &schema);
        out.str("checksum", &checksum.hex());
        out.str("contractDigest", &contract.to_string());
    });
    (listed, checksum)
}

/// A resource that always exists.
pub(crate) fn resource(id: Option<&str>, resource: &ResourceContract) -> Compact {
    Compact::write(|out| {
        out.maybe_str("resourceId", id);
        out.str("uri", &resource.uri);
        maybe_kind(out, &resource.uri);
        about(out, &resource.name, resource.title.as_deref(), resource.description.as_deref());
        out.maybe_str("mimeType", resource.mime_type.as_deref());
        if let Some(size) = resource.size {
            out.slot("size").uint(size);
        }
    })
}

/// A family of resources, with the parameters that name one of them.
pub(crate) fn template<'a>(
    id: Option<&str>,
    template: &TemplateContract,
    params: impl Iterator<Item = &'a str>,
) -> Compact {
    Compact::write(|out| {
        out.maybe_str("resourceId", id);
        out.str("uriTemplate", &template.uri_template);
        out.array("params", |list| params.for_each(|name| list.str(name)));
        maybe_kind(out, &template.uri_template);
        about(out, &template.name, template.title.as_deref(), template.description.as_deref());
        out.maybe_str("mimeType", template.mime_type.as_deref());
    })
}

/// The guide's type of the resources under `uri`, where its scheme tells.
#[must_use]
pub fn resource_kind(uri: &str) -> Option<&'static str> {
    match uri.split_once(':')?.0 {
        "file" => Some("file"),
        "http" | "https" => Some("web"),
        _ => None,
    }
}

fn maybe_kind(out: &mut Object<'_>, uri: &str) {
    out.maybe_str("type", resource_kind(uri));
}

fn about(out: &mut Object<'_>, name: &str, title: Option<&str>, description: Option<&str>) {
    out.str("name", name);
    out.maybe_str("title", title);
    out.maybe_str("description", description);
}

fn maybe(out: &mut Object<'_>, key: &str, json: Option<&Compact>) {
    let slot = out.slot(key);
    if let Some(json) = json {
        slot.raw(json);
    }
}

fn maybe_text(out: &mut Object<'_>, key: &str, text: Option<&str>) {
    let slot = out.slot(key);
    if let Some(text) = text {
        slot.str(text);
    }
}
