//! What the process itself holds, as the system tells it.

/// Memory and open files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Footprint {
    /// Bytes in memory.
    pub(super) memory: u64,
    pub(super) files: u64,
}

impl Footprint {
    /// What it is now, where the system tells.
    #[cfg(target_os = "linux")]
    pub(super) fn now() -> Option<Self> {
        let status = std::fs::read_to_string("/proc/self/status").ok()?;
        let memory = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        let kibibytes: u64 = memory.trim().strip_suffix(" kB")?.parse().ok()?;
        // The folder itself is open while it is read.
        let files = std::fs::read_dir("/proc/self/fd").ok()?.count().saturating_sub(1);
        Some(Self { memory: kibibytes << 10, files: files as u64 })
    }

    /// Elsewhere nothing is told.
    #[cfg(not(target_os = "linux"))]
    pub(super) const fn now() -> Option<Self> {
        None
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_open_is_counted() {
        let before = Footprint::now().unwrap();
        let held: Vec<_> = (0..100).map(|_| std::fs::File::open("/proc/self/status").unwrap()).collect();
        let after = Footprint::now().unwrap();
        assert!(after.files >= before.files + 50, "{before:?} {after:?}");
        assert!(after.memory > 1 << 20);
        drop(held);
    }
}
