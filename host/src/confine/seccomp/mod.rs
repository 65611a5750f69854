//! System calls, by seccomp.
//!
//! Two filters. The first ends the process at a call that no library makes by
//! accident and that somebody who got out of the sandbox would try. The second
//! lets through what a server needs and answers the rest with `ENOSYS`: a newer
//! libc that tries a newer call takes that for an older kernel, and does
//! without.

mod calls;
mod rules;

use std::{collections::BTreeMap, env::consts::ARCH};

use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, SeccompRule, apply_filter};

/// Call numbers, each with the conditions of which one must hold; none is no
/// condition.
type Rules = BTreeMap<i64, Vec<SeccompRule>>;

/// Restricts the calling thread, and whatever it starts. How many calls are
/// left, or why none was taken away; and whether it can gain no privileges.
pub(super) fn restrict() -> (Result<usize, String>, bool) {
    let privileges = rustix::thread::set_no_new_privs(true).is_ok();
    (filter(), privileges)
}

fn filter() -> Result<usize, String> {
    let failed = |error: &dyn std::error::Error| format!("seccomp cannot be used: {error}");
    let fatal = compile(rules::fatal(), SeccompAction::Allow, SeccompAction::KillProcess).map_err(|e| failed(&e))?;
    let needed = rules::needed().map_err(|error| failed(&error))?;
    let left = needed.len();
    let rest = SeccompAction::Errno(libc::ENOSYS.unsigned_abs());
    let needed = compile(needed, rest, SeccompAction::Allow).map_err(|error| failed(&error))?;
    // The second would not let the first be put up.
    for program in [fatal, needed] {
        apply_filter(&program).map_err(|error| failed(&error))?;
    }
    Ok(left)
}

fn compile(
    rules: Rules,
    otherwise: SeccompAction,
    then: SeccompAction,
) -> Result<BpfProgram, seccompiler::BackendError> {
    SeccompFilter::new(rules, otherwise, then, ARCH.try_into()?)?.try_into()
}
