//! Names, generations, leases, the lock and the store.
//!
//! A compiled plugin becomes a [`LoadedPlugin`]: its names, its listings
//! rendered, its schemas compiled. A [`Registry`] publishes them as one
//! [`Snapshot`], and a [`Permit`](bulkhead_policy::Permit) with a snapshot
//! makes the [`Lease`] that a call runs on.
//!
//! **Invariants**
//! - A request takes one snapshot and keeps it: nobody sees half of a change.
//! - Work that was begun under an older trust epoch is never published.
//! - A newcomer that does not fit is left out whole; what was served stays.
//! - Serving reads accepted files from the [`Store`] alone.
//!
//! Absent: transports, clocks, and any decision about who may call what.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking"))]

mod admission;
mod annotations;
mod atomic;
mod catalogue;
mod entry;
mod guide;
mod listing;
mod load_error;
mod loaded;
mod lock;
mod maker;
mod own_prompts;
mod page;
pub mod pin;
mod placement;
mod publish;
mod schema;
mod shelf;
mod skills;
mod snapshot;
mod store;
mod template;
#[cfg(test)]
mod testing;
mod voice;
mod wording;

pub use admission::{Admission, Concern, Mode, Place, Update, admit, locked};
pub use annotations::{Correction, corrections_if_granted};
pub use bulkhead_schema::{MAX_ARRAY_ITEMS, MAX_STRING_BYTES, Violation, Violations};
pub use catalogue::{Catalogue, Collision, Named};
pub use entry::{Owned, PromptEntry, PromptSource, ResourceEntry, SkillEntry, TemplateEntry, ToolEntry};
pub use guide::resource_kind;
pub use listing::{Form, Listing, PROVENANCE, directory};
pub use load_error::LoadError;
pub use loaded::{Item, LoadedPlugin};
pub use lock::{Lock, LockError, Locked};
pub use own_prompts::OwnPrompts;
pub use page::cap_page;
pub use placement::{Placement, Separator, ToolFilter};
pub use publish::{Change, Changed, Published, Registry, Stale};
pub use schema::{Misfit, Schema};
pub use shelf::{Listed, Shelf};
pub use skills::{Child, FileEntry, SkillFiles};
pub use snapshot::{Epoch, Gone, Lease, Snapshot};
pub use store::{Store, StoreError, read_capped};
pub use template::ExpandError;
pub use voice::{TOLD_FOR, Voice};
pub use wording::{WordingError, check_wording};
