//! What is told of a repository.

mod changes;
mod diff;
mod log;
mod patch;
mod refs;
mod show;
mod status;
mod time;

pub use changes::{Change, Changed};
pub use diff::{Diff, DiffPage, Diffed, diff};
pub use log::{CommitLine, Log, LogPage, log};
pub use refs::{RefLine, RefList, refs};
pub use show::{FileView, Listed, Shown, show_commit, show_path};
pub use status::{Status, status};
