//! The server's own files: what they are, and whether others could change them.

use std::{
    fmt, fs,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use super::{Config, Source};

/// Permission bits by which others than the owner may write.
const OTHERS_WRITE: u32 = 0o022;
/// In such a folder everybody renames and removes only what is theirs.
const STICKY: u32 = 0o1000;

/// What a file or folder is to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Configuration,
    Lock,
    Revocations,
    Certificate,
    PrivateKey,
    /// A public key that is trusted.
    TrustedKey,
    /// What is sealed with that clients carry.
    StateKey,
    /// What manifests are signed with.
    ManifestKey,
    /// Keys that tokens are verified with.
    IssuerKeys,
    /// An authority that is believed about the issuer.
    IssuerAuthority,
    SourceAuthority,
    /// A file that `${file:…}` reads.
    Secret,
    DropInFolder,
    /// Prompt templates, which nobody signs.
    PromptFolder,
    StateFolder,
    Database,
    /// The record of what was done.
    RecordFolder,
    /// What the record is signed with.
    RecordKey,
    /// Where the record's checkpoints are copied to.
    CheckpointCopies,
    /// A plugin's file that an entry names.
    PluginFile,
    /// What a compiler reads and runs.
    Source,
}

impl Role {
    /// Whether everything inside belongs to it too.
    const fn is_folder(self) -> bool {
        matches!(
            self,
            Self::DropInFolder
                | Self::PromptFolder
                | Self::StateFolder
                | Self::RecordFolder
                | Self::CheckpointCopies
                | Self::Source
        )
    }

    /// Whether it has to be there before the server starts.
    const fn must_exist(self) -> bool {
        matches!(self, Self::Certificate | Self::PrivateKey | Self::StateKey | Self::ManifestKey | Self::IssuerKeys)
    }

    /// Whether who owns it matters: a plugin's file is believed by its
    /// signature alone, and copies of checkpoints belong to whoever keeps them.
    const fn is_believed(self) -> bool {
        !matches!(self, Self::PluginFile | Self::CheckpointCopies)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Configuration => "configuration",
            Self::Lock => "lock",
            Self::Revocations => "list of revocations",
            Self::Certificate => "certificate",
            Self::PrivateKey => "private key",
            Self::TrustedKey => "trusted key",
            Self::StateKey => "state key",
            Self::ManifestKey => "manifest key",
            Self::IssuerKeys => "issuer's key set",
            Self::IssuerAuthority => "issuer's authority",
            Self::SourceAuthority => "authority of a plugin's source",
            Self::Secret => "secret",
            Self::DropInFolder => "drop-in folder",
            Self::PromptFolder => "folder of prompts",
            Self::StateFolder => "state folder",
            Self::Database => "database",
            Self::RecordFolder => "record",
            Self::RecordKey => "record's key",
            Self::CheckpointCopies => "copies of checkpoints",
            Self::PluginFile => "plugin file",
            Self::Source => "source of what is built,",
        })
    }
}

/// A file that others than the server's user and root could change, or that is
/// missing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the {role} {}: {why}", path.display())]
pub struct UnsafeFile {
    pub role: Role,
    pub path: PathBuf,
    pub why: String,
}

/// Everything that decides what is served, or that nobody else may see.
pub(super) fn own(config: &Config) -> Vec<(Role, PathBuf)> {
    let mut own = vec![
        (Role::Configuration, config.path.clone()),
        (Role::Lock, config.lock_path()),
        (Role::Revocations, config.revoked_path()),
        (Role::StateFolder, config.state_dir.clone()),
        (Role::Database, config.database.clone()),
    ];
    own.extend(config.plugin_dir.iter().map(|dir| (Role::DropInFolder, dir.clone())));
    own.extend(config.prompts.iter().map(|dir| (Role::PromptFolder, dir.clone())));
    if let Some(tls) = &config.tls {
        own.push((Role::Certificate, tls.certificate.clone()));
        own.push((Role::PrivateKey, tls.key.clone()));
    }
    own.extend(config.state_keys.iter().map(|key| (Role::StateKey, key.path.clone())));
    own.extend(config.manifest_key.iter().map(|path| (Role::ManifestKey, path.clone())));
    own.extend(config.issuer_keys().map(|path| (Role::IssuerKeys, path.to_owned())));
    if config.audit.mode.is_some() {
        own.push((Role::RecordFolder, config.audit.dir.clone()));
        own.push((Role::RecordKey, config.audit.key.clone()));
        own.extend(config.audit.checkpoint_to.iter().map(|to| (Role::CheckpointCopies, to.clone())));
    }
    own.extend(config.referenced.iter().cloned());
    own.extend(config.plugins.iter().filter_map(|entry| match &entry.source {
        Source::File(path) => Some((Role::PluginFile, path.clone())),
        Source::Url { .. } | Source::Inbox => None,
    }));
    own
}

