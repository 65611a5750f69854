//! What a listing says of one item, rendered once a generation.

use std::sync::Arc;

use bulkhead_package::{
    Json, PromptContract, ResourceContract, SkillContract, SkillFile, TaskSupport, TemplateContract, ToolAnnotations,
    ToolContract, VerifiedPlugin,
};
use bulkhead_protocol::{
    Era, Revision,
    json::{Compact, compact},
    write::Object,
};

/// The key in `_meta` under which an item says where it comes from.
pub const PROVENANCE: &str = "dev.bulkhead/provenance";

/// Which shape a listing has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// 2024-11-05 to 2025-06-18.
    Early,
    /// 2025-11-25: as before, and `execution.taskSupport`.
    November,
    /// 2026-07-28, and what the guide's dialect is made from.
    Modern,
}

impl From<Revision> for Form {
    fn from(revision: Revision) -> Self {
        match revision.era() {
            Era::Modern | Era::Guide => Self::Modern,
            Era::Legacy if revision == Revision::V2025_11_25 => Self::November,
            Era::Legacy => Self::Early,
        }
    }
}

/// One item as each revision lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    early: Arc<Compact>,
    november: Arc<Compact>,
    modern: Arc<Compact>,
}

impl Listing {
    fn of(render: impl Fn(Form) -> Compact) -> Self {
        let modern = Arc::new(render(Form::Modern));
        let share = |form| {
            let own = render(form);
            if own == *modern { modern.clone() } else { Arc::new(own) }
        };
        Self { early: share(Form::Early), november: share(Form::November), modern }
    }

    /// The item in this form.
    #[must_use]
    pub fn form(&self, form: Form) -> &Compact {
        match form {
            Form::Early => &self.early,
            Form::November => &self.november,
            Form::Modern => &self.modern,
        }
    }

    /// The item as `revision` lists it.
    #[must_use]
    pub fn of_revision(&self, revision: Revision) -> &Compact {
        self.form(revision.into())
    }
}

/// Where a plugin's items come from, for their `_meta`.
pub(crate) fn provenance(plugin: &VerifiedPlugin) -> Compact {
    let publisher = plugin.publisher();
    Compact::write(|origin| {
        origin.str("plugin", plugin.manifest().name.as_str());
        origin.str("version", &plugin.manifest().version.to_string());
        origin.str("publisher", &publisher.name);
        origin.str("signer", &publisher.key_id.to_string());
        origin.str("digest", &plugin.digest().to_string());
        origin.str("contractDigest", &plugin.manifest().contract_digest.canonical.to_string());
        if publisher.development {
            origin.bool("development", true);
        }
    })
}

pub(crate) fn tool(name: &str, tool: &ToolContract, capped: Option<&ToolAnnotations>, origin: &Compact) -> Listing {
    let output = tool.output_schema.as_ref().map(scanned);
    let shown_to_all = output.as_ref().is_some_and(is_of_objects);
    Listing::of(|form| {
        Compact::write(|out| {
            head(out, name, tool.title.as_deref(), tool.description.as_deref());
            maybe(out, "icons", tool.icons.as_ref());
            out.raw("inputSchema", &scanned(&tool.input_schema));
            if shown_to_all || form == Form::Modern {
                out.maybe_raw("outputSchema", output.as_ref());
            }
            if let Some(annotations) = capped.and_then(|hints| Compact::of(hints).ok()) {
                out.raw("annotations", &annotations);
            }
            if form == Form::November && tool.task_support() != TaskSupport::Forbidden {
                let support = if tool.task_support() == TaskSupport::Required { "required" } else { "optional" };
                out.object("execution", |execution| execution.str("taskSupport", support));
            }
            meta(out, tool.meta.as_ref(), origin);
        })
    })
}

pub(crate) fn prompt(name: &str, prompt: &PromptContract, origin: &Compact) -> Listing {
    Listing::of(|_| {
        Compact::write(|out| {
            head(out, name, prompt.title.as_deref(), prompt.description.as_deref());
            maybe(out, "icons", prompt.icons.as_ref());
            if !prompt.arguments.is_empty() {
                out.array("arguments", |list| {
                    for argument in &prompt.arguments {
                        list.object(|out| {
                            head(out, &argument.name, argument.title.as_deref(), argument.description.as_deref());
                            out.bool("required", argument.required);
                        });
                    }
                });
            }
            meta(out, prompt.meta.as_ref(), origin);
        })
    })
}

