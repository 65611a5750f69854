//! Where no plugin gets to while it is developed: Bulkhead's own things, and
//! for writing, whatever the building of plugins reads. What is written there
//! would run as the author, in no sandbox, at the next save.

use std::{
    env,
    path::{Path, PathBuf},
};

use bulkhead_policy::{Grants, Mount, MountAccess};

use super::{home::Home, target::Target};
use crate::{
    cli::exit::{Exit, Failure},
    config::{self, Role},
};

/// Below each folder above a source: what cargo is told, and what it made.
const OF_CARGO: [&str; 2] = [".cargo", "target"];
/// Below the author's home.
const OF_TOOLS: [&str; 2] = [".cargo", ".rustup"];
/// Where those are, if they are elsewhere.
const TOOLS: [&str; 3] = ["CARGO_HOME", "RUSTUP_HOME", "CARGO_TARGET_DIR"];

/// Refuses folders that were typed and reach there.
pub(super) fn check(grants: &Grants, home: &Home, targets: &[Target]) -> Result<(), Failure> {
    let own = [(Role::StateFolder, home.own().to_owned())];
    let built = built_from(targets);
    for mount in &grants.fs {
        let Some(path) = mount.host.path() else { continue };
        let refused = config::refused(path, &own).or_else(|| written(mount, path, &built, home));
        if let Some(why) = refused {
            return Err(Failure::new(Exit::USAGE, format!("--grant fs=…: {} {why}", path.display())));
        }
    }
    Ok(())
}

fn written(mount: &Mount, path: &Path, built: &[(Role, PathBuf)], home: &Home) -> Option<String> {
    if mount.access == MountAccess::Read {
        return None;
    }
    let package = || {
        let inside = path.canonicalize().ok()?;
        let above = inside.ancestors().take_while(|folder| *folder != home.project());
        let package = above.into_iter().find(|folder| folder.join("Cargo.toml").exists())?;
        Some(format!("lies in the package {}, which may be built; mount a folder of its own", package.display()))
    };
    config::refused(path, built).or_else(package)
}

/// What is read, and run, when plugins are built.
#[expect(clippy::disallowed_methods, reason = "where the author's compiler lies")]
fn built_from(targets: &[Target]) -> Vec<(Role, PathBuf)> {
    let sources = targets.iter().filter(|target| matches!(target, Target::Source(_))).map(Target::path);
    let above = |source: &Path| source.ancestors().skip(1).map(Path::to_owned).collect::<Vec<_>>();
    let of_cargo = sources.clone().flat_map(above).flat_map(|folder| OF_CARGO.map(|name| folder.join(name)));
    let user = env::home_dir().into_iter().flat_map(|user| OF_TOOLS.map(|name| user.join(name)));
    let tools = TOOLS.into_iter().filter_map(env::var_os).map(PathBuf::from);
    let all = sources.map(Path::to_owned).chain(of_cargo).chain(user).chain(tools);
    all.filter(|folder| folder.is_dir()).map(|folder| (Role::Source, folder)).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use bulkhead_policy::GivenGrant;

    use super::*;

    fn refused(project: &Path, typed: &str) -> Option<String> {
        let home = Home::open(project).unwrap();
        let source = Target::Source(home.project().join("plugins/a"));
        let mut grants = Grants::default();
        typed.parse::<GivenGrant>().unwrap().add_to(&mut grants, home.project());
        check(&grants, &home, &[source]).err().map(|failure| failure.text)
    }

    #[test]
    fn nothing_that_is_built_is_written_by_a_plugin() {
        let project = tempfile::tempdir().unwrap();
        for folder in ["plugins/a/src", "data", "target/debug", ".cargo", "shared/src"] {
            fs::create_dir_all(project.path().join(folder)).unwrap();
        }
        fs::write(project.path().join("shared/Cargo.toml"), "").unwrap();
        for folder in [".", "plugins", "plugins/a", "plugins/a/src", "target", "target/debug", ".cargo", "shared/src"] {
            let told = refused(project.path(), &format!("fs=./{folder}:/data:rw"));
            assert!(told.is_some_and(|told| told.starts_with("--grant fs=…: ")), "{folder}");
        }
        for folder in [".", ".bulkhead", ".bulkhead/dev/.own"] {
            assert!(refused(project.path(), &format!("fs=./{folder}:/data:ro")).is_some(), "{folder}");
        }
        for fine in ["fs=./data:/data:rw", "fs=./plugins/a:/data:ro", "fs=./shared:/data:ro"] {
            assert_eq!(refused(project.path(), fine), None, "{fine}");
        }
    }
}
