use std::{
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
};

use bulkhead_base::ByteSize;

use super::{RuleError, scalar};

/// What may be done in a mounted folder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum MountAccess {
    /// Reading and listing. The default.
    #[default]
    Read,
    /// Creating, changing and removing too.
    Write,
}

impl FromStr for MountAccess {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, RuleError> {
        match text {
            "read" | "ro" => Ok(Self::Read),
            "write" | "rw" => Ok(Self::Write),
            other => Err(RuleError::MountAccess { text: other.to_owned() }),
        }
    }
}

impl fmt::Display for MountAccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Read => "read",
            Self::Write => "write",
        })
    }
}

/// An absolute path as the guest sees it, in its one spelling: `/data`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GuestPath(Box<str>);

/// Longest guest path.
const LONGEST: usize = 1024;

impl GuestPath {
    /// The path as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for GuestPath {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, RuleError> {
        let segment =
            |s: &str| !matches!(s, "" | "." | "..") && !s.chars().any(|c| c.is_control() || c == '\\' || c == ':');
        let is_root = text == "/";
        let is_plain = text.strip_prefix('/').is_some_and(|rest| rest.split('/').all(segment));
        if text.len() <= LONGEST && (is_root || is_plain) {
            return Ok(Self(text.into()));
        }
        Err(RuleError::GuestPath { text: text.to_owned() })
    }
}

impl fmt::Display for GuestPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a guest sees at a path of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostFolder {
    /// A folder of the operator's, absolute.
    Path(PathBuf),
    /// The folder that the root of a call has for this plugin.
    Workspace,
}

impl HostFolder {
    /// Where it is, if it is the same for every call.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Path(path) => Some(path),
            Self::Workspace => None,
        }
    }
}

/// A host folder, seen by the guest under a path of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// The folder.
    pub host: HostFolder,
    /// Where the guest sees it.
    pub at: GuestPath,
    /// Default read.
    pub access: MountAccess,
    /// Most bytes that may lie under the folder for a write to be let in.
    pub quota: ByteSize,
    /// Most files and folders that may lie under it for a new one to be made.
    pub inodes: u64,
}

impl Mount {
    /// `quota` when nothing was written. Answers "a plugin that fills the disk".
    pub const QUOTA: ByteSize = ByteSize::mib(256);
    /// `inodes` when nothing was written. Answers "a plugin that uses up the
    /// file system's inodes with empty files".
    pub const INODES: u64 = 16_384;

    /// A folder to read, with the default quota.
    #[must_use]
    pub const fn reading(host: PathBuf, at: GuestPath) -> Self {
        Self { host: HostFolder::Path(host), at, access: MountAccess::Read, quota: Self::QUOTA, inodes: Self::INODES }
    }
}

impl fmt::Display for Mount {
    /// As a line of the configuration, without what is the default.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            HostFolder::Path(path) => write!(f, "{{path: {}", scalar(&path.to_string_lossy()))?,
            HostFolder::Workspace => f.write_str("{workspace: true")?,
        }
        write!(f, ", at: {}, access: {}", scalar(self.at.as_str()), self.access)?;
        if self.quota != Self::QUOTA {
            write!(f, ", quota: {}", self.quota)?;
        }
        if self.inodes != Self::INODES {
            write!(f, ", inodes: {}", self.inodes)?;
        }
        f.write_str("}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guest_path_has_one_spelling() {
        for good in ["/", "/data", "/data/a.b", "/...x"] {
            assert!(good.parse::<GuestPath>().is_ok(), "{good}");
        }
        for bad in ["", "data", "/data/", "//data", "/data/../etc", "/./data", "/da\nta", "/da\\ta", "/a:b"] {
            assert!(bad.parse::<GuestPath>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_mount_is_written_as_its_line() {
        let mut mount = Mount::reading("/srv/data".into(), "/data".parse().unwrap());
        assert_eq!(mount.to_string(), "{path: /srv/data, at: /data, access: read}");
        mount.access = MountAccess::Write;
        mount.quota = ByteSize::mib(64);
        mount.host = HostFolder::Path("/srv/my data".into());
        assert_eq!(mount.to_string(), r#"{path: "/srv/my data", at: /data, access: write, quota: 64MiB}"#);
        mount.host = HostFolder::Workspace;
        assert_eq!(mount.to_string(), "{workspace: true, at: /data, access: write, quota: 64MiB}");
    }
}
