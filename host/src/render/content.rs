//! Content blocks, straight to bytes, in the shapes that a revision knows.

use bulkhead_protocol::{
    Revision,
    json::{Compact, JsonError},
    write::{Array, Object},
};
use bulkhead_sandbox::answer::{Annotations, Body, Content, ContentBlock, Media, ResourceContents, ResourceLink, Role};

/// A block whose JSON has been read, so that writing it cannot fail.
pub(super) struct Block {
    content: Content,
    annotations: Option<Annotations>,
    meta: Option<Compact>,
    /// `_meta` of the resource inside.
    inner: Option<Compact>,
}

/// One resource's contents, with its JSON read.
pub(super) struct Contents {
    contents: ResourceContents,
    meta: Option<Compact>,
}

/// Reads a plugin's `_meta`, if there is one.
pub(super) fn meta(text: Option<&str>) -> Result<Option<Compact>, JsonError> {
    text.map(|text| Compact::object(text, usize::MAX)).transpose()
}

impl Block {
    pub(super) fn read(block: ContentBlock) -> Result<Self, JsonError> {
        let ContentBlock { content, annotations, meta: own } = block;
        let inner = match &content {
            Content::Embedded(resource) => meta(resource.meta.as_deref())?,
            _ => None,
        };
        Ok(Self { meta: meta(own.as_deref())?, inner, content, annotations })
    }

    pub(super) fn read_all(blocks: Vec<ContentBlock>) -> Result<Vec<Self>, JsonError> {
        blocks.into_iter().map(Self::read).collect()
    }

    /// Its text, if it is a plain text block.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.content {
            Content::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Writes the block as an element.
    pub(super) fn element(&self, array: &mut Array<'_>, revision: Revision) {
        array.object(|out| self.write(out, revision));
    }

    /// Writes the block's members.
    pub(super) fn write(&self, out: &mut Object<'_>, revision: Revision) {
        match &self.content {
            Content::Text(text) => write_text(out, text),
            Content::Image(media) => write_media(out, "image", media),
            Content::Audio(media) if revision == Revision::V2024_11_05 => {
                write_text(out, &format!("[audio, {}, {} bytes]", media.mime_type, media.data.len()));
            }
            Content::Audio(media) => write_media(out, "audio", media),
            Content::Link(link) if knows_links(revision) => write_link(out, link),
            Content::Link(link) => {
                write_text(out, &format!("[{}]({})", link.title.as_ref().unwrap_or(&link.name), link.uri))
            }
            Content::Embedded(resource) => {
                out.str("type", "resource");
                out.object("resource", |out| write_contents(out, resource, self.inner.as_ref(), revision));
            }
        }
        if let Some(annotations) = &self.annotations {
            out.object("annotations", |out| write_annotations(out, annotations, revision));
        }
        if knows_links(revision) {
            out.maybe_raw("_meta", self.meta.as_ref());
        }
    }
}

impl Contents {
    pub(super) fn read(contents: ResourceContents) -> Result<Self, JsonError> {
        Ok(Self { meta: meta(contents.meta.as_deref())?, contents })
    }

    /// As the plugin gave them.
    pub(super) const fn of_plugin(&self) -> &ResourceContents {
        &self.contents
    }

    pub(super) fn write(&self, out: &mut Object<'_>, revision: Revision) {
        write_contents(out, &self.contents, self.meta.as_ref(), revision);
    }
}

/// 2025-06-18 brought links, `title`, `lastModified` and `_meta` everywhere.
fn knows_links(revision: Revision) -> bool {
    revision >= Revision::V2025_06_18
}

fn write_text(out: &mut Object<'_>, text: &str) {
    out.str("type", "text");
    out.str("text", text);
}

fn write_media(out: &mut Object<'_>, kind: &str, media: &Media) {
    out.str("type", kind);
    out.slot("data").base64(&media.data);
    out.str("mimeType", &media.mime_type);
}

fn write_link(out: &mut Object<'_>, link: &ResourceLink) {
    out.str("type", "resource_link");
    out.str("uri", &link.uri);
    out.str("name", &link.name);
    out.maybe_str("title", link.title.as_deref());
    out.maybe_str("description", link.description.as_deref());
    out.maybe_str("mimeType", link.mime_type.as_deref());
    if let Some(size) = link.size {
        out.slot("size").uint(size);
    }
}

fn write_contents(out: &mut Object<'_>, resource: &ResourceContents, meta: Option<&Compact>, revision: Revision) {
    out.str("uri", &resource.uri);
    out.maybe_str("mimeType", resource.mime_type.as_deref());
    match &resource.body {
        Body::Text(text) => out.str("text", text),
        Body::Blob(bytes) => out.slot("blob").base64(bytes),
    }
    if knows_links(revision) {
        out.maybe_raw("_meta", meta);
    }
}

fn write_annotations(out: &mut Object<'_>, annotations: &Annotations, revision: Revision) {
    if !annotations.audience.is_empty() {
        out.array("audience", |array| annotations.audience.iter().for_each(|role| array.str(role_name(*role))));
    }
    // The protocol's range; a plugin's slip must not make the whole frame invalid.
    if let Some(priority) = annotations.priority.filter(|priority| priority.is_finite()) {
        out.slot("priority").number(priority.clamp(0.0, 1.0));
    }
    if knows_links(revision) {
        out.maybe_str("lastModified", annotations.last_modified.as_deref());
    }
}

/// A role as the protocol spells it.
pub(super) const fn role_name(role: Role) -> &'static str {
    match role {
        Role::User => "user",
        Role::Assistant => "assistant",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(content: Content, revision: Revision) -> String {
        let annotations =
            Annotations { audience: vec![Role::User], priority: Some(7.0), last_modified: Some("2026".into()) };
        let block = ContentBlock { content, annotations: Some(annotations), meta: Some(r#"{ "a" : 1 }"#.into()) };
        let block = Block::read(block).unwrap();
        Compact::write(|out| block.write(out, revision)).into_string()
    }

    fn link() -> Content {
        Content::Link(ResourceLink {
            uri: "test://a".into(),
            name: "a".into(),
            title: None,
            description: None,
            mime_type: None,
            size: Some(3),
        })
    }

    #[test]
    fn a_block_is_what_its_revision_knows() {
        assert_eq!(
            shown(link(), Revision::V2026_07_28),
            r#"{"type":"resource_link","uri":"test://a","name":"a","size":3,"annotations":{"audience":["user"],"priority":1,"lastModified":"2026"},"_meta":{"a":1}}"#
        );
        assert_eq!(
            shown(link(), Revision::V2025_03_26),
            r#"{"type":"text","text":"[a](test://a)","annotations":{"audience":["user"],"priority":1}}"#
        );
        let sound = || Content::Audio(Media { data: vec![0, 1, 2], mime_type: "audio/wav".into() });
        assert!(
            shown(sound(), Revision::V2025_03_26)
                .starts_with(r#"{"type":"audio","data":"AAEC","mimeType":"audio/wav""#)
        );
        assert!(
            shown(sound(), Revision::V2024_11_05).starts_with(r#"{"type":"text","text":"[audio, audio/wav, 3 bytes]""#)
        );
    }

    #[test]
    fn json_that_a_plugin_forged_is_refused() {
        for meta in [r#"{"a":1}}"#, "[1]", "{\"a\":1,\"a\":2}", "\n"] {
            let block =
                ContentBlock { content: Content::Text(String::new()), annotations: None, meta: Some(meta.into()) };
            assert!(Block::read(block).is_err(), "{meta}");
        }
    }
}