pub(super) fn is_folder(role: Role) -> bool {
    role.is_folder()
}

pub(super) fn check(config: &Config) -> Vec<UnsafeFile> {
    let server = rustix::process::geteuid().as_raw();
    let believed = own(config).into_iter().filter(|(role, _)| role.is_believed());
    believed.filter_map(|(role, path)| fault(role, &path, server).map(|why| UnsafeFile { role, path, why })).collect()
}

/// Why the file at `path` cannot be believed.
fn fault(role: Role, path: &Path, server: u32) -> Option<String> {
    let real = match fs::canonicalize(path) {
        Ok(real) => real,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return role.must_exist().then(|| "there is no such file".to_owned());
        }
        Err(error) => return Some(error.to_string()),
    };
    // Whoever may write the folder may put another file in its place.
    let folders = [path.parent(), real.parent()].into_iter().flatten().filter(|folder| !folder.as_os_str().is_empty());
    permits_others(&real, server, false)
        .or_else(|| folders.into_iter().find_map(|folder| permits_others(folder, server, true)))
}

fn permits_others(path: &Path, server: u32, sticky_helps: bool) -> Option<String> {
    match fs::metadata(path) {
        Ok(about) => doubtful(path, about.uid(), about.mode(), server, sticky_helps),
        Err(error) => Some(error.to_string()),
    }
}

/// Why what stands at `path`, of this owner and mode, cannot be believed: a
/// file or folder that others than the server's user and root could change.
pub fn doubtful(path: &Path, owner: u32, mode: u32, server: u32, sticky_helps: bool) -> Option<String> {
    let shown = path.display();
    if owner != server && owner != 0 {
        return Some(format!("{shown} belongs to user {owner}; it must belong to the server's user or root (`chown`)"));
    }
    let open = mode & OTHERS_WRITE != 0 && !(sticky_helps && mode & STICKY != 0);
    open.then(|| format!("{shown} can be written by others (mode {:04o}); run `chmod go-w {shown}`", mode & 0o7777))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn only_the_servers_user_may_be_able_to_write() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("mcp.yaml");
        fs::write(&file, "").unwrap();
        let server = fs::metadata(&file).unwrap().uid();
        let fault = |path: &Path, user| fault(Role::Configuration, path, user);
        mode(&file, 0o644);
        assert_eq!(fault(&file, server), None);
        for bad in [0o664, 0o646, 0o666] {
            mode(&file, bad);
            assert!(fault(&file, server).unwrap().contains("chmod go-w"), "{bad:o}");
        }
        mode(&file, 0o600);
        if server != 0 {
            assert!(fault(&file, server + 1).unwrap().contains("belongs to user"));
        }
        mode(folder.path(), 0o777);
        assert!(fault(&file, server).is_some(), "whoever writes the folder replaces the file");
        mode(folder.path(), 0o1777);
        assert_eq!(fault(&file, server), None);
    }

    #[test]
    fn a_link_is_as_safe_as_what_it_leads_to() {
        let folder = tempfile::tempdir().unwrap();
        let (link, file) = (folder.path().join("link"), folder.path().join("file"));
        fs::write(&file, "").unwrap();
        mode(&file, 0o666);
        std::os::unix::fs::symlink(&file, &link).unwrap();
        let server = fs::metadata(&file).unwrap().uid();
        assert!(fault(Role::PrivateKey, &link, server).is_some());
        assert_eq!(fault(Role::Lock, &folder.path().join("none"), server), None);
        assert!(fault(Role::PrivateKey, &folder.path().join("none"), server).is_some());
    }
}
