//! What a signed manifest says of one item, so that whoever is shown a listing
//! can tell whether it is the one that was signed. Made once a generation, from
//! the very text that is listed.
//!
//! **Invariant:** each field of [`TOOL_FIELDS`] and its like that is listed has
//! a digest, over RFC 8785's spelling of its value. White space, the order of
//! members, escapes and spellings of numbers may change on the way; no word may.

use bulkhead_base::Digest;
use bulkhead_package::canonical;
use bulkhead_protocol::json::Compact;

use crate::listing::{Form, Listing};

/// What of a tool's listing is pinned: all that a model is told by.
pub const TOOL_FIELDS: [&str; 5] = ["title", "description", "inputSchema", "outputSchema", "annotations"];
/// What of a prompt's is.
pub const PROMPT_FIELDS: [&str; 3] = ["title", "description", "arguments"];
/// What of a resource template's is.
pub const TEMPLATE_FIELDS: [&str; 5] = ["name", "title", "description", "mimeType", "annotations"];

/// An item that is called by `names`, of which only those that are not empty
/// count, and is listed as `listing` has it.
pub(crate) fn item(fields: &[&str], names: [&str; 2], listing: &Listing, origin: &Compact) -> Compact {
    let (modern, early) = (listing.form(Form::Modern).json(), listing.form(Form::Early).json());
    Compact::write(|out| {
        out.array("spellings", |list| names.iter().filter(|name| !name.is_empty()).for_each(|name| list.str(name)));
        out.raw("provenance", origin);
        out.object("fields", |out| {
            for field in fields {
                // What has no digest is not pinned, and so is refused by whoever is shown it.
                let digest = modern.member(field).and_then(|value| canonical::digest(value.get()).ok());
                out.maybe_str(field, digest.as_ref().map(Digest::to_string).as_deref());
            }
        });
        let shown = |field: &&&str| modern.member(field).is_some() && early.member(field).is_none();
        let modern_only: Vec<&&str> = fields.iter().filter(shown).collect();
        if !modern_only.is_empty() {
            out.array("modernOnly", |list| modern_only.iter().for_each(|field| list.str(field)));
        }
    })
}
