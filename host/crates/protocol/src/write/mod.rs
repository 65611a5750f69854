//! Frames that leave, written straight into one string.
//!
//! **Invariant:** whatever is written, the frame is one JSON value on one
//! line. Text is escaped, [`Compact`] is spliced, and nothing else gets in.

mod answer;
mod card;
mod hello;
mod notice;
mod task;
mod value;

pub use answer::{Answer, Cache, CacheScope, Outcome, ServerInfo, guide_answer, is_reserved_key, result_or_error};
pub use card::server_card;
pub use hello::{Extensions, Offer, discovered, initialized};
pub use notice::{
    ListKind, acknowledged, cancelled, list_changed, log, notice, progress, request, resource_updated,
    subscription_ended,
};
pub use task::{TaskDetail, TaskView, task_changed};
pub use value::{Array, Object, Slot};

use crate::{id::RequestId, json::Compact};

/// A frame under way: `jsonrpc`, then whatever `members` writes.
pub(crate) fn frame(members: impl FnOnce(&mut Object<'_>)) -> String {
    Compact::write(|object| {
        object.str("jsonrpc", "2.0");
        members(object);
    })
    .into_string()
}

pub(crate) fn member_id(object: &mut Object<'_>, key: &str, id: &RequestId) {
    id.write(object.slot(key));
}

#[cfg(test)]
mod tests;
