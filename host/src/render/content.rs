//! Content blocks, straight to bytes, in the shapes that a revision knows.

use bulkhead_package::has_scheme;
use bulkhead_protocol::{
    Revision,
    write::{Array, Object},
};
use bulkhead_sandbox::answer::{self, Annotations, ContentBlock, ResourceContents, ResourceLink, Role};
use bulkhead_screen::{Place, Refusal};

use crate::screening::{Screened, ScreenedJson, Sieve, Unfit};

/// A block, read and screened: writing it cannot fail.
pub(super) struct Block {
    content: Content,
    annotations: Option<Notes>,
    meta: Option<ScreenedJson>,
}

enum Content {
    Text(Screened),
    Image(Media),
    Audio(Media),
    Link(Link),
    Embedded(Contents),
}

/// What is no text is not read.
struct Media {
    data: Vec<u8>,
    mime_type: Screened,
}

struct Link {
    uri: Screened,
    name: Screened,
    title: Option<Screened>,
    description: Option<Screened>,
    mime_type: Option<Screened>,
    size: Option<u64>,
    /// As revisions read it that know no links, and clients that show one.
    as_text: Screened,
}

struct Notes {
    audience: Vec<Role>,
    priority: Option<f64>,
    last_modified: Option<Screened>,
}

/// One resource's contents, read and screened.
pub(super) struct Contents {
    pub(super) uri: Screened,
    pub(super) mime_type: Option<Screened>,
    pub(super) body: Body,
    meta: Option<ScreenedJson>,
}

pub(super) enum Body {
    Text(Screened),
    Blob(Vec<u8>),
}

impl Block {
    /// Reads a block whose text stands at `place`.
    pub(super) fn read(block: ContentBlock, place: Place, sieve: &mut Sieve<'_>) -> Result<Self, Unfit> {
        let ContentBlock { content, annotations, meta } = block;
        Ok(Self {
            content: match content {
                answer::Content::Text(text) => Content::Text(sieve.text(place, text)?),
                answer::Content::Image(media) => Content::Image(Media::read(media, sieve)?),
                answer::Content::Audio(media) => Content::Audio(Media::read(media, sieve)?),
                answer::Content::Link(link) => Content::Link(Link::read(link, place, sieve)?),
                answer::Content::Embedded(resource) => {
                    Content::Embedded(Contents::read(resource, Place::Resource, sieve)?)
                }
            },
            annotations: annotations.map(|annotations| Notes::read(annotations, sieve)).transpose()?,
            meta: sieve.meta(meta)?,
        })
    }

    pub(super) fn read_all(blocks: Vec<ContentBlock>, place: Place, sieve: &mut Sieve<'_>) -> Result<Vec<Self>, Unfit> {
        blocks.into_iter().map(|block| Self::read(block, place, sieve)).collect()
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
                write_text(out, &format!("[audio, {}, {} bytes]", &*media.mime_type, media.data.len()));
            }
            Content::Audio(media) => write_media(out, "audio", media),
            Content::Link(link) if knows_links(revision) => write_link(out, link),
            Content::Link(link) => write_text(out, &link.as_text),
            Content::Embedded(resource) => {
                out.str("type", "resource");
                out.object("resource", |out| resource.write(out, revision));
            }
        }
        if let Some(annotations) = &self.annotations {
            out.object("annotations", |out| write_annotations(out, annotations, revision));
        }
        if knows_links(revision) {
            out.maybe_raw("_meta", self.meta.as_deref());
        }
    }
}

impl Media {
    fn read(media: answer::Media, sieve: &mut Sieve<'_>) -> Result<Self, Refusal> {
        let answer::Media { data, mime_type } = media;
        Ok(Self { data, mime_type: sieve.text(Place::Listing, mime_type)? })
    }
}

/// One that is none would make the whole answer invalid to a client that looks.
fn read_uri(uri: String, sieve: &mut Sieve<'_>) -> Result<Screened, Unfit> {
    if !has_scheme(&uri) {
        return Err(Unfit::Contract(format!("it names {uri:?}, which is no URI: expected such as notes:///today")));
    }
    Ok(sieve.text(Place::Uri, uri)?)
}

impl Link {
    fn read(link: ResourceLink, place: Place, sieve: &mut Sieve<'_>) -> Result<Self, Unfit> {
        let ResourceLink { uri, name, title, description, mime_type, size } = link;
        let uri = read_uri(uri, sieve)?;
        let name = sieve.text(Place::Listing, name)?;
        let title = sieve.maybe(Place::Listing, title)?;
        // What says nothing in its parts may say something as one.
        let as_text = format!("[{}]({})", title.as_deref().unwrap_or(&name), &*uri);
        Ok(Self {
            as_text: sieve.text(Place::Listing, as_text)?,
            uri,
            name,
            title,
            description: sieve.maybe(place, description)?,
            mime_type: sieve.maybe(Place::Listing, mime_type)?,
            size,
        })
    }
}

