//! The second wall: before serving, the process gives up what it does not
//! need, so that whoever gets out of the sandbox is still in a compartment.
//!
//! **Invariants:** it happens before any thread exists, for the kernel binds
//! the thread that asks, and whatever that thread starts. What is kept is what
//! the configuration names, and what it keeps for later; nothing is ever taken
//! back. A configuration that would need more is refused while the process
//! runs, with the word that a restart is needed.
//!
//! Absent: any decision of the sandbox's. This wall knows no plugin.

#[cfg(target_os = "linux")]
mod landlock;
mod needs;
mod process;
mod report;
#[cfg(target_os = "linux")]
mod seccomp;
mod system;
#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests;
mod wall;

use std::{io, os::unix::fs::DirBuilderExt as _, thread};

use crate::{config::Config, record};

pub use needs::{Needs, Place, Reach, Service};
pub use process::{forbid_core_files, forbid_dumps};
pub use report::{Files, Report};
pub use wall::{Outside, Wall};

/// Who may look into the folders that the server makes for itself.
const OWNERS_ALONE: u32 = 0o700;

/// The wall cannot be what the configuration demands.
#[derive(Debug, thiserror::Error)]
#[error(
    "hardening.require is true in mcp.yaml, and {0}. Use another kernel, or take `require` out to be served with less"
)]
pub struct Unmet(String);

/// Gives up, for good, what serving `config` does not take. To be called before
/// any thread is started.
///
/// # Errors
/// Something does not hold, and `hardening.require` says that it must.
pub fn confine(config: &Config, service: Service) -> Result<(Wall, Report), Unmet> {
    if !config.hardening.enabled {
        // Whatever else is switched off: memory holds secrets.
        process::forbid_core_files();
        return Ok((Wall::none(service), Report::switched_off()));
    }
    process::tighten();
    prepare(config);
    let needs = Needs::of(config, service);
    let wall = Wall::around(&needs, service);
    let report = give_up(&needs);
    match report.missing().first() {
        Some(first) if config.hardening.require => Err(Unmet(first.clone())),
        _ => Ok((wall.where_it_holds(&report.files), report)),
    }
}

/// Gives up, for good, what `needs` does not name. To be called before any
/// thread is started.
#[must_use]
pub fn give_up(needs: &Needs) -> Report {
    process::tighten();
    Report { dumps: process::forbid_core_files(), ..restrict(needs) }
}

/// What would hold if `config` were served: found out by a thread that gives it
/// up, and ends.
///
/// # Errors
/// The thread cannot be started.
pub fn rehearse(config: &Config, service: Service) -> io::Result<Report> {
    if !config.hardening.enabled {
        return Ok(Report::switched_off());
    }
    let needs = Needs::of(config, service);
    let rehearsal = thread::Builder::new().name("rehearsal".to_owned()).spawn(move || restrict(&needs))?;
    let report = rehearsal.join().map_err(|_| io::Error::other("the thread that tries it broke"))?;
    Ok(Report { dumps: true, ..report })
}

/// Gives up files, ports and system calls, for the calling thread and all that
/// it starts.
#[cfg(target_os = "linux")]
fn restrict(needs: &Needs) -> Report {
    let files = landlock::restrict(needs);
    let (calls, privileges) = seccomp::restrict();
    Report { on: true, files, calls, privileges, dumps: false }
}

/// Elsewhere there is no such wall.
#[cfg(not(target_os = "linux"))]
fn restrict(_: &Needs) -> Report {
    let why = || "this system has neither Landlock nor seccomp".to_owned();
    Report { on: true, files: Files::none(why()), calls: Err(why()), privileges: false, dumps: false }
}

/// A rule names what is there: what the server makes for itself is made first.
fn prepare(config: &Config) {
    record::prepare(&config.audit);
    let folders = [Some(config.state_dir.as_path()), config.database.parent()];
    for folder in folders.into_iter().flatten() {
        // If this fails, so does whoever needs it, which says why.
        let _ = std::fs::DirBuilder::new().recursive(true).mode(OWNERS_ALONE).create(folder);
    }
}
