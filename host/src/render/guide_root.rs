//! Roots in the guide's words.

use bulkhead_protocol::{
    Fault, RequestId,
    write::{Object, guide_answer},
    write_sampling,
};

use crate::roots::Root;

/// The members of one root.
pub fn root_entry(out: &mut Object<'_>, root: &Root) {
    out.str("rootId", &root.id);
    out.maybe_str("name", root.name.as_deref());
    out.maybe_raw("metadata", root.metadata.as_ref());
    out.maybe_str("promptId", root.prompt.as_deref());
    out.raw("sampling", &write_sampling(&root.sampling));
    if let Ok(created) = jiff::Timestamp::from_millisecond(root.created) {
        out.str("createdAt", &created.to_string());
    }
}

/// The answer to `mcp.root.close`.
#[must_use]
pub fn closed(id: &RequestId, root: &str) -> String {
    guide_answer(id, |slot| {
        slot.object(|out| {
            out.str("rootId", root);
            out.bool("closed", true);
        });
    })
}

/// An option of `mcp.root.create` that there is none of, or that is not `what`.
#[must_use]
pub fn unknown_option(key: &str, what: &str) -> Fault {
    let key: String = key.chars().filter(|c| !c.is_control()).take(64).collect();
    Fault::invalid_params(format!("params.{key}: expected {what}"))
}
