//! The interpreter brings `wasi:io` along, and componentize-qjs 0.4.5 mixes its
//! streams up with those that a plugin's own `wasi:http` is about. So the plugin's
//! are told it under a version that there is not, and get one that there is
//! afterwards: it is as long, and every host of WASI 0.2 provides it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::super::{BuildError, kit};

const FOUND: &str = "@0.2.12";
const TOLD: &str = "@0.9.12";
const MADE: &[u8] = b"@0.2.11";

/// The packages that there are two kinds of.
const PACKAGES: [&str; 3] = ["wasi:io", "wasi:clocks", "wasi:http"];

/// The WIT that componentize-qjs is told: `wit` itself, or a copy below `scratch`
/// if the world has two kinds of something.
pub(super) fn wit(wit: PathBuf, world: &str, scratch: &Path) -> Result<PathBuf, BuildError> {
    if world == "plugin" {
        return Ok(wit);
    }
    let copy = scratch.join("wit-of-two-kinds");
    retell(&wit, &copy)?;
    Ok(copy)
}

fn retell(from: &Path, to: &Path) -> Result<(), BuildError> {
    let failed = |source| BuildError::File { path: from.into(), source };
    for entry in fs::read_dir(from).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let (path, to) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            retell(&path, &to)?;
        } else {
            let text = fs::read_to_string(&path).map_err(failed)?;
            kit::write(&to, &retold(text)).map_err(|source| BuildError::File { path: to.clone(), source })?;
        }
    }
    Ok(())
}

/// A file of WIT, line by line: a version belongs to the package on its line.
fn retold(text: String) -> String {
    let line = |line: &str| match PACKAGES.iter().any(|package| line.contains(package)) {
        true => line.replace(FOUND, TOLD),
        false => line.to_owned(),
    };
    text.lines().map(|one| line(one) + "\n").collect()
}

/// Gives what was told otherwise a version that hosts have. The author's own
/// texts stay as they are, whatever they say of versions.
pub(super) fn undo(component: &mut [u8]) {
    let mut rest = component;
    while let Some(at) = rest.windows(TOLD.len()).position(|window| window == TOLD.as_bytes()) {
        let (before, from) = rest.split_at_mut(at);
        let (version, after) = from.split_at_mut(TOLD.len());
        if names_wasi(before) {
            version.copy_from_slice(MADE);
        }
        rest = after;
    }
}

/// Whether `before` ends with an interface of a package that there are two kinds of.
fn names_wasi(before: &[u8]) -> bool {
    let Some(slash) = before.iter().rposition(|byte| !matches!(byte, b'a'..=b'z' | b'-')) else { return false };
    before[slash] == b'/' && PACKAGES.iter().any(|package| before[..slash].ends_with(package.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_otherwise_becomes_what_hosts_have() {
        let text = "package wasi:http@0.2.12;\n  use wasi:io/poll@0.2.12.{pollable};\n  @since(version = 0.2.0)\n";
        let told = retold(text.to_owned());
        assert_eq!(
            told,
            "package wasi:http@0.9.12;\n  use wasi:io/poll@0.9.12.{pollable};\n  @since(version = 0.2.0)\n"
        );
        let mut made = [told.as_str(), "left-pad@0.9.12"].concat().into_bytes();
        undo(&mut made);
        let made = String::from_utf8(made).unwrap();
        assert!(made.contains("wasi:io/poll@0.2.11") && made.ends_with("left-pad@0.9.12"), "{made}");
    }

    #[test]
    fn a_world_with_one_kind_is_told_as_it_is() {
        let wit_folder = PathBuf::from("/nowhere");
        assert_eq!(wit(wit_folder.clone(), "plugin", Path::new("/scratch")).unwrap(), wit_folder);
    }
}
