//! Whether a mounted folder reaches anything of the server's own.
//!
//! Compared by device and inode, so that links, bind mounts and spellings do
//! not matter: a mount is refused if it is, contains or lies inside something
//! that decides what is served.

use std::{
    collections::HashMap,
    fs,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use bulkhead_base::PluginName;

use super::{
    Config,
    files::{self, Role},
};

/// File systems that show the kernel's and other processes' insides.
const KERNEL: [&str; 3] = ["/proc", "/sys", "/dev"];

/// A mount that is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("plugins.{plugin}.grants.fs: {} {why}", path.display())]
pub struct UnsafeMount {
    pub plugin: PluginName,
    pub path: PathBuf,
    pub why: String,
}

type Identity = (u64, u64);

/// What no mount may touch.
struct Guarded {
    /// Every folder on the way to something of the server's own, itself too.
    above: HashMap<Identity, (Role, PathBuf)>,
    /// The folders of which everything inside is the server's own.
    within: HashMap<Identity, (Role, PathBuf)>,
}

pub(super) fn check(config: &Config) -> Vec<UnsafeMount> {
    let guarded = Guarded::of(config);
    let mounts = config.plugins.iter().flat_map(|entry| entry.grants.fs.iter().map(move |mount| (entry, mount)));
    mounts
        .filter_map(|(entry, mount)| {
            let path = mount.host.path()?;
            let why = guarded.refuses(path)?;
            Some(UnsafeMount { plugin: entry.name.clone(), path: path.to_owned(), why })
        })
        .collect()
}

/// Why a folder cannot be mounted that is, contains or lies inside one of
/// `folders`.
pub(crate) fn refused(mount: &Path, folders: &[(Role, PathBuf)]) -> Option<String> {
    let mut guarded = Guarded { above: HashMap::new(), within: HashMap::new() };
    folders.iter().for_each(|(role, path)| guarded.guard(*role, path));
    guarded.refuses(mount)
}

impl Guarded {
    fn of(config: &Config) -> Self {
        let mut guarded = Self { above: HashMap::new(), within: HashMap::new() };
        for (role, path) in files::own(config) {
            // Both where it was written and where links lead.
            let real = fs::canonicalize(&path).unwrap_or_else(|_| path.clone());
            for path in [&path, &real] {
                guarded.guard(role, path);
            }
        }
        guarded
    }

    fn guard(&mut self, role: Role, path: &Path) {
        if files::is_folder(role)
            && let Some(identity) = identity(path)
        {
            self.within.entry(identity).or_insert_with(|| (role, path.to_owned()));
        }
        for ancestor in path.ancestors().filter_map(identity) {
            self.above.entry(ancestor).or_insert_with(|| (role, path.to_owned()));
        }
    }

    fn refuses(&self, mount: &Path) -> Option<String> {
        let real = match fs::canonicalize(mount) {
            Ok(real) => real,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Some("is not there; make the folder, or write another path".to_owned());
            }
            Err(error) => return Some(format!("cannot be looked at: {error}")),
        };
        let own = identity(&real);
        if !real.is_dir() {
            return Some("is not a folder".to_owned());
        }
        if let Some(kernel) = KERNEL.into_iter().find(|root| shares_device(&real, Path::new(root))) {
            return Some(format!("lies in {kernel}, which shows other processes' insides"));
        }
        let found = own.and_then(|own| self.above.get(&own));
        let inside = || real.ancestors().filter_map(identity).find_map(|ancestor| self.within.get(&ancestor));
        if let Some((role, path)) = found {
            return Some(format!("is or contains the {role} {}; mount a folder of its own", path.display()));
        }
        inside().map(|(role, path)| format!("lies inside the {role} {}; mount a folder of its own", path.display()))
    }
}

fn identity(path: &Path) -> Option<Identity> {
    fs::metadata(path).ok().map(|about| (about.dev(), about.ino()))
}

/// Whether `path` lies on the file system mounted at `root`, if one is.
fn shares_device(path: &Path, root: &Path) -> bool {
    let device = |path: &Path| fs::metadata(path).ok().map(|about| about.dev());
    let own = device(root).filter(|found| Some(*found) != device(Path::new("/")));
    own.is_some() && own == device(path)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use bulkhead_policy::Mount;

    use super::*;
    use crate::config::{PluginEntry, TlsFiles};

    fn refusals(folder: &Path, mounts: &[&Path]) -> Vec<String> {
        let mut config = Config::for_dev(folder, ([127, 0, 0, 1], 0).into());
        config.plugin_dir = Some(folder.join("plugins"));
        config.tls = Some(TlsFiles { certificate: folder.join("certs/c.pem"), key: folder.join("keys/k.pem") });
        let mut entry = PluginEntry::bare("file".parse().unwrap(), folder.join("dist/file.wasm"));
        entry.grants.fs =
            mounts.iter().map(|path| Mount::reading(folder.join(path), "/data".parse().unwrap())).collect();
        config.plugins.push(entry);
        check(&config).into_iter().map(|refused| refused.why).collect()
    }

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for name in ["data/sub", "plugins/sub", "state/store", "certs", "keys", "dist", "secrets"] {
            fs::create_dir_all(folder.path().join(name)).unwrap();
        }
        for name in ["mcp.yaml", "mcp.lock", "certs/c.pem", "keys/k.pem", "dist/file.wasm", "file"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        folder
    }

    #[test]
    fn a_folder_of_its_own_may_be_mounted() {
        let folder = folder();
        assert_eq!(refusals(folder.path(), &[Path::new("data"), Path::new("./data/sub")]), Vec::<String>::new());
    }

    #[test]
    fn whatever_reaches_the_servers_own_files_is_refused() {
        let folder = folder();
        symlink(folder.path().join("state"), folder.path().join("innocent")).unwrap();
        symlink(folder.path(), folder.path().join("data/up")).unwrap();
        let bad = [
            ".",
            "data/..",
            "/",
            "plugins",
            "plugins/sub",
            "state",
            "state/store",
            "certs",
            "keys",
            "dist",
            "innocent",
            "innocent/store",
            "data/up",
            "/proc",
            "/proc/self",
            "file",
            "missing",
        ];
        for path in bad {
            assert_eq!(refusals(folder.path(), &[Path::new(path)]).len(), 1, "{path}");
        }
    }

    #[test]
    fn a_link_to_an_own_file_guards_both_ends() {
        let folder = folder();
        fs::remove_file(folder.path().join("mcp.lock")).unwrap();
        fs::write(folder.path().join("secrets/lock"), "").unwrap();
        symlink(folder.path().join("secrets/lock"), folder.path().join("mcp.lock")).unwrap();
        assert_eq!(refusals(folder.path(), &[Path::new("secrets")]).len(), 1);
    }

    #[test]
    fn a_state_folder_that_is_not_there_yet_is_guarded_all_the_same() {
        let folder = folder();
        fs::remove_dir_all(folder.path().join("state")).unwrap();
        assert_eq!(refusals(folder.path(), &[Path::new(".")]).len(), 1);
        assert_eq!(refusals(folder.path(), &[Path::new("data")]).len(), 0);
    }
}
