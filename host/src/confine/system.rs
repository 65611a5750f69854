//! What a process reads of the system by itself: to look names up, and to see
//! how many processors it may use.

use std::path::{Path, PathBuf};

/// Read by the resolver, by the loader of its modules, and by the runtime.
const FILES: [&str; 9] = [
    "/etc/hosts",
    "/etc/nsswitch.conf",
    "/etc/host.conf",
    "/etc/gai.conf",
    "/etc/services",
    "/etc/ld.so.cache",
    "/dev/urandom",
    "/sys/devices/system/cpu",
    "/proc/sys/vm/overcommit_memory",
];

/// Where the modules lie that `nsswitch.conf` names: loaded at the first name
/// that is looked up.
const LIBRARIES: [&str; 4] = ["/usr/lib", "/usr/lib64", "/lib", "/lib64"];

/// The process's own limits, and its page map, by which memory is reset.
const SELF: [&str; 2] = ["/proc/self", "/sys/fs/cgroup"];

/// Rewritten whenever the network changes.
const RESOLVER: &str = "/etc/resolv.conf";

/// Files and folders to read. What is not there is left out by whoever makes a
/// rule of it.
pub(super) fn read() -> Vec<PathBuf> {
    let fixed = FILES.into_iter().chain(LIBRARIES).chain(SELF).map(PathBuf::from);
    fixed.chain(resolver()).collect()
}

/// The resolver's file. Where it is a link, its target is renamed into place in
/// a folder of the service that writes it.
fn resolver() -> Vec<PathBuf> {
    let file = PathBuf::from(RESOLVER);
    let real = file.canonicalize().ok().filter(|real| *real != file);
    let folder = real.as_deref().and_then(Path::parent).filter(|folder| *folder != Path::new("/etc"));
    let folder = folder.map(Path::to_owned);
    [file].into_iter().chain(folder).collect()
}