impl Notes {
    fn read(annotations: Annotations, sieve: &mut Sieve<'_>) -> Result<Self, Refusal> {
        let Annotations { audience, priority, last_modified } = annotations;
        Ok(Self { audience, priority, last_modified: sieve.maybe(Place::Listing, last_modified)? })
    }
}

impl Contents {
    /// Reads contents whose text stands at `place`.
    pub(super) fn read(contents: ResourceContents, place: Place, sieve: &mut Sieve<'_>) -> Result<Self, Unfit> {
        let ResourceContents { uri, mime_type, body, meta } = contents;
        Ok(Self {
            uri: read_uri(uri, sieve)?,
            mime_type: sieve.maybe(Place::Listing, mime_type)?,
            body: match body {
                answer::Body::Text(text) => Body::Text(sieve.text(place, text)?),
                answer::Body::Blob(bytes) => Body::Blob(bytes),
            },
            meta: sieve.meta(meta)?,
        })
    }

    pub(super) fn write(&self, out: &mut Object<'_>, revision: Revision) {
        out.str("uri", &self.uri);
        out.maybe_str("mimeType", self.mime_type.as_deref());
        match &self.body {
            Body::Text(text) => out.str("text", text),
            Body::Blob(bytes) => out.slot("blob").base64(bytes),
        }
        if knows_links(revision) {
            out.maybe_raw("_meta", self.meta.as_deref());
        }
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

fn write_link(out: &mut Object<'_>, link: &Link) {
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

fn write_annotations(out: &mut Object<'_>, annotations: &Notes, revision: Revision) {
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
    use bulkhead_protocol::json::Compact;
    use bulkhead_sandbox::answer::Content;

    use super::*;
    use crate::screening::sieve;

    fn shown(content: Content, revision: Revision) -> String {
        let annotations =
            Annotations { audience: vec![Role::User], priority: Some(7.0), last_modified: Some("2026".into()) };
        let block = ContentBlock { content, annotations: Some(annotations), meta: Some(r#"{ "a" : 1 }"#.into()) };
        let block = Block::read(block, Place::Content, &mut sieve()).unwrap();
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
        let sound = || Content::Audio(answer::Media { data: vec![0, 1, 2], mime_type: "audio/wav".into() });
        assert!(
            shown(sound(), Revision::V2025_03_26)
                .starts_with(r#"{"type":"audio","data":"AAEC","mimeType":"audio/wav""#)
        );
        assert!(
            shown(sound(), Revision::V2024_11_05).starts_with(r#"{"type":"text","text":"[audio, audio/wav, 3 bytes]""#)
        );
    }

    #[test]
    fn what_is_no_uri_is_refused() {
        for uri in ["", "a", "a b:c", "/etc/passwd", "//host/a", ":a"] {
            let Content::Link(link) = link() else { unreachable!() };
            let content = Content::Link(ResourceLink { uri: uri.into(), ..link });
            let block = ContentBlock { content, annotations: None, meta: None };
            let read = Block::read(block, Place::Content, &mut sieve());
            assert!(matches!(read, Err(Unfit::Contract(why)) if why.contains("is no URI")), "{uri:?}");
            let body = answer::Body::Text(String::new());
            let contents = ResourceContents { uri: uri.into(), mime_type: None, body, meta: None };
            assert!(Contents::read(contents, Place::Resource, &mut sieve()).is_err(), "{uri:?}");
        }
    }

    #[test]
    fn json_that_a_plugin_forged_is_refused() {
        for meta in [r#"{"a":1}}"#, "[1]", "{\"a\":1,\"a\":2}", "\n"] {
            let block =
                ContentBlock { content: Content::Text(String::new()), annotations: None, meta: Some(meta.into()) };
            assert!(Block::read(block, Place::Content, &mut sieve()).is_err(), "{meta}");
        }
    }

    #[test]
    fn keys_of_ours_are_no_plugins() {
        let meta = r#"{"a":1,"dev.bulkhead/callId":2,"\u0064ev.bulkhead/findings":[]}"#;
        let kept = sieve().meta(Some(meta.into())).unwrap().unwrap();
        assert_eq!(kept.as_str(), r#"{"a":1}"#);
    }
}
