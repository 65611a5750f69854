//! Skills (SEP-2640): `skills/list`, `skills/get`, and the folders that their
//! files lie in.
//!
//! **Invariant:** nothing of a skill but what was signed is served. Entries and
//! folders come from the contract; a file that a plugin reads is compared with
//! its signed digest.

use std::sync::Arc;

use bulkhead_base::OperationKind;
use bulkhead_protocol::{Cursor, Fault, json::Compact};
use bulkhead_registry::{Child, FileEntry, Listed as _, SkillEntry, Snapshot, directory};
use bulkhead_sandbox::answer::{Body, ResourceReading};

use super::{
    ask::Asker,
    lists::{PAGE_ITEMS, decode, listing_cache},
};

/// The extension's name among the capabilities.
pub(super) const SKILLS_EXTENSION: &str = "io.modelcontextprotocol/skills";

impl Asker<'_> {
    pub(super) fn list_skills(&self, cursor: Option<&str>) -> Result<String, Fault> {
        let snapshot = self.snapshot();
        let may = |skill: &Arc<SkillEntry>| self.may_see(OperationKind::ListResource, &skill.contract.uri);
        self.list("skills", &snapshot, &snapshot.catalogue.skills, cursor, may)
    }

    /// Whoever may read a skill gets its entry, though no listing shows it.
    pub(super) fn get_skill(&self, uri: &str) -> Result<String, Fault> {
        let snapshot = self.snapshot();
        let may = |kind| self.may_see(kind, uri);
        let found = snapshot.catalogue.skills.find(uri);
        let skill = found.filter(|_| may(OperationKind::ListResource) || may(OperationKind::ReadResource));
        let Some(skill) = skill else { return Err(nothing(uri, "params.uri: expected the SKILL.md of a skill")) };
        let listing = skill.listing().of_revision(self.call.speech.revision);
        Ok(self.envelope().cache(listing_cache(&snapshot)).encode(|result| result.raw("skill", listing)))
    }

    pub(super) fn read_directory(&self, uri: &str, cursor: Option<&str>) -> Result<String, Fault> {
        let snapshot = self.snapshot();
        let may = |file: &FileEntry| self.may_see(OperationKind::ListResource, &file.contract.uri);
        let children = snapshot.catalogue.skill_files.children(uri, may);
        if children.is_empty() {
            return Err(nothing(uri, "params.uri: expected a folder of a skill, without a slash at its end"));
        }
        let cursor = decode(cursor)?;
        let seen = cursor.as_ref().map_or("", Cursor::name);
        let from = children.partition_point(|child| child.uri() <= seen);
        let rest = children.get(from..).unwrap_or_default();
        let page = rest.get(..PAGE_ITEMS).unwrap_or(rest);
        let next = page.last().filter(|_| page.len() < rest.len()).map(|last| Cursor::after(last.uri()).encode());
        Ok(self.envelope().encode(|result| {
            result.array("resources", |array| page.iter().for_each(|child| array.raw(&listed(*child))));
            result.maybe_str("nextCursor", next.as_deref());
        }))
    }
}

fn listed(child: Child<'_>) -> Compact {
    match child {
        Child::File(file) => file.listing.clone(),
        Child::Folder(uri) => directory(uri),
    }
}

fn nothing(uri: &str, what: &'static str) -> Fault {
    Fault::invalid_params(what).data(|data| data.str("uri", uri))
}

/// What was read at `uri`. A file of a skill is passed on if it is exactly what
/// was signed, and under the media type that was.
pub(super) fn as_signed(
    snapshot: &Snapshot,
    uri: &str,
    mut reading: ResourceReading,
) -> Result<ResourceReading, String> {
    let files = &snapshot.catalogue.skill_files;
    let Some(file) = files.find(uri) else {
        let stray =
            reading.contents.iter().map(|contents| &*contents.uri).chain([uri]).find(|uri| files.is_inside(uri));
        let stray = stray.map(|uri| format!("{uri} lies in a skill and was not signed with it"));
        return match stray {
            Some(stray) => Err(stray),
            None => Ok(reading),
        };
    };
    let [contents] = reading.contents.as_mut_slice() else {
        return Err("a file of a skill is one text or blob".to_owned());
    };
    let bytes = match &contents.body {
        Body::Text(text) => text.as_bytes(),
        Body::Blob(bytes) => bytes,
    };
    if contents.uri != uri || !file.is(bytes) {
        return Err(format!("{uri} is not the file that was signed ({})", file.contract.digest));
    }
    contents.mime_type.clone_from(&file.contract.mime_type);
    Ok(reading)
}
