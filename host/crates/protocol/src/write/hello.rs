use crate::{
    id::RequestId,
    json::Compact,
    revision::{Era, Revisions},
    speech::Speech,
    write::{Answer, Object, ServerInfo, frame, member_id},
};

/// Extensions that are served: name and settings, an object.
pub type Extensions = Vec<(&'static str, Compact)>;

/// What the server offers its clients.
#[derive(Clone, Debug)]
pub struct Offer {
    pub server: ServerInfo,
    pub instructions: Option<String>,
    pub tools: bool,
    pub prompts: bool,
    pub resources: bool,
    pub completions: bool,
    pub logging: bool,
    /// Listings that change are announced.
    pub list_changed: bool,
    /// Resources can be watched.
    pub subscribe: bool,
    /// Modern era only.
    pub extensions: Extensions,
}

/// The answer to `initialize`.
#[must_use]
pub fn initialized(id: &RequestId, speech: &Speech, offer: &Offer) -> String {
    frame(|object| {
        member_id(object, "id", id);
        object.object("result", |result| {
            result.str("protocolVersion", speech.revision.as_str());
            write_capabilities(result, offer, Era::Legacy);
            result.raw("serverInfo", offer.server.as_json());
            result.maybe_str("instructions", offer.instructions.as_deref());
        });
    })
}

/// The answer to `server/discover`. `answer` brings the cache hints.
#[must_use]
pub fn discovered(answer: &Answer<'_>, offer: &Offer, offered: Revisions) -> String {
    answer.encode(|result| {
        result.array("supportedVersions", |versions| {
            offered.dated().for_each(|revision| versions.str(revision.as_str()))
        });
        write_capabilities(result, offer, Era::Modern);
        result.maybe_str("instructions", offer.instructions.as_deref());
    })
}

fn write_capabilities(result: &mut Object<'_>, offer: &Offer, era: Era) {
    result.object("capabilities", |capabilities| {
        let list_changed = |object: &mut Object<'_>| {
            if offer.list_changed {
                object.bool("listChanged", true);
            }
        };
        if offer.tools {
            capabilities.object("tools", list_changed);
        }
        if offer.prompts {
            capabilities.object("prompts", list_changed);
        }
        if offer.resources {
            capabilities.object("resources", |object| {
                if offer.subscribe {
                    object.bool("subscribe", true);
                }
                list_changed(object);
            });
        }
        if offer.completions {
            capabilities.object("completions", |_| {});
        }
        if offer.logging {
            capabilities.object("logging", |_| {});
        }
        if era == Era::Modern && !offer.extensions.is_empty() {
            capabilities.object("extensions", |extensions| {
                offer.extensions.iter().for_each(|(name, settings)| extensions.raw(name, settings));
            });
        }
    });
}