pub(crate) fn resource(resource: &ResourceContract, origin: &Compact) -> Listing {
    Listing::of(|_| {
        Compact::write(|out| {
            out.str("uri", &resource.uri);
            head(out, &resource.name, resource.title.as_deref(), resource.description.as_deref());
            out.maybe_str("mimeType", resource.mime_type.as_deref());
            if let Some(size) = resource.size {
                out.slot("size").uint(size);
            }
            maybe(out, "annotations", resource.annotations.as_ref());
            maybe(out, "icons", resource.icons.as_ref());
            meta(out, resource.meta.as_ref(), origin);
        })
    })
}

pub(crate) fn template(template: &TemplateContract, origin: &Compact) -> Listing {
    Listing::of(|_| {
        Compact::write(|out| {
            out.str("uriTemplate", &template.uri_template);
            head(out, &template.name, template.title.as_deref(), template.description.as_deref());
            out.maybe_str("mimeType", template.mime_type.as_deref());
            maybe(out, "annotations", template.annotations.as_ref());
            maybe(out, "icons", template.icons.as_ref());
            meta(out, template.meta.as_ref(), origin);
        })
    })
}

pub(crate) fn skill(skill: &SkillContract, origin: &Compact) -> Listing {
    Listing::of(|_| {
        Compact::write(|out| {
            out.str("uri", &skill.uri);
            out.raw("frontmatter", &scanned(&skill.frontmatter));
            out.array("resources", |list| {
                for file in &skill.resources {
                    list.object(|out| {
                        out.str("uri", &file.uri);
                        out.str("digest", &file.digest.to_string());
                        out.slot("size").uint(file.size);
                    });
                }
            });
            meta(out, None, origin);
        })
    })
}

/// A file of a skill, as its directory lists it. `SKILL.md` is listed as the
/// resource that it is.
pub(crate) fn skill_file(file: &SkillFile, origin: &Compact) -> Compact {
    Compact::write(|out| {
        out.str("uri", &file.uri);
        out.str("name", file.uri.rsplit('/').next().unwrap_or(&file.uri));
        out.maybe_str("mimeType", file.mime_type.as_deref());
        out.slot("size").uint(file.size);
        meta(out, None, origin);
    })
}

/// A folder in a skill, as the one around it lists it.
#[must_use]
pub fn directory(uri: &str) -> Compact {
    Compact::write(|out| {
        out.str("uri", uri);
        out.str("name", uri.rsplit('/').next().unwrap_or(uri));
        out.str("mimeType", "inode/directory");
    })
}

fn head(out: &mut Object<'_>, name: &str, title: Option<&str>, description: Option<&str>) {
    out.str("name", name);
    out.maybe_str("title", title);
    out.maybe_str("description", description);
}

/// The package's scan is at least as strict as the protocol's; were it not,
/// an empty object would stand there instead of the author's text.
pub(crate) fn scanned(json: &Json) -> Compact {
    compact(json.as_str(), usize::MAX).unwrap_or_else(|_| Compact::write(|_| {}))
}

fn maybe(out: &mut Object<'_>, key: &str, json: Option<&Json>) {
    if let Some(json) = json {
        out.raw(key, &scanned(json));
    }
}

/// The author's `_meta` with where the item comes from, which no author writes.
fn meta(out: &mut Object<'_>, author: Option<&Json>, origin: &Compact) {
    let author = author.map(scanned);
    let members = author.as_ref().and_then(|meta| meta.json().members()).unwrap_or_default();
    out.object("_meta", |out| {
        for member in members.iter().filter(|member| member.key != PROVENANCE) {
            out.slot(&member.key).json(member.value);
        }
        out.raw(PROVENANCE, origin);
    });
}

/// Whether a schema's root says that it is an object and nothing else, which
/// is all that the handshake era knows.
pub(crate) fn is_of_objects(schema: &Compact) -> bool {
    schema.json().member("type").and_then(|kind| kind.text()).is_some_and(|kind| kind == "object")
}
