//! What holds for the whole process, wherever it runs.

use std::io;

use rustix::{fs::Mode, process};

/// What is taken from files that the server makes: writing by its group, and
/// everything by others.
const NOTHING_FOR_OTHERS: Mode = Mode::WGRP.union(Mode::RWXO);

/// From now on files are made for the server's user, and for reading by its group.
pub(super) fn tighten() {
    let before = process::umask(NOTHING_FOR_OTHERS);
    process::umask(before | NOTHING_FOR_OTHERS);
}

/// Core files hold secrets: there will be none. Whether that holds.
pub fn forbid_core_files() -> bool {
    let none = process::Rlimit { current: Some(0), maximum: Some(0) };
    process::setrlimit(process::Resource::Core, none).is_ok()
}

/// Memory holds secrets: nobody may dump it, or attach to the process, and
/// programs that take core dumps from the kernel get none either. To be called
/// once the engine has opened its page map, which only a process that may be
/// dumped can do.
///
/// # Errors
/// The kernel refuses.
#[cfg(target_os = "linux")]
pub fn forbid_dumps() -> io::Result<()> {
    Ok(process::set_dumpable_behavior(process::DumpableBehavior::NotDumpable)?)
}

/// Elsewhere a core file is all there is to forbid.
#[cfg(not(target_os = "linux"))]
pub const fn forbid_dumps() -> io::Result<()> {
    Ok(())
}
